/* SPDX-License-Identifier: Apache-2.0 */
/* akashi incident intake: what an MTA runs for the address that incidents are reported to. Exit
 * statuses are those of sysexits.h, so that the MTA keeps what could not be taken and tries again,
 * and bounces what never can be. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "incident/incident.h"

static int read_message(struct ak_buf *out, struct ak_error *err)
{
    char piece[65536];

    for (;;) {
        ssize_t n = read(STDIN_FILENO, piece, sizeof(piece));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ak_fail_errno(err, errno, "reading the message");
        }
        if (n == 0) {
            return 0;
        }
        ak_buf_add(out, piece, (size_t)n);
        if (!ak_buf_ok(out)) {
            return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)INCIDENT_MAIL_MAX));
        }
    }
}

int cli_incident_intake(struct cli *cli, struct ak_error *err)
{
    struct incident_taken taken = {0};
    AK_AUTO_BUF message;
    int rc = 0;

    ak_buf_init(&message, INCIDENT_MAIL_MAX);
    rc = read_message(&message, err);
    if (rc == 0) {
        rc = incident_take_mail(cli->store, cli->config, message.data, message.len, &taken, err);
    }
    if (rc == -AK_MAIL_UNREADABLE || rc == -AK_TOO_LARGE) {
        char text[512];

        ak_error_text(err, AK_LANG_EN, text, sizeof(text));
        (void)fprintf(stderr, "akashi: %s\n", text);
        return EX_DATAERR;
    }
    if (rc == 0) {
        (void)printf("%s %s\n", taken.ignored ? "-" : taken.number,
                     taken.ignored    ? "ignored"
                     : taken.repeated ? "repeated"
                     : taken.added    ? "added"
                                      : "opened");
    }
    return rc;
}
