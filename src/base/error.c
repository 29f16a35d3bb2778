/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: the table made from errors.def and the filling of its texts. */
#include "error.h"

#include <stdio.h>
#include <string.h>

#include "str.h"

static const struct ak_error_info rows[] = {
    [AK_OK] = {"AK_OK", 200, "ok", "ok", AK_DEBUG, {"OK", "OK"}},
#define AK_ERROR(code, status, slug, fault, level, en, ja)                                         \
    [code] = {#code, status, slug, fault, level, {en, ja}},
#include "errors.def"
#undef AK_ERROR
};

const struct ak_error_info *ak_error_info(enum ak_error_code code)
{
    if ((unsigned)code >= AK_ERROR_CODES_END) {
        code = AK_INTERNAL;
    }
    return &rows[code];
}

const char *ak_num_(char out[24], int64_t n)
{
    (void)snprintf(out, 24, "%lld", (long long)n);
    return out;
}

int ak_fail_(struct ak_error *err, enum ak_error_code code, const char *const *params)
{
    if (err) {
        memset(err, 0, sizeof(*err));
        err->code = code;
        for (size_t i = 0; i < AK_ERROR_PARAMS && params[i]; i++) {
            ak_str_copy(err->params[i], sizeof(err->params[i]), params[i]);
        }
    }
    return -(int)code;
}

int ak_fail_detail(struct ak_error *err, enum ak_error_code code, const char *fmt, ...)
{
    if (err) {
        va_list ap;

        memset(err, 0, sizeof(*err));
        err->code = code;
        va_start(ap, fmt);
        (void)vsnprintf(err->detail, sizeof(err->detail), fmt, ap);
        va_end(ap);
        ak_utf8_mend(err->detail); /* it may be cut, or come from an engine */
    }
    return -(int)code;
}

void ak_error_prefix(struct ak_error *err, const char *fmt, ...)
{
    char old[sizeof(err->detail)];
    va_list ap;
    int len = 0;

    if (!err) {
        return;
    }
    ak_str_copy(old, sizeof(old), err->detail);
    va_start(ap, fmt);
    len = vsnprintf(err->detail, sizeof(err->detail), fmt, ap);
    va_end(ap);
    if (len >= 0 && (size_t)len < sizeof(err->detail)) {
        ak_str_copy(err->detail + len, sizeof(err->detail) - (size_t)len, old[0] ? ": " : "");
        ak_str_copy(err->detail + strlen(err->detail), sizeof(err->detail) - strlen(err->detail),
                    old);
    }
    ak_utf8_mend(err->detail);
}

void ak_error_clear(struct ak_error *err)
{
    if (err) {
        memset(err, 0, sizeof(*err));
    }
}

void ak_error_text(const struct ak_error *err, enum ak_lang lang, char *out, size_t size)
{
    const char *text = ak_error_info(err->code)->text[lang];
    size_t used = 0;

    if (size == 0) {
        return;
    }
    while (*text && used + 1 < size) {
        if (text[0] == '{' && text[1] >= '0' && text[1] < '0' + AK_ERROR_PARAMS && text[2] == '}') {
            ak_str_copy(out + used, size - used, err->params[text[1] - '0']);
            used += strlen(out + used);
            text += 3;
        } else {
            out[used++] = *text++;
        }
    }
    out[ak_utf8_cut(out, used)] = '\0';
}
