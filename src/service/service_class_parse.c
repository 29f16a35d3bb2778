/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a class file to its JSON, by the tables of service_class_rules.c: every rule needs its
 * entry, every entry its rule. The JSON is canonical, so that its hash names the class. */
#include "service/service_class_internal.h"

struct maker {
    const char *file;
    struct ak_arena *arena;
    struct service_class_entry *entries;
    size_t n;
    json_t *root;
    struct ak_error *err;
};

static struct service_class_entry *find(struct maker *m, const char *section, const char *key)
{
    for (size_t i = 0; i < m->n; i++) {
        if (ak_streq(m->entries[i].section, section) && ak_streq(m->entries[i].key, key)) {
            m->entries[i].used = true;
            return &m->entries[i];
        }
    }
    return NULL;
}

/* The entry that must be there. */
static int need(struct maker *m, const char *section, const char *key,
                struct service_class_entry **ret_entry)
{
    AK_AUTO_STR name = ak_xasprintf("[%s] %s", section, key);

    *ret_entry = find(m, section, key);
    return *ret_entry ? 0 : service_class_fail(m->err, m->file, 0, "missing:", name);
}

static int wrong(struct maker *m, const struct service_class_entry *entry, const char *want)
{
    AK_AUTO_STR what = ak_xasprintf("%s must be %s, not", entry->key, want);
    char value[65];

    ak_str_copy(value, sizeof(value), entry->value);
    return service_class_fail(m->err, m->file, entry->line, what, value);
}

/* Whether 'word' of 'len' bytes is one of "a|b|c". */
static bool is_choice(const char *choices, const char *word, size_t len)
{
    for (const char *at = choices; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (strcspn(at, "|") == len && memcmp(at, word, len) == 0) {
            return true;
        }
    }
    return false;
}

static int make_list(struct maker *m, const struct service_class_rule *rule,
                     const struct service_class_entry *entry, json_t **ret)
{
    const char *at = entry->value;
    json_t *list = *ret = json_array();

    while (*at) {
        size_t len;

        at += strspn(at, ", ");
        len = strcspn(at, ", ");
        if (len == 0) {
            break;
        }
        if (len > 64 || (rule->choices && !is_choice(rule->choices, at, len))) {
            return wrong(m, entry, rule->choices ? rule->choices : "short words");
        }
        (void)json_array_append_new(list, json_stringn(at, len));
        at += len;
    }
    return json_array_size(list) < (size_t)rule->min ? wrong(m, entry, "a longer list") : 0;
}

static bool is_time(const char *s)
{
    return strlen(s) == 5 && s[0] >= '0' && s[0] <= '2' && s[1] >= '0' && s[1] <= '9' &&
           (s[0] < '2' || s[1] < '4') && s[2] == ':' && s[3] >= '0' && s[3] <= '5' && s[4] >= '0' &&
           s[4] <= '9';
}

/* The value of an entry as its rule says. */
static int make_value(struct maker *m, const struct service_class_rule *rule,
                      const struct service_class_entry *entry, json_t **ret)
{
    AK_AUTO_STR limits = ak_xasprintf("from %" PRId64 " to %" PRId64 "%s", rule->min, rule->max,
                                      rule->type == SERVICE_CLASS_TEXT ? " characters" : "");
    const char *value = entry->value;
    int64_t n = (int64_t)ak_utf8_len(value);
    bool b = false;

    switch (rule->type) {
    case SERVICE_CLASS_TEXT:
        *ret = json_string(value);
        return n >= rule->min && n <= rule->max ? 0 : wrong(m, entry, limits);
    case SERVICE_CLASS_INT:
        b = ak_parse_int(value, rule->min, rule->max, &n);
        *ret = json_integer(n);
        return b ? 0 : wrong(m, entry, limits);
    case SERVICE_CLASS_BOOL:
        b = ak_streq(value, "yes");
        *ret = json_boolean(b);
        return b || ak_streq(value, "no") ? 0 : wrong(m, entry, "yes or no");
    case SERVICE_CLASS_CHOICE:
        *ret = json_string(value);
        return *value && is_choice(rule->choices, value, strlen(value))
                   ? 0
                   : wrong(m, entry, rule->choices);
    case SERVICE_CLASS_LIST:
        return make_list(m, rule, entry, ret);
    case SERVICE_CLASS_TIME:
        *ret = json_string(value);
        return is_time(value) ? 0 : wrong(m, entry, "a time of the day HH:MM");
    }
    return ak_fail_detail(m->err, AK_INTERNAL, "a rule without a type");
}

/* The object of a section: "notices.maintenance" below the root. */
static json_t *place(struct maker *m, const char *section)
{
    json_t *at = m->root;

    if (ak_streq(section, "class")) {
        return at;
    }
    while (*section) {
        size_t len = strcspn(section, ".");
        const char *key = ak_arena_strndup(m->arena, section, len);
        json_t *next = json_object_get(at, key);

        if (!next) {
            next = json_object();
            (void)json_object_set_new(at, key, next);
        }
        at = next;
        section += len + (section[len] == '.');
    }
    return at;
}

static int make_rules(struct maker *m, const struct service_class_rule *rules, size_t n,
                      const char *section, json_t *into)
{
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++) {
        struct service_class_entry *entry = NULL;
        AK_AUTO_JSON value = NULL;
        const char *in = section ? section : rules[i].section;

        rc = need(m, in, rules[i].key, &entry);
        rc = rc < 0 ? rc : make_value(m, &rules[i], entry, &value);
        if (rc == 0) {
            (void)json_object_set(into ? into : place(m, in), rules[i].key, value);
        }
    }
    return rc;
}

static json_t *titled(const char *key, const struct service_class_title *title, const char *other,
                      const char *value)
{
    json_t *row = json_object();

    (void)json_object_set_new(row, key, json_string(title->slug));
    (void)json_object_set_new(row, "title_ja", json_string(title->title_ja));
    (void)json_object_set_new(row, "title_en", json_string(title->title_en));
    (void)json_object_set_new(row, other, json_string(value));
    return row;
}

/* A list of titles, each with a choice of the file; those with the value 'skip' are left out. */
static int make_titles(struct maker *m, const struct service_class_title *titles, size_t n,
                       const struct service_class_rule *rule, const char *key, const char *skip)
{
    json_t *list = json_array();
    int rc = 0;

    (void)json_object_set_new(m->root, rule->section, list);
    for (size_t i = 0; i < n && rc == 0; i++) {
        struct service_class_entry *entry = NULL;
        AK_AUTO_JSON value = NULL;

        rc = need(m, rule->section, titles[i].slug, &entry);
        rc = rc < 0 ? rc : make_value(m, rule, entry, &value);
        if (rc == 0 && !ak_streq(entry->value, skip)) {
            (void)json_array_append_new(list, titled(key, &titles[i], rule->key, entry->value));
        }
    }
    return rc;
}

static int make_verbs(struct maker *m)
{
    static const struct service_class_rule rule = {
        "verbs", "mode", SERVICE_CLASS_CHOICE, 0, 0, "self|request|none", NULL};
    json_t *verbs = place(m, "verbs");
    int rc = 0;

    for (size_t i = 0; i < identity_verbs_n && rc == 0; i++) {
        struct service_class_entry *entry = NULL;
        AK_AUTO_JSON value = NULL;

        rc = need(m, "verbs", identity_verbs[i].name, &entry);
        rc = rc < 0 ? rc : make_value(m, &rule, entry, &value);
        if (rc == 0) {
            (void)json_object_set(verbs, identity_verbs[i].name, value);
        }
    }
    return rc;
}

/* Names the kinds there are, since a misspelt one would silently leave the kind's own hours. */
static int know_kind(struct maker *m, const struct service_class_entry *entry)
{
    AK_AUTO_BUF first, second; /* what one word of an error holds is short */
    AK_AUTO_STR text = NULL;

    ak_buf_init(&first, 1024);
    ak_buf_init(&second, 1024);
    for (size_t i = 0; i < service_request_kinds_n; i++) {
        if (ak_streq(service_request_kinds[i], entry->key)) {
            return 0;
        }
        ak_buf_printf(2 * i < service_request_kinds_n ? &first : &second, "%s%s", i > 0 ? ", " : "",
                      service_request_kinds[i]);
    }
    text = ak_xasprintf("%s:%" PRId64 ": there is no kind of requests '%.64s'; there are ", m->file,
                        entry->line, entry->key);
    return ak_fail(m->err, AK_CONFIG, text, first.data, second.data);
}

/* The section [requests]: target hours of the kinds of requests that the class answers faster or
 * slower than their kind says. */
static int make_requests(struct maker *m)
{
    static const struct service_class_rule rule = {"requests", "hours", SERVICE_CLASS_INT, 1, 8760,
                                                   NULL,       NULL};
    json_t *requests = place(m, "requests");
    int rc = 0;

    for (size_t i = 0; i < m->n && rc == 0; i++) {
        struct service_class_entry *entry = &m->entries[i];
        AK_AUTO_JSON value = NULL;

        if (ak_streq(entry->section, "requests")) {
            entry->used = true;
            rc = know_kind(m, entry);
            rc = rc < 0 ? rc : make_value(m, &rule, entry, &value);
            (void)json_object_set(requests, entry->key, value);
        }
    }
    return rc;
}

/* The sections [licence.NAME] in the order of the file. */
static int make_licences(struct maker *m)
{
    static const char prefix[] = "licence.";
    json_t *list = json_array();
    const char *last = NULL;
    int rc = 0;

    (void)json_object_set_new(m->root, "licences", list);
    for (size_t i = 0; i < m->n && rc == 0; i++) {
        const char *section = m->entries[i].section;
        json_t *row;

        if (!ak_starts_with(section, prefix) || ak_streq(section, last)) {
            continue;
        }
        last = section;
        row = json_object();
        (void)json_array_append_new(list, row);
        (void)json_object_set_new(row, "product", json_string(section + strlen(prefix)));
        rc =
            make_rules(m, service_class_licence_rules, service_class_licence_rules_n, section, row);
    }
    return rc;
}

static int leftovers(struct maker *m)
{
    for (size_t i = 0; i < m->n; i++) {
        if (!m->entries[i].used) {
            AK_AUTO_STR name = ak_xasprintf("[%s] %s", m->entries[i].section, m->entries[i].key);

            return service_class_fail(m->err, m->file, m->entries[i].line, "unknown:", name);
        }
    }
    return 0;
}

static int make(struct maker *m)
{
    static const struct service_class_rule parties = {
        "matrix", "party", SERVICE_CLASS_CHOICE, 0, 0, "provider|customer|shared", NULL};
    static const struct service_class_rule terms = {
        "security_services", "terms", SERVICE_CLASS_CHOICE, 0, 0, "included|option|none", NULL};
    int rc = make_rules(m, service_class_rules, service_class_rules_n, NULL, NULL);

    rc = rc < 0 ? rc
                : make_titles(m, service_class_layers, service_class_layers_n, &parties, "layer",
                              NULL);
    rc = rc < 0 ? rc
                : make_titles(m, service_class_securities, service_class_securities_n, &terms,
                              "service", "none");
    rc = rc < 0 ? rc : make_verbs(m);
    rc = rc < 0 ? rc : make_requests(m);
    rc = rc < 0 ? rc : make_licences(m);
    return rc < 0 ? rc : leftovers(m);
}

/* "/a/b/tic-lgov.conf" → "tic-lgov". */
static int name_of(struct ak_arena *arena, const char *path, const char **ret_name,
                   struct ak_error *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t len = strlen(base);

    if (!ak_ends_with(base, ".conf") || len <= 5 || len > 60 ||
        strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789-") != len - 5) {
        return service_class_fail(err, path, 0,
                                  "a class file is named NAME.conf, of a-z, 0-9 and -", NULL);
    }
    *ret_name = ak_arena_strndup(arena, base, len - 5);
    return 0;
}

int service_class_parse(struct ak_arena *arena, const char *path, const char *text, size_t size,
                        struct service_class_file *ret_file, struct ak_error *err)
{
    AK_AUTO_JSON root = json_object();
    AK_AUTO_BUF buf;
    struct maker m = {.file = path, .arena = arena, .root = root, .err = err};
    int rc = name_of(arena, path, &ret_file->name, err);

    ak_buf_init(&buf, (size_t)256 * 1024);
    rc = rc < 0 ? rc : service_class_text_read(arena, path, text, size, &m.entries, &m.n, err);
    rc = rc < 0 ? rc : make(&m);
    rc = rc < 0 ? rc : ak_json_canonical(root, &buf, err);
    if (rc == 0 && !ak_buf_ok(&buf)) {
        rc = service_class_fail(err, path, 0, "the class is too large", NULL);
    }
    if (rc == 0) {
        ret_file->path = ak_arena_strdup(arena, path);
        ret_file->content = ak_arena_strdup(arena, buf.data);
        ak_sha256_hex(buf.data, buf.len, ret_file->hash);
    }
    return rc;
}
