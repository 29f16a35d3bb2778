/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of service codes for the provider's staff: who is it that this code is of. */
#include "service/service_contract_internal.h"

enum { PAGE = 200 };

int service_code_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_code_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : service_code_store_list(tx, req->arena, NULL, &query, &list, err);
    return rc < 0 ? rc : ak_page_reply(req, reply, "codes", &service_code_fields, &query, &list);
}

int service_code_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_code_parts parts = {0};
    struct service_code_row row = {0};
    char code[SERVICE_CODE_MAX];
    int rc = service_code_parse(req->params[0], &parts)
                 ? 0
                 : ak_fail(err, AK_CODE_INVALID, req->params[0]);

    if (rc == 0) {
        service_code_make(&parts, code);
        rc = ak_tx_read(req->store, &tx, err);
    }
    rc = rc < 0 ? rc : service_code_store_load(tx, req->arena, code, &row, err);
    if (rc == 0) {
        ak_reply_object(reply, req, "code", &service_code_fields, &row);
    }
    return rc;
}
