/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of images and members, their rendering, and the schema documents. An image is
 * rendered by its table plus what a table cannot say: sizes that are null while unknown, and the
 * client's own properties beside the members of the table. */
#include "image/image_internal.h"

#define ROW(member) offsetof(struct image_row, member)
#define SEEK        (AK_FILTER | AK_SORT)
#define SET         (AK_CREATE | AK_UPDATE)

static const char *const visibilities[] = {"public", "private", "shared", "community", NULL};
static const char *const disk_formats[] = {"qcow2", "raw", "iso", NULL};
static const char *const container_formats[] = {"bare", NULL};

static const struct ak_field image_rows[] = {
    {"id", AK_UUID, ROW(id), AK_CREATE | SEEK, .doc = "An identifier for the image"},
    {"name", AK_STR, ROW(name), SET | AK_NULLABLE | SEEK, .doc = "Descriptive name for the image"},
    {"status", AK_STR, ROW(status), SEEK, .doc = "Status of the image"},
    {"visibility", AK_STR, ROW(visibility), SET | AK_SORT, .choices = visibilities,
     .doc = "Scope of image accessibility"},
    {"disk_format", AK_STR, ROW(disk_format), SET | AK_NULLABLE | SEEK, .choices = disk_formats,
     .doc = "Format of the disk"},
    {"container_format", AK_STR, ROW(container_format), SET | AK_NULLABLE | SEEK,
     .choices = container_formats, .doc = "Format of the container"},
    {"size", AK_INT, ROW(size), AK_NULLABLE | AK_HIDDEN | SEEK,
     .doc = "Size of image file in bytes"},
    {"virtual_size", AK_INT, ROW(virtual_size), AK_NULLABLE | AK_HIDDEN | SEEK,
     .doc = "Virtual size of image in bytes"},
    {"checksum", AK_STR, ROW(checksum), AK_NULLABLE | AK_FILTER,
     .doc = "md5 hash of image contents."},
    {"os_hash_algo", AK_STR, ROW(os_hash_algo), AK_NULLABLE, "",
     .doc = "Algorithm to calculate the os_hash_value"},
    {"os_hash_value", AK_STR, ROW(os_hash_value), AK_NULLABLE | AK_FILTER,
     .doc = "Hexdigest of the image contents using the algorithm specified by the os_hash_algo"},
    {"owner", AK_STR, ROW(owner), SET | SEEK, .doc = "Owner of the image"},
    {"min_disk", AK_INT, ROW(min_disk), SET | SEEK,
     .doc = "Amount of disk space (in GB) required to boot image."},
    {"min_ram", AK_INT, ROW(min_ram), SET | SEEK,
     .doc = "Amount of ram (in MB) required to boot image."},
    {"protected", AK_BOOL, ROW(is_protected), SET | AK_FILTER,
     .doc = "If true, image will not be deletable."},
    {"os_hidden", AK_BOOL, ROW(os_hidden), SET | AK_FILTER,
     .doc = "If true, image will not appear in default image list response."},
    {"tags", AK_LIST, ROW(tags), SET, .doc = "List of strings related to the image"},
    {"created_at", AK_TIME, ROW(created_us), SEEK, "created_us",
     .doc = "Date and time of image registration"},
    {"updated_at", AK_TIME, ROW(updated_us), SEEK, "updated_us",
     .doc = "Date and time of the last image modification"},
    {"self", AK_STR, ROW(self), 0, "", .doc = "An image self url"},
    {"file", AK_STR, ROW(file), 0, "", .doc = "An image file url"},
    {"schema", AK_STR, ROW(schema), 0, "", .doc = "An image schema url"},
    {"properties", AK_MAP, ROW(properties), AK_HIDDEN},
    {"version", AK_INT, ROW(version), AK_HIDDEN},
    {"upload_id", AK_STR, ROW(upload_id), AK_HIDDEN},
    {"held", AK_BOOL, ROW(held), AK_HIDDEN},
};
const struct ak_fields image_fields = AK_FIELDS("image", struct image_row, image_rows);

#define BODY(member) offsetof(struct image_body, member)

static const struct ak_field body_rows[] = {
    {"id", AK_UUID, BODY(id), AK_CREATE},
    {"name", AK_STR, BODY(name), SET | AK_NULLABLE | AK_ALLOW_BLANK},
    {"owner", AK_STR, BODY(owner), SET, .min = 1},
    {"visibility", AK_STR, BODY(visibility), SET, .choices = visibilities},
    {"disk_format", AK_STR, BODY(disk_format), SET | AK_NULLABLE, .choices = disk_formats},
    {"container_format", AK_STR, BODY(container_format), SET | AK_NULLABLE,
     .choices = container_formats},
    {"min_disk", AK_INT, BODY(min_disk), SET, .min = 0, .max = 2147483647},
    {"min_ram", AK_INT, BODY(min_ram), SET, .min = 0, .max = 2147483647},
    {"protected", AK_BOOL, BODY(is_protected), SET},
    {"os_hidden", AK_BOOL, BODY(os_hidden), SET},
    {"tags", AK_LIST, BODY(tags), SET, .max = IMAGE_TAGS_MAX},
};
const struct ak_fields image_body_fields = {
    .name = "image",
    .size = sizeof(struct image_body),
    .rows = body_rows,
    .n = AK_N(body_rows),
    .given_offset = offsetof(struct image_body, given) + 1,
    .allow_unknown = true, /* the client's own properties */
};

#define MEMBER(member) offsetof(struct image_member, member)

static const struct ak_field member_rows[] = {
    {"created_at", AK_TIME, MEMBER(created_us), 0, "created_us",
     .doc = "Date and time of image member creation"},
    {"image_id", AK_UUID, MEMBER(image_id), 0, .doc = "An identifier for the image"},
    {"member_id", AK_STR, MEMBER(member_id), 0,
     .doc = "An identifier for the image member (tenantId)"},
    {"schema", AK_STR, MEMBER(schema), 0, ""},
    {"status", AK_STR, MEMBER(status), 0, .doc = "The status of this image member"},
    {"updated_at", AK_TIME, MEMBER(updated_us), 0, "updated_us",
     .doc = "Date and time of last modification of image member"},
};
const struct ak_fields image_member_fields = AK_FIELDS("member", struct image_member, member_rows);

const char *image_json_string(struct ak_arena *arena, const char *s)
{
    AK_AUTO_BUF out;
    struct ak_json w;

    ak_buf_init(&out, 6 * strlen(s) + 3);
    w = ak_json_on(&out);
    ak_json_str(&w, s);
    return ak_arena_strdup(arena, out.data);
}

const char *image_tags_text(struct ak_arena *arena, const struct ak_list *tags)
{
    AK_AUTO_BUF out;
    struct ak_json w;

    ak_buf_init(&out, (size_t)1 << 20);
    w = ak_json_on(&out);
    ak_json_array(&w);
    for (size_t i = 0; i < tags->n; i++) {
        ak_json_str(&w, ((const char **)tags->items)[i]);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(arena, out.data);
}

const char *image_properties_text(struct ak_arena *arena, const struct ak_map *map)
{
    AK_AUTO_BUF out;
    struct ak_json w;

    ak_buf_init(&out, (size_t)8 << 20);
    w = ak_json_on(&out);
    ak_json_object(&w);
    for (size_t i = 0; i < map->n; i++) {
        ak_json_kstr(&w, map->pairs[i].key, map->pairs[i].value);
    }
    ak_json_object_end(&w);
    return ak_arena_strdup(arena, out.data);
}

static void size_member(struct ak_json *w, const char *key, int64_t size)
{
    if (size > 0) {
        ak_json_kint(w, key, size);
    } else {
        ak_json_knull(w, key);
    }
}

void image_render(struct image_row *image, struct ak_arena *arena, struct ak_json *w)
{
    static const struct ak_fields_mode mode = {0};

    image->self = ak_arena_printf(arena, "/v2/images/%s", image->id);
    image->file = ak_arena_printf(arena, "/v2/images/%s/file", image->id);
    image->schema = "/v2/schemas/image";
    image->os_hash_algo = image->os_hash_value ? "sha512" : NULL;
    ak_json_object(w);
    ak_fields_render(&image_fields, image, &mode, w);
    size_member(w, "size", image->size);
    size_member(w, "virtual_size", image->virtual_size);
    for (size_t i = 0; i < image->properties.n; i++) {
        ak_json_kstr(w, image->properties.pairs[i].key, image->properties.pairs[i].value);
    }
    ak_json_object_end(w);
}

void image_member_render(struct image_member *member, struct ak_json *w)
{
    static const struct ak_fields_mode mode = {0};

    member->schema = "/v2/schemas/member";
    ak_fields_render_object(&image_member_fields, member, &mode, w);
}

static const char *schema_type(enum ak_field_type type)
{
    switch (type) {
    case AK_INT:
        return "integer";
    case AK_BOOL:
        return "boolean";
    case AK_LIST:
        return "array";
    default:
        return "string";
    }
}

static void schema_member(const struct ak_field *row, struct ak_json *w)
{
    bool nullable = row->flags & AK_NULLABLE;

    ak_json_key(w, row->name);
    ak_json_object(w);
    ak_json_key(w, "type");
    if (nullable) {
        ak_json_array(w);
        ak_json_str(w, "null");
    }
    ak_json_str(w, schema_type(row->type));
    if (nullable) {
        ak_json_array_end(w);
    }
    if (row->doc) {
        ak_json_kstr(w, "description", row->doc);
    }
    if (!(row->flags & (AK_CREATE | AK_UPDATE))) {
        ak_json_kbool(w, "readOnly", true);
    }
    if (row->type == AK_LIST) {
        ak_json_kraw(w, "items", "{\"type\":\"string\",\"maxLength\":255}");
    }
    if (row->choices) {
        ak_json_key(w, "enum");
        ak_json_array(w);
        if (nullable) {
            ak_json_null(w);
        }
        for (const char *const *c = row->choices; *c; c++) {
            ak_json_str(w, *c);
        }
        ak_json_array_end(w);
    }
    ak_json_object_end(w);
}

static void schema_one(const struct ak_fields *fields, bool is_image, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "name", fields->name);
    ak_json_key(w, "properties");
    ak_json_object(w);
    for (size_t i = 0; i < fields->n; i++) {
        const struct ak_field *row = &fields->rows[i];

        if (!(row->flags & AK_HIDDEN) || row->doc) {
            schema_member(row, w);
        }
    }
    ak_json_object_end(w);
    if (is_image) {
        ak_json_kraw(w, "additionalProperties", "{\"type\":\"string\"}");
        ak_json_kraw(w, "links",
                     "[{\"rel\":\"self\",\"href\":\"{self}\"},"
                     "{\"rel\":\"enclosure\",\"href\":\"{file}\"},"
                     "{\"rel\":\"describedby\",\"href\":\"{schema}\"}]");
    }
    ak_json_object_end(w);
}

static void schema_list(const char *name, const struct ak_fields *fields, bool is_image,
                        struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "name", name);
    ak_json_key(w, "properties");
    ak_json_object(w);
    ak_json_key(w, name);
    ak_json_object(w);
    ak_json_kstr(w, "type", "array");
    ak_json_key(w, "items");
    schema_one(fields, is_image, w);
    ak_json_object_end(w);
    ak_json_kraw(w, "schema", "{\"type\":\"string\"}");
    if (is_image) {
        ak_json_kraw(w, "first", "{\"type\":\"string\"}");
        ak_json_kraw(w, "next", "{\"type\":\"string\"}");
    }
    ak_json_object_end(w);
    ak_json_kraw(w, "links",
                 is_image ? "[{\"rel\":\"first\",\"href\":\"{first}\"},"
                            "{\"rel\":\"next\",\"href\":\"{next}\"},"
                            "{\"rel\":\"describedby\",\"href\":\"{schema}\"}]"
                          : "[{\"rel\":\"describedby\",\"href\":\"{schema}\"}]");
    ak_json_object_end(w);
}

bool image_schema_render(const char *name, struct ak_json *w)
{
    if (ak_streq(name, "image")) {
        schema_one(&image_fields, true, w);
    } else if (ak_streq(name, "images")) {
        schema_list("images", &image_fields, true, w);
    } else if (ak_streq(name, "member")) {
        schema_one(&image_member_fields, false, w);
    } else if (ak_streq(name, "members")) {
        schema_list("members", &image_member_fields, false, w);
    } else {
        return false;
    }
    return true;
}
