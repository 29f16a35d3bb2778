/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_SERVICE_LABEL_INTERNAL_H
#define AK_SERVICE_LABEL_INTERNAL_H
/* Private to the labels of src/service.
 *
 *   service_label_api.c    routes           service_label_store.c  statements
 *   service_label_kinds.c  which resources there are, and whether one is there; the sweep */
#include "service/service.h"

struct service_label_row {
    const char *id, *project_id, *resource_type, *resource_id;
    const char *classification; /* NULL: not said */
    struct ak_map labels;
    int64_t updated_us; /* 0: never */
    const char *updated_by;
    struct ak_given given;
};
extern const struct ak_fields service_label_fields;

ak_handler_fn service_label_list_handler, service_label_show_handler, service_label_put_handler,
    service_label_delete_handler;

/* Whether the project has such a thing now ('user_id' is whose key pairs are meant, NULL:
 * anyone's). AK_OBJECT_NOT_FOUND, for an unknown type too. */
int service_label_resource(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                           const char *user_id, const char *type, const char *id,
                           struct ak_error *err);
extern const struct ak_schedule *const service_label_schedules[];

/* What is not there is AK_NOT_FOUND. */
int service_label_store_get(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            const char *type, const char *id, struct service_label_row *ret,
                            struct ak_error *err);
int service_label_store_put(struct ak_tx *tx, struct ak_arena *arena,
                            const struct service_label_row *row, struct ak_error *err);
int service_label_store_delete(struct ak_tx *tx, const char *project_id, const char *type,
                               const char *id, int64_t *ret_n, struct ak_error *err);
/* 'project_id' NULL: all projects. */
int service_label_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const struct ak_query *query, struct ak_list *ret,
                             struct ak_error *err);
/* At most 200 rows after 'id', by id. */
int service_label_store_next(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct ak_list *ret, struct ak_error *err);
/* A string as JSON, in the arena. */
const char *service_label_quote(struct ak_arena *arena, const char *s);

#endif
