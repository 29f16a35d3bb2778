/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_ACCESS_H
#define AK_ACCESS_H
/* Access: from where, until when, by whose leave. Allow-lists of sources and areas, privileges for
 * a limited time, break-glass, reviews of rights, and what was done to a customer's objects. */
#include "http/http.h"
#include "identity/identity.h"

extern const struct ak_domain access_domain;

/* The server's hook (struct ak_server_hooks): the policy table, then the areas. */
int access_authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                     struct ak_error *err);

/* The server's hook: acting in the name of a customer's people needs break-glass over the whole
 * project. AK_OPERATOR_BLIND. */
int access_enter(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                 struct ak_error *err);

/* Whether the request may do what 'purpose' names (console, metrics, guides) in the project:
 * always, where the project is tied to no area for it; else only from inside of one. The management
 * listener is not asked. AK_AREA_REFUSED. */
int access_area_check(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                      const char *purpose, struct ak_error *err);
/* Whether the request may see content of an object of 'project_id' ('server_id' may be NULL): the
 * project's own people may; the provider's people only under break-glass. AK_OPERATOR_BLIND. */
int access_content_check(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                         const char *server_id, struct ak_error *err);

/* Ties a project to areas by their slugs (NULL-terminated; none = from anywhere). An area that does
 * not exist is made without addresses, so that what is tied to it stays closed until the provider
 * says what it is. */
int access_project_areas_set(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const char *purpose, const char *const *slugs, struct ak_error *err);
/* Slugs of the project's areas that 'source' is inside of. NULL-terminated. */
int access_areas_inside(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const char *source, const char *const **ret_slugs, struct ak_error *err);

/* Gives 'role' on 'project_id' from now for 'hours', as asked for and approved elsewhere (a request
 * with its approvals); 'decided_by' must differ from 'user_id' and 'requested_by': AK_OWN_DECISION.
 * Recorded among the privileges. AK_OBJECT_NOT_FOUND. */
int access_privilege_give(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                          const char *project_id, const char *role, int64_t hours,
                          const char *reason, const char *ticket, const char *requested_by,
                          const char *decided_by, char ret_id[AK_UUID_TEXT], struct ak_error *err);

#endif
