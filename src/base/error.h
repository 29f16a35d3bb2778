/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_ERROR_H
#define AK_ERROR_H
/* Errors: a code from errors.def, parameters for its text, and detail for the log only.
 *
 * Functions that can fail return 0 or -code and take 'struct ak_error *err' last. The text for
 * people is rendered when the answer is written, in the language of the request. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

enum ak_error_code {
    AK_OK = 0,
#define AK_ERROR(code, status, slug, fault, level, en, ja) code,
#include "errors.def"
#undef AK_ERROR
    AK_ERROR_CODES_END
};

enum ak_lang { AK_LANG_EN, AK_LANG_JA };
enum ak_level { AK_DEBUG, AK_INFO, AK_WARNING, AK_ERR };

/* One row of errors.def. */
struct ak_error_info {
    const char *name;  /* "AK_NOT_FOUND" */
    int status;        /* HTTP status, RFC 9110 */
    const char *slug;  /* stable, e.g. "server-not-found" */
    const char *fault; /* the key of Nova's fault object, e.g. "itemNotFound" */
    enum ak_level level;
    const char *text[2]; /* by enum ak_lang, with holes {0} {1} … */
};

#define AK_ERROR_PARAMS 6

struct ak_error {
    enum ak_error_code code;
    char params[AK_ERROR_PARAMS][256]; /* cut at 255 bytes, on a UTF-8 boundary */
    char detail[512];                  /* UTF-8; for the log only, never sent to a client */
};

/* Sets 'err' (which may be NULL) to 'code' with string parameters; returns -code.
 * ak_fail(err, AK_SERVER_NOT_FOUND, id); numbers by AK_NUM(n). */
#define ak_fail(err, code, ...)                                                                    \
    ak_fail_((err), (code), (const char *const[]){NULL, ##__VA_ARGS__, NULL} + 1)
int ak_fail_(struct ak_error *err, enum ak_error_code code, const char *const *params);
#define AK_NUM(n) ak_num_((char[24]){0}, (n))
const char *ak_num_(char out[24], int64_t n);

/* As ak_fail(AK_INTERNAL or another code), with printf-formatted detail for the log. */
int ak_fail_detail(struct ak_error *err, enum ak_error_code code, const char *fmt, ...)
    AK_PRINTF(3, 4);

/* Puts "what: " before the log detail: ak_error_prefix(err, "attaching volume %s", id). */
void ak_error_prefix(struct ak_error *err, const char *fmt, ...) AK_PRINTF(2, 3);

void ak_error_clear(struct ak_error *err);

/* The row of a code; never NULL (an unknown code yields AK_INTERNAL's). */
const struct ak_error_info *ak_error_info(enum ak_error_code code);

/* Renders the text for people into 'out' (always NUL-terminated, cut if needed). */
void ak_error_text(const struct ak_error *err, enum ak_lang lang, char *out, size_t size);

#endif
