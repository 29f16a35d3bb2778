/* SPDX-License-Identifier: Apache-2.0 */
/* akashi contract …: what contracts there are; akashi record verify: whether a deletion record is
 * what this installation signed. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "service/service.h"

#define RECORD_MAX ((size_t)64 << 20)

int cli_contract_list(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract *contracts = NULL;
    size_t n = 0;
    int rc = ak_tx_read(cli->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_all(tx, arena, &contracts, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        (void)printf("%-13s %-11s %-4s %-15s %s\n", contracts[i].number, contracts[i].state,
                     contracts[i].legal_hold ? "hold" : "", contracts[i].class_name,
                     contracts[i].customer_name);
    }
    return rc;
}

int cli_contract_show(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);
    int rc = ak_tx_read(cli->store, &tx, err);

    ak_buf_init(&buf, 1 << 20);
    rc = rc < 0 ? rc : service_contract_write(tx, arena, cli->argv[0], &w, err);
    return rc == 0 && puts(buf.data) < 0 ? ak_fail(err, AK_IO) : rc;
}

/* All of what the caller may read, whoever the command has become. */
static int read_input(const struct cli *cli, struct ak_buf *buf, struct ak_error *err)
{
    char chunk[16384];
    ssize_t n = 0;

    while ((n = read(cli->input, chunk, sizeof(chunk))) > 0) {
        ak_buf_add(buf, chunk, (size_t)n);
    }
    if (n < 0) {
        return ak_fail_errno(err, errno, "read %s", cli->argv[0]);
    }
    return ak_buf_ok(buf) ? 0 : ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)buf->max));
}

int cli_record_verify(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_BUF text;
    const char *key = NULL, *own = NULL;
    int rc = 0;

    ak_buf_init(&text, RECORD_MAX);
    rc = read_input(cli, &text, err);
    rc = rc < 0 ? rc : service_record_verify(arena, text.data, text.len, &key, err);
    rc = rc < 0 ? rc : ak_tx_read(cli->store, &tx, err);
    rc = rc < 0 ? rc : service_record_key(tx, arena, &own, err);
    if (rc < 0) {
        return rc;
    }
    (void)printf("the signature is valid, made with the key %s\n", key);
    if (!ak_streq(key, own)) {
        (void)printf("this is not the key of this installation%s%s\n", own ? ", which is " : "",
                     own ? own : "");
        return 1;
    }
    (void)puts("it is the key of this installation");
    return 0;
}
