/* SPDX-License-Identifier: Apache-2.0 */
/* Inventory of the northbound database for the reconciler, foreign objects included, and quarantine
 * of objects of ours that the database does not know: cut off from traffic and marked, but kept. */
#include "engine/ovn/ovn_internal.h"

#define QUARANTINED "akashi-quarantined"

static const struct {
    enum ak_fabric_kind kind;
    const char *table;
    bool switchable; /* has a column "enabled" */
} kinds[] = {
    {AK_FABRIC_NETWORK, "Logical_Switch", false}, {AK_FABRIC_PORT, "Logical_Switch_Port", true},
    {AK_FABRIC_ROUTER, "Logical_Router", true},   {AK_FABRIC_GROUP, "Port_Group", false},
    {AK_FABRIC_SUBNET, "DHCP_Options", false},
};

/* Helpers of other objects have no UUID of ours: localnet ports, the group of all guests. */
static bool is_helper(const json_t *tags)
{
    const char *kind = ovsdb_map_get(tags, "akashi-kind");
    return ak_streq(kind, "localnet") || ak_streq(kind, "guests");
}

int ovn_list(struct ak_fabric *f, struct ak_arena *arena, struct ak_fabric_object **ret_objects,
             size_t *ret_n, struct ak_error *err)
{
    struct ovn *ovn = ovn_of(f);
    size_t n = 0, total = 0;
    int rc = ovsdb_read_begin(ovn->db, 3000, err);
    if (rc < 0) {
        return rc;
    }
    for (size_t k = 0; k < AK_N(kinds); k++) {
        total += json_object_size(ovsdb_rows(ovn->db, kinds[k].table));
    }
    struct ak_fabric_object *objects = ak_arena_array(arena, struct ak_fabric_object, total + 1);
    for (size_t k = 0; k < AK_N(kinds); k++) {
        const char *uuid = NULL;
        json_t *row = NULL;
        json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(ovn->db, kinds[k].table), uuid, row)
        {
            const json_t *tags = json_object_get(row, "external_ids");
            const char *id = ovsdb_map_get(tags, "akashi-id");
            const char *name = json_string_value(json_object_get(row, "name"));
            struct ak_fabric_object *object = &objects[n];
            object->ours = ovn_is_ours(ovn, row);
            if (object->ours && is_helper(tags)) {
                object->ours = false;
                continue;
            }
            object->kind = kinds[k].kind;
            object->quarantined = ovsdb_map_get(tags, QUARANTINED) != NULL;
            ak_str_copy(object->id, sizeof(object->id), id ? id : name ? name : uuid);
            n++;
        }
    }
    ovsdb_read_end(ovn->db);
    *ret_objects = objects;
    *ret_n = n;
    return 0;
}

static void mark(struct plan *plan, const char *table, const char *uuid, bool switchable)
{
    char now[AK_TIME_TEXT];
    const json_t *tags = plan_column(plan, table, uuid, "external_ids");
    if (ovsdb_map_get(tags, QUARANTINED)) {
        return;
    }
    json_t *copy = json_deep_copy(tags), *columns = NULL;
    ovsdb_map_add(copy, QUARANTINED, ak_time_text(now, ak_now_us(), AK_TIME_Z));
    columns = json_pack("{s:o}", "external_ids", copy);
    if (switchable) {
        (void)json_object_set_new(columns, "enabled", json_false());
    }
    plan_update(plan, table, uuid, columns);
}

int ovn_quarantine(struct ak_fabric *f, enum ak_fabric_kind kind, const char *id,
                   struct ak_error *err)
{
    struct plan plan;
    char name[OVN_GROUP_NAME];
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    for (size_t k = 0; k < AK_N(kinds); k++) {
        const char *key = kind == AK_FABRIC_GROUP ? ovn_group_name(name, id) : id;
        const char *uuid = kinds[k].kind == kind ? ovsdb_find(plan.db, kinds[k].table, key) : NULL;
        const json_t *row = uuid ? ovsdb_row(plan.db, kinds[k].table, uuid) : NULL;
        if (row == NULL || !ovn_is_ours(plan.ovn, row)) {
            continue;
        }
        mark(&plan, kinds[k].table, uuid, kinds[k].switchable);
        const json_t *ports = kind == AK_FABRIC_NETWORK ? json_object_get(row, "ports") : NULL;
        for (size_t i = 0; i < ovsdb_set_size(ports); i++) {
            const char *port = ovsdb_uuid_text(ovsdb_set_at(ports, i));
            if (port && ovsdb_row(plan.db, "Logical_Switch_Port", port)) {
                mark(&plan, "Logical_Switch_Port", port, true);
            }
        }
    }
    return plan_end(&plan, 0, err);
}
