/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REQUEST_INTERNAL_H
#define REQUEST_INTERNAL_H
/* What the files of src/request share: the table of kinds, the states, rows, and what each layer
 * offers the next. */
#include "identity/identity.h"
#include "request/request.h"

/* ---- States (request_state.c) ---------------------------------------------------------------- */

enum request_state {
    REQUEST_SUBMITTED,
    REQUEST_IN_REVIEW,
    REQUEST_WAITING_CUSTOMER,
    REQUEST_APPROVED,
    REQUEST_RUNNING,
    REQUEST_DONE,
    REQUEST_REFUSED,
    REQUEST_WITHDRAWN,
    REQUEST_FAILED,
    REQUEST_STATES
};
/* What moves a request. The name is the last word of the route and the event shown to people. */
enum request_verb {
    REQUEST_TAKE,     /* an operator makes it his */
    REQUEST_ASK,      /* an operator asks the customer */
    REQUEST_RETURN,   /* an operator hands it back to be corrected */
    REQUEST_CORRECT,  /* the customer has corrected the form */
    REQUEST_ANSWER,   /* the customer answers */
    REQUEST_APPROVE,  /* the last approval needed */
    REQUEST_CONSENT,  /* an approval that is not yet the last */
    REQUEST_REFUSE,   /* an operator refuses */
    REQUEST_COMPLETE, /* done by hand, with a result */
    REQUEST_START,    /* the work begins */
    REQUEST_SUCCEED,  /* the work is done */
    REQUEST_STOP,     /* what was approved may not be done any more (request_guard.c) */
    REQUEST_FAIL,     /* the work failed */
    REQUEST_RETRY,    /* an operator has it run again */
    REQUEST_WITHDRAW, /* the customer takes it back */
    REQUEST_VERBS
};
const char *request_state_name(enum request_state state);
/* REQUEST_STATES when 'name' is none. */
enum request_state request_state_parse(const char *name);
bool request_state_is_final(enum request_state state);
/* Whether the provider's clock runs in this state. */
bool request_state_counts(enum request_state state);
const char *request_verb_name(enum request_verb verb);
/* The state after 'verb'; REQUEST_STATES when it may not happen in 'from'. */
enum request_state request_state_after(enum request_state from, enum request_verb verb);

/* ---- Kinds (request_kinds.c) ----------------------------------------------------------------- */

enum request_type { /* of a form field */
                    REQUEST_TEXT,
                    REQUEST_LONGTEXT,
                    REQUEST_INTEGER,
                    REQUEST_CHOICE,
                    REQUEST_SERVER,  /* id of a server of the customer */
                    REQUEST_NETWORK, /* id of a network the customer may use */
                    REQUEST_USER,    /* id of a user of the customer */
                    REQUEST_DATE,    /* YYYY-MM-DD */
                    REQUEST_CIDR,
                    REQUEST_EMAIL,
                    REQUEST_BOOLEAN,
                    REQUEST_TYPES
};
const char *request_type_name(enum request_type type);

struct request_choice {
    const char *value, *title_ja, *title_en;
};
/* Where the choices come from when they are not listed in the row. */
enum request_source { REQUEST_LISTED, REQUEST_FLAVORS, REQUEST_IMAGES, REQUEST_GROUPS };

struct request_field {
    const char *name;
    enum request_type type;
    bool required;
    const char *title_ja, *title_en;
    const char *help_ja, *help_en; /* may be NULL */
    int64_t min, max;              /* INTEGER: value; texts: characters (max 0: 255, or 10,000) */
    const struct request_choice *choices; /* ends with a NULL value */
    enum request_source source;
    bool not_past; /* DATE: today (Asia/Tokyo) or later */
};

struct request_row;
struct request_work;
/* Does what was approved, in the transaction of 'work'; sets object_type, object_id and, when
 * nothing needs to be waited for, 'done' and result. Called again after a failure. */
typedef int request_run_fn(struct request_work *work, struct ak_error *err);
/* Makes what takes long, in a transaction that reads, before the one of the work: sets 'file'. */
typedef int request_prepare_fn(struct request_work *work, struct ak_error *err);
/* Looks whether what was begun is done: sets 'done' and result, or fails. Changes nothing. */
typedef int request_watch_fn(struct request_work *work, struct ak_error *err);

/* Until when of a contract's life a kind is done. */
enum request_until {
    REQUEST_TO_THE_END,     /* its last day */
    REQUEST_WHILE_ACTIVE,   /* not once it is cancelled: what would only be deleted again */
    REQUEST_TO_THE_DELETION /* what needs no running service: questions, disclosures */
};

struct request_kind {
    const char *kind;
    const char *title_ja, *title_en, *description_ja, *description_en;
    unsigned who;     /* enum ak_role: the least role of the customer that may ask */
    int approvals;    /* 0: answered or done by an operator; 1; 2: four eyes */
    int64_t hours;    /* target */
    bool business;    /* the target counts business hours */
    const char *verb; /* offered to customers whose class says "request" to it; NULL: to all */
    const struct request_field *fields;
    size_t n_fields;
    const char *subject[4]; /* fields that the title tells */
    enum request_until until;
    bool destroys;       /* a legal hold forbids it */
    bool initial;        /* the work needs a one-time password (struct request_work) */
    bool customers_only; /* operators do not file it: it makes a secret of the customer's */
    request_run_fn *run; /* NULL: done by hand */
    request_prepare_fn *prepare;
    request_watch_fn *watch;
};
extern const struct request_kind request_kinds[];
extern const size_t request_kinds_n;
/* NULL when there is none. */
const struct request_kind *request_kind_find(const char *kind);

/* What a person does for a kind without 'run' (request_checklists.c). */
struct request_text {
    const char *ja, *en;
};
struct request_checklist {
    const char *kind;
    const struct request_text *steps;
    size_t n;
    struct request_text closing; /* how the answer begins */
};
extern const struct request_checklist request_checklists[];
extern const size_t request_checklists_n;
const struct request_checklist *request_checklist_find(const char *kind);

/* ---- Rows ------------------------------------------------------------------------------------ */

struct request_row {
    const char *id, *number, *project_id, *customer_name, *kind, *title, *title_en, *state;
    const char *fields; /* JSON object */
    const char *names;  /* JSON object: field -> name of what it names */
    const char *created_by_id, *created_by, *created_kind, *created_role;
    const char *assignee_id, *assignee, *assignee_role;
    const char *result, *error, *object_type, *object_id, *secret;
    int64_t approvals_needed, due_us, waiting_us, attempt, begun, created_us, updated_us, ended_us,
        revision, version;
    bool business, overdue;
    /* Not columns: filled for an answer. */
    const char *title_ja, *kind_title_ja, *kind_title_en, *progress;
    bool has_secret;
    struct ak_list approvals, messages, attachments, history;
};
struct request_approval {
    const char *id, *user_id, *user_name, *user_role, *decision, *comment;
    int64_t revision, created_us;
};
struct request_message {
    const char *id, *author_name, *author_kind, *author_role, *text;
    int64_t created_us;
};
struct request_step {
    const char *id, *event, *state, *actor_name, *actor_kind, *actor_role, *form;
    int64_t created_us;
};
struct request_attachment {
    const char *id, *name, *media_type, *sha256, *author_name, *author_kind, *author_role;
    int64_t size, created_us;
};
struct request_project {
    const char *project_id;
};
extern const struct ak_fields request_fields, request_brief_fields, request_own_fields,
    request_message_fields, request_attachment_fields, request_approval_fields, request_step_fields,
    request_project_row;

/* ---- Bodies ---------------------------------------------------------------------------------- */

struct request_body {
    const char *kind, *title, *fields, *project_id;
};
struct request_text_body { /* messages, ask */
    const char *text;
};
struct request_comment_body { /* approve, refuse, withdraw */
    const char *comment;
    int64_t revision; /* approve: of the form that was read; 0: not told */
};
struct request_result_body { /* complete */
    const char *result;
};
extern const struct ak_fields request_body_fields, request_change_fields, request_text_fields,
    request_comment_fields, request_approve_fields, request_reason_fields, request_result_fields;

/* Who acts. */
struct request_actor {
    const char *id, *name, *role; /* role: its name */
    const char *kind;             /* customer operator system */
    bool staff;                   /* above projects */
    const char *project_id;       /* of a customer */
    const char *project_name;
    unsigned roles;
    const char *request_id;               /* of the HTTP request or job */
    const struct ak_principal *principal; /* NULL: the worker */
};
/* The worker, for steps that nobody took. */
struct request_actor request_actor_system(const char *job_id);
struct request_actor request_actor_of(const struct ak_request *req);
/* Whether the one-time password of the request is this person's to take: the customer's own who
 * asked, or its master; never the provider's people, whoever wrote the request. */
bool request_may_take(const struct request_row *request, const struct request_actor *who);

/* ---- The clock (request_calendar.c) ---------------------------------------------------------- */

/* Business hours are 9:00 to 18:00 Asia/Tokyo, Monday to Friday, without national holidays
 * (holidays.def). 'day' is days since 1970-01-01. */
bool request_calendar_is_business_day(int64_t day);
/* The moment after 'us' microseconds of business time (or of plain time) from 'from_us'. */
int64_t request_calendar_add(int64_t from_us, int64_t us, bool business);
/* The business (or plain) time between two moments; 0 when 'to_us' is earlier. */
int64_t request_calendar_between(int64_t from_us, int64_t to_us, bool business);
/* The day of a moment in Asia/Tokyo / days of a date; false when there is no such date. */
int64_t request_calendar_day(int64_t us);
bool request_calendar_parse(const char *date, int64_t *ret_day);

/* ---- Forms (request_form.c) ------------------------------------------------------------------ */

/* Checks 'fields' (JSON object text, NULL = {}) by the kind's form for the project and yields it
 * normalised. AK_FIELD_MISSING, _UNKNOWN, _TYPE, _VALUE, _LENGTH, _RANGE naming "fields/<name>". */
int request_form_check(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                       const char *project_id, const struct request_actor *who, const char *fields,
                       const char **ret_fields, struct ak_error *err);
/* The choices of a field for a project: those listed, or what there is. */
int request_form_choices(struct ak_tx *tx, struct ak_arena *arena,
                         const struct request_field *field, const char *project_id,
                         const struct request_choice **ret_choices, struct ak_error *err);

/* Whether what the fields name (servers, users, images, …) is still there and the customer's; as
 * the form was checked when it was submitted. AK_REQUEST_GONE. */
int request_form_still(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                       const char *project_id, const json_t *fields, struct ak_error *err);

/* ---- Words (request_words.c) ----------------------------------------------------------------- */

/* The names of what the fields name, as a JSON object in the arena. The form has been checked. */
int request_words_names(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                        const char *project_id, const json_t *fields, const char **ret_names,
                        struct ak_error *err);
/* The title that a form gives itself: the kind, and what it is about. */
const char *request_words_title(struct ak_arena *arena, const struct request_kind *kind,
                                const json_t *fields, const json_t *names, bool english);
/* The name of what a field named, 'value' when it is not known. */
const char *request_words_name(struct ak_arena *arena, const struct request_row *request,
                               const char *field, const char *value);
/* The form as lines "title: value" for a mail. */
const char *request_words_form(struct ak_arena *arena, const struct request_row *request,
                               bool english);

/* Addresses and prefixes, one a line, as a JSON array of prefixes in the arena; at most 100.
 * AK_FIELD_VALUE naming "fields/cidrs". */
int request_form_cidrs(struct ak_arena *arena, const char *lines, const char **ret_json,
                       struct ak_error *err);

/* ---- Store (request_store.c) ----------------------------------------------------------------- */

/* 'project_id' NULL: any customer's. AK_OBJECT_NOT_FOUND. */
int request_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id, const char *id,
                 struct request_row *ret_request, struct ak_error *err);
int request_list_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const struct ak_query *query, struct ak_list *ret_list, struct ak_error *err);
/* The next number of the year of 'now_us' in Asia/Tokyo; in the arena. */
int request_number_new(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                       const char **ret_number, struct ak_error *err);
int request_insert(struct ak_tx *tx, const struct request_row *request, struct ak_error *err);
/* Compare-and-set by version; counts 'version' up. AK_CHANGED_MEANWHILE. */
int request_save(struct ak_tx *tx, struct request_row *request, struct ak_error *err);
/* AK_REQUEST_DECIDED when this user has decided already. */
int request_approval_add(struct ak_tx *tx, const struct request_row *request,
                         const struct request_actor *who, const char *decision, const char *comment,
                         struct ak_error *err);
int request_approvals_load(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, struct ak_list *ret_list,
                           struct ak_error *err);
int request_message_insert(struct ak_tx *tx, const struct request_row *request,
                           const struct request_actor *who, struct request_message *message,
                           struct ak_error *err);
int request_message_number(struct ak_tx *tx, const struct request_row *request, int64_t *ret_n,
                           struct ak_error *err);
/* 'form': the one that was replaced, or NULL. */
int request_step_add(struct ak_tx *tx, const struct request_row *request, const char *event,
                     const struct request_actor *who, const char *form, struct ak_error *err);
int request_attachment_add(struct ak_tx *tx, const struct request_row *request,
                           const struct request_attachment *attachment, struct ak_error *err);
int request_attachment_number(struct ak_tx *tx, const struct request_row *request, int64_t *ret_n,
                              struct ak_error *err);
/* Bytes of all attachments of a customer. */
int request_attachment_size(struct ak_tx *tx, const char *project_id, int64_t *ret_size,
                            struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. */
int request_attachment_load(struct ak_tx *tx, struct ak_arena *arena,
                            const struct request_row *request, const char *id,
                            struct request_attachment *ret_attachment, struct ak_error *err);
int request_attachment_is_known(struct ak_tx *tx, const char *id, bool *ret_known,
                                struct ak_error *err);
/* Projects (struct request_project) that have attachments or messages. */
int request_projects_load(struct ak_tx *tx, struct ak_arena *arena, struct ak_list ret_lists[2],
                          struct ak_error *err);
/* All attachments of a customer. */
int request_files_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                       struct ak_list *ret_list, struct ak_error *err);
/* Removes the rows of a customer's attachments and messages. */
int request_forget(struct ak_tx *tx, const char *project_id, struct ak_error *err);
/* Fills approvals, messages, attachments and history. */
int request_details_load(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                         struct ak_error *err);
int request_open_number(struct ak_tx *tx, const char *project_id, int64_t *ret_n,
                        struct ak_error *err);
/* The limit of an hour, by what the customer did with its requests. AK_REQUEST_RATE. */
int request_store_rate_check(struct ak_tx *tx, const char *project_id, int64_t fallback,
                             struct ak_error *err);
/* Passwords of requests that ended before 'before_us' and that nobody has fetched. */
int request_secrets_forget(struct ak_tx *tx, int64_t before_us, struct ak_error *err);
int request_running_load(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                         struct ak_error *err);
int request_overdue_load(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                         struct ak_list *ret_list, struct ak_error *err);

/* ---- Rules (request_service.c) --------------------------------------------------------------- */

/* Who of the staff files requests and takes part in them. */
#define REQUEST_STAFF_ROLES                                                                        \
    (unsigned)(AK_ROLE_OPERATOR | AK_ROLE_PRIVILEGED | AK_ROLE_OFFICER | AK_ROLE_ADMIN)

#define REQUEST_ATTACHMENTS_MAX 10
#define REQUEST_ATTACHMENT_MAX  ((int64_t)20 << 20) /* bytes */
#define REQUEST_MESSAGES_MAX    500
#define REQUEST_OPEN_MAX        500 /* of a customer whose contract says nothing */

/* Whether a customer of the project may ask for this kind now (the class's verbs, its role). */
bool request_kind_available(const struct request_kind *kind, const struct request_actor *who);
/* Whether the customer may file, correct or take back one more now: each is a step that stays, and
 * mails. Operators may always. AK_REQUEST_RATE with the seconds to wait. */
int request_rate_check(struct ak_tx *tx, const struct ak_config *config,
                       const struct request_actor *who, struct ak_error *err);
/* A new request from its body. AK_REQUEST_KIND, AK_REQUEST_UNAVAILABLE, AK_FORBIDDEN, form errors.
 */
int request_create(struct ak_tx *tx, struct ak_arena *arena, const struct request_actor *who,
                   const struct request_body *body, struct request_row *ret_request,
                   struct ak_error *err);
/* Moves a request by a verb, with its step in the history and the mail to the applicant. The caller
 * may set result, error and the like before. AK_REQUEST_STATE, AK_CHANGED_MEANWHILE. */
int request_move(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 enum request_verb verb, const struct request_actor *who, struct ak_error *err);
/* Mails (request_mail.c), once for each version of the request. 'text' NULL: the form where the
 * template tells of it, else why the work failed or was stopped. */
int request_mail_operators(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, const char *template,
                           const char *text, struct ak_error *err);
/* 'template' NULL: that of the state. */
int request_mail_applicant(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, const char *template,
                           const char *text, struct ak_error *err);
/* An operator's decision; the last approval needed starts the work. AK_REQUEST_SELF,
 * AK_REQUEST_DECIDED, AK_REQUEST_STATE. */
int request_approve(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const char *comment, struct ak_error *err);
int request_refuse(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                   const struct request_actor *who, const char *comment, struct ak_error *err);
int request_take(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 const struct request_actor *who, struct ak_error *err);
int request_complete(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                     const struct request_actor *who, const char *result, struct ak_error *err);
int request_retry(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                  const struct request_actor *who, struct ak_error *err);
int request_withdraw(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                     const struct request_actor *who, struct ak_error *err);
/* A message: a customer's answers a question; 'verb' REQUEST_ASK puts one, REQUEST_RETURN hands the
 * form back, REQUEST_VERBS only says something. */
int request_say(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                const struct request_actor *who, const char *text, enum request_verb verb,
                struct request_message *ret_message, struct ak_error *err);
/* Another form in place of the first, by who may withdraw it: approvals given are void, the clock
 * begins anew. AK_REQUEST_STATE, form errors. */
int request_correct(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const struct request_body *body,
                    struct ak_error *err);
/* AK_REQUEST_CLOSED, AK_REQUEST_ATTACHMENTS, AK_REQUEST_STORAGE. */
int request_attach_check(struct ak_tx *tx, const struct ak_config *config,
                         const struct request_row *request, struct ak_error *err);
/* Roles of the staff that only look take no part. AK_FORBIDDEN naming 'policy'. */
int request_may_act(const struct request_actor *who, const char *policy, struct ak_error *err);
/* The target of a kind for the customer of a project, in the kind's hours. */
int request_target_hours(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                         const char *project_id, int64_t *ret_hours, struct ak_error *err);

/* ---- What may still be done (request_guard.c) ------------------------------------------------ */

/* Whether the contract of the project, if it has one, still has this kind done. AK_REQUEST_OVER,
 * AK_LEGAL_HOLD. */
int request_guard_contract(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_kind *kind, const char *project_id,
                           struct ak_error *err);
/* Whether what was approved may be done now: contract, class, applicant, and what the form names,
 * as they are in this transaction. AK_REQUEST_OVER, AK_LEGAL_HOLD, AK_REQUEST_NOT_OFFERED,
 * AK_REQUEST_APPLICANT, AK_REQUEST_GONE. */
int request_guard(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                  const struct request_row *request, const json_t *fields, struct ak_error *err);
bool request_guard_refuses(int rc);

/* ---- The work (request_run.c, request_jobs.c) ------------------------------------------------ */

struct request_work {
    struct ak_tx *tx;
    struct ak_arena *arena;
    const struct ak_config *config;
    const char *job_id;
    struct request_row *request; /* as loaded; object_type, object_id and result are set here */
    json_t *fields;
    bool done;
    const struct request_attachment *file; /* what 'prepare' made; its row comes with the work */
    const char *progress;                  /* a slug, while not done */
    const struct identity_initial *initial;
};
extern const struct ak_job_kind request_run_kind;
extern const struct ak_job_kind *const request_jobs[];
extern const struct ak_schedule *const request_schedules[];
/* The path of an attachment's file; in the arena. */
const char *request_attachment_path(const struct ak_config *config, struct ak_arena *arena,
                                    const char *id);
/* What a request that runs is doing, by its kind; NULL when nothing is known. */
int request_progress(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                     struct request_row *request, struct ak_error *err);

/* ---- What handlers share (request_api.c, request_attachment_api.c) ----------------------------
 */

/* The request of the path, within the caller's scope. AK_OBJECT_NOT_FOUND. */
int request_load_for(struct ak_request *req, struct ak_tx *tx, struct request_row *ret_request,
                     struct ak_error *err);
/* Answers the request with all that belongs to it. */
int request_reply_whole(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                        struct request_row *request, struct ak_error *err);
void request_dress(const struct ak_request *req, struct request_row *request);

/* ---- Handlers -------------------------------------------------------------------------------- */

ak_handler_fn request_kind_list_handler, request_list_handler, request_create_handler,
    request_show_handler, request_message_handler, request_attach_handler,
    request_attachment_handler, request_withdraw_handler, request_secret_handler,
    request_take_handler, request_approve_handler, request_refuse_handler, request_complete_handler,
    request_ask_handler, request_return_handler, request_retry_handler, request_update_handler;

#endif
