/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar feed: an address with a secret of its own for each user and project, for calendar
 * programs that cannot log in. It shows what the user may read, as long as the user may; making a
 * new address ends the old one. */
#include "notice/notice_internal.h"

#include "identity/identity.h"

enum { SECRET_BYTES = 32 };

int notice_feed_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_feed_row row = {0};
    struct ak_fields_mode mode = ak_request_mode(req);
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc
                : notice_store_feed_get(tx, req->arena, req->principal->user_id,
                                        req->principal->project_id, &row, err);
    if (rc < 0 && rc != -AK_NOT_FOUND) {
        return rc;
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "feed");
    if (rc < 0) {
        ak_error_clear(err);
        ak_json_null(&reply->json);
    } else {
        ak_fields_render_object(&notice_feed_fields, &row, &mode, &reply->json);
    }
    ak_json_object_end(&reply->json);
    return 0;
}

int notice_feed_create_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    unsigned char random[SECRET_BYTES];
    char hash[AK_SHA256_TEXT];
    AK_AUTO_STR secret = NULL;
    struct notice_feed_row row = {req->principal->user_id, req->principal->project_id, ak_now_us()};
    int rc = identity_proof_require(req, err); /* the address outlives the session */

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    ak_random(random, sizeof(random));
    secret = ak_base64(random, sizeof(random), true);
    ak_sha256_hex(secret, strlen(secret), hash);
    rc = rc < 0 ? rc : notice_store_feed_set(tx, &row, hash, err);
    rc = rc < 0 ? rc
                : ak_request_commit(req, tx, "notice-feed", row.user_id, row.project_id, NULL, err);
    if (rc < 0) {
        return rc;
    }
    reply->status = 201;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "feed");
    ak_json_object(&reply->json);
    ak_json_kstr(
        &reply->json, "url",
        ak_arena_printf(req->arena, "%s/service/v1/notices.ics?token=%s", req->base_url, secret));
    ak_json_ktime(&reply->json, "created_at", row.created_us, AK_TIME_Z);
    ak_json_object_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int notice_feed_delete_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    const struct ak_principal *who = req->principal;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : notice_store_feed_remove(tx, who->user_id, who->project_id, err);
    rc = rc < 0
             ? rc
             : ak_request_commit(req, tx, "notice-feed", who->user_id, who->project_id, NULL, err);
    reply->status = rc < 0 ? reply->status : 204;
    return rc;
}

/* Whose address it is, if that user may still read. */
static int owner_of(struct ak_request *req, struct ak_tx *tx, const char *token,
                    struct notice_feed_row *ret, struct ak_error *err)
{
    char hash[AK_SHA256_TEXT];
    bool may_read = false;
    int rc = 0;

    ak_sha256_hex(token, strlen(token), hash);
    rc = notice_store_feed_by_token(tx, req->arena, hash, ret, err);
    rc = rc < 0 ? rc
                : identity_user_may_read(tx, req->arena, ret->user_id, ret->project_id,
                                         req->listener == AK_CUSTOMER ? req->source : NULL,
                                         &may_read, err);
    return rc == -AK_NOT_FOUND || (rc == 0 && !may_read) ? ak_fail(err, AK_NOTICE_FEED) : rc;
}

int notice_calendar_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_feed_row feed = {0};
    struct ak_list list = {0};
    const char *token = ak_request_query(req, "token");
    const char *lang = ak_request_query(req, "lang");
    int rc = ak_tx_read(req->store, &tx, err);

    if (lang && !ak_streq(lang, "ja") && !ak_streq(lang, "en") && !ak_streq(lang, "both")) {
        return ak_fail(err, AK_FIELD_VALUE, "lang", "it is ja, en or both");
    }
    rc = rc < 0 ? rc : owner_of(req, tx, token ? token : "", &feed, err);
    rc = rc < 0 ? rc
                : notice_store_feed_notices(tx, req->arena, feed.project_id,
                                            ak_now_us() - 400 * AK_DAY, &list, err);
    if (rc < 0) {
        return rc;
    }
    notice_calendar_write(&reply->body, &list, lang ? lang : "both",
                          ak_config_str(req->config, "installation"));
    reply->content_type = "text/calendar; charset=utf-8";
    ak_reply_header(reply, req, "Cache-Control", "private, no-store");
    return 0;
}
