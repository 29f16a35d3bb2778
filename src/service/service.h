/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_SERVICE_H
#define AK_SERVICE_H
/* Service classes, customers and contracts: what other domains may know of them. */
#include "http/http.h"

extern const struct ak_domain service_domain;

/* --- Service classes (service_class*.c) ------------------------------------------------------- */

/* A version of a class. */
struct service_class {
    const char *name;
    int64_t version;
    const char *hash; /* SHA-256 of its canonical JSON */
    const char *title_ja, *title_en;
    bool offered; /* the version that new contracts get */
};
/* 'version' 0: the newest. AK_OBJECT_NOT_FOUND. */
int service_class_load(struct ak_tx *tx, struct ak_arena *arena, const char *name, int64_t version,
                       struct service_class *ret_class, struct ak_error *err);
/* At the project's end: nothing of a class is left. */
int service_class_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);
/* The newest versions of all classes, by name. */
int service_class_all(struct ak_tx *tx, struct ak_arena *arena, struct service_class **ret_classes,
                      size_t *ret_n, struct ak_error *err);
/* In the transaction of an activation: what the class withholds from the customer goes to identity,
 * where its servers may run to compute, from which areas things are reached to access. Holds from
 * the next request on. Again, with another version or class: in place of what was there. */
int service_class_apply(struct ak_tx *tx, const char *project_id, const char *class_name,
                        int64_t version, struct ak_error *err);

/* A class's parameter by its dotted name ("notice.maintenance.lead_hours"), of the class version of
 * a contract. AK_INTERNAL when the class has no such parameter, or one of another type. Strings and
 * JSON live in the arena. */
int service_class_int(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                      int64_t *ret_value, struct ak_error *err);
int service_class_str(struct ak_tx *tx, struct ak_arena *arena, const char *class_name,
                      int64_t version, const char *name, const char **ret_value,
                      struct ak_error *err);
int service_class_json(struct ak_tx *tx, struct ak_arena *arena, const char *class_name,
                       int64_t version, const char *name, const char **ret_json,
                       struct ak_error *err);

/* The same, with 'fallback' where that version of the class is older than the parameter. */
int service_class_int_or(struct ak_tx *tx, const char *class_name, int64_t version,
                         const char *name, int64_t fallback, int64_t *ret_value,
                         struct ak_error *err);
/* Whether a list ("incidents.channels") holds 'word'. */
int service_class_lists(struct ak_tx *tx, const char *class_name, int64_t version, const char *name,
                        const char *word, bool *ret_listed, struct ak_error *err);

/* What a class promises of incidents of a severity ("low" to "critical"). */
struct service_incident_terms {
    int64_t notify_minutes; /* from the confirmation to the first word to the customer */
    int64_t update_minutes; /* between words while it lasts */
    int64_t report_days;    /* from its end to the closing report */
    bool tracking;          /* the customer follows it in the portal */
    bool portal_post;       /* those of the provider's making are posted unasked */
    bool by_portal, by_mail, by_sales, by_phone;                    /* how the customer is told */
    bool from_portal, from_mail, from_sales, from_phone, from_form; /* how the customer reports */
};
int service_class_incident_terms(struct ak_tx *tx, const char *class_name, int64_t version,
                                 const char *severity, struct service_incident_terms *ret_terms,
                                 struct ak_error *err);
/* The target hours of a kind of requests: of the class, where it says any; else '*io_hours' stays.
 */
int service_class_target_hours(struct ak_tx *tx, const char *class_name, int64_t version,
                               const char *kind, int64_t *io_hours, struct ak_error *err);

/* The kinds of requests that a class may name, in the order of request_kinds.def. */
extern const char *const service_request_kinds[];
extern const size_t service_request_kinds_n;

/* Class files, for the daemon's start and the command 'akashi class'. Paths by the setting
 * class_dirs, one a name. */
struct service_class_file {
    const char *name, *path;
    const char *content; /* canonical JSON */
    char hash[AK_SHA256_TEXT];
};
int service_class_paths(struct ak_arena *arena, const char *dirs, const char *const **ret_paths,
                        size_t *ret_n, struct ak_error *err);
/* Checks a text and makes its JSON / the same of a file. AK_CONFIG naming file and line. */
int service_class_parse(struct ak_arena *arena, const char *path, const char *text, size_t size,
                        struct service_class_file *ret_file, struct ak_error *err);
int service_class_file_read(struct ak_arena *arena, const char *path,
                            struct service_class_file *ret_file, struct ak_error *err);
struct service_class_loaded {
    size_t files, bad, changed, withdrawn;
};
/* Loads all files: what changed is a new version, with an audit event. A file that does not pass is
 * told to 'bad' and passed over: what was loaded of it before stays. AK_CONFIG, AK_STORE. */
int service_class_load_all(struct ak_store *store, const struct ak_config *config,
                           void (*bad)(const struct ak_error *err, void *data), void *data,
                           struct service_class_loaded *ret, struct ak_error *err);
/* The manual page akashi-class(5) in roff. */
void service_class_manual(struct ak_buf *out);

/* Templates of what operators write to customers (service_template.c): AK_TEMPLATE_LEFT when 'text'
 * (or NULL) still holds a placeholder of theirs. Asked before anything is shown to a customer. */
int service_template_check(const char *text, struct ak_error *err);
/* All texts, and whether the 'len' bytes are the name of a placeholder: for the tests. */
struct service_template_text {
    const char *slug, *field, *ja, *en;
};
size_t service_template_rows(const struct service_template_text **ret_texts);
bool service_template_knows(const char *name, size_t len);

/* Labels of the project's resources, at its end. */
int service_labels_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);

/* --- Contracts (service_contract*.c) ---------------------------------------------------------- */

/* Strings live in the arena of the call. Dates are 00:00 Asia/Tokyo; 0 = none. */
struct service_contract {
    const char *id;
    const char *number; /* "K-2026-0001" */
    const char *customer_id, *customer_name;
    const char *customer_name_en; /* NULL when there is none */
    const char *sector;
    const char *project_id, *domain_id; /* NULL before the activation */
    const char *class_name;
    int64_t class_version;
    const char *state;          /* draft active terminating closed */
    const char *master_user_id; /* NULL before the activation */
    const char *language;       /* ja en */
    int64_t starts_us, ends_us;
    int64_t delete_at_us; /* 0: nothing is to be deleted, or the operator says when */
    bool legal_hold;
};
/* The contract whose project this is. AK_OBJECT_NOT_FOUND: a project without a contract. */
int service_contract_by_project(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                struct service_contract *ret_contract, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. */
int service_contract_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                          struct service_contract *ret_contract, struct ak_error *err);
/* AK_CONSENT_NEEDED when the project is a contract's and nobody has agreed to its terms: asked by
 * whoever makes a server on behalf of a customer (customers' own calls are refused by the policy).
 */
int service_contract_require_consent(struct ak_tx *tx, struct ak_arena *arena,
                                     const char *project_id, struct ak_error *err);

/* All contracts, newest first: for the command. */
int service_contract_all(struct ak_tx *tx, struct ak_arena *arena,
                         struct service_contract **ret_contracts, size_t *ret_n,
                         struct ak_error *err);
/* A contract by id or number as one JSON object, as staff see it. AK_OBJECT_NOT_FOUND. */
int service_contract_write(struct ak_tx *tx, struct ak_arena *arena, const char *id_or_number,
                           struct ak_json *w, struct ak_error *err);

struct service_contact {
    const char *kind; /* business technical security emergency */
    const char *name, *email;
    const char *phone;    /* NULL when there is none */
    const char *language; /* ja en */
};
/* The contacts of a contract in their order; 'kind' NULL = all. */
int service_contract_contacts(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                              const char *kind, struct service_contact **ret_contacts,
                              size_t *ret_n, struct ak_error *err);

/* What a customer's overview tells of what stands above this domain (requests, notices, incidents);
 * set once, before the server starts. */
struct service_need { /* something that waits for the customer */
    const char *kind, *id, *title_ja, *title_en;
    int64_t due_us; /* 0 = no date */
};
extern const struct ak_fields service_need_fields;
struct service_overview_part {
    const char *name; /* of the count: "open_requests" */
    int (*count)(struct ak_tx *tx, const char *project_id, int64_t *ret_n, struct ak_error *err);
    /* Structs service_need, soonest first, at most 50; may be NULL. */
    int (*needs)(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                 struct ak_list *ret_needs, struct ak_error *err);
};
void service_overview_set(const struct service_overview_part *const *parts); /* NULL-terminated */

/* Checks the signature of a deletion record: 0, or AK_BAD_REQUEST with what is wrong. '*ret_key'
 * (hex, in the arena) is the public key it was made with: whose it is, the caller compares. */
int service_record_verify(struct ak_arena *arena, const char *text, size_t size,
                          const char **ret_key, struct ak_error *err);
/* The installation's public key, hex, in the arena; NULL: it never signed anything. */
int service_record_key(struct ak_tx *tx, struct ak_arena *arena, const char **ret_key,
                       struct ak_error *err);

/* Contracts, as routes, jobs and schedules below /service; and what must be set at start in every
 * process that makes servers: service codes. */
extern const struct ak_domain service_contract_domain;
void service_contract_start(void);

/* Whose contact writes from this address ('email' in lower case): of contracts that run, the
 * oldest. AK_OBJECT_NOT_FOUND. */
struct service_sender {
    const char *contract_id, *project_id, *name, *language;
};
int service_contact_by_email(struct ak_tx *tx, struct ak_arena *arena, const char *email,
                             struct service_sender *ret_sender, struct ak_error *err);

#endif
