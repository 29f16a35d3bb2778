/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups for compute (network.h): Nova's interface from before Neutron shows and changes
 * them too. All rules are network_group_service.c's; this only translates. */
#include "network/network.h"

#include "network/network_internal.h"

static struct network_call call_of(struct ak_tx *tx, struct ak_arena *arena,
                                   const struct network_caller *who)
{
    return (struct network_call){.tx = tx,
                                 .arena = arena,
                                 .project_id = who->project_id,
                                 .admin = who->admin,
                                 .request_id = who->request_id,
                                 .actor_id = who->user_id,
                                 .config = who->config};
}

/* Name and project of the group a rule names. */
static int remote_of(const struct network_call *call, const struct network_rule *rule,
                     struct network_group_rule *to, struct ak_error *err)
{
    struct network_group remote = {0};
    if (!rule->remote_group_id) {
        return 0;
    }
    int rc =
        network_load(call->tx, call->arena, NETWORK_GROUP, rule->remote_group_id, &remote, err);
    to->remote_group_name = remote.name;
    to->remote_project_id = remote.project_id;
    return rc;
}

static int info_of(const struct network_call *call, const struct network_group *group,
                   struct network_group_info *ret_info, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = network_rules_of(call->tx, call->arena, group->id, &list, err);
    const struct network_rule *rows = list.items;
    struct network_group_rule *rules =
        ak_arena_array(call->arena, struct network_group_rule, list.n + 1);
    size_t n = 0;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (!ak_streq(rows[i].direction, "ingress")) {
            continue;
        }
        rules[n] = (struct network_group_rule){.id = rows[i].id,
                                               .protocol = rows[i].protocol,
                                               .remote_ip = rows[i].remote_ip_prefix,
                                               .port_min = rows[i].port_range_min,
                                               .port_max = rows[i].port_range_max};
        rc = remote_of(call, &rows[i], &rules[n], err);
        n++;
    }
    if (rc == 0) {
        *ret_info = (struct network_group_info){.id = group->id,
                                                .project_id = group->project_id,
                                                .name = group->name,
                                                .description = group->description,
                                                .rules = rules,
                                                .n_rules = n};
    }
    return rc;
}

int network_groups_load(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                        const char *id, struct network_group_info **ret_groups, size_t *ret_n,
                        struct ak_error *err)
{
    struct network_call call = call_of(tx, arena, who);
    struct ak_query query = {.limit = 10000};
    struct ak_list list = {0};
    struct network_group one = {0};
    int rc = 0;
    if (id) {
        rc = network_load_for(&call, NETWORK_GROUP, id, &one, err);
        list = (struct ak_list){.n = 1, .items = &one};
    } else {
        call.admin = false; /* the project's own also for administrators, as Nova */
        rc = network_list(&call, NETWORK_GROUP, &query, NULL, NULL, &list, err);
    }
    const struct network_group *rows = list.items;
    struct network_group_info *groups =
        ak_arena_array(arena, struct network_group_info, list.n + 1);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = info_of(&call, &rows[i], &groups[i], err);
    }
    if (rc == 0) {
        *ret_groups = groups;
        *ret_n = list.n;
    }
    return rc;
}

int network_group_save(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                       const char *id, const char *name, const char *description,
                       struct network_group_info *ret_group, struct ak_error *err)
{
    struct network_call call = call_of(tx, arena, who);
    struct network_group group = {0};
    int rc = 0;
    if (id) {
        rc = network_load_own(&call, NETWORK_GROUP, id, &group, err);
        if (rc == 0 && group.default_key && !ak_streq(group.name, name)) {
            rc = ak_fail(err, AK_GROUP_DEFAULT_FIXED);
        }
        if (rc == 0 && !group.default_key && ak_streq(name, "default")) {
            rc = ak_fail(err, AK_GROUP_DEFAULT_NAME);
        }
        group.name = name;
        group.description = description ? description : group.description;
        rc = rc == 0 ? network_update(tx, NETWORK_GROUP, &group, err) : rc;
    } else {
        group.name = name;
        group.description = description ? description : "";
        rc = network_group_create(&call, &group, err);
    }
    return rc == 0 ? info_of(&call, &group, ret_group, err) : rc;
}

int network_group_delete(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                         const char *id, struct ak_error *err)
{
    struct network_call call = call_of(tx, arena, who);
    call.admin = false; /* nobody deletes a default group here */
    return network_group_remove(&call, id, err);
}
