/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog, in its four shapes (of a token, and as regions, services and endpoints), and the
 * versions. All of it comes from the daemon's list of domains and the listener that was asked:
 * nothing is stored, so nothing can be out of date. */
#include "identity/identity_internal.h"

static const char *const interfaces[] = {"public", "internal", "admin"};

#define ID_TEXT 33

/* A stable id from a name: the first 128 bits of its SHA-256. */
static void stable_id(char out[ID_TEXT], const char *kind, const char *name)
{
    char digest[AK_SHA256_TEXT];
    AK_AUTO_STR text = ak_xasprintf("%s/%s", kind, name);

    ak_sha256_hex(text, strlen(text), digest);
    ak_str_copy(out, ID_TEXT, digest);
}

static const char *region_of(const struct ak_request *req)
{
    return ak_config_str(req->config, "identity_region");
}

static void links_to(struct ak_request *req, struct ak_json *w, const char *collection,
                     const char *id)
{
    ak_json_key(w, "links");
    ak_json_object(w);
    ak_json_kstr(
        w, "self",
        ak_arena_printf(req->arena, "%s/identity/v3/%s/%s", req->base_url, collection, id));
    ak_json_object_end(w);
}

/* Endpoints and services, one at a time: calls 'row' for each that the daemon has. */
struct walk {
    struct ak_request *req;
    struct ak_json *w;
    const char *id; /* only this one, or NULL */
    size_t written;
};

static bool asked(const struct ak_request *req, const char *name, const char *value)
{
    const char *wanted = ak_request_query(req, name);

    return !wanted || strcmp(wanted, value) == 0;
}

static void write_service(struct walk *walk, const struct ak_domain *domain)
{
    struct ak_json *w = walk->w;
    char id[ID_TEXT];

    stable_id(id, "service", domain->service_type);
    if ((walk->id && strcmp(walk->id, id) != 0) ||
        !asked(walk->req, "type", domain->service_type) ||
        !asked(walk->req, "name", domain->service_name)) {
        return;
    }
    walk->written++;
    ak_json_object(w);
    ak_json_kstr(w, "id", id);
    ak_json_kstr(w, "type", domain->service_type);
    ak_json_kstr(w, "name", domain->service_name);
    ak_json_kstr(w, "description", "");
    ak_json_kbool(w, "enabled", true);
    links_to(walk->req, w, "services", id);
    ak_json_object_end(w);
}

static void write_endpoint(struct walk *walk, const struct ak_domain *domain, const char *interface)
{
    struct ak_request *req = walk->req;
    struct ak_json *w = walk->w;
    char id[ID_TEXT], service_id[ID_TEXT];
    const char *region = region_of(req);

    stable_id(service_id, "service", domain->service_type);
    stable_id(id, service_id, interface);
    if ((walk->id && strcmp(walk->id, id) != 0) || !asked(req, "interface", interface) ||
        !asked(req, "service_id", service_id) || !asked(req, "region_id", region)) {
        return;
    }
    walk->written++;
    ak_json_object(w);
    ak_json_kstr(w, "id", id);
    ak_json_kstr(w, "interface", interface);
    ak_json_kstr(w, "region", region);
    ak_json_kstr(w, "region_id", region);
    ak_json_kstr(w, "service_id", service_id);
    ak_json_kstr(w, "url",
                 ak_arena_printf(req->arena, "%s%s", req->base_url, domain->endpoint_path));
    ak_json_kbool(w, "enabled", true);
    links_to(req, w, "endpoints", id);
    ak_json_object_end(w);
}

static void write_endpoints(struct walk *walk, const struct ak_domain *domain)
{
    for (size_t i = 0; i < AK_N(interfaces); i++) {
        write_endpoint(walk, domain, interfaces[i]);
    }
}

static void each_service(struct walk *walk,
                         void (*write)(struct walk *walk, const struct ak_domain *domain))
{
    for (size_t i = 0; walk->req->domains[i]; i++) {
        if (walk->req->domains[i]->service_type) {
            write(walk, walk->req->domains[i]);
        }
    }
}

static int reply_all(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                     void (*write)(struct walk *walk, const struct ak_domain *domain))
{
    struct walk walk = {.req = req, .w = &reply->json};

    ak_json_object(&reply->json);
    ak_json_key(&reply->json, envelope);
    ak_json_array(&reply->json);
    each_service(&walk, write);
    ak_json_array_end(&reply->json);
    identity_reply_links(req, reply);
    ak_json_object_end(&reply->json);
    return 0;
}

static int reply_one(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                     const char *what,
                     void (*write)(struct walk *walk, const struct ak_domain *domain),
                     struct ak_error *err)
{
    struct walk walk = {.req = req, .w = &reply->json, .id = req->params[0]};

    ak_json_object(&reply->json);
    ak_json_key(&reply->json, envelope);
    each_service(&walk, write);
    ak_json_object_end(&reply->json);
    return walk.written == 1 ? 0 : ak_fail(err, AK_OBJECT_NOT_FOUND, what, req->params[0]);
}

int identity_service_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    (void)err;
    return reply_all(req, reply, "services", write_service);
}

int identity_service_show_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    return reply_one(req, reply, "service", "Service", write_service, err);
}

int identity_endpoint_list_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    (void)err;
    return reply_all(req, reply, "endpoints", write_endpoints);
}

int identity_endpoint_show_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    return reply_one(req, reply, "endpoint", "Endpoint", write_endpoints, err);
}

static void write_region(struct ak_request *req, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "id", region_of(req));
    ak_json_kstr(w, "description", "");
    ak_json_knull(w, "parent_region_id");
    links_to(req, w, "regions", region_of(req));
    ak_json_object_end(w);
}

int identity_region_list_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "regions");
    ak_json_array(&reply->json);
    write_region(req, &reply->json);
    ak_json_array_end(&reply->json);
    identity_reply_links(req, reply);
    ak_json_object_end(&reply->json);
    return 0;
}

int identity_region_show_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    if (!ak_streq(req->params[0], region_of(req))) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Region", req->params[0]);
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "region");
    write_region(req, &reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

/* The catalog of a token */

static void write_catalog_entry(struct walk *walk, const struct ak_domain *domain)
{
    struct ak_json *w = walk->w;
    const char *region = region_of(walk->req);
    char id[ID_TEXT], service_id[ID_TEXT];

    stable_id(service_id, "service", domain->service_type);
    ak_json_object(w);
    ak_json_key(w, "endpoints");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(interfaces); i++) {
        stable_id(id, service_id, interfaces[i]);
        ak_json_object(w);
        ak_json_kstr(w, "id", id);
        ak_json_kstr(w, "interface", interfaces[i]);
        ak_json_kstr(w, "region", region);
        ak_json_kstr(w, "region_id", region);
        ak_json_kstr(
            w, "url",
            ak_arena_printf(walk->req->arena, "%s%s", walk->req->base_url, domain->endpoint_path));
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_kstr(w, "id", service_id);
    ak_json_kstr(w, "type", domain->service_type);
    ak_json_kstr(w, "name", domain->service_name);
    ak_json_object_end(w);
}

/* Catalogs as they were written last, by the address they name: each login and validation shows
 * one, and sixteen digests are in it. */
static struct {
    pthread_mutex_t mutex;
    struct {
        const struct ak_domain *const *domains;
        char *base_url, *region, *text;
    } rows[4];
    size_t next;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool write_kept(struct ak_request *req, struct ak_json *w)
{
    AK_LOCK(&kept.mutex);

    for (size_t i = 0; i < AK_N(kept.rows); i++) {
        if (kept.rows[i].domains == req->domains &&
            ak_streq(kept.rows[i].base_url, req->base_url) &&
            ak_streq(kept.rows[i].region, region_of(req))) {
            ak_json_raw(w, kept.rows[i].text);
            return true;
        }
    }
    return false;
}

static void keep(const struct ak_request *req, const char *text)
{
    AK_LOCK(&kept.mutex);
    size_t i = kept.next++ % AK_N(kept.rows);

    free(kept.rows[i].base_url);
    free(kept.rows[i].region);
    free(kept.rows[i].text);
    kept.rows[i].domains = req->domains;
    kept.rows[i].base_url = ak_xstrdup(req->base_url);
    kept.rows[i].region = ak_xstrdup(region_of(req));
    kept.rows[i].text = ak_xstrdup(text);
}

void identity_catalog_write(struct ak_request *req, struct ak_json *w)
{
    AK_AUTO_BUF text = {0};
    struct ak_json inner;
    struct walk walk = {.req = req, .w = &inner};

    if (write_kept(req, w)) {
        return;
    }
    ak_buf_init(&text, (size_t)1 << 20);
    inner = ak_json_on(&text);
    ak_json_array(&inner);
    each_service(&walk, write_catalog_entry);
    ak_json_array_end(&inner);
    ak_json_raw(w, text.data);
    keep(req, text.data);
}

int identity_auth_catalog_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    if (!req->principal->project_id && !req->principal->domain_id) {
        return ak_fail(err, AK_FORBIDDEN, req->route->policy);
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "catalog");
    identity_catalog_write(req, &reply->json);
    identity_reply_links(req, reply);
    ak_json_object_end(&reply->json);
    return 0;
}

/* Versions */

static void write_version(struct ak_request *req, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "id", "v3.14");
    ak_json_kstr(w, "status", "stable");
    ak_json_kstr(w, "updated", "2020-04-07T00:00:00Z");
    ak_json_key(w, "links");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "rel", "self");
    ak_json_kstr(w, "href", ak_arena_printf(req->arena, "%s/identity/v3/", req->base_url));
    ak_json_object_end(w);
    ak_json_array_end(w);
    ak_json_key(w, "media-types");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "base", "application/json");
    ak_json_kstr(w, "type", "application/vnd.openstack.identity-v3+json");
    ak_json_object_end(w);
    ak_json_array_end(w);
    ak_json_object_end(w);
}

int identity_versions_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)err;
    reply->status = 300;
    ak_reply_header(reply, req, "Location",
                    ak_arena_printf(req->arena, "%s/identity/v3/", req->base_url));
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "versions");
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "values");
    ak_json_array(&reply->json);
    write_version(req, &reply->json);
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int identity_version_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "version");
    write_version(req, &reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}
