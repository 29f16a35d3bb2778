/* SPDX-License-Identifier: Apache-2.0 */
/* The deletion record: what of a contract was deleted, when and how, as canonical JSON (RFC 8785)
 * signed by Ed25519 (RFC 8032) with the installation's key. The key lies beside the database, for
 * the worker only; its public half is a fact of the installation and stands in every record. */
#include "service/service_contract_internal.h"

#include <assert.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_HEX = 2 * AK_ED25519_SECRET };

/* The secret key; made at the first use, for the owner only. */
static int load_key(const struct ak_config *config, unsigned char secret[AK_ED25519_SECRET],
                    struct ak_error *err)
{
    const char *path = ak_config_str(config, "record_key");
    char hex[KEY_HEX + 1];
    AK_AUTO_STR text = NULL;
    size_t size = 0;
    int rc = ak_file_read(path, KEY_HEX + 1, &text, &size, err);

    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        ak_random(secret, AK_ED25519_SECRET);
        ak_hex(hex, secret, AK_ED25519_SECRET);
        rc = ak_file_write(path, hex, KEY_HEX, 0600, err);
        ak_wipe(hex, sizeof(hex));
        return rc;
    }
    if (rc == 0 && (size < KEY_HEX || !ak_unhex(text, secret, AK_ED25519_SECRET))) {
        rc = ak_fail_detail(err, AK_CONFIG, "%s is no key", path);
    }
    if (text) {
        ak_wipe(text, size);
    }
    return rc;
}

static int canonical(const json_t *document, struct ak_buf *buf, struct ak_error *err)
{
    int rc = ak_json_canonical(document, buf, err);

    return rc == 0 && !ak_buf_ok(buf) ? ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)buf->max)) : rc;
}

int service_record_sign(const struct ak_config *config, struct ak_arena *arena, json_t *document,
                        const char **ret_text, struct ak_error *err)
{
    unsigned char secret[AK_ED25519_SECRET], public_key[AK_ED25519_PUBLIC],
        signature[AK_ED25519_SIGNATURE];
    char key_hex[2 * AK_ED25519_PUBLIC + 1], signature_hex[2 * AK_ED25519_SIGNATURE + 1];
    AK_AUTO_BUF buf;
    int rc = load_key(config, secret, err);

    ak_buf_init(&buf, (size_t)64 << 20);
    if (rc < 0) {
        return rc;
    }
    ak_ed25519_public(secret, public_key);
    ak_hex(key_hex, public_key, sizeof(public_key));
    (void)json_object_set_new(document, "public_key", json_string(key_hex));
    (void)json_object_del(document, "signature");
    rc = canonical(document, &buf, err);
    if (rc == 0) {
        ak_ed25519_sign(secret, buf.data, buf.len, signature);
        ak_hex(signature_hex, signature, sizeof(signature));
        (void)json_object_set_new(document, "signature", json_string(signature_hex));
        ak_buf_reset(&buf);
        rc = canonical(document, &buf, err);
    }
    ak_wipe(secret, sizeof(secret));
    if (rc == 0) {
        *ret_text = ak_arena_strndup(arena, buf.data, buf.len);
    }
    return rc;
}

int service_record_verify(struct ak_arena *arena, const char *text, size_t size,
                          const char **ret_key, struct ak_error *err)
{
    unsigned char public_key[AK_ED25519_PUBLIC], signature[AK_ED25519_SIGNATURE];
    AK_AUTO_BUF buf;
    json_error_t problem;
    AK_AUTO_JSON document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    const char *key_hex = json_string_value(json_object_get(document, "public_key"));
    const char *signature_hex = json_string_value(json_object_get(document, "signature"));
    int rc = 0;

    ak_buf_init(&buf, (size_t)64 << 20);
    if (!key_hex || !signature_hex || strlen(key_hex) != 2 * sizeof(public_key) ||
        strlen(signature_hex) != 2 * sizeof(signature) ||
        !ak_unhex(key_hex, public_key, sizeof(public_key)) ||
        !ak_unhex(signature_hex, signature, sizeof(signature))) {
        return ak_fail(err, AK_BAD_REQUEST, "it is no signed record");
    }
    *ret_key = ak_arena_strdup(arena, key_hex);
    (void)json_object_del(document, "signature");
    rc = canonical(document, &buf, err);
    if (rc == 0 && !ak_ed25519_verify(public_key, buf.data, buf.len, signature)) {
        rc = ak_fail(err, AK_BAD_REQUEST, "the signature does not fit: the record was changed");
    }
    return rc;
}

int service_record_key(struct ak_tx *tx, struct ak_arena *arena, const char **ret_key,
                       struct ak_error *err)
{
    return service_fact_get(tx, arena, "record_public_key", ret_key, err);
}

static json_t *time_json(int64_t time_us)
{
    char text[AK_TIME_TEXT];

    return time_us == 0 ? json_null() : json_string(ak_time_text(text, time_us, AK_TIME_Z));
}

static json_t *contract_json(const struct service_contract_row *c)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:s?, s:o, s:o, s:o}",
                     "number", c->number, "title", c->title, "customer_number", c->customer_number,
                     "customer_name", c->customer_name, "project_id", c->project_id, "class_name",
                     c->class_name, "class_version", (json_int_t)c->class_version, "starts_at",
                     time_json(c->starts_us), "ends_at", time_json(c->ends_us), "cancelled_at",
                     time_json(c->cancelled_us), "cancelled_by", c->cancelled_by, "ended_at",
                     time_json(c->ended_us), "delete_at", time_json(c->delete_at_us), "deleting_at",
                     time_json(c->deleting_us));
}

static int add_stages(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                      json_t *document, struct ak_error *err)
{
    struct ak_list list = {0};
    json_t *stages = json_array();
    int rc = service_stage_store_list(tx, arena, contract_id, &list, err);
    const struct service_stage_row *rows = list.items;

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        (void)json_array_append_new(stages, json_pack("{s:s, s:o, s:o}", "stage", rows[i].id,
                                                      "started_at", time_json(rows[i].started_us),
                                                      "done_at", time_json(rows[i].done_us)));
    }
    (void)json_object_set_new(document, "stages", stages);
    return rc;
}

static json_t *object_json(const struct service_removal_row *row)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "type", row->object_type, "id",
                               row->object_id, "name", row->name, "method", row->method, "bytes",
                               (json_int_t)row->size, "removed_at", time_json(row->at_us));

    if (row->kept && row->at_us == 0) {
        (void)json_object_set_new(object, "kept_because", json_string(row->kept));
    }
    return object;
}

/* What was removed, each with the time it was seen to be gone; and what could not be, with why. */
static int add_objects(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                       json_t *document, struct ak_error *err)
{
    struct ak_list list = {0};
    json_t *objects = json_array();
    int64_t bytes = 0, kept = 0;
    int rc = service_removal_store_list(tx, arena, contract_id, &list, err);
    const struct service_removal_row *rows = list.items;

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        /* the record removes nothing itself: what has no time by now and no reason is our fault */
        assert(rows[i].at_us != 0 || rows[i].kept);
        bytes += rows[i].at_us != 0 ? rows[i].size : 0;
        kept += rows[i].at_us == 0;
        (void)json_array_append_new(objects, object_json(&rows[i]));
    }
    (void)json_object_set_new(document, "objects", objects);
    (void)json_object_set_new(document, "bytes", json_integer(bytes));
    (void)json_object_set_new(document, "objects_kept", json_integer(kept));
    return rc;
}

int service_supplement_make(struct ak_tx *tx, struct ak_arena *arena,
                            const struct ak_config *config, const char *contract_id,
                            const struct service_removal_row *rows, size_t n, struct ak_error *err)
{
    struct service_record_row record = {0};
    int64_t now = ak_now_us();
    const char *text = NULL;
    AK_AUTO_JSON document = NULL;
    json_t *objects = json_array();
    int rc = service_record_store_of(tx, arena, contract_id, &record, err);

    for (size_t i = 0; i < n; i++) {
        struct service_removal_row row = rows[i];

        row.at_us = now;
        (void)json_array_append_new(objects, object_json(&row));
    }
    document = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o, s:o}", "format",
                         "akashi-deletion-supplement-1", "installation",
                         ak_config_str(config, "installation"), "record_id", record.id,
                         "record_sha256", record.sha256, "contract_number", record.contract_number,
                         "signed_at", time_json(now), "objects", objects);
    rc = rc < 0 ? rc : service_record_sign(config, arena, document, &text, err);
    record.document = text;
    record.contract_id = contract_id;
    record.created_us = now;
    rc = rc < 0 ? rc : service_supplement_store_insert(tx, &record, err);
    return rc < 0 ? rc : service_removal_store_gone(tx, contract_id, now, err);
}

int service_record_make(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                        const struct service_contract_row *contract, const char **ret_id,
                        struct ak_error *err)
{
    char id[AK_UUID_TEXT], sha256[AK_SHA256_TEXT];
    const char *text = NULL;
    struct service_record_row row = {.contract_id = contract->id,
                                     .contract_number = contract->number,
                                     .customer_name = contract->customer_name,
                                     .created_us = ak_now_us()};
    AK_AUTO_JSON document =
        json_pack("{s:s, s:s, s:o, s:o, s:s}", "format", "akashi-deletion-record-1", "installation",
                  ak_config_str(config, "installation"), "contract", contract_json(contract),
                  "signed_at", time_json(row.created_us), "kept",
                  "The contract itself, audit events, service codes, and requests, notices and "
                  "incidents as the provider's records.");
    int rc = add_stages(tx, arena, contract->id, document, err);

    rc = rc < 0 ? rc : add_objects(tx, arena, contract->id, document, err);
    rc = rc < 0 ? rc : service_record_sign(config, arena, document, &text, err);
    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id); /* 122 random bits */
    ak_sha256_hex(text, strlen(text), sha256);
    row.id = ak_arena_strdup(arena, id);
    row.document = text;
    row.sha256 = sha256;
    rc = service_record_store_insert(tx, &row, err);
    rc = rc < 0 ? rc
                : service_fact_set(tx, "record_public_key",
                                   json_string_value(json_object_get(document, "public_key")), err);
    rc = rc < 0 ? rc : service_record_store_of(tx, arena, contract->id, &row, err);
    if (rc == 0) {
        *ret_id = row.id;
    }
    return rc;
}
