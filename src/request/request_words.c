/* SPDX-License-Identifier: Apache-2.0 */
/* What people read of a form: the names of what its fields name (kept as they were when it was
 * submitted, since servers and users go), titles in both languages, and the form as lines of a
 * mail. */
#include "request/request_internal.h"

#include "compute/compute.h"
#include "network/network.h"

#define CUT_TITLE 40  /* characters of a text in a title */
#define CUT_MAIL  500 /* and in a mail */

/* ---- Names ----------------------------------------------------------------------------------- */

static int choice_name(struct ak_tx *tx, struct ak_arena *arena, const struct request_field *field,
                       const char *project_id, const char *value, const char **ret,
                       struct ak_error *err)
{
    const struct request_choice *choices = NULL;
    int rc = request_form_choices(tx, arena, field, project_id, &choices, err);
    for (; rc == 0 && choices->value; choices++) {
        if (ak_streq(choices->value, value)) {
            *ret = choices->title_en;
        }
    }
    return rc;
}

/* NULL: the field names nothing. */
static int name_of(struct ak_tx *tx, struct ak_arena *arena, const struct request_field *field,
                   const char *project_id, const char *value, const char **ret,
                   struct ak_error *err)
{
    struct compute_server_look look = {0};
    int rc = 0;
    *ret = NULL;
    switch (field->type) {
    case REQUEST_SERVER:
        rc = compute_server_look(tx, arena, project_id, value, &look, err);
        *ret = look.name;
        return rc;
    case REQUEST_NETWORK:
        return network_network_name(tx, arena, project_id, value, ret, err);
    case REQUEST_USER:
        return identity_user_name(tx, arena, value, ret, err);
    case REQUEST_CHOICE:
        return field->source == REQUEST_LISTED
                   ? 0
                   : choice_name(tx, arena, field, project_id, value, ret, err);
    default:
        return 0;
    }
}

int request_words_names(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                        const char *project_id, const json_t *fields, const char **ret_names,
                        struct ak_error *err)
{
    AK_AUTO_JSON names = json_object();
    for (size_t i = 0; i < kind->n_fields; i++) {
        const struct request_field *field = &kind->fields[i];
        const char *value = json_string_value(json_object_get(fields, field->name)), *name = NULL;
        int rc = value ? name_of(tx, arena, field, project_id, value, &name, err) : 0;
        if (rc < 0) {
            return rc;
        }
        if (name && name[0]) {
            (void)json_object_set_new(names, field->name, json_string(name));
        }
    }
    char *text = json_dumps(names, JSON_COMPACT | JSON_SORT_KEYS);
    *ret_names = ak_arena_strdup(arena, text);
    free(text);
    return 0;
}

/* ---- Values as people read them -------------------------------------------------------------- */

/* The first 'most' characters, as one line. */
static const char *cut(struct ak_arena *arena, const char *text, size_t most)
{
    char *line = ak_arena_strdup(arena, text);
    size_t chars = 0;
    for (char *c = line; *c; c++) {
        *c = (unsigned char)*c < ' ' ? ' ' : *c;
        chars += ((unsigned char)*c & 0xc0) != 0x80;
        if (chars > most) {
            *c = '\0';
            return ak_arena_printf(arena, "%s…", line);
        }
    }
    return line;
}

/* NULL: nothing was filled in. 'id': with the id beside a name. */
static const char *readable(struct ak_arena *arena, const struct request_field *field,
                            const json_t *fields, const json_t *names, bool english, size_t most,
                            bool id)
{
    const json_t *value = json_object_get(fields, field->name);
    const char *text = json_string_value(value),
               *name = json_string_value(json_object_get(names, field->name));
    if (json_is_integer(value)) {
        return ak_arena_printf(arena, "%" PRId64, (int64_t)json_integer_value(value));
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? (english ? "yes" : "はい") : (english ? "no" : "いいえ");
    }
    for (const struct request_choice *choice = field->choices; choice && text && choice->value;
         choice++) {
        if (ak_streq(choice->value, text)) {
            return english ? choice->title_en : choice->title_ja;
        }
    }
    if (name) {
        return id && !ak_streq(name, text) ? ak_arena_printf(arena, "%s (%s)", name, text) : name;
    }
    return text ? cut(arena, text, most) : NULL;
}

static const struct request_field *field_named(const struct request_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_fields; i++) {
        if (ak_streq(kind->fields[i].name, name)) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

const char *request_words_title(struct ak_arena *arena, const struct request_kind *kind,
                                const json_t *fields, const json_t *names, bool english)
{
    const char *title = english ? kind->title_en : kind->title_ja, *subject = NULL;
    for (size_t i = 0; i < AK_N(kind->subject) && kind->subject[i]; i++) {
        const struct request_field *field = field_named(kind, kind->subject[i]);
        const char *text =
            field ? readable(arena, field, fields, names, english, CUT_TITLE, false) : NULL;
        subject = !text ? subject : subject ? ak_arena_printf(arena, "%s %s", subject, text) : text;
    }
    return subject ? ak_arena_printf(arena, "%s: %s", title, subject) : title;
}

const char *request_words_form(struct ak_arena *arena, const struct request_row *request,
                               bool english)
{
    const struct request_kind *kind = request_kind_find(request->kind);
    AK_AUTO_JSON fields = json_loads(request->fields ? request->fields : "{}", 0, NULL);
    AK_AUTO_JSON names = json_loads(request->names ? request->names : "{}", 0, NULL);
    const char *lines = "";
    for (size_t i = 0; kind && i < kind->n_fields; i++) {
        const struct request_field *field = &kind->fields[i];
        const char *text = readable(arena, field, fields, names, english, CUT_MAIL, true);
        if (text) {
            lines = ak_arena_printf(arena, "%s%s: %s\n", lines,
                                    english ? field->title_en : field->title_ja, text);
        }
    }
    return lines;
}

const char *request_words_name(struct ak_arena *arena, const struct request_row *request,
                               const char *field, const char *value)
{
    AK_AUTO_JSON names = json_loads(request->names ? request->names : "{}", 0, NULL);
    const char *name = json_string_value(json_object_get(names, field));
    return name ? ak_arena_strdup(arena, name) : value;
}
