/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a password good enough, and one-time passwords. A guesser tries the common ones first,
 * written with a capital, with digits for letters and with a year behind: so a password is reduced
 * to its bare word before it is looked up. Hashing and storing is identity_user_service.c's. */
#include "identity/identity_secret.h"

enum { WORD_MAX = 160, ALONE = 4 };

/* The most common words and rows of keys; made by hand for this file, lower case, bare. */
static const char *const common[] = {
#define COMMON(word) word,
#include "identity/identity_common.def"
#undef COMMON
};

static char plain(char c)
{
    static const char like[] = "0o1l3e4a5s7t8b@a$s!i+t";

    c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    for (size_t i = 0; like[i]; i += 2) {
        if (c == like[i]) {
            return like[i + 1];
        }
    }
    return c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Without what stands before and behind the letters, in lower case; 'spell' also turns digits that
 * stand for letters into them. */
static void bare(const char *s, bool spell, char out[WORD_MAX])
{
    size_t len = strlen(s), from = 0, n = 0;

    while (len > 0 && !is_letter(s[len - 1])) {
        len--;
    }
    while (from < len && !is_letter(s[from])) {
        from++;
    }
    for (; from < len && n < WORD_MAX - 1; from++) {
        char c = spell ? plain(s[from]) : lower(s[from]);

        if (c != ' ' && c != '-' && c != '_' && c != '.') {
            out[n++] = c;
        }
    }
    out[n] = '\0';
}

/* aaaaaaaa, 12345678, 98765432, abcabcabc: each character follows from those before. */
static bool is_pattern(const char *s)
{
    size_t len = strlen(s);
    int steps[] = {0, 1, -1};

    for (size_t k = 0; k < AK_N(steps); k++) {
        size_t i = 1;

        while (i < len && (unsigned char)s[i] == (unsigned char)s[i - 1] + steps[k]) {
            i++;
        }
        if (i == len) {
            return true;
        }
    }
    for (size_t period = 2; period <= 4 && period * 2 <= len; period++) {
        size_t i = period;

        while (i < len && s[i] == s[i - period]) {
            i++;
        }
        if (i == len) {
            return true;
        }
    }
    return false;
}

static bool is_common(const char *password)
{
    char word[2][WORD_MAX];

    bare(password, false, word[0]);
    bare(password, true, word[1]);
    for (size_t i = 0; i < AK_N(common); i++) {
        if (strcmp(word[0], common[i]) == 0 || strcmp(word[1], common[i]) == 0) {
            return true;
        }
    }
    return is_pattern(password) || (word[0][0] == '\0' && strlen(password) < 12) ||
           (word[0][0] != '\0' && word[0][1] != '\0' && is_pattern(word[0]));
}

/* The name itself, or the name and next to nothing else. */
static bool is_name(const char *name, const char *password)
{
    char word[WORD_MAX], who[WORD_MAX];

    bare(password, true, word);
    bare(name, true, who);
    return strcasecmp(name, password) == 0 || (who[0] != '\0' && strcmp(word, who) == 0) ||
           (strlen(name) >= ALONE && strcasestr(password, name) &&
            strlen(password) < strlen(name) + ALONE);
}

int identity_password_check(const struct ak_config *config, const char *name, const char *password,
                            struct ak_error *err)
{
    int64_t min = ak_config_int(config, "identity_password_min");

    if ((int64_t)ak_utf8_len(password) < min) {
        return ak_fail(err, AK_PASSWORD_SHORT, AK_NUM(min));
    }
    if (name && is_name(name, password)) {
        return ak_fail(err, AK_PASSWORD_NAME);
    }
    return is_common(password) ? ak_fail(err, AK_PASSWORD_COMMON) : 0;
}

int identity_password_make(const struct ak_config *config, const char *name, const char *password,
                           char ret_hash[AK_PASSWORD_HASH_MAX], struct ak_error *err)
{
    int rc = identity_password_check(config, name, password, err);

    return rc < 0 ? rc : ak_password_hash(password, ret_hash, err);
}

void identity_readable_make(char out[IDENTITY_READABLE])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* no i l o 0 1 */
    size_t n = 0;

    while (n < IDENTITY_READABLE - 1) {
        unsigned char byte = 0;

        if (n % 5 == 4) {
            out[n++] = '-';
            continue;
        }
        ak_random(&byte, 1);
        if (byte < 256 / (sizeof(letters) - 1) * (sizeof(letters) - 1)) { /* each equally likely */
            out[n++] = letters[byte % (sizeof(letters) - 1)];
        }
    }
    out[n] = '\0';
}

int identity_initial_make(struct identity_initial *ret_initial, struct ak_error *err)
{
    identity_readable_make(ret_initial->password);
    return ak_password_hash(ret_initial->password, ret_initial->hash, err);
}

static int64_t initial_expiry(const struct ak_config *config, int64_t now_us)
{
    return now_us + ak_config_int(config, "identity_initial_password_days") * AK_DAY;
}

int identity_user_set_initial(struct ak_tx *tx, const struct ak_config *config,
                              const struct identity_user_row *user,
                              const struct identity_initial *initial, struct ak_error *err)
{
    int64_t now_us = ak_now_us();
    int rc = identity_user_store_set_password(tx, user->id, initial->hash, now_us,
                                              initial_expiry(config, now_us), true, err);

    if (rc == 0 && user->password_hash && !user->must_change) {
        rc = identity_password_store_add(tx, user->id, user->password_hash,
                                         ak_config_int(config, "identity_password_history"), err);
    }
    return rc < 0 ? rc : identity_token_store_revoke(tx, IDENTITY_OF_USER, user->id, err);
}

/* Room for one more user, by the contract of the project. */
static int check_room(struct ak_tx *tx, const struct identity_new_user *user, struct ak_error *err)
{
    int64_t limit = -1, used = 0;
    int rc = user->project_id
                 ? identity_project_limit(tx, user->project_id, "users", -1, &limit, err)
                 : 0;

    if (rc < 0 || limit < 0) {
        return rc;
    }
    rc = identity_customer_user_store_count(tx, user->domain_id, &used, err);
    return rc == 0 && used >= limit ? ak_fail(err, AK_USER_LIMIT, AK_NUM(limit)) : rc;
}

int identity_user_create_initial(struct ak_tx *tx, struct ak_arena *arena,
                                 const struct ak_config *config,
                                 const struct identity_new_user *user,
                                 const struct identity_initial *initial, const char **ret_id,
                                 struct ak_error *err)
{
    struct identity_user_row row = {.domain_id = user->domain_id,
                                    .name = user->name,
                                    .email = user->email,
                                    .default_project_id = user->project_id};
    struct identity_grant grant = {.project_id = user->project_id};
    struct identity_role_row role = {0};
    int rc = identity_role_store_load_by_name(tx, arena, user->role, &role, err);

    rc = rc < 0 ? rc : check_room(tx, user, err);
    if (rc == 0) {
        rc = identity_user_create(tx, arena, config, &row, err);
    }
    if (rc == 0) {
        rc = identity_user_set_initial(tx, config, &row, initial, err);
    }
    grant.user_id = row.id;
    grant.role_id = role.id;
    if (rc == 0) {
        rc = identity_grant_add(tx, arena, &grant, err);
    }
    if (rc == 0) {
        *ret_id = row.id;
    }
    return rc;
}
