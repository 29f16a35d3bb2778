/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the processes themselves, and the configuration that knows those of every folder. */
#include "daemon/daemon.h"

#include "daemon/daemon_sql.h"

const struct ak_setting ak_daemon_settings[] = {
    {"run_dir", AK_SETTING_STR, "path", 0, 64, "/run/akashi", NULL,
     "Directory of sockets: api/customer.sock, api/management.sock, worker.sock."},
    {"log_level", AK_SETTING_CHOICE, NULL, 0, 0, "info", "debug|info|warning|error",
     "Least level of the log on standard error."},
    {"max_connections", AK_SETTING_INT, NULL, 8, 4096, "256", NULL,
     "Connections that one api process serves at once on each of its sockets."},
};
const size_t ak_daemon_settings_n = AK_N(ak_daemon_settings);

struct ak_config *ak_daemon_config_new(void)
{
    struct ak_config *config = ak_config_new();

    ak_config_add_settings(config, ak_daemon_settings, ak_daemon_settings_n);
    ak_config_add_settings(config, ak_store_settings, ak_store_settings_n);
    ak_config_add_settings(config, ak_jobs_settings, ak_jobs_settings_n);
    ak_config_add_settings(config, ak_mail_settings, ak_mail_settings_n);
    ak_config_add_settings(config, ak_http_settings, ak_http_settings_n);
    ak_config_add_settings(config, ak_engine_settings, ak_engine_settings_n);
    for (size_t i = 0; ak_domains[i]; i++) {
        ak_config_add_settings(config, ak_domains[i]->settings, ak_domains[i]->n_settings);
    }
    return config;
}

int ak_daemon_config_load(struct ak_config *config, const char *path, bool required,
                          struct ak_error *err)
{
    int rc = ak_config_load(config, path, err);

    if (rc == -AK_NOT_FOUND && !required) {
        ak_error_clear(err);
        return 0;
    }
    if (rc == -AK_NOT_FOUND) {
        AK_AUTO_STR text = ak_xasprintf("the file %.180s does not exist", path);

        return ak_fail(err, AK_CONFIG, text);
    }
    return rc;
}

int ak_fact_get(struct ak_store *store, const char *name, char *out, size_t size,
                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_tx_read(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_query(tx, &sql_fact_get, AK_ARGS(ak_v_text(name)), &rows, err);
    }
    if (rc < 0) {
        return rc;
    }
    rc = ak_rows_next(rows, err);
    if (rc <= 0) {
        return rc < 0 ? rc : ak_fail(err, AK_NOT_FOUND);
    }
    ak_str_copy(out, size, ak_rows_text(rows, 0));
    return 0;
}

int ak_fact_set_once(struct ak_store *store, const char *name, const char *value,
                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_fact_set_once, AK_ARGS(ak_v_text(name), ak_v_text(value)), NULL,
                         err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int ak_daemon_store_open(struct ak_config *config, struct ak_store **ret_store,
                         struct ak_error *err)
{
    AK_AUTO(ak_store) store = NULL;
    char id[AK_UUID_TEXT];
    int rc = ak_store_open_config(config, &store, err);

    if (rc == 0) {
        rc = ak_store_check_version(store, err);
    }
    if (rc == 0) {
        rc = ak_fact_get(store, "installation", id, sizeof(id), err);
    }
    if (rc == -AK_NOT_FOUND) {
        return ak_fail(err, AK_CONFIG, "the database was never initialised; run 'akashi init'");
    }
    if (rc == 0) {
        rc = ak_config_set(config, "installation", id, err);
    }
    if (rc < 0) {
        return rc;
    }
    *ret_store = AK_TAKE(store);
    return 0;
}

bool ak_daemon_test_clock(void)
{
    const char *path = getenv("AKASHI_TEST_CLOCK");

    if (!path) {
        return true;
    }
    if (!ak_time_follow(path)) {
        ak_log(AK_ERR, "AKASHI_TEST_CLOCK: %s cannot be used", path);
        return false;
    }
    ak_log(AK_WARNING, "AKASHI_TEST_CLOCK is set: the time of %s is added to the clock", path);
    return true;
}
