/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of customers, for the provider's staff. */
#include "service/service_contract_internal.h"

enum { PAGE = 200 };

int service_customer_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &service_customer_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : service_customer_store_list(tx, req->arena, &query, &list, err);
    return rc < 0 ? rc
                  : ak_page_reply(req, reply, "customers", &service_customer_fields, &query, &list);
}

int service_customer_show_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_customer_row row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : service_customer_store_load(tx, req->arena, req->params[0], &row, err);
    if (rc == 0) {
        ak_reply_object(reply, req, "customer", &service_customer_fields, &row);
    }
    return rc;
}

int service_customer_create_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_customer_row row = *(const struct service_customer_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : service_customer_create(tx, req->arena, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "customer", row.id, NULL, NULL, err);
    if (rc == 0) {
        reply->status = 201;
        ak_reply_object(reply, req, "customer", &service_customer_fields, &row);
    }
    return rc;
}

int service_customer_update_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_customer_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc =
        rc < 0 ? rc : service_customer_change(tx, req->arena, req->params[0], req->body, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "customer", row.id, NULL, NULL, err);
    if (rc == 0) {
        ak_reply_object(reply, req, "customer", &service_customer_fields, &row);
    }
    return rc;
}
