/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a service class file. What is accepted is JSON that has one canonical form and a
 * hash of it; what is not is refused in a sentence. */
#include "service/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR text = ak_xstrndup((const char *)data, size);
    struct service_class_file file = {0};
    struct ak_error err = {0};
    AK_AUTO_JSON json = NULL;
    char hash[AK_SHA256_TEXT];

    if (size > 65536) {
        return 0;
    }
    if (service_class_parse(arena, "/etc/akashi/classes/fuzz.conf", text, size, &file, &err) < 0) {
        char out[512];

        ak_error_text(&err, AK_LANG_JA, out, sizeof(out));
        if (!out[0] || !ak_utf8_valid(out, strlen(out))) {
            abort();
        }
        return 0;
    }
    ak_sha256_hex(file.content, strlen(file.content), hash);
    if (strcmp(hash, file.hash) != 0 ||
        ak_json_parse(file.content, strlen(file.content), &json, NULL) < 0) {
        abort();
    }
    return 0;
}
