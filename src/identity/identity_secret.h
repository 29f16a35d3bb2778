/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IDENTITY_SECRET_H
#define AK_IDENTITY_SECRET_H
/* Private to src/identity: one-time passwords, second factors, passkeys, sessions, and the users a
 * customer manages. Rows and prototypes, as identity_internal.h for the rest. */
#include "identity/identity_internal.h"

/* Passwords (identity_secret_password.c) ------------------------------------------------------ */

/* Four groups of four letters and digits that nobody mistakes for others, 79 bits. */
#define IDENTITY_READABLE 20
void identity_readable_make(char out[IDENTITY_READABLE]);
/* Sets a one-time password: ends all sessions; must be changed at the next login. */
int identity_user_set_initial(struct ak_tx *tx, const struct ak_config *config,
                              const struct identity_user_row *user,
                              const struct identity_initial *initial, struct ak_error *err);

enum { IDENTITY_PAGE = 200 }; /* of an own list */

/* Oneself (identity_self_api.c) --------------------------------------------------------------- */

struct identity_session_row {
    const char *id, *source, *listener, *user_agent;
    struct ak_list methods;
    bool current;
    int64_t issued_us, expires_us;
};
extern const struct ak_fields identity_session_fields;
/* The own choice of a language. */
struct identity_language_body {
    const char *code; /* ja en; NULL: the customer's */
    struct ak_given given;
};
extern const struct ak_fields identity_language_fields;
ak_handler_fn identity_self_language_handler;
ak_handler_fn identity_self_password_handler, identity_session_list_handler,
    identity_session_delete_handler, identity_session_delete_others_handler;

int identity_session_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const char *current, const struct ak_query *query,
                                struct ak_list *ret, struct ak_error *err);
int identity_session_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                  struct ak_error *err);
int identity_session_store_delete_others(struct ak_tx *tx, const char *user_id, const char *id,
                                         struct ak_error *err);

/* The installation's key (identity_secret_key.c) ----------------------------------------------- */

/* Seals at most 256 bytes for what 'bound_to' names (a user's id), and opens them again: exactly
 * 'size' bytes, AK_INTERNAL when the key is another or the text was changed. */
int identity_key_seal(const struct ak_config *config, struct ak_arena *arena, const char *bound_to,
                      const void *bytes, size_t size, const char **ret_text, struct ak_error *err);
int identity_key_open(const struct ak_config *config, const char *bound_to, const char *text,
                      void *out, size_t size, struct ak_error *err);
/* A signature that only this installation can make, for one purpose. */
#define IDENTITY_MAC 32
int identity_key_sign(const struct ak_config *config, const char *purpose, const void *bytes,
                      size_t size, unsigned char ret_mac[IDENTITY_MAC], struct ak_error *err);

/* Codes by time (identity_totp.c) -------------------------------------------------------------- */

#define IDENTITY_TOTP_SECRET 20
#define IDENTITY_TOTP_CODE   7
void identity_totp_code(const unsigned char secret[IDENTITY_TOTP_SECRET], int64_t step,
                        char out[IDENTITY_TOTP_CODE]);
/* The step whose code it is, of now and its neighbours, later than 'after_step'; 0 = none. */
int64_t identity_totp_match(const unsigned char secret[IDENTITY_TOTP_SECRET], const char *code,
                            int64_t now_us, int64_t after_step);
struct identity_totp_shown {
    const char *secret /* base32 */, *uri /* otpauth: */, *qr_svg;
};
int identity_totp_show(struct ak_arena *arena, const char *issuer, const char *name,
                       const unsigned char secret[IDENTITY_TOTP_SECRET],
                       struct identity_totp_shown *ret_shown, struct ak_error *err);

/* Second factors --------------------------------------------------------------------------------
 */

struct identity_factors {
    int64_t totp, passkeys, recovery_codes;
};
struct identity_totp_row {
    const char *user_id, *secret, *pending; /* sealed */
    int64_t pending_us, confirmed_us, last_step;
};
struct identity_receipt_row {
    const char *hash, *user_id;
    struct ak_list methods;
    int64_t issued_us, expires_us;
};
extern const struct ak_fields identity_factors_fields, identity_totp_fields,
    identity_receipt_fields, identity_passcode_fields;

/* The hash of a recovery code, as typed: blanks, dashes and case do not matter. NULL: it is none.
 */
const char *identity_recovery_hash(struct ak_arena *arena, const char *code);

int identity_factors_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                struct identity_factors *ret, struct ak_error *err);
/* All zero when there is none. */
int identity_totp_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                             struct identity_totp_row *ret, struct ak_error *err);
int identity_totp_store_start(struct ak_tx *tx, const char *user_id, const char *pending,
                              struct ak_error *err);
/* AK_NO_ENROLMENT when 'pending' is no longer the one being enrolled. */
int identity_totp_store_confirm(struct ak_tx *tx, const char *user_id, const char *pending,
                                int64_t step, struct ak_error *err);
int identity_totp_store_use(struct ak_tx *tx, const char *user_id, int64_t step, bool *ret_used,
                            struct ak_error *err);
int identity_totp_store_delete(struct ak_tx *tx, const char *user_id, struct ak_error *err);
int identity_recovery_store_insert(struct ak_tx *tx, const char *user_id, const char *hash,
                                   struct ak_error *err);
int identity_recovery_store_find(struct ak_tx *tx, const char *user_id, const char *hash,
                                 bool *ret_found, struct ak_error *err);
int identity_recovery_store_use(struct ak_tx *tx, const char *user_id, const char *hash,
                                bool *ret_used, struct ak_error *err);
int identity_recovery_store_clear(struct ak_tx *tx, const char *user_id, struct ak_error *err);
int identity_receipt_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_receipt_row *row, struct ak_error *err);
int identity_receipt_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                                struct identity_receipt_row *ret, struct ak_error *err);
int identity_receipt_store_delete(struct ak_tx *tx, const char *hash, bool *ret_used,
                                  struct ak_error *err);
/* Receipts and used challenges that are over. */
int identity_secret_store_purge(struct ak_tx *tx, int64_t now_us, struct ak_error *err);

ak_handler_fn identity_factors_handler, identity_totp_start_handler, identity_totp_confirm_handler,
    identity_totp_delete_handler, identity_recovery_handler;
/* Whether the caller may lose a factor: AK_LAST_FACTOR for staff with no other. Those of an
 * application credential may not touch factors: AK_APP_CREDENTIAL_RESTRICTED. */
int identity_factor_may_change(const struct ak_request *req, struct ak_error *err);
int identity_factor_may_lose(struct ak_request *req, struct ak_tx *tx, struct ak_error *err);
/* After a factor was added: the first ends the user's other sessions. After one is gone: recovery
 * codes without a factor go too. */
int identity_factor_added(struct ak_request *req, struct ak_tx *tx,
                          const struct identity_factors *before, struct ak_error *err);
int identity_factor_lost(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                         struct ak_error *err);
/* Ten new codes in place of those before; writes "recovery_codes": […] into the answer later. */
#define IDENTITY_RECOVERY_CODES 10
struct identity_recovery {
    char code[IDENTITY_RECOVERY_CODES][IDENTITY_READABLE];
};
int identity_recovery_make(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                           struct identity_recovery *ret_codes, struct ak_error *err);
void identity_recovery_write(struct ak_json *w, const struct identity_recovery *codes);

/* Proof of person (identity_proof.c). */
ak_handler_fn identity_proof_handler;

/* Passkeys (identity_webauthn.c, identity_passkey_api.c) ------------------------------------------
 */

struct identity_passkey_row {
    const char *id, *user_id, *credential_id, *public_key, *rp_id, *name;
    int64_t algorithm, sign_count, created_us, used_us;
};
/* What browsers send: PublicKeyCredential.toJSON(). */
struct identity_credential_response {
    const char *client_data, *attestation_object; /* base64url */
    const char *authenticator_data, *signature, *user_handle;
};
struct identity_credential {
    const char *id;
    struct identity_credential_response *response;
};
struct identity_passkey_body {
    const char *name;
    struct identity_credential *credential;
    const char *scope; /* JSON text of a login; NULL when absent */
};
/* Exactly one of them. */
struct identity_proof_body {
    const char *password, *passcode;
    struct identity_credential *credential;
};
extern const struct ak_fields identity_passkey_fields, identity_passkey_create_fields,
    identity_passkey_login_fields, identity_passkey_update_fields, identity_proof_fields;
/* What a ceremony has yielded; the challenge is yet to be used up. */
struct identity_webauthn {
    const char *challenge_hash;
    int64_t challenge_expires_us, sign_count;
    unsigned char client_hash[32];
};
/* The relying party: the host of the listener, without port. */
const char *identity_webauthn_rp(const struct ak_request *req);
/* A challenge for a registration by 'user_id', or for a login (NULL). */
int identity_webauthn_challenge(struct ak_request *req, const char *user_id,
                                const char **ret_challenge, struct ak_error *err);
/* Checks a registration of the caller / a login with 'key'. AK_PASSKEY_REFUSED with the reason. */
int identity_webauthn_register(struct ak_request *req, const struct identity_credential *credential,
                               struct identity_webauthn *ret, struct identity_passkey_row *ret_key,
                               struct ak_error *err);
/* The two parts of a registration that read bytes of strangers. */
int identity_webauthn_client_data(struct ak_request *req, const char *type, const char *user_id,
                                  const unsigned char *bytes, size_t size,
                                  struct identity_webauthn *ret, struct ak_error *err);
int identity_webauthn_attestation(struct ak_request *req, const unsigned char *object, size_t size,
                                  struct identity_passkey_row *ret_key, struct ak_error *err);
int identity_webauthn_login(struct ak_request *req, const struct identity_credential *credential,
                            const struct identity_passkey_row *key, struct identity_webauthn *ret,
                            struct ak_error *err);

int identity_passkey_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err);
/* AK_NOT_FOUND. */
int identity_passkey_store_find(struct ak_tx *tx, struct ak_arena *arena, const char *credential_id,
                                struct identity_passkey_row *ret, struct ak_error *err);
/* Fills in id and time. AK_ALREADY_EXISTS: the name, or the key itself. */
int identity_passkey_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                  struct identity_passkey_row *row, struct ak_error *err);
int identity_passkey_store_use(struct ak_tx *tx, const char *id, int64_t count, bool *ret_used,
                               struct ak_error *err);
/* Gives it the name in 'row', and loads the rest. AK_OBJECT_NOT_FOUND, AK_ALREADY_EXISTS. */
int identity_passkey_store_rename(struct ak_tx *tx, struct ak_arena *arena,
                                  struct identity_passkey_row *row, struct ak_error *err);
int identity_passkey_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                  struct ak_error *err);
int identity_passkey_store_delete_all(struct ak_tx *tx, const char *user_id, struct ak_error *err);
/* AK_PASSKEY_REFUSED when it was used before. */
int identity_challenge_store_use(struct ak_tx *tx, const struct identity_webauthn *done,
                                 struct ak_error *err);

ak_handler_fn identity_passkey_options_handler, identity_passkey_list_handler,
    identity_passkey_create_handler, identity_passkey_delete_handler,
    identity_passkey_login_options_handler, identity_passkey_login_handler,
    identity_passkey_update_handler;

/* Users a customer manages (identity_customer_user_*.c) ------------------------------------------
 */

struct identity_customer_user_mfa {
    bool totp;
    int64_t passkeys;
};
struct identity_customer_user_row {
    const char *id, *domain_id, *name, *email, *role;
    int64_t created_us, last_login_us, totp, passkeys, elsewhere;
    bool enabled, must_change;
    struct identity_customer_user_mfa *mfa;
    const char *initial_password; /* shown once */
    struct ak_given given;
};
extern const struct ak_fields identity_customer_user_fields;

int identity_customer_user_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                      const char *project_id, const struct ak_query *query,
                                      struct ak_list *ret, struct ak_error *err);
int identity_customer_user_store_count(struct ak_tx *tx, const char *domain_id, int64_t *ret,
                                       struct ak_error *err);
int identity_customer_user_store_load(struct ak_tx *tx, struct ak_arena *arena,
                                      const char *project_id, const char *id,
                                      struct identity_customer_user_row *ret, struct ak_error *err);
int identity_customer_user_store_take_roles(struct ak_tx *tx, const char *project_id,
                                            const char *id, struct ak_error *err);

/* All work on the user 'id' in the project, and answer AK_OBJECT_NOT_FOUND for others and for the
 * provider's people, AK_OWN_ACCOUNT for 'actor' himself where he would lock himself out, and
 * AK_USER_ELSEWHERE where it would reach beyond the project. */
struct identity_customer_change {
    const char *project_id, *actor_id, *id;
};
int identity_customer_user_change(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_customer_change *what,
                                  const struct identity_customer_user_row *change,
                                  struct identity_customer_user_row *ret_user,
                                  struct ak_error *err);
/* The account goes too when it has no role elsewhere. */
int identity_customer_user_remove(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_customer_change *what,
                                  struct ak_error *err);
int identity_customer_user_reset_password(struct ak_tx *tx, struct ak_arena *arena,
                                          const struct ak_config *config,
                                          const struct identity_customer_change *what,
                                          const struct identity_initial *initial,
                                          struct ak_error *err);
int identity_customer_user_reset_factors(struct ak_tx *tx, struct ak_arena *arena,
                                         const struct identity_customer_change *what,
                                         struct ak_error *err);
/* Removes all factors and ends all sessions. */
int identity_factors_reset(struct ak_tx *tx, const char *user_id, struct ak_error *err);

ak_handler_fn identity_customer_user_list_handler, identity_customer_user_show_handler,
    identity_customer_user_create_handler, identity_customer_user_update_handler,
    identity_customer_user_delete_handler, identity_customer_user_password_handler,
    identity_customer_user_factors_handler, identity_account_password_handler,
    identity_account_factors_handler;

/* Login (identity_auth_service.c, identity_auth_factor.c) ----------------------------------------
 */

/* What the methods have found out. */
struct identity_login {
    struct identity_user_row user;
    bool known;                             /* 'user' is filled */
    struct identity_app_credential_row app; /* by the method, or of the token's */
    struct identity_token_row parent;       /* by the method token */
    const char *methods[8 + 8];
    size_t n_methods;
    int64_t expires_us;
    int64_t totp_step;         /* of the code given; 0: none */
    const char *recovery_hash; /* of the recovery code given, or NULL */
    const char *receipt_hash;  /* of the receipt brought, or NULL */
    const char *passkey_id;    /* of the passkey used, or NULL; then the rest of it */
    struct identity_webauthn webauthn;
    struct identity_factors factors;
};
/* A token, or a receipt when something is missing. */
struct identity_login_result {
    const char *token_text;
    struct identity_token_row token;
    const char *receipt_text;
    struct identity_receipt_row receipt;
    struct identity_factors factors;
    struct identity_user_row user; /* of the receipt */
};
/* AK_UNAUTHORIZED (unknown user, wrong password, locked, disabled: all alike), AK_SCOPE_REFUSED,
 * AK_PASSWORD_EXPIRED, AK_INITIAL_PASSWORD_EXPIRED, AK_TOKEN_NOT_FOUND, AK_TOO_MANY_REQUESTS.
 * Blocks for a password hash. Commits, with the audit event. */
int identity_login(struct ak_request *req, const struct identity_auth_identity *identity,
                   const struct identity_scope *scope, struct identity_login_result *ret_result,
                   struct ak_error *err);
/* From here the methods of 'login' have succeeded. */
int identity_login_finish(struct ak_request *req, struct identity_login *login,
                          const struct identity_scope *scope,
                          struct identity_login_result *ret_result, struct ak_error *err);
int64_t identity_login_expiry(const struct ak_request *req);
/* Loads the user a body names; 'ret_known' false when there is none, or none on this listener. */
int identity_login_find(struct ak_request *req, const struct identity_auth_user *who,
                        struct identity_user_row *ret_user, bool *ret_known, struct ak_error *err);
/* Two methods must mean the same user. */
int identity_login_set_user(struct identity_login *login, const struct identity_user_row *user,
                            struct ak_error *err);
void identity_login_add_method(struct identity_login *login, const char *name);
/* Records a refused attempt and counts it towards the lock. 'name': what was given; of an attempt
 * that means no user ('user' NULL) a tag of it is recorded, never the text. */
int identity_login_failed(struct ak_request *req, const struct identity_user_row *user,
                          const char *name, bool counts, struct ak_error *err);
int identity_login_by_totp(struct ak_request *req, const struct identity_auth_identity *identity,
                           struct identity_login *login, struct ak_error *err);
/* Finds out whether a code is right, without using it up: fills totp_step or recovery_hash. */
int identity_login_match_code(struct ak_request *req, const char *user_id, const char *code,
                              struct identity_login *login, bool *ret_right, struct ak_error *err);
int identity_login_take_receipt(struct ak_request *req, struct identity_login *login,
                                struct ak_error *err);
/* Uses up what was given; whether it is enough for a token. */
int identity_login_use_factors(struct ak_tx *tx, struct ak_arena *arena,
                               struct identity_login *login, bool *ret_enough,
                               struct ak_error *err);
/* Commits. */
int identity_login_give_receipt(struct ak_request *req, struct ak_tx *tx,
                                const struct identity_login *login,
                                struct identity_login_result *ret_result, struct ak_error *err);
int identity_reply_receipt(struct ak_request *req, struct ak_reply *reply,
                           const struct identity_login_result *result, struct ak_error *err);
/* 201 with the token, or 401 with the receipt. */
int identity_reply_login(struct ak_request *req, struct ak_reply *reply,
                         const struct identity_login_result *result, struct ak_error *err);
int identity_reply_token(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                         const struct identity_token_row *token, const char *text,
                         struct ak_error *err);
/* The scope of a body: an object with one member, or the word "unscoped". 'text' may be NULL. */
int identity_scope_parse(struct ak_request *req, const char *text, struct identity_scope *ret_scope,
                         struct ak_error *err);
/* 'bytes' random bytes (at most 32) as base64url. */
const char *identity_random_text(struct ak_arena *arena, size_t bytes);

/* What callers may not do yet (ak_principal.restrictions). */
enum identity_restriction {
    IDENTITY_MUST_CHANGE = 1, /* the one-time password must be changed */
    IDENTITY_MUST_ENROL = 2   /* staff without a second factor */
};

#endif
