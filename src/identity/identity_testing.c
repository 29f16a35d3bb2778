/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture of the tests of identity. See identity_testing.h. */
#include "identity/identity_testing.h"

#include <unistd.h>

static const struct ak_domain *const domains[] = {&identity_domain, &identity_service_domain, NULL};

int identity_test_set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_store *store = store_testing_open();

    *state = f;
    f->arena = ak_arena_new();
    assert_ok(identity_bootstrap(store, PASSWORD, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "default", "alpha", f->alpha, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "Default", "beta", f->beta, &f->err), &f->err);
    assert_ok(
        identity_user_ensure(store, "default", "alpha", PASSWORD, f->alpha, "member", &f->err),
        &f->err);
    assert_ok(identity_user_ensure(store, "default", "beta", PASSWORD, f->beta, "reader", &f->err),
              &f->err);
    f->t = http_testing_start(
        domains, (struct ak_server_hooks){identity_authenticate, identity_authorise}, store);
    return ak_config_set(f->t->config, "identity_key_file",
                         ak_arena_printf(f->arena, "/tmp/ak-identity-%d.key", (int)getpid()),
                         &f->err);
}

int identity_test_tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(ak_config_str(f->t->config, "identity_key_file"));
    store_testing_close(http_testing_stop(f->t));
    ak_arena_free(f->arena);
    ak_time_shift(0);
    free(f);
    return 0;
}

const struct http_answer *identity_test_ask(struct fixture *f, const char *method, const char *path,
                                            const char *token, const char *body)
{
    return http_testing_ask(f->t, AK_MANAGEMENT, method, path, token, body);
}

const struct http_answer *identity_test_login_on(struct fixture *f, enum ak_listener listener,
                                                 const char *name, const char *password,
                                                 const char *scope)
{
    AK_AUTO_STR body = ak_xasprintf(
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"%s\",\"domain\":{\"id\":\"default\"},\"password\":\"%s\"}}}%s%s}}",
        name, password, scope ? ",\"scope\":" : "", scope ? scope : "");

    return http_testing_ask(f->t, listener, "POST", "/identity/v3/auth/tokens", NULL, body);
}

const struct http_answer *identity_test_login(struct fixture *f, const char *name,
                                              const char *password)
{
    return identity_test_login_on(f, AK_MANAGEMENT, name, password, NULL);
}

void identity_test_token_of(const struct http_answer *a, char token[64])
{
    assert_int_equal(a->status, 201);
    assert_true(http_answer_header(a, "X-Subject-Token", token, 64));
    assert_int_equal(strlen(token), 43);
}

void identity_test_both_log_in(struct fixture *f)
{
    identity_test_token_of(identity_test_login(f, "admin", PASSWORD), f->admin);
    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), f->user);
}

int identity_test_status(struct fixture *f, const char *method, const char *path, const char *token,
                         const char *body)
{
    return identity_test_ask(f, method, path, token, body)->status;
}
