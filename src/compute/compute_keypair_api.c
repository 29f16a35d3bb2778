/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs. Spec: https://docs.openstack.org/api-ref/compute/#keypairs-keypairs */
#include "compute_handlers.h"

/* Whose keys: the caller's own; since 2.10 administrators may name another user. */
static int owner_of(struct ak_request *req, const char *named, const char **ret_user_id,
                    struct ak_error *err)
{
    bool other = named && !ak_streq(named, req->principal->user_id);
    if (other && req->microversion >= 10 && !req->admin) {
        return ak_fail(err, AK_FORBIDDEN, "os_compute_api:os-keypairs");
    }
    *ret_user_id = other && req->microversion >= 10 ? named : req->principal->user_id;
    return 0;
}

static void add_common(struct ak_json *w, const struct ak_request *req,
                       const struct compute_keypair *key)
{
    ak_json_kstr(w, "name", key->name);
    ak_json_kstr(w, "public_key", key->public_key);
    ak_json_kstr(w, "fingerprint", key->fingerprint);
    if (req->microversion >= 2) {
        ak_json_kstr(w, "type", key->type);
    }
}

int compute_keypairs(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *user_id = NULL;
    struct ak_list keys;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = owner_of(req, ak_request_query(req, "user_id"), &user_id, err);
    rc = rc == 0 ? ak_tx_read(req->store, &tx, err) : rc;
    rc = rc == 0 ? compute_keypair_list(tx, req->arena, user_id, &keys, err) : rc;
    if (rc != 0) {
        return rc;
    }
    const struct compute_keypair *rows = keys.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "keypairs");
    ak_json_array(w);
    for (size_t i = 0; i < keys.n; i++) {
        ak_json_object(w);
        ak_json_key(w, "keypair");
        ak_json_object(w);
        add_common(w, req, &rows[i]);
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

int compute_keypair_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *user_id = NULL;
    struct compute_keypair key;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = owner_of(req, ak_request_query(req, "user_id"), &user_id, err);
    rc = rc == 0 ? ak_tx_read(req->store, &tx, err) : rc;
    rc = rc == 0 ? compute_keypair_load(tx, req->arena, user_id, req->params[0], &key, err) : rc;
    if (rc != 0) {
        return rc;
    }
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "keypair");
    ak_json_object(w);
    add_common(w, req, &key);
    ak_json_ktime(w, "created_at", key.created_us, AK_TIME_NAIVE_US);
    ak_json_kbool(w, "deleted", false);
    ak_json_knull(w, "deleted_at");
    ak_json_kint(w, "id", key.number);
    ak_json_knull(w, "updated_at");
    ak_json_kstr(w, "user_id", key.user_id);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

static void reply_created(struct ak_request *req, struct ak_reply *reply,
                          const struct compute_keypair *key, const char *private_key)
{
    struct ak_json *w = &reply->json;
    reply->status = req->microversion >= 2 ? 201 : 200;
    ak_json_object(w);
    ak_json_key(w, "keypair");
    ak_json_object(w);
    add_common(w, req, key);
    ak_json_kstr(w, "user_id", key->user_id);
    if (private_key) {
        ak_json_kstr(w, "private_key", private_key);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
}

static int insert(struct ak_request *req, struct compute_keypair *key, struct ak_error *err)
{
    struct compute_quotas quotas;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_quotas_load(tx, req->config, req->principal->project_id, &quotas, err)
                 : rc;
    rc = rc == 0
             ? compute_keypair_count(tx, key->user_id, &quotas.used[COMPUTE_QUOTA_KEYPAIRS], err)
             : rc;
    if (rc == 0 && quotas.limit[COMPUTE_QUOTA_KEYPAIRS] >= 0 &&
        quotas.used[COMPUTE_QUOTA_KEYPAIRS] >= quotas.limit[COMPUTE_QUOTA_KEYPAIRS]) {
        rc = compute_quota_refuse(&quotas, COMPUTE_QUOTA_KEYPAIRS, 1, err);
    }
    rc = rc == 0 ? compute_keypair_insert(tx, key, err) : rc;
    return rc == 0 ? ak_request_commit(req, tx, "keypair", key->id, req->principal->project_id,
                                       NULL, err)
                   : rc;
}

int compute_keypair_create(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_keypair_body *body = req->body;
    const char *user_id = NULL, *private_key = NULL, *public_key = body->public_key;
    bool certificate = ak_streq(body->type, "x509");
    char id[AK_UUID_TEXT], fingerprint[COMPUTE_CERTIFICATE_FINGERPRINT_TEXT];
    ak_uuid_new(id);
    int rc = owner_of(req, body->user_id, &user_id, err);
    if (rc == 0 && !public_key) {
        rc = certificate
                 ? compute_certificate_generate(req->arena, req->principal->user_name, &private_key,
                                                &public_key, err)
                 : compute_key_generate(req->arena, body->name, &private_key, &public_key, err);
    }
    if (rc == 0) {
        rc = certificate ? compute_certificate_check(public_key, fingerprint, err)
                         : compute_key_check(public_key, fingerprint, err);
    }
    if (rc != 0) {
        return rc;
    }
    struct compute_keypair key = {.id = id,
                                  .user_id = user_id,
                                  .name = body->name,
                                  .type = certificate ? "x509" : "ssh",
                                  .fingerprint = fingerprint,
                                  .public_key = public_key,
                                  .created_us = ak_now_us()};
    rc = insert(req, &key, err);
    if (rc == 0) {
        reply_created(req, reply, &key, private_key);
    }
    return rc;
}

int compute_keypair_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *user_id = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = owner_of(req, ak_request_query(req, "user_id"), &user_id, err);
    rc = rc == 0 ? ak_request_begin(req, &tx, err) : rc;
    rc = rc == 0 ? compute_keypair_delete(tx, user_id, req->params[0], err) : rc;
    reply->status = req->microversion >= 2 ? 204 : 202;
    return rc == 0 ? ak_request_commit(req, tx, "keypair", req->params[0],
                                       req->principal->project_id, NULL, err)
                   : rc;
}
