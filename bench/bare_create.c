/* SPDX-License-Identifier: Apache-2.0 */
/* The bare sequence that makes a server, done by hand without akashi: qemu-img overlay, one OVN
 * transaction for the port, virDomainDefineXML and virDomainCreate. What akashi's own way to ACTIVE
 * is measured against (bench/create.py). Needs running engines and root; leaves nothing behind.
 *
 *   bare_create N BASE.qcow2 DIR     prints medians in ms as JSON
 *
 * "up" is how long after virDomainCreate OVN says that the port is up; not part of the total. */
#include "base/base.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/libvirt/domain_xml.h"

#define SWITCH    "akashi-bench"
#define QEMU_USER "libvirt-qemu:libvirt-qemu"
#define MAX_RUNS  1000

enum step { OVERLAY, NETWORK, DEFINE, START, TOTAL, UP, STEPS };
static const char *const names[] = {"overlay", "network", "define", "start", "total", "up"};
static double ms[STEPS][MAX_RUNS];

static struct ak_error err;

static void must(bool ok, const char *what)
{
    if (!ok) {
        const virError *e = virGetLastError();

        (void)fprintf(stderr, "bare_create: %s: %s%s\n", what, err.detail,
                      e && e->message ? e->message : "");
        exit(1);
    }
}

static void run(const char *const *argv)
{
    must(ak_run(argv, NULL, NULL, &err) == 0, argv[0]);
}

/* Milliseconds since 'from', which moves on to now. */
static double lap(int64_t *from)
{
    int64_t now = ak_monotonic_us();
    double passed = (double)(now - *from) / 1000.0;

    *from = now;
    return passed;
}

struct server {
    char id[AK_UUID_TEXT], port[AK_UUID_TEXT];
    char *disk, *log, *display;
};

static char *definition(const struct server *s)
{
    const struct ak_vm_disk disk = {
        .path = s->disk, .format = "qcow2", .serial = s->id, .target = "vda"};
    const struct ak_vm_nic nic = {
        .port_id = s->port, .mac = "fa:16:3e:be:be:01", .mtu = 1442, .model = "virtio"};
    const struct ak_vm_spec spec = {.uuid = s->id,
                                    .name = "bench",
                                    .project_id = s->id,
                                    .ram_mib = 128,
                                    .vcpus = 1,
                                    .disks = &disk,
                                    .n_disks = 1,
                                    .nics = &nic,
                                    .n_nics = 1,
                                    .console_log = s->log,
                                    .display_socket = s->display,
                                    .boot = "hd"};
    const struct ak_domain_host host = {
        .installation = "bench", .guest_user = QEMU_USER, .machine = "pc"};
    AK_AUTO_BUF xml;

    ak_buf_init(&xml, 65536);
    ak_domain_xml(&xml, &host, &spec);
    return ak_buf_steal(&xml, NULL);
}

static virDomainPtr create(virConnectPtr conn, const struct server *s, const char *base, int i)
{
    AK_AUTO_STR addresses = ak_xasprintf("addresses=\"fa:16:3e:be:be:01 10.9.0.9\"");
    AK_AUTO_STR security = ak_xasprintf("port_security=\"fa:16:3e:be:be:01 10.9.0.9\"");
    const char *const overlay[] = {"qemu-img", "create", "-q",    "-f",    "qcow2", "-b",
                                   base,       "-F",     "qcow2", s->disk, "1G",    NULL};
    const char *const port[] = {"ovn-nbctl",           "lsp-add", SWITCH,    s->port,  "--", "set",
                                "Logical_Switch_Port", s->port,   addresses, security, NULL};
    AK_AUTO_STR xml = definition(s);
    int64_t start = ak_monotonic_us(), at = start;
    virDomainPtr dom = NULL;

    run(overlay);
    must(chmod(s->disk, 0666) == 0, "chmod");
    ms[OVERLAY][i] = lap(&at);
    run(port);
    ms[NETWORK][i] = lap(&at);
    dom = virDomainDefineXML(conn, xml);
    must(dom != NULL, "define");
    ms[DEFINE][i] = lap(&at);
    must(virDomainCreate(dom) == 0, "start");
    ms[START][i] = lap(&at);
    ms[TOTAL][i] = (double)(at - start) / 1000.0;
    return dom;
}

static void once(virConnectPtr conn, const char *base, const char *dir, int i)
{
    struct server s = {0};
    const char *const wait[] = {"ovn-nbctl", "--timeout=30", "wait-until", "Logical_Switch_Port",
                                s.port,      "up=true",      NULL};
    const char *const unplug[] = {"ovn-nbctl", "lsp-del", s.port, NULL};
    virDomainPtr dom = NULL;
    int64_t at = 0;

    ak_uuid_new(s.id);
    ak_uuid_new(s.port);
    s.disk = ak_xasprintf("%s/%s.qcow2", dir, s.id);
    s.log = ak_xasprintf("%s/%s.log", dir, s.id);
    s.display = ak_xasprintf("/run/akashi/console/%s.sock", s.id);
    dom = create(conn, &s, base, i);
    at = ak_monotonic_us();
    run(wait);
    ms[UP][i] = lap(&at);
    must(virDomainDestroy(dom) == 0 && virDomainUndefine(dom) == 0, "undefine");
    (void)virDomainFree(dom);
    run(unplug);
    (void)unlink(s.disk);
    (void)unlink(s.log);
    (void)unlink(s.display);
    free(s.disk);
    free(s.log);
    free(s.display);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static const char *const plug[] = {"ovn-nbctl", "--may-exist", "ls-add", SWITCH, NULL};
    static const char *const unplug[] = {"ovn-nbctl", "--if-exists", "ls-del", SWITCH, NULL};
    virConnectPtr conn = NULL;
    int64_t n = 0;

    if (argc != 4 || !ak_parse_int(argv[1], 1, MAX_RUNS, &n)) {
        (void)fprintf(stderr, "usage: bare_create N BASE.qcow2 DIR\n");
        return 2;
    }
    conn = virConnectOpen("qemu:///system");
    must(conn != NULL, "libvirt");
    run(plug);
    for (int i = 0; i < (int)n; i++) {
        once(conn, argv[2], argv[3], i);
    }
    run(unplug);
    (void)virConnectClose(conn);
    (void)printf("{");
    for (int s = 0; s < STEPS; s++) {
        qsort(ms[s], (size_t)n, sizeof(double), by_size);
        (void)printf("%s\"%s_ms\": %.1f", s ? ", " : "", names[s], ms[s][n / 2]);
    }
    (void)printf("}\n");
    return 0;
}
