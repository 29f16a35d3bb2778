/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the header checks of uploaded images, the first code that looks at their bytes. */
#include "engine/qcow2/image_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t head = size < AK_IMAGE_HEAD ? size : AK_IMAGE_HEAD;
    size_t tail = size < AK_IMAGE_TAIL ? size : AK_IMAGE_TAIL;
    struct ak_image_info info;
    char backing[64];

    ak_image_header_check(data, head, data + size - tail, tail, (int64_t)size, &info);
    if (info.virtual_size < 0 || memchr(info.format, '\0', sizeof(info.format)) == NULL) {
        abort();
    }
    if (ak_streq(info.format, "qcow2") && !info.is_corrupt && !info.has_backing_file &&
        ak_image_header_backing(data, head, backing, sizeof(backing))) {
        abort(); /* what could be followed must have been told */
    }
    return 0;
}
