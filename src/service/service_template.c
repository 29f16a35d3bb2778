/* SPDX-License-Identifier: Apache-2.0 */
/* Templates for what operators write to customers: notices, words about an incident, closing
 * reports. The texts are rows of templates.def; their placeholders, {so}, stand in a table of their
 * own, and nothing that still holds one is published (service_template_check()). */
#include "service/service_class_internal.h"

/* What a template begins: a row's parts are the fields of the form. */
struct template
{
    const char *slug, *use; /* notice word report */
    const char *kind;       /* of a notice */
    const char *impact;
    bool emergency, needs_ack;
    const char *title_ja, *title_en; /* how it is called */
};
struct placeholder {
    const char *name, *title_ja, *title_en;
};

#define TEMPLATE(...)
#define PART(...)
#define PLACEHOLDER(name, ja, en) {name, ja, en},
static const struct placeholder placeholders[] = {
#include "service/templates.def"
};
#undef TEMPLATE
#undef PLACEHOLDER
#define TEMPLATE(slug, use, kind, impact, emergency, needs_ack, ja, en)                            \
    {slug, use, kind, impact, emergency, needs_ack, ja, en},
#define PLACEHOLDER(...)
static const struct template templates[] = {
#include "service/templates.def"
};
#undef TEMPLATE
#undef PART
#define TEMPLATE(...)
#define PART(slug, field, ja, en) {slug, field, ja, en},
static const struct service_template_text parts[] = {
#include "service/templates.def"
};
#undef TEMPLATE
#undef PART
#undef PLACEHOLDER

size_t service_template_rows(const struct service_template_text **ret_texts)
{
    *ret_texts = parts;
    return AK_N(parts);
}

/* Whether 'text' holds the placeholder. */
static bool holds(const char *text, const struct placeholder *p)
{
    size_t len = strlen(p->name);

    for (const char *at = text ? strchr(text, '{') : NULL; at; at = strchr(at + 1, '{')) {
        if (strncmp(at + 1, p->name, len) == 0 && at[1 + len] == '}') {
            return true;
        }
    }
    return false;
}

int service_template_check(const char *text, struct ak_error *err)
{
    for (size_t i = 0; i < AK_N(placeholders); i++) {
        if (holds(text, &placeholders[i])) {
            return ak_fail(err, AK_TEMPLATE_LEFT, placeholders[i].name, placeholders[i].title_en,
                           placeholders[i].title_ja);
        }
    }
    return 0;
}

bool service_template_knows(const char *name, size_t len)
{
    for (size_t i = 0; i < AK_N(placeholders); i++) {
        if (strlen(placeholders[i].name) == len && memcmp(placeholders[i].name, name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void write_placeholders(struct ak_json *w, const struct template *t)
{
    ak_json_key(w, "placeholders");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(placeholders); i++) {
        bool used = false;

        for (size_t p = 0; p < AK_N(parts); p++) {
            used = used ||
                   (ak_streq(parts[p].slug, t->slug) &&
                    (holds(parts[p].ja, &placeholders[i]) || holds(parts[p].en, &placeholders[i])));
        }
        if (used) {
            ak_json_object(w);
            ak_json_kstr(w, "name", placeholders[i].name);
            ak_json_kstr(w, "title_ja", placeholders[i].title_ja);
            ak_json_kstr(w, "title_en", placeholders[i].title_en);
            ak_json_object_end(w);
        }
    }
    ak_json_array_end(w);
}

static void write_template(struct ak_json *w, const struct template *t)
{
    ak_json_object(w);
    ak_json_kstr(w, "slug", t->slug);
    ak_json_kstr(w, "use", t->use);
    ak_json_kstr(w, "title_ja", t->title_ja);
    ak_json_kstr(w, "title_en", t->title_en);
    ak_json_kstr(w, "kind", t->kind);
    ak_json_kstr(w, "impact", t->impact);
    ak_json_kbool(w, "emergency", t->emergency);
    ak_json_kbool(w, "needs_ack", t->needs_ack);
    ak_json_key(w, "texts");
    ak_json_array(w);
    for (size_t p = 0; p < AK_N(parts); p++) {
        if (ak_streq(parts[p].slug, t->slug)) {
            ak_json_object(w);
            ak_json_kstr(w, "field", parts[p].field);
            ak_json_kstr(w, "ja", parts[p].ja);
            ak_json_kstr(w, "en", parts[p].en);
            ak_json_object_end(w);
        }
    }
    ak_json_array_end(w);
    write_placeholders(w, t);
    ak_json_object_end(w);
}

int service_template_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    const char *use = ak_request_query(req, "use");

    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "templates");
    ak_json_array(&reply->json);
    for (size_t i = 0; i < AK_N(templates); i++) {
        if (!use || ak_streq(use, templates[i].use)) {
            write_template(&reply->json, &templates[i]);
        }
    }
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}
