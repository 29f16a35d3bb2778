/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of the sources of a project, of areas, and of what ties a project to them. */
#include "access/access_internal.h"

/* ---- Sources --------------------------------------------------------------------------------- */

/* Whose list: the caller's, or ?project_id= for the provider's people. */
static const char *asked_project(const struct ak_request *req)
{
    const char *asked = ak_request_query(req, "project_id");

    return req->admin && asked ? asked : req->principal->project_id;
}

static int load_sources(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                        struct access_sources_row *ret, struct ak_error *err)
{
    struct identity_sources sources = {0};
    int rc = identity_project_sources(tx, req->arena, project_id, &sources, err);

    if (rc < 0) {
        return rc;
    }
    ret->project_id = project_id;
    ret->anywhere = !sources.cidrs;
    ret->updated_us = sources.changed_us;
    return access_strings_parse(req->arena, sources.cidrs, &ret->cidrs, err);
}

int access_sources_show_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    struct access_sources_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = load_sources(req, tx, asked_project(req), &row, err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "allow_list", &access_sources_fields, &row);
    }
    return rc;
}

int access_sources_update_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    const struct access_sources_row *body = req->body;
    const char *project_id = req->params[0], *text = NULL;
    struct access_sources_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = access_cidrs_text(req->arena, &body->cidrs, &text, err);

    if (rc == 0 && body->anywhere == (body->cidrs.n > 0)) {
        rc = ak_fail(err, AK_FIELD_VALUE, "cidrs",
                     "give at least one, or say \"anywhere\": true and none");
    }
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = identity_project_sources_set(tx, project_id, body->anywhere ? NULL : text, err);
    }
    if (rc == 0) {
        rc = load_sources(req, tx, project_id, &row, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(
            req, tx, "project", project_id, project_id,
            ak_arena_printf(req->arena, "{\"cidrs\":%s}", body->anywhere ? "null" : text), err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "allow_list", &access_sources_fields, &row);
    }
    return rc;
}

/* ---- Areas ----------------------------------------------------------------------------------- */

static int list_all(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_list(req, &access_area_fields, AK_LIST_OWN, 1000, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : access_area_store_list(tx, req->arena, &query, &list, err);
    return rc < 0 ? rc : ak_page_reply(req, reply, "areas", &access_area_fields, &query, &list);
}

/* The ties of a project by area: rows of ties are ordered by purpose. */
static size_t areas_of(struct ak_arena *arena, const struct ak_list *ties,
                       struct access_area_row *areas)
{
    const struct access_tie *tie = ties->items;
    size_t n = 0;

    for (size_t i = 0; i < ties->n; i++) {
        size_t at = 0;

        while (at < n && strcmp(areas[at].slug, tie[i].slug) != 0) {
            at++;
        }
        if (at == n) {
            areas[n++] = (struct access_area_row){.slug = tie[i].slug,
                                                  .name_ja = tie[i].name_ja,
                                                  .name_en = tie[i].name_en,
                                                  .cidrs_text = tie[i].cidrs};
            areas[at].used_for.items =
                ak_arena_alloc(arena, ACCESS_PURPOSE_MAX * sizeof(const char *));
        }
        ((const char **)areas[at].used_for.items)[areas[at].used_for.n++] = tie[i].purpose;
    }
    return n;
}

static int list_own(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_list ties = {0}, list = {0};
    struct access_area_row *areas = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = access_tie_store_list(tx, req->arena, req->principal->project_id, &ties, err);
    }
    if (rc == 0) {
        areas = ak_arena_alloc(req->arena, (ties.n + 1) * sizeof(*areas));
        list = (struct ak_list){.n = areas_of(req->arena, &ties, areas), .items = areas};
    }
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = access_strings_parse(req->arena, areas[i].cidrs_text, &areas[i].cidrs, err);
    }
    if (rc == 0) {
        ak_reply_list(reply, req, "areas", &access_area_fields, &list);
    }
    return rc;
}

int access_area_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return req->admin ? list_all(req, reply, err) : list_own(req, reply, err);
}

static int reply_area(struct ak_request *req, struct ak_reply *reply, struct ak_tx *tx,
                      const char *id, int status, struct ak_error *err)
{
    struct access_area_row row = {0};
    int rc = access_area_store_load(tx, req->arena, id, &row, err);

    if (rc == 0) {
        rc = ak_request_commit(req, tx, "area", id, NULL, NULL, err);
    }
    if (rc == 0) {
        reply->status = status;
        ak_reply_object(reply, req, "area", &access_area_fields, &row);
    }
    return rc;
}

int access_area_create_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct access_area_row row = *(const struct access_area_row *)req->body;
    char id[AK_UUID_TEXT];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = access_cidrs_text(req->arena, &row.cidrs, &row.cidrs_text, err);

    ak_uuid_new(id);
    row.id = id;
    row.created_us = ak_now_us();
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = access_area_store_insert(tx, &row, err);
    }
    return rc < 0 ? rc : reply_area(req, reply, tx, id, 201, err);
}

int access_area_update_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct access_area_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_area_store_load(tx, req->arena, req->params[0], &row, err);
    }
    if (rc == 0) {
        ak_fields_merge(&access_area_fields, &row, req->body);
        rc = access_cidrs_text(req->arena, &row.cidrs, &row.cidrs_text, err);
    }
    if (rc == 0) {
        rc = access_area_store_update(tx, &row, err);
    }
    return rc < 0 ? rc : reply_area(req, reply, tx, req->params[0], 200, err);
}

int access_area_delete_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct access_area_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_area_store_load(tx, req->arena, req->params[0], &row, err);
    }
    if (rc == 0) {
        rc = access_area_store_delete(tx, row.id, err);
        rc = rc == -AK_STORE_REFERENCED
                 ? ak_fail(err, AK_CONFLICT, "The area is still tied to projects.")
                 : rc;
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "area", row.id, NULL, NULL, err);
    }
    reply->status = 204;
    return rc;
}

/* ---- Ties ------------------------------------------------------------------------------------ */

int access_project_areas_set(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const char *purpose, const char *const *slugs, struct ak_error *err)
{
    int rc = access_tie_store_clear(tx, project_id, purpose, err);

    for (size_t i = 0; slugs && slugs[i] && rc == 0; i++) {
        struct access_area_row area = {0};
        char id[AK_UUID_TEXT];

        rc = access_area_store_by_slug(tx, arena, slugs[i], &area, err);
        if (rc == -AK_OBJECT_NOT_FOUND) {
            ak_error_clear(err);
            ak_uuid_new(id);
            area = (struct access_area_row){.id = id,
                                            .slug = slugs[i],
                                            .name_ja = slugs[i],
                                            .name_en = slugs[i],
                                            .cidrs_text = "[]",
                                            .created_us = ak_now_us()};
            rc = access_area_store_insert(tx, &area, err);
        }
        rc = rc < 0 ? rc : access_tie_store_insert(tx, project_id, purpose, area.id, err);
    }
    return rc;
}

int access_areas_inside(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const char *source, const char *const **ret_slugs, struct ak_error *err)
{
    struct ak_list ties = {0};
    const struct access_tie *tie = NULL;
    const char **slugs = NULL;
    size_t n = 0;
    int rc = access_tie_store_list(tx, arena, project_id, &ties, err);

    if (rc < 0) {
        return rc;
    }
    tie = ties.items;
    slugs = ak_arena_alloc(arena, (ties.n + 1) * sizeof(*slugs));
    for (size_t i = 0; i < ties.n; i++) {
        size_t seen = 0;

        while (seen < n && strcmp(slugs[seen], tie[i].slug) != 0) {
            seen++;
        }
        if (seen == n && identity_source_allowed(tie[i].cidrs, source)) {
            slugs[n++] = tie[i].slug;
        }
    }
    slugs[n] = NULL;
    *ret_slugs = slugs;
    return 0;
}

/* The three lists of a row by the name of the purpose. */
static struct ak_list *list_for(struct access_ties_row *row, size_t i, const char **ret_purpose)
{
    static const char *const names[ACCESS_PURPOSE_MAX] = {"console", "metrics", "guides"};
    struct ak_list *lists[ACCESS_PURPOSE_MAX] = {&row->console, &row->metrics, &row->guides};

    *ret_purpose = names[i];
    return lists[i];
}

static int load_ties(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                     struct access_ties_row *ret, struct ak_error *err)
{
    struct ak_list ties = {0};
    const struct access_tie *tie = NULL;
    int rc = access_tie_store_list(tx, req->arena, project_id, &ties, err);

    ret->project_id = project_id;
    tie = ties.items;
    for (size_t i = 0; i < ACCESS_PURPOSE_MAX && rc == 0; i++) {
        const char *purpose = NULL;
        struct ak_list *list = list_for(ret, i, &purpose);

        list->items = ak_arena_alloc(req->arena, (ties.n + 1) * sizeof(const char *));
        for (size_t t = 0; t < ties.n; t++) {
            if (strcmp(tie[t].purpose, purpose) == 0) {
                ((const char **)list->items)[list->n++] = tie[t].slug;
            }
        }
    }
    return rc;
}

int access_ties_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct access_ties_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = load_ties(req, tx, req->params[0], &row, err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "project_areas", &access_ties_fields, &row);
    }
    return rc;
}

/* Unlike a class, a person must name areas that exist. */
static int tie_known(struct ak_request *req, struct ak_tx *tx, const char *purpose,
                     const struct ak_list *wanted, struct ak_error *err)
{
    const char **slugs = ak_arena_alloc(req->arena, (wanted->n + 1) * sizeof(*slugs));
    int rc = 0;

    for (size_t i = 0; i < wanted->n && rc == 0; i++) {
        struct access_area_row area = {0};

        slugs[i] = ((const char *const *)wanted->items)[i];
        rc = access_area_store_by_slug(tx, req->arena, slugs[i] ? slugs[i] : "", &area, err);
    }
    return rc < 0 ? rc
                  : access_project_areas_set(tx, req->arena, req->params[0], purpose, slugs, err);
}

int access_ties_update_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct access_ties_row body = *(const struct access_ties_row *)req->body, row = {0};
    struct identity_project project = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_project_load(tx, req->arena, req->params[0], &project, err);
    }
    for (size_t i = 0; i < ACCESS_PURPOSE_MAX && rc == 0; i++) {
        const char *purpose = NULL;
        const struct ak_list *wanted = list_for(&body, i, &purpose);

        if (ak_field_given(&access_ties_fields, &body, purpose)) {
            rc = tie_known(req, tx, purpose, wanted, err);
        }
    }
    if (rc == 0) {
        rc = load_ties(req, tx, req->params[0], &row, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "project", project.id, project.id, NULL, err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "project_areas", &access_ties_fields, &row);
    }
    return rc;
}
