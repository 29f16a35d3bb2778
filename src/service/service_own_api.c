/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of the customer's own contract: what it says, its terms, consent, cancellation, service
 * codes, export kits. The deletion record has an address of its own, since the account is gone by
 * then. The project is the token's. */
#include "service/service_contract_internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 200, KITS_MAX = 5 };

static const char *project_of(const struct ak_request *req)
{
    return req->principal->project_id;
}

/* As the customer sees it: without the provider's notes. */
static void reply_contract(struct ak_request *req, struct ak_reply *reply,
                           struct service_contract_row *row)
{
    row->notes = NULL;
    ak_reply_object(reply, req, "contract", &service_contract_fields, row);
}

int service_own_contract_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_own(tx, req->arena, project_of(req), &row, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, req->arena, &row, err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

int service_own_terms_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    struct service_terms terms = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_own(tx, req->arena, project_of(req), &row, err);
    rc = rc < 0 ? rc : service_contract_terms(tx, req->arena, &row, &terms, err);
    if (rc == 0) {
        struct ak_json *w = &reply->json;

        ak_json_object(w);
        ak_json_key(w, "terms");
        ak_json_object(w);
        ak_json_kstr(w, "version", terms.version);
        ak_json_kstr(w, "hash", terms.hash);
        ak_json_kstr(w, "text_ja", terms.text_ja);
        ak_json_kstr(w, "text_en", terms.text_en);
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    return rc;
}

int service_own_consent_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    const struct service_verb_body *body = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = identity_proof_require(req, err); /* it binds the customer: not by a stolen session */

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : service_contract_store_own(tx, req->arena, project_of(req), &row, err);
    rc = rc < 0 ? rc
                : service_contract_consent(tx, req->arena, &row, body->terms_hash, req->principal,
                                           req->source, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, req->arena, &row, err);
    rc = rc < 0
             ? rc
             : ak_request_commit(
                   req, tx, "contract", row.id, row.project_id,
                   ak_arena_printf(req->arena, "{\"terms_hash\":\"%s\"}", body->terms_hash), err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

int service_own_cancel_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct service_verb_body *body = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row row = {0};
    int rc = identity_proof_require(req, err); /* its end is the end of all there is */

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : service_contract_store_own(tx, req->arena, project_of(req), &row, err);
    rc = rc < 0 ? rc
                : service_contract_cancel(tx, req->arena, &row, body->ends_on, body->reason,
                                          "customer", err);
    rc = rc < 0 ? rc : service_contract_store_own(tx, req->arena, project_of(req), &row, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, req->arena, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "contract", row.id, row.project_id, NULL, err);
    if (rc == 0) {
        reply_contract(req, reply, &row);
    }
    return rc;
}

int service_own_codes_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_code_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : service_code_store_list(tx, req->arena, project_of(req), &query, &list, err);
    return rc < 0 ? rc : ak_page_reply(req, reply, "codes", &service_code_fields, &query, &list);
}

/* Export kits */

/* A kit is all there is, the disks too: it is not for those who only look. After the end everybody
 * only looks, and the master user it is. */
static int may_export(const struct ak_request *req, const struct service_contract_row *contract,
                      struct ak_error *err)
{
    const struct ak_principal *who = req->principal;
    bool member = who->roles & (AK_ROLE_MEMBER | AK_ROLE_MANAGER);
    bool master = contract->ended_us != 0 && ak_streq(who->user_id, contract->master_user_id);

    return member || master ? 0 : ak_fail(err, AK_EXPORT_WHO);
}

int service_export_list_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_export_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    if (rc == 0 && query.n_sorts == 0) {
        ak_query_sort_key(&query, "created_us", true);
    }
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc
                : service_export_store_list(tx, req->arena, project_of(req), &query, &list, err);
    return rc < 0 ? rc
                  : ak_page_reply(req, reply, "exports", &service_export_fields, &query, &list);
}

int service_export_create_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    const struct service_export_row *body = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row contract = {0};
    struct service_export_row row = {.state = "queued", .with_disks = body->with_disks};
    int64_t open = 0;
    char id[AK_UUID_TEXT];
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_own(tx, req->arena, project_of(req), &contract, err);
    rc = rc < 0 ? rc : service_contract_allow(&contract, SERVICE_EXPORT, err);
    rc = rc < 0 ? rc : may_export(req, &contract, err);
    rc = rc < 0 ? rc : service_export_store_open(tx, project_of(req), &open, err);
    if (rc == 0 && open >= KITS_MAX) {
        rc = ak_fail(err, AK_EXPORT_LIMIT, AK_NUM(open));
    }
    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id);
    row.id = id;
    row.contract_id = contract.id;
    row.project_id = contract.project_id;
    row.created_by = req->principal->user_name;
    row.created_us = ak_now_us();
    row.expires_us = row.created_us + SERVICE_KIT_DAYS * AK_DAY;
    rc = service_export_store_insert(tx, &row, err);
    rc = rc < 0 ? rc
                : ak_job_add(tx, &service_export_kind, row.id, row.project_id, req->id,
                             req->principal->user_id, NULL, 0, NULL, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "export", row.id, row.project_id, NULL, err);
    if (rc == 0) {
        reply->status = 202;
        ak_reply_object(reply, req, "export", &service_export_fields, &row);
    }
    return rc;
}

int service_export_content_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row contract = {0};
    struct service_export_row row = {0};
    struct stat st;
    const char *path = NULL;
    int fd = -1;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc
                : service_export_store_load(tx, req->arena, project_of(req), req->params[0], &row,
                                            err);
    rc = rc < 0 ? rc : service_contract_store_load(tx, req->arena, row.contract_id, &contract, err);
    rc = rc < 0 ? rc : may_export(req, &contract, err);
    if (rc < 0) {
        return rc;
    }
    ak_tx_free(AK_TAKE(tx)); /* the file may take long */
    if (!ak_streq(row.state, "ready")) {
        return ak_fail(err, AK_EXPORT_STATE, row.state);
    }
    path = service_export_path(req->config, req->arena, row.id);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return ak_fail(err, AK_EXPORT_STATE, "expired");
    }
    ak_reply_file(reply, fd, 0, st.st_size, "application/x-tar");
    ak_reply_header(reply, req, "Content-Disposition",
                    ak_arena_printf(req->arena, "attachment; filename=\"export-%s.tar\"", row.id));
    return 0;
}
