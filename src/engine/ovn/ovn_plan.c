/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: a transaction on the northbound database is made by comparing what is wanted with the
 * replica, so that applying twice writes nothing. A "wait" operation guards each insert by key
 * against another worker that inserted the same row meanwhile; the job then simply tries again. */
#include "engine/ovn/ovn_internal.h"

#define CONNECT_WAIT_MS 3000
#define TRANSACT_MS     20000

int plan_begin(struct plan *plan, struct ovn *ovn, struct ak_error *err)
{
    *plan = (struct plan){.ovn = ovn, .db = ovn->db};
    (void)pthread_mutex_lock(&ovn->apply);
    int rc = ovsdb_read_begin(ovn->db, CONNECT_WAIT_MS, err);
    if (rc < 0) {
        (void)pthread_mutex_unlock(&ovn->apply);
        return rc;
    }
    plan->ops = json_array();
    plan->made = json_object();
    return 0;
}

int plan_end(struct plan *plan, int rc, struct ak_error *err)
{
    ovsdb_read_end(plan->db);
    if (rc == 0 && json_array_size(plan->ops) > 0) {
        rc = ovsdb_transact(plan->db, plan->ops, TRANSACT_MS, NULL, err);
    } else {
        json_decref(plan->ops);
    }
    plan->ops = NULL;
    json_decref(plan->made);
    (void)pthread_mutex_unlock(&plan->ovn->apply);
    return rc;
}

static void add(struct plan *plan, json_t *op)
{
    (void)json_array_append_new(plan->ops, op);
}

static json_t *where(const json_t *uuid)
{
    return json_pack("[[s, s, O]]", "_uuid", "==", uuid);
}

json_t *plan_insert(struct plan *plan, const char *table, json_t *columns)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "row%d", ++plan->n_named);
    add(plan, json_pack("{s:s, s:s, s:s, s:o}", "op", "insert", "table", table, "uuid-name", name,
                        "row", columns));
    return json_pack("[s, s]", "named-uuid", name);
}

/* Nobody else may have inserted the row since the replica was read. */
static void guard(struct plan *plan, const char *table, const char *key, bool named)
{
    json_t *condition = named ? json_pack("[[s, s, s]]", "name", "==", key)
                              : json_pack("[[s, s, o]]", "external_ids", "includes",
                                          ovsdb_map("akashi-id", key, NULL));
    add(plan, json_pack("{s:s, s:s, s:i, s:o, s:[s], s:s, s:[]}", "op", "wait", "table", table,
                        "timeout", 0, "where", condition, "columns",
                        named ? "name" : "external_ids", "until", "==", "rows"));
}

void plan_update(struct plan *plan, const char *table, const char *uuid, json_t *columns)
{
    const json_t *row = ovsdb_row(plan->db, table, uuid);
    json_t *changed = json_object(), *value = NULL, *id = ovsdb_uuid(uuid);
    const char *column = NULL;
    json_object_foreach(columns, column, value)
    {
        if (!ovsdb_value_equal(json_object_get(row, column), value)) {
            (void)json_object_set(changed, column, value);
        }
    }
    if (json_object_size(changed) > 0) {
        add(plan, json_pack("{s:s, s:s, s:o, s:O}", "op", "update", "table", table, "where",
                            where(id), "row", changed));
    }
    json_decref(id);
    json_decref(changed);
    json_decref(columns);
}

json_t *plan_row(struct plan *plan, const char *table, const char *key, json_t *columns)
{
    const char *uuid = ovsdb_find(plan->db, table, key);
    char made_key[192];
    json_t *ref = NULL;
    (void)snprintf(made_key, sizeof(made_key), "%s %s", table, key);
    ref = json_object_get(plan->made, made_key);
    if (ref) {
        json_decref(columns); /* inserted by this very plan */
        return json_incref(ref);
    }
    if (uuid == NULL) {
        guard(plan, table, key, json_object_get(columns, "name") != NULL);
        ref = plan_insert(plan, table, columns);
        (void)json_object_set(plan->made, made_key, ref);
        return ref;
    }
    plan_update(plan, table, uuid, columns);
    return ovsdb_uuid(uuid);
}

void plan_delete(struct plan *plan, const char *table, const char *uuid)
{
    json_t *id = ovsdb_uuid(uuid);
    add(plan, json_pack("{s:s, s:s, s:o}", "op", "delete", "table", table, "where", where(id)));
    json_decref(id);
}

static void mutate(struct plan *plan, const char *table, const json_t *parent, const char *column,
                   const char *mutator, const json_t *child)
{
    add(plan, json_pack("{s:s, s:s, s:o, s:[[s, s, [s, [O]]]]}", "op", "mutate", "table", table,
                        "where", where(parent), "mutations", column, mutator, "set", child));
}

void plan_link(struct plan *plan, const char *table, const json_t *parent, const char *column,
               const json_t *child)
{
    const char *parent_uuid = ovsdb_uuid_text(parent), *child_uuid = ovsdb_uuid_text(child);
    const json_t *value = parent_uuid ? plan_column(plan, table, parent_uuid, column) : NULL;
    if (child_uuid && value && ovsdb_set_has_uuid(value, child_uuid)) {
        return;
    }
    mutate(plan, table, parent, column, "insert", child);
}

void plan_unlink(struct plan *plan, const char *table, const char *parent_uuid, const char *column,
                 const char *child_uuid)
{
    const json_t *value = plan_column(plan, table, parent_uuid, column);
    if (ovsdb_set_has_uuid(value, child_uuid)) {
        json_t *parent = ovsdb_uuid(parent_uuid), *child = ovsdb_uuid(child_uuid);
        mutate(plan, table, parent, column, "delete", child);
        json_decref(parent);
        json_decref(child);
    }
}

const json_t *plan_column(struct plan *plan, const char *table, const char *uuid,
                          const char *column)
{
    return uuid ? json_object_get(ovsdb_row(plan->db, table, uuid), column) : NULL;
}

static bool row_has(const json_t *row, const json_t *columns)
{
    const char *column = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)columns, column, value)
    {
        if (!ovsdb_value_equal(json_object_get(row, column), value)) {
            return false;
        }
    }
    return row != NULL;
}

json_t *plan_children(struct plan *plan, const char *table, const json_t *present, json_t *wanted)
{
    size_t n = ovsdb_set_size(present);
    bool *used = ak_xcalloc(n + 1, sizeof(*used));
    json_t *refs = json_array();
    for (size_t w = 0; w < json_array_size(wanted); w++) {
        json_t *columns = json_array_get(wanted, w), *ref = NULL;
        for (size_t i = 0; i < n && ref == NULL; i++) {
            const char *uuid = ovsdb_uuid_text(ovsdb_set_at(present, i));
            if (!used[i] && uuid && row_has(ovsdb_row(plan->db, table, uuid), columns)) {
                used[i] = true;
                ref = ovsdb_uuid(uuid);
            }
        }
        if (ref == NULL) {
            ref = plan_insert(plan, table, json_incref(columns));
        }
        (void)json_array_append_new(refs, ref);
    }
    free(used);
    json_decref(wanted);
    return ovsdb_set(refs);
}

json_t *ovn_tags(const struct ovn *ovn, const char *id)
{
    return ovsdb_map("akashi", ovn->installation, "akashi-id", id, NULL);
}

bool ovn_is_ours(const struct ovn *ovn, const json_t *row)
{
    return ak_streq(ovsdb_map_get(json_object_get(row, "external_ids"), "akashi"),
                    ovn->installation);
}

bool ovn_token_ok(const char *text)
{
    return text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             ".:/_-")] == '\0';
}
