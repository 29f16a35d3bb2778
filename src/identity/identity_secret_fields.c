/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of the own API of identity: what bodies may hold and what answers show. */
#include "identity/identity_secret.h"

#define AT(type, member) offsetof(struct type, member)

static const struct ak_field session_rows[] = {
    {"id", AK_STR, AT(identity_session_row, id), AK_FILTER, .doc = "id of the session"},
    {"source", AK_STR, AT(identity_session_row, source), 0, .doc = "address it was begun from"},
    {"listener", AK_STR, AT(identity_session_row, listener), 0, .doc = "customer or management"},
    {"user_agent", AK_STR, AT(identity_session_row, user_agent), 0,
     .doc = "the program, as it names itself"},
    {"methods", AK_LIST, AT(identity_session_row, methods), 0, .doc = "how the user logged in"},
    {"current", AK_BOOL, AT(identity_session_row, current), 0, .column = "is_current",
     .doc = "true: this request is part of it"},
    {"created_at", AK_TIME, AT(identity_session_row, issued_us), AK_SORT, .column = "issued_us",
     .doc = "when it was begun"},
    {"expires_at", AK_TIME, AT(identity_session_row, expires_us), AK_SORT, .column = "expires_us",
     .doc = "when its last token ends"},
};
const struct ak_fields identity_session_fields =
    AK_FIELDS("session", struct identity_session_row, session_rows);
