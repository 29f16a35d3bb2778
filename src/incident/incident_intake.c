/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a mail: a contact of a contract reports for its customer, or goes on with an
 * incident it sees; others open an incident that belongs to nobody yet. A sender's address can be
 * forged, so a mail only ever adds text, and the answer holds nothing but a number. */
#include <strings.h>

#include "incident/incident_internal.h"
#include "incident/incident_mail.h"
#include "mail/mail.h"

#define ANSWERS_MAX 5 /* to one address within an hour */

struct intake {
    struct ak_tx *tx;
    struct ak_arena *arena;
    const struct ak_config *config;
    const struct incident_mail *mail;
    struct incident_sender sender;
    struct incident incident;
    struct incident_taken *taken;
};

/* The incident that the subject names, when its sender's customer sees it and may write to it. */
static int find_named(struct intake *in, struct ak_error *err)
{
    const struct incident_who who = {.project_id = in->sender.project_id};
    char number[32] = "";
    int rc = 0;

    if (!in->sender.project_id || !incident_mail_number(in->mail->subject, number)) {
        return 0;
    }
    rc = incident_store_by_number(in->tx, in->arena, number, &in->incident, err);
    if (rc == 0) {
        struct incident seen = {0};

        rc = incident_store_load(in->tx, in->arena, in->incident.id, &who, &seen, err);
        rc = rc == 0 ? incident_may_write(&seen, &who, err) : rc;
        in->taken->added = rc == 0;
    }
    if (rc == -AK_OBJECT_NOT_FOUND || rc == -AK_INCIDENT_STATE) {
        ak_error_clear(err);
        rc = 0;
    }
    if (!in->taken->added) {
        in->incident = (struct incident){0};
    }
    return rc;
}

/* The files of the mail, beside the entry of its text. What an incident has no room for is named
 * among what is not kept: a report is never refused for its files. */
static int put_files(struct intake *in, const struct incident_who *who, struct ak_error *err)
{
    const char *visibility = in->sender.project_id ? "customer" : "internal";
    AK_AUTO_BUF lost;
    int rc = 0;

    ak_buf_init(&lost, INCIDENT_TEXT_MAX);
    ak_buf_str(&lost, in->mail->lost ? in->mail->lost : "");
    for (size_t i = 0; rc == 0 && i < in->mail->n_files; i++) {
        struct incident_file file = {.visibility = visibility,
                                     .project_id = in->sender.project_id,
                                     .name = in->mail->files[i].name};

        rc = incident_file_add(in->tx, in->arena, in->config, &in->incident,
                               in->mail->files[i].bytes, in->mail->files[i].size, who, &file, err);
        if (rc == -AK_INCIDENT_FILES || rc == -AK_INCIDENT_STORAGE) {
            ak_error_clear(err);
            ak_buf_printf(&lost, "%s\n", in->mail->files[i].name);
            rc = 0;
        }
    }
    if (rc == 0 && lost.len > 0) {
        rc = incident_say(
            in->tx, &in->incident, "not_kept", visibility, in->sender.project_id,
            ak_arena_strndup(in->arena, lost.data, ak_utf8_cut(lost.data, lost.len - 1)), who, err);
    }
    return rc;
}

static int put(struct intake *in, struct ak_error *err)
{
    const struct incident_mail *mail = in->mail;
    bool known = in->sender.project_id != NULL;
    const struct incident_who who = {.user_name = known ? in->sender.name : mail->from_name,
                                     .kind = known ? "customer" : "outside"};
    int rc = find_named(in, err);

    if (rc == 0 && in->taken->added) {
        rc = incident_say(in->tx, &in->incident, "message", "customer", in->sender.project_id,
                          mail->text, &who, err);
    } else if (rc == 0) {
        in->incident = (struct incident){.title = mail->subject,
                                         .channel = "mail",
                                         .project_id = in->sender.project_id,
                                         .reporter_name = who.user_name,
                                         .reporter_email = mail->from};
        rc = incident_may_open(in->tx, in->config, in->sender.project_id, err);
        rc = rc == 0 ? incident_open(in->tx, in->arena, &in->incident, mail->text, &who, err) : rc;
    }
    rc = rc == 0 ? put_files(in, &who, err) : rc;
    return rc == 0 ? incident_store_save(in->tx, &in->incident, err) : rc;
}

/* An acknowledgement, unless that could make a loop or a flood. */
static int answer(struct intake *in, struct ak_error *err)
{
    const char *const params[] = {in->incident.number, NULL};
    const struct ak_mail mail = {
        .key = ak_arena_printf(in->arena, "incident-received:%s", in->mail->message_id),
        .to = in->mail->from,
        .language = in->sender.language,
        .template = "incident-received",
        .params = params,
        .project_id = in->sender.project_id,
        .object_type = "incident",
        .object_id = in->incident.id,
    };
    int64_t recent = 0;
    int rc = incident_store_answers(in->tx, in->mail->from, ak_now_us() - AK_HOUR, &recent, err);

    if (rc < 0 || in->mail->automatic || recent >= ANSWERS_MAX) {
        return rc;
    }
    in->taken->answered = true;
    return ak_mail_add(in->tx, &mail, err);
}

static int record(struct intake *in, struct ak_error *err)
{
    const struct ak_audit_event event = {
        .action = "incident.incident.intake",
        .outcome = "success",
        .actor_name = in->mail->from,
        .project_id = in->sender.project_id,
        .object_type = "incident",
        .object_id = in->incident.id,
        .listener = "mail",
    };
    int rc = incident_store_add_mail(in->tx, in->mail->message_id, in->incident.id, in->mail->from,
                                     in->taken->answered, err);

    rc = rc == 0 ? ak_audit_add(in->tx, &event, NULL, err) : rc;
    return rc == 0 ? incident_mail_operators(in->tx, in->arena, &in->incident,
                                             in->taken->added ? "incident-message" : "incident-new",
                                             err)
                   : rc;
}

/* A machine's answer to a mail of ours is no report. That it came is kept. */
static int ignore(struct ak_tx *tx, struct ak_arena *arena, const struct incident_mail *mail,
                  struct ak_error *err)
{
    AK_AUTO_BUF detail;
    struct ak_json w = ak_json_on(&detail);
    struct ak_audit_event event = {.action = "incident.mail.ignored",
                                   .outcome = "success",
                                   .actor_name = mail->from,
                                   .object_type = "incident",
                                   .listener = "mail"};
    int rc = 0;

    ak_buf_init(&detail, 8192);
    ak_json_object(&w);
    ak_json_kstr(&w, "subject", mail->subject);
    ak_json_kstr(&w, "message_id", mail->message_id);
    ak_json_object_end(&w);
    event.detail_json = ak_arena_strdup(arena, detail.data);
    rc = ak_audit_add(tx, &event, NULL, err);
    if (rc == 0) {
        ak_log(AK_INFO, "a mail of a machine is no report: %s", mail->message_id);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

int incident_take_mail(struct ak_store *store, const struct ak_config *config, const void *bytes,
                       size_t size, struct incident_taken *ret_taken, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct incident_mail mail = {0};
    struct intake in = {.arena = arena, .config = config, .mail = &mail, .taken = ret_taken};
    const char *before = NULL;
    int rc = incident_mail_parse(arena, bytes, size, &mail, err);

    *ret_taken = (struct incident_taken){0};
    rc = rc == 0 ? ak_tx_write(store, &tx, err) : rc;
    if (rc < 0) {
        return rc;
    }
    in.tx = tx;
    if (mail.machines || strcasecmp(mail.from, ak_config_str(config, "mail_from")) == 0) {
        ret_taken->ignored = true;
        return ignore(tx, arena, &mail, err);
    }
    rc = incident_store_mail(tx, arena, mail.message_id, &before, err);
    if (rc != -AK_NOT_FOUND) {
        ret_taken->repeated = rc == 0;
        return rc == 0 ? incident_store_number(tx, before, ret_taken->number, err) : rc;
    }
    ak_error_clear(err);
    rc = incident_find_sender(tx, arena, config, mail.from, &in.sender, err);
    rc = rc == 0 ? put(&in, err) : rc;
    rc = rc == 0 ? answer(&in, err) : rc;
    rc = rc == 0 ? record(&in, err) : rc;
    rc = rc == 0 ? ak_tx_commit(tx, err) : rc;
    if (rc == 0) {
        ret_taken->known_sender = in.sender.project_id != NULL;
        ak_str_copy(ret_taken->number, sizeof(ret_taken->number), in.incident.number);
    }
    return rc;
}
