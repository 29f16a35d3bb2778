/* SPDX-License-Identifier: Apache-2.0 */
/* Placement by service class: where hosts are, and what a project's class lets it use. The class
 * itself is src/service's; compute keeps what placement needs of it, so that it depends on nobody
 * above. The choice is compute_placement.c. */
#include "compute_internal.h"
#include "compute/compute_sql.h"

#define AT(type, member) offsetof(struct type, member)

static const struct ak_field others_rows[] = {
    {"host", AK_STR, AT(compute_host_others, host), 0},
    {"others", AK_INT, AT(compute_host_others, others), 0},
    {"dedicated", AK_INT, AT(compute_host_others, dedicated), 0},
};
static const struct ak_fields others_fields =
    AK_FIELDS("others", struct compute_host_others, others_rows);

static const struct ak_field rule_rows[] = {
    {"zones", AK_STR, AT(compute_placement_rule, zones), 0},
    {"countries", AK_STR, AT(compute_placement_rule, countries), 0},
    {"dedicated", AK_BOOL, AT(compute_placement_rule, dedicated), 0},
};
static const struct ak_fields rule_fields =
    AK_FIELDS("placement", struct compute_placement_rule, rule_rows);

static const struct ak_field place_rows[] = {
    {"name", AK_STR, AT(compute_host_place, name), 0},
    {"placement_zone", AK_STR, AT(compute_host_place, placement_zone), 0},
    {"country", AK_STR, AT(compute_host_place, country), 0},
    {"disabled_reason", AK_STR, AT(compute_host_place, disabled_reason), 0},
    {"servers", AK_INT, AT(compute_host_place, servers), 0},
    {"enabled", AK_BOOL, AT(compute_host_place, enabled), 0},
};
static const struct ak_fields place_fields =
    AK_FIELDS("host", struct compute_host_place, place_rows);

int compute_placement_rule_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                struct compute_placement_rule *ret_rule, struct ak_error *err)
{
    int rc;

    *ret_rule = (struct compute_placement_rule){0};
    rc = ak_sql_load(tx, &sql_project_placement_get, AK_ARGS(ak_v_text(project_id)), &rule_fields,
                     arena, ret_rule, err);
    if (rc < 0 && rc != -AK_NOT_FOUND) {
        return rc;
    }
    return ak_sql_load_all(tx, &sql_host_others, AK_ARGS(ak_v_text(project_id)), &others_fields,
                           arena, 0, &ret_rule->others, err);
}

int compute_project_placement_set(struct ak_tx *tx, const char *project_id, const char *zones_json,
                                  const char *countries_json, bool dedicated, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_project_placement_set,
                       AK_ARGS(ak_v_text(project_id), ak_v_text(zones_json),
                               ak_v_text(countries_json), ak_v_int(dedicated)),
                       NULL, err);
}

int compute_project_placement_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_project_placement_clear, AK_ARGS(ak_v_text(project_id)), NULL, err);
}

int compute_host_places(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                        struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_host_list, AK_NO_ARGS, &place_fields, arena, 0, ret_list, err);
}

static int check_zone(const char *zone, struct ak_error *err)
{
    static const char *const zones[] = {COMPUTE_ZONE_GENERAL, "municipal", "private", "dedicated"};

    for (size_t i = 0; i < AK_N(zones); i++) {
        if (ak_streq(zones[i], zone)) {
            return 0;
        }
    }
    return ak_fail(err, AK_FIELD_VALUE, "placement_zone",
                   "it must be general, municipal, private or dedicated");
}

static int check_country(const char *country, struct ak_error *err)
{
    return strlen(country) == 2 && strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2
               ? 0
               : ak_fail(err, AK_FIELD_VALUE, "country", "it must be two capital letters");
}

static int place_find(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                      struct compute_host_place *ret_host, struct ak_error *err)
{
    struct ak_list hosts = {0};
    const struct compute_host_place *rows;
    int rc = compute_host_places(tx, arena, &hosts, err);

    rows = hosts.items;
    for (size_t i = 0; rc == 0 && i < hosts.n; i++) {
        if (ak_streq(rows[i].name, name)) {
            *ret_host = rows[i];
            return 0;
        }
    }
    return rc < 0 ? rc : ak_fail(err, AK_COMPUTE_HOST_NOT_FOUND, name);
}

int compute_host_place(struct ak_tx *tx, struct ak_arena *arena, const char *name, const char *zone,
                       const char *country, struct compute_host_place *ret_host,
                       struct ak_error *err)
{
    struct compute_host_place *host = ret_host;
    int rc = zone ? check_zone(zone, err) : 0;

    rc = rc < 0 || !country ? rc : check_country(country, err);
    /* The lock is first: a server may be about to be placed. */
    rc = rc < 0 ? rc : compute_host_lock(tx, name, err);
    rc = rc < 0 ? rc : place_find(tx, arena, name, host, err);
    if (rc < 0) {
        return rc;
    }
    zone = zone ? zone : host->placement_zone;
    country = country ? country : host->country;
    if (ak_streq(zone, host->placement_zone) && ak_streq(country, host->country)) {
        return 0;
    }
    if (host->servers > 0) {
        return ak_fail(err, AK_COMPUTE_HOST_OCCUPIED, name, AK_NUM(host->servers));
    }
    host->placement_zone = ak_arena_strdup(arena, zone);
    host->country = ak_arena_strdup(arena, country);
    return ak_sql_exec(tx, &sql_host_place,
                       AK_ARGS(ak_v_text(name), ak_v_text(zone), ak_v_text(country)), NULL, err);
}
