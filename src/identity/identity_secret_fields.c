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

static const struct ak_field customer_user_mfa_rows[] = {
    {"totp", AK_BOOL, AT(identity_customer_user_mfa, totp), 0, .doc = "has an authenticator"},
    {"passkeys", AK_INT, AT(identity_customer_user_mfa, passkeys), 0, .doc = "number of passkeys"},
};
static const struct ak_fields customer_user_mfa_fields =
    AK_FIELDS("mfa", struct identity_customer_user_mfa, customer_user_mfa_rows);

static const char *const customer_roles[] = {"reader", "member", "manager", NULL};

static const struct ak_field customer_user_rows[] = {
    {"id", AK_STR, AT(identity_customer_user_row, id), AK_FILTER | AK_SORT,
     .doc = "id of the user"},
    {"domain_id", AK_STR, AT(identity_customer_user_row, domain_id), AK_HIDDEN},
    {"name", AK_STR, AT(identity_customer_user_row, name),
     AK_CREATE | AK_REQUIRED | AK_FILTER | AK_SORT, .min = 1, .max = 255,
     .doc = "the name to log in with; unique among the customer's"},
    {"email", AK_STR, AT(identity_customer_user_row, email), AK_CREATE | AK_UPDATE | AK_NULLABLE,
     .max = 255, .doc = "mail address"},
    {"role", AK_STR, AT(identity_customer_user_row, role),
     AK_CREATE | AK_REQUIRED | AK_UPDATE | AK_FILTER | AK_SORT, .choices = customer_roles,
     .doc = "reader, member, or manager: the master user"},
    {"enabled", AK_BOOL, AT(identity_customer_user_row, enabled), AK_UPDATE | AK_FILTER,
     .doc = "false: cannot come in; all sessions end"},
    {"created_at", AK_TIME, AT(identity_customer_user_row, created_us), AK_SORT,
     .column = "created_us", .doc = "when it was made"},
    {"last_login_at", AK_TIME, AT(identity_customer_user_row, last_login_us), AK_SORT,
     .column = "last_login_us", .doc = "null: never"},
    {"must_change_password", AK_BOOL, AT(identity_customer_user_row, must_change), 0,
     .column = "must_change", .doc = "true: the one-time password was not changed yet"},
    {"mfa", AK_OBJECT, AT(identity_customer_user_row, mfa), 0, .column = "",
     .sub = &customer_user_mfa_fields, .doc = "second factors"},
    {"initial_password", AK_STR, AT(identity_customer_user_row, initial_password), AK_OMIT_NULL,
     .column = "", .doc = "one-time password, shown once: at creation and at a reset"},
    {"totp", AK_INT, AT(identity_customer_user_row, totp), AK_HIDDEN},
    {"passkeys", AK_INT, AT(identity_customer_user_row, passkeys), AK_HIDDEN},
    {"elsewhere", AK_INT, AT(identity_customer_user_row, elsewhere), AK_HIDDEN},
};
const struct ak_fields identity_customer_user_fields =
    AK_FIELDS_GIVEN("user", struct identity_customer_user_row, customer_user_rows);

static const struct ak_field passkey_rows[] = {
    {"id", AK_STR, AT(identity_passkey_row, id), AK_FILTER, .doc = "id of the passkey"},
    {"name", AK_STR, AT(identity_passkey_row, name), AK_FILTER | AK_SORT,
     .doc = "what its owner calls it"},
    {"rp_id", AK_STR, AT(identity_passkey_row, rp_id), 0, .doc = "the host it is for"},
    {"created_at", AK_TIME, AT(identity_passkey_row, created_us), AK_SORT, .column = "created_us",
     .doc = "when it was registered"},
    {"last_used_at", AK_TIME, AT(identity_passkey_row, used_us), AK_SORT, .column = "used_us",
     .doc = "null: never"},
    {"user_id", AK_STR, AT(identity_passkey_row, user_id), AK_HIDDEN},
    {"credential_id", AK_STR, AT(identity_passkey_row, credential_id), AK_HIDDEN},
    {"public_key", AK_STR, AT(identity_passkey_row, public_key), AK_HIDDEN},
    {"algorithm", AK_INT, AT(identity_passkey_row, algorithm), AK_HIDDEN},
    {"sign_count", AK_INT, AT(identity_passkey_row, sign_count), AK_HIDDEN},
};
const struct ak_fields identity_passkey_fields =
    AK_FIELDS("passkey", struct identity_passkey_row, passkey_rows);

/* Browsers add members of their own: what is not here is left alone. */
static const struct ak_field credential_response_rows[] = {
    {"clientDataJSON", AK_STR, AT(identity_credential_response, client_data),
     AK_CREATE | AK_REQUIRED, .min = 1, .max = 8192, .doc = "base64url"},
    {"attestationObject", AK_STR, AT(identity_credential_response, attestation_object), AK_CREATE,
     .max = 32768, .doc = "of a registration, base64url"},
    {"authenticatorData", AK_STR, AT(identity_credential_response, authenticator_data), AK_CREATE,
     .max = 8192, .doc = "of a login, base64url"},
    {"signature", AK_STR, AT(identity_credential_response, signature), AK_CREATE, .max = 2048,
     .doc = "of a login, base64url"},
    {"userHandle", AK_STR, AT(identity_credential_response, user_handle), AK_CREATE | AK_NULLABLE,
     .max = 128, .doc = "of a login, base64url"},
};
static const struct ak_fields credential_response_fields = {
    .name = "response",
    .size = sizeof(struct identity_credential_response),
    .rows = credential_response_rows,
    .n = AK_N(credential_response_rows),
    .allow_unknown = true};

static const struct ak_field credential_rows[] = {
    {"id", AK_STR, AT(identity_credential, id), AK_CREATE | AK_REQUIRED, .min = 1, .max = 1400,
     .doc = "id of the credential, base64url"},
    {"response", AK_OBJECT, AT(identity_credential, response), AK_CREATE | AK_REQUIRED,
     .sub = &credential_response_fields, .doc = "what the authenticator signed"},
};
static const struct ak_fields credential_fields = {.name = "credential",
                                                   .size = sizeof(struct identity_credential),
                                                   .rows = credential_rows,
                                                   .n = AK_N(credential_rows),
                                                   .allow_unknown = true};

static const struct ak_field passkey_create_rows[] = {
    {"name", AK_STR, AT(identity_passkey_body, name), AK_CREATE | AK_REQUIRED, .min = 1, .max = 255,
     .doc = "what its owner calls it; unique among the user's"},
    {"credential", AK_OBJECT, AT(identity_passkey_body, credential), AK_CREATE | AK_REQUIRED,
     .sub = &credential_fields, .doc = "PublicKeyCredential.toJSON()"},
};
const struct ak_fields identity_passkey_create_fields =
    AK_FIELDS("passkey", struct identity_passkey_body, passkey_create_rows);

static const struct ak_field passkey_update_rows[] = {
    {"name", AK_STR, AT(identity_passkey_body, name), AK_UPDATE | AK_REQUIRED, .min = 1, .max = 255,
     .doc = "what its owner calls it; unique among the user's"},
};
const struct ak_fields identity_passkey_update_fields =
    AK_FIELDS("passkey", struct identity_passkey_body, passkey_update_rows);

static const struct ak_field passkey_login_rows[] = {
    {"credential", AK_OBJECT, AT(identity_passkey_body, credential), AK_CREATE | AK_REQUIRED,
     .sub = &credential_fields, .doc = "PublicKeyCredential.toJSON()"},
    {"scope", AK_JSON, AT(identity_passkey_body, scope), AK_CREATE, .max = 4096,
     .doc = "as Keystone's scope; default: the user's default project"},
};
const struct ak_fields identity_passkey_login_fields =
    AK_FIELDS("passkey", struct identity_passkey_body, passkey_login_rows);

static const struct ak_field proof_rows[] = {
    {"password", AK_STR, AT(identity_proof_body, password), AK_CREATE | AK_SECRET, .min = 1,
     .max = 128, .doc = "the caller's"},
    {"passcode", AK_STR, AT(identity_proof_body, passcode), AK_CREATE | AK_SECRET, .min = 1,
     .max = 64, .doc = "what the authenticator shows now, or a recovery code"},
    {"credential", AK_OBJECT, AT(identity_proof_body, credential), AK_CREATE,
     .sub = &credential_fields,
     .doc = "PublicKeyCredential.toJSON(), for the options of POST /service/v1/passkey/options"},
};
const struct ak_fields identity_proof_fields =
    AK_FIELDS("proof", struct identity_proof_body, proof_rows);
