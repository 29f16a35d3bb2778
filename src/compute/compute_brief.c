/* SPDX-License-Identifier: Apache-2.0 */
/* Servers for other domains (incident, protect, service …): a few members, read only. */
#include "compute/compute.h"

#include "compute/compute_brief_sql.h"

#define AT(member) offsetof(struct compute_server_brief, member)

static const struct ak_field brief_rows[] = {
    {"id", AK_STR, AT(id)},
    {"name", AK_STR, AT(name)},
    {"project_id", AK_STR, AT(project_id)},
    {"host", AK_STR, AT(host)},
    {"vm_state", AK_STR, AT(vm_state)},
    {"vcpus", AK_INT, AT(vcpus)},
    {"ram_mib", AK_INT, AT(ram_mib)},
    {"deleted_us", AK_INT, AT(deleted_us)},
};
const struct ak_fields compute_server_brief_fields =
    AK_FIELDS("server_brief", struct compute_server_brief, brief_rows);

int compute_server_brief_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              const char *project_id, struct compute_server_brief *ret_server,
                              struct ak_error *err)
{
    char canonical[AK_UUID_TEXT];
    int rc = -AK_NOT_FOUND;

    if (ak_uuid_canonical(id, canonical)) {
        rc = ak_sql_load(tx, &sql_server_brief,
                         AK_ARGS(ak_v_text(canonical), ak_v_text(project_id ? project_id : "")),
                         &compute_server_brief_fields, arena, ret_server, err);
    }
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_SERVER_NOT_FOUND, id) : rc;
}

int compute_server_brief_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const char *host, struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(
        tx, &sql_server_briefs,
        AK_ARGS(ak_v_text(project_id ? project_id : ""), ak_v_text(host ? host : "")),
        &compute_server_brief_fields, arena, 1000000, ret_list, err);
}
