/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_LOG_H
#define AK_LOG_H
/* The structured log: one JSON object a line on standard error (the journal's or a file's
 * business).
 *   {"ts":"…","level":"info","role":"api","req":"req-…","msg":"…", …fields}
 * The thread's context (request id, job id) is set once and printed with each line. Never log a
 * secret: what is not a string, number or error has no way in. */
#include <stdint.h>

#include "error.h"

void ak_log_init(const char *role, enum ak_level threshold);
/* The id printed as "req" by this thread until replaced; NULL = none. Copied. */
void ak_log_context(const char *id);
void ak_log(enum ak_level level, const char *fmt, ...) AK_PRINTF(2, 3);
/* Logs an error once, where it ends: its English text, slug and detail, at its own level. */
void ak_log_error(const struct ak_error *err, const char *fmt, ...) AK_PRINTF(2, 3);

#endif
