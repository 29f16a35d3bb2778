/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_SERVICE_CLASS_INTERNAL_H
#define AK_SERVICE_CLASS_INTERNAL_H
/* Private to the class part of src/service.
 *
 *   service_class_text.c   the form of a file: text to entries
 *   service_class_rules.c  what a file must say    service_class_parse.c  entries to JSON by it
 *   service_class_load.c   files to versions in the database, at start and by 'akashi class load'
 *   service_class_value.c  parameters by dotted name, remembered in the process
 *   service_class_api.c    routes            service_class_store.c  statements
 *   service_host_api.c     zones and countries of hosts */
#include "identity/identity.h"
#include "service/service.h"

struct service_class_row {
    const char *id, *name, *hash, *content; /* 'content' is canonical JSON */
    int64_t version, loaded_us;
    bool offered;
};
extern const struct ak_fields service_class_row_fields;

/* One 'key = value' of a file. */
struct service_class_entry {
    const char *section, *key, *value;
    int64_t line;
    bool used; /* by a rule: what is left over is unknown */
};
/* "file:line: what 'name'" as AK_CONFIG; 'name' may be NULL. */
int service_class_fail(struct ak_error *err, const char *file, int64_t line, const char *what,
                       const char *name);
/* Entries in the arena. AK_CONFIG. */
int service_class_text_read(struct ak_arena *arena, const char *file, const char *text, size_t size,
                            struct service_class_entry **ret_entries, size_t *ret_n,
                            struct ak_error *err);

/* What a class file must say. */
enum service_class_type {
    SERVICE_CLASS_TEXT,   /* 'min' to 'max' characters */
    SERVICE_CLASS_INT,    /* 'min' to 'max' */
    SERVICE_CLASS_BOOL,   /* yes, no */
    SERVICE_CLASS_CHOICE, /* one of 'choices' */
    SERVICE_CLASS_LIST,   /* of 'choices' (NULL: of any words), separated by commas */
    SERVICE_CLASS_TIME    /* HH:MM */
};
struct service_class_rule {
    const char *section; /* "class" is the root of the JSON */
    const char *key;
    enum service_class_type type;
    int64_t min, max;
    const char *choices; /* "a|b|c" */
    const char *doc;     /* for the manual page */
};
extern const struct service_class_rule service_class_rules[];
extern const size_t service_class_rules_n;
/* The sections [licence.NAME], each with these. */
extern const struct service_class_rule service_class_licence_rules[];
extern const size_t service_class_licence_rules_n;
/* Titles of what is listed: layers of the responsibility matrix, security services. */
struct service_class_title {
    const char *slug, *title_ja, *title_en;
};
extern const struct service_class_title service_class_layers[], service_class_securities[];
extern const size_t service_class_layers_n, service_class_securities_n;

/* A host as the own API shows it. */
struct service_host {
    const char *name, *zone, *country, *disabled_reason;
    int64_t servers;
    bool enabled;
    struct ak_given given;
};
extern const struct ak_fields service_host_fields;

ak_handler_fn service_template_list_handler;
ak_handler_fn service_class_list_handler, service_class_show_handler, service_host_list_handler,
    service_host_update_handler;

/* Newest versions only. */
int service_class_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err);
/* 'version' 0: the newest. AK_OBJECT_NOT_FOUND. */
int service_class_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                             int64_t version, struct service_class_row *ret, struct ak_error *err);
/* '*ret_inserted' false: another process did. */
int service_class_store_insert(struct ak_tx *tx, const struct service_class_row *row,
                               bool *ret_inserted, struct ak_error *err);
/* 'version' is offered and no other; 0: none is. */
int service_class_store_offer(struct ak_tx *tx, const char *name, int64_t version,
                              struct ak_error *err);

/* A parameter as JSON, the caller's reference. AK_OBJECT_NOT_FOUND, AK_INTERNAL. */
int service_class_value(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                        json_t **ret, struct ak_error *err);

#define SERVICE_CLASS_SETTINGS 1
extern const struct ak_setting service_class_settings[SERVICE_CLASS_SETTINGS];

#endif
