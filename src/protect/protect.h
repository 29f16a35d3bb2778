/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_PROTECT_H
#define AK_PROTECT_H
/* Watching over servers: metrics in a file of their own, and the event log of a server. */
#include "http/http.h"

extern const struct ak_domain protect_domain;

/* A span of time in seconds since 1970, told in buckets of 'step_s', a multiple of 3600. */
struct protect_span {
    int64_t from_s, to_s, step_s;
};
/* What a server used, for people: appends a line of CSV a bucket that has data: 'head' (ends with a
 * comma), begin (UTC), and the averages of the series in the order of the metrics of a server.
 * '*io_lines' is counted up. Without samples: nothing. Opens the file of the metrics. */
int protect_usage_csv(const struct ak_config *config, const char *server_id,
                      const struct protect_span *span, const char *head, struct ak_buf *out,
                      int64_t *io_lines, struct ak_error *err);

#endif
