/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_VALUE_H
#define OVSDB_VALUE_H
/* Values of OVSDB in JSON (RFC 7047, section 5.1): sets, maps, UUIDs. All builders return new
 * references. */
#include <jansson.h>

#include "base/base.h"

/* ["map", [[key, value], …]] of string pairs ending with a NULL key; a NULL value leaves the pair
 * out. */
json_t *ovsdb_map(const char *key, ...) __attribute__((sentinel));
/* Adds to a map made by ovsdb_map(). */
void ovsdb_map_add(json_t *map, const char *key, const char *value);
/* ["set", items]; takes the array over. */
json_t *ovsdb_set(json_t *items);
/* ["set", [s, …]] of a NULL-terminated list. */
json_t *ovsdb_set_of(const char *const *strings);
json_t *ovsdb_empty_set(void);
json_t *ovsdb_uuid(const char *uuid);

/* The value of a key in a map of strings, NULL when absent. Borrowed. */
const char *ovsdb_map_get(const json_t *map, const char *key);
/* Items of a set; a scalar is a set of one. Borrowed. */
size_t ovsdb_set_size(const json_t *set);
const json_t *ovsdb_set_at(const json_t *set, size_t i);
/* The UUID text of ["uuid", x], NULL for anything else (named UUIDs too). */
const char *ovsdb_uuid_text(const json_t *value);
bool ovsdb_set_has_uuid(const json_t *set, const char *uuid);
/* Equal as OVSDB sees it: order in sets and maps does not matter, x = ["set",[x]]. */
bool ovsdb_value_equal(const json_t *a, const json_t *b);

#endif
