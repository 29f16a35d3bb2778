/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IMAGE_HEADER_H
#define AK_IMAGE_HEADER_H
/* What the first and last bytes of a file say it is, before any other program reads it. Private to
 * src/engine; a fuzz target calls it. */
#include "engine/pool.h"

#define AK_IMAGE_HEAD 65536 /* bytes of the start to give, as far as the file has them */
#define AK_IMAGE_TAIL 512   /* bytes of the end */

/* Fills 'format' (qcow2, raw, iso, or the name of a format that is not accepted), 'virtual_size' as
 * far as the header tells (raw, iso: the file's), and the flags. Pure: no I/O, any bytes.
 * 'tail' are the last 'tail_size' bytes of a file of 'file_size' bytes.
 * Spec: https://www.qemu.org/docs/master/interop/qcow2.html */
void ak_image_header_check(const uint8_t *head, size_t head_size, const uint8_t *tail,
                           size_t tail_size, int64_t file_size, struct ak_image_info *ret_info);

/* The backing file's name in a qcow2 of ours ('head' as above), copied to 'out'; false when it has
 * none or is no sound qcow2. */
bool ak_image_header_backing(const uint8_t *head, size_t head_size, char *out, size_t size);

#endif
