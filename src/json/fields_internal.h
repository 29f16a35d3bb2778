/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_FIELDS_INTERNAL_H
#define AK_FIELDS_INTERNAL_H
/* Private to src/json. */
#include "json/fields.h"

/* True when the row exists in the microversion of 'mode' (0 = no microversions). */
static inline bool ak_field_in_version(const struct ak_field *row,
                                       const struct ak_fields_mode *mode)
{
    return mode->microversion == 0 || ((row->since == 0 || mode->microversion >= row->since) &&
                                       (row->until == 0 || mode->microversion <= row->until));
}

/* The type's name in JSON Schema; "any" for AK_JSON. */
const char *ak_field_type_name(enum ak_field_type type);

#endif
