/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of a project: defaults from the settings, changed by the operator; and their API. */
#include "network/network_internal.h"

#include "network/network_sql.h"

static const struct {
    const char *name; /* of the resource in the API */
    const char *setting;
    int64_t initial; /* where no configuration is at hand */
    const struct ak_sql *count;
} quotas[NETWORK_KINDS] = {
    [NETWORK_NETWORK] = {"network", "quota_networks", 100, &sql_count_network},
    [NETWORK_SUBNET] = {"subnet", "quota_subnets", 100, &sql_count_subnet},
    [NETWORK_PORT] = {"port", "quota_ports", 500, &sql_count_port},
    [NETWORK_GROUP] = {"security_group", "quota_security_groups", 10, &sql_count_group},
    [NETWORK_RULE] = {"security_group_rule", "quota_security_group_rules", 100, &sql_count_rule},
    [NETWORK_ROUTER] = {"router", "quota_routers", 10, &sql_count_router},
};

/* Resources that clients ask for and that are not there: none can be made. */
static const char *const absent[] = {"floatingip", "rbac_policy", "subnetpool"};

static int load_limits(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                       int64_t limits[NETWORK_KINDS], struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    for (int k = 0; k < NETWORK_KINDS; k++) {
        limits[k] = config ? ak_config_int(config, quotas[k].setting) : quotas[k].initial;
    }
    if (project_id == NULL) {
        return 0;
    }
    int more = 0,
        rc = ak_sql_query(tx, &sql_quota_of_project, AK_ARGS(ak_v_text(project_id)), &rows, err);
    while (rc == 0 && (more = ak_rows_next(rows, err)) == 1) {
        const char *resource = ak_rows_text(rows, ak_rows_column(rows, "resource"));
        for (int k = 0; k < NETWORK_KINDS; k++) {
            if (ak_streq(resource, quotas[k].name)) {
                limits[k] = ak_rows_int(rows, ak_rows_column(rows, "amount"));
            }
        }
    }
    return rc < 0 ? rc : more;
}

int network_quota_check(const struct network_call *call, enum network_kind kind,
                        const char *project_id, int64_t more, struct ak_error *err)
{
    int64_t limits[NETWORK_KINDS], used = 0;
    int rc = load_limits(call->tx, call->config, project_id, limits, err);
    if (rc < 0 || limits[kind] < 0) {
        return rc;
    }
    rc = ak_sql_int(call->tx, quotas[kind].count, AK_ARGS(ak_v_text(project_id)), &used, err);
    if (rc == 0 && used + more > limits[kind]) {
        rc = ak_fail(err, AK_NETWORK_QUOTA, quotas[kind].name, AK_NUM(limits[kind]));
    }
    return rc;
}

/* Only the administrator looks at, or changes, another project's limits. */
static int check_project(const struct ak_request *req, const char *project_id, struct ak_error *err)
{
    if (req->admin || ak_streq(project_id, req->principal->project_id)) {
        return 0;
    }
    return ak_fail(err, AK_FORBIDDEN, "access to another project's quotas");
}

static void write_limits(struct ak_json *w, const int64_t limits[NETWORK_KINDS])
{
    for (int k = 0; k < NETWORK_KINDS; k++) {
        ak_json_kint(w, quotas[k].name, limits[k]);
    }
    for (size_t i = 0; i < AK_N(absent); i++) {
        ak_json_kint(w, absent[i], 0);
    }
}

static int show(struct ak_request *req, struct ak_reply *reply, const char *project_id,
                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t limits[NETWORK_KINDS];
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : load_limits(tx, req->config, project_id, limits, err);
    if (rc == 0) {
        struct ak_json *w = &reply->json;
        ak_json_object(w);
        ak_json_key(w, "quota");
        ak_json_object(w);
        write_limits(w, limits);
        if (project_id) {
            ak_json_kstr(w, "project_id", project_id);
            ak_json_kstr(w, "tenant_id", project_id);
        }
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    return rc;
}

int network_quota_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    int rc = check_project(req, req->params[0], err);
    return rc < 0 ? rc : show(req, reply, req->params[0], err);
}

int network_quota_default_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    return show(req, reply, NULL, err);
}

int network_quota_details_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t limits[NETWORK_KINDS], used[NETWORK_KINDS] = {0};
    int rc = check_project(req, req->params[0], err);
    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : load_limits(tx, req->config, req->params[0], limits, err);
    for (int k = 0; k < NETWORK_KINDS && rc == 0; k++) {
        rc = ak_sql_int(tx, quotas[k].count, AK_ARGS(ak_v_text(req->params[0])), &used[k], err);
    }
    if (rc == 0) {
        struct ak_json *w = &reply->json;
        ak_json_object(w);
        ak_json_key(w, "quota");
        ak_json_object(w);
        for (int k = 0; k < NETWORK_KINDS; k++) {
            ak_json_key(w, quotas[k].name);
            ak_json_object(w);
            ak_json_kint(w, "limit", limits[k]);
            ak_json_kint(w, "used", used[k]);
            ak_json_kint(w, "reserved", 0);
            ak_json_object_end(w);
        }
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    return rc;
}

static int set_limits(struct ak_tx *tx, const char *project_id, json_t *quota, struct ak_error *err)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(quota, name, value)
    {
        int kind = 0;
        while (kind < NETWORK_KINDS && strcmp(quotas[kind].name, name) != 0) {
            kind++;
        }
        if (strcmp(name, "project_id") == 0 || strcmp(name, "tenant_id") == 0) {
            continue;
        }
        if (kind == NETWORK_KINDS) {
            return ak_fail(err, AK_FIELD_UNKNOWN, name);
        }
        if (!json_is_integer(value) || json_integer_value(value) < -1 ||
            json_integer_value(value) > INT32_MAX) {
            return ak_fail(err, AK_FIELD_RANGE, name, "-1", AK_NUM(INT32_MAX));
        }
        int rc = ak_sql_exec(
            tx, &sql_quota_set,
            AK_ARGS(ak_v_text(project_id), ak_v_text(name), ak_v_int(json_integer_value(value))),
            NULL, err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int network_quota_update_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    json_t *quota = json_object_get(req->json, "quota");
    AK_AUTO_STR detail = quota ? json_dumps(quota, JSON_COMPACT) : NULL;
    if (!json_is_object(quota)) {
        return ak_fail(err, AK_FIELD_MISSING, "quota");
    }
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : set_limits(tx, req->params[0], quota, err);
    rc = rc < 0 ? rc
                : ak_request_commit(req, tx, "quota", req->params[0], req->params[0], detail, err);
    return rc < 0 ? rc : show(req, reply, req->params[0], err);
}

int network_quota_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc
                : ak_sql_exec(tx, &sql_quota_delete, AK_ARGS(ak_v_text(req->params[0])), NULL, err);
    rc = rc < 0 ? rc
                : ak_request_commit(req, tx, "quota", req->params[0], req->params[0], NULL, err);
    reply->status = 204;
    return rc;
}

/* Projects whose limits differ from the defaults. */
int network_quota_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(ak_rows) rows = NULL;
    const char *before = NULL;
    struct ak_json *w = &reply->json;
    int64_t limits[NETWORK_KINDS];
    int more = 0, rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : ak_sql_query(tx, &sql_quota_list, AK_NO_ARGS, &rows, err);
    ak_json_object(w);
    ak_json_key(w, "quotas");
    ak_json_array(w);
    while (rc == 0 && (more = ak_rows_next(rows, err)) == 1) {
        const char *project =
            ak_arena_strdup(req->arena, ak_rows_text(rows, ak_rows_column(rows, "project_id")));
        if (ak_streq(project, before)) {
            continue;
        }
        before = project;
        rc = load_limits(tx, req->config, project, limits, err);
        ak_json_object(w);
        write_limits(w, limits);
        ak_json_kstr(w, "project_id", project);
        ak_json_kstr(w, "tenant_id", project);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return rc < 0 ? rc : more;
}

int network_tenant_quota_set(struct ak_tx *tx, const char *project_id, const char *resource,
                             int64_t limit, struct ak_error *err)
{
    for (int k = 0; k < NETWORK_KINDS; k++) {
        if (ak_streq(resource, quotas[k].name)) {
            return ak_sql_exec(tx, &sql_quota_set,
                               AK_ARGS(ak_v_text(project_id), ak_v_text(resource), ak_v_int(limit)),
                               NULL, err);
        }
    }
    return ak_fail(err, AK_FIELD_UNKNOWN, resource);
}

int network_tenant_quota_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    int rc = ak_sql_exec(tx, &sql_usage_delete, AK_ARGS(ak_v_text(project_id)), NULL, err);
    return rc < 0 ? rc
                  : ak_sql_exec(tx, &sql_quota_delete, AK_ARGS(ak_v_text(project_id)), NULL, err);
}
