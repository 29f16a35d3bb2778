/* SPDX-License-Identifier: Apache-2.0 */
/* akashi init, project, user, image, db, config: bootstrap and repair without the API. */
#include "cli/cli.h"

#include <stdio.h>
#include <sys/stat.h>

#include "compute/compute.h"
#include "identity/identity.h"
#include "network/network.h"
#include "notice/notice.h"
#include "image/image.h"

static const char *domain_of(const struct cli *cli)
{
    const char *domain = cli_option(cli, "--domain");

    return domain ? domain : "default";
}

/* The directory of a SQLite database must exist before it is opened. */
static int make_database_dir(const char *url, struct ak_error *err)
{
    AK_AUTO_STR path = NULL;
    char *slash = NULL;

    if (!ak_starts_with(url, "sqlite:")) {
        return 0;
    }
    path = ak_xstrdup(url + strlen("sqlite:"));
    slash = strrchr(path, '/');
    if (!slash || slash == path) {
        return 0;
    }
    *slash = '\0';
    return ak_dir_make(path, 0750, err);
}

int cli_init(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_secret) password = NULL;
    AK_AUTO(ak_store) store = NULL;
    const char *url = ak_config_str(cli->config, "store_url");
    char installation[AK_UUID_TEXT];
    int rc = cli_password(cli, "Password of the administrator 'admin': ", &password, err);

    rc = rc < 0 ? rc : make_database_dir(url, err);
    rc = rc < 0 ? rc : ak_store_open_config(cli->config, &store, err);
    rc = rc < 0 ? rc : ak_store_migrate(store, err);
    if (rc == 0) {
        ak_uuid_new(installation);
        rc = ak_fact_set_once(store, "installation", installation, err);
    }
    rc = rc < 0 ? rc : ak_fact_get(store, "installation", installation, sizeof(installation), err);
    rc = rc < 0 ? rc : ak_config_set(cli->config, "installation", installation, err);
    rc = rc < 0 ? rc : identity_bootstrap(store, password->bytes, err);
    rc = rc < 0 ? rc : identity_key_ensure(cli->config, err);
    rc = rc < 0 ? rc : network_bootstrap(store, cli->config, err);
    rc = rc < 0 ? rc : compute_bootstrap(store, cli->config, err);
    rc = rc < 0 ? rc : notice_guides_load(store, ak_config_str(cli->config, "guide_dir"), err);
    if (rc == 0) {
        (void)printf("installation %s is ready; start 'akashid api' and 'akashid worker'\n",
                     installation);
    }
    return rc;
}

int cli_db_check(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_store) store = NULL;
    int rc = ak_store_open_config(cli->config, &store, err);

    rc = rc < 0 ? rc : ak_store_check(store, err);
    if (rc == 0) {
        (void)puts("the database is sound and at this version");
    }
    return rc;
}

int cli_db_migrate(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_store) store = NULL;
    int rc = ak_store_open_config(cli->config, &store, err);

    rc = rc < 0 ? rc : ak_store_migrate(store, err);
    if (rc == 0) {
        (void)puts("the database is at this version");
    }
    return rc;
}

int cli_project_add(struct cli *cli, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = identity_project_ensure(cli->store, domain_of(cli), cli->argv[0], id, err);

    if (rc == 0) {
        (void)puts(id);
    }
    return rc;
}

int cli_user_add(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_secret) password = NULL;
    const char *project = cli_option(cli, "--project"), *role = cli_option(cli, "--role");
    char project_id[AK_UUID_TEXT];
    int rc = 0;

    if (!project && role && identity_role_bit(role) >= AK_ROLE_ADMIN) {
        project = "admin";
    }
    if (!project) {
        return ak_fail(err, AK_CONFIG, "--project is required");
    }
    rc = cli_password(cli, "Password of the user: ", &password, err);
    rc =
        rc < 0 ? rc : identity_project_ensure(cli->store, domain_of(cli), project, project_id, err);
    return rc < 0 ? rc
                  : identity_user_ensure(cli->store, domain_of(cli), cli->argv[0], password->bytes,
                                         project_id, role ? role : "member", err);
}

int cli_user_password(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_secret) password = NULL;
    int rc = cli_password(cli, "New password: ", &password, err);

    return rc < 0 ? rc
                  : identity_user_set_password(cli->store, domain_of(cli), cli->argv[0],
                                               password->bytes, err);
}

int cli_image_import(struct cli *cli, struct ak_error *err)
{
    const char *format = cli_option(cli, "--format");
    char id[AK_UUID_TEXT];
    int rc = image_file_import(cli->store, cli->config, cli->argv[0], cli->argv[1],
                               format ? format : "qcow2", id, err);

    if (rc == 0) {
        (void)puts(id);
    }
    return rc;
}

static void print_setting(const struct ak_setting *row, const char *value, void *data)
{
    (void)data;
    (void)printf("# %s%s%s\n%s%s = %s\n\n", row->meaning, row->unit ? " Unit: " : "",
                 row->unit ? row->unit : "", ak_streq(value, row->initial) ? "#" : "", row->name,
                 value);
}

int cli_config_show(struct cli *cli, struct ak_error *err)
{
    (void)err;
    ak_config_each(cli->config, print_setting, NULL);
    return 0;
}
