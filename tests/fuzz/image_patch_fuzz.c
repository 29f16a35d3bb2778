/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a PATCH of an image, in both media types. Whatever is accepted leaves an image that
 * renders to JSON and whose columns are JSON. */
#include "image/image_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_json(const char *text)
{
    AK_AUTO_JSON json = NULL;

    if (ak_json_parse(text, strlen(text), &json, NULL) < 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct image_who who = {.project_id = "p"};
    AK_AUTO_JSON patch = NULL;

    if (size > 65536 || ak_json_parse((const char *)data, size, &patch, NULL) < 0) {
        return 0;
    }
    for (int draft4 = 0; draft4 < 2; draft4++) {
        AK_AUTO(ak_arena) arena = ak_arena_new();
        struct image_row image = {.id = "6a84a99c-c6ab-4a37-9e04-4a5a1e7e1e1e",
                                  .owner = "p",
                                  .status = IMAGE_QUEUED,
                                  .visibility = "shared"};
        AK_AUTO_BUF text;
        struct ak_json w = ak_json_on(&text);
        struct ak_error err = {0};

        ak_buf_init(&text, (size_t)16 << 20);
        if (image_patch_apply(patch, draft4 == 1, &who, arena, &image, &err) < 0) {
            continue;
        }
        if (!ak_streq(image.owner, "p") || ak_streq(image.visibility, "public") ||
            !ak_streq(image.status, IMAGE_QUEUED) || image.tags.n > IMAGE_TAGS_MAX ||
            image.properties.n > IMAGE_PROPERTIES_MAX) {
            abort();
        }
        image_render(&image, arena, &w);
        must_be_json(text.data);
        must_be_json(image_tags_text(arena, &image.tags));
        must_be_json(image_properties_text(arena, &image.properties));
    }
    return 0;
}
