/* SPDX-License-Identifier: Apache-2.0 */
/* Where a new server goes: pure arithmetic over the host rows. The job loads the hosts under their
 * lock, asks here, and keeps the reason of each refusal for the operator. */
#include "compute_internal.h"

struct compute_ratios compute_ratios_of(const struct ak_config *config)
{
    return (struct compute_ratios){
        .cpu_percent = ak_config_int(config, "compute_cpu_percent"),
        .ram_percent = ak_config_int(config, "compute_ram_percent"),
        .disk_percent = ak_config_int(config, "compute_disk_percent"),
        .ram_reserved_mib = ak_config_int(config, "compute_ram_reserved"),
        .disk_reserved_gib = ak_config_int(config, "compute_disk_reserved"),
    };
}

bool compute_host_is_up(const struct compute_host *host, int64_t now_us)
{
    return now_us - host->seen_us < COMPUTE_HOST_TIMEOUT;
}

struct room {
    int64_t ram_mib, vcpus, disk_gib;
};

static struct room room_of(const struct compute_host *host, const struct compute_ratios *ratios)
{
    return (struct room){
        .ram_mib = host->ram_mib * ratios->ram_percent / 100 - ratios->ram_reserved_mib -
                   host->used_ram_mib,
        .vcpus = host->vcpus * ratios->cpu_percent / 100 - host->used_vcpus,
        .disk_gib = host->disk_gib * ratios->disk_percent / 100 - ratios->disk_reserved_gib -
                    host->used_disk_gib,
    };
}

static const char *short_of(struct ak_arena *arena, const char *what, int64_t asked, int64_t left,
                            const char *unit)
{
    return ak_arena_printf(arena, "%s: %" PRId64 "%s asked, %" PRId64 "%s left", what, asked, unit,
                           left > 0 ? left : 0, unit);
}

/* Whether the JSON array of words holds the word. */
static bool holds(struct ak_arena *arena, const char *array, const char *word)
{
    return strstr(array, ak_arena_printf(arena, "\"%s\"", word)) != NULL;
}

/* Why the class of the server's project refuses the host; NULL when it does not. */
static const char *rule_refusal(struct ak_arena *arena, const struct compute_host *host,
                                const struct compute_placement_rule *rule)
{
    const struct compute_host_others *others = rule->others.items;
    const char *zone = host->placement_zone ? host->placement_zone : COMPUTE_ZONE_GENERAL;
    if (!holds(arena, rule->zones ? rule->zones : "[\"" COMPUTE_ZONE_GENERAL "\"]", zone)) {
        return ak_arena_printf(arena, "in placement zone %s, the service class allows %s", zone,
                               rule->zones ? rule->zones : COMPUTE_ZONE_GENERAL);
    }
    if (rule->countries && host->country && !holds(arena, rule->countries, host->country)) {
        return ak_arena_printf(arena, "in country %s, the service class allows %s", host->country,
                               rule->countries);
    }
    for (size_t i = 0; i < rule->others.n; i++) {
        if (!ak_streq(others[i].host, host->name)) {
            continue;
        }
        if (rule->dedicated && others[i].others > 0) {
            return ak_arena_printf(arena,
                                   "the service class shares no host, and %" PRId64
                                   " servers of others are here",
                                   others[i].others);
        }
        if (others[i].dedicated > 0) {
            return "dedicated to another customer";
        }
    }
    return NULL;
}

/* Why the host cannot take the server; NULL when it can. */
static const char *refusal(struct ak_arena *arena, const struct compute_host *host,
                           const struct room *room, const struct compute_placement *wanted)
{
    if (!host->enabled) {
        return ak_arena_printf(arena, "disabled by the operator: %s",
                               host->disabled_reason ? host->disabled_reason : "no reason given");
    }
    if (!compute_host_is_up(host, wanted->now_us)) {
        return ak_arena_printf(arena, "down: not heard of for %" PRId64 " s",
                               (wanted->now_us - host->seen_us) / AK_SEC);
    }
    if (wanted->zone && !ak_streq(wanted->zone, host->zone)) {
        return ak_arena_printf(arena, "in availability zone %s, not %s", host->zone, wanted->zone);
    }
    const char *reason = rule_refusal(arena, host, &wanted->rule);
    if (reason) {
        return reason;
    }
    if (wanted->demand.cores > host->vcpus) {
        return short_of(arena, "vCPU of one server", wanted->demand.cores, host->vcpus, "");
    }
    if (wanted->demand.ram_mib > room->ram_mib) {
        return short_of(arena, "memory", wanted->demand.ram_mib, room->ram_mib, " MiB");
    }
    if (wanted->demand.cores > room->vcpus) {
        return short_of(arena, "vCPU", wanted->demand.cores, room->vcpus, "");
    }
    if (wanted->demand.disk_gib > room->disk_gib) {
        return short_of(arena, "disk", wanted->demand.disk_gib, room->disk_gib, " GiB");
    }
    return NULL;
}

int compute_place(struct ak_arena *arena, const struct compute_host *hosts, size_t n,
                  const struct compute_ratios *ratios, const struct compute_placement *wanted,
                  const char **ret_reasons)
{
    int best = -1;
    int64_t best_ram = 0;
    for (size_t i = 0; i < n; i++) {
        struct room room = room_of(&hosts[i], ratios);
        ret_reasons[i] = refusal(arena, &hosts[i], &room, wanted);
        if (!ret_reasons[i] && (best < 0 || room.ram_mib > best_ram)) {
            best = (int)i;
            best_ram = room.ram_mib;
        }
    }
    return best;
}
