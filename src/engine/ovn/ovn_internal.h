/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVN_INTERNAL_H
#define OVN_INTERNAL_H
/* Inside of the OVN fabric: the plan (a transaction being made by comparing what is wanted with the
 * replica) and the functions the operations table points to. */
#include "engine/fabric.h"
#include "engine/ovn/ovsdb.h"

struct ovn {
    struct ak_fabric fabric;
    struct ovsdb *db;
    char *installation;
    char *guests_group;    /* port group of all filtered guest ports of this installation */
    pthread_mutex_t apply; /* one plan at a time: each sees the effects of the one before */
};
static inline struct ovn *ovn_of(struct ak_fabric *f)
{
    return (struct ovn *)(void *)((char *)f - offsetof(struct ovn, fabric));
}

/* A plan. While it is made, the replica is locked; plan_end() runs it when it holds anything. */
struct plan {
    struct ovn *ovn;
    struct ovsdb *db;
    json_t *ops;
    json_t *made; /* "table key" → reference of rows this plan inserts */
    int n_named;  /* rows inserted so far */
};

/* AK_ENGINE_UNAVAILABLE; nothing to end then. */
int plan_begin(struct plan *plan, struct ovn *ovn, struct ak_error *err);
/* 'rc' < 0 drops the plan and is returned. Errors of ovsdb_transact(). */
int plan_end(struct plan *plan, int rc, struct ak_error *err);

/* Makes the row 'key' of 'table' have these columns (an object, taken over): inserts it, or updates
 * what differs. The key itself must be among the columns (name, or external_ids:akashi-id).
 * Returns a new reference to its ["uuid"|"named-uuid", x]. */
json_t *plan_row(struct plan *plan, const char *table, const char *key, json_t *columns);
/* Inserts a row without a key; a new reference as above. */
json_t *plan_insert(struct plan *plan, const char *table, json_t *columns);
/* Updates those columns (taken over) of an existing row that differ. */
void plan_update(struct plan *plan, const char *table, const char *uuid, json_t *columns);
void plan_delete(struct plan *plan, const char *table, const char *uuid);
/* Adds the child to, or removes it from, a set column of the parent, when it is not so already. */
void plan_link(struct plan *plan, const char *table, const json_t *parent, const char *column,
               const json_t *child);
void plan_unlink(struct plan *plan, const char *table, const char *parent_uuid, const char *column,
                 const char *child_uuid);
/* Makes rows of 'table' that hang on a parent's column equal to 'wanted' (an array of column
 * objects, taken over) in any order. 'present' is the column's value now (NULL = none). Returns
 * the column's new value, equal to the present one when nothing differs. Rows no longer referenced
 * are deleted by the database. */
json_t *plan_children(struct plan *plan, const char *table, const json_t *present, json_t *wanted);

/* external_ids of our rows: akashi = installation, akashi-id = the object's UUID, and pairs. */
json_t *ovn_tags(const struct ovn *ovn, const char *id);
bool ovn_is_ours(const struct ovn *ovn, const json_t *row);
/* A column of the row found by key, NULL when there is none. */
const json_t *plan_column(struct plan *plan, const char *table, const char *uuid,
                          const char *column);
/* "akashi_<id with _ for other characters>": names that may stand in match expressions. */
#define OVN_GROUP_NAME 96
const char *ovn_group_name(char out[OVN_GROUP_NAME], const char *id);
/* Makes the port group exist (empty if new). New reference to its UUID. */
json_t *ovn_group_ensure(struct plan *plan, const char *id);
json_t *ovn_guests_ensure(struct plan *plan);
/* Only characters of addresses, prefixes and identifiers: safe inside a match expression. */
bool ovn_token_ok(const char *text);

/* ovn_switch.c */
int ovn_network_apply(struct ak_fabric *f, const struct ak_fabric_network *network,
                      struct ak_error *err);
int ovn_network_remove(struct ak_fabric *f, const char *id, struct ak_error *err);
int ovn_subnet_apply(struct ak_fabric *f, const struct ak_fabric_subnet *subnet,
                     struct ak_error *err);
int ovn_subnet_remove(struct ak_fabric *f, const char *id, const char *network_id,
                      struct ak_error *err);
/* ovn_port.c */
int ovn_port_apply(struct ak_fabric *f, const struct ak_fabric_port *port, struct ak_error *err);
int ovn_port_remove(struct ak_fabric *f, const char *id, const char *network_id,
                    struct ak_error *err);
int ovn_port_is_up(struct ak_fabric *f, const char *id, bool *ret_up, struct ak_error *err);
int ovn_port_wait_up(struct ak_fabric *f, const char *id, int64_t timeout_ms, struct ak_error *err);
/* Takes the port out of all port groups of ours. */
void ovn_leave_groups(struct plan *plan, const json_t *lsp);
/* ovn_group.c */
int ovn_group_apply(struct ak_fabric *f, const struct ak_fabric_group *group, struct ak_error *err);
int ovn_group_remove(struct ak_fabric *f, const char *id, struct ak_error *err);
/* ovn_router.c */
int ovn_router_apply(struct ak_fabric *f, const struct ak_fabric_router *router,
                     struct ak_error *err);
int ovn_router_remove(struct ak_fabric *f, const char *id, struct ak_error *err);
/* ovn_list.c */
int ovn_list(struct ak_fabric *f, struct ak_arena *arena, struct ak_fabric_object **ret_objects,
             size_t *ret_n, struct ak_error *err);
int ovn_quarantine(struct ak_fabric *f, enum ak_fabric_kind kind, const char *id,
                   struct ak_error *err);

#endif
