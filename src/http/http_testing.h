/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HTTP_TESTING_H
#define AK_HTTP_TESTING_H
/* For tests of domains: a real server on two unix sockets with a fresh database, and a client that
 * speaks JSON. A test asks as a customer's tool would, and sees what the dispatcher does too.
 *
 *   const struct http_answer *a =
 *       http_testing_ask(t, AK_CUSTOMER, "POST", "/image/v2/images", token, "{\"name\":\"x\"}");
 *   assert_int_equal(a->status, 201);
 *   assert_string_equal(http_answer_text(a, "id"), "…");
 */
#include "http/http.h"

struct http_testing {
    struct ak_store *store;
    struct ak_config *config; /* knows the settings of http and of the domains */
    struct ak_server *server;
    char socket[3][64]; /* by enum ak_listener */
    struct http_answer *answer;
};
struct http_answer {
    int status;
    char *head;   /* status line and headers */
    char *body;   /* NUL-terminated */
    json_t *json; /* of the body, NULL when it is none */
};

/* Takes the store over. Aborts when it cannot start. 'domains' NULL-terminated. */
struct http_testing *http_testing_start(const struct ak_domain *const *domains,
                                        struct ak_server_hooks hooks, struct ak_store *store);
/* Ends the server; the store is handed back. */
struct ak_store *http_testing_stop(struct http_testing *testing);
/* One request; 'token' and 'body' may be NULL. 'headers' are more lines ending in \r\n, or NULL.
 * The answer is valid until the next request. */
const struct http_answer *http_testing_send(struct http_testing *testing, enum ak_listener listener,
                                            const char *method, const char *path, const char *token,
                                            const char *headers, const char *body);
/* As above with any bytes of any type as the body. */
const struct http_answer *http_testing_send_bytes(struct http_testing *testing,
                                                  enum ak_listener listener, const char *method,
                                                  const char *path, const char *token,
                                                  const char *headers, const char *content_type,
                                                  const void *bytes, size_t size);
static inline const struct http_answer *http_testing_ask(struct http_testing *testing,
                                                         enum ak_listener listener,
                                                         const char *method, const char *path,
                                                         const char *token, const char *body)
{
    return http_testing_send(testing, listener, method, path, token, NULL, body);
}
/* A member by its path ("token/project/id", "users/0/name"); NULL when it is not there. */
const json_t *http_answer_at(const struct http_answer *answer, const char *path);
/* Its text; NULL when it is no string. */
const char *http_answer_text(const struct http_answer *answer, const char *path);
/* A header's value copied into 'out'; false when it is absent. */
bool http_answer_header(const struct http_answer *answer, const char *name, char *out, size_t size);

#endif
