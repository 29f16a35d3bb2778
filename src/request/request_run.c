/* SPDX-License-Identifier: Apache-2.0 */
/* What approved requests do: one function a kind, in the transaction of its job's step, through the
 * public functions of the domains. What an engine then does is watched by the schedule of
 * request_jobs.c. Each may be called again after a failure. */
#include "request/request_run.h"

#include "access/access.h"
#include "compute/compute.h"
#include "network/network.h"
#include "service/service.h"

static const char *text_of(const struct request_work *work, const char *field)
{
    return json_string_value(json_object_get(work->fields, field));
}

static int64_t number_of(const struct request_work *work, const char *field)
{
    return json_integer_value(json_object_get(work->fields, field));
}

static const char *keep(const struct request_work *work, const char *text)
{
    return ak_arena_strdup(work->arena, text);
}

/* A one-time password waits for its owner sealed, bound to the request. */
static int keep_secret(struct request_work *work, const char *text, struct ak_error *err)
{
    return text ? identity_text_seal(work->config, work->arena, work->request->id, text,
                                     &work->request->secret, err)
                : 0;
}

static struct compute_behalf behalf_of(const struct request_work *work)
{
    return (struct compute_behalf){.project_id = work->request->project_id,
                                   .user_id = work->request->created_by_id,
                                   .request_id = work->job_id};
}

static int look_at(const struct request_work *work, struct compute_server_look *ret_look,
                   struct ak_error *err)
{
    return compute_server_look(work->tx, work->arena, work->request->project_id,
                               work->request->object_id, ret_look, err);
}

static void sets_object(struct request_work *work, const char *type, const char *id)
{
    work->request->object_type = type;
    work->request->object_id = keep(work, id);
}

static void ends(struct request_work *work, const char *result)
{
    work->done = true;
    work->request->result = result;
}

/* The answer that people read, once in each language: who reads it later is not known now. */
static void tells(struct request_work *work, const char *ja, const char *en)
{
    ends(work, ak_arena_printf(work->arena, "%s\n%s", ja, en));
}

static void tells_server(struct request_work *work, const struct compute_server_look *look,
                         const char *ja, const char *en)
{
    tells(work,
          ak_arena_printf(work->arena, "サーバ %s を%sしました。(%s)", look->name, ja, look->id),
          ak_arena_printf(work->arena, "Server %s was %s. (%s)", look->name, en, look->id));
}

/* ---- Servers --------------------------------------------------------------------------------- */

/* What an attempt before this one left behind is taken away first. */
static int clear_failed_server(struct request_work *work, struct ak_error *err)
{
    struct compute_behalf behalf = behalf_of(work);
    struct compute_server_look look = {0};
    if (!work->request->object_id) {
        return 0;
    }
    int rc = look_at(work, &look, err);
    if (rc == -AK_SERVER_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    bool going = look.deleted || ak_streq(look.task_state, "deleting");
    return rc < 0 || going ? rc
                           : compute_server_remove(work->tx, work->arena, &behalf, look.id, err);
}

int request_run_server_add(struct request_work *work, struct ak_error *err)
{
    struct compute_behalf behalf = behalf_of(work);
    const struct compute_order order = {.name = text_of(work, "name"),
                                        .flavor_id = text_of(work, "flavor"),
                                        .image_id = text_of(work, "image"),
                                        .network_id = text_of(work, "network"),
                                        .key_name = text_of(work, "key_name")};
    const char *id = NULL, *password = NULL;
    int rc = service_contract_require_consent(work->tx, work->arena, behalf.project_id, err);
    rc = rc < 0 ? rc : clear_failed_server(work, err);
    rc = rc < 0 ? rc
                : compute_server_order(work->tx, work->arena, work->config, &behalf, &order, &id,
                                       &password, err);
    if (rc == 0) {
        sets_object(work, "server", id);
        rc = keep_secret(work, password, err);
    }
    return rc;
}

int request_watch_server_add(struct request_work *work, struct ak_error *err)
{
    struct compute_server_look look = {0};
    int rc = look_at(work, &look, err);
    if (rc < 0) {
        return rc;
    }
    if (look.failed || look.deleted) {
        return ak_fail(err, AK_REQUEST_WORK, look.fault ? look.fault : look.vm_state);
    }
    if (ak_streq(look.vm_state, "building")) {
        work->progress = look.task_state;
    } else {
        tells_server(work, &look, "作成", "created");
    }
    return 0;
}

int request_run_server_remove(struct request_work *work, struct ak_error *err)
{
    struct compute_behalf behalf = behalf_of(work);
    struct compute_server_look look = {0};
    sets_object(work, "server", text_of(work, "server"));
    int rc = look_at(work, &look, err);
    bool going = look.deleted || ak_streq(look.task_state, "deleting");
    return rc < 0 || going ? rc
                           : compute_server_remove(work->tx, work->arena, &behalf, look.id, err);
}

int request_watch_server_remove(struct request_work *work, struct ak_error *err)
{
    struct compute_server_look look = {0};
    int rc = look_at(work, &look, err);
    if (rc < 0) {
        return rc;
    }
    if (look.deleted) {
        tells_server(work, &look, "削除", "deleted");
    } else if (!look.task_state) {
        return ak_fail(err, AK_REQUEST_WORK, look.fault ? look.fault : look.vm_state);
    }
    work->progress = look.task_state;
    return 0;
}

int request_run_server_power(struct request_work *work, struct ak_error *err)
{
    struct compute_behalf behalf = behalf_of(work);
    const char *action = text_of(work, "action");
    struct compute_server_look look = {0};
    sets_object(work, "server", text_of(work, "server"));
    int rc = look_at(work, &look, err);
    bool off = ak_streq(look.vm_state, "stopped"), on = ak_streq(look.vm_state, "active");
    if (rc < 0 || (!look.task_state &&
                   ((on && ak_streq(action, "start")) || (off && ak_streq(action, "stop"))))) {
        return rc; /* it is so already */
    }
    return compute_server_power(work->tx, work->arena, &behalf, look.id, action, err);
}

/* Done when idle: as wanted, or with the fault that the operation left. */
int request_watch_server_power(struct request_work *work, struct ak_error *err)
{
    const char *wanted = ak_streq(text_of(work, "action"), "stop") ? "stopped" : "active";
    struct compute_server_look look = {0};
    int rc = look_at(work, &look, err);
    work->progress = look.task_state;
    if (rc < 0 || look.task_state) {
        return rc;
    }
    if (look.faulty || look.deleted || !ak_streq(look.vm_state, wanted)) {
        return ak_fail(err, AK_REQUEST_WORK, look.fault ? look.fault : look.vm_state);
    }
    static const struct {
        const char *action, *ja, *en;
    } words[] = {
        {"start", "起動", "started"}, {"stop", "停止", "stopped"}, {NULL, "再起動", "rebooted"}};
    size_t i = 0;
    while (words[i].action && !ak_streq(words[i].action, text_of(work, "action"))) {
        i++;
    }
    tells_server(work, &look, words[i].ja, words[i].en);
    return 0;
}

int request_run_server_change(struct request_work *work, struct ak_error *err)
{
    struct compute_behalf behalf = behalf_of(work);
    struct compute_server_look look = {0};
    sets_object(work, "server", text_of(work, "server"));
    int rc = look_at(work, &look, err);
    bool already = !look.task_state && ak_streq(look.flavor_id, text_of(work, "flavor"));
    return rc < 0 || already ? rc
                             : compute_server_change(work->tx, work->arena, work->config, &behalf,
                                                     look.id, text_of(work, "flavor"), err);
}

int request_watch_server_change(struct request_work *work, struct ak_error *err)
{
    const char *wanted = text_of(work, "flavor");
    struct compute_server_look look = {0};
    int rc = look_at(work, &look, err);
    work->progress = look.task_state;
    if (rc < 0 || look.task_state) {
        return rc;
    }
    if (look.deleted || !ak_streq(look.flavor_id, wanted)) {
        return ak_fail(err, AK_REQUEST_WORK, look.fault ? look.fault : look.vm_state);
    }
    const char *flavor = request_words_name(work->arena, work->request, "flavor", wanted);
    tells(work,
          ak_arena_printf(work->arena, "サーバ %s をフレーバ %s に変更しました。(%s)", look.name,
                          flavor, look.id),
          ak_arena_printf(work->arena, "Server %s now has the flavor %s. (%s)", look.name, flavor,
                          look.id));
    return 0;
}

/* ---- Firewall -------------------------------------------------------------------------------- */

static void tells_rule(struct request_work *work, const struct network_rule_order *order)
{
    bool add = ak_streq(text_of(work, "action"), "add");
    bool in = ak_streq(order->direction, "ingress");
    const char *ports = order->port_min <= 0 ? ""
                        : order->port_min == order->port_max
                            ? ak_arena_printf(work->arena, " %" PRId64, order->port_min)
                            : ak_arena_printf(work->arena, " %" PRId64 "-%" PRId64, order->port_min,
                                              order->port_max);
    const char *what = ak_arena_printf(work->arena, "%s%s, %s", order->protocol, ports,
                                       order->remote_cidr ? order->remote_cidr : "-");
    tells(work,
          ak_arena_printf(work->arena, "%sの許可を%sしました: %s", in ? "受信" : "送信",
                          add ? "追加" : "削除", what),
          ak_arena_printf(work->arena, "Rule %s, %s: %s", add ? "added" : "removed",
                          in ? "inbound" : "outbound", what));
}

int request_run_firewall_change(struct request_work *work, struct ak_error *err)
{
    const struct request_row *request = work->request;
    const struct network_caller who = {.project_id = request->project_id,
                                       .user_id = request->created_by_id,
                                       .request_id = work->job_id,
                                       .config = work->config};
    int64_t min = number_of(work, "port_min"), max = number_of(work, "port_max");
    const struct network_rule_order order = {.group_id = text_of(work, "group"),
                                             .direction = text_of(work, "direction"),
                                             .protocol = text_of(work, "protocol"),
                                             .remote_cidr = text_of(work, "remote"),
                                             .port_min = min,
                                             .port_max = max > 0 ? max : min,
                                             .description = request->number};
    const char *id = NULL;
    int rc = ak_streq(text_of(work, "action"), "add")
                 ? network_rule_order(work->tx, work->arena, &who, &order, &id, err)
                 : network_rule_drop(work->tx, work->arena, &who, &order, &id, err);
    if (rc == 0) {
        sets_object(work, "security-group-rule", id);
        tells_rule(work, &order);
    }
    return rc;
}

/* ---- Users ----------------------------------------------------------------------------------- */

int request_run_user_add(struct request_work *work, struct ak_error *err)
{
    struct identity_project project = {0};
    const char *id = NULL;
    int rc = identity_project_load(work->tx, work->arena, work->request->project_id, &project, err);
    const struct identity_new_user user = {.domain_id = project.domain_id,
                                           .name = text_of(work, "name"),
                                           .email = text_of(work, "email"),
                                           .project_id = project.id,
                                           .role = text_of(work, "role")};
    rc = rc < 0 ? rc
                : identity_user_create_initial(work->tx, work->arena, work->config, &user,
                                               work->initial, &id, err);
    if (rc == 0) {
        sets_object(work, "user", id);
        rc = keep_secret(work, work->initial->password, err);
        tells(work,
              ak_arena_printf(work->arena, "ユーザ %s (%s) を追加しました。", user.name, user.role),
              ak_arena_printf(work->arena, "User %s (%s) was added.", user.name, user.role));
    }
    return rc;
}

int request_run_user_remove(struct request_work *work, struct ak_error *err)
{
    const char *id = text_of(work, "user"), *name = NULL;
    int rc = identity_user_name(work->tx, work->arena, id, &name, err);
    rc = rc < 0 ? rc
                : identity_project_user_remove(work->tx, work->arena, work->request->project_id, id,
                                               err);
    if (rc == 0) {
        sets_object(work, "user", id);
        tells(work, ak_arena_printf(work->arena, "ユーザ %s を削除しました。", name),
              ak_arena_printf(work->arena, "User %s was removed.", name));
    }
    return rc;
}

/* ---- Users of the console ---------------------------------------------------------------------
 */

int request_run_console_password(struct request_work *work, struct ak_error *err)
{
    const char *id = text_of(work, "user"), *name = NULL;
    int rc = identity_user_name(work->tx, work->arena, id, &name, err);
    rc = rc < 0 ? rc
                : identity_project_user_renew(work->tx, work->arena, work->config,
                                              work->request->project_id, id, work->initial, err);
    if (rc == 0) {
        sets_object(work, "user", id);
        rc = keep_secret(work, work->initial->password, err);
        tells(work,
              ak_arena_printf(work->arena, "ユーザ %s の一時パスワードを発行しました。", name),
              ak_arena_printf(work->arena, "A one-time password of user %s was made.", name));
    }
    return rc;
}

static int find_user(struct request_work *work, const char *name, const char **ret_id,
                     struct ak_error *err)
{
    struct identity_project project = {0};
    struct ak_map users = {0};
    int rc = identity_project_load(work->tx, work->arena, work->request->project_id, &project, err);
    rc = rc < 0 ? rc : identity_tenant_users(work->tx, work->arena, project.domain_id, &users, err);
    for (size_t i = 0; rc == 0 && i < users.n; i++) {
        if (ak_streq(users.pairs[i].value, name)) {
            *ret_id = users.pairs[i].key;
            return 0;
        }
    }
    return rc < 0 ? rc : ak_fail(err, AK_OBJECT_NOT_FOUND, "User", name);
}

int request_run_console_user(struct request_work *work, struct ak_error *err)
{
    const char *name = text_of(work, "name"), *id = NULL;
    struct identity_project project = {0};
    bool add = ak_streq(text_of(work, "action"), "add");
    int rc = identity_project_load(work->tx, work->arena, work->request->project_id, &project, err);
    const struct identity_new_user user = {.domain_id = project.domain_id,
                                           .name = name,
                                           .email = text_of(work, "email"),
                                           .project_id = project.id,
                                           .role = "member"};
    if (rc == 0 && add) {
        rc = identity_user_create_initial(work->tx, work->arena, work->config, &user, work->initial,
                                          &id, err);
    } else if (rc == 0) {
        rc = find_user(work, name, &id, err);
        rc = rc < 0 ? rc : identity_project_user_remove(work->tx, work->arena, project.id, id, err);
    }
    if (rc == 0) {
        sets_object(work, "user", id);
        rc = keep_secret(work, add ? work->initial->password : NULL, err);
        tells(work,
              ak_arena_printf(work->arena, "コンソールユーザ %s を%sしました。", name,
                              add ? "登録" : "削除"),
              ak_arena_printf(work->arena, "Console user %s was %s.", name,
                              add ? "added" : "removed"));
    }
    return rc;
}

/* ---- Access ---------------------------------------------------------------------------------- */

int request_run_access_restriction(struct request_work *work, struct ak_error *err)
{
    const char *cidrs = NULL, *project_id = work->request->project_id;
    int rc = 0;
    if (!json_is_true(json_object_get(work->fields, "lift"))) {
        rc = request_form_cidrs(work->arena, text_of(work, "cidrs"), &cidrs, err);
    }
    rc = rc < 0 ? rc : identity_project_sources_set(work->tx, project_id, cidrs, err);
    if (rc == 0) {
        sets_object(work, "project", project_id);
        tells(work,
              cidrs ? ak_arena_printf(work->arena, "接続元を次に限定しました: %s", cidrs)
                    : "接続元の制限を解除しました。",
              cidrs ? ak_arena_printf(work->arena, "Only these addresses may connect: %s", cidrs)
                    : "Connections are allowed from anywhere.");
    }
    return rc;
}

/* The operator whose approval was the last is who answers for the grant. */
static int last_approver(struct request_work *work, const char **ret_id, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = request_approvals_load(work->tx, work->arena, work->request, &list, err);
    if (rc == 0) {
        *ret_id =
            list.n > 0 ? ((const struct request_approval *)list.items)[list.n - 1].user_id : NULL;
    }
    return rc;
}

int request_run_privilege_grant(struct request_work *work, struct ak_error *err)
{
    const struct request_row *request = work->request;
    const char *approver = NULL;
    char id[AK_UUID_TEXT];
    int64_t day = 0;
    (void)request_calendar_parse(text_of(work, "until"), &day);
    int64_t until = (day + 1) * AK_DAY - 9 * AK_HOUR, left = until - ak_now_us();
    if (left <= 0) {
        return ak_fail(err, AK_REQUEST_LATE, text_of(work, "until"));
    }
    int rc = last_approver(work, &approver, err);
    rc = rc < 0 ? rc
                : access_privilege_give(work->tx, work->arena, text_of(work, "user"),
                                        request->project_id, text_of(work, "role"),
                                        (left + AK_HOUR - 1) / AK_HOUR, text_of(work, "reason"),
                                        request->number, request->created_by_id, approver, id, err);
    if (rc == 0) {
        sets_object(work, "privilege", id);
        tells(work,
              ak_arena_printf(work->arena, "権限 %s を %s まで付与しました。",
                              text_of(work, "role"), text_of(work, "until")),
              ak_arena_printf(work->arena, "The role %s was given until %s.", text_of(work, "role"),
                              text_of(work, "until")));
    }
    return rc;
}
