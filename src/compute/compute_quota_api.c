/* SPDX-License-Identifier: Apache-2.0 */
/* Limits and quotas, rendered from the table of resources (compute_quota_service.c).
 * Spec: https://docs.openstack.org/api-ref/compute/#quota-sets-os-quota-sets and #limits-limits */
#include "compute_handlers.h"

static int load(struct ak_request *req, const char *project_id, struct compute_quotas *ret_quotas,
                struct ak_error *err)
{
    if (!req->admin && !ak_streq(project_id, req->principal->project_id)) {
        return ak_fail(err, AK_FORBIDDEN, "os_compute_api:os-quota-sets:show");
    }
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    return rc == 0 ? compute_quotas_load(tx, req->config, project_id, ret_quotas, err) : rc;
}

int compute_limits(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *other = ak_request_query(req, "tenant_id");
    struct compute_quotas quotas;
    int rc = load(req, other && req->admin ? other : req->principal->project_id, &quotas, err);
    if (rc != 0) {
        return rc;
    }
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "limits");
    ak_json_object(w);
    ak_json_kraw(w, "rate", "[]");
    ak_json_key(w, "absolute");
    ak_json_object(w);
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        if (compute_quota_rules[i].absolute) {
            ak_json_kint(w, compute_quota_rules[i].absolute, quotas.limit[i]);
        }
        if (compute_quota_rules[i].used) {
            ak_json_kint(w, compute_quota_rules[i].used, quotas.used[i]);
        }
    }
    ak_json_kint(w, "maxImageMeta", quotas.limit[COMPUTE_QUOTA_METADATA]);
    ak_json_object_end(w);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

enum style { PLAIN, DETAIL };

static void reply_quotas(struct ak_reply *reply, const char *envelope, const char *id,
                         const struct compute_quotas *quotas, enum style style)
{
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, envelope);
    ak_json_object(w);
    if (id) {
        ak_json_kstr(w, "id", id);
    }
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        if (compute_quota_rules[i].hidden) {
            continue;
        }
        if (style == PLAIN) {
            ak_json_kint(w, compute_quota_rules[i].name, quotas->limit[i]);
            continue;
        }
        ak_json_key(w, compute_quota_rules[i].name);
        ak_json_object(w);
        ak_json_kint(w, "in_use", quotas->used[i]);
        ak_json_kint(w, "limit", quotas->limit[i]);
        ak_json_kint(w, "reserved", 0);
        ak_json_object_end(w);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
}

int compute_quota_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_quotas quotas;
    int rc = load(req, req->params[0], &quotas, err);
    if (rc == 0) {
        reply_quotas(reply, "quota_set", req->params[0], &quotas, PLAIN);
    }
    return rc;
}

int compute_quota_detail(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_quotas quotas;
    int rc = load(req, req->params[0], &quotas, err);
    if (rc == 0) {
        reply_quotas(reply, "quota_set", req->params[0], &quotas, DETAIL);
    }
    return rc;
}

static struct compute_quotas defaults_of(const struct ak_request *req)
{
    struct compute_quotas quotas = {0};
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        quotas.limit[i] = compute_quota_default(req->config, (enum compute_quota_id)i);
    }
    return quotas;
}

int compute_quota_defaults(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_quotas quotas = defaults_of(req);
    (void)err;
    reply_quotas(reply, "quota_set", req->params[0], &quotas, PLAIN);
    return 0;
}

int compute_quota_class(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_quotas quotas = defaults_of(req);
    (void)err;
    reply_quotas(reply, "quota_class_set", req->params[0], &quotas, PLAIN);
    return 0;
}

/* Values are integers, or texts of one, as Nova takes them. */
static bool limit_of(const json_t *value, int64_t *ret_limit)
{
    if (json_is_integer(value)) {
        *ret_limit = json_integer_value(value);
        return *ret_limit >= -1 && *ret_limit <= INT32_MAX;
    }
    const char *text = json_string_value(value);
    return text && ak_parse_int(text, -1, INT32_MAX, ret_limit);
}

static int set_one(struct ak_request *req, struct ak_tx *tx, const char *name, const json_t *value,
                   struct ak_error *err)
{
    int64_t limit = 0;
    if (ak_streq(name, "force") || ak_streq(name, "tenant_id")) {
        return 0;
    }
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        if (!ak_streq(name, compute_quota_rules[i].name) || compute_quota_rules[i].hidden) {
            continue;
        }
        if (!limit_of(value, &limit)) {
            return ak_fail(err, AK_FIELD_RANGE, name, "-1", AK_NUM(INT32_MAX));
        }
        return compute_quota_set(tx, req->params[0], (enum compute_quota_id)i, limit, err);
    }
    return ak_fail(err, AK_FIELD_UNKNOWN, name);
}

/* Unless forced, a limit may not be below what is used. */
static int check_used(const struct compute_quotas *quotas, const json_t *set, struct ak_error *err)
{
    if (json_is_true(json_object_get(set, "force"))) {
        return 0;
    }
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        if (quotas->limit[i] >= 0 && json_object_get(set, compute_quota_rules[i].name) &&
            quotas->limit[i] < quotas->used[i]) {
            return ak_fail(err, AK_FIELD_VALUE, compute_quota_rules[i].name,
                           "it is less than what is in use; set force to do it all the same");
        }
    }
    return 0;
}

int compute_quota_update(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const json_t *set = json_object_get(req->json, "quota_set");
    const char *project_id = req->params[0], *name;
    struct compute_quotas quotas;
    json_t *value;
    AK_AUTO(ak_tx) tx = NULL;
    if (!json_is_object(set)) {
        return ak_fail(err, AK_FIELD_MISSING, "quota_set");
    }
    int rc = ak_request_begin(req, &tx, err);
    json_object_foreach((json_t *)(uintptr_t)set, name, value)
    {
        rc = rc == 0 ? set_one(req, tx, name, value, err) : rc;
    }
    rc = rc == 0 ? compute_quotas_load(tx, req->config, project_id, &quotas, err) : rc;
    rc = rc == 0 ? check_used(&quotas, set, err) : rc;
    rc = rc == 0 ? ak_request_commit(req, tx, "quota_set", project_id, project_id, NULL, err) : rc;
    if (rc == 0) {
        reply_quotas(reply, "quota_set", NULL, &quotas, PLAIN);
    }
    return rc;
}

int compute_quota_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *project_id = req->params[0];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_quota_reset(tx, project_id, err) : rc;
    reply->status = 202;
    return rc == 0 ? ak_request_commit(req, tx, "quota_set", project_id, project_id, NULL, err)
                   : rc;
}
