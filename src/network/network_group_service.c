/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of security groups: the default group of each project with Neutron's default rules, what a
 * rule may say, what is in use. */
#include "network/network_internal.h"

static const char *const protocols[] = {
    "ah",        "dccp",       "egp",  "esp",        "gre",       "icmp",      "icmpv6",
    "igmp",      "ip",         "ipip", "ipv6-encap", "ipv6-frag", "ipv6-icmp", "ipv6-nonxt",
    "ipv6-opts", "ipv6-route", "ospf", "pgm",        "rsvp",      "sctp",      "tcp",
    "udp",       "udplite",    "vrrp", NULL};

static const struct {
    const char *name, *number;
} numbers[] = {
    /* of names that the fabric does not know */
    {"ah", "51"},        {"dccp", "33"},       {"egp", "8"},        {"esp", "50"},
    {"gre", "47"},       {"igmp", "2"},        {"ipip", "4"},       {"ipv6-encap", "41"},
    {"ipv6-frag", "44"}, {"ipv6-nonxt", "59"}, {"ipv6-opts", "60"}, {"ipv6-route", "43"},
    {"ospf", "89"},      {"pgm", "113"},       {"rsvp", "46"},      {"udplite", "136"},
    {"vrrp", "112"},
};

const char *network_protocol_number(const char *name)
{
    for (size_t i = 0; name && i < AK_N(numbers); i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            return numbers[i].number;
        }
    }
    return ak_streq(name, "ip") || ak_streq(name, "0") ? NULL : name;
}

/* --- groups ----------------------------------------------------------------------------------- */

static int add_rule(const struct network_call *call, const struct network_group *group,
                    const char *direction, const char *ethertype, const char *remote_group,
                    struct ak_error *err)
{
    struct network_rule rule = {.id = network_new_id(call->arena),
                                .project_id = group->project_id,
                                .security_group_id = group->id,
                                .direction = direction,
                                .ethertype = ethertype,
                                .remote_group_id = remote_group};
    return network_insert(call->tx, NETWORK_RULE, &rule, err);
}

/* Everything out; in from the group itself only where 'with_ingress'. */
static int insert_with_rules(const struct network_call *call, struct network_group *group,
                             bool with_ingress, struct ak_error *err)
{
    static const char *const types[] = {"IPv4", "IPv6"};
    int rc = network_insert(call->tx, NETWORK_GROUP, group, err);
    for (size_t i = 0; i < AK_N(types) && rc == 0; i++) {
        rc = add_rule(call, group, "egress", types[i], NULL, err);
        if (rc == 0 && with_ingress) {
            rc = add_rule(call, group, "ingress", types[i], group->id, err);
        }
    }
    rc = rc < 0 ? rc : network_job(call, NETWORK_GROUP, group->id, group->project_id, NULL, err);
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_GROUP, group->id, group, err);
}

int network_default_group(const struct network_call *call, const char *project_id,
                          struct network_group *ret_group, struct ak_error *err)
{
    int rc = network_default_group_load(call->tx, call->arena, project_id, ret_group, err);
    if (rc != -AK_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    *ret_group = (struct network_group){.id = network_new_id(call->arena),
                                        .project_id = project_id,
                                        .name = "default",
                                        .description = "Default security group",
                                        .stateful = true,
                                        .default_key = project_id};
    return insert_with_rules(call, ret_group, true, err);
}

int network_group_create(const struct network_call *call, struct network_group *group,
                         struct ak_error *err)
{
    struct network_group first = {0};
    int rc = network_project_of(call, group->project_id, &group->project_id, err);
    rc = rc < 0 ? rc : network_default_group(call, group->project_id, &first, err);
    if (rc == 0 && ak_streq(group->name, "default")) {
        return ak_fail(err, AK_GROUP_DEFAULT_NAME);
    }
    if (rc == 0 && !group->stateful && ak_field_given(&network_group_fields, group, "stateful")) {
        return ak_fail(err, AK_NETWORK_UNSUPPORTED, "stateless security groups");
    }
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_GROUP, group->project_id, 1, err);
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_RULE, group->project_id, 2, err);
    if (rc < 0) {
        return rc;
    }
    group->id = network_new_id(call->arena);
    group->stateful = true;
    return insert_with_rules(call, group, false, err);
}

int network_group_change(const struct network_call *call, const char *id,
                         const struct network_group *change, struct network_group *ret_group,
                         struct ak_error *err)
{
    int rc = network_load_own(call, NETWORK_GROUP, id, ret_group, err);
    if (rc == 0 && ret_group->default_key && change->name &&
        !ak_streq(change->name, ret_group->name)) {
        return ak_fail(err, AK_GROUP_DEFAULT_FIXED);
    }
    if (rc == 0 && !ret_group->default_key && ak_streq(change->name, "default")) {
        return ak_fail(err, AK_GROUP_DEFAULT_NAME);
    }
    if (rc == 0) {
        ak_fields_merge(&network_group_fields, ret_group, change);
        rc = network_update(call->tx, NETWORK_GROUP, ret_group, err);
    }
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_GROUP, id, ret_group, err);
}

int network_group_remove(const struct network_call *call, const char *id, struct ak_error *err)
{
    struct network_group group = {0};
    int64_t ports = 0, rules = 0;
    int rc = network_load_own(call, NETWORK_GROUP, id, &group, err);
    if (rc == 0 && group.default_key && !call->admin) {
        return ak_fail(err, AK_GROUP_DEFAULT);
    }
    rc = rc < 0 ? rc : network_count_ports_of_group(call->tx, group.id, &ports, err);
    rc = rc < 0 ? rc : network_count_rules_naming(call->tx, group.id, &rules, err);
    if (rc == 0 && ports + rules > 0) {
        return ak_fail(err, AK_GROUP_IN_USE, group.id);
    }
    for (size_t i = 0; i < group.rules.n && rc == 0; i++) {
        rc = network_delete(call->tx, NETWORK_RULE,
                            ((const struct network_rule *)group.rules.items)[i].id, err);
    }
    rc = rc < 0 ? rc : network_delete(call->tx, NETWORK_GROUP, group.id, err);
    return rc < 0 ? rc : network_job(call, NETWORK_GROUP, group.id, group.project_id, NULL, err);
}

/* --- rules ------------------------------------------------------------------------------------ */

static bool is_icmp(const char *protocol)
{
    static const char *const names[] = {"icmp", "icmpv6", "ipv6-icmp", "1", "58"};
    for (size_t i = 0; protocol && i < AK_N(names); i++) {
        if (strcmp(names[i], protocol) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_ipv6_only(const char *protocol)
{
    return ak_starts_with(protocol, "ipv6-") || strcmp(protocol, "icmpv6") == 0 ||
           strcmp(protocol, "58") == 0;
}

static int check_protocol(const struct network_call *call, struct network_rule *rule,
                          struct ak_error *err)
{
    int64_t n = 0;
    if (rule->protocol == NULL || rule->protocol[0] == '\0' || ak_streq(rule->protocol, "any")) {
        rule->protocol = NULL;
        return 0;
    }
    char *lower = ak_arena_strdup(call->arena, rule->protocol);
    for (char *c = lower; *c; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    }
    rule->protocol = lower;
    size_t i = 0;
    while (protocols[i] && strcmp(protocols[i], lower) != 0) {
        i++;
    }
    if (protocols[i] == NULL && !ak_parse_int(lower, 0, 255, &n)) {
        return ak_fail(err, AK_RULE_PROTOCOL, rule->protocol);
    }
    if (strcmp(rule->ethertype, "IPv4") == 0 && is_ipv6_only(lower)) {
        return ak_fail(err, AK_RULE_ETHERTYPE, rule->ethertype, lower);
    }
    if (strcmp(rule->ethertype, "IPv6") == 0 && strcmp(lower, "icmp") == 0) {
        rule->protocol = "ipv6-icmp"; /* as Neutron shows it */
    }
    return 0;
}

/* A JSON number, or null; '*ret' -1 for none. */
static int port_value(const char **json, int64_t *ret, struct ak_error *err)
{
    const char *text = *json;
    int64_t n = 0;
    *ret = -1;
    if (text == NULL || strcmp(text, "null") == 0) {
        *json = NULL;
        return 0;
    }
    AK_AUTO_JSON value = json_loads(text, JSON_DECODE_ANY, NULL);
    const char *digits = json_is_string(value) ? json_string_value(value) : text;
    if (!ak_parse_int(digits, 0, 65535, &n)) {
        return ak_fail(err, AK_RULE_PORT_VALUE, digits);
    }
    *ret = n;
    return 0;
}

static int check_icmp(int64_t min, int64_t max, struct ak_error *err)
{
    if (min > 255) {
        return ak_fail(err, AK_RULE_ICMP, "type", AK_NUM(min));
    }
    if (max > 255) {
        return ak_fail(err, AK_RULE_ICMP, "code", AK_NUM(max));
    }
    return min < 0 && max >= 0 ? ak_fail(err, AK_RULE_ICMP_TYPE, AK_NUM(max)) : 0;
}

static int check_ports(const struct network_call *call, struct network_rule *rule,
                       struct ak_error *err)
{
    static const char *const ported[] = {"tcp", "udp", "sctp", "6", "17", "132"};
    int64_t min = -1, max = -1;
    bool has_ports = false;
    int rc = port_value(&rule->port_range_min, &min, err);
    rc = rc < 0 ? rc : port_value(&rule->port_range_max, &max, err);
    if (rc < 0) {
        return rc;
    }
    rule->port_range_min = min < 0 ? NULL : ak_arena_printf(call->arena, "%d", (int)min);
    rule->port_range_max = max < 0 ? NULL : ak_arena_printf(call->arena, "%d", (int)max);
    if (min < 0 && max < 0) {
        return 0;
    }
    if (rule->protocol == NULL) {
        return ak_fail(err, AK_RULE_PROTOCOL_PORTS);
    }
    if (is_icmp(rule->protocol)) {
        return check_icmp(min, max, err);
    }
    for (size_t i = 0; i < AK_N(ported); i++) {
        has_ports = has_ports || strcmp(ported[i], rule->protocol) == 0;
    }
    if (!has_ports) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "this protocol has no ports");
    }
    if (min < 0 || max < 0 || min > max) {
        return ak_fail(err, AK_RULE_PORTS);
    }
    return min == 0 ? ak_fail(err, AK_RULE_PORT_VALUE, "0") : 0;
}

static int check_remote(const struct network_call *call, struct network_rule *rule,
                        struct ak_error *err)
{
    struct network_group remote = {0};
    struct ak_cidr cidr;
    char text[AK_CIDR_TEXT];
    if (rule->remote_ip_prefix && rule->remote_ip_prefix[0] == '\0') {
        rule->remote_ip_prefix = NULL;
    }
    if (rule->remote_ip_prefix && rule->remote_group_id) {
        return ak_fail(err, AK_RULE_REMOTES);
    }
    if (rule->remote_group_id) {
        return network_load_for(call, NETWORK_GROUP, rule->remote_group_id, &remote, err);
    }
    if (rule->remote_ip_prefix == NULL) {
        return 0;
    }
    if (!ak_cidr_parse(rule->remote_ip_prefix, &cidr)) {
        return ak_fail(err, AK_FIELD_VALUE, "remote_ip_prefix", "it is not a prefix");
    }
    if ((cidr.ip.version == 4) != (strcmp(rule->ethertype, "IPv4") == 0)) {
        return ak_fail(err, AK_RULE_ETHERTYPE, rule->ethertype, rule->remote_ip_prefix);
    }
    cidr = ak_cidr_network(&cidr);
    rule->remote_ip_prefix = ak_arena_strdup(call->arena, ak_cidr_text(text, &cidr));
    return 0;
}

int network_rule_create(const struct network_call *call, struct network_rule *rule,
                        struct ak_error *err)
{
    struct network_group group = {0};
    const char *project = NULL;
    int rc = network_project_of(call, rule->project_id, &project, err);
    rule->ethertype = rule->ethertype ? rule->ethertype : "IPv4";
    rc = rc < 0 ? rc : network_load_own(call, NETWORK_GROUP, rule->security_group_id, &group, err);
    rc = rc < 0 ? rc : check_protocol(call, rule, err);
    rc = rc < 0 ? rc : check_ports(call, rule, err);
    rc = rc < 0 ? rc : check_remote(call, rule, err);
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_RULE, group.project_id, 1, err);
    if (rc < 0) {
        return rc;
    }
    rule->id = network_new_id(call->arena);
    rule->project_id = group.project_id;
    rc = network_insert(call->tx, NETWORK_RULE, rule, err);
    rc = rc < 0 ? rc : network_job(call, NETWORK_GROUP, group.id, group.project_id, NULL, err);
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_RULE, rule->id, rule, err);
}

int network_rule_remove(const struct network_call *call, const char *id, struct ak_error *err)
{
    struct network_rule rule = {0};
    int rc = network_load_own(call, NETWORK_RULE, id, &rule, err);
    rc = rc < 0 ? rc : network_delete(call->tx, NETWORK_RULE, rule.id, err);
    return rc < 0 ? rc
                  : network_job(call, NETWORK_GROUP, rule.security_group_id, rule.project_id, NULL,
                                err);
}
