/* SPDX-License-Identifier: Apache-2.0 */
/* akashi doctor: looks at this host and says for each problem what mends it. One row a check; a
 * check writes what it found. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum verdict { GOOD, WARN, BAD };

struct doctor {
    struct cli *cli;
    struct ak_engines *engines;
    const char *fix;
    char found[256];
};

static enum verdict found(struct doctor *d, enum verdict verdict, const char *fmt, ...)
    AK_PRINTF(3, 4);
static enum verdict found(struct doctor *d, enum verdict verdict, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(d->found, sizeof(d->found), fmt, ap);
    va_end(ap);
    return verdict;
}

static enum verdict found_error(struct doctor *d, const struct ak_error *err)
{
    char text[256];

    ak_error_text(err, AK_LANG_EN, text, sizeof(text));
    return found(d, BAD, "%.160s %.80s", text, err->detail);
}

static enum verdict check_user(struct doctor *d)
{
    return getpwnam("akashi") ? found(d, GOOD, "exists") : found(d, BAD, "does not exist");
}

static enum verdict check_programs(struct doctor *d)
{
    static const char *const programs[] = {"/usr/bin/qemu-img", "/usr/bin/qemu-system-x86_64",
                                           "/usr/sbin/nginx", "/usr/bin/ovs-vsctl",
                                           "/usr/bin/ovn-nbctl"};

    for (size_t i = 0; i < AK_N(programs); i++) {
        if (access(programs[i], X_OK) != 0) {
            return found(d, BAD, "%s is missing", programs[i]);
        }
    }
    return found(d, GOOD, "qemu, nginx, ovs and ovn are there");
}

static enum verdict check_tun(struct doctor *d)
{
    return access("/dev/net/tun", F_OK) == 0 ? found(d, GOOD, "/dev/net/tun")
                                             : found(d, BAD, "/dev/net/tun is missing");
}

static enum verdict check_memory(struct doctor *d)
{
    struct sysinfo info;
    uint64_t mib = 0;

    if (sysinfo(&info) != 0) {
        return found(d, WARN, "unknown");
    }
    mib = (uint64_t)info.totalram * info.mem_unit >> 20;
    return found(d, mib < 3500 ? WARN : GOOD, "%" PRIu64 " MiB", mib);
}

static enum verdict check_disk(struct doctor *d)
{
    struct statvfs vfs;
    uint64_t gib = 0;

    if (statvfs("/var/lib/akashi", &vfs) != 0 && statvfs("/var/lib", &vfs) != 0) {
        return found(d, BAD, "cannot be read");
    }
    gib = (uint64_t)vfs.f_bavail * vfs.f_frsize >> 30;
    return found(d, gib < 2 ? BAD : gib < 20 ? WARN : GOOD, "%" PRIu64 " GiB free", gib);
}

static enum verdict check_database(struct doctor *d)
{
    static const char sqlite[] = "sqlite:";
    const char *url = ak_config_str(d->cli->config, "store_url");
    AK_AUTO(ak_store) store = NULL;
    struct ak_error err = {0};

    /* Opening would make the file, as root, and akashi could not write it. */
    if (ak_starts_with(url, sqlite) && access(url + sizeof(sqlite) - 1, F_OK) != 0) {
        return found(d, BAD, "is not there yet");
    }
    return ak_daemon_store_open(d->cli->config, &store, &err) < 0 || ak_store_check(store, &err) < 0
               ? found_error(d, &err)
               : found(d, GOOD, "sound, at this version");
}

static enum verdict check_hypervisor(struct doctor *d)
{
    struct ak_error err = {0};
    struct ak_host_info info = {0};

    if (!d->engines ||
        d->engines->hypervisor->ops->host_info(d->engines->hypervisor, &info, &err) < 0) {
        return d->engines ? found_error(d, &err) : found(d, BAD, "the engines could not be opened");
    }
    d->fix = "guests boot, but not under KVM: enable virtualisation in the firmware (on a virtual "
             "machine: nested virtualisation), then restart akashid-worker";
    return found(d, ak_streq(info.virt, "kvm") ? GOOD : WARN, "%s, %d vCPUs, guests run under %s",
                 info.name, info.vcpus, ak_streq(info.virt, "kvm") ? "KVM" : "TCG (slow)");
}

static enum verdict check_fabric(struct doctor *d)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_fabric_object *objects = NULL;
    struct ak_error err = {0};
    size_t n = 0;

    if (!d->engines ||
        d->engines->fabric->ops->list(d->engines->fabric, arena, &objects, &n, &err) < 0) {
        return d->engines ? found_error(d, &err) : found(d, BAD, "the engines could not be opened");
    }
    return found(d, GOOD, "answers, %zu objects", n);
}

static enum verdict check_pool(struct doctor *d)
{
    struct ak_error err = {0};
    int64_t total = 0, left = 0;

    if (!d->engines || d->engines->pool->ops->capacity(d->engines->pool, &total, &left, &err) < 0) {
        return d->engines ? found_error(d, &err) : found(d, BAD, "the engines could not be opened");
    }
    return found(d, left < total / 20 ? WARN : GOOD, "%" PRId64 " of %" PRId64 " GiB free",
                 left >> 30, total >> 30);
}

/* What OVN cannot stop, libvirt's hook has stopped on every tap (docs/decisions/0120). */
static enum verdict check_taps(struct doctor *d)
{
    static const char hook[] = "/etc/libvirt/hooks/qemu.d/akashi";
    AK_AUTO_BUF out;
    struct ak_error err = {0};

    ak_buf_init(&out, 65536);
    if (access(hook, X_OK) != 0) {
        return found(d, BAD, "%s is missing: guests do not get their rule", hook);
    }
    if (geteuid() != 0) {
        return found(d, WARN, "only root sees the rules of the taps");
    }
    if (ak_run((const char *const[]){hook, "check", NULL}, NULL, &out, &err) < 0) {
        return found(d, BAD, "taps without their rule: %.200s",
                     out.len ? out.data : "nftables does not answer");
    }
    return found(d, GOOD, "every tap has its rule");
}

static enum verdict check_clock(struct doctor *d)
{
    return access("/run/chrony/chronyd.pid", F_OK) == 0 ||
                   access("/run/systemd/timesync/synchronized", F_OK) == 0
               ? found(d, GOOD, "is synchronised by a time service")
               : found(d, WARN, "no time service was found");
}

static const struct {
    const char *what;
    enum verdict (*check)(struct doctor *d);
    const char *fix;
} checks[] = {
    {"user akashi", check_user, "install the akashi package, or run ./run"},
    {"programs", check_programs, "install the packages of the section [run] in tools/packages.txt"},
    {"tun device", check_tun, "load the kernel module: modprobe tun"},
    {"memory", check_memory, "4 GiB or more let the demonstration run beside its guests"},
    {"disk space", check_disk, "free or add space below /var/lib/akashi"},
    {"database", check_database,
     "'akashi init' makes it; 'akashi db migrate' brings it to this version"},
    {"hypervisor", check_hypervisor,
     "start libvirtd and put the user akashi into the group libvirt: tools/engines start"},
    {"fabric", check_fabric,
     "start OVN and open its northbound socket to the group akashi: tools/engines start"},
    {"taps", check_taps, "tools/engines start (a package's: systemctl restart akashi-engines)"},
    {"disk pool", check_pool,
     "make the pool directory with the rights of packaging/akashi.tmpfiles"},
    {"clock", check_clock, "install chrony and name the provider's NTP servers"},
};

int cli_doctor(struct cli *cli, struct ak_error *err)
{
    static const char *const words[] = {"ok     ", "warning", "PROBLEM"};
    AK_AUTO(ak_engines) engines = NULL;
    struct doctor d = {.cli = cli};
    int problems = 0;

    if (ak_engines_open(cli->config, &engines, err) == 0) {
        d.engines = engines;
    }
    ak_error_clear(err);
    for (size_t i = 0; i < AK_N(checks); i++) {
        d.fix = checks[i].fix;
        enum verdict verdict = checks[i].check(&d);

        (void)printf("%s  %-12s  %s\n", words[verdict], checks[i].what, d.found);
        if (verdict != GOOD) {
            (void)printf("         %-12s  -> %s\n", "", d.fix);
        }
        problems += verdict == BAD;
    }
    return problems > 0 ? 1 : 0;
}
