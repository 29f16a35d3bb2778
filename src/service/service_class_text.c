/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a class file as entries: section, key, value, line. Knows the form only; what keys
 * there are is in service_class_rules.c.
 *
 *   # comment
 *   [section]
 *   key = value
 *     a line that begins with blanks goes on with the value; "." alone is an empty line
 *
 * Everything has a limit, and every error names file and line. */
#include "service/service_class_internal.h"

enum { LINES_MAX = 2000, VALUE_MAX = 10000 };

struct reader {
    const char *file;
    struct ak_arena *arena;
    struct service_class_entry *entries;
    size_t n;
    const char *section;
    int64_t line;
    struct ak_error *err;
};

int service_class_fail(struct ak_error *err, const char *file, int64_t line, const char *what,
                       const char *name)
{
    AK_AUTO_STR text = ak_xasprintf("%s:%" PRId64 ": %s%s%s%s", file, line, what, name ? " '" : "",
                                    name ? name : "", name ? "'" : "");

    return ak_fail(err, AK_CONFIG, text);
}

static int fail(struct reader *r, const char *what, const char *name)
{
    return service_class_fail(r->err, r->file, r->line, what, name);
}

static bool is_slug(const char *s)
{
    return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == strlen(s) &&
           strlen(s) <= 64;
}

static char *trim(char *s)
{
    size_t len;

    s += strspn(s, " \t");
    len = strlen(s);
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r')) {
        s[--len] = '\0';
    }
    return s;
}

static int read_section(struct reader *r, char *line)
{
    size_t len = strlen(line);

    if (len < 3 || line[len - 1] != ']') {
        return fail(r, "a section is written [name]", NULL);
    }
    line[len - 1] = '\0';
    if (!is_slug(line + 1)) {
        return fail(r, "not a name of a section:", line + 1);
    }
    for (size_t i = 0; i < r->n; i++) {
        if (ak_streq(r->entries[i].section, line + 1)) {
            return fail(r, "stands twice: the section", line + 1);
        }
    }
    r->section = ak_arena_strdup(r->arena, line + 1);
    return 0;
}

static int read_more(struct reader *r, const char *text)
{
    struct service_class_entry *entry = r->n > 0 ? &r->entries[r->n - 1] : NULL;

    if (!entry || entry->section != r->section) {
        return fail(r, "a line that begins with blanks goes on with a value, but there is none",
                    NULL);
    }
    if (strlen(entry->value) + strlen(text) + 1 > VALUE_MAX) {
        return fail(r, "the value is too long:", entry->key);
    }
    entry->value = ak_arena_printf(r->arena, "%s%s%s", entry->value, *entry->value ? "\n" : "",
                                   ak_streq(text, ".") ? "" : text);
    return 0;
}

static int read_entry(struct reader *r, char *line)
{
    char *equals = strchr(line, '=');
    const char *key, *value;

    if (!equals) {
        return fail(r, "expected 'key = value', [section] or a comment", NULL);
    }
    *equals = '\0';
    key = trim(line);
    value = trim(equals + 1);
    if (!r->section) {
        return fail(r, "a section must come before", key);
    }
    if (!is_slug(key)) {
        return fail(r, "not a name:", key);
    }
    if (strlen(value) > VALUE_MAX) {
        return fail(r, "the value is too long:", key);
    }
    for (size_t i = 0; i < r->n; i++) {
        if (ak_streq(r->entries[i].section, r->section) && ak_streq(r->entries[i].key, key)) {
            return fail(r, "stands twice:", key);
        }
    }
    r->entries[r->n++] = (struct service_class_entry){.section = r->section,
                                                      .key = ak_arena_strdup(r->arena, key),
                                                      .value = ak_arena_strdup(r->arena, value),
                                                      .line = r->line};
    return 0;
}

static int read_line(struct reader *r, char *line)
{
    bool indented = *line == ' ' || *line == '\t';
    char *text = trim(line);

    if (*text == '\0' || (!indented && *text == '#')) {
        return 0;
    }
    if (indented) {
        return read_more(r, text);
    }
    return *text == '[' ? read_section(r, text) : read_entry(r, text);
}

static int check_bytes(struct reader *r, const char *text, size_t size)
{
    if (!ak_utf8_valid(text, size)) {
        return fail(r, "the file is not valid UTF-8", NULL);
    }
    r->line = 1;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f) {
            return fail(r, "a control character", NULL);
        }
        r->line += c == '\n';
    }
    return r->line > LINES_MAX ? fail(r, "the file has too many lines", NULL) : 0;
}

int service_class_text_read(struct ak_arena *arena, const char *file, const char *text, size_t size,
                            struct service_class_entry **ret_entries, size_t *ret_n,
                            struct ak_error *err)
{
    struct reader r = {.file = file, .arena = arena, .err = err};
    char *copy = ak_arena_strndup(arena, text, size), *line = copy;
    int rc = check_bytes(&r, text, size);

    r.entries = ak_arena_array(arena, struct service_class_entry, LINES_MAX);
    r.line = 0;
    while (rc == 0 && line) {
        char *end = strchr(line, '\n');

        if (end) {
            *end = '\0';
        }
        r.line++;
        rc = read_line(&r, line);
        line = end ? end + 1 : NULL;
    }
    *ret_entries = r.entries;
    *ret_n = r.n;
    return rc;
}
