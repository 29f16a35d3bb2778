/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the provider's staff: which roles reach which policies, where they count, and that
 * nobody raises himself. */
#include "identity/identity_testing.h"

#include <stdio.h>

static void make(struct fixture *f, const char *name, const char *role)
{
    char project[AK_UUID_TEXT];

    assert_ok(identity_project_ensure(f->t->store, "default", "admin", project, &f->err), &f->err);
    assert_ok(identity_user_ensure(f->t->store, "default", name, PASSWORD, project, role, &f->err),
              &f->err);
}

static void log_in(struct fixture *f, const char *name, char token[64])
{
    assert_ok(ak_config_set(f->t->config, "identity_staff_mfa_required", "no", &f->err), &f->err);
    identity_test_token_of(identity_test_login(f, name, PASSWORD), token);
}

static bool may(unsigned roles, const char *policy, bool *ret_admin)
{
    struct ak_principal principal = {.project_id = "p", .roles = identity_roles_expand(roles)};
    struct ak_request req = {.principal = &principal};
    struct ak_error err = {0};

    *ret_admin = false;
    return identity_authorise(&req, policy, ret_admin, &err) == 0;
}

static void each_role_of_the_staff_reaches_what_is_its_own(void **state)
{
    static const struct {
        const char *policy;
        unsigned roles; /* who may */
        bool above;     /* and stands above projects there */
    } cases[] = {
        {"identity:user:list", AK_ROLE_STAFF, true},
        {"identity:user:create", AK_ROLE_ADMIN, true},
        {"identity:assignment:create", AK_ROLE_ADMIN, true},
        {"identity:project:create", AK_ROLE_ADMIN | AK_ROLE_PRIVILEGED, true},
        {"compute:host:list", AK_ROLE_STAFF, true},
        {"compute:host:update", AK_ROLE_ADMIN | AK_ROLE_PRIVILEGED | AK_ROLE_OPERATOR, true},
        {"compute:quota:update", AK_ROLE_ADMIN | AK_ROLE_PRIVILEGED | AK_ROLE_OPERATOR, true},
        {"compute:server:list", AK_ROLE_STAFF | AK_ROLE_READER | AK_ROLE_MEMBER, true},
        {"network:port:show", AK_ROLE_STAFF | AK_ROLE_READER | AK_ROLE_MEMBER, true},
        {"compute:server:delete", AK_ROLE_ADMIN | AK_ROLE_MEMBER, true},
        {"compute:console:output", AK_ROLE_ADMIN | AK_ROLE_MEMBER, true},
    };

    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        for (unsigned bit = AK_ROLE_READER; bit <= AK_ROLE_ANALYST; bit <<= 1) {
            bool admin = false, wanted = bit == AK_ROLE_MANAGER ? cases[i].roles & AK_ROLE_MEMBER
                                                                : cases[i].roles & bit;
            bool got = may(bit, cases[i].policy, &admin);

            if (got != wanted || admin != (got && cases[i].above && (bit & AK_ROLE_STAFF))) {
                fail_msg("%s by role %u: %d %d", cases[i].policy, bit, got, admin);
            }
        }
    }
}

static void the_staff_does_not_look_at_tokens_of_others_nor_into_images(void **state)
{
    bool admin = false;

    (void)state;
    assert_true(may(AK_ROLE_PRIVILEGED, "identity:token:show", &admin));
    assert_false(admin);
    assert_true(may(AK_ROLE_PRIVILEGED, "image:image:download", &admin));
    assert_false(admin);
}

static void an_operator_lists_users_but_makes_none_and_gives_no_role(void **state)
{
    struct fixture *f = *state;
    char token[64];

    make(f, "op", "operator");
    log_in(f, "op", token);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/users", token, NULL), 200);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/projects", token, NULL), 200);
    assert_int_equal(
        identity_test_status(f, "POST", "/identity/v3/users", token, "{\"user\":{\"name\":\"x\"}}"),
        403);
    assert_int_equal(identity_test_status(f, "POST", "/identity/v3/projects", token,
                                          "{\"project\":{\"name\":\"x\"}}"),
                     403);
}

static void the_staff_is_unknown_on_the_customer_listener(void **state)
{
    struct fixture *f = *state;
    char token[64];

    make(f, "op", "analyst");
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "op", PASSWORD, NULL)->status, 401);
    log_in(f, "op", token);
    assert_int_equal(
        http_testing_ask(f->t, AK_CUSTOMER, "GET", "/identity/v3/auth/projects", token, NULL)
            ->status,
        401);
}

static void a_role_of_the_staff_is_not_given_in_a_customers_project(void **state)
{
    struct fixture *f = *state;

    assert_fails(
        identity_user_ensure(f->t->store, "default", "alpha", NULL, f->alpha, "operator", &f->err),
        AK_STAFF_ROLE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_of_the_staff_reaches_what_is_its_own),
        cmocka_unit_test(the_staff_does_not_look_at_tokens_of_others_nor_into_images),
        TEST(an_operator_lists_users_but_makes_none_and_gives_no_role),
        TEST(the_staff_is_unknown_on_the_customer_listener),
        TEST(a_role_of_the_staff_is_not_given_in_a_customers_project),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
