/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVICE_CONTRACT_INTERNAL_H
#define SERVICE_CONTRACT_INTERNAL_H
/* Private to the contract part of src/service: rows and who calls whom.
 *
 *   service_customer_api.c, service_contract_api.c, service_me_api.c, service_code_api.c,
 *   service_end_api.c        parse, call, render
 *   service_contract_rules.c rules: creating, changing, activation, consent
 *   service_contract_quota.c limits, from contract and class to who counts
 *   service_end_rules.c      cancellation, end, hold            service_code.c  service codes
 *   service_end_jobs.c       deletion                           service_record.c  signed records
 *   service_end_files.c      what of images must stay           service_export.c  export kits
 *   service_end_schedules.c  what comes by the clock
 *   service_contract_store.c statements                         service_contract_fields.c  tables
 */
#include "compute/compute.h"
#include "identity/identity.h"
#include "image/image.h"
#include "network/network.h"
#include "service/service.h"

/* Rows ---------------------------------------------------------------------------------------- */

struct service_customer_row {
    const char *id, *number, *name, *name_kana, *name_en, *sector, *country;
    int64_t created_us;
    struct ak_given given;
};

/* States of a contract:
 *
 *   draft ──activate──▶ active ──cancel, or its end──▶ terminating ──everything deleted──▶ closed
 *     └──cancel──────────────────────────────────────────────────────────────────────────▲
 *
 * Terminating: until ends_us all goes on as before; from then on (ended_us) the customer may only
 * look and fetch; from delete_at_us on everything is deleted, unless there is a legal hold. */
enum service_state {
    SERVICE_DRAFT,
    SERVICE_ACTIVE,
    SERVICE_TERMINATING,
    SERVICE_CLOSED,
    SERVICE_STATES
};
enum service_event {
    SERVICE_ACTIVATE,
    SERVICE_CHANGE,  /* of anything */
    SERVICE_ADJUST,  /* of what may change while it runs */
    SERVICE_UPGRADE, /* to the newest version of its class */
    SERVICE_CANCEL,
    SERVICE_HOLD,
    SERVICE_RELEASE,
    SERVICE_DELETE_NOW,
    SERVICE_EXPORT,
    SERVICE_CONSENT,
    SERVICE_EVENTS
};

struct service_quotas {
    int64_t instances, cores, ram_mib, disk_gib, networks, ports, routers, security_groups, images,
        image_gib, users, open_requests, open_incidents, requests_hour, incidents_hour;
    struct ak_given given;
};
struct service_item_row {
    const char *id, *code, *title;
    int64_t quantity;
};
struct service_contact_row {
    const char *id, *kind, *name, *email, *phone, *language;
};
struct service_consent_row {
    const char *terms_version, *terms_hash, *terms_ja, *terms_en, *user_id, *user_name, *source;
    int64_t at_us;
};

struct service_contract_row {
    const char *id, *number, *customer_id, *customer_number, *customer_name, *customer_name_en,
        *sector, *title, *class_name, *class_title_ja, *class_title_en, *state;
    int64_t class_version;
    const char *starts_on, *ends_on; /* of starts_us, ends_us; in bodies */
    int64_t starts_us, ends_us;
    const char *governing_law, *language, *network_cidr, *quotas_json, *notes;
    struct service_quotas *quotas;
    const char *project_id, *domain_id, *master_user_id, *master_user_name;
    int64_t activated_us;
    bool legal_hold;
    const char *hold_reason, *cancelled_by, *cancel_reason, *record_id;
    int64_t hold_us, cancelled_us, ended_us, delete_at_us, deleting_us, closed_us, version,
        created_us;
    int64_t supplement_us, kept;         /* of the deletion record */
    struct ak_list items, contacts;      /* struct service_item_row, service_contact_row */
    struct service_consent_row *consent; /* NULL: nobody agreed yet */
    struct ak_given given;
};

struct service_code_row {
    const char *id, *project_id, *contract_id, *customer_id, *item, *server_id, *server_name,
        *customer_number, *customer_name, *contract_number;
    int64_t serial, issued_us, retired_us;
};

struct service_export_row {
    const char *id, *contract_id, *project_id, *state, *sha256, *error, *created_by;
    bool with_disks;
    int64_t size, disks_done, disks_total, created_us, ready_us, expires_us;
    struct ak_given given;
};

struct service_removal_row {
    const char *id, *contract_id, *stage, *object_type, *object_id, *name, *method;
    const char *kept; /* why it could not go yet; NULL: it has gone, or goes */
    int64_t size, at_us;
};
struct service_stage_row {
    const char *id; /* the stage */
    int64_t started_us, done_us;
};
struct service_record_row {
    const char *id, *contract_id, *contract_number, *customer_name, *document, *sha256;
    int64_t created_us;
    int64_t supplement_us; /* when its supplement was signed; 0: there is none */
    int64_t kept;          /* things that it had to leave and that have not gone yet */
};

/* Bodies of verbs. */
struct service_verb_body {
    const char *ends_on, *reason, *terms_hash;
    struct ak_given given;
};

extern const struct ak_fields service_customer_fields, service_contract_fields,
    service_quotas_fields, service_item_fields, service_contact_fields, service_consent_fields,
    service_code_fields, service_export_fields, service_removal_fields, service_stage_fields,
    service_record_fields, service_consent_body, service_cancel_body, service_reason_body,
    service_id_fields;

/* Dates --------------------------------------------------------------------------------------- */

/* "2026-12-01" as 00:00 Asia/Tokyo. False when it is no date. */
bool service_date_parse(const char *text, int64_t *ret_us);
/* NULL for 0. */
const char *service_date_text(struct ak_arena *arena, int64_t time_us);

/* Rules (service_contract_rules.c) ------------------------------------------------------------ */

/* 0, or AK_CONTRACT_STATE. */
int service_contract_allow(const struct service_contract_row *contract, enum service_event event,
                           struct ak_error *err);
int service_customer_create(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_customer_row *customer, struct ak_error *err);
int service_customer_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const struct service_customer_row *change,
                            struct service_customer_row *ret, struct ak_error *err);
int service_contract_create(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, struct ak_error *err);
int service_contract_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const struct service_contract_row *change,
                            struct service_contract_row *ret, struct ak_error *err);
/* 'initial': the one-time password of the master user. */
int service_contract_activate(struct ak_tx *tx, struct ak_arena *arena,
                              const struct ak_config *config, const char *id,
                              const struct identity_initial *initial, const char *request_id,
                              struct service_contract_row *ret, struct ak_error *err);
/* Changes (service_change.c). What the contract is now, as JSON in the arena / what became of it,
 * for both sides to see: nothing for a draft, or when nothing changed. */
extern const struct ak_fields service_change_fields;
const char *service_change_before(struct ak_arena *arena,
                                  const struct service_contract_row *contract);
int service_change_record(struct ak_tx *tx, struct ak_arena *arena, const char *before_text,
                          const struct service_contract_row *contract, struct ak_error *err);
int service_change_store_insert(struct ak_tx *tx, const char *id, const char *contract_id,
                                const char *project_id, const char *changes, struct ak_error *err);
int service_change_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const struct ak_query *query, struct ak_list *ret,
                              struct ak_error *err);
int service_change_store_of(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                            const struct ak_query *query, struct ak_list *ret,
                            struct ak_error *err);
/* To the newest version of its class, at once. Where its terms read otherwise, servers wait for the
 * consent. AK_CONTRACT_STATE. */
int service_contract_upgrade(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct service_contract_row *ret, struct ak_error *err);
int service_consent_holds(struct ak_tx *tx, struct ak_arena *arena,
                          const struct service_contract_row *contract,
                          const struct service_consent_row *consent, bool *ret_holds,
                          struct ak_error *err);

/* Limits (service_contract_quota.c): from the body to the row / from the row to those who count /
 * what holds, for showing: also of a contract that is closed. */
void service_quotas_take(struct ak_arena *arena, struct service_contract_row *contract);
int service_quotas_apply(struct ak_tx *tx, const struct service_contract_row *contract,
                         struct ak_error *err);
int service_quotas_complete(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, struct ak_error *err);
/* The terms of a contract's class version; '*ret_hash' over both texts. */
struct service_terms {
    const char *version, *hash, *text_ja, *text_en;
};
int service_contract_terms(struct ak_tx *tx, struct ak_arena *arena,
                           const struct service_contract_row *contract,
                           struct service_terms *ret_terms, struct ak_error *err);
int service_contract_consent(struct ak_tx *tx, struct ak_arena *arena,
                             const struct service_contract_row *contract, const char *hash,
                             const struct ak_principal *who, const char *source,
                             struct ak_error *err);
/* Mails to the contacts of a contract; 'kind' NULL = all. 'key' makes each sent once. */
int service_contract_mail(struct ak_tx *tx, struct ak_arena *arena,
                          const struct service_contract_row *contract, const char *template,
                          const char *key, const char *const *params, struct ak_error *err);

/* The end (service_end_rules.c) --------------------------------------------------------------- */

/* 'by': "customer" or "operator". AK_CONTRACT_DATE, AK_CONTRACT_STATE. */
int service_contract_cancel(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, const char *ends_on,
                            const char *reason, const char *by, struct ak_error *err);
int service_contract_hold(struct ak_tx *tx, struct ak_arena *arena,
                          struct service_contract_row *contract, bool hold, const char *reason,
                          struct ak_error *err);
/* The operator's word, where the class leaves it to him. AK_LEGAL_HOLD, AK_CONTRACT_STATE. */
int service_contract_delete_now(struct ak_tx *tx, struct ak_arena *arena,
                                struct service_contract_row *contract, struct ak_error *err);
/* What the schedule does: an active contract's term is over / the end of a terminating one has come
 * / everything is deleted. */
int service_contract_expire(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, struct ak_error *err);
int service_contract_end(struct ak_tx *tx, struct ak_arena *arena,
                         struct service_contract_row *contract, struct ak_error *err);
int service_contract_close(struct ak_tx *tx, struct ak_arena *arena,
                           struct service_contract_row *contract, const char *record_id,
                           struct ak_error *err);
/* Starts the deletion job of a contract that is due. */
int service_contract_delete_begin(struct ak_tx *tx, struct ak_arena *arena,
                                  struct service_contract_row *contract, struct ak_error *err);
extern const struct ak_job_kind service_delete_kind, service_export_kind, service_stop_kind;
extern const struct ak_job_kind *const service_contract_jobs[];
extern const struct ak_schedule *const service_contract_schedules[];
/* Where the file of a kit lies. */
const char *service_export_path(const struct ak_config *config, struct ak_arena *arena,
                                const char *id);
/* Files of the deletion (service_end_files.c). What the pool and image_dir still hold: */
struct service_held {
    const struct ak_pool_file *files;
    size_t n_files;
};
bool service_pool_holds(const struct service_held *held, const char *name);
/* Of each image that is not gone yet: whether it is waited for ('*ret_more'), or kept because disks
 * of other projects use its base, which its removal row then says. */
int service_images_settle(struct ak_tx *tx, const struct ak_job_run *run,
                          const struct service_contract_row *contract,
                          const struct service_held *held, bool *ret_more, struct ak_error *err);
/* What of the customer has no server any more (service_end_aside.c): what the reconciler set aside,
 * and what it has yet to meet. Asked of the engines before a transaction; AK_ENGINE_UNAVAILABLE. */
#define SERVICE_ASIDE_DISK   "quarantined-disk"
#define SERVICE_ASIDE_SERVER "orphan-server"
struct service_aside {
    const struct ak_pool_aside *files;
    size_t n_files;
    const struct ak_vm_info *vms; /* all of the hypervisor */
    size_t n_vms;
};
int service_aside_list(const struct ak_job_run *run, struct service_aside *ret,
                       struct ak_error *err);
bool service_aside_holds(const struct service_aside *aside, const char *type, const char *id);
/* Writes down what of it is the contract's; '*ret_n': how many things. */
int service_aside_add(struct ak_tx *tx, const struct ak_job_run *run,
                      const struct service_contract_row *contract,
                      const struct service_aside *aside, const struct service_held *held,
                      size_t *ret_n, struct ak_error *err);
/* Removes what was written down before, outside of any transaction; nothing before the contract's
 * day or under a hold. */
int service_aside_remove(const struct ak_job_run *run, const struct service_aside *aside,
                         const struct service_held *held, struct ak_error *err);
/* The schedule: what was kept and has gone since is told in a signed supplement to the record. */
int service_supplements_due(struct ak_job_run *run, struct ak_error *err);
/* Signs and stores the supplement about 'rows', and marks them gone. */
int service_supplement_make(struct ak_tx *tx, struct ak_arena *arena,
                            const struct ak_config *config, const char *contract_id,
                            const struct service_removal_row *rows, size_t n, struct ak_error *err);

/* Everything a project and its people have, as one JSON object. */
int service_inventory(struct ak_tx *tx, struct ak_arena *arena,
                      const struct service_contract_row *contract, struct ak_buf *out,
                      struct ak_error *err);

/* Service codes (service_code.c) -------------------------------------------------------------- */

#define SERVICE_KIT_DAYS 7 /* that an export kit is kept */
#define SERVICE_CODE_MAX 48
/* "TC-00012-VM-0007-Q": letters of the class, digits of the customer's number, item, serial of the
 * customer, check character by ISO/IEC 7064 MOD 37,36 over the letters and digits before it. */
struct service_code_parts {
    char class_code[8], customer[16] /* "C00012" */, item[16];
    int64_t serial;
};
void service_code_make(const struct service_code_parts *parts, char out[SERVICE_CODE_MAX]);
/* False when the form or the check character is wrong. Small letters are taken. */
bool service_code_parse(const char *text, struct service_code_parts *ret_parts);
/* compute_server_made. */
int service_code_issue(struct ak_tx *tx, struct ak_arena *arena,
                       const struct compute_tenant_server *server, struct ak_error *err);
/* Names and ends of servers to the codes of a project, and codes to servers that lack one. */
int service_code_follow(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct ak_error *err);

/* Records (service_record.c) ------------------------------------------------------------------ */

/* Makes, signs and stores the deletion record of a contract; again: finds it. */
/* Signs 'document' (a JSON object): '*ret_text' is canonical JSON with the member "signature", in
 * the arena. Makes the installation's key when there is none. */
int service_record_sign(const struct ak_config *config, struct ak_arena *arena, json_t *document,
                        const char **ret_text, struct ak_error *err);
int service_record_make(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                        const struct service_contract_row *contract, const char **ret_id,
                        struct ak_error *err);

/* Store (service_contract_store.c): what is not there is AK_OBJECT_NOT_FOUND ------------------- */

int service_counter_next(struct ak_tx *tx, const char *name, int64_t *ret, struct ak_error *err);
int service_customer_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct service_customer_row *ret, struct ak_error *err);
int service_customer_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err);
int service_customer_store_insert(struct ak_tx *tx, const struct service_customer_row *row,
                                  struct ak_error *err);
int service_customer_store_update(struct ak_tx *tx, const struct service_customer_row *row,
                                  struct ak_error *err);
int service_customer_store_serial(struct ak_tx *tx, const char *id, int64_t *ret,
                                  struct ak_error *err);
int service_contract_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct service_contract_row *ret, struct ak_error *err);
/* AK_CONTRACT_NONE. */
int service_contract_store_own(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               struct service_contract_row *ret, struct ak_error *err);
int service_contract_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err);
/* 'expired': active ones whose end has come; else those that the schedule must move. */
int service_contract_store_due(struct ak_tx *tx, struct ak_arena *arena, bool expired,
                               int64_t now_us, struct ak_list *ret, struct ak_error *err);
int service_contract_store_insert(struct ak_tx *tx, const struct service_contract_row *row,
                                  struct ak_error *err);
/* Compare-and-set by the version. AK_CHANGED_MEANWHILE. */
int service_contract_store_update(struct ak_tx *tx, struct service_contract_row *row,
                                  struct ak_error *err);
/* Writes the lists of the row in place of what was there. */
int service_contract_store_items(struct ak_tx *tx, const struct service_contract_row *row,
                                 struct ak_error *err);
int service_contract_store_contacts(struct ak_tx *tx, const struct service_contract_row *row,
                                    struct ak_error *err);
/* Fills lists, consent, texts and dates of a loaded row. */
int service_contract_complete(struct ak_tx *tx, struct ak_arena *arena,
                              struct service_contract_row *row, struct ak_error *err);
int service_consent_store_insert(struct ak_tx *tx, const struct service_contract_row *contract,
                                 const struct service_consent_row *row,
                                 const struct service_terms *terms, struct ak_error *err);
/* AK_NOT_FOUND. */
int service_consent_store_newest(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                                 struct service_consent_row *ret, struct ak_error *err);
int service_code_store_insert(struct ak_tx *tx, const struct service_code_row *row,
                              struct ak_error *err);
/* 'project_id' NULL: all. */
int service_code_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            const struct ak_query *query, struct ak_list *ret,
                            struct ak_error *err);
int service_code_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *code,
                            struct service_code_row *ret, struct ak_error *err);
int service_code_store_update(struct ak_tx *tx, const struct service_code_row *row,
                              struct ak_error *err);
int service_code_store_projects(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                                struct ak_error *err);
int service_export_store_insert(struct ak_tx *tx, const struct service_export_row *row,
                                struct ak_error *err);
int service_export_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const struct ak_query *query, struct ak_list *ret,
                              struct ak_error *err);
/* 'project_id' NULL: any. */
int service_export_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const char *id, struct service_export_row *ret, struct ak_error *err);
int service_export_store_open(struct ak_tx *tx, const char *project_id, int64_t *ret,
                              struct ak_error *err);
int service_export_store_state(struct ak_tx *tx, const struct service_export_row *row,
                               struct ak_error *err);
int service_export_store_expired(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                                 struct ak_list *ret, struct ak_error *err);
int service_export_store_of_contract(struct ak_tx *tx, struct ak_arena *arena,
                                     const char *contract_id, struct ak_list *ret,
                                     struct ak_error *err);
int service_removal_store_add(struct ak_tx *tx, const char *contract_id,
                              const struct service_removal_row *row, struct ak_error *err);
int service_removal_store_done(struct ak_tx *tx, const char *contract_id, const char *stage,
                               struct ak_error *err);
/* 'reason' NULL: it is not kept (any more). */
int service_removal_store_kept(struct ak_tx *tx, const char *contract_id, const char *object_type,
                               const char *object_id, const char *reason, struct ak_error *err);
/* What is kept of the contract has gone now. */
int service_removal_store_gone(struct ak_tx *tx, const char *contract_id, int64_t at_us,
                               struct ak_error *err);
/* What closed contracts left, by contract. */
int service_removal_store_waiting(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                                  struct ak_error *err);
int service_supplement_store_insert(struct ak_tx *tx, const struct service_record_row *row,
                                    struct ak_error *err);
/* By the id of the record. AK_OBJECT_NOT_FOUND. */
int service_supplement_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *record_id,
                                  struct service_record_row *ret, struct ak_error *err);
int service_removal_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                               struct ak_list *ret, struct ak_error *err);
int service_stage_store_begin(struct ak_tx *tx, const char *contract_id, const char *stage,
                              struct ak_error *err);
int service_stage_store_done(struct ak_tx *tx, const char *contract_id, const char *stage,
                             struct ak_error *err);
int service_stage_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                             struct ak_list *ret, struct ak_error *err);
int service_record_store_insert(struct ak_tx *tx, const struct service_record_row *row,
                                struct ak_error *err);
int service_record_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              struct service_record_row *ret, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND: nothing was deleted yet. */
int service_record_store_of(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                            struct service_record_row *ret, struct ak_error *err);
int service_record_store_list(struct ak_tx *tx, struct ak_arena *arena,
                              const struct ak_query *query, struct ak_list *ret,
                              struct ak_error *err);
int service_fact_set(struct ak_tx *tx, const char *name, const char *value, struct ak_error *err);
/* A fact of the installation, or NULL. */
int service_fact_get(struct ak_tx *tx, struct ak_arena *arena, const char *name, const char **ret,
                     struct ak_error *err);

/* Handlers ------------------------------------------------------------------------------------ */

ak_handler_fn service_customer_list_handler, service_customer_show_handler,
    service_customer_create_handler, service_customer_update_handler;
ak_handler_fn service_contract_list_handler, service_contract_show_handler,
    service_contract_create_handler, service_contract_update_handler,
    service_contract_activate_handler, service_contract_cancel_handler,
    service_contract_hold_handler, service_contract_release_handler,
    service_contract_delete_now_handler, service_contract_upgrade_handler,
    service_change_list_handler, service_own_changes_handler;
ak_handler_fn service_own_contract_handler, service_own_terms_handler, service_own_consent_handler,
    service_own_cancel_handler, service_own_codes_handler, service_export_list_handler,
    service_export_create_handler, service_export_content_handler;
ak_handler_fn service_retention_list_handler;
ak_handler_fn service_code_list_handler, service_code_show_handler;
ak_handler_fn service_record_list_handler, service_record_show_handler,
    service_supplement_show_handler, service_record_key_handler;
ak_handler_fn service_me_handler, service_overview_handler;

#endif
