/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a contract's end: cancellation, the end itself, legal hold, and when the deletion may
 * begin. All dates count by the clock of ak_now_us(). */
#include "service/service_contract_internal.h"

#define JST_US (9 * AK_HOUR)

/* 00:00 Asia/Tokyo of today. */
static int64_t today_us(void)
{
    int64_t local = ak_now_us() + JST_US;

    return local - local % AK_DAY - JST_US;
}

/* When everything is deleted: some days after the end, or, where the class leaves it to the
 * operator, not by itself. */
static int set_delete_at(struct ak_tx *tx, struct ak_arena *arena,
                         struct service_contract_row *contract, struct ak_error *err)
{
    const char *deletion = NULL;
    int64_t days = 0;
    int rc = service_class_str(tx, arena, contract->class_name, contract->class_version, "deletion",
                               &deletion, err);

    rc = rc < 0 ? rc
                : service_class_int(tx, contract->class_name, contract->class_version, "grace_days",
                                    &days, err);
    if (rc == 0) {
        contract->delete_at_us =
            ak_streq(deletion, "automatic") ? contract->ends_us + days * AK_DAY : 0;
    }
    return rc;
}

/* The texts that mails name: customer, number, title, last day, day of the deletion. */
static int tell(struct ak_tx *tx, struct ak_arena *arena,
                const struct service_contract_row *contract, const char *template,
                struct ak_error *err)
{
    const char *deleted = service_date_text(arena, contract->delete_at_us);
    const char *ends = service_date_text(arena, contract->ends_us);
    const char *const params[] = {contract->customer_name,
                                  contract->number,
                                  contract->title,
                                  ends ? ends : "-",
                                  deleted ? deleted : "-",
                                  contract->record_id ? contract->record_id : "-",
                                  NULL};

    return service_contract_mail(tx, arena, contract, template,
                                 ak_arena_printf(arena, "%s %" PRId64, template, contract->version),
                                 params, err);
}

static int take_end(struct service_contract_row *contract, const char *ends_on,
                    struct ak_error *err)
{
    int64_t now = ak_now_us(), ends_us = 0;

    if (!service_date_parse(ends_on, &ends_us)) {
        return ak_fail(err, AK_CONTRACT_DATE, ends_on, "there is no such day");
    }
    if (ends_us < today_us()) {
        return ak_fail(err, AK_CONTRACT_DATE, ends_on, "it is in the past");
    }
    if (contract->ends_us != 0 && ends_us > contract->ends_us) {
        return ak_fail(err, AK_CONTRACT_DATE, ends_on, "the contract is over before");
    }
    contract->ends_us = ends_us > now ? ends_us : now;
    return 0;
}

/* A customer keeps the class's notice; the provider may agree to less, and cancels itself. */
static int keep_notice(struct ak_tx *tx, struct ak_arena *arena,
                       const struct service_contract_row *contract, struct ak_error *err)
{
    int64_t days = 0, earliest;
    int rc = service_class_int_or(tx, contract->class_name, contract->class_version, "notice_days",
                                  0, &days, err);

    earliest = today_us() + days * AK_DAY;
    return rc == 0 && contract->ends_us < earliest && days > 0
               ? ak_fail(err, AK_CONTRACT_NOTICE, service_date_text(arena, earliest), AK_NUM(days))
               : rc;
}

int service_contract_cancel(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, const char *ends_on,
                            const char *reason, const char *by, struct ak_error *err)
{
    int rc = service_contract_allow(contract, SERVICE_CANCEL, err);

    if (rc == 0 && contract->ended_us != 0) {
        rc = ak_fail(err, AK_CONTRACT_STATE, "cancel", "over");
    }
    if (rc < 0) {
        return rc;
    }
    if (ak_streq(contract->state, "draft")) { /* nothing was made: there is nothing to delete */
        contract->state = "closed";
        contract->closed_us = ak_now_us();
    } else {
        rc = take_end(contract, ends_on, err);
        rc = rc < 0 || !ak_streq(by, "customer") ? rc : keep_notice(tx, arena, contract, err);
        rc = rc < 0 ? rc : set_delete_at(tx, arena, contract, err);
        contract->state = "terminating";
    }
    contract->cancelled_us = ak_now_us();
    contract->cancelled_by = by;
    contract->cancel_reason = reason;
    rc = rc < 0 ? rc : service_contract_store_update(tx, contract, err);
    return rc < 0 || !contract->project_id ? rc
                                           : tell(tx, arena, contract, "contract-cancelled", err);
}

int service_contract_expire(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, struct ak_error *err)
{
    int rc = 0;

    /* cancelled or prolonged since it was listed */
    if (!ak_streq(contract->state, "active") || contract->ends_us == 0 ||
        ak_now_us() < contract->ends_us) {
        return 0;
    }
    rc = set_delete_at(tx, arena, contract, err);
    contract->state = "terminating";
    contract->cancelled_us = contract->ends_us;
    contract->cancelled_by = "term";
    return rc < 0 ? rc : service_contract_store_update(tx, contract, err);
}

/* Servers run on through the days of grace or are stopped, as the class says; a job stops them,
 * since some may be busy just now. */
static int stop_servers(struct ak_tx *tx, struct ak_arena *arena,
                        const struct service_contract_row *contract, struct ak_error *err)
{
    const char *servers = NULL;
    int rc = service_class_str(tx, arena, contract->class_name, contract->class_version,
                               "grace_servers", &servers, err);

    if (rc == -AK_INTERNAL) { /* a version from before there was a choice: they ran on */
        ak_error_clear(err);
        return 0;
    }
    return rc == 0 && ak_streq(servers, "stop")
               ? ak_job_add(tx, &service_stop_kind, contract->id, contract->project_id, NULL,
                            "system", NULL, 0, NULL, err)
               : rc;
}

int service_contract_end(struct ak_tx *tx, struct ak_arena *arena,
                         struct service_contract_row *contract, struct ak_error *err)
{
    int rc = 0;

    if (contract->ended_us != 0 || ak_now_us() < contract->ends_us) {
        return 0;
    }
    contract->ended_us = ak_now_us();
    rc = identity_tenant_readers(tx, arena, contract->domain_id, contract->project_id, err);
    rc = rc < 0 ? rc : stop_servers(tx, arena, contract, err);
    rc = rc < 0 ? rc : service_contract_store_update(tx, contract, err);
    return rc < 0 ? rc : tell(tx, arena, contract, "contract-ended", err);
}

int service_contract_hold(struct ak_tx *tx, struct ak_arena *arena,
                          struct service_contract_row *contract, bool hold, const char *reason,
                          struct ak_error *err)
{
    int rc = service_contract_allow(contract, hold ? SERVICE_HOLD : SERVICE_RELEASE, err);

    (void)arena;
    if (rc == 0 && contract->legal_hold == hold) {
        rc = ak_fail(err, AK_CONTRACT_STATE, hold ? "hold" : "release",
                     hold ? "held already" : "not held");
    }
    if (rc < 0) {
        return rc;
    }
    contract->legal_hold = hold;
    contract->hold_reason = hold ? reason : NULL;
    contract->hold_us = hold ? ak_now_us() : 0;
    return service_contract_store_update(tx, contract, err);
}

int service_contract_delete_begin(struct ak_tx *tx, struct ak_arena *arena,
                                  struct service_contract_row *contract, struct ak_error *err)
{
    int rc = 0;

    (void)arena;
    if (contract->legal_hold) {
        return ak_fail(err, AK_LEGAL_HOLD);
    }
    if (contract->ended_us == 0 || contract->delete_at_us == 0 ||
        ak_now_us() < contract->delete_at_us || contract->deleting_us != 0) {
        return ak_fail(err, AK_CONTRACT_STATE, "delete",
                       contract->deleting_us != 0 ? "being deleted" : "not due");
    }
    contract->deleting_us = ak_now_us();
    rc = service_contract_store_update(tx, contract, err);
    return rc < 0 ? rc
                  : ak_job_add(tx, &service_delete_kind, contract->id, contract->project_id, NULL,
                               "system", NULL, 0, NULL, err);
}

int service_contract_delete_now(struct ak_tx *tx, struct ak_arena *arena,
                                struct service_contract_row *contract, struct ak_error *err)
{
    int rc = service_contract_allow(contract, SERVICE_DELETE_NOW, err);

    if (rc == 0 && contract->legal_hold) {
        rc = ak_fail(err, AK_LEGAL_HOLD);
    }
    if (rc == 0 && contract->delete_at_us != 0) {
        rc = ak_fail(err, AK_CONTRACT_STATE, "delete-now", "deleted automatically");
    }
    if (rc == 0 && ak_now_us() < contract->ends_us) {
        rc = ak_fail(err, AK_CONTRACT_STATE, "delete-now", "not over yet");
    }
    rc = rc < 0 ? rc : service_contract_end(tx, arena, contract, err);
    if (rc < 0) {
        return rc;
    }
    contract->delete_at_us = ak_now_us();
    return service_contract_delete_begin(tx, arena, contract, err);
}

int service_contract_close(struct ak_tx *tx, struct ak_arena *arena,
                           struct service_contract_row *contract, const char *record_id,
                           struct ak_error *err)
{
    int rc = 0;

    contract->state = "closed";
    contract->closed_us = ak_now_us();
    contract->record_id = record_id;
    rc = service_contract_store_update(tx, contract, err);
    return rc < 0 ? rc : tell(tx, arena, contract, "contract-deleted", err);
}
