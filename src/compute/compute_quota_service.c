/* SPDX-License-Identifier: Apache-2.0 */
/* Quotas: the table of resources, their defaults, and whether a demand fits. The service of servers
 * asks inside the creating transaction, under the project's usage row. */
#include "compute_internal.h"

#include <assert.h>

const struct compute_quota_rule compute_quota_rules[COMPUTE_QUOTAS] = {
    [COMPUTE_QUOTA_INSTANCES] = {"instances", "quota_instances", 0, "maxTotalInstances",
                                 "totalInstancesUsed"},
    [COMPUTE_QUOTA_CORES] = {"cores", "quota_cores", 0, "maxTotalCores", "totalCoresUsed"},
    [COMPUTE_QUOTA_RAM] = {"ram", "quota_ram", 0, "maxTotalRAMSize", "totalRAMUsed"},
    [COMPUTE_QUOTA_METADATA] = {"metadata_items", "quota_metadata_items", 0, "maxServerMeta", NULL},
    [COMPUTE_QUOTA_KEYPAIRS] = {"key_pairs", "quota_key_pairs", 0, "maxTotalKeypairs", NULL},
    /* Files are not injected into disks: user data and the config drive serve instead. */
    [COMPUTE_QUOTA_INJECTED_FILES] = {"injected_files", NULL, 0, "maxPersonality", NULL},
    [COMPUTE_QUOTA_INJECTED_CONTENT] = {"injected_file_content_bytes", NULL, 0,
                                        "maxPersonalitySize", NULL},
    [COMPUTE_QUOTA_INJECTED_PATH] = {"injected_file_path_bytes", NULL, 0, NULL, NULL},
    [COMPUTE_QUOTA_SERVER_GROUPS] = {"server_groups", NULL, 0, "maxServerGroups",
                                     "totalServerGroupsUsed"},
    [COMPUTE_QUOTA_SERVER_GROUP_MEMBERS] = {"server_group_members", NULL, 0,
                                            "maxServerGroupMembers", NULL},
    /* Networking's; Nova shows -1 where Neutron holds the quota. */
    [COMPUTE_QUOTA_FIXED_IPS] = {"fixed_ips", NULL, -1, NULL, NULL},
    [COMPUTE_QUOTA_FLOATING_IPS] = {"floating_ips", NULL, -1, "maxTotalFloatingIps",
                                    "totalFloatingIpsUsed"},
    [COMPUTE_QUOTA_SECURITY_GROUPS] = {"security_groups", NULL, -1, "maxSecurityGroups",
                                       "totalSecurityGroupsUsed"},
    [COMPUTE_QUOTA_SECURITY_GROUP_RULES] = {"security_group_rules", NULL, -1,
                                            "maxSecurityGroupRules", NULL},
    [COMPUTE_QUOTA_DISK] = {"local_disk_gib", "quota_local_disk", 0, NULL, NULL, .hidden = true},
};

int64_t compute_quota_default(const struct ak_config *config, enum compute_quota_id id)
{
    const struct compute_quota_rule *rule = &compute_quota_rules[id];
    return rule->setting ? ak_config_int(config, rule->setting) : rule->initial;
}

int64_t compute_quota_room(const struct compute_quotas *quotas, const struct compute_demand *one,
                           int64_t wanted, enum compute_quota_id *ret_tightest)
{
    const struct {
        enum compute_quota_id id;
        int64_t each;
    } demands[] = {
        {COMPUTE_QUOTA_INSTANCES, 1},
        {COMPUTE_QUOTA_CORES, one->cores},
        {COMPUTE_QUOTA_RAM, one->ram_mib},
        {COMPUTE_QUOTA_DISK, one->disk_gib},
    };
    int64_t room = wanted;
    for (size_t i = 0; i < AK_N(demands); i++) {
        int64_t limit = quotas->limit[demands[i].id];
        if (limit < 0 || demands[i].each == 0) {
            continue;
        }
        int64_t left = limit - quotas->used[demands[i].id];
        int64_t fits = left > 0 ? left / demands[i].each : 0;
        if (fits < room) {
            room = fits;
            *ret_tightest = demands[i].id;
        }
    }
    return room;
}

int compute_quota_refuse(const struct compute_quotas *quotas, enum compute_quota_id id,
                         int64_t requested, struct ak_error *err)
{
    return ak_fail(err, AK_COMPUTE_QUOTA, compute_quota_rules[id].name, AK_NUM(requested),
                   AK_NUM(quotas->used[id]), AK_NUM(quotas->limit[id]));
}
