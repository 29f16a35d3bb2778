/* SPDX-License-Identifier: Apache-2.0 */
/* An open console lasts as long as its owner could ask for it anew: session, roles, break-glass,
 * addresses, areas, class, server. There is one question, compute_console_check(); it is asked when
 * the console is connected, and every other second as long as it is open. The answer is in the
 * database, so what was taken away in another process counts here too. */
#include "compute_handlers.h"

#include <pthread.h>
#include <string.h>

#include "access/access.h"
#include "audit/audit.h"

/* As long as the database does not answer a console goes on; not longer than this. */
#define UNKNOWN_MAX_US (30 * AK_SEC)

int compute_console_check(struct ak_request *req, const struct compute_console *console,
                          struct ak_error *err)
{
    struct compute_server server;
    AK_AUTO(ak_tx) tx = NULL;
    bool admin = false;
    if (!console->auth_hash) {
        return ak_fail(err, AK_CONSOLE_TOKEN);
    }
    int rc = identity_authenticate_hash(req, console->auth_hash, &req->principal, err);
    rc = rc == 0 ? access_authorise(req, "compute:console:create", &admin, err) : rc;
    req->admin = admin;
    req->params[0] = console->server_id;
    rc = rc == 0 ? ak_tx_read(req->store, &tx, err) : rc;
    rc = rc == 0 ? compute_request_server(req, tx, &server, err) : rc;
    return rc == 0 ? access_content_check(req, tx, server.project_id, server.id, err) : rc;
}

struct watch {
    struct ak_store *store;
    const struct ak_config *config;
    enum ak_listener listener;
    enum ak_lang lang;
    char *id, *source, *base_url;
    char *server_id, *project_id, *auth_hash, *user_id, *user_name;
    int64_t known_us;           /* when the database last said yes */
    char *opener_id;            /* project of who opened it */
    struct watch *next, **back; /* among 'places' */
};

/* The open consoles of this process. Each holds a connection of the listener, which all customers
 * share, so those of one project are limited. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct watch *places; /* under 'mutex' */

static bool take_place(struct watch *w, int64_t most)
{
    int64_t n = 0;
    AK_LOCK(&mutex);
    for (const struct watch *other = places; other; other = other->next) {
        n += ak_streq(other->opener_id, w->opener_id);
    }
    if (n >= most) {
        return false;
    }
    w->next = places;
    w->back = &places;
    if (w->next) {
        w->next->back = &w->next;
    }
    places = w;
    return true;
}

static void leave_place(struct watch *w)
{
    AK_LOCK(&mutex);
    if (w->back) {
        *w->back = w->next;
        if (w->next) {
            w->next->back = w->back;
        }
    }
}

/* In the event log of the customer, so that it shows when an operator was out again. */
static void record(const struct watch *w, const struct ak_error *why)
{
    const struct ak_audit_event event = {.action = "compute.console.cut",
                                         .outcome = "success",
                                         .reason = ak_error_info(why->code)->slug,
                                         .request_id = w->id,
                                         .actor_id = w->user_id,
                                         .actor_name = w->user_name,
                                         .project_id = w->project_id,
                                         .object_type = "server",
                                         .object_id = w->server_id,
                                         .source = w->source,
                                         .listener = ak_listener_name(w->listener)};
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(w->store, &tx, &err);
    rc = rc == 0 ? ak_audit_add(tx, &event, NULL, &err) : rc;
    rc = rc == 0 ? ak_tx_commit(tx, &err) : rc;
    if (rc != 0) {
        ak_log(AK_ERR, "the end of a console is not recorded: %s", err.detail);
    }
}

static bool still(void *data)
{
    struct watch *w = data;
    const struct compute_console console = {w->server_id, w->project_id, w->auth_hash};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_error err = {0};
    struct ak_request req = {.arena = arena,
                             .listener = w->listener,
                             .lang = w->lang,
                             .id = w->id,
                             .source = w->source,
                             .base_url = w->base_url,
                             .store = w->store,
                             .config = w->config};
    int rc = compute_console_check(&req, &console, &err);
    if (rc == 0) {
        w->known_us = ak_monotonic_us();
        return true;
    }
    if (ak_error_info(err.code)->status >= 500 &&
        ak_monotonic_us() - w->known_us < UNKNOWN_MAX_US) {
        return true;
    }
    ak_log(AK_INFO, "console of server %s is cut: %s", w->server_id, ak_error_info(err.code)->slug);
    record(w, &err);
    return false;
}

static void free_watch(void *data)
{
    struct watch *w = data;
    leave_place(w);
    free(w->id);
    free(w->source);
    free(w->base_url);
    free(w->server_id);
    free(w->project_id);
    free(w->auth_hash);
    free(w->user_id);
    free(w->user_name);
    free(w->opener_id);
    free(w);
}

static char *copy(const char *s)
{
    return s ? ak_xstrdup(s) : NULL;
}

int compute_console_watch(const struct ak_request *req, const struct compute_console *console,
                          struct ak_relay_watch *ret_watch, struct ak_error *err)
{
    int64_t most = ak_config_int(req->config, "console_max");
    struct watch *w = ak_new(struct watch);
    *w = (struct watch){.store = req->store,
                        .config = req->config,
                        .listener = req->listener,
                        .lang = req->lang,
                        .id = copy(req->id),
                        .source = copy(req->source),
                        .base_url = copy(req->base_url),
                        .server_id = copy(console->server_id),
                        .project_id = copy(console->project_id),
                        .auth_hash = copy(console->auth_hash),
                        .user_id = copy(req->principal->user_id),
                        .user_name = copy(req->principal->user_name),
                        .opener_id = copy(req->principal->project_id),
                        .known_us = ak_monotonic_us()};
    if (!take_place(w, most)) {
        free_watch(w);
        return ak_fail(err, AK_CONSOLE_MANY, AK_NUM(most));
    }
    *ret_watch = (struct ak_relay_watch){still, free_watch, w};
    return 0;
}
