/* SPDX-License-Identifier: Apache-2.0 */
/* akashi mail …: the queue of mails, for operators without a mail server and for finding out why
 * one did not arrive. */
#include "cli/cli.h"

#include <stdio.h>

enum { SHOWN = 100 };

int cli_mail_list(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {.limit = SHOWN};
    struct ak_list list = {0};
    const struct ak_mail_row *row = NULL;
    const char *state = cli_option(cli, "--state");
    struct ak_value value = ak_v_text(state);
    int rc = ak_tx_read(cli->store, &tx, err);

    if (rc == 0 && state) {
        rc = ak_query_filter(&query, arena, "state", AK_EQ, &value, 1, err);
    }
    rc = rc < 0 ? rc : ak_mail_list(tx, arena, &query, &list, err);
    row = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        char time[AK_TIME_TEXT];

        (void)printf("%s  %s  %-7s  %-30s  %s%s%s\n", row[i].id,
                     ak_time_text(time, row[i].created_us, AK_TIME_Z), row[i].state,
                     row[i].recipient, row[i].subject, row[i].error ? "  # " : "",
                     row[i].error ? row[i].error : "");
    }
    return rc;
}

int cli_mail_show(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_mail_row row = {0};
    int rc = ak_tx_read(cli->store, &tx, err);

    rc = rc < 0 ? rc : ak_mail_load(tx, arena, cli->argv[0], &row, err);
    if (rc == 0) {
        (void)printf("To: %s\nSubject: %s\nState: %s%s%s\n\n%s", row.recipient, row.subject,
                     row.state, row.error ? ", " : "", row.error ? row.error : "", row.body);
    }
    return rc;
}
