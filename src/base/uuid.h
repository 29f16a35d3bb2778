/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_UUID_H
#define AK_UUID_H
/* UUIDs as text. akashi's own are version 4 (RFC 9562), lower case with hyphens. */
#include <stdbool.h>

#define AK_UUID_TEXT 37 /* 36 characters and the NUL */

void ak_uuid_new(char out[AK_UUID_TEXT]);
/* 36 characters with hyphens or 32 without, in either case. */
bool ak_uuid_valid(const char *s);
/* The canonical form of a valid UUID; false when 's' is none. */
bool ak_uuid_canonical(const char *s, char out[AK_UUID_TEXT]);

#endif
