/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs of service classes: what a customer's class leaves to the customer, to requests or to
 * nobody. src/service writes the rows of a project when its contract begins; identity knows no
 * class, only the modes. Two bits a verb are added up by the statement that resolves a token, and
 * remembered with it under the identity version. */
#include "identity/identity_internal.h"

#include <assert.h>

#include "identity/identity_sql.h"

enum { MODE_BITS = 2, MODE_MASK = 3 };

const struct identity_verb identity_verbs[] = {
#define IDENTITY_VERB(name, kind, en, ja) {name, kind, en, ja},
#include "identity/verbs.def"
#undef IDENTITY_VERB
};
const size_t identity_verbs_n = AK_N(identity_verbs);
static_assert(AK_N(identity_verbs) <= 31, "two bits each in a signed 64-bit number");

const char *identity_mode_name(enum identity_mode mode)
{
    static const char *const names[] = {[IDENTITY_SELF] = "self",
                                        [IDENTITY_REQUEST] = "request",
                                        [IDENTITY_NONE] = "none",
                                        [IDENTITY_CONSENT] = "consent"};

    return names[mode];
}

int identity_verb_find(const char *name)
{
    for (size_t i = 0; i < identity_verbs_n; i++) {
        if (ak_streq(identity_verbs[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

enum identity_mode identity_verb_mode(const struct ak_principal *principal, size_t verb)
{
    return (enum identity_mode)(principal->class_bits >> (MODE_BITS * verb) & MODE_MASK);
}

int identity_verb_require(const struct ak_principal *principal, const char *verb,
                          struct ak_error *err)
{
    int i = identity_verb_find(verb);
    const struct identity_verb *row = i < 0 ? NULL : &identity_verbs[i];

    if (!row) {
        return ak_fail_detail(err, AK_INTERNAL, "there is no verb '%s'", verb);
    }
    switch (identity_verb_mode(principal, (size_t)i)) {
    case IDENTITY_SELF:
        return 0;
    case IDENTITY_REQUEST:
        return ak_fail(err, AK_CLASS_REQUEST, principal->class_name, row->name, row->title_en,
                       row->title_ja, row->request_kind);
    case IDENTITY_CONSENT:
        return ak_fail(err, AK_CONSENT_NEEDED);
    case IDENTITY_NONE:
        break;
    }
    return ak_fail(err, AK_CLASS_NONE, principal->class_name, row->name, row->title_en,
                   row->title_ja);
}

int identity_project_verbs_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, ak_sql_exec(tx, &sql_project_verb_delete, AK_ARGS(ak_v_text(project_id)), NULL, err),
        err);
}

int identity_project_verbs_set(struct ak_tx *tx, const char *project_id, const char *class_name,
                               const enum identity_mode *modes, struct ak_error *err)
{
    int rc = identity_project_verbs_clear(tx, project_id, err);

    for (size_t i = 0; i < identity_verbs_n && rc == 0; i++) {
        rc = ak_sql_exec(tx, &sql_project_verb_insert,
                         AK_ARGS(ak_v_text(project_id), ak_v_text(identity_verbs[i].name),
                                 ak_v_text(identity_mode_name(modes[i])),
                                 ak_v_int((int64_t)modes[i] << (MODE_BITS * i)),
                                 ak_v_text(class_name)),
                         NULL, err);
    }
    return rc;
}

int identity_project_verb_consent(struct ak_tx *tx, const char *project_id, const char *verb,
                                  bool needed, struct ak_error *err)
{
    enum identity_mode from = needed ? IDENTITY_SELF : IDENTITY_CONSENT;
    enum identity_mode to = needed ? IDENTITY_CONSENT : IDENTITY_SELF;
    int i = identity_verb_find(verb);

    if (i < 0) {
        return ak_fail_detail(err, AK_INTERNAL, "there is no verb '%s'", verb);
    }
    return identity_version_store_bump(tx,
                                       ak_sql_exec(tx, &sql_project_verb_consent,
                                                   AK_ARGS(ak_v_text(project_id), ak_v_text(verb),
                                                           ak_v_text(identity_mode_name(to)),
                                                           ak_v_int((int64_t)to << (MODE_BITS * i)),
                                                           ak_v_text(identity_mode_name(from))),
                                                   NULL, err),
                                       err);
}
