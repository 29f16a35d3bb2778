/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a class by dotted name. Versions never change, so what was parsed once is kept for
 * the life of the process; there are as many as there ever were class files. */
#include "service/service_class_internal.h"

#include "access/access.h"
#include "compute/compute.h"

enum { KEPT_MAX = 256 };

static struct {
    char *id; /* name:version */
    json_t *json;
} kept[KEPT_MAX];
static size_t kept_n;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* over 'kept' and what hangs below */

/* With the mutex held. */
static json_t *kept_find(const char *id)
{
    for (size_t i = 0; i < kept_n; i++) {
        if (ak_streq(kept[i].id, id)) {
            return kept[i].json;
        }
    }
    return NULL;
}

/* "a.b.c" below an object; a key may hold dots itself, as verbs do. */
static json_t *find(json_t *at, const char *name)
{
    json_t *found = json_object_get(at, name);

    for (const char *dot = strchr(name, '.'); dot && !found; dot = strchr(dot + 1, '.')) {
        AK_AUTO_STR head = ak_xstrndup(name, (size_t)(dot - name));
        json_t *below = json_object_get(at, head);

        found = below ? find(below, dot + 1) : NULL;
    }
    return found;
}

/* A parameter as JSON, the caller's reference; trees are not for several threads, so it is a copy.
 * '*ret' NULL: that version of the class is older than the parameter. */
static int look_up(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                   json_t **ret, struct ak_error *err)
{
    AK_AUTO_STR id = ak_xasprintf("%s:%" PRId64, class_name, version);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_JSON root = NULL;
    struct service_class_row row = {0};
    int rc;

    {
        AK_LOCK(&mutex);
        json_t *known = kept_find(id);

        if (known) {
            *ret = json_deep_copy(find(known, name));
            return 0;
        }
    }
    rc = service_class_store_load(tx, arena, class_name, version, &row, err);
    rc = rc < 0 ? rc : ak_json_parse(row.content, strlen(row.content), &root, err);
    if (rc < 0) {
        return rc;
    }
    *ret = json_deep_copy(find(root, name));
    if (version > 0) {
        AK_LOCK(&mutex);

        if (!kept_find(id) && kept_n < KEPT_MAX) {
            kept[kept_n].id = AK_TAKE(id);
            kept[kept_n++].json = AK_TAKE(root);
        }
    }
    return 0;
}

int service_class_value(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                        json_t **ret, struct ak_error *err)
{
    int rc = look_up(tx, class_name, version, name, ret, err);

    return rc == 0 && !*ret
               ? ak_fail_detail(err, AK_INTERNAL, "class %s:%" PRId64 " has no parameter '%s'",
                                class_name, version, name)
               : rc;
}

static int wrong_type(struct ak_error *err, const char *class_name, const char *name)
{
    return ak_fail_detail(err, AK_INTERNAL, "parameter '%s' of class %s has another type", name,
                          class_name);
}

static int int_of(const json_t *value, const char *class_name, const char *name, int64_t *ret_value,
                  struct ak_error *err)
{
    *ret_value = json_is_true(value) ? 1 : json_integer_value(value);
    return json_is_integer(value) || json_is_boolean(value) ? 0 : wrong_type(err, class_name, name);
}

int service_class_int(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                      int64_t *ret_value, struct ak_error *err)
{
    AK_AUTO_JSON value = NULL;
    int rc = service_class_value(tx, class_name, version, name, &value, err);

    return rc < 0 ? rc : int_of(value, class_name, name, ret_value, err);
}

int service_class_str(struct ak_tx *tx, struct ak_arena *arena, const char *class_name,
                      int64_t version, const char *name, const char **ret_value,
                      struct ak_error *err)
{
    AK_AUTO_JSON value = NULL;
    int rc = service_class_value(tx, class_name, version, name, &value, err);

    if (rc < 0) {
        return rc;
    }
    *ret_value = ak_arena_strdup(arena, json_string_value(value));
    return json_is_string(value) ? 0 : wrong_type(err, class_name, name);
}

int service_class_json(struct ak_tx *tx, struct ak_arena *arena, const char *class_name,
                       int64_t version, const char *name, const char **ret_json,
                       struct ak_error *err)
{
    AK_AUTO_JSON value = NULL;
    AK_AUTO_BUF buf;
    int rc = service_class_value(tx, class_name, version, name, &value, err);

    ak_buf_init(&buf, (size_t)256 * 1024);
    rc = rc < 0 ? rc : ak_json_canonical(value, &buf, err);
    if (rc == 0) {
        *ret_json = ak_arena_strdup(arena, buf.data);
    }
    return rc;
}

int service_class_int_or(struct ak_tx *tx, const char *class_name, int64_t version,
                         const char *name, int64_t fallback, int64_t *ret_value,
                         struct ak_error *err)
{
    AK_AUTO_JSON value = NULL;
    int rc = look_up(tx, class_name, version, name, &value, err);

    if (rc == 0 && !value) {
        *ret_value = fallback;
        return 0;
    }
    return rc < 0 ? rc : int_of(value, class_name, name, ret_value, err);
}

/* Whether a list in JSON holds a word. */
static bool holds(const json_t *list, const char *word)
{
    size_t i = 0;
    const json_t *item = NULL;

    json_array_foreach(list, i, item)
    {
        if (ak_streq(json_string_value(item), word)) {
            return true;
        }
    }
    return false;
}

int service_class_lists(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                        const char *word, bool *ret_listed, struct ak_error *err)
{
    AK_AUTO_JSON value = NULL;
    int rc = service_class_value(tx, class_name, version, name, &value, err);

    if (rc == 0) {
        *ret_listed = holds(value, word);
    }
    return rc;
}

int service_class_incident_terms(struct ak_tx *tx, const char *class_name, int64_t version,
                                 const char *severity, struct service_incident_terms *ret_terms,
                                 struct ak_error *err)
{
    AK_AUTO_JSON all = NULL;
    int rc = service_class_value(tx, class_name, version, "incidents", &all, err);
    const json_t *by = json_object_get(all, "channels"), *from = json_object_get(all, "intake");
    const json_t *notify = json_object_get(json_object_get(all, "notify"), severity);

    if (rc < 0) {
        return rc;
    }
    /* versions before the severities had one number for all of them */
    notify = notify ? notify : json_object_get(all, "notify_minutes");
    *ret_terms = (struct service_incident_terms){
        .notify_minutes = json_integer_value(notify),
        .update_minutes = json_integer_value(json_object_get(all, "update_minutes")),
        .report_days = json_integer_value(json_object_get(all, "report_days")),
        .tracking = json_is_true(json_object_get(all, "tracking")),
        .portal_post = json_is_true(json_object_get(all, "portal_post")),
        .by_portal = holds(by, "portal"),
        .by_mail = holds(by, "mail"),
        .by_sales = holds(by, "sales"),
        .by_phone = holds(by, "phone"),
        .from_portal = holds(from, "portal"),
        .from_mail = holds(from, "mail"),
        .from_sales = holds(from, "sales"),
        .from_phone = holds(from, "phone"),
        .from_form = holds(from, "form")};
    return 0;
}

int service_class_target_hours(struct ak_tx *tx, const char *class_name, int64_t version,
                               const char *kind, int64_t *io_hours, struct ak_error *err)
{
    AK_AUTO_JSON all = NULL;
    int rc = look_up(tx, class_name, version, "requests", &all, err);
    const json_t *hours = json_object_get(all, kind);

    if (rc == 0 && hours) {
        *io_hours = json_integer_value(hours);
    }
    return rc;
}

int service_class_load(struct ak_tx *tx, struct ak_arena *arena, const char *name, int64_t version,
                       struct service_class *ret_class, struct ak_error *err)
{
    struct service_class_row row = {0};
    int rc = service_class_store_load(tx, arena, name, version, &row, err);

    *ret_class = (struct service_class){
        .name = row.name, .version = row.version, .hash = row.hash, .offered = row.offered};
    rc = rc < 0 ? rc
                : service_class_str(tx, arena, name, row.version, "title_ja", &ret_class->title_ja,
                                    err);
    return rc < 0 ? rc
                  : service_class_str(tx, arena, name, row.version, "title_en",
                                      &ret_class->title_en, err);
}

int service_class_all(struct ak_tx *tx, struct ak_arena *arena, struct service_class **ret_classes,
                      size_t *ret_n, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    const struct service_class_row *row;
    int rc;

    ak_query_sort(&query, "name", false);
    rc = service_class_store_list(tx, arena, &query, &list, err);
    row = list.items;
    *ret_classes = ak_arena_array(arena, struct service_class, list.n + 1);
    *ret_n = list.n;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = service_class_load(tx, arena, row[i].name, row[i].version, &(*ret_classes)[i], err);
    }
    return rc;
}

static int apply_placement(struct ak_tx *tx, const char *project_id, const char *class_name,
                           int64_t version, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *zones = NULL, *countries = NULL;
    int64_t dedicated = 0;
    int rc = service_class_json(tx, arena, class_name, version, "zones", &zones, err);

    rc = rc < 0 ? rc
                : service_class_json(tx, arena, class_name, version, "countries", &countries, err);
    rc = rc < 0 ? rc
                : service_class_int(tx, class_name, version, "dedicated_hosts", &dedicated, err);
    return rc < 0 ? rc
                  : compute_project_placement_set(tx, project_id, zones, countries, dedicated != 0,
                                                  err);
}

/* What the class reaches from areas only is tied to its areas; what it does not is freed. */
static int apply_areas(struct ak_tx *tx, const char *project_id, const char *class_name,
                       int64_t version, struct ak_error *err)
{
    static const char *const purposes[] = {"console", "metrics", "guides"};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_JSON access = NULL;
    int rc = service_class_value(tx, class_name, version, "access", &access, err);
    const json_t *areas = json_object_get(access, "areas");
    const char **slugs = ak_arena_array(arena, const char *, json_array_size(areas) + 1);

    for (size_t i = 0; i < json_array_size(areas); i++) {
        slugs[i] = json_string_value(json_array_get(areas, i));
    }
    for (size_t i = 0; rc == 0 && i < AK_N(purposes); i++) {
        const char *reach = json_string_value(json_object_get(access, purposes[i]));

        rc = access_project_areas_set(tx, arena, project_id, purposes[i],
                                      ak_streq(reach, "area") ? slugs : NULL, err);
    }
    return rc;
}

int service_class_apply(struct ak_tx *tx, const char *project_id, const char *class_name,
                        int64_t version, struct ak_error *err)
{
    static const enum identity_mode modes[] = {IDENTITY_SELF, IDENTITY_REQUEST, IDENTITY_NONE};
    enum identity_mode chosen[64];
    AK_AUTO_JSON verbs = NULL;
    int rc = service_class_value(tx, class_name, version, "verbs", &verbs, err);

    for (size_t i = 0; rc == 0 && i < identity_verbs_n && i < AK_N(chosen); i++) {
        const char *mode = json_string_value(json_object_get(verbs, identity_verbs[i].name));

        chosen[i] = IDENTITY_NONE; /* a verb younger than this version of the class */
        for (size_t m = 0; m < AK_N(modes); m++) {
            chosen[i] = ak_streq(mode, identity_mode_name(modes[m])) ? modes[m] : chosen[i];
        }
    }
    rc = rc < 0 ? rc : identity_project_verbs_set(tx, project_id, class_name, chosen, err);
    rc = rc < 0 ? rc : apply_placement(tx, project_id, class_name, version, err);
    return rc < 0 ? rc : apply_areas(tx, project_id, class_name, version, err);
}

int service_class_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    int rc = identity_project_verbs_clear(tx, project_id, err);

    return rc < 0 ? rc : compute_project_placement_clear(tx, project_id, err);
}
