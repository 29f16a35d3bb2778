/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: what an applicant filled in is checked against the rows of its kind, and what names
 * something of the customer's is looked up in the customer's project. */
#include "request/request_internal.h"

#include "compute/compute.h"
#include "image/image.h"
#include "network/network.h"

#define PRIVILEGE_DAYS 30
#define PERIOD_DAYS    366

struct form {
    struct ak_tx *tx;
    struct ak_arena *arena;
    const char *project_id;
    const struct request_actor *who; /* NULL: nobody applies now */
    struct ak_error *err;
};

static const char *path_of(const struct form *f, const struct request_field *field)
{
    return ak_arena_printf(f->arena, "fields/%s", field->name);
}

static int bad(const struct form *f, const struct request_field *field, const char *why)
{
    return ak_fail(f->err, AK_FIELD_VALUE, path_of(f, field), why);
}

/* ---- Choices --------------------------------------------------------------------------------- */

static int flavor_choices(const struct form *f, struct request_choice **ret, size_t *ret_n)
{
    struct compute_flavor_info *flavors = NULL;
    int rc = compute_project_flavors(f->tx, f->arena, f->project_id, &flavors, ret_n, f->err);
    if (rc < 0) {
        return rc;
    }
    *ret = ak_arena_array(f->arena, struct request_choice, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++) {
        const char *title = ak_arena_printf(
            f->arena, "%s (%" PRId64 " vCPU, %" PRId64 " MiB, %" PRId64 " GiB)", flavors[i].name,
            flavors[i].vcpus, flavors[i].ram_mib, flavors[i].disk_gib);
        (*ret)[i] = (struct request_choice){flavors[i].id, title, title};
    }
    return 0;
}

static int image_choices(const struct form *f, struct request_choice **ret, size_t *ret_n)
{
    struct image_image *images = NULL;
    int rc = image_images_load(f->tx, f->arena, f->project_id, &images, ret_n, f->err);
    if (rc < 0) {
        return rc;
    }
    *ret = ak_arena_array(f->arena, struct request_choice, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++) {
        const char *title = images[i].name ? images[i].name : images[i].id;
        (*ret)[i] = (struct request_choice){images[i].id, title, title};
    }
    return 0;
}

/* "default" stands for the default group, which need not be there yet. */
static int group_choices(const struct form *f, struct request_choice **ret, size_t *ret_n)
{
    struct network_caller who = {.project_id = f->project_id};
    struct network_group_info *groups = NULL;
    size_t n = 0, at = 0;
    int rc = network_groups_load(f->tx, f->arena, &who, NULL, &groups, &n, f->err);
    if (rc < 0) {
        return rc;
    }
    *ret = ak_arena_array(f->arena, struct request_choice, n + 2);
    (*ret)[at++] = (struct request_choice){"default", "default", "default"};
    for (size_t i = 0; i < n; i++) {
        if (!ak_streq(groups[i].name, "default")) {
            (*ret)[at++] = (struct request_choice){groups[i].id, groups[i].name, groups[i].name};
        }
    }
    *ret_n = at;
    return 0;
}

int request_form_choices(struct ak_tx *tx, struct ak_arena *arena,
                         const struct request_field *field, const char *project_id,
                         const struct request_choice **ret_choices, struct ak_error *err)
{
    struct form f = {tx, arena, project_id, NULL, err};
    struct request_choice *found = NULL;
    size_t n = 0;
    int rc = 0;
    switch (field->source) {
    case REQUEST_LISTED:
        *ret_choices = field->choices;
        return 0;
    case REQUEST_FLAVORS:
        rc = flavor_choices(&f, &found, &n);
        break;
    case REQUEST_IMAGES:
        rc = image_choices(&f, &found, &n);
        break;
    case REQUEST_GROUPS:
        rc = group_choices(&f, &found, &n);
        break;
    }
    if (rc == 0) {
        *ret_choices = found;
    }
    return rc;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static int check_choice(const struct form *f, const struct request_field *field, const char *text)
{
    const struct request_choice *choices = NULL;
    int rc = request_form_choices(f->tx, f->arena, field, f->project_id, &choices, f->err);
    for (; rc == 0 && choices->value; choices++) {
        if (ak_streq(choices->value, text)) {
            return 0;
        }
    }
    return rc < 0 ? rc : bad(f, field, "it is none of the choices");
}

static int check_date(const struct form *f, const struct request_field *field, const char *text)
{
    int64_t day = 0;
    if (!request_calendar_parse(text, &day)) {
        return bad(f, field, "it must be a date YYYY-MM-DD");
    }
    return field->not_past && day < request_calendar_day(ak_now_us())
               ? bad(f, field, "it must not be in the past")
               : 0;
}

/* One '@' between a name and a host with a dot; ASCII without blanks. */
static bool is_email(const char *text)
{
    const char *at = strchr(text, '@'), *dot = at ? strrchr(at, '.') : NULL;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c <= ' ' || *c >= 127 || strchr("<>()[],;:\\\"", *c)) {
            return false;
        }
    }
    return at && at > text && !strchr(at + 1, '@') && dot && dot > at + 1 && dot[1];
}

static int check_server(const struct form *f, const struct request_field *field, const char *text)
{
    struct compute_server_look look = {0};
    int rc = ak_uuid_valid(text)
                 ? compute_server_look(f->tx, f->arena, f->project_id, text, &look, f->err)
                 : -AK_SERVER_NOT_FOUND;
    if (rc == -AK_SERVER_NOT_FOUND || look.deleted) {
        return bad(f, field, "you have no such server");
    }
    return rc;
}

static int check_network(const struct form *f, const struct request_field *field, const char *text)
{
    const char *name = NULL;
    int rc = ak_uuid_valid(text)
                 ? network_network_name(f->tx, f->arena, f->project_id, text, &name, f->err)
                 : -AK_NETWORK_NOT_FOUND;
    return rc == -AK_NETWORK_NOT_FOUND ? bad(f, field, "you have no such network") : rc;
}

static int check_user(const struct form *f, const struct request_field *field, const char *text)
{
    bool found = false;
    int rc = identity_project_has_user(f->tx, f->project_id, text, &found, f->err);
    return rc == 0 && !found ? bad(f, field, "you have no such user") : rc;
}

static int check_string(const struct form *f, const struct request_field *field, const char *text)
{
    struct ak_cidr cidr;
    int64_t most = field->max > 0 ? field->max : field->type == REQUEST_LONGTEXT ? 10000 : 255;
    int64_t len = (int64_t)ak_utf8_len(text);
    if (len > most || (field->required && text[strspn(text, " \t\r\n")] == '\0')) {
        return ak_fail(f->err, AK_FIELD_LENGTH, path_of(f, field), field->required ? "1" : "0",
                       AK_NUM(most));
    }
    switch (field->type) {
    case REQUEST_CHOICE:
        return check_choice(f, field, text);
    case REQUEST_SERVER:
        return check_server(f, field, text);
    case REQUEST_NETWORK:
        return check_network(f, field, text);
    case REQUEST_USER:
        return check_user(f, field, text);
    case REQUEST_DATE:
        return check_date(f, field, text);
    case REQUEST_CIDR:
        return ak_cidr_parse(text, &cidr) ? 0 : bad(f, field, "it is not an address or prefix");
    case REQUEST_EMAIL:
        return is_email(text) ? 0 : bad(f, field, "it is not an email address");
    default:
        return 0;
    }
}

static int wrong_type(const struct form *f, const struct request_field *field, const char *type)
{
    return ak_fail(f->err, AK_FIELD_TYPE, path_of(f, field), type);
}

static int check_value(const struct form *f, const struct request_field *field, const json_t *value)
{
    if (field->type == REQUEST_BOOLEAN) {
        if (!json_is_boolean(value)) {
            return wrong_type(f, field, "boolean");
        }
        return field->required && !json_is_true(value) ? bad(f, field, "it must be confirmed") : 0;
    }
    if (field->type == REQUEST_INTEGER) {
        int64_t n = json_integer_value(value);
        if (!json_is_integer(value)) {
            return wrong_type(f, field, "integer");
        }
        return n < field->min || n > field->max ? ak_fail(f->err, AK_FIELD_RANGE, path_of(f, field),
                                                          AK_NUM(field->min), AK_NUM(field->max))
                                                : 0;
    }
    return json_is_string(value) ? check_string(f, field, json_string_value(value))
                                 : wrong_type(f, field, "string");
}

/* ---- What holds between fields ----------------------------------------------------------------
 */

int request_form_cidrs(struct ak_arena *arena, const char *lines, const char **ret_json,
                       struct ak_error *err)
{
    char *save = NULL;
    size_t n = 0;
    AK_AUTO_JSON list = json_array();
    for (char *line = strtok_r(ak_arena_strdup(arena, lines), " \t\r\n,", &save); line;
         line = strtok_r(NULL, " \t\r\n,", &save)) {
        struct ak_cidr cidr;
        char text[AK_CIDR_TEXT];
        if (!ak_cidr_parse(line, &cidr)) {
            return ak_fail(err, AK_FIELD_VALUE, "fields/cidrs",
                           "each line must be an address or a prefix");
        }
        if (++n > 100) {
            return ak_fail(err, AK_FIELD_VALUE, "fields/cidrs", "at most 100 lines");
        }
        cidr = ak_cidr_network(&cidr);
        (void)json_array_append_new(list, json_string(ak_cidr_text(text, &cidr)));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    *ret_json = ak_arena_strdup(arena, text);
    free(text);
    return n > 0 ? 0 : ak_fail(err, AK_FIELD_MISSING, "fields/cidrs");
}

static int check_sources(const struct form *f, const json_t *fields)
{
    const char *cidrs = json_string_value(json_object_get(fields, "cidrs")), *list = NULL;
    bool lift = json_is_true(json_object_get(fields, "lift"));
    if (lift && cidrs) {
        return ak_fail(f->err, AK_FIELD_VALUE, "fields/cidrs",
                       "it must be empty when the restriction is lifted");
    }
    return lift ? 0 : request_form_cidrs(f->arena, cidrs ? cidrs : "", &list, f->err);
}

/* A right for a time is for a time. */
static int check_until(const struct form *f, const json_t *fields)
{
    int64_t day = 0;
    (void)request_calendar_parse(json_string_value(json_object_get(fields, "until")), &day);
    return day > request_calendar_day(ak_now_us()) + PRIVILEGE_DAYS
               ? ak_fail(f->err, AK_FIELD_VALUE, "fields/until", "it must be within 30 days")
               : 0;
}

static int check_firewall(const struct form *f, const json_t *fields)
{
    bool ported = !ak_streq(json_string_value(json_object_get(fields, "protocol")), "icmp");
    int64_t min = json_integer_value(json_object_get(fields, "port_min")),
            max = json_integer_value(json_object_get(fields, "port_max"));
    if (ported && min == 0) {
        return ak_fail(f->err, AK_FIELD_MISSING, "fields/port_min");
    }
    if (!ported && (min != 0 || max != 0)) {
        return ak_fail(f->err, AK_FIELD_VALUE, "fields/port_min", "ICMP has no ports");
    }
    return max != 0 && max < min
               ? ak_fail(f->err, AK_FIELD_VALUE, "fields/port_max", "it must be >= port_min")
               : 0;
}

/* Another's password lets one in as that other: managers ask for it, or oneself. */
static int check_password(const struct form *f, const json_t *fields)
{
    bool own = ak_streq(json_string_value(json_object_get(fields, "user")), f->who->id);
    return own || (f->who->roles & AK_ROLE_MANAGER)
               ? 0
               : ak_fail(f->err, AK_REQUEST_ROLE, "Another user's password",
                         "ほかのユーザのパスワード", "manager");
}

static int check_period(const struct form *f, const char *from, const char *to)
{
    int64_t first = 0, last = 0;
    (void)request_calendar_parse(from, &first);
    (void)request_calendar_parse(to, &last);
    if (last < first) {
        return ak_fail(f->err, AK_FIELD_VALUE, "fields/to", "it must not be before the first day");
    }
    return last - first >= PERIOD_DAYS
               ? ak_fail(f->err, AK_FIELD_VALUE, "fields/to", "the period may be 366 days at most")
               : 0;
}

static int check_together(const struct form *f, const struct request_kind *kind,
                          const json_t *fields)
{
    const char *from = json_string_value(json_object_get(fields, "from")),
               *to = json_string_value(json_object_get(fields, "to"));
    int rc = from && to ? check_period(f, from, to) : 0;
    if (rc < 0) {
        return rc;
    }
    if (ak_streq(kind->kind, "console-password")) {
        return check_password(f, fields);
    }
    if (ak_streq(kind->kind, "console-user") && !json_object_get(fields, "email") &&
        ak_streq(json_string_value(json_object_get(fields, "action")), "add")) {
        return ak_fail(f->err, AK_FIELD_MISSING, "fields/email");
    }
    if (ak_streq(kind->kind, "firewall-change")) {
        return check_firewall(f, fields);
    }
    if (ak_streq(kind->kind, "privilege-grant")) {
        return check_until(f, fields);
    }
    return ak_streq(kind->kind, "access-restriction") ? check_sources(f, fields) : 0;
}

/* Fields that name something: they may go stale. A server that is gone already is removed. */
static int check_named(const struct form *f, const struct request_kind *kind,
                       const struct request_field *field, const char *text)
{
    switch (field->type) {
    case REQUEST_SERVER:
        return kind->destroys ? 0 : check_server(f, field, text);
    case REQUEST_NETWORK:
        return check_network(f, field, text);
    case REQUEST_USER:
        return check_user(f, field, text);
    case REQUEST_CHOICE:
        return field->source == REQUEST_LISTED ? 0 : check_choice(f, field, text);
    default:
        return 0;
    }
}

int request_form_still(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                       const char *project_id, const json_t *fields, struct ak_error *err)
{
    struct form f = {tx, arena, project_id, NULL, err};
    for (size_t i = 0; i < kind->n_fields; i++) {
        const struct request_field *field = &kind->fields[i];
        const char *text = json_string_value(json_object_get(fields, field->name));
        int rc = text ? check_named(&f, kind, field, text) : 0;
        if (rc == -AK_FIELD_VALUE) {
            ak_error_clear(err);
            return ak_fail(err, AK_REQUEST_GONE, field->title_en, field->title_ja);
        }
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int check_known(const struct form *f, const struct request_kind *kind, const json_t *fields)
{
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        size_t i = 0;
        (void)value;
        while (i < kind->n_fields && !ak_streq(kind->fields[i].name, name)) {
            i++;
        }
        if (i == kind->n_fields) {
            return ak_fail(f->err, AK_FIELD_UNKNOWN, name);
        }
    }
    return 0;
}

int request_form_check(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                       const char *project_id, const struct request_actor *who, const char *fields,
                       const char **ret_fields, struct ak_error *err)
{
    struct form f = {tx, arena, project_id, who, err};
    AK_AUTO_JSON given = json_loads(fields ? fields : "{}", JSON_DECODE_ANY, NULL);
    AK_AUTO_JSON kept = json_object();
    if (!json_is_object(given)) {
        return ak_fail(err, AK_FIELD_TYPE, "fields", "object");
    }
    int rc = check_known(&f, kind, given);
    for (size_t i = 0; rc == 0 && i < kind->n_fields; i++) {
        const struct request_field *field = &kind->fields[i];
        json_t *value = json_object_get(given, field->name);
        bool empty = !value || json_is_null(value) ||
                     (json_is_string(value) && json_string_length(value) == 0);
        if (empty && field->required) {
            rc = ak_fail(err, AK_FIELD_MISSING, path_of(&f, field));
        } else if (!empty) {
            rc = check_value(&f, field, value);
            (void)json_object_set(kept, field->name, value);
        }
    }
    rc = rc < 0 ? rc : check_together(&f, kind, kept);
    if (rc == 0) {
        char *text = json_dumps(kept, JSON_COMPACT);
        *ret_fields = ak_arena_strdup(arena, text);
        free(text);
    }
    return rc;
}
