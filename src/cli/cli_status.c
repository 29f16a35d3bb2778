/* SPDX-License-Identifier: Apache-2.0 */
/* akashi status: which processes answer, which engines, how much work is open. */
#include "cli/cli.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli_sql.h"

static bool answers(int type, const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    AK_AUTO_FD fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    ak_str_copy(to.sun_path, sizeof(to.sun_path), path);
    return fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
}

static bool show_processes(const struct ak_config *config)
{
    static const struct {
        const char *name, *socket;
        int type;
    } rows[] = {{"api (customer)", "api/customer.sock", SOCK_STREAM},
                {"api (management)", "api/management.sock", SOCK_STREAM},
                {"worker", "worker.sock", SOCK_DGRAM}};
    bool all = true;

    for (size_t i = 0; i < AK_N(rows); i++) {
        AK_AUTO_STR path = ak_xasprintf("%s/%s", ak_config_str(config, "run_dir"), rows[i].socket);
        bool up = answers(rows[i].type, path);

        (void)printf("%-18s %s\n", rows[i].name, up ? "running" : "not running");
        all = all && up;
    }
    return all;
}

static int show_jobs(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(ak_rows) rows = NULL;
    int64_t failed = 0, seq = 0, now = ak_now_us();
    int rc = ak_tx_read(cli->store, &tx, err);

    rc = rc < 0 ? rc : ak_sql_int(tx, &sql_status_audit, AK_NO_ARGS, &seq, err);
    rc = rc < 0 ? rc
                : ak_sql_int(tx, &sql_status_failed_jobs, AK_ARGS(ak_v_int(now - AK_DAY)), &failed,
                             err);
    rc = rc < 0 ? rc : ak_sql_query(tx, &sql_status_jobs, AK_NO_ARGS, &rows, err);
    if (rc < 0) {
        return rc;
    }
    (void)printf("%-18s %" PRId64 "\n", "audit events", seq);
    while ((rc = ak_rows_next(rows, err)) > 0) {
        (void)printf("jobs %-13s %" PRId64 ", oldest %" PRId64 " s\n", ak_rows_text(rows, 0),
                     ak_rows_int(rows, 1), (now - ak_rows_int(rows, 2)) / AK_SEC);
    }
    (void)printf("%-18s %" PRId64 "\n", "jobs failed (24 h)", failed);
    return rc;
}

int cli_status(struct cli *cli, struct ak_error *err)
{
    bool all = show_processes(cli->config);
    int rc = show_jobs(cli, err);

    return rc < 0 ? rc : (all ? 0 : 3);
}
