/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of contracts for the provider's staff; what the customer calls is in service_own_api.c.
 */
#include "service/service_contract_internal.h"

enum { PAGE = 100 };

static void reply_contract(struct ak_request *req, struct ak_reply *reply,
                           const struct service_contract_row *row)
{
    ak_reply_object(reply, req, "contract", &service_contract_fields, row);
}

int service_contract_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct service_contract_row *rows;
    int rc = ak_request_list(req, &service_contract_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : service_contract_store_list(tx, req->arena, &query, &list, err);
    rows = list.items;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = service_contract_complete(tx, req->arena, &rows[i], err);
    }
    return rc < 0 ? rc
                  : ak_page_reply(req, reply, "contracts", &service_contract_fields, &query, &list);
}

int service_contract_show_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_load(tx, req->arena, req->params[0], &row, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, req->arena, &row, err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

int service_contract_create_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = *(const struct service_contract_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : service_contract_create(tx, req->arena, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "contract", row.id, NULL, NULL, err);
    if (rc == 0) {
        reply->status = 201;
        reply_contract(req, reply, &row);
    }
    return rc;
}

int service_contract_update_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc =
        rc < 0 ? rc : service_contract_change(tx, req->arena, req->params[0], req->body, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "contract", row.id, row.project_id, NULL, err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

/* The answer holds the one-time password of the master user, this once. */
int service_contract_activate_handler(struct ak_request *req, struct ak_reply *reply,
                                      struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    const struct ak_fields_mode mode = ak_request_mode(req);
    struct service_contract_row row = {0};
    struct identity_initial initial;
    int rc = identity_initial_make(&initial, err);

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc
                : service_contract_activate(tx, req->arena, req->config, req->params[0], &initial,
                                            req->id, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "contract", row.id, row.project_id, NULL, err);
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "contract");
        ak_json_object(&reply->json);
        ak_fields_render(&service_contract_fields, &row, &mode, &reply->json);
        ak_json_kstr(&reply->json, "initial_password", initial.password);
        ak_json_object_end(&reply->json);
        ak_json_object_end(&reply->json);
    }
    ak_wipe(&initial, sizeof(initial));
    return rc;
}

int service_contract_upgrade_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : service_contract_upgrade(tx, req->arena, req->params[0], &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "contract", row.id, row.project_id, NULL, err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

typedef int change_fn(struct ak_request *req, struct ak_tx *tx, struct service_contract_row *row,
                      struct ak_error *err);

/* The verbs of a loaded contract: one transaction, the contract as the answer. */
static int change(struct ak_request *req, struct ak_reply *reply, change_fn *fn,
                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_load(tx, req->arena, req->params[0], &row, err);
    rc = rc < 0 ? rc : fn(req, tx, &row, err);
    rc = rc < 0 ? rc : service_contract_store_load(tx, req->arena, row.id, &row, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, req->arena, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "contract", row.id, row.project_id, NULL, err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

static int cancel(struct ak_request *req, struct ak_tx *tx, struct service_contract_row *row,
                  struct ak_error *err)
{
    const struct service_verb_body *body = req->body;

    return service_contract_cancel(tx, req->arena, row, body->ends_on, body->reason, "operator",
                                   err);
}

static int hold(struct ak_request *req, struct ak_tx *tx, struct service_contract_row *row,
                struct ak_error *err)
{
    return service_contract_hold(tx, req->arena, row, true,
                                 ((const struct service_verb_body *)req->body)->reason, err);
}

static int release(struct ak_request *req, struct ak_tx *tx, struct service_contract_row *row,
                   struct ak_error *err)
{
    return service_contract_hold(tx, req->arena, row, false,
                                 ((const struct service_verb_body *)req->body)->reason, err);
}

static int delete_now(struct ak_request *req, struct ak_tx *tx, struct service_contract_row *row,
                      struct ak_error *err)
{
    return service_contract_delete_now(tx, req->arena, row, err);
}

int service_contract_cancel_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    return change(req, reply, cancel, err);
}

int service_contract_hold_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    return change(req, reply, hold, err);
}

int service_contract_release_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    return change(req, reply, release, err);
}

int service_contract_delete_now_handler(struct ak_request *req, struct ak_reply *reply,
                                        struct ak_error *err)
{
    return change(req, reply, delete_now, err);
}

/* Deletion records */

int service_record_list_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_record_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : service_record_store_list(tx, req->arena, &query, &list, err);
    return rc < 0 ? rc
                  : ak_page_reply(req, reply, "deletion_records", &service_record_fields, &query,
                                  &list);
}

/* A document as it was signed, byte for byte. */
static void reply_document(struct ak_request *req, struct ak_reply *reply, const char *document,
                           const char *name)
{
    ak_buf_str(&reply->body, document);
    ak_reply_header(reply, req, "Content-Disposition",
                    ak_arena_printf(req->arena, "attachment; filename=\"%s.json\"", name));
}

int service_record_show_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_record_row row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_record_store_load(tx, req->arena, req->params[0], &row, err);
    if (rc == 0) {
        reply_document(req, reply, row.document, row.contract_number);
        rc = service_record_store_of(tx, req->arena, row.contract_id, &row, err);
    }
    if (rc == 0 && row.supplement_us > 0) { /* RFC 8288; the record itself stays as it was signed */
        ak_reply_header(reply, req, "Link",
                        ak_arena_printf(req->arena,
                                        "</service/v1/deletion-records/%s/supplement>; "
                                        "rel=\"related\"; title=\"supplement\"",
                                        row.id));
    }
    return rc;
}

int service_supplement_show_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_record_row record = {0}, row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_record_store_load(tx, req->arena, req->params[0], &record, err);
    rc = rc < 0 ? rc : service_supplement_store_load(tx, req->arena, record.id, &row, err);
    if (rc == 0) {
        reply_document(req, reply, row.document,
                       ak_arena_printf(req->arena, "%s-supplement", record.contract_number));
    }
    return rc;
}

/* RFC 8410: an Ed25519 public key is this and its 32 bytes. */
static const unsigned char spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                     0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

static const char *pem_of(struct ak_arena *arena, const char *hex)
{
    unsigned char der[sizeof(spki) + AK_ED25519_PUBLIC];
    AK_AUTO_STR text = NULL;

    memcpy(der, spki, sizeof(spki));
    if (strlen(hex) != 2 * (size_t)AK_ED25519_PUBLIC ||
        !ak_unhex(hex, der + sizeof(spki), AK_ED25519_PUBLIC)) {
        return NULL;
    }
    text = ak_base64(der, sizeof(der), false);
    return ak_arena_printf(arena, "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n",
                           text);
}

int service_record_key_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_json *w = &reply->json;
    const char *key = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_record_key(tx, req->arena, &key, err);
    if (rc == 0 && !key) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Key of deletion records", "Ed25519");
    }
    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "key");
    ak_json_object(w);
    ak_json_kstr(w, "algorithm", "Ed25519");
    ak_json_kstr(w, "hex", key);
    ak_json_kstr(w, "pem", pem_of(req->arena, key));
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}
