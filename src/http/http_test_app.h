/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HTTP_TEST_APP_H
#define AK_HTTP_TEST_APP_H
/* For http_test.c: small domains of every dialect, and a client that sends raw bytes. */
#include "http/http.h"

extern const struct ak_domain *const test_domains[];
extern const struct ak_server_hooks test_hooks;
extern int test_busy_left;    /* how often the busy handler still fails */
extern int64_t test_streamed; /* bytes the last streaming handler read, or its negative error */

struct test_answer {
    int status;
    char *head; /* as received, NUL-terminated */
    char *body; /* NUL-terminated */
    size_t body_len;
};

/* Connects to the socket; aborts when it cannot. */
int test_connect(const char *path);
void test_send(int fd, const char *bytes, size_t len);
/* Reads to the end of the connection. */
void test_receive(int fd, struct test_answer *ret_answer);
void test_answer_done(struct test_answer *answer);
/* The value of a header, NULL when absent; valid until the next call. */
const char *test_header(const struct test_answer *answer, const char *name);

#endif
