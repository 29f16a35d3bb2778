/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a contract that runs: what was changed, from what to what, for both sides to see; and
 * the move to the newest version of its class, whose terms are agreed to again where their text is
 * another. */
#include "service/service_contract_internal.h"

enum { PAGE = 100 };

struct change_row {
    const char *id, *contract_id, *project_id, *changes;
    int64_t at_us;
};
static const struct ak_field change_rows[] = {
    {"id", AK_STR, offsetof(struct change_row, id), AK_FILTER, .doc = "id of the change"},
    {"contract_id", AK_STR, offsetof(struct change_row, contract_id), 0, .doc = "whose"},
    {"project_id", AK_STR, offsetof(struct change_row, project_id), AK_HIDDEN},
    {"changes", AK_JSON, offsetof(struct change_row, changes), 0, .max = 256 * 1024,
     .doc = "members, each with from and to"},
    {"at", AK_TIME, offsetof(struct change_row, at_us), AK_SORT, .column = "at_us", .doc = "when"},
};
const struct ak_fields service_change_fields =
    AK_FIELDS("contract_change", struct change_row, change_rows);

const char *service_change_before(struct ak_arena *arena,
                                  const struct service_contract_row *contract)
{
    const struct ak_fields_mode mode = {.admin = true};
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    ak_buf_init(&buf, 1 << 20);
    ak_fields_render_object(&service_contract_fields, contract, &mode, &w);
    return ak_arena_strdup(arena, buf.data);
}

/* Ids of list items are new each time they are written, and say nothing. */
static void drop_ids(json_t *list)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach(list, i, item)
    {
        (void)json_object_del(item, "id");
    }
}

int service_change_record(struct ak_tx *tx, struct ak_arena *arena, const char *before_text,
                          const struct service_contract_row *contract, struct ak_error *err)
{
    AK_AUTO_JSON before = json_loads(before_text, 0, NULL);
    AK_AUTO_JSON after = json_loads(service_change_before(arena, contract), 0, NULL);
    AK_AUTO_JSON changes = json_object();
    AK_AUTO_BUF buf = {0};
    char id[AK_UUID_TEXT];
    const char *member = NULL;
    json_t *now = NULL;
    int rc;

    if (!contract->project_id) { /* a draft changes freely */
        return 0;
    }
    (void)json_object_del(after, "notes"); /* the provider's own */
    json_object_foreach(after, member, now)
    {
        json_t *was = json_object_get(before, member);

        drop_ids(was);
        drop_ids(now);
        if (was && !json_equal(was, now)) {
            (void)json_object_set_new(changes, member,
                                      json_pack("{s:O, s:O}", "from", was, "to", now));
        }
    }
    if (json_object_size(changes) == 0) {
        return 0;
    }
    ak_buf_init(&buf, (size_t)256 * 1024);
    rc = ak_json_canonical(changes, &buf, err);
    ak_uuid_new(id);
    return rc < 0 ? rc
                  : service_change_store_insert(tx, id, contract->id, contract->project_id,
                                                buf.data, err);
}

/* Whether the terms that were agreed to are, word for word, those of the class version. */
int service_consent_holds(struct ak_tx *tx, struct ak_arena *arena,
                          const struct service_contract_row *contract,
                          const struct service_consent_row *consent, bool *ret_holds,
                          struct ak_error *err)
{
    struct service_terms terms = {0};
    int rc = service_contract_terms(tx, arena, contract, &terms, err);

    *ret_holds = rc == 0 && ak_streq(terms.text_ja, consent->terms_ja) &&
                 ak_streq(terms.text_en, consent->terms_en);
    return rc;
}

int service_contract_upgrade(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct service_contract_row *ret, struct ak_error *err)
{
    struct service_class class = {0};
    const char *before = NULL;
    int rc = service_contract_store_load(tx, arena, id, ret, err);

    rc = rc < 0 ? rc : service_contract_allow(ret, SERVICE_UPGRADE, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, arena, ret, err);
    rc = rc < 0 ? rc : service_class_load(tx, arena, ret->class_name, 0, &class, err);
    if (rc == 0 && class.version <= ret->class_version) {
        rc = ak_fail(err, AK_CONTRACT_STATE, "upgrade", "of the newest version");
    }
    if (rc < 0) {
        return rc;
    }
    before = service_change_before(arena, ret);
    ret->class_version = class.version;
    rc = service_contract_store_update(tx, ret, err);
    rc = rc < 0
             ? rc
             : service_class_apply(tx, ret->project_id, ret->class_name, ret->class_version, err);
    rc = rc < 0 ? rc : service_quotas_apply(tx, ret, err);
    rc = rc < 0 ? rc : service_contract_store_load(tx, arena, id, ret, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, arena, ret, err);
    if (rc == 0 && !ret->consent) { /* other words than were agreed to: no server before they are */
        rc = identity_project_verb_consent(tx, ret->project_id, "server.create", true, err);
    }
    return rc < 0 ? rc : service_change_record(tx, arena, before, ret, err);
}

/* Handlers */

static int list(struct ak_request *req, struct ak_reply *reply, const char *contract_id,
                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list rows = {0};
    int rc = ak_request_list(req, &service_change_fields, AK_LIST_OWN, PAGE, NULL, &query, err);

    if (rc == 0 && query.n_sorts == 0) {
        ak_query_sort(&query, "at_us", true);
    }
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0        ? rc
         : contract_id ? service_change_store_of(tx, req->arena, contract_id, &query, &rows, err)
                       : service_change_store_list(tx, req->arena, req->principal->project_id,
                                                   &query, &rows, err);
    return rc < 0 ? rc
                  : ak_page_reply(req, reply, "changes", &service_change_fields, &query, &rows);
}

int service_change_list_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    return list(req, reply, req->params[0], err);
}

int service_own_changes_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    return list(req, reply, NULL, err);
}
