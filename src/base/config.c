/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of config.h: an array of rows with their present values. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "log.h"
#include "str.h"

#define CONFIG_FILE_MAX ((size_t)1 << 20)

struct entry {
    const struct ak_setting *row;
    char *value;
    bool from_file;
};

struct ak_config {
    struct entry *entries;
    size_t n;
};

struct ak_config *ak_config_new(void)
{
    return ak_new(struct ak_config);
}

void ak_config_free(struct ak_config *config)
{
    if (!config) {
        return;
    }
    for (size_t i = 0; i < config->n; i++) {
        free(config->entries[i].value);
    }
    free(config->entries);
    free(config);
}

static struct entry *find(const struct ak_config *config, const char *name)
{
    for (size_t i = 0; i < config->n; i++) {
        if (strcmp(config->entries[i].row->name, name) == 0) {
            return &config->entries[i];
        }
    }
    return NULL;
}

static struct entry *must_find(const struct ak_config *config, const char *name)
{
    struct entry *entry = find(config, name);

    if (!entry) {
        ak_log(AK_ERR, "setting '%s' is in no table", name);
        abort();
    }
    return entry;
}

void ak_config_add_settings(struct ak_config *config, const struct ak_setting *rows, size_t n)
{
    config->entries = ak_xrealloc(config->entries, (config->n + n) * sizeof(struct entry));
    for (size_t i = 0; i < n; i++) {
        if (find(config, rows[i].name)) {
            ak_log(AK_ERR, "setting '%s' is in two tables", rows[i].name);
            abort();
        }
        config->entries[config->n++] =
            (struct entry){.row = &rows[i], .value = ak_xstrdup(rows[i].initial)};
    }
}

static bool in_choices(const char *choices, const char *value)
{
    size_t len = strlen(value);

    for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
        if (strncmp(p, value, len) == 0 && (p[len] == '|' || p[len] == '\0')) {
            return !strchr(value, '|');
        }
    }
    return false;
}

static const char *check(const struct ak_setting *row, const char *value)
{
    int64_t number = 0;
    bool flag = false;

    switch (row->type) {
    case AK_SETTING_INT:
        return ak_parse_int(value, row->min, row->max, &number) ? NULL : "is out of its limits";
    case AK_SETTING_BOOL:
        return ak_parse_bool(value, &flag) ? NULL : "must be yes or no";
    case AK_SETTING_CHOICE:
        return in_choices(row->choices, value) ? NULL : "is not among the choices";
    case AK_SETTING_STR:
        return row->max > 0 && (int64_t)strlen(value) > row->max ? "is too long" : NULL;
    }
    return "has an unknown type";
}

int ak_config_set(struct ak_config *config, const char *name, const char *value,
                  struct ak_error *err)
{
    struct entry *entry = find(config, name);
    const char *problem = entry ? check(entry->row, value) : "is not a known setting";
    char text[256];

    if (problem) {
        (void)snprintf(text, sizeof(text), "'%.64s' %s", name, problem);
        return ak_fail(err, AK_CONFIG, text);
    }
    free(entry->value);
    entry->value = ak_xstrdup(value);
    return 0;
}

static char *trim(char *s)
{
    size_t len = 0;

    while (isspace((unsigned char)*s)) {
        s++;
    }
    len = strlen(s);
    while (len > 0 && isspace((unsigned char)s[len - 1])) {
        s[--len] = '\0';
    }
    return s;
}

static int load_line(struct ak_config *config, char *line, struct ak_error *err)
{
    char *name = trim(line), *equals = NULL;
    struct entry *entry = NULL;

    if (*name == '\0' || *name == '#') {
        return 0;
    }
    equals = strchr(name, '=');
    if (!equals) {
        return ak_fail(err, AK_CONFIG, "expected 'name = value'");
    }
    *equals = '\0';
    name = trim(name);
    entry = find(config, name);
    if (entry && entry->from_file) {
        return ak_fail(err, AK_CONFIG, "the setting stands twice in the file");
    }
    if (entry) {
        entry->from_file = true;
    }
    return ak_config_set(config, name, trim(equals + 1), err);
}

int ak_config_load(struct ak_config *config, const char *path, struct ak_error *err)
{
    AK_AUTO_STR text = NULL;
    int number = 0;
    char *next = NULL;
    int rc = ak_file_read(path, CONFIG_FILE_MAX, &text, NULL, err);

    if (rc < 0) {
        return rc;
    }
    for (char *line = text; line; line = next) {
        next = strchr(line, '\n');
        if (next) {
            *next++ = '\0';
        }
        number++;
        rc = load_line(config, line, err);
        if (rc < 0) {
            char where[AK_ERROR_PARAMS * 64];

            (void)snprintf(where, sizeof(where), "%.120s line %d: %.200s", path, number,
                           err ? err->params[0] : "");
            return ak_fail(err, AK_CONFIG, where);
        }
    }
    return 0;
}

const char *ak_config_str(const struct ak_config *config, const char *name)
{
    return must_find(config, name)->value;
}

int64_t ak_config_int(const struct ak_config *config, const char *name)
{
    const struct entry *entry = must_find(config, name);
    int64_t value = 0;

    (void)ak_parse_int(entry->value, INT64_MIN, INT64_MAX, &value);
    return value;
}

bool ak_config_bool(const struct ak_config *config, const char *name)
{
    bool value = false;

    (void)ak_parse_bool(must_find(config, name)->value, &value);
    return value;
}

void ak_config_each(const struct ak_config *config,
                    void (*row)(const struct ak_setting *setting, const char *value, void *data),
                    void *data)
{
    for (size_t i = 0; i < config->n; i++) {
        row(config->entries[i].row, config->entries[i].value, data);
    }
}
