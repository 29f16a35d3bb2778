/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTICE_TESTING_H
#define NOTICE_TESTING_H
/* For the tests of notice: a server with all domains it needs, the class files of the tree, and two
 * customers: "alpha" of the class tic (240 h of lead time), "beta" of zep-c1 (168 h), each with
 * contacts, and a server of each on host-1. Project "gamma" has no contract. */
#include "notice/notice_internal.h"

#include "base/test.h"
#include "http/http_testing.h"
#include "store/store_testing.h"

struct fixture {
    struct http_testing *t;
    struct ak_error err;
    char alpha[AK_UUID_TEXT], beta[AK_UUID_TEXT], gamma[AK_UUID_TEXT]; /* projects */
    char admin[64], user[64], other[64]; /* tokens: the provider's, of alpha, of beta */
};
int notice_test_set_up(void **state);
int notice_test_tear_down(void **state);
/* A statement of the test's own, in a transaction. */
void notice_test_sql(struct fixture *f, const char *text, struct ak_args args);
/* How many rows the statement says. */
int64_t notice_test_count(struct fixture *f, const char *text);
void notice_test_server(struct fixture *f, const char *id, const char *project_id, const char *name,
                        const char *host);
/* A request of the provider. */
const struct http_answer *notice_test_ask(struct fixture *f, const char *method, const char *path,
                                          const char *body);
/* One of a customer, on the customer listener. */
const struct http_answer *notice_test_customer(struct fixture *f, const char *token,
                                               const char *method, const char *path,
                                               const char *body);
#define TEST(name) cmocka_unit_test_setup_teardown(name, notice_test_set_up, notice_test_tear_down)

#endif
