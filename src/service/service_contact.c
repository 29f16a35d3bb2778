/* SPDX-License-Identifier: Apache-2.0 */
/* Contacts by their mail address, for whoever takes mail in (incident). */
#include "service/service.h"

#include "service/service_contact_sql.h"

#define AT(member) offsetof(struct service_sender, member)

static const struct ak_field sender_rows[] = {
    {"contract_id", AK_STR, AT(contract_id)},
    {"project_id", AK_STR, AT(project_id)},
    {"name", AK_STR, AT(name)},
    {"language", AK_STR, AT(language)},
};
static const struct ak_fields sender_fields =
    AK_FIELDS("service_sender", struct service_sender, sender_rows);

int service_contact_by_email(struct ak_tx *tx, struct ak_arena *arena, const char *email,
                             struct service_sender *ret_sender, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_contact_by_email, AK_ARGS(ak_v_text(email)), &sender_fields,
                         arena, ret_sender, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Contact", email) : rc;
}
