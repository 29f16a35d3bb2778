/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INCIDENT_INTERNAL_H
#define INCIDENT_INTERNAL_H
/* Private to src/incident: rows, states, and the functions between its files. */
#include "compute/compute.h"
#include "identity/identity.h"
#include "incident/incident.h"

#define INCIDENT_TEXT_MAX    10000              /* characters of a text by people */
#define INCIDENT_ENTRIES_MAX 1000               /* of a timeline that customers may write to */
#define INCIDENT_SERVERS_MAX 1000               /* servers, hosts or customers named in one call */
#define INCIDENT_TOUCHED_MAX 100000             /* servers on the hosts it touches; customers */
#define INCIDENT_FILES_MAX   100                /* of a customer, or the provider, in an incident */
#define INCIDENT_FILE_MAX    ((int64_t)8 << 20) /* bytes of one */
#define INCIDENT_SIZE_MAX    ((int64_t)100 << 20) /* bytes of all of them */
#define INCIDENT_STRANGERS   200                  /* open incidents by senders that nobody knows */

/* received ─▶ triage ─▶ confirmed ◀─▶ mitigated ─▶ resolved ─▶ closed
 *    └──────────┴──▶ closed (no incident)   confirmed ◀── resolved (again) */
enum incident_state {
    INCIDENT_RECEIVED,
    INCIDENT_TRIAGE,
    INCIDENT_CONFIRMED,
    INCIDENT_MITIGATED,
    INCIDENT_RESOLVED,
    INCIDENT_CLOSED,
    INCIDENT_STATES
};
const char *incident_state_name(enum incident_state state);
/* AK_CONFLICT-like AK_INCIDENT_STATE when the step is not in the table; -1 for an unknown name. */
int incident_state_parse(const char *name);
bool incident_state_allows(enum incident_state from, enum incident_state to);

/* Who sees or does something. */
struct incident_who {
    bool staff;             /* on the management listener, with a role of the provider's staff */
    const char *project_id; /* of a customer; NULL for staff */
    const char *user_id, *user_name, *kind; /* kind: customer operator system outside */
};

/* Closure report: Japanese (or the provider's only language) and English. */
struct incident_report {
    const char *root_cause, *impact, *response, *prevention;
    const char *root_cause_en, *impact_en, *response_en, *prevention_en;
};

struct incident_entry {
    int64_t number, at_us;
    const char *kind, *visibility, *project_id, *text, *author_id, *author_name, *author_kind;
};

struct incident_server {
    const char *server_id, *server_name, *project_id, *host;
};

struct incident_customer {
    const char *project_id;
    bool reporter, affected;
    int64_t posted_us, notify_due_us, notified_us;
    const char *customer_name, *contract_id, *contract_number; /* of the contract, NULL without */
};

struct incident_file {
    const char *id, *project_id, *visibility, *name, *media_type, *sha256;
    const char *author_name, *author_kind, *data; /* data: base64; NULL in lists */
    int64_t entry, size, created_us;
};

struct incident {
    const char *id, *number, *title, *public_title, *severity, *cause, *state, *channel;
    const char *project_id, *reporter_id, *reporter_name, *reporter_email;
    const char *assignee_id, *assignee_name, *report_json;
    int64_t confirmed_us, notify_due_us, notified_us, overdue_us, resolved_us, closed_us;
    int64_t told_us, update_due_us, update_overdue_us, report_due_us, report_overdue_us;
    int64_t entries, created_us, updated_us, version;
    bool mine, overdue; /* reported by the caller's project; target of the notification missed */
    struct ak_list affected, customers, timeline, files; /* filled for a single one */
    struct incident_report *report;
};
extern const struct ak_fields incident_fields, incident_entry_fields, incident_server_fields,
    incident_customer_fields, incident_report_fields, incident_file_fields;

/* Bodies. */
struct incident_report_body { /* a customer's, and the operator's own */
    const char *title, *text, *severity, *cause, *public_title;
    struct ak_list servers, hosts, projects; /* strings; the last two and 'cause' operators only */
};
struct incident_change_body {
    const char *title, *public_title, *severity, *cause, *assignee;
    struct ak_given given;
};
struct incident_step_body { /* triage confirm notify update mitigate resolve messages */
    const char *text, *visibility, *severity, *cause;
};
struct incident_close_body {
    const char *text;
    struct incident_report *report;
};
extern const struct ak_fields incident_report_body_fields, incident_change_body_fields,
    incident_step_body_fields, incident_text_body_fields, incident_close_body_fields,
    incident_message_body_fields, incident_affected_body_fields, incident_confirm_body_fields;

/* ---- Rules (incident_service.c), each within the caller's transaction ------------------------ */

/* Opens an incident: number, id, first entry 'text', the reporter's customer row. 'incident' holds
 * title, severity, cause, channel, project and reporter, and is completed. */
int incident_open(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                  const char *text, const struct incident_who *who, struct ak_error *err);
/* Names who is touched: servers (of any customer for staff, own ones for a customer), all servers
 * of hosts, whole customers by their project. Replaces what was named before unless 'add'; posts
 * to customers when the incident is confirmed and the provider's doing. AK_FIELD_VALUE for what
 * does not exist. */
int incident_set_affected(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          struct incident *incident, const struct incident_report_body *named,
                          const struct incident_who *who, struct ak_error *err);
/* Whether 'who' may write a message: not once it is closed, and customers not once its timeline is
 * long, since every answer holds all of it. AK_INCIDENT_STATE. */
int incident_may_write(const struct incident *incident, const struct incident_who *who,
                       struct ak_error *err);
/* Whether the customer may report, write or attach one more time within this hour. Staff may
 * always; mails are counted, and bounded by what is open. AK_INCIDENT_RATE with the seconds to
 * wait. */
int incident_rate_check(struct ak_tx *tx, const struct ak_config *config,
                        const struct incident_who *who, struct ak_error *err);
/* Whether 'project_id' (NULL: somebody unknown) may open one more. AK_INCIDENT_TOO_MANY. */
int incident_may_open(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                      struct ak_error *err);
/* Appends to the timeline (numbered in 'incident', which the caller then saves). */
int incident_say(struct ak_tx *tx, struct incident *incident, const char *kind,
                 const char *visibility, const char *project_id, const char *text,
                 const struct incident_who *who, struct ak_error *err);
/* Moves the state by the table. AK_INCIDENT_STATE. */
int incident_step(struct ak_tx *tx, struct incident *incident, enum incident_state to,
                  const char *text, const struct incident_who *who, struct ak_error *err);
/* From confirmed on the clock of each customer's class runs; what the provider caused is posted. */
int incident_confirm(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                     struct incident *incident, const struct incident_step_body *body,
                     const struct incident_who *who, struct ak_error *err);
int incident_close(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                   const struct incident_close_body *body, const struct incident_who *who,
                   struct ak_error *err);

/* ---- Files (incident_file.c) ------------------------------------------------------------------
 */

/* Whether one more file of 'size' bytes may be attached by a customer, or (project_id NULL) by the
 * provider: each has room of its own in an incident, so that no customer takes that of the others;
 * a customer's files of all incidents have a limit, too. AK_INCIDENT_FILES, AK_INCIDENT_STORAGE,
 * AK_TOO_LARGE. */
int incident_file_check(struct ak_tx *tx, const struct ak_config *config,
                        const struct incident *incident, const char *project_id, int64_t size,
                        struct ak_error *err);
/* Attaches 'bytes' to the entry last said, for who sees that: 'file' holds visibility, project and
 * name as its sender gave it, and is completed. AK_INCIDENT_EMPTY and those of the check. */
int incident_file_add(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                      const struct incident *incident, const void *bytes, size_t size,
                      const struct incident_who *who, struct incident_file *file,
                      struct ak_error *err);

/* ---- Clocks and notification (incident_notify.c, incident_clock.c)
 * ---------------------------------------------- */

/* Sets each customer's due time from the confirmation on, and the incident's: the earliest that is
 * still to be kept; and when the next word and the report are due, the earliest of its customers'.
 * To be called before an incident is saved. */
int incident_reckon(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                    struct incident *incident, struct ak_error *err);
/* Posts the incident to all its customers and queues a mail to each of their security and technical
 * contacts: one transaction. AK_INCIDENT_NOBODY without a customer. */
int incident_notify(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                    struct incident *incident, const char *text, const struct incident_who *who,
                    int64_t *ret_mails, struct ak_error *err);
extern const struct ak_schedule incident_clock_schedule;
extern const struct ak_schedule *const incident_schedules[];
extern const struct ak_schedule incident_files_schedule;

/* A word to every customer that was notified: to its security and technical contacts. */
int incident_mail_news(struct ak_tx *tx, struct ak_arena *arena, const struct incident *incident,
                       const char *template, const char *text, struct ak_error *err);

/* ---- Contracts (incident_contact.c) ---------------------------------------------------------- */

struct incident_terms {
    int64_t notify_minutes; /* from the confirmation to the notification */
    int64_t update_minutes; /* from one word to the next while it lasts */
    int64_t report_days;    /* from its end to the closure report */
    bool by_mail;           /* contacts are written to */
    bool by_portal;         /* who is notified follows it in the portal */
    bool from_portal;       /* the customer reports in the portal, */
    bool from_mail;         /* and by mail */
    bool posted;            /* what the provider caused is shown in the portal unasked */
};
/* What the class of the project's contract says; without a contract the setting. */
int incident_terms(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                   const char *project_id, const char *severity, struct incident_terms *ret,
                   struct ak_error *err);
struct incident_sender { /* all NULL: nobody known */
    const char *project_id, *name, *language;
};
/* Whose contact the address is. A customer whose class takes no reports by mail is nobody known:
 * what comes waits for the operators, and is not lost. */
int incident_find_sender(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         const char *email, struct incident_sender *ret, struct ak_error *err);
/* Fills in the names and contracts of incident->customers. */
int incident_name_customers(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                            struct ak_error *err);
/* Queues a mail to the security and technical contacts of one customer; counts them. */
int incident_mail_customer(struct ak_tx *tx, struct ak_arena *arena,
                           const struct incident *incident,
                           const struct incident_customer *customer, const char *template,
                           const char *text, int64_t *ret_mails, struct ak_error *err);
int incident_mail_operators(struct ak_tx *tx, struct ak_arena *arena,
                            const struct incident *incident, const char *template,
                            struct ak_error *err);

/* ---- Database (incident_store.c) ------------------------------------------------------------- */

int incident_store_next(struct ak_tx *tx, int64_t year, int64_t *ret_n, struct ak_error *err);
int incident_store_add(struct ak_tx *tx, const struct incident *incident, struct ak_error *err);
/* Writes what may change, by compare-and-set on 'version'. AK_CHANGED_MEANWHILE. */
int incident_store_save(struct ak_tx *tx, struct incident *incident, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND, also for what 'who' does not see. */
int incident_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                        const struct incident_who *who, struct incident *ret, struct ak_error *err);
int incident_store_by_number(struct ak_tx *tx, struct ak_arena *arena, const char *number,
                             struct incident *ret, struct ak_error *err);
int incident_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct incident_who *who,
                        const struct ak_query *query, struct ak_list *ret, struct ak_error *err);
/* Fills the lists of an incident with what 'who' may see of them. */
int incident_store_fill(struct ak_tx *tx, struct ak_arena *arena, const struct incident_who *who,
                        struct incident *incident, struct ak_error *err);
int incident_store_overdue(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                           struct ak_list *ret, struct ak_error *err);
int incident_store_entry(struct ak_tx *tx, const char *incident_id,
                         const struct incident_entry *entry, struct ak_error *err);
int incident_store_customers(struct ak_tx *tx, struct ak_arena *arena, const char *incident_id,
                             struct ak_list *ret, struct ak_error *err);
int incident_store_put_customer(struct ak_tx *tx, const char *incident_id,
                                const struct incident_customer *customer, struct ak_error *err);
int incident_store_servers(struct ak_tx *tx, struct ak_arena *arena, const char *incident_id,
                           struct ak_list *ret, struct ak_error *err);
int incident_store_put_server(struct ak_tx *tx, const char *incident_id,
                              const struct incident_server *server, struct ak_error *err);
/* Forgets the servers and that customers are affected (who saw it goes on seeing it). */
int incident_store_clear(struct ak_tx *tx, const char *incident_id, struct ak_error *err);
/* AK_NOT_FOUND, or the incident a message was taken into. */
int incident_store_mail(struct ak_tx *tx, struct ak_arena *arena, const char *message_id,
                        const char **ret_incident_id, struct ak_error *err);
int incident_store_add_mail(struct ak_tx *tx, const char *message_id, const char *incident_id,
                            const char *sender, bool answered, struct ak_error *err);
/* Mails from 'sender' answered since 'since_us'. */
int incident_store_answers(struct ak_tx *tx, const char *sender, int64_t since_us, int64_t *ret_n,
                           struct ak_error *err);
int incident_store_file_add(struct ak_tx *tx, const char *incident_id,
                            const struct incident_file *file, struct ak_error *err);
/* With its data. AK_OBJECT_NOT_FOUND, also for what 'who' does not see. */
int incident_store_file(struct ak_tx *tx, struct ak_arena *arena, const char *incident_id,
                        const char *id, const struct incident_who *who, struct incident_file *ret,
                        struct ak_error *err);
/* Of a customer's files of one incident; 'project_id' NULL: of the provider's. */
int incident_store_files_sum(struct ak_tx *tx, const char *incident_id, const char *project_id,
                             int64_t *ret_n, int64_t *ret_size, struct ak_error *err);
/* Bytes of a customer's files of all incidents. */
int incident_store_files_room(struct ak_tx *tx, const char *project_id, int64_t *ret_size,
                              struct ak_error *err);
int incident_store_file_projects(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                                 struct ak_error *err); /* of struct incident_file */
int incident_store_files_forget(struct ak_tx *tx, const char *project_id, struct ak_error *err);
/* The limit of an hour, by what the customer wrote to its incidents. AK_INCIDENT_RATE. */
int incident_store_rate_check(struct ak_tx *tx, const char *project_id, int64_t fallback,
                              struct ak_error *err);
/* Open incidents that the project reported itself; NULL: that strangers did. */
int incident_store_reported(struct ak_tx *tx, const char *project_id, int64_t *ret_n,
                            struct ak_error *err);
int incident_store_number(struct ak_tx *tx, const char *id, char out[32], struct ak_error *err);
extern const struct ak_sql *const incident_sql_all[];

/* ---- Handlers (incident_api.c, incident_file.c) ---------------------------------------------- */

/* Who asks, by the listener. */
struct incident_who incident_who_of(const struct ak_request *req);

ak_handler_fn incident_list_handler, incident_show_handler, incident_report_handler,
    incident_create_handler, incident_update_handler, incident_affected_handler,
    incident_triage_handler, incident_confirm_handler, incident_notify_handler,
    incident_note_handler, incident_mitigate_handler, incident_resolve_handler,
    incident_reopen_handler, incident_close_handler, incident_message_handler,
    incident_download_handler, incident_attach_handler, incident_file_handler;

#endif
