/* SPDX-License-Identifier: Apache-2.0 */
/* akashi class …: service classes from files to the database, and what is there; akashi host set:
 * which hosts they may use. */
#include "cli/cli.h"

#include <stdio.h>

#include "compute/compute.h"
#include "service/service.h"

static void tell_bad(const struct ak_error *err, void *data)
{
    char text[1024];

    (void)data;
    ak_error_text(err, AK_LANG_EN, text, sizeof(text));
    (void)fprintf(stderr, "akashi: %s\n", text);
}

/* The files named, else those of the setting. */
static int paths_of(const struct cli *cli, struct ak_arena *arena, const char *const **ret_paths,
                    size_t *ret_n, struct ak_error *err)
{
    if (cli->argc > 0) {
        *ret_paths = (const char *const *)cli->argv;
        *ret_n = (size_t)cli->argc;
        return 0;
    }
    return service_class_paths(arena, ak_config_str(cli->config, "class_dirs"), ret_paths, ret_n,
                               err);
}

int cli_class_check(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *const *paths = NULL;
    size_t n = 0, bad = 0;
    int rc = paths_of(cli, arena, &paths, &n, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct service_class_file file = {0};
        struct ak_error one = {0};

        if (service_class_file_read(arena, paths[i], &file, &one) < 0) {
            tell_bad(&one, NULL);
            bad++;
        } else {
            (void)printf("%s: good, %s\n", paths[i], file.hash);
        }
    }
    return rc < 0 ? rc : bad > 0;
}

int cli_class_load(struct cli *cli, struct ak_error *err)
{
    struct service_class_loaded loaded = {0};
    int rc = service_class_load_all(cli->store, cli->config, tell_bad, NULL, &loaded, err);

    if (rc < 0) {
        return rc;
    }
    (void)printf("%zu files, %zu new versions, %zu no longer offered, %zu refused\n", loaded.files,
                 loaded.changed, loaded.withdrawn, loaded.bad);
    return loaded.bad > 0;
}

int cli_class_list(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct service_class *classes = NULL;
    size_t n = 0;
    int rc = ak_tx_read(cli->store, &tx, err);

    rc = rc < 0 ? rc : service_class_all(tx, arena, &classes, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        (void)printf("%-20s %4" PRId64 "  %-11s  %.16s  %s\n", classes[i].name, classes[i].version,
                     classes[i].offered ? "offered" : "not offered", classes[i].hash,
                     classes[i].title_en);
    }
    return rc;
}

int cli_class_dump(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);
    const char *const *paths = NULL;
    size_t n = 0;
    int rc = paths_of(cli, arena, &paths, &n, err);

    ak_buf_init(&buf, (size_t)16 << 20);
    ak_json_object(&w);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct service_class_file file = {0};

        rc = service_class_file_read(arena, paths[i], &file, err);
        if (rc == 0) {
            ak_json_kraw(&w, file.name, file.content);
        }
    }
    ak_json_object_end(&w);
    if (rc == 0 && (!ak_buf_ok(&buf) || puts(buf.data) < 0)) {
        return ak_fail(err, AK_IO);
    }
    return rc;
}

int cli_class_manual(struct cli *cli, struct ak_error *err)
{
    AK_AUTO_BUF buf;

    (void)cli;
    ak_buf_init(&buf, (size_t)1 << 20);
    service_class_manual(&buf);
    return ak_buf_ok(&buf) && fputs(buf.data, stdout) >= 0 ? 0 : ak_fail(err, AK_IO);
}

int cli_host_set(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_host_place host = {0};
    struct ak_audit_event event = {.action = "service.host.update",
                                   .outcome = "success",
                                   .actor_id = "system",
                                   .actor_name = "system",
                                   .object_type = "host",
                                   .object_id = cli->argv[0],
                                   .listener = "management"};
    int rc = ak_tx_write(cli->store, &tx, err);

    rc = rc < 0 ? rc
                : compute_host_place(tx, arena, cli->argv[0], cli_option(cli, "--zone"),
                                     cli_option(cli, "--country"), &host, err);
    if (rc < 0) {
        return rc;
    }
    event.detail_json = ak_arena_printf(arena, "{\"country\":\"%s\",\"zone\":\"%s\"}", host.country,
                                        host.placement_zone);
    rc = ak_audit_add(tx, &event, NULL, err);
    rc = rc < 0 ? rc : ak_tx_commit(tx, err);
    if (rc == 0) {
        (void)printf("%s: zone %s, country %s\n", host.name, host.placement_zone, host.country);
    }
    return rc;
}
