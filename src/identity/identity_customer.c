/* SPDX-License-Identifier: Apache-2.0 */
/* Whose people a user belongs to, and what the provider does to their accounts: only by leave (the
 * server's hook 'enter'), and never unseen. A domain is a customer's when it was made for a
 * contract; others, which administrators and clients of OpenStack make, are not asked about. */
#include "identity/identity_internal.h"

#include "identity/identity_sql.h"
#include "mail/mail.h"

static const struct ak_field customer_rows[] = {
    {"project_id", AK_STR, offsetof(struct identity_customer, project_id), 0},
    {"number", AK_STR, offsetof(struct identity_customer, number), 0},
    {"language", AK_STR, offsetof(struct identity_customer, language), 0},
};
static const struct ak_fields customer_fields =
    AK_FIELDS("customer", struct identity_customer, customer_rows);

static const struct ak_field manager_rows[] = {
    {"id", AK_STR, offsetof(struct identity_user_row, id), 0},
    {"email", AK_STR, offsetof(struct identity_user_row, email), 0},
    {"language", AK_STR, offsetof(struct identity_user_row, language), 0},
};
static const struct ak_fields manager_fields =
    AK_FIELDS("manager", struct identity_user_row, manager_rows);

int identity_customer_find(struct ak_tx *tx, struct ak_arena *arena,
                           const struct identity_whose *whose, struct ak_list *ret_customers,
                           struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_customers_of,
                           AK_ARGS(ak_v_text(whose->domain_id ? whose->domain_id : ""),
                                   ak_v_text(whose->project_id ? whose->project_id : ""),
                                   ak_v_text(whose->user_id ? whose->user_id : "")),
                           &customer_fields, arena, 0, ret_customers, err);
}

int identity_customer_enter(struct ak_request *req, struct ak_tx *tx,
                            const struct identity_whose *whose, struct ak_list *ret_customers,
                            struct ak_error *err)
{
    int rc = identity_customer_find(tx, req->arena, whose, ret_customers, err);
    const struct identity_customer *customer = ret_customers->items;

    for (size_t i = 0; i < ret_customers->n && rc == 0; i++) {
        rc = ak_streq(customer[i].project_id, req->principal->project_id)
                 ? 0
                 : ak_request_enter(req, tx, customer[i].project_id, err);
    }
    return rc;
}

const char *identity_customer_project(const struct ak_list *customers)
{
    return customers->n > 0 ? ((const struct identity_customer *)customers->items)[0].project_id
                            : NULL;
}

/* One mail, in the language that is its reader's now; an account without an address gets none. */
static int mail(struct ak_tx *tx, struct ak_arena *arena, const struct identity_told *what,
                const struct identity_customer *customer, const struct identity_user_row *to,
                struct ak_error *err)
{
    char when[AK_TIME_TEXT];
    const char *params[] = {what->user->name, customer->number, what->actor_name, when, NULL};
    const struct ak_mail row = {.key =
                                    ak_arena_printf(arena, "%s/%s/%s/%lld", what->template,
                                                    what->user->id, to->id, (long long)what->at_us),
                                .to = to->email,
                                .language = to->language ? to->language : customer->language,
                                .template = what->template,
                                .params = params,
                                .project_id = customer->project_id,
                                .object_type = "user",
                                .object_id = what->user->id};

    (void)ak_time_text(when, what->at_us, AK_TIME_Z);
    return to->email && to->email[0] ? ak_mail_add(tx, &row, err) : 0;
}

int identity_customer_tell(struct ak_tx *tx, struct ak_arena *arena,
                           const struct ak_list *customers, struct identity_told what,
                           struct ak_error *err)
{
    const struct identity_customer *customer = customers->items;
    bool owner_told = false;
    int rc = 0;

    what.at_us = ak_now_us();
    for (size_t i = 0; i < customers->n && rc == 0; i++) {
        struct ak_list managers = {0};
        const struct identity_user_row *manager = NULL;

        rc = ak_sql_load_all(tx, &sql_customer_managers, AK_ARGS(ak_v_text(customer[i].project_id)),
                             &manager_fields, arena, 0, &managers, err);
        manager = managers.items;
        for (size_t k = 0; k < managers.n && rc == 0; k++) {
            owner_told = owner_told || ak_streq(manager[k].id, what.user->id);
            rc = mail(tx, arena, &what, &customer[i], &manager[k], err);
        }
    }
    return rc == 0 && customers->n > 0 && !owner_told
               ? mail(tx, arena, &what, &customer[0], what.user, err)
               : rc;
}
