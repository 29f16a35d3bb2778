/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a mail that reports an incident. Whatever a stranger sends, what comes out is
 * bounded plain text, or an error. */
#include "incident/incident_mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t max, bool one_line)
{
    size_t len = strlen(text);

    if (len == 0 || !ak_utf8_valid(text, len) || ak_utf8_len(text) > max) {
        abort();
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && (one_line || (c != '\n' && c != '\t'))) || c == 0x7f) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct incident_mail mail = {0};
    char number[32];

    if (size > 65536 || incident_mail_parse(arena, data, size, &mail, NULL) < 0) {
        return 0;
    }
    check(mail.message_id, 255, true);
    check(mail.from, 254, true);
    check(mail.from_name, 255, true);
    check(mail.subject, 255, true);
    check(mail.text, 10000, false);
    if (incident_mail_number(mail.subject, number) && strlen(number) < 11) {
        abort();
    }
    return 0;
}
