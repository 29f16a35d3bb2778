/* SPDX-License-Identifier: Apache-2.0 */
/* Files of incidents: attached in the portal and the console, or by a mail (incident_intake.c).
 * They lie in the database beside the entry they came with, under limits that hold whoever sends
 * them, are seen by whom that entry is for, and are only ever saved by a browser, never shown or
 * run. */
#include "incident/incident_internal.h"

/* ---- Rules ----------------------------------------------------------------------------------- */

int incident_file_check(struct ak_tx *tx, const struct ak_config *config,
                        const struct incident *incident, const char *project_id, int64_t size,
                        struct ak_error *err)
{
    int64_t n = 0, sum = 0, room = 0, most = ak_config_int(config, "incident_storage_mib");
    int rc = incident_store_files_sum(tx, incident->id, project_id, &n, &sum, err);

    rc = rc == 0 && project_id ? incident_store_files_room(tx, project_id, &room, err) : rc;
    if (rc < 0) {
        return rc;
    }
    if (size > INCIDENT_FILE_MAX) {
        return ak_fail(err, AK_TOO_LARGE, AK_NUM(INCIDENT_FILE_MAX));
    }
    if (n >= INCIDENT_FILES_MAX || sum + size > INCIDENT_SIZE_MAX) {
        return ak_fail(err, AK_INCIDENT_FILES, AK_NUM(INCIDENT_FILES_MAX),
                       AK_NUM(INCIDENT_SIZE_MAX >> 20));
    }
    return room + size > most << 20 ? ak_fail(err, AK_INCIDENT_STORAGE, AK_NUM(most)) : 0;
}

int incident_file_add(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                      const struct incident *incident, const void *bytes, size_t size,
                      const struct incident_who *who, struct incident_file *file,
                      struct ak_error *err)
{
    char id[AK_UUID_TEXT], hash[AK_SHA256_TEXT];
    AK_AUTO_STR data = NULL;
    int rc = size == 0
                 ? ak_fail(err, AK_INCIDENT_EMPTY)
                 : incident_file_check(tx, config, incident, file->project_id, (int64_t)size, err);

    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id);
    ak_sha256_hex(bytes, size, hash);
    data = ak_base64(bytes, size, false);
    file->id = ak_arena_strdup(arena, id);
    file->sha256 = ak_arena_strdup(arena, hash);
    file->name = ak_file_name(arena, file->name);
    file->media_type = ak_file_type(bytes, size);
    file->size = (int64_t)size;
    file->entry = incident->entries;
    file->author_name = who->user_name;
    file->author_kind = who->kind;
    file->created_us = ak_now_us();
    file->data = data;
    rc = incident_store_file_add(tx, incident->id, file, err);
    file->data = NULL;
    return rc;
}

/* ---- Handlers -------------------------------------------------------------------------------- */

/* For whom a file is: a customer's for itself and the provider. AK_FIELD_VALUE, AK_FIELD_UNKNOWN.
 */
static int audience(const struct ak_request *req, const struct incident_who *who,
                    struct incident_file *file, struct ak_error *err)
{
    const char *visibility = ak_request_query(req, "visibility");

    file->visibility = visibility ? visibility : "customer";
    file->project_id = who->project_id;
    if (visibility && !who->staff) {
        return ak_fail(err, AK_FIELD_UNKNOWN, "visibility");
    }
    return ak_streq(file->visibility, "customer") || ak_streq(file->visibility, "internal")
               ? 0
               : ak_fail(err, AK_FIELD_VALUE, "visibility", "it must be customer or internal");
}

/* Loads the whole row of an incident that 'who' sees and may write to. */
static int load(struct ak_request *req, struct ak_tx *tx, const struct incident_who *who,
                struct incident *ret, struct ak_error *err)
{
    const struct incident_who staff = {.staff = true};
    struct incident seen = {0};
    int rc = incident_store_load(tx, req->arena, req->params[0], who, &seen, err);

    rc = rc == 0 ? incident_may_write(&seen, who, err) : rc;
    rc = rc == 0 ? incident_rate_check(tx, req->config, who, err) : rc;
    return rc == 0 ? incident_store_load(tx, req->arena, seen.id, &staff, ret, err) : rc;
}

/* Whether a file would be taken now, before its bytes are. */
static int check(struct ak_request *req, const struct incident_who *who, struct ak_error *err)
{
    int64_t size = ak_request_body_size(req);
    struct incident incident = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc == 0 ? load(req, tx, who, &incident, err) : rc;
    return rc == 0 ? incident_file_check(tx, req->config, &incident, who->project_id,
                                         size > 0 ? size : 0, err)
                   : rc;
}

struct upload {
    struct ak_request *req;
    const struct incident_who *who;
    const struct ak_buf *bytes;
    struct incident_file file;
};

static int attach(void *data, struct ak_error *err)
{
    struct upload *u = data;
    struct ak_request *req = u->req;
    const struct incident_who *who = u->who;
    struct incident_file *file = &u->file;
    struct incident incident = {0};
    AK_AUTO(ak_tx) tx = NULL;
    const char *detail = NULL;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc == 0 ? load(req, tx, who, &incident, err) : rc;
    file->name = ak_file_name(req->arena, ak_request_query(req, "name"));
    rc = rc == 0 ? incident_say(tx, &incident, "attached", file->visibility, file->project_id,
                                file->name, who, err)
                 : rc;
    rc = rc == 0 ? incident_file_add(tx, req->arena, req->config, &incident, u->bytes->data,
                                     u->bytes->len, who, file, err)
                 : rc;
    if (rc == 0 && !who->staff) {
        rc = incident_mail_operators(tx, req->arena, &incident, "incident-message", err);
    }
    rc = rc == 0 ? incident_store_save(tx, &incident, err) : rc;
    if (rc < 0) {
        return rc;
    }
    detail = ak_arena_printf(req->arena,
                             "{\"attachment\":\"%s\",\"sha256\":\"%s\",\"size\":%" PRId64 "}",
                             file->id, file->sha256, file->size);
    return ak_request_commit(req, tx, "incident", incident.id,
                             who->staff ? incident.project_id : who->project_id, detail, err);
}

int incident_attach_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_who who = incident_who_of(req);
    struct ak_fields_mode mode = ak_request_mode(req);
    AK_AUTO_BUF bytes;
    struct upload u = {.req = req, .who = &who, .bytes = &bytes};
    int rc = audience(req, &who, &u.file, err);

    ak_buf_init(&bytes, (size_t)INCIDENT_FILE_MAX);
    rc = rc == 0 ? check(req, &who, err) : rc;
    rc = rc == 0 ? ak_request_read_all(req, &bytes, err) : rc;
    rc = rc == 0 ? ak_request_retry(attach, &u, err) : rc;
    if (rc < 0) {
        return rc;
    }
    mode.admin = who.staff;
    reply->status = 201;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "attachment");
    ak_fields_render_object(&incident_file_fields, &u.file, &mode, &reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int incident_file_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_who who = incident_who_of(req);
    struct incident incident = {0};
    struct incident_file file = {0};
    AK_AUTO(ak_tx) tx = NULL;
    unsigned char *bytes = NULL;
    size_t size = 0;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc == 0 ? incident_store_load(tx, req->arena, req->params[0], &who, &incident, err) : rc;
    rc = rc == 0
             ? incident_store_file(tx, req->arena, incident.id, req->params[1], &who, &file, err)
             : rc;
    if (rc < 0) {
        return rc;
    }
    bytes = ak_base64_decode(file.data, strlen(file.data), &size);
    if (!bytes) {
        return ak_fail_detail(err, AK_INTERNAL, "the attachment %s is damaged", file.id);
    }
    ak_buf_add(&reply->body, bytes, size);
    free(bytes);
    reply->content_type = file.media_type;
    ak_reply_download(reply, req, file.name);
    return 0;
}

/* ---- Sweep ----------------------------------------------------------------------------------- */

/* A customer's files go with the customer: when its project is gone, so are they. */
static int forget_one(struct ak_job_run *run, const char *project_id, struct ak_error *err)
{
    struct identity_project project = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc == 0 ? identity_project_load(tx, run->arena, project_id, &project, err) : rc;
    if (rc != -AK_OBJECT_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    rc = incident_store_files_forget(tx, project_id, err);
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static int forget(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc == 0 ? incident_store_file_projects(tx, run->arena, &list, err) : rc;
    ak_tx_free(AK_TAKE(tx));
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = forget_one(run, ((const struct incident_file *)list.items)[i].project_id, err);
    }
    return rc;
}

const struct ak_schedule incident_files_schedule = {
    .name = "incident-files", .every_ms = 3600 * 1000, .at_start = true, .run = forget};
