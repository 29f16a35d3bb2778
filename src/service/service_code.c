/* SPDX-License-Identifier: Apache-2.0 */
/* Service codes: their grammar and check character, and their issue. A code is issued in the
 * transaction in which its server is made (compute_server_made); a schedule gives one to whatever
 * has none, and notes renamed and deleted servers. See docs/decisions/0303-service-codes.md. */
#include "service/service_contract_internal.h"

#include <ctype.h>
#include <stdio.h>

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
enum { M = 36 };

/* ISO/IEC 7064, hybrid system MOD 37,36; hyphens do not count. */
static char check_character(const char *text, size_t len)
{
    int p = M;

    for (size_t i = 0; i < len; i++) {
        if (text[i] != '-') {
            const char *at = strchr(alphabet, text[i]);

            p = (p + (int)(at - alphabet)) % M;
            p = (p == 0 ? M : p) * 2 % (M + 1);
        }
    }
    return alphabet[(M + 1 - p) % M];
}

void service_code_make(const struct service_code_parts *parts, char out[SERVICE_CODE_MAX])
{
    size_t n = 0;
    const char *digits = parts->customer[0] == 'C' ? parts->customer + 1 : parts->customer;

    (void)snprintf(out, SERVICE_CODE_MAX, "%s-%s-%s-%04" PRId64 "-", parts->class_code, digits,
                   parts->item, parts->serial);
    n = strlen(out);
    if (n + 1 < SERVICE_CODE_MAX) {
        out[n] = check_character(out, n);
        out[n + 1] = '\0';
    }
}

/* One part of 'min' to 'max' characters of a kind, up to the hyphen or the end. */
static bool take(const char **at, bool digits, size_t min, size_t max, char *out)
{
    size_t n = 0;

    for (; (*at)[n] && (*at)[n] != '-'; n++) {
        char c = (*at)[n];

        if (n == max || !(isdigit((unsigned char)c) ||
                          (!digits && isupper((unsigned char)c) && (unsigned char)c < 128))) {
            return false;
        }
        out[n] = c;
    }
    out[n] = '\0';
    *at += n;
    if (**at == '-') {
        (*at)++;
    }
    return n >= min;
}

bool service_code_parse(const char *text, struct service_code_parts *ret_parts)
{
    struct service_code_parts parts = {0};
    char upper[SERVICE_CODE_MAX], again[SERVICE_CODE_MAX], serial[12], check[2];
    size_t len = strlen(text);
    const char *at = upper;

    if (len < 10 || len >= sizeof(upper)) {
        return false;
    }
    for (size_t i = 0; i <= len; i++) {
        upper[i] = (char)toupper((unsigned char)text[i]);
    }
    parts.customer[0] = 'C';
    if (!take(&at, false, 2, 4, parts.class_code) || !take(&at, true, 5, 9, parts.customer + 1) ||
        !take(&at, false, 2, 12, parts.item) || !take(&at, true, 4, 10, serial) ||
        !take(&at, false, 1, 1, check) ||
        !ak_parse_int(serial + strspn(serial, "0"), 1, INT64_MAX, &parts.serial)) {
        return false;
    }
    service_code_make(&parts, again);
    if (strcmp(upper, again) != 0) {
        return false;
    }
    *ret_parts = parts;
    return true;
}

/* The item that a server counts to: the one whose code is its flavor's name in capitals, else the
 * first that begins with VM, else VM. */
static const char *item_of(const struct service_contract_row *contract, struct ak_arena *arena,
                           const char *flavor_name)
{
    const struct service_item_row *items = contract->items.items;
    char *name = ak_arena_strdup(arena, flavor_name ? flavor_name : "");

    for (char *p = name; *p; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    for (size_t i = 0; i < contract->items.n; i++) {
        if (ak_streq(items[i].code, name)) {
            return items[i].code;
        }
    }
    for (size_t i = 0; i < contract->items.n; i++) {
        if (ak_starts_with(items[i].code, "VM")) {
            return items[i].code;
        }
    }
    return "VM";
}

static int issue(struct ak_tx *tx, struct ak_arena *arena,
                 const struct service_contract_row *contract,
                 const struct compute_tenant_server *server, struct ak_error *err)
{
    struct service_code_parts parts = {0};
    struct service_code_row row = {.project_id = contract->project_id,
                                   .contract_id = contract->id,
                                   .customer_id = contract->customer_id,
                                   .item = item_of(contract, arena, server->flavor_name),
                                   .server_id = server->id,
                                   .server_name = server->name,
                                   .issued_us = ak_now_us()};
    const char *letters = NULL;
    char code[SERVICE_CODE_MAX];
    int rc = service_class_str(tx, arena, contract->class_name, contract->class_version, "code",
                               &letters, err);

    rc = rc < 0 ? rc : service_customer_store_serial(tx, contract->customer_id, &row.serial, err);
    if (rc < 0) {
        return rc;
    }
    ak_str_copy(parts.class_code, sizeof(parts.class_code), letters);
    ak_str_copy(parts.customer, sizeof(parts.customer), contract->customer_number);
    ak_str_copy(parts.item, sizeof(parts.item), row.item);
    parts.serial = row.serial;
    service_code_make(&parts, code);
    row.id = code;
    return service_code_store_insert(tx, &row, err);
}

int service_code_issue(struct ak_tx *tx, struct ak_arena *arena,
                       const struct compute_tenant_server *server, struct ak_error *err)
{
    struct service_contract_row contract = {0};
    int rc = service_contract_store_own(tx, arena, server->project_id, &contract, err);

    if (rc == -AK_CONTRACT_NONE) {
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0 && contract.ended_us != 0) { /* whoever makes it: what has ended grows no more */
        return ak_fail(err, AK_CONTRACT_STATE, "server-create", "over");
    }
    rc = rc < 0 ? rc : service_contract_complete(tx, arena, &contract, err);
    return rc < 0 ? rc : issue(tx, arena, &contract, server, err);
}

static const struct service_code_row *code_of(const struct ak_list *codes, const char *server_id)
{
    const struct service_code_row *rows = codes->items;

    for (size_t i = 0; i < codes->n; i++) {
        if (ak_streq(rows[i].server_id, server_id)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The server of a code, NULL when there is none any more. */
static const struct compute_tenant_server *server_of(const struct compute_tenant_server *servers,
                                                     size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++) {
        if (ak_streq(servers[i].id, id)) {
            return &servers[i];
        }
    }
    return NULL;
}

/* Renamed and deleted servers. */
static int note_changes(struct ak_tx *tx, const struct ak_list *codes,
                        const struct compute_tenant_server *servers, size_t n, struct ak_error *err)
{
    const struct service_code_row *rows = codes->items;
    int rc = 0;

    for (size_t i = 0; i < codes->n && rc == 0; i++) {
        const struct compute_tenant_server *server = server_of(servers, n, rows[i].server_id);
        struct service_code_row now = rows[i];

        now.server_name = server ? server->name : now.server_name;
        now.retired_us = !server                  ? now.retired_us ? now.retired_us : ak_now_us()
                                          : server->deleted_us > 0 ? server->deleted_us
                                                  : 0;
        if (!ak_streq(now.server_name, rows[i].server_name) ||
            now.retired_us != rows[i].retired_us) {
            rc = service_code_store_update(tx, &now, err);
        }
    }
    return rc;
}

int service_code_follow(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list codes = {0};
    struct compute_tenant_server *servers = NULL;
    struct service_contract_row contract = {0};
    size_t n = 0;
    int rc = service_contract_store_own(tx, arena, project_id, &contract, err);

    rc = rc < 0 ? rc : service_contract_complete(tx, arena, &contract, err);
    rc = rc < 0 ? rc : service_code_store_list(tx, arena, project_id, &query, &codes, err);
    rc = rc < 0 ? rc : compute_project_servers(tx, arena, project_id, true, &servers, &n, err);
    rc = rc < 0 ? rc : note_changes(tx, &codes, servers, n, err);
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (servers[i].deleted_us == 0 && !code_of(&codes, servers[i].id)) {
            rc = issue(tx, arena, &contract, &servers[i], err);
        }
    }
    return rc;
}
