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

/* Rows that only the database fills. */
static const struct ak_field factors_rows[] = {
    {"totp", AK_INT, AT(identity_factors, totp), 0},
    {"passkeys", AK_INT, AT(identity_factors, passkeys), 0},
    {"recovery_codes", AK_INT, AT(identity_factors, recovery_codes), 0},
};
const struct ak_fields identity_factors_fields =
    AK_FIELDS("factors", struct identity_factors, factors_rows);

static const struct ak_field totp_rows[] = {
    {"user_id", AK_STR, AT(identity_totp_row, user_id), 0},
    {"secret", AK_STR, AT(identity_totp_row, secret), AK_SECRET},
    {"pending", AK_STR, AT(identity_totp_row, pending), AK_SECRET},
    {"pending_us", AK_INT, AT(identity_totp_row, pending_us), 0},
    {"confirmed_us", AK_INT, AT(identity_totp_row, confirmed_us), 0},
    {"last_step", AK_INT, AT(identity_totp_row, last_step), 0},
};
const struct ak_fields identity_totp_fields =
    AK_FIELDS("totp", struct identity_totp_row, totp_rows);

static const struct ak_field receipt_rows[] = {
    {"hash", AK_STR, AT(identity_receipt_row, hash), AK_SECRET},
    {"user_id", AK_STR, AT(identity_receipt_row, user_id), 0},
    {"methods", AK_LIST, AT(identity_receipt_row, methods), 0},
    {"issued_us", AK_INT, AT(identity_receipt_row, issued_us), 0},
    {"expires_us", AK_INT, AT(identity_receipt_row, expires_us), 0},
};
const struct ak_fields identity_receipt_fields =
    AK_FIELDS("receipt", struct identity_receipt_row, receipt_rows);

static const struct ak_field passcode_rows[] = {
    {"passcode", AK_STR, AT(identity_auth_user, passcode), AK_CREATE | AK_REQUIRED | AK_SECRET,
     .min = 1, .max = 64, .doc = "the code that the authenticator shows now"},
};
const struct ak_fields identity_passcode_fields =
    AK_FIELDS("totp", struct identity_auth_user, passcode_rows);
