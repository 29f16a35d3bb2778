/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of identity's part of the own API: oneself, second factors, passkeys, and the users a
 * customer manages. Tables only. */
#include "identity/identity_secret.h"

#define NIST(section) "https://pages.nist.gov/800-63-3/sp800-63b.html#" section

static const struct ak_route routes[] = {
    {"POST", "/v1/me/password", identity_self_password_handler, .policy = "identity:self:password",
     .audit = "identity.user.password", .body = &identity_user_password_fields,
     .envelope = "password", .accept = AK_CREATE, .spec = NIST("memsecretver"),
     .summary = "change the own password; ends all sessions"},
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
