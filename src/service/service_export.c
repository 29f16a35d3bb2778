/* SPDX-License-Identifier: Apache-2.0 */
/* The export kit: one tar file (POSIX ustar) with the inventory as JSON and CSV, the events of the
 * project, and, when asked for, each disk as a qcow2 file that needs no other. Built by the worker
 * beside its final name, so that what can be fetched is complete. */
#include "service/service_contract_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/engine.h"
#include "service/service_label_internal.h"

enum { BLOCK = 512, CHUNK = 1 << 20, EVENTS_PAGE = 1000, LINE_MAX_BYTES = 4 << 20 };
#define INVENTORY_MAX ((size_t)64 << 20)
#define MIB           ((int64_t)1 << 20)
#define GIB           ((int64_t)1 << 30)
#define RESERVE       (256 * MIB) /* others need room too */

const char *service_export_path(const struct ak_config *config, struct ak_arena *arena,
                                const char *id)
{
    return ak_arena_printf(arena, "%s/%s.tar", ak_config_str(config, "export_dir"), id);
}

/* The inventory */

static int write_users(struct ak_tx *tx, struct ak_arena *arena,
                       const struct service_contract_row *contract, struct ak_json *w,
                       struct ak_error *err)
{
    struct ak_map users = {0};
    int rc = identity_tenant_export(tx, arena, contract->domain_id, w, err);

    rc = rc < 0 ? rc : identity_tenant_users(tx, arena, contract->domain_id, &users, err);
    ak_json_key(w, "keypairs");
    ak_json_array(w);
    for (size_t i = 0; i < users.n && rc == 0; i++) {
        rc = compute_tenant_keypairs_export(tx, arena, users.pairs[i].key, w, err);
    }
    ak_json_array_end(w);
    return rc;
}

static int write_codes(struct ak_tx *tx, struct ak_arena *arena,
                       const struct service_contract_row *contract, struct ak_json *w,
                       struct ak_error *err)
{
    const struct ak_fields_mode mode = {0};
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = service_code_store_list(tx, arena, contract->project_id, &query, &list, err);

    ak_json_key(w, "service_codes");
    ak_json_array(w);
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        ak_fields_render_object(&service_code_fields,
                                (const struct service_code_row *)list.items + i, &mode, w);
    }
    ak_json_array_end(w);
    return rc;
}

static int write_labels(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct ak_json *w, struct ak_error *err)
{
    const struct ak_fields_mode mode = {0};
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = service_label_store_list(tx, arena, project_id, &query, &list, err);

    ak_json_key(w, "labels");
    ak_json_array(w);
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        ak_fields_render_object(&service_label_fields,
                                (const struct service_label_row *)list.items + i, &mode, w);
    }
    ak_json_array_end(w);
    return rc;
}

int service_inventory(struct ak_tx *tx, struct ak_arena *arena,
                      const struct service_contract_row *contract, struct ak_buf *out,
                      struct ak_error *err)
{
    struct ak_json w = ak_json_on(out);
    int rc = 0;

    ak_json_object(&w);
    ak_json_kstr(&w, "format", "akashi-inventory-1");
    ak_json_kstr(&w, "contract_number", contract->number);
    ak_json_kstr(&w, "customer_name", contract->customer_name);
    ak_json_kstr(&w, "project_id", contract->project_id);
    ak_json_ktime(&w, "made_at", ak_now_us(), AK_TIME_Z);
    rc = compute_tenant_export(tx, arena, contract->project_id, &w, err);
    rc = rc < 0 ? rc : image_tenant_export(tx, arena, contract->project_id, &w, err);
    rc = rc < 0 ? rc : network_tenant_export(tx, arena, contract->project_id, &w, err);
    rc = rc < 0 ? rc : write_users(tx, arena, contract, &w, err);
    rc = rc < 0 ? rc : write_codes(tx, arena, contract, &w, err);
    rc = rc < 0 ? rc : write_labels(tx, arena, contract->project_id, &w, err);
    ak_json_object_end(&w);
    return rc == 0 && !ak_buf_ok(out) ? ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)out->max)) : rc;
}

/* A line for each object: type, id, name, state, created. */
static void write_csv(const json_t *inventory, struct ak_buf *out)
{
    static const char *const columns[] = {"id", "name", "status", "created_at"};
    const char *member = NULL;
    json_t *list = NULL, *item = NULL;
    size_t i = 0;

    ak_buf_str(out, "type,id,name,status,created_at\r\n");
    json_object_foreach((json_t *)(uintptr_t)inventory, member, list)
    {
        json_array_foreach(list, i, item)
        {
            ak_buf_csv(out, member);
            for (size_t c = 0; c < AK_N(columns); c++) {
                const char *value = json_string_value(json_object_get(item, columns[c]));

                value = value || c != 2 ? value : json_string_value(json_object_get(item, "state"));
                ak_buf_char(out, ',');
                ak_buf_csv(out, value);
            }
            ak_buf_str(out, "\r\n");
        }
    }
}

/* As the event log shows it: of what the provider's people did, not where they sit nor how. */
static int write_event(const char *envelope, struct ak_buf *out, struct ak_error *err)
{
    AK_AUTO_JSON event = NULL;
    int rc = ak_json_parse(envelope, strlen(envelope), &event, err);
    bool operators = ak_streq(json_string_value(json_object_get(event, "listener")), "management");

    if (rc == 0 && operators) {
        (void)json_object_set_new(event, "source", json_null());
        (void)json_object_set_new(event, "detail", json_null());
        rc = ak_json_canonical(event, out, err);
    } else if (rc == 0) {
        ak_buf_str(out, envelope);
    }
    ak_buf_char(out, '\n');
    return rc;
}

static int write_whole(int fd, const char *bytes, size_t size, struct ak_error *err)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno != EINTR) {
            return errno == ENOSPC ? ak_fail(err, AK_NO_SPACE)
                                   : ak_fail_errno(err, errno, "write the export kit");
        }
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* A page of events to a file: whole lines. Each page is a transaction and an arena of its own, so
 * that however many there are nothing grows and nobody waits. */
static int write_events_page(struct ak_job_run *run, int fd, struct ak_audit_query *query,
                             size_t *ret_n, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc < 0 ? rc : ak_audit_list(tx, arena, query, &list, err);
    const struct ak_audit_row *rows = list.items;

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        AK_AUTO_BUF line;

        ak_buf_init(&line, LINE_MAX_BYTES);
        rc = write_event(rows[i].envelope, &line, err);
        rc = rc == 0 && !ak_buf_ok(&line) ? ak_fail(err, AK_TOO_LARGE, AK_NUM(LINE_MAX_BYTES)) : rc;
        rc = rc < 0 ? rc : write_whole(fd, line.data, line.len, err);
        query->before_seq = rows[i].seq;
    }
    *ret_n = list.n;
    return rc;
}

static int write_events(struct ak_job_run *run, const char *project_id, const char *path,
                        struct ak_error *err)
{
    struct ak_audit_query query = {.project_id = project_id, .limit = EVENTS_PAGE};
    AK_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    size_t n = 0;
    int rc = fd < 0 ? ak_fail_errno(err, errno, "open %s", path) : 0;

    do {
        rc = rc < 0 ? rc : write_events_page(run, fd, &query, &n, err);
    } while (rc == 0 && n == EVENTS_PAGE && ak_job_alive(run));
    return rc == 0 && n == EVENTS_PAGE ? ak_fail(err, AK_CANCELLED) : rc;
}

/* The tar file */

struct tar {
    int fd;
    int64_t size, max;
    EVP_MD_CTX *digest;
};

static int put(struct tar *tar, const void *bytes, size_t size, struct ak_error *err)
{
    tar->size += (int64_t)size;
    if (tar->size > tar->max) {
        return ak_fail(err, AK_EXPORT_SIZE, AK_NUM(tar->max / GIB));
    }
    (void)EVP_DigestUpdate(tar->digest, bytes, size);
    return write_whole(tar->fd, bytes, size, err);
}

/* Sizes of 8 GiB and more in base 256, as GNU tar and bsdtar read them. */
static void number(char *out, size_t width, int64_t value)
{
    if (value < (int64_t)1 << 33) {
        (void)snprintf(out, width, "%0*llo", (int)width - 1, (unsigned long long)value);
        return;
    }
    memset(out, 0, width);
    out[0] = (char)0x80;
    for (size_t i = width - 1; i > 0 && value > 0; i--, value >>= 8) {
        out[i] = (char)(value & 0xff);
    }
}

static int put_header(struct tar *tar, const char *name, int64_t size, struct ak_error *err)
{
    char header[BLOCK] = {0};
    unsigned sum = 0;

    ak_str_copy(header, 100, name);
    number(header + 100, 8, 0644);
    number(header + 108, 8, 0);
    number(header + 116, 8, 0);
    number(header + 124, 12, size);
    number(header + 136, 12, ak_now_us() / AK_SEC);
    memset(header + 148, ' ', 8);
    header[156] = '0';
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    for (size_t i = 0; i < sizeof(header); i++) {
        sum += (unsigned char)header[i];
    }
    (void)snprintf(header + 148, 8, "%06o", sum);
    return put(tar, header, sizeof(header), err);
}

static int put_padding(struct tar *tar, int64_t size, struct ak_error *err)
{
    static const char zeros[BLOCK];
    size_t rest = (size_t)(size % BLOCK);

    return rest == 0 ? 0 : put(tar, zeros, BLOCK - rest, err);
}

static int put_bytes(struct tar *tar, const char *name, const struct ak_buf *bytes,
                     struct ak_error *err)
{
    int rc = put_header(tar, name, (int64_t)bytes->len, err);

    rc = rc < 0 ? rc : put(tar, bytes->data, bytes->len, err);
    return rc < 0 ? rc : put_padding(tar, (int64_t)bytes->len, err);
}

static int put_file(struct tar *tar, const char *name, const char *path, struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    AK_AUTO_STR chunk = ak_xcalloc(1, CHUNK);
    struct stat st;
    int64_t left = 0;
    int rc = fd < 0 || fstat(fd, &st) != 0 ? ak_fail_errno(err, errno, "open %s", path) : 0;

    if (rc < 0) {
        return rc;
    }
    left = st.st_size;
    rc = put_header(tar, name, left, err);
    while (rc == 0 && left > 0) {
        ssize_t n = read(fd, chunk, CHUNK);

        if (n <= 0) {
            return ak_fail_errno(err, n < 0 ? errno : EIO, "read %s", path);
        }
        rc = put(tar, chunk, (size_t)n, err);
        left -= n;
    }
    return rc < 0 ? rc : put_padding(tar, st.st_size, err);
}

static int record_state(struct ak_job_run *run, const struct service_export_row *row,
                        struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc : service_export_store_state(tx, row, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

/* One disk: converted to a file of its own beside the kit, added, removed. */
static int put_disk(struct ak_job_run *run, struct tar *tar, const char *id, const char *disk,
                    struct ak_error *err)
{
    struct ak_pool *pool = ((const struct ak_engines *)run->engines)->pool;
    int rc;

    (void)unlink(disk);
    rc = pool->ops->volume_export(pool, id, disk, tar->max, err);
    if (rc == -AK_ENGINE_NO_OBJECT) { /* it has none yet, or none any more */
        ak_error_clear(err);
        return 0;
    }
    ak_job_point(run, "disk");
    rc = rc < 0 ? rc : put_file(tar, ak_arena_printf(run->arena, "disks/%s.qcow2", id), disk, err);
    (void)unlink(disk);
    return rc;
}

/* After each the customer sees how far it is. A kit without its last disks is none: who is told to
 * stop begins anew later. */
static int put_disks(struct ak_job_run *run, struct service_export_row *row, struct tar *tar,
                     const json_t *servers, const char *part, struct ak_error *err)
{
    const char *disk = ak_arena_printf(run->arena, "%s.disk", part);
    size_t i = 0;
    const json_t *server = NULL;
    int rc = 0;

    row->disks_total = (int64_t)json_array_size(servers);
    json_array_foreach(servers, i, server)
    {
        if (!ak_job_alive(run)) {
            return ak_fail(err, AK_CANCELLED);
        }
        rc = put_disk(run, tar, json_string_value(json_object_get(server, "id")), disk, err);
        row->disks_done = (int64_t)i + 1;
        row->size = tar->size;
        rc = rc < 0 ? rc : record_state(run, row, err);
        if (rc < 0) {
            break;
        }
    }
    return rc;
}

/* About what the kit needs on top of what is there: each disk with its base at its allocated size,
 * the largest twice (beside the kit, and in it). */
static int64_t need_of(const json_t *servers, const struct ak_pool_file *files, size_t n)
{
    int64_t sum = 0, largest = 0;
    size_t i = 0;
    const json_t *server = NULL;

    json_array_foreach(servers, i, server)
    {
        const char *id = json_string_value(json_object_get(server, "id"));
        const char *image = json_string_value(json_object_get(server, "image_id"));
        int64_t size = 0;

        for (size_t f = 0; f < n; f++) {
            bool own = ak_starts_with(files[f].name, id);
            bool base = image && ak_starts_with(files[f].name, image);

            size += own || base ? files[f].size : 0;
        }
        sum += size;
        largest = size > largest ? size : largest;
    }
    return sum + largest;
}

/* Before anything is written. What other work takes meanwhile is met by AK_NO_SPACE. */
static int check_space(struct ak_job_run *run, const json_t *servers, struct ak_error *err)
{
    struct ak_pool *pool = ((const struct ak_engines *)run->engines)->pool;
    struct ak_pool_file *files = NULL;
    struct statvfs fs;
    size_t n = 0;
    int64_t need, left;
    int rc = servers ? pool->ops->list(pool, run->arena, &files, &n, err) : 0;

    if (rc < 0) {
        return rc;
    }
    if (statvfs(ak_config_str(run->config, "export_dir"), &fs) != 0) {
        return ak_fail_errno(err, errno, "statvfs the directory of export kits");
    }
    need = need_of(servers, files, n) + RESERVE;
    left = (int64_t)(fs.f_bavail * fs.f_frsize);
    return left < need ? ak_fail(err, AK_EXPORT_SPACE, AK_NUM(need / MIB), AK_NUM(left / MIB)) : 0;
}

static const char readme[] =
    "inventory.json  everything the project has / プロジェクトが持つすべてのリソース\r\n"
    "inventory.csv   the same as a table / 同じ内容の一覧表\r\n"
    "events.jsonl    audit events, newest first / 監査イベント (新しい順)\r\n"
    "disks/          qcow2 files named by the server's id, if asked for; of servers that were\r\n"
    "                running: as after a power failure / サーバ ID の名の qcow2 ファイル\r\n"
    "                (依頼時のみ。起動中のサーバは電源断の直後と同じ状態)\r\n";

/* What is read from the database, before anything slow. */
static int gather(struct ak_job_run *run, struct service_export_row *row, struct ak_buf *inventory,
                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row contract = {0};
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc < 0 ? rc : service_export_store_load(tx, run->arena, NULL, run->object_id, row, err);
    rc =
        rc < 0 ? rc : service_contract_store_load(tx, run->arena, row->contract_id, &contract, err);
    return rc < 0 ? rc : service_inventory(tx, run->arena, &contract, inventory, err);
}

static int put_events(struct ak_job_run *run, const char *project_id, struct tar *tar,
                      const char *part, struct ak_error *err)
{
    const char *path = ak_arena_printf(run->arena, "%s.events", part);
    int rc = write_events(run, project_id, path, err);

    ak_job_point(run, "events");
    rc = rc < 0 ? rc : put_file(tar, "events.jsonl", path, err);
    (void)unlink(path);
    return rc;
}

static int write_all(struct ak_job_run *run, struct service_export_row *row, struct tar *tar,
                     const struct ak_buf *inventory, const json_t *json, const char *part,
                     struct ak_error *err)
{
    static const char zeros[2 * BLOCK];
    AK_AUTO_BUF csv, text;
    int rc = 0;

    ak_buf_init(&csv, INVENTORY_MAX);
    ak_buf_init(&text, 4096);
    ak_buf_str(&text, readme);
    write_csv(json, &csv);
    if (!ak_buf_ok(&csv)) {
        return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)csv.max));
    }
    rc = put_bytes(tar, "README.txt", &text, err);
    rc = rc < 0 ? rc : put_bytes(tar, "inventory.json", inventory, err);
    rc = rc < 0 ? rc : put_bytes(tar, "inventory.csv", &csv, err);
    rc = rc < 0 ? rc : put_events(run, row->project_id, tar, part, err);
    if (rc == 0 && row->with_disks) {
        rc = put_disks(run, row, tar, json_object_get(json, "servers"), part, err);
    }
    return rc < 0 ? rc : put(tar, zeros, sizeof(zeros), err);
}

/* Into '<kit>.part', which becomes the kit when it is complete. */
static int write_kit(struct ak_job_run *run, struct service_export_row *row, struct tar *tar,
                     const char *path, const char *part, struct ak_error *err)
{
    AK_AUTO_BUF inventory;
    AK_AUTO_JSON json = NULL;
    AK_AUTO_FD fd = -1;
    int rc = ak_dir_make(ak_config_str(run->config, "export_dir"), 0770, err);

    ak_buf_init(&inventory, INVENTORY_MAX);
    rc = rc < 0 ? rc : gather(run, row, &inventory, err);
    if (rc < 0) {
        return rc;
    }
    json = json_loadb(inventory.data, inventory.len, 0, NULL);
    rc = check_space(run, row->with_disks ? json_object_get(json, "servers") : NULL, err);
    row->state = "running";
    rc = rc < 0 ? rc : record_state(run, row, err);
    if (rc == 0) {
        fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
        tar->fd = fd;
        rc = fd < 0 ? ak_fail_errno(err, errno, "open %s", part) : 0;
    }
    rc = rc < 0 ? rc : write_all(run, row, tar, &inventory, json, part, err);
    if (rc == 0 && (fsync(fd) != 0 || rename(part, path) != 0)) {
        rc = ak_fail_errno(err, errno, "settle %s", path);
    }
    ak_job_point(run, "settled");
    return rc < 0 ? rc : ak_fsync_dir_of(path, err);
}

/* What a worker that died left of its attempt. */
static void remove_parts(struct ak_arena *arena, const char *part)
{
    (void)unlink(part);
    (void)unlink(ak_arena_printf(arena, "%s.disk", part));
    (void)unlink(ak_arena_printf(arena, "%s.events", part));
}

static int build_step(struct ak_job_run *run, struct ak_error *err)
{
    struct service_export_row row = {0};
    struct tar tar = {.fd = -1,
                      .max = ak_config_int(run->config, "export_max") * GIB,
                      .digest = EVP_MD_CTX_new()};
    const char *path = service_export_path(run->config, run->arena, run->object_id);
    const char *part = ak_arena_printf(run->arena, "%s.part", path);
    unsigned char digest[32];
    char hex[65];
    int rc = 0;

    remove_parts(run->arena, part);
    (void)EVP_DigestInit_ex(tar.digest, EVP_sha256(), NULL);
    rc = write_kit(run, &row, &tar, path, part, err);
    (void)EVP_DigestFinal_ex(tar.digest, digest, NULL);
    EVP_MD_CTX_free(tar.digest);
    if (rc < 0) {
        remove_parts(run->arena, part);
        return rc;
    }
    ak_hex(hex, digest, sizeof(digest));
    row.state = "ready";
    row.size = tar.size;
    row.sha256 = hex;
    row.ready_us = ak_now_us();
    return record_state(run, &row, err);
}

static int finish(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                  struct ak_error *err)
{
    struct service_export_row row = {0};
    const char *path = NULL;
    char text[512];
    int rc =
        failure ? service_export_store_load(tx, run->arena, NULL, run->object_id, &row, err) : 0;

    if (rc < 0 || !failure) {
        return rc;
    }
    path = service_export_path(run->config, run->arena, row.id);
    remove_parts(run->arena, ak_arena_printf(run->arena, "%s.part", path));
    (void)unlink(path); /* complete, but nobody was told of it */
    ak_error_text(failure, AK_LANG_EN, text, sizeof(text));
    row.state = "failed";
    row.error = text;
    return service_export_store_state(tx, &row, err);
}

static const struct ak_job_step steps[] = {
    {"build", build_step, NULL, (int64_t)6 * 3600 * 1000, 2},
};
const struct ak_job_kind service_export_kind = {
    .name = "contract-export",
    .object = "export",
    .steps = steps,
    .n_steps = AK_N(steps),
    .deadline_ms = (int64_t)24 * 3600 * 1000,
    .finish = finish,
};
