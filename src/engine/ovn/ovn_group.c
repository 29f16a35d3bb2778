/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups: a Port_Group each, whose ACLs allow what the rules say, statefully. One more
 * group holds all filtered guest ports and drops everything else, and, above every allowance, what
 * no guest may ever send: answers of a DHCP server, router advertisements and redirects, and new
 * flows from the DNS port. Frames that are neither IP nor ARP fall to port security already.
 *
 * Two traps of OVN 23.03. It lets every packet from UDP port 53 into ports of a switch that has DNS
 * records, above any ACL: hence the drop where such a packet starts. And it lets neighbour
 * discovery pass before any ACL, router advertisements included: they are stopped by port security,
 * which admits no IPv6 from a port without an IPv6 address, and in a network with an IPv6 subnet by
 * tools/tap-guard at the tap of the guest they are meant for (docs/decisions/0120). */
#include "engine/ovn/ovn_internal.h"

enum { /* of ACLs; the highest wins */
       PRIORITY_DEFAULT_DROP = 1001,
       PRIORITY_ALLOW = 1002,
       PRIORITY_NEVER = 2000
};

const char *ovn_group_name(char out[OVN_GROUP_NAME], const char *id)
{
    (void)snprintf(out, OVN_GROUP_NAME, "akashi_%s", id);
    for (char *c = out; *c; c++) {
        bool good =
            (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
        *c = good ? *c : '_';
    }
    return out;
}

json_t *ovn_group_ensure(struct plan *plan, const char *id)
{
    char name[OVN_GROUP_NAME];
    const char *uuid = ovsdb_find(plan->db, "Port_Group", ovn_group_name(name, id));
    if (uuid) {
        return ovsdb_uuid(uuid);
    }
    return plan_row(plan, "Port_Group", name,
                    json_pack("{s:s, s:o}", "name", name, "external_ids", ovn_tags(plan->ovn, id)));
}

static json_t *acl(const char *direction, int priority, const char *match, const char *action,
                   const char *rule_id, const char *installation)
{
    return json_pack("{s:s, s:i, s:s, s:s, s:o}", "direction", direction, "priority", priority,
                     "match", match, "action", action, "external_ids",
                     ovsdb_map("akashi", installation, "akashi-rule", rule_id, NULL));
}

/* What holds for every filtered guest port. */
static const struct {
    const char *direction;
    int priority;
    const char *match; /* after "inport == @group && " */
    const char *action;
} guest_acls[] = {
    {"from-lport", PRIORITY_NEVER, "ip4 && udp.src == 67", "drop"},
    {"from-lport", PRIORITY_NEVER, "ip6 && udp.src == 547", "drop"},
    {"from-lport", PRIORITY_NEVER, "udp.src == 53", "drop"},
    {"from-lport", PRIORITY_NEVER, "icmp6.type == {134, 137}", "drop"},
    {"from-lport", PRIORITY_ALLOW, "ip4 && udp.src == 68 && udp.dst == 67", "allow-related"},
    {"from-lport", PRIORITY_ALLOW, "ip6 && udp.src == 546 && udp.dst == 547", "allow-related"},
    {"from-lport", PRIORITY_DEFAULT_DROP, "ip", "drop"},
    {"to-lport", PRIORITY_DEFAULT_DROP, "ip", "drop"},
};

json_t *ovn_guests_ensure(struct plan *plan)
{
    const char *name = plan->ovn->guests_group;
    const char *uuid = ovsdb_find(plan->db, "Port_Group", name);
    json_t *wanted = json_array();
    for (size_t i = 0; i < AK_N(guest_acls); i++) {
        bool out = strcmp(guest_acls[i].direction, "from-lport") == 0;
        AK_AUTO_STR match =
            ak_xasprintf("%s == @%s && %s", out ? "inport" : "outport", name, guest_acls[i].match);
        (void)json_array_append_new(wanted,
                                    acl(guest_acls[i].direction, guest_acls[i].priority, match,
                                        guest_acls[i].action, NULL, plan->ovn->installation));
    }
    json_t *acls =
        plan_children(plan, "ACL", plan_column(plan, "Port_Group", uuid, "acls"), wanted);
    return plan_row(
        plan, "Port_Group", name,
        json_pack("{s:s, s:o, s:o}", "name", name, "acls", acls, "external_ids",
                  ovsdb_map("akashi", plan->ovn->installation, "akashi-kind", "guests", NULL)));
}

/* --- rules ------------------------------------------------------------------------------------ */

static void match_ports(struct ak_buf *match, const char *field, const struct ak_fabric_rule *rule)
{
    if (rule->port_min >= 0 && rule->port_min == rule->port_max) {
        ak_buf_printf(match, " && %s == %d", field, rule->port_min);
        return;
    }
    if (rule->port_min >= 0) {
        ak_buf_printf(match, " && %s >= %d", field, rule->port_min);
    }
    if (rule->port_max >= 0) {
        ak_buf_printf(match, " && %s <= %d", field, rule->port_max);
    }
}

static void match_icmp(struct ak_buf *match, const char *name, const struct ak_fabric_rule *rule)
{
    ak_buf_printf(match, " && %s", name);
    if (rule->port_min >= 0) {
        ak_buf_printf(match, " && %s.type == %d", name, rule->port_min);
    }
    if (rule->port_max >= 0) {
        ak_buf_printf(match, " && %s.code == %d", name, rule->port_max);
    }
}

static const struct {
    const char *name, *number, *field; /* field NULL: icmp */
} ported[] = {
    {"tcp", "6", "tcp"},   {"udp", "17", "udp"},      {"sctp", "132", "sctp"},
    {"icmp", "1", NULL},   {"icmp4", "1", NULL},      {"icmpv6", "58", NULL},
    {"icmp6", "58", NULL}, {"ipv6-icmp", "58", NULL},
};

static int match_protocol(struct ak_buf *match, const struct ak_fabric_rule *rule,
                          struct ak_error *err)
{
    int64_t number = 0;
    if (rule->protocol == NULL) {
        return 0;
    }
    for (size_t i = 0; i < AK_N(ported); i++) {
        if (strcmp(rule->protocol, ported[i].name) != 0 &&
            strcmp(rule->protocol, ported[i].number) != 0) {
            continue;
        }
        if (ported[i].field) {
            char field[16];
            (void)snprintf(field, sizeof(field), "%s.dst", ported[i].field);
            ak_buf_printf(match, " && %s", ported[i].field);
            match_ports(match, field, rule);
        } else {
            match_icmp(match, rule->ipv6 ? "icmp6" : "icmp4", rule);
        }
        return 0;
    }
    if (!ak_parse_int(rule->protocol, 0, 255, &number)) {
        return ak_fail_detail(err, AK_INTERNAL, "rule %s: protocol", rule->id);
    }
    ak_buf_printf(match, " && ip.proto == %d", (int)number);
    return 0;
}

static int rule_match(struct ak_buf *match, const char *group_name,
                      const struct ak_fabric_rule *rule, struct ak_error *err)
{
    const char *ip = rule->ipv6 ? "ip6" : "ip4", *side = rule->ingress ? "src" : "dst";
    char remote[OVN_GROUP_NAME];
    ak_buf_printf(match, "%s == @%s && %s", rule->ingress ? "outport" : "inport", group_name, ip);
    int rc = match_protocol(match, rule, err);
    if (rc == 0 && rule->remote_ip) {
        if (!ovn_token_ok(rule->remote_ip)) {
            return ak_fail_detail(err, AK_INTERNAL, "rule %s: remote_ip", rule->id);
        }
        ak_buf_printf(match, " && %s.%s == %s", ip, side, rule->remote_ip);
    } else if (rc == 0 && rule->remote_group) {
        /* northd keeps the address set "<group>_ip4" of each port group */
        ak_buf_printf(match, " && %s.%s == $%s_%s", ip, side,
                      ovn_group_name(remote, rule->remote_group), ip);
    }
    return rc;
}

int ovn_group_apply(struct ak_fabric *f, const struct ak_fabric_group *group, struct ak_error *err)
{
    struct plan plan;
    char name[OVN_GROUP_NAME];
    json_t *wanted = NULL;
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    wanted = json_array();
    (void)ovn_group_name(name, group->id);
    for (size_t i = 0; i < group->n_rules && rc == 0; i++) {
        const struct ak_fabric_rule *rule = &group->rules[i];
        AK_AUTO_BUF match;
        ak_buf_init(&match, 1024);
        rc = rule_match(&match, name, rule, err);
        if (rc == 0) {
            (void)json_array_append_new(wanted, acl(rule->ingress ? "to-lport" : "from-lport",
                                                    PRIORITY_ALLOW, match.data, "allow-related",
                                                    rule->id, plan.ovn->installation));
        }
        if (rc == 0 && rule->remote_group && strcmp(rule->remote_group, group->id) != 0) {
            json_decref(ovn_group_ensure(&plan, rule->remote_group));
        }
    }
    if (rc < 0) {
        json_decref(wanted);
        return plan_end(&plan, rc, err);
    }
    const char *uuid = ovsdb_find(plan.db, "Port_Group", name);
    json_t *acls =
        plan_children(&plan, "ACL", plan_column(&plan, "Port_Group", uuid, "acls"), wanted);
    json_decref(plan_row(&plan, "Port_Group", name,
                         json_pack("{s:s, s:o, s:o}", "name", name, "acls", acls, "external_ids",
                                   ovn_tags(plan.ovn, group->id))));
    return plan_end(&plan, 0, err);
}

int ovn_group_remove(struct ak_fabric *f, const char *id, struct ak_error *err)
{
    struct plan plan;
    char name[OVN_GROUP_NAME];
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    const char *uuid = ovsdb_find(plan.db, "Port_Group", ovn_group_name(name, id));
    if (uuid) {
        plan_delete(&plan, "Port_Group", uuid);
    }
    return plan_end(&plan, 0, err);
}
