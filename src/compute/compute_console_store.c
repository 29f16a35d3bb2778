/* SPDX-License-Identifier: Apache-2.0 */
/* Console tokens: 256 random bits of which the database keeps only the digest. A token is used up
 * by one compare-and-set, so that of two racing clients one gets the console. */
#include "compute_internal.h"
#include "compute/compute_sql.h"

int compute_console_token_make(struct ak_tx *tx, const struct compute_caller *who,
                               const char *auth_hash, const struct compute_server *server,
                               char ret_token[COMPUTE_CONSOLE_TOKEN], struct ak_error *err)
{
    unsigned char random[32];
    ak_random(random, sizeof(random));
    AK_AUTO_STR text = ak_base64(random, sizeof(random), true);
    ak_wipe(random, sizeof(random));
    char hash[AK_SHA256_TEXT];
    ak_sha256_hex(text, strlen(text), hash);
    int rc = ak_sql_exec(tx, &sql_console_token_insert,
                         AK_ARGS(ak_v_text(hash), ak_v_text(server->id),
                                 ak_v_text(server->project_id), ak_v_text(who->user_id),
                                 ak_v_int(ak_now_us() + COMPUTE_CONSOLE_TTL), ak_v_text(auth_hash)),
                         NULL, err);
    if (rc == 0) {
        ak_str_copy(ret_token, COMPUTE_CONSOLE_TOKEN, text);
    }
    ak_wipe(text, strlen(text));
    return rc;
}

int compute_console_token_load(struct ak_tx *tx, struct ak_arena *arena, const char *token,
                               struct compute_console *ret_console, struct ak_error *err)
{
    char hash[AK_SHA256_TEXT];
    ak_sha256_hex(token, strlen(token), hash);
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_console_token_load,
                          AK_ARGS(ak_v_text(hash), ak_v_int(ak_now_us())), &rows, err);
    if (rc != 0) {
        return rc;
    }
    rc = ak_rows_next(rows, err);
    if (rc == 1) {
        ret_console->server_id = ak_arena_strdup(arena, ak_rows_text(rows, 0));
        ret_console->project_id = ak_arena_strdup(arena, ak_rows_text(rows, 1));
        ret_console->auth_hash = ak_arena_strdup(arena, ak_rows_text(rows, 2));
        return 0;
    }
    return rc < 0 ? rc : ak_fail(err, AK_CONSOLE_TOKEN);
}

int compute_console_token_use(struct ak_tx *tx, const char *token, struct ak_error *err)
{
    char hash[AK_SHA256_TEXT];
    ak_sha256_hex(token, strlen(token), hash);
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_console_token_use,
                         AK_ARGS(ak_v_text(hash), ak_v_int(ak_now_us())), &n, err);
    return rc == 0 && n == 0 ? ak_fail(err, AK_CONSOLE_TOKEN) : rc;
}

int compute_console_tokens_expire(struct ak_tx *tx, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_console_token_expire, AK_ARGS(ak_v_int(ak_now_us() - AK_HOUR)),
                       NULL, err);
}
