/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of a contract: what it says itself, else what its class says, else the installation's
 * default. They are written where the things are counted: compute, network, and for the rest
 * identity's table of limits. */
#include "service/service_contract_internal.h"

#include <stdio.h>

static int keep(struct ak_tx *tx, const char *project_id, const char *name, int64_t limit,
                struct ak_error *err)
{
    return identity_project_limit_set(tx, project_id, name, limit, err);
}

static const struct {
    const char *member, *resource; /* of the contract, of the domain that counts */
    bool by_class;                 /* the class says it too, by the same name */
    int (*set)(struct ak_tx *tx, const char *project_id, const char *resource, int64_t limit,
               struct ak_error *err);
} map[] = {
    {"instances", "instances", true, compute_tenant_quota_set},
    {"cores", "cores", true, compute_tenant_quota_set},
    {"ram_mib", "ram", true, compute_tenant_quota_set},
    {"disk_gib", "local_disk_gib", true, compute_tenant_quota_set},
    {"networks", "network", false, network_tenant_quota_set},
    {"ports", "port", false, network_tenant_quota_set},
    {"routers", "router", false, network_tenant_quota_set},
    {"security_groups", "security_group", false, network_tenant_quota_set},
    {"images", "images", true, keep},
    {"image_gib", "image_gib", true, keep},
    {"users", "users", true, keep},
    {"open_requests", "open_requests", true, keep},
    {"open_incidents", "open_incidents", true, keep},
    {"requests_hour", "requests_hour", false, keep},
    {"incidents_hour", "incidents_hour", false, keep},
};

void service_quotas_take(struct ak_arena *arena, struct service_contract_row *contract)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);
    const struct service_quotas *quotas = contract->quotas;

    ak_buf_init(&buf, 4096);
    ak_json_object(&w);
    for (size_t i = 0; quotas && i < service_quotas_fields.n; i++) {
        const struct ak_field *row = &service_quotas_fields.rows[i];

        if (quotas->given.set & (uint64_t)1 << i) {
            ak_json_kint(&w, row->name, *(const int64_t *)((const char *)quotas + row->offset));
        }
    }
    ak_json_object_end(&w);
    contract->quotas_json = ak_arena_strdup(arena, buf.data);
}

/* '*ret_known' false: neither the contract nor this version of its class says it. */
static int limit_of(struct ak_tx *tx, const struct service_contract_row *contract,
                    const json_t *given, size_t i, int64_t *ret_limit, bool *ret_known,
                    struct ak_error *err)
{
    const json_t *value = json_object_get(given, map[i].member);
    char name[64];
    int rc;

    *ret_known = value != NULL;
    *ret_limit = json_integer_value(value);
    if (value || !map[i].by_class) {
        return 0;
    }
    (void)snprintf(name, sizeof(name), "quotas.%s", map[i].member);
    rc = service_class_int_or(tx, contract->class_name, contract->class_version, name, INT64_MIN,
                              ret_limit, err);
    *ret_known = *ret_limit != INT64_MIN;
    return rc;
}

int service_quotas_apply(struct ak_tx *tx, const struct service_contract_row *contract,
                         struct ak_error *err)
{
    AK_AUTO_JSON given = json_loads(contract->quotas_json, 0, NULL);
    int rc = 0;

    for (size_t i = 0; i < AK_N(map) && rc == 0; i++) {
        int64_t limit = 0;
        bool known = false;

        rc = limit_of(tx, contract, given, i, &limit, &known, err);
        if (rc == 0 && known) {
            rc = map[i].set(tx, contract->project_id, map[i].resource, limit, err);
        }
    }
    return rc;
}

int service_quotas_complete(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, struct ak_error *err)
{
    AK_AUTO_JSON given = json_loads(contract->quotas_json, 0, NULL);
    int rc = 0;

    contract->quotas = ak_arena_new0(arena, struct service_quotas);
    for (size_t i = 0; i < AK_N(map) && rc == 0; i++) {
        const struct ak_field *field = ak_fields_find(&service_quotas_fields, map[i].member);
        int64_t limit = 0;
        bool known = false;

        rc = limit_of(tx, contract, given, i, &limit, &known, err);
        if (rc == 0 && known) {
            *(int64_t *)(void *)((char *)contract->quotas + field->offset) = limit;
        }
    }
    return rc;
}
