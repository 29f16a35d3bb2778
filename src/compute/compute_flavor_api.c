/* SPDX-License-Identifier: Apache-2.0 */
/* Flavors. Spec: https://docs.openstack.org/api-ref/compute/#flavors */
#include "compute_handlers.h"

struct flavor_view {
    const char *id, *name, *links, *swap, *rxtx_factor;
    int64_t ram_mib, disk_gib, vcpus, ephemeral_gib;
    bool disabled, is_public;
};
#define V(member) offsetof(struct flavor_view, member)
static const struct ak_field view_rows[] = {
    {"id", AK_STR, V(id), .doc = "id"},
    {"name", AK_STR, V(name), .doc = "name"},
    {"ram", AK_INT, V(ram_mib), .doc = "MiB"},
    {"disk", AK_INT, V(disk_gib), .doc = "GiB"},
    {"swap", AK_JSON, V(swap), .doc = "MiB, or empty"},
    {"OS-FLV-EXT-DATA:ephemeral", AK_INT, V(ephemeral_gib), .doc = "GiB"},
    {"OS-FLV-DISABLED:disabled", AK_BOOL, V(disabled), .doc = "never true"},
    {"vcpus", AK_INT, V(vcpus), .doc = "virtual processors"},
    {"os-flavor-access:is_public", AK_BOOL, V(is_public), .doc = "whether all projects may use it"},
    {"rxtx_factor", AK_JSON, V(rxtx_factor), .doc = "shown only"},
    {"links", AK_JSON, V(links), .doc = "self and bookmark"},
};
const struct ak_fields compute_flavor_view = AK_FIELDS("flavor", struct flavor_view, view_rows);
static const struct ak_field brief_rows[] = {
    {"id", AK_STR, V(id), .doc = "id"},
    {"name", AK_STR, V(name), .doc = "name"},
    {"links", AK_JSON, V(links), .doc = "self and bookmark"},
};
const struct ak_fields compute_flavor_brief =
    AK_FIELDS("flavor_brief", struct flavor_view, brief_rows);

static struct flavor_view view_of(const struct ak_request *req, const struct compute_flavor *f)
{
    const char *path = ak_arena_printf(req->arena, "flavors/%s", f->id);
    return (struct flavor_view){
        .id = f->id,
        .name = f->name,
        .links = ak_arena_printf(req->arena,
                                 "[{\"rel\":\"self\",\"href\":\"%s\"},"
                                 "{\"rel\":\"bookmark\",\"href\":\"%s\"}]",
                                 compute_link(req, path), compute_bookmark(req, path)),
        .swap = f->swap_mib ? ak_arena_printf(req->arena, "%" PRId64, f->swap_mib) : "\"\"",
        .rxtx_factor = f->rxtx_factor,
        .ram_mib = f->ram_mib,
        .disk_gib = f->disk_gib,
        .vcpus = f->vcpus,
        .ephemeral_gib = f->ephemeral_gib,
        .disabled = f->disabled,
        .is_public = f->is_public,
    };
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static int take_minimum(struct ak_request *req, struct ak_query *query, const char *name,
                        const char *column, struct ak_error *err)
{
    const char *text = ak_request_query(req, name);
    int64_t n = 0;
    if (!text) {
        return 0;
    }
    if (!ak_parse_int(text, 0, INT64_MAX, &n)) {
        return ak_fail(err, AK_FIELD_VALUE, name, "it must be an integer of at least 0");
    }
    struct ak_value value = ak_v_int(n);
    return ak_query_filter(query, req->arena, column, AK_GE, &value, 1, err);
}

/* is_public is for administrators: true (default), false, or None for both. */
static int take_public(struct ak_request *req, struct ak_query *query, struct ak_error *err)
{
    const char *text = ak_request_query(req, "is_public");
    bool on = true;
    if (!req->admin || ak_streq(text, "None") || ak_streq(text, "none")) {
        return 0;
    }
    if (text && !ak_parse_bool(text, &on)) {
        return ak_fail(err, AK_FIELD_VALUE, "is_public", "it must be true, false or None");
    }
    struct ak_value value = ak_v_int(on);
    return ak_query_filter(query, req->arena, "is_public", AK_EQ, &value, 1, err);
}

static int list(struct ak_request *req, struct ak_reply *reply, bool detail, struct ak_error *err)
{
    static const char *const own[] = {"minRam", "minDisk", "is_public", NULL};
    struct compute_caller who = compute_caller_of(req);
    struct ak_query query = {0};
    struct ak_list flavors;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_list(req, &compute_flavor_query, AK_LIST_NOVA, COMPUTE_MAX_LIMIT, own,
                             &query, err);
    rc = rc == 0 ? take_minimum(req, &query, "minRam", "ram_mib", err) : rc;
    rc = rc == 0 ? take_minimum(req, &query, "minDisk", "disk_gib", err) : rc;
    rc = rc == 0 ? take_public(req, &query, err) : rc;
    int64_t want = query.limit;
    query.limit = want + 1;
    rc = rc == 0 ? ak_tx_read(req->store, &tx, err) : rc;
    rc = rc == 0 ? compute_flavor_list(tx, req->arena, &who, &query, &flavors, err) : rc;
    if (rc != 0) {
        return rc;
    }
    struct ak_fields_mode mode = ak_request_mode(req);
    const struct compute_flavor *rows = flavors.items;
    struct ak_json *w = &reply->json;
    size_t n = (int64_t)flavors.n > want ? (size_t)want : flavors.n;
    ak_json_object(w);
    ak_json_key(w, "flavors");
    ak_json_array(w);
    for (size_t i = 0; i < n; i++) {
        struct flavor_view view = view_of(req, &rows[i]);
        ak_fields_render_object(detail ? &compute_flavor_view : &compute_flavor_brief, &view, &mode,
                                w);
    }
    ak_json_array_end(w);
    if (n < flavors.n && n > 0) {
        compute_next_link(req, w, "flavors_links", rows[n - 1].id);
    }
    ak_json_object_end(w);
    return 0;
}

int compute_flavors(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return list(req, reply, false, err);
}

int compute_flavors_detail(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return list(req, reply, true, err);
}

/* ---- One ------------------------------------------------------------------------------------- */

static int load(struct ak_request *req, struct ak_tx *tx, struct compute_flavor *ret_flavor,
                struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    return compute_flavor_load(tx, req->arena, &who, req->params[0], ret_flavor, err);
}

int compute_flavor_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_flavor flavor;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? load(req, tx, &flavor, err) : rc;
    if (rc == 0) {
        struct flavor_view view = view_of(req, &flavor);
        ak_reply_object(reply, req, "flavor", &compute_flavor_view, &view);
    }
    return rc;
}

int compute_flavor_create(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_flavor_body *body = req->body;
    char id[AK_UUID_TEXT];
    bool given = body->id && !ak_streq(body->id, "auto");
    ak_uuid_new(id);
    if (body->swap_mib > 0 || body->ephemeral_gib > 0) {
        return ak_fail(err, AK_BAD_REQUEST,
                       "servers have one disk here: swap and ephemeral must be 0");
    }
    char *end = NULL;
    if (body->rxtx_factor && (strtod(body->rxtx_factor, &end) <= 0 || *end)) {
        return ak_fail(err, AK_FIELD_VALUE, "rxtx_factor", "it must be a positive number");
    }
    struct compute_flavor flavor = {
        .id = given ? body->id : id,
        .name = body->name,
        .rxtx_factor = body->rxtx_factor ? body->rxtx_factor : "1.0",
        .ram_mib = body->ram_mib,
        .vcpus = body->vcpus,
        .disk_gib = body->disk_gib,
        .is_public = body->is_public ||
                     !ak_field_given(&compute_flavor_body, body, "os-flavor-access:is_public"),
        .created_us = ak_now_us(),
    };
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_flavor_insert(tx, &flavor, err) : rc;
    rc = rc == 0 ? ak_request_commit(req, tx, "flavor", flavor.id, NULL, NULL, err) : rc;
    if (rc == 0) {
        struct flavor_view view = view_of(req, &flavor);
        ak_reply_object(reply, req, "flavor", &compute_flavor_view, &view);
    }
    return rc;
}

int compute_flavor_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_flavor_delete(tx, req->params[0], err) : rc;
    reply->status = 202;
    return rc == 0 ? ak_request_commit(req, tx, "flavor", req->params[0], NULL, NULL, err) : rc;
}

/* ---- Extra specs ----------------------------------------------------------------------------- */

static int load_specs(struct ak_request *req, struct ak_list *ret_list, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_flavor flavor;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? load(req, tx, &flavor, err) : rc;
    return rc == 0 ? compute_flavor_specs(tx, req->arena, flavor.id, ret_list, err) : rc;
}

int compute_flavor_specs_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_list specs;
    int rc = load_specs(req, &specs, err);
    if (rc != 0) {
        return rc;
    }
    const struct compute_spec *rows = specs.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "extra_specs");
    ak_json_object(w);
    for (size_t i = 0; i < specs.n; i++) {
        ak_json_kstr(w, rows[i].name, rows[i].value);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

int compute_flavor_spec_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_list specs;
    int rc = load_specs(req, &specs, err);
    const struct compute_spec *rows = rc == 0 ? specs.items : NULL;
    for (size_t i = 0; rc == 0 && i < specs.n; i++) {
        if (ak_streq(rows[i].name, req->params[1])) {
            ak_json_object(&reply->json);
            ak_json_kstr(&reply->json, rows[i].name, rows[i].value);
            ak_json_object_end(&reply->json);
            return 0;
        }
    }
    return rc == 0 ? ak_fail(err, AK_FLAVOR_SPEC_NOT_FOUND, req->params[0], req->params[1]) : rc;
}

/* Names and values of 'object' into the flavor of the request, then the same as the answer. */
static int set_specs(struct ak_request *req, struct ak_tx *tx, const json_t *object,
                     struct ak_json *w, struct ak_error *err)
{
    const char *key;
    json_t *value;
    int rc = 0;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *text = json_string_value(value);
        if (!text || !key[0] || ak_utf8_len(key) > 255 || ak_utf8_len(text) > 255) {
            return ak_fail(err, AK_FIELD_VALUE, "extra_specs",
                           "names and values are strings of at most 255 characters");
        }
        rc = compute_flavor_spec_set(tx, req->params[0], key, text, err);
        if (rc != 0) {
            return rc;
        }
        ak_json_kstr(w, key, text);
    }
    return rc;
}

int compute_flavor_specs_create(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    const json_t *object = json_object_get(req->json, "extra_specs");
    struct compute_flavor flavor;
    AK_AUTO(ak_tx) tx = NULL;
    if (!json_is_object(object)) {
        return ak_fail(err, AK_FIELD_MISSING, "extra_specs");
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "extra_specs");
    ak_json_object(&reply->json);
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? load(req, tx, &flavor, err) : rc;
    rc = rc == 0 ? set_specs(req, tx, object, &reply->json, err) : rc;
    ak_json_object_end(&reply->json);
    ak_json_object_end(&reply->json);
    return rc == 0 ? ak_request_commit(req, tx, "flavor", req->params[0], NULL, NULL, err) : rc;
}

int compute_flavor_spec_update(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_flavor flavor;
    AK_AUTO(ak_tx) tx = NULL;
    if (json_object_size(req->json) != 1 || !json_object_get(req->json, req->params[1])) {
        return ak_fail(err, AK_BAD_REQUEST, "the body must hold the one item the path names");
    }
    ak_json_object(&reply->json);
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? load(req, tx, &flavor, err) : rc;
    rc = rc == 0 ? set_specs(req, tx, req->json, &reply->json, err) : rc;
    ak_json_object_end(&reply->json);
    return rc == 0 ? ak_request_commit(req, tx, "flavor", req->params[0], NULL, NULL, err) : rc;
}

int compute_flavor_spec_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_flavor_spec_delete(tx, req->params[0], req->params[1], err) : rc;
    (void)reply;
    return rc == 0 ? ak_request_commit(req, tx, "flavor", req->params[0], NULL, NULL, err) : rc;
}

/* ---- Access ---------------------------------------------------------------------------------- */

static int reply_access(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                        struct ak_error *err)
{
    struct ak_list projects;
    int rc = compute_flavor_access_list(tx, req->arena, req->params[0], &projects, err);
    if (rc != 0) {
        return rc;
    }
    const char *const *ids = projects.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "flavor_access");
    ak_json_array(w);
    for (size_t i = 0; i < projects.n; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "flavor_id", req->params[0]);
        ak_json_kstr(w, "tenant_id", ids[i]);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

int compute_flavor_access_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_flavor flavor;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? load(req, tx, &flavor, err) : rc;
    if (rc == 0 && flavor.is_public) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Access list of the public flavor", flavor.id);
    }
    return rc == 0 ? reply_access(req, tx, reply, err) : rc;
}

static int change_access(struct ak_request *req, struct ak_reply *reply, bool add,
                         struct ak_error *err)
{
    const struct compute_access_body *body = req->body;
    struct compute_flavor flavor;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? load(req, tx, &flavor, err) : rc;
    if (rc == 0 && add && flavor.is_public && req->microversion >= 7) {
        rc = ak_fail(err, AK_CONFLICT, "Can not add access to a public flavor.");
    }
    rc = rc == 0 ? compute_flavor_access_change(tx, flavor.id, body->tenant, add, err) : rc;
    rc = rc == 0 ? reply_access(req, tx, reply, err) : rc;
    return rc == 0 ? ak_request_commit(req, tx, "flavor", req->params[0], NULL, NULL, err) : rc;
}

int compute_flavor_access_add(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return change_access(req, reply, true, err);
}

int compute_flavor_access_remove(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    return change_access(req, reply, false, err);
}
