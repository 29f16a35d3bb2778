/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a request body against a field table that has every type; what was accepted must
 * render to JSON that is accepted again, and have one canonical form. */
#include "json/fields_test_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void canonical(const json_t *json)
{
    AK_AUTO_BUF once, twice;
    AK_AUTO_JSON again = NULL;

    ak_buf_init(&once, 1 << 20);
    ak_buf_init(&twice, 1 << 20);
    if (ak_json_canonical(json, &once, NULL) < 0) {
        return;
    }
    if (ak_json_parse(once.data, once.len, &again, NULL) < 0 ||
        ak_json_canonical(again, &twice, NULL) < 0 || strcmp(once.data, twice.data) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned accepts[] = {AK_CREATE, AK_UPDATE};
    AK_AUTO_JSON json = NULL;

    if (size > 65536 || ak_json_parse((const char *)data, size, &json, NULL) < 0) {
        return 0;
    }
    canonical(json);
    for (size_t i = 0; i < 4; i++) {
        struct ak_fields_mode mode = {
            .accept = accepts[i & 1], .microversion = i & 2 ? 5 : 4, .admin = i & 2};
        AK_AUTO(ak_arena) arena = ak_arena_new();
        AK_AUTO_BUF text;
        AK_AUTO_JSON rendered = NULL;
        struct ak_json w = ak_json_on(&text);
        struct ak_error err = {0};
        struct car car;

        ak_buf_init(&text, 1 << 20);
        if (ak_fields_parse(&car_fields, json, &mode, arena, &car, &err) < 0) {
            char out[512];

            ak_error_text(&err, AK_LANG_JA, out, sizeof(out));
            if (!ak_utf8_valid(out, strlen(out))) {
                abort();
            }
            continue;
        }
        ak_fields_render_object(&car_fields, &car, &mode, &w);
        if (!ak_buf_ok(&text) || ak_json_parse(text.data, text.len, &rendered, NULL) < 0) {
            abort();
        }
    }
    return 0;
}
