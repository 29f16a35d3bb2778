/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables, outwards: writes a struct as JSON, and a table as JSON Schema. */
#include "json/fields.h"

#include "json/fields_internal.h"

static const void *at(const void *obj, const struct ak_field *row)
{
    return (const char *)obj + row->offset;
}

static const char *text_at(const void *obj, const struct ak_field *row)
{
    return *(const char *const *)at(obj, row);
}

static bool is_null(const struct ak_field *row, const void *obj)
{
    switch (row->type) {
    case AK_STR:
    case AK_UUID:
    case AK_JSON:
        return text_at(obj, row) == NULL;
    case AK_INT:
    case AK_TIME:
        return *(const int64_t *)at(obj, row) == 0;
    case AK_BOOL:
        return !*(const bool *)at(obj, row);
    case AK_OBJECT:
        return *(void *const *)at(obj, row) == NULL;
    case AK_LIST:
        return ((const struct ak_list *)at(obj, row))->n == 0;
    case AK_MAP:
        return ((const struct ak_map *)at(obj, row))->n == 0;
    }
    return true;
}

static bool wanted(const struct ak_field *row, const struct ak_fields_mode *mode)
{
    if ((row->flags & (AK_HIDDEN | AK_SECRET)) || !ak_field_in_version(row, mode) ||
        ((row->flags & AK_ADMIN_ONLY) && !mode->admin)) {
        return false;
    }
    for (size_t i = 0; mode->only && mode->only[i]; i++) {
        if (strcmp(mode->only[i], row->name) == 0) {
            return true;
        }
    }
    return mode->only == NULL;
}

static void render_list(const struct ak_field *row, const struct ak_list *list,
                        const struct ak_fields_mode *mode, struct ak_json *w)
{
    ak_json_array(w);
    for (size_t i = 0; i < list->n; i++) {
        if (row->sub) {
            ak_fields_render_object(row->sub, (const char *)list->items + i * row->sub->size, mode,
                                    w);
        } else {
            ak_json_str(w, ((const char *const *)list->items)[i]);
        }
    }
    ak_json_array_end(w);
}

static void render_map(const struct ak_map *map, struct ak_json *w)
{
    ak_json_object(w);
    for (size_t i = 0; i < map->n; i++) {
        ak_json_kstr(w, map->pairs[i].key, map->pairs[i].value);
    }
    ak_json_object_end(w);
}

static void render_value(const struct ak_field *row, const void *obj,
                         const struct ak_fields_mode *mode, struct ak_json *w)
{
    struct ak_fields_mode inner = *mode;
    char time[AK_TIME_TEXT];

    inner.only = NULL;
    switch (row->type) {
    case AK_STR:
    case AK_UUID:
        ak_json_str(w, text_at(obj, row));
        break;
    case AK_JSON:
        ak_json_raw(w, text_at(obj, row));
        break;
    case AK_INT:
        ak_json_int(w, *(const int64_t *)at(obj, row));
        break;
    case AK_TIME:
        ak_json_str(w, is_null(row, obj)
                           ? NULL
                           : ak_time_text(time, *(const int64_t *)at(obj, row), row->time_format));
        break;
    case AK_BOOL:
        ak_json_bool(w, *(const bool *)at(obj, row));
        break;
    case AK_OBJECT:
        if (is_null(row, obj)) {
            ak_json_null(w);
        } else {
            ak_fields_render_object(row->sub, *(void *const *)at(obj, row), &inner, w);
        }
        break;
    case AK_LIST:
        render_list(row, at(obj, row), &inner, w);
        break;
    case AK_MAP:
        render_map(at(obj, row), w);
        break;
    }
}

void ak_fields_render(const struct ak_fields *fields, const void *obj,
                      const struct ak_fields_mode *mode, struct ak_json *w)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct ak_field *row = &fields->rows[i];

        if (!wanted(row, mode) ||
            (((row->flags & AK_OMIT_NULL) || mode->partial) && is_null(row, obj))) {
            continue;
        }
        ak_json_key(w, row->name);
        render_value(row, obj, mode, w);
    }
}

void ak_fields_render_object(const struct ak_fields *fields, const void *obj,
                             const struct ak_fields_mode *mode, struct ak_json *w)
{
    ak_json_object(w);
    ak_fields_render(fields, obj, mode, w);
    ak_json_object_end(w);
}
