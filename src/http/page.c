/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the lists of our own API: {"envelope": [rows], "next": "<id of the last>"}. The query
 * (list.c) asks for one row more than the page holds; whether it comes tells of a next page. */
#include "http/http.h"

int ak_page_begin(struct ak_request *req, struct ak_query *query, struct ak_tx **ret_tx,
                  struct ak_error *err)
{
    query->limit++;
    return ak_tx_read(req->store, ret_tx, err);
}

int ak_page_write(struct ak_request *req, struct ak_json *w, const char *envelope,
                  const struct ak_fields *fields, const struct ak_query *query,
                  const struct ak_list *list, ak_page_row_fn *write_row, void *data,
                  struct ak_error *err)
{
    const struct ak_fields_mode mode = ak_request_mode(req);
    const struct ak_field *id = ak_fields_find(fields, "id");
    size_t page = (size_t)query->limit - 1, n = list->n < page ? list->n : page;
    const char *row = list->items, *last = NULL;
    int rc = 0;

    id = id ? id : &fields->rows[0];
    ak_json_key(w, envelope);
    ak_json_array(w);
    for (size_t i = 0; i < n && rc == 0; i++, row += fields->size) {
        if (write_row) {
            rc = write_row(req, w, row, data, err);
        } else {
            ak_fields_render_object(fields, row, &mode, w);
        }
        last = *(const char *const *)(const void *)(row + id->offset);
    }
    ak_json_array_end(w);
    if (n < list->n && last) {
        ak_json_kstr(w, "next", last);
    }
    return rc;
}

int ak_page_reply(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                  const struct ak_fields *fields, const struct ak_query *query,
                  const struct ak_list *list)
{
    ak_json_object(&reply->json);
    int rc = ak_page_write(req, &reply->json, envelope, fields, query, list, NULL, NULL, NULL);
    ak_json_object_end(&reply->json);
    return rc;
}
