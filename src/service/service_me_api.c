/* SPDX-License-Identifier: Apache-2.0 */
/* Who one is (GET /service/v1/me) and what runs and needs somebody (GET /service/v1/overview). */
#include "service/service_contract_internal.h"

#include "access/access.h"

/* Me */

static void write_verbs(const struct ak_request *req, struct ak_json *w)
{
    ak_json_key(w, "verbs");
    ak_json_object(w);
    for (size_t i = 0; i < identity_verbs_n; i++) {
        enum identity_mode mode = identity_verb_mode(req->principal, i);

        /* what only waits for the consent is the customer's own */
        ak_json_kstr(w, identity_verbs[i].name,
                     identity_mode_name(mode == IDENTITY_CONSENT ? IDENTITY_SELF : mode));
    }
    ak_json_object_end(w);
}

/* What the caller may do, by the names of the policy table: pages offer nothing else. */
static void write_may(const struct ak_request *req, struct ak_json *w)
{
    bool may = false;
    const char *name = identity_policy_at(req, 0, &may);

    ak_json_key(w, "may");
    ak_json_array(w);
    for (size_t i = 1; name; i++) {
        if (may) {
            ak_json_str(w, name);
        }
        name = identity_policy_at(req, i, &may);
    }
    ak_json_array_end(w);
}

static void write_contract(struct ak_json *w, const struct service_contract_row *contract)
{
    ak_json_kstr(w, "contract_id", contract->id);
    ak_json_kstr(w, "contract_number", contract->number);
    ak_json_kstr(w, "customer_name", contract->customer_name);
    ak_json_kstr(w, "customer_name_en", contract->customer_name_en);
    ak_json_kstr(w, "class_name", contract->class_name);
    ak_json_kstr(w, "class_title_ja", contract->class_title_ja);
    ak_json_kstr(w, "class_title_en", contract->class_title_en);
    ak_json_kstr(w, "state", contract->state);
    ak_json_kbool(w, "ended", contract->ended_us != 0);
    ak_json_kbool(w, "consent_needed", contract->id && !contract->consent);
}

static void write_identity(const struct ak_request *req, struct ak_json *w)
{
    struct identity_me me = {0};

    identity_me(req, &me);
    ak_json_kstr(w, "role", me.role);
    ak_json_kbool(w, "staff", me.staff);
    ak_json_kbool(w, "must_change_password", me.must_change_password);
    ak_json_key(w, "mfa");
    ak_json_object(w);
    ak_json_kbool(w, "totp", me.totp);
    ak_json_kint(w, "passkeys", me.passkeys);
    ak_json_kbool(w, "required", me.mfa_required);
    ak_json_object_end(w);
}

static int write_areas(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                       struct ak_error *err)
{
    const char *project = req->principal->project_id;
    const char *const *slugs = NULL;
    int rc = project ? access_areas_inside(tx, req->arena, project, req->source, &slugs, err) : 0;

    ak_json_key(w, "areas");
    ak_json_array(w);
    for (size_t i = 0; rc == 0 && slugs && slugs[i]; i++) {
        ak_json_str(w, slugs[i]);
    }
    ak_json_array_end(w);
    return rc;
}

/* The contract of the caller's project; all NULL when there is none. */
static int load_contract(struct ak_request *req, struct ak_tx *tx, struct service_contract_row *ret,
                         struct ak_error *err)
{
    int rc = req->principal->project_id
                 ? service_contract_store_own(tx, req->arena, req->principal->project_id, ret, err)
                 : -AK_CONTRACT_NONE;

    if (rc == -AK_CONTRACT_NONE) {
        ak_error_clear(err);
        return 0;
    }
    return rc < 0 ? rc : service_contract_complete(tx, req->arena, ret, err);
}

int service_me_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct ak_principal *who = req->principal;
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row contract = {0};
    const char *language = NULL;
    struct ak_json *w = &reply->json;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : load_contract(req, tx, &contract, err);
    rc = rc < 0 ? rc : identity_user_language(tx, req->arena, who->user_id, &language, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "me");
    ak_json_object(w);
    ak_json_kstr(w, "user_id", who->user_id);
    ak_json_kstr(w, "user_name", who->user_name);
    ak_json_kstr(w, "project_id", who->project_id);
    ak_json_kstr(w, "project_name", who->project_name);
    ak_json_kstr(w, "source", req->source);
    ak_json_kstr(w, "language", language); /* of mails; null: as the contract says */
    ak_json_kstr(w, "listener", ak_listener_name(req->listener));
    write_identity(req, w);
    write_contract(w, &contract);
    write_verbs(req, w);
    write_may(req, w);
    rc = write_areas(req, tx, w, err);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return rc;
}

/* Overview */

static int write_servers(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                         struct ak_error *err)
{
    static const char *const states[] = {"building", "active",    "stopped",
                                         "paused",   "suspended", "error"};
    struct compute_tenant_server *servers = NULL;
    size_t n = 0;
    int rc = compute_project_servers(tx, req->arena, req->principal->project_id, false, &servers,
                                     &n, err);

    ak_json_key(w, "servers");
    ak_json_object(w);
    ak_json_kint(w, "total", (int64_t)n);
    for (size_t s = 0; s < AK_N(states) && rc == 0; s++) {
        int64_t count = 0;

        for (size_t i = 0; i < n; i++) {
            count += ak_streq(servers[i].vm_state, states[s]);
        }
        ak_json_kint(w, states[s], count);
    }
    ak_json_object_end(w);
    return rc;
}

static void write_need(struct ak_json *w, const struct service_need *need)
{
    ak_json_object(w);
    ak_json_kstr(w, "kind", need->kind);
    ak_json_kstr(w, "id", need->id);
    ak_json_kstr(w, "title_ja", need->title_ja);
    ak_json_kstr(w, "title_en", need->title_en);
    ak_json_ktime(w, "due_at", need->due_us, AK_TIME_Z);
    ak_json_object_end(w);
}

/* What the contract itself asks for. */
static void own_needs(struct ak_json *w, const struct service_contract_row *contract)
{
    const struct service_need consent = {"consent", contract->id, "利用規約への同意",
                                         "Agree to the terms of the contract", 0};
    const struct service_need end = {
        "termination", contract->id, "契約終了にともなうデータの取り出し",
        "Take out your data: the contract ends", contract->delete_at_us};
    const struct service_need hold = {"legal-hold", contract->id,
                                      "法的保全中のため削除は停止しています",
                                      "A legal hold stops all deletion", 0};

    if (contract->id && !contract->consent) {
        write_need(w, &consent);
    }
    if (ak_streq(contract->state, "terminating")) {
        write_need(w, contract->legal_hold ? &hold : &end);
    }
}

static const struct service_overview_part *const *overview_parts;

void service_overview_set(const struct service_overview_part *const *parts)
{
    overview_parts = parts;
}

static int write_counts(struct ak_tx *tx, struct ak_json *w, const char *project,
                        struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && overview_parts && overview_parts[i]; i++) {
        int64_t n = 0;

        rc = overview_parts[i]->count(tx, project, &n, err);
        ak_json_kint(w, overview_parts[i]->name, n);
    }
    return rc;
}

static int write_needs(struct ak_tx *tx, struct ak_arena *arena, struct ak_json *w,
                       const char *project, struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && overview_parts && overview_parts[i]; i++) {
        struct ak_list needs = {0};

        rc = overview_parts[i]->needs ? overview_parts[i]->needs(tx, arena, project, &needs, err)
                                      : 0;
        for (size_t k = 0; rc == 0 && k < needs.n; k++) {
            write_need(w, (const struct service_need *)needs.items + k);
        }
    }
    return rc;
}

int service_overview_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_json *w = &reply->json;
    struct service_contract_row contract = {0};
    const char *project = req->principal->project_id;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : load_contract(req, tx, &contract, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "overview");
    ak_json_object(w);
    rc = write_servers(req, tx, w, err);
    rc = rc < 0 ? rc : write_counts(tx, w, project, err);
    ak_json_key(w, "needs");
    ak_json_array(w);
    own_needs(w, &contract);
    rc = rc < 0 ? rc : write_needs(tx, req->arena, w, project, err);
    ak_json_array_end(w);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return rc;
}
