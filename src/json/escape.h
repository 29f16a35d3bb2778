/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_JSON_ESCAPE_H
#define AK_JSON_ESCAPE_H
/* Private to src/json. */
#include "base/base.h"

/* Appends 's' quoted and escaped as RFC 8785 wants it; bytes that are not UTF-8 become U+FFFD. */
void ak_json_escape(struct ak_buf *out, const char *s);

static inline void ak_json_free_keys_(const char ***keys)
{
    free((void *)*keys);
}

#endif
