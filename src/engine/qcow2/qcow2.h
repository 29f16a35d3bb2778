/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_QCOW2_H
#define AK_QCOW2_H
/* Private to src/engine/qcow2. */
#include "engine/pool.h"

#define AK_QEMU_IMG "/usr/bin/qemu-img"

/* Reads the first AK_IMAGE_HEAD bytes (see image_header.h), fewer from a short file. AK_NOT_FOUND,
 * AK_IO. */
int ak_qcow2_head_read(const char *path, uint8_t *head, size_t *ret_size, struct ak_error *err);

#endif
