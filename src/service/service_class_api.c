/* SPDX-License-Identifier: Apache-2.0 */
/* GET /service/v1/classes: what each class promises, as its file says it. Everybody who logs in may
 * read all of it: it is what the contract, the portal and the white paper print. */
#include "service/service_class_internal.h"

enum { PAGE = 100 };

/* Promises of a class that this akashi neither runs nor measures yet: whoever reads the class must
 * not take them for proven. A row goes when the feature comes. */
static const char not_run[] = "not-run-by-akashi";

static void write_not_run(struct ak_json *w, const char *parameter, const char *name)
{
    AK_AUTO_STR whole = name ? ak_xasprintf("%s.%s", parameter, name) : ak_xstrdup(parameter);

    ak_json_object(w);
    ak_json_kstr(w, "parameter", whole);
    ak_json_kstr(w, "evidence", not_run);
    ak_json_kstr(w, "title_ja", "akashi ではまだ実施していません（提供者が別に実施します）");
    ak_json_kstr(w, "title_en", "not yet run by akashi: the provider does it by other means");
    ak_json_object_end(w);
}

static void write_evidence(struct ak_json *w, const char *content)
{
    static const char *const backups[] = {"servers", "configuration"};
    AK_AUTO_JSON class = json_loads(content, 0, NULL);
    const json_t *backup = json_object_get(class, "backup");
    size_t i = 0;
    const json_t *service = NULL;

    ak_json_key(w, "evidence");
    ak_json_array(w);
    for (size_t b = 0; b < AK_N(backups); b++) {
        if (json_is_true(json_object_get(backup, backups[b]))) {
            write_not_run(w, "backup", backups[b]);
        }
    }
    json_array_foreach(json_object_get(class, "security_services"), i, service)
    {
        write_not_run(w, "security_services",
                      json_string_value(json_object_get(service, "service")));
    }
    ak_json_array_end(w);
}

/* The row's members and those of the class, which are an object without name and version. */
static void write_class(struct ak_request *req, struct ak_json *w,
                        const struct service_class_row *row)
{
    struct ak_fields_mode mode = ak_request_mode(req);
    size_t len = strlen(row->content);

    ak_json_object(w);
    ak_fields_render(&service_class_row_fields, row, &mode, w);
    if (len > 2) { /* between its braces */
        ak_buf_char(w->buf, ',');
        ak_buf_add(w->buf, row->content + 1, len - 2);
    }
    write_evidence(w, row->content);
    ak_json_object_end(w);
}

static int write_row(struct ak_request *req, struct ak_json *w, const void *row, void *data,
                     struct ak_error *err)
{
    (void)data;
    (void)err;
    write_class(req, w, row);
    return 0;
}

int service_class_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_class_row_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : service_class_store_list(tx, req->arena, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    rc = ak_page_write(req, &reply->json, "classes", &service_class_row_fields, &query, &list,
                       write_row, NULL, err);
    ak_json_object_end(&reply->json);
    return rc;
}

int service_class_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_class_row row = {0};
    const char *text = ak_request_query(req, "version");
    int64_t version = 0;
    int rc;

    if (text && !ak_parse_int(text, 1, INT32_MAX, &version)) {
        return ak_fail(err, AK_FIELD_VALUE, "version", "it must be a number from 1");
    }
    rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : service_class_store_load(tx, req->arena, req->params[0], version, &row, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "class");
    write_class(req, &reply->json, &row);
    ak_json_object_end(&reply->json);
    return 0;
}
