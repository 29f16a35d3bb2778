/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_CONFIG_H
#define AK_CONFIG_H
/* Settings: one table row each; the rows check the file and print the manual page.
 *
 * The file has lines 'name = value', '#' comments, and 'include' is not supported. Unknown names,
 * doubled names and values outside the limits are errors that name file and line. */
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

enum ak_setting_type { AK_SETTING_STR, AK_SETTING_INT, AK_SETTING_BOOL, AK_SETTING_CHOICE };

struct ak_setting {
    const char *name; /* lower case with '_' */
    enum ak_setting_type type;
    const char *unit;    /* "s", "MiB", "path", … or NULL */
    int64_t min, max;    /* of an integer; of a string's length when max > 0 */
    const char *initial; /* default, as it would stand in the file */
    const char *choices; /* "a|b|c" for AK_SETTING_CHOICE */
    const char *meaning; /* one sentence, English */
};

struct ak_config;

/* An empty configuration that knows no setting yet. */
struct ak_config *ak_config_new(void);
void ak_config_free(struct ak_config *config);
AK_DEFINE_AUTO(ak_config)
/* Adds rows; 'rows' must outlive the configuration. A doubled name aborts: a bug. */
void ak_config_add_settings(struct ak_config *config, const struct ak_setting *rows, size_t n);
/* Reads a file over the defaults. AK_CONFIG, AK_IO, AK_NOT_FOUND. */
int ak_config_load(struct ak_config *config, const char *path, struct ak_error *err);
/* Sets one value, as a line of the file would. AK_CONFIG. */
int ak_config_set(struct ak_config *config, const char *name, const char *value,
                  struct ak_error *err);

/* Values; asking for a name that is in no table aborts: a bug. Strings are owned by the config. */
const char *ak_config_str(const struct ak_config *config, const char *name);
int64_t ak_config_int(const struct ak_config *config, const char *name);
bool ak_config_bool(const struct ak_config *config, const char *name);

/* Calls 'row' for each setting in order of addition (manual page, 'akashi doctor'). */
void ak_config_each(const struct ak_config *config,
                    void (*row)(const struct ak_setting *setting, const char *value, void *data),
                    void *data);

#endif
