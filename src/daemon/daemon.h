/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_DAEMON_H
#define AK_DAEMON_H
/* What akashid and the akashi command share: the one list of domains, settings, and opening the
 * database. */
#include "engine/engine.h"
#include "http/http.h"
#include "mail/mail.h"

/* The one list of domains, NULL-terminated, in the order of the catalog. */
extern const struct ak_domain *const ak_domains[];

extern const struct ak_setting ak_daemon_settings[];
extern const size_t ak_daemon_settings_n;

#define AK_CONFIG_PATH "/etc/akashi/akashi.conf"

/* A configuration that knows every setting of every folder, at its defaults. */
struct ak_config *ak_daemon_config_new(void);
/* Reads the file; a missing file is an error only when 'required'. */
int ak_daemon_config_load(struct ak_config *config, const char *path, bool required,
                          struct ak_error *err);
/* Opens the database of the configuration, which must be at this version, and puts the
 * installation's id into the setting 'installation'. AK_CONFIG when it was never initialised
 * (akashi init) or belongs to another version. */
int ak_daemon_store_open(struct ak_config *config, struct ak_store **ret_store,
                         struct ak_error *err);

/* Tests: where AKASHI_TEST_CLOCK names a file, time is moved by it (ak_time_follow()), and a
 * warning says so. Called once at start. False when it is set and the file cannot be used. */
bool ak_daemon_test_clock(void);

/* Facts of the installation (table 'fact'). AK_NOT_FOUND. */
int ak_fact_get(struct ak_store *store, const char *name, char *out, size_t size,
                struct ak_error *err);
/* Keeps the first value ever set. */
int ak_fact_set_once(struct ak_store *store, const char *name, const char *value,
                     struct ak_error *err);

/* The roles; each runs until SIGTERM or SIGINT and returns an exit status. */
struct ak_role_row {
    const char *name;
    const char *opens; /* what this role may open, for --help */
    int (*run)(struct ak_config *config);
};
extern const struct ak_role_row ak_roles[];
extern const size_t ak_roles_n;

#endif
