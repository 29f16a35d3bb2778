/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_SERVICE_CLASS_INTERNAL_H
#define AK_SERVICE_CLASS_INTERNAL_H
/* Private to the class part of src/service.
 *
 *   service_class_text.c   the file format: text to JSON, checked by the table of parameters
 *   service_class_rules.c  that table
 *   service_class_load.c   files to versions in the database, at start and by 'akashi class load'
 *   service_class_value.c  parameters by dotted name, remembered in the process
 *   service_class_api.c    routes            service_class_store.c  statements */
#include "identity/identity.h"
#include "service/service.h"

struct service_class_row {
    const char *id, *name, *hash, *content; /* 'content' is canonical JSON */
    int64_t version, loaded_us;
    bool offered;
};
extern const struct ak_fields service_class_row_fields;

ak_handler_fn service_class_list_handler, service_class_show_handler;

/* Newest versions only. */
int service_class_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err);
/* 'version' 0: the newest. AK_OBJECT_NOT_FOUND. */
int service_class_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                             int64_t version, struct service_class_row *ret, struct ak_error *err);

#endif
