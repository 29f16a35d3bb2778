/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IDENTITY_TESTING_H
#define AK_IDENTITY_TESTING_H
/* For the tests of identity: a server with it, the projects alpha and beta with a user each, and
 * the requests that every test makes. */
#include "identity/identity_internal.h"

#include "base/test.h"
#include "http/http_testing.h"
#include "store/store_testing.h"

#define PASSWORD "correct horse"

struct fixture {
    struct http_testing *t;
    struct ak_error err;
    struct ak_arena *arena;                       /* of the test */
    char alpha[AK_UUID_TEXT], beta[AK_UUID_TEXT]; /* projects */
    char admin[64];                               /* token of the administrator */
    char user[64];                                /* token of user alpha in project alpha */
};

int identity_test_set_up(void **state);
int identity_test_tear_down(void **state);
/* A request on the management listener. */
const struct http_answer *identity_test_ask(struct fixture *f, const char *method, const char *path,
                                            const char *token, const char *body);
/* Its status only. */
int identity_test_status(struct fixture *f, const char *method, const char *path, const char *token,
                         const char *body);
/* A login by name in the default domain; 'scope' is JSON, NULL = none. */
const struct http_answer *identity_test_login_on(struct fixture *f, enum ak_listener listener,
                                                 const char *name, const char *password,
                                                 const char *scope);
const struct http_answer *identity_test_login(struct fixture *f, const char *name,
                                              const char *password);
/* The token of a successful login. */
void identity_test_token_of(const struct http_answer *a, char token[64]);
/* Fills f->admin and f->user. */
void identity_test_both_log_in(struct fixture *f);

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, identity_test_set_up, identity_test_tear_down)

#endif
