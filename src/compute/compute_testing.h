/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_TESTING_H
#define COMPUTE_TESTING_H
/* For the tests of compute: a server with the domain, simulated engines, a worker that is run by
 * hand, and stand-ins for image and network (one image, one network, in memory). */
#include "compute/compute_internal.h"

#include "base/test.h"
#include "http/http_testing.h"
#include "store/store_testing.h"

#define IMAGE       "11111111-1111-4111-8111-111111111111" /* active, 1 GiB */
#define IMAGE_BIG   "22222222-2222-4222-8222-222222222222" /* active, 30 GiB */
#define IMAGE_YOUNG "33333333-3333-4333-8333-333333333333" /* still queued */
#define IMAGE_BETA  "44444444-4444-4444-8444-444444444444" /* beta's own */
#define NETWORK     "44444444-4444-4444-8444-444444444444"

/* Tokens. */
#define ALPHA  "alpha:member"
#define READER "alpha:reader"
#define BETA   "beta:member"
#define ADMIN  "admin:admin"

struct fixture {
    struct http_testing *t;
    struct ak_error err;
    struct ak_config *config; /* of the worker */
    struct ak_engines *engines;
    struct ak_worker *worker;
    char dir[64];
    char id[AK_UUID_TEXT]; /* of the last server made */
};

/* How the stand-ins behave; reset before each test. */
struct compute_fakes {
    int ports_fail;       /* code that network_server_ports_apply() fails with */
    int base_fail;        /* code that image_base_ensure() fails with */
    int applied, removed; /* calls */
    void (*during_base)(struct ak_job_run *run); /* called while the base is made */
};
extern struct compute_fakes compute_fakes;

int compute_test_set_up(void **state);
int compute_test_tear_down(void **state);
/* A request below /compute/v2.1 on the customer listener. */
const struct http_answer *ask(struct fixture *f, const char *token, const char *method,
                              const char *path, const char *body);
/* The same at a microversion ("2.26"). */
const struct http_answer *ask_at(struct fixture *f, const char *version, const char *token,
                                 const char *method, const char *path, const char *body);
/* Makes a server named 'name' of flavor tiny as alpha; its id is in f->id. */
void make_server(struct fixture *f, const char *name);
/* POST …/action on f->id; returns the status. */
int act(struct fixture *f, const char *token, const char *body);
/* Runs all jobs that are due. */
void work(struct fixture *f);
/* Runs a schedule of the domain by hand. */
void run_schedule(struct fixture *f, const char *name);
/* A member of GET /servers/<f->id> as text; "null" when null. */
const char *member(struct fixture *f, const char *path);
enum ak_vm_state vm_state(struct fixture *f, const char *id);

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, compute_test_set_up, compute_test_tear_down)

#endif
