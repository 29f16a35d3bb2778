/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and classification: GET, PUT, DELETE /service/v1/labels/{type}/{id}, and the search
 * GET /service/v1/labels?key=&value=. What is not the project's is not found. The provider's staff
 * sees all customers' on the management listener, and changes none. */
#include "service/service_label_internal.h"

enum { PAGE = 200, KEY_MAX = 64 };

/* ?key= and ?value= as conditions on the stored JSON; a value alone is meant for any key. */
static int add_search(struct ak_request *req, struct ak_query *query, struct ak_error *err)
{
    const char *key = ak_request_query(req, "key"), *value = ak_request_query(req, "value");
    struct ak_value text;

    if (!key && !value) {
        return 0;
    }
    /* "key":"value" stands in the column; quotes within either are escaped there. */
    text = ak_v_text(ak_arena_printf(req->arena, "%s:%s",
                                     key ? service_label_quote(req->arena, key) : "\"",
                                     value ? service_label_quote(req->arena, value) : "\""));
    return ak_query_filter(query, req->arena, "labels", AK_INCLUDES, &text, 1, err);
}

int service_label_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    static const char *const also[] = {"key", "value", NULL};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_label_fields, AK_LIST_OWN, PAGE, also, &query, err);

    rc = rc < 0 ? rc : add_search(req, &query, err);
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc
                : service_label_store_list(tx, req->arena,
                                           req->admin ? NULL : req->principal->project_id, &query,
                                           &list, err);
    return rc < 0 ? rc : ak_page_reply(req, reply, "labels", &service_label_fields, &query, &list);
}

/* The resource must be the caller's; params: type, id. */
static int check_resource(struct ak_request *req, struct ak_tx *tx, struct ak_error *err)
{
    return service_label_resource(tx, req->arena, req->principal->project_id,
                                  req->principal->user_id, req->params[0], req->params[1], err);
}

int service_label_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_label_row row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : check_resource(req, tx, err);
    if (rc == 0) {
        rc = service_label_store_get(tx, req->arena, req->principal->project_id, req->params[0],
                                     req->params[1], &row, err);
        if (rc == -AK_NOT_FOUND) { /* nothing was said yet */
            row = (struct service_label_row){.project_id = req->principal->project_id,
                                             .resource_type = req->params[0],
                                             .resource_id = req->params[1]};
            rc = 0;
        }
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "label", &service_label_fields, &row);
    }
    return rc;
}

static int check_keys(const struct ak_map *labels, struct ak_error *err)
{
    for (size_t i = 0; i < labels->n; i++) {
        if (ak_utf8_len(labels->pairs[i].key) > KEY_MAX) {
            return ak_fail(err, AK_FIELD_LENGTH, "labels", "1", AK_NUM(KEY_MAX));
        }
    }
    return 0;
}

int service_label_put_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_label_row row = *(const struct service_label_row *)req->body;
    const char *detail;
    int rc = check_keys(&row.labels, err);

    row.project_id = req->principal->project_id;
    row.resource_type = req->params[0];
    row.resource_id = req->params[1];
    row.updated_us = ak_now_us();
    row.updated_by = req->principal->user_name;
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : check_resource(req, tx, err);
    rc = rc < 0 ? rc : service_label_store_put(tx, req->arena, &row, err);
    if (rc < 0) {
        return rc;
    }
    detail = ak_arena_printf(
        req->arena, "{\"classification\":%s,\"labels\":%zu}",
        row.classification ? service_label_quote(req->arena, row.classification) : "null",
        row.labels.n);
    rc =
        ak_request_commit(req, tx, row.resource_type, row.resource_id, row.project_id, detail, err);
    if (rc == 0) {
        ak_reply_object(reply, req, "label", &service_label_fields, &row);
    }
    return rc;
}

int service_label_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    const char *project_id = req->principal->project_id;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : check_resource(req, tx, err);
    rc = rc < 0 ? rc
                : service_label_store_delete(tx, project_id, req->params[0], req->params[1], NULL,
                                             err);
    rc = rc < 0 ? rc
                : ak_request_commit(req, tx, req->params[0], req->params[1], project_id, NULL, err);
    if (rc == 0) {
        reply->status = 204;
    }
    return rc;
}
