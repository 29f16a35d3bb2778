/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of mails as the provider's people see it: what waits, what went, what failed and why;
 * and sending again. */
#include "notice/notice_internal.h"

int notice_mail_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &ak_mail_fields, AK_LIST_OWN, NOTICE_PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : ak_mail_list(tx, req->arena, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    rc = ak_page_write(req, &reply->json, "mails", &ak_mail_fields, &query, &list, NULL, NULL, err);
    ak_json_kbool(&reply->json, "configured", *ak_config_str(req->config, "mail_server") != '\0');
    ak_json_object_end(&reply->json);
    return rc;
}

static int reply_mail(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                      struct ak_error *err)
{
    struct ak_mail_row row = {0};
    struct ak_fields_mode mode = ak_request_mode(req);
    int rc = ak_mail_load(tx, req->arena, req->params[0], &row, err);

    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "mail");
    ak_json_object(&reply->json);
    ak_fields_render(&ak_mail_fields, &row, &mode, &reply->json);
    ak_json_kstr(&reply->json, "body", row.body);
    ak_json_object_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int notice_mail_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    return rc < 0 ? rc : reply_mail(req, tx, reply, err);
}

int notice_mail_resend_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : ak_mail_resend(tx, req->arena, req->params[0], err);
    rc = rc < 0 ? rc : reply_mail(req, tx, reply, err);
    return rc < 0 ? rc : ak_request_commit(req, tx, "mail", req->params[0], NULL, NULL, err);
}
