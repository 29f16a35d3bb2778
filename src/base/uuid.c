/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs of uuid.h, from the kernel's random numbers. */
#include "uuid.h"

#include <ctype.h>
#include <string.h>

#include "crypto.h"
#include "str.h"

void ak_uuid_new(char out[AK_UUID_TEXT])
{
    unsigned char b[16];
    char hex[33];

    ak_random(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    ak_hex(hex, b, sizeof(b));
    (void)ak_uuid_canonical(hex, out);
}

bool ak_uuid_canonical(const char *s, char out[AK_UUID_TEXT])
{
    size_t len = s ? strnlen(s, AK_UUID_TEXT) : 0;
    bool hyphens = len == 36;
    size_t n = 0;

    if (len != 36 && len != 32) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (hyphens && s[n++] != '-') {
                return false;
            }
            out[i] = '-';
        } else {
            unsigned char c = (unsigned char)s[n++];

            if (!isxdigit(c)) {
                return false;
            }
            out[i] = (char)tolower(c);
        }
    }
    out[36] = '\0';
    return true;
}

bool ak_uuid_valid(const char *s)
{
    char out[AK_UUID_TEXT];

    return ak_uuid_canonical(s, out);
}
