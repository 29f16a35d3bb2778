/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables as JSON Schema (draft 2020-12): for the API manual, OpenAPI, and the tests that hold
 * replies against their tables. */
#include "json/fields.h"

#include "json/fields_internal.h"

const char *ak_field_type_name(enum ak_field_type type)
{
    static const char *const names[] = {
        [AK_STR] = "string",   [AK_UUID] = "string", [AK_INT] = "integer",
        [AK_BOOL] = "boolean", [AK_TIME] = "string", [AK_OBJECT] = "object",
        [AK_LIST] = "array",   [AK_MAP] = "object",  [AK_JSON] = "any",
    };

    return names[type];
}

static bool can_be_null(const struct ak_field *row, unsigned accept)
{
    if (accept) {
        return row->flags & AK_NULLABLE;
    }
    return !(row->flags & AK_OMIT_NULL) && row->type != AK_INT && row->type != AK_BOOL &&
           row->type != AK_LIST && row->type != AK_MAP;
}

static void write_types(const struct ak_field *row, unsigned accept, struct ak_json *w)
{
    bool lenient = accept && (row->flags & AK_LENIENT);

    ak_json_key(w, "type");
    ak_json_array(w);
    ak_json_str(w, ak_field_type_name(row->type));
    if (lenient && (row->type == AK_INT || row->type == AK_BOOL)) {
        ak_json_str(w, "string");
    }
    if (lenient && (row->type == AK_STR || row->type == AK_BOOL)) {
        ak_json_str(w, "integer");
    }
    if (lenient && row->type == AK_STR) {
        ak_json_str(w, "boolean");
    }
    if (can_be_null(row, accept)) {
        ak_json_str(w, "null");
    }
    ak_json_array_end(w);
}

static void write_choices(const struct ak_field *row, unsigned accept, struct ak_json *w)
{
    ak_json_key(w, "enum");
    ak_json_array(w);
    for (size_t i = 0; row->choices[i]; i++) {
        ak_json_str(w, row->choices[i]);
    }
    if (can_be_null(row, accept)) {
        ak_json_null(w);
    }
    ak_json_array_end(w);
}

static void write_string(const struct ak_field *row, unsigned accept, struct ak_json *w)
{
    if (row->choices) {
        write_choices(row, accept, w);
    }
    if (!accept) {
        return; /* what is stored may be older than today's limits */
    }
    ak_json_kint(w, "minLength", row->min);
    ak_json_kint(w, "maxLength", row->max > 0 ? row->max : 255);
    if (row->pattern) {
        AK_AUTO_STR whole = ak_xasprintf("^(%s)$", row->pattern);

        ak_json_kstr(w, "pattern", whole);
    }
}

static void write_items(const struct ak_field *row, unsigned accept, struct ak_json *w)
{
    ak_json_key(w, "items");
    if (row->sub) {
        ak_fields_schema(row->sub, accept, w);
        return;
    }
    ak_json_object(w);
    ak_json_kstr(w, "type", "string");
    if (row->choices) {
        write_choices(row, 1, w);
    }
    ak_json_object_end(w);
}

static void write_limits(const struct ak_field *row, unsigned accept, struct ak_json *w)
{
    switch (row->type) {
    case AK_STR:
        write_string(row, accept, w);
        break;
    case AK_UUID:
        ak_json_kstr(w, "format", "uuid");
        break;
    case AK_TIME:
        ak_json_kstr(w, "format", "date-time");
        break;
    case AK_INT:
        if (accept && (row->min != 0 || row->max != 0)) {
            ak_json_kint(w, "minimum", row->min);
            ak_json_kint(w, "maximum", row->max);
        }
        break;
    case AK_LIST:
        if (accept) {
            ak_json_kint(w, "minItems", row->min);
            ak_json_kint(w, "maxItems", row->max > 0 ? row->max : 128);
        }
        write_items(row, accept, w);
        break;
    case AK_MAP:
        ak_json_key(w, "additionalProperties");
        ak_json_object(w);
        ak_json_kstr(w, "type", "string");
        ak_json_object_end(w);
        break;
    case AK_BOOL:
    case AK_OBJECT:
    case AK_JSON:
        break;
    }
}

static void write_row(const struct ak_field *row, unsigned accept, struct ak_json *w)
{
    if (row->type == AK_OBJECT && !can_be_null(row, accept)) {
        ak_fields_schema(row->sub, accept, w);
        return;
    }
    ak_json_object(w);
    if (row->doc) {
        ak_json_kstr(w, "description", row->doc);
    }
    if (row->since) {
        ak_json_kint(w, "x-since", row->since);
    }
    if (row->until) {
        ak_json_kint(w, "x-until", row->until);
    }
    if (row->type == AK_OBJECT) {
        ak_json_key(w, "anyOf");
        ak_json_array(w);
        ak_fields_schema(row->sub, accept, w);
        ak_json_raw(w, "{\"type\":\"null\"}");
        ak_json_array_end(w);
    } else if (row->type != AK_JSON) {
        write_types(row, accept, w);
        write_limits(row, accept, w);
    }
    ak_json_object_end(w);
}

static bool shown(const struct ak_field *row, unsigned accept)
{
    return accept ? (row->flags & accept) != 0 : !(row->flags & (AK_HIDDEN | AK_SECRET));
}

/* Rows whose name stands in the table twice (a change between microversions) are merged. */
static bool first_of_name(const struct ak_fields *fields, size_t i, unsigned accept)
{
    for (size_t k = 0; k < i; k++) {
        if (shown(&fields->rows[k], accept) &&
            strcmp(fields->rows[k].name, fields->rows[i].name) == 0) {
            return false;
        }
    }
    return true;
}

static bool always_there(const struct ak_field *row, unsigned accept)
{
    if (row->since || row->until || (row->flags & AK_ADMIN_ONLY)) {
        return false;
    }
    return accept ? accept == AK_CREATE && (row->flags & AK_REQUIRED)
                  : !(row->flags & AK_OMIT_NULL);
}

void ak_fields_schema(const struct ak_fields *fields, unsigned accept, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "title", fields->name);
    ak_json_kstr(w, "type", "object");
    ak_json_key(w, "properties");
    ak_json_object(w);
    for (size_t i = 0; i < fields->n; i++) {
        if (shown(&fields->rows[i], accept) && first_of_name(fields, i, accept)) {
            ak_json_key(w, fields->rows[i].name);
            write_row(&fields->rows[i], accept, w);
        }
    }
    ak_json_object_end(w);
    ak_json_key(w, "required");
    ak_json_array(w);
    for (size_t i = 0; i < fields->n; i++) {
        if (shown(&fields->rows[i], accept) && first_of_name(fields, i, accept) &&
            always_there(&fields->rows[i], accept)) {
            ak_json_str(w, fields->rows[i].name);
        }
    }
    ak_json_array_end(w);
    if (accept) {
        ak_json_kbool(w, "additionalProperties", fields->allow_unknown);
    }
    ak_json_object_end(w);
}
