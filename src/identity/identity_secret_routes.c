/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of identity's part of the own API: oneself, second factors, passkeys, and the users a
 * customer manages. Tables only. */
#include "identity/identity_secret.h"

#define NIST(section) "https://pages.nist.gov/800-63-3/sp800-63b.html#" section

#define TOTP "https://www.rfc-editor.org/rfc/rfc6238#section-5"

static const struct ak_route routes[] = {
    {"POST", "/v1/me/password", identity_self_password_handler, .policy = "identity:self:password",
     .audit = "identity.user.password", .body = &identity_user_password_fields,
     .envelope = "password", .accept = AK_CREATE, .spec = NIST("memsecretver"),
     .summary = "change the own password; ends all sessions"},
    {"GET", "/v1/me/factors", identity_factors_handler, .policy = "identity:self:factor",
     .spec = NIST("sec5"), .summary = "the own second factors"},
    {"POST", "/v1/me/totp", identity_totp_start_handler, .policy = "identity:self:factor",
     .audit = "identity.totp.start", .spec = TOTP, .summary = "begin to enrol an authenticator"},
    {"POST", "/v1/me/totp/confirm", identity_totp_confirm_handler, .policy = "identity:self:factor",
     .audit = "identity.totp.confirm", .body = &identity_passcode_fields, .envelope = "totp",
     .accept = AK_CREATE, .spec = TOTP,
     .summary = "end enrolling by giving a code; answers the recovery codes once"},
    {"DELETE", "/v1/me/totp", identity_totp_delete_handler, .policy = "identity:self:factor",
     .audit = "identity.totp.delete", .spec = TOTP, .summary = "remove the authenticator"},
    {"POST", "/v1/me/recovery-codes", identity_recovery_handler, .policy = "identity:self:factor",
     .audit = "identity.recovery.create", .spec = NIST("lookupsecrets"),
     .summary = "ten new recovery codes in place of those before"},
    {"GET", "/v1/me/sessions", identity_session_list_handler, .policy = "identity:self:session",
     .reply = &identity_session_fields, .reply_envelope = "sessions", .spec = NIST("sec7"),
     .summary = "where the caller is logged in"},
    {"DELETE", "/v1/me/sessions", identity_session_delete_others_handler,
     .policy = "identity:self:session", .audit = "identity.session.delete", .spec = NIST("sec7"),
     .summary = "end all sessions but this one"},
    {"DELETE", "/v1/me/sessions/{session_id}", identity_session_delete_handler,
     .policy = "identity:self:session", .audit = "identity.session.delete", .spec = NIST("sec7"),
     .summary = "end a session"},
};

const struct ak_domain identity_service_domain = {
    .name = "account",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .routes = routes,
    .n_routes = AK_N(routes),
};
