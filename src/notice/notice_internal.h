/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTICE_INTERNAL_H
#define NOTICE_INTERNAL_H
/* Shared by the files of src/notice: rows, rules, statements, handlers. */
#include "notice/notice.h"

#include "mail/mail.h"
#include "service/service.h"

enum {
    NOTICE_TEXT_MAX = 10000,
    NOTICE_PAGE = 100,
    NOTICE_HOSTS_MAX = 64,
    NOTICE_PROJECTS_MAX = 1000,
    NOTICE_CONCERNED_MAX =
        100000 /* servers of the hosts of a notice; customers of one to everyone */
};

struct notice_row {
    const char *id, *number, *kind, *title_ja, *title_en, *body_ja, *body_en, *impact, *state;
    const char *follow_up_of, *reported_by, *reason, *created_by, *published_by;
    const char *acknowledged_name; /* of the project that looks */
    bool emergency, everyone, needs_ack, lead_ok;
    bool wanted_ack; /* of the project that looks */
    int64_t starts_us, ends_us, report_due_us, published_us, finished_us, version, created_us,
        updated_us, acknowledged_us;
    struct ak_list hosts, classes, project_ids; /* of const char * */
    struct ak_given given;
};
extern const struct ak_fields notice_fields;

struct notice_recipient_row {
    const char *notice_id, *project_id, *contract_id, *customer_name, *class_name;
    const char *acknowledged_by, *acknowledged_name;
    bool needs_ack;
    int64_t added_us, acknowledged_us, mails, mails_sent, mails_failed;
    /* Not in the database: from the contract, while it is computed. */
    const char *contract_number;
    int64_t class_version;
};
extern const struct ak_fields notice_recipient_fields;

struct notice_server_row {
    const char *server_id, *project_id, *name, *host;
};
extern const struct ak_fields notice_server_fields;

struct notice_feed_row {
    const char *user_id, *project_id;
    int64_t created_us;
};
extern const struct ak_fields notice_feed_fields;

struct notice_reason_body {
    const char *reason;
    struct ak_given given;
};
extern const struct ak_fields notice_reason_fields;

/* Whom a notice concerns now. */
struct notice_affected {
    struct notice_recipient_row *recipients;
    struct notice_server_row *servers;
    size_t n_recipients, n_servers;
};
/* Computes it from the hosts' servers and the contracts. AK_STORE and the like. */
int notice_affected_compute(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                            struct notice_affected *ret, struct ak_error *err);
/* What the classes of their contracts demand of a notice published now. */
struct notice_demand {
    int64_t earliest_us;             /* of the start */
    const char *contract, *customer; /* who demands that; NULL: nobody demands anything */
    const char *no_emergency;        /* a contract that allows none, or NULL */
    int64_t report_hours;            /* after the start of an emergency; 0: nobody says */
};
/* Also says of each recipient whether it is to acknowledge. */
int notice_affected_demand(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                           struct notice_affected *affected, struct notice_demand *ret,
                           struct ak_error *err);

/* Rules (notice_service.c); all in the transaction given. */
int notice_create(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                  struct notice_row *row, struct ak_error *err);
int notice_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                  const struct notice_row *change, struct notice_row *ret, struct ak_error *err);
enum notice_event {
    NOTICE_PUBLISH,
    NOTICE_START,
    NOTICE_FINISH,
    NOTICE_CANCEL,
    NOTICE_UPDATE,
    NOTICE_REMIND, /* moves nothing */
};
/* Moves the state as the table of notice_service.c allows, and mails whom it concerns. */
int notice_move(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                const char *id, enum notice_event event, const char *user_name, const char *reason,
                struct notice_row *ret, struct ak_error *err);
/* Ends a notice that only informs; nobody is mailed. */
int notice_end(struct ak_tx *tx, struct ak_arena *arena, const char *id, struct ak_error *err);
/* Mails once to whom work concerns that it is near. */
int notice_remind(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                  struct ak_error *err);
/* Adds whoever is concerned since the publication, and mails them. '*ret_n' = how many customers.
 */
int notice_complete(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                    int64_t *ret_n, struct ak_error *err);
int notice_acknowledge(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                       const struct ak_principal *who, struct notice_row *ret,
                       struct ak_error *err);

/* Contracts that are served, of a class (NULL: of all), as recipients (notice_affected.c). */
int notice_customers(struct ak_tx *tx, struct ak_arena *arena, const char *class_name,
                     struct ak_list *ret, struct ak_error *err);

/* Mails (notice_mail.c): to the contacts of contracts whose class has mail among its channels. */
/* To each address among the contacts of a contract, in its language; '{0} {1} …' of the template
 * are the customer, the contact, and 'ja' or 'en' (NULL-terminated, at most 8). */
int notice_mail_contract(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                         const char *template, const char *key, const char *object_type,
                         const char *object_id, const char *const *ja, const char *const *en,
                         struct ak_error *err);
int notice_mail_event(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                      const struct notice_recipient_row *to, enum notice_event event,
                      struct ak_error *err);
/* Tells a customer who knows of the notice of more servers; 'servers' as one line. */
int notice_mail_servers(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                        const struct notice_recipient_row *to, const char *servers,
                        const char *first_id, struct ak_error *err);

/* The JSON array of strings that a column holds. */
const char *notice_array_text(struct ak_arena *arena, const struct ak_list *list);

/* Statements (notice_store.c); what is not there is AK_OBJECT_NOT_FOUND. */
int notice_store_insert(struct ak_tx *tx, struct ak_arena *arena, struct notice_row *row,
                        struct ak_error *err);
int notice_store_update(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                        struct ak_error *err);
int notice_store_move(struct ak_tx *tx, const struct notice_row *row, struct ak_error *err);
int notice_store_reported(struct ak_tx *tx, const char *id, const char *by, struct ak_error *err);
/* 'project_id' NULL: any notice; else one that concerns the project. */
int notice_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const char *id, struct notice_row *ret, struct ak_error *err);
int notice_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const struct ak_query *query, struct ak_list *ret, struct ak_error *err);
int notice_store_open(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                      struct ak_error *err);
/* Emergencies whose later notice is due and not there. */
int notice_store_overdue(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                         struct ak_error *err);
/* '*ret_new' = it was not there before. */
int notice_store_recipient_add(struct ak_tx *tx, const char *notice_id,
                               const struct notice_recipient_row *row, bool *ret_new,
                               struct ak_error *err);
int notice_store_recipients(struct ak_tx *tx, struct ak_arena *arena, const char *notice_id,
                            struct ak_list *ret, struct ak_error *err);
int notice_store_acknowledge(struct ak_tx *tx, const char *notice_id, const char *project_id,
                             const struct ak_principal *who, struct ak_error *err);
int notice_store_server_add(struct ak_tx *tx, const char *notice_id,
                            const struct notice_server_row *row, bool *ret_new,
                            struct ak_error *err);
/* 'project_id' NULL: all. */
int notice_store_servers(struct ak_tx *tx, struct ak_arena *arena, const char *notice_id,
                         const char *project_id, struct ak_list *ret, struct ak_error *err);
/* What only informs and whose time is over; without an end, 'shown_us' after its publication. */
int notice_store_over(struct ak_tx *tx, struct ak_arena *arena, int64_t shown_us,
                      struct ak_list *ret, struct ak_error *err);
/* Work that begins within 'before_us' and was published before that. */
int notice_store_soon(struct ak_tx *tx, struct ak_arena *arena, int64_t before_us,
                      struct ak_list *ret, struct ak_error *err);
int notice_store_feed_set(struct ak_tx *tx, const struct notice_feed_row *row, const char *hash,
                          struct ak_error *err);
int notice_store_feed_get(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                          const char *project_id, struct notice_feed_row *ret,
                          struct ak_error *err);
int notice_store_feed_remove(struct ak_tx *tx, const char *user_id, const char *project_id,
                             struct ak_error *err);
int notice_store_feed_by_token(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                               struct notice_feed_row *ret, struct ak_error *err);
int notice_store_feed_notices(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              int64_t since_us, struct ak_list *ret, struct ak_error *err);

/* iCalendar (notice_calendar.c): the notices of a project as RFC 5545 text. 'lang' "ja", "en" or
 * "both". */
void notice_calendar_write(struct ak_buf *out, const struct ak_list *notices, const char *lang,
                           const char *domain);

/* Whether the provider's people ask, on the management listener. */
bool notice_is_staff(const struct ak_request *req);

extern const struct ak_schedule *const notice_schedules[];

ak_handler_fn notice_list_handler, notice_show_handler, notice_create_handler,
    notice_update_handler, notice_preview_handler, notice_publish_handler, notice_start_handler,
    notice_finish_handler, notice_cancel_handler, notice_acknowledge_handler;
ak_handler_fn notice_feed_show_handler, notice_feed_create_handler, notice_feed_delete_handler,
    notice_calendar_handler;
ak_handler_fn notice_mail_list_handler, notice_mail_show_handler, notice_mail_resend_handler;

#endif
