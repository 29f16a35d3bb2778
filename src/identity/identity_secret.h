/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IDENTITY_SECRET_H
#define AK_IDENTITY_SECRET_H
/* Private to src/identity: one-time passwords, second factors, passkeys, sessions, and the users a
 * customer manages. Rows and prototypes, as identity_internal.h for the rest. */
#include "identity/identity_internal.h"

/* Passwords (identity_secret_password.c) ------------------------------------------------------ */

/* Four groups of four letters and digits that nobody mistakes for others, 79 bits. */
#define IDENTITY_READABLE 20
void identity_readable_make(char out[IDENTITY_READABLE]);
/* Sets a one-time password: ends all sessions; must be changed at the next login. */
int identity_user_set_initial(struct ak_tx *tx, const struct ak_config *config,
                              const struct identity_user_row *user,
                              const struct identity_initial *initial, struct ak_error *err);

/* A page of an own list: "next" when there is more. 'query->limit' is one more than the page. */
enum { IDENTITY_PAGE = 200 };
void identity_reply_page(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                         const struct ak_fields *fields, const struct ak_query *query,
                         const struct ak_list *list);

/* Oneself (identity_self_api.c) --------------------------------------------------------------- */

struct identity_session_row {
    const char *id, *source, *listener, *user_agent;
    struct ak_list methods;
    bool current;
    int64_t issued_us, expires_us;
};
extern const struct ak_fields identity_session_fields;
ak_handler_fn identity_self_password_handler, identity_session_list_handler,
    identity_session_delete_handler, identity_session_delete_others_handler;

int identity_session_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const char *current, const struct ak_query *query,
                                struct ak_list *ret, struct ak_error *err);
int identity_session_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                  struct ak_error *err);
int identity_session_store_delete_others(struct ak_tx *tx, const char *user_id, const char *id,
                                         struct ak_error *err);

/* What callers may not do yet (ak_principal.restrictions). */
enum identity_restriction {
    IDENTITY_MUST_CHANGE = 1, /* the one-time password must be changed */
    IDENTITY_MUST_ENROL = 2   /* staff without a second factor */
};

#endif
