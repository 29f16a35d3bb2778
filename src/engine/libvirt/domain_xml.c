/* SPDX-License-Identifier: Apache-2.0 */
/* Builds domain XML by appending to a bounded buffer, each value escaped; reads the few things we
 * want back with libxml2. Golden files: tests/data/libvirt. */
#include "engine/libvirt/domain_xml.h"

#include <libxml/parser.h>

/* One value, as attribute (in single quotes) or text. */
static void value(struct ak_buf *out, const char *s)
{
    size_t len = strlen(s);

    if (!ak_utf8_valid(s, len)) {
        s = "\xef\xbf\xbd";
        len = 3;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        switch (c) {
        case '&':
            ak_buf_str(out, "&amp;");
            break;
        case '<':
            ak_buf_str(out, "&lt;");
            break;
        case '>':
            ak_buf_str(out, "&gt;");
            break;
        case '\'':
            ak_buf_str(out, "&apos;");
            break;
        case '"':
            ak_buf_str(out, "&quot;");
            break;
        case '\t':
        case '\n':
        case '\r':
            ak_buf_printf(out, "&#%d;", c);
            break;
        default:
            if (c < 0x20 || c == 0x7f) { /* not a character of XML 1.0, or an odd one */
                ak_buf_str(out, "\xef\xbf\xbd");
            } else if (c == 0xef && (unsigned char)s[i + 1] == 0xbf &&
                       (unsigned char)s[i + 2] >= 0xbe) { /* U+FFFE, U+FFFF */
                ak_buf_str(out, "\xef\xbf\xbd");
                i += 2;
            } else {
                ak_buf_char(out, (char)c);
            }
        }
    }
}

/* " name='value'" */
static void attr(struct ak_buf *out, const char *name, const char *s)
{
    ak_buf_printf(out, " %s='", name);
    value(out, s);
    ak_buf_char(out, '\'');
}

static void mark(struct ak_buf *out, const struct ak_domain_host *host,
                 const struct ak_vm_spec *spec)
{
    ak_buf_str(out, "  <metadata>\n    <akashi:server xmlns:akashi='" AK_DOMAIN_XMLNS "'");
    attr(out, "installation", host->installation);
    attr(out, "project", spec->project_id ? spec->project_id : "");
    attr(out, "name", spec->name ? spec->name : "");
    attr(out, "console", spec->console_log ? spec->console_log : "");
    attr(out, "display", spec->display_socket ? spec->display_socket : "");
    ak_buf_str(out, "/>\n  </metadata>\n");
}

static void boot(struct ak_buf *out, const struct ak_domain_host *host,
                 const struct ak_vm_spec *spec)
{
    /* Secure boot would refuse every loader that Microsoft has not signed. */
    static const char insecure[] =
        "    <firmware>\n      <feature enabled='no' name='enrolled-keys'/>\n"
        "      <feature enabled='no' name='secure-boot'/>\n    </firmware>\n";

    ak_buf_printf(out,
                  "  <os%s>\n    <type arch='x86_64' machine='%s'>hvm</type>\n"
                  "%s    <smbios mode='sysinfo'/>\n",
                  spec->uefi ? " firmware='efi'" : "", host->machine, spec->uefi ? insecure : "");
    if (host->kernel) {
        ak_buf_str(out, "    <kernel>");
        value(out, host->kernel);
        ak_buf_str(out, "</kernel>\n    <cmdline>");
        value(out, host->cmdline);
        ak_buf_str(out, "</cmdline>\n");
    } else if (ak_streq(spec->boot, "cdrom")) {
        ak_buf_str(out, "    <boot dev='cdrom'/>\n    <boot dev='hd'/>\n");
    } else {
        ak_buf_str(out, "    <boot dev='hd'/>\n");
    }
    ak_buf_str(out, "  </os>\n");
}

static void platform(struct ak_buf *out, const struct ak_domain_host *host,
                     const struct ak_vm_spec *spec)
{
    /* QEMU's own 1 GiB is too much beside small guests; 128 MiB cost a Debian boot 15 % more. */
    static const char tcg[] = "    <tcg>\n      <tb-cache unit='MiB'>256</tb-cache>\n    </tcg>\n";

    ak_buf_str(out, "  <sysinfo type='smbios'>\n    <system>\n"
                    "      <entry name='manufacturer'>akashi</entry>\n"
                    "      <entry name='product'>akashi</entry>\n"
                    "      <entry name='uuid'>");
    value(out, spec->uuid);
    ak_buf_str(out, "</entry>\n    </system>\n  </sysinfo>\n");
    boot(out, host, spec);
    ak_buf_printf(out,
                  "  <features>\n    <acpi/>\n    <apic/>\n    <vmport state='off'/>\n%s"
                  "  </features>\n",
                  host->kvm ? "" : tcg);
    ak_buf_printf(out, "  <cpu mode='%s'/>\n", host->kvm ? "host-model" : "maximum");
    ak_buf_str(out, "  <clock offset='utc'>\n    <timer name='rtc' tickpolicy='catchup'/>\n"
                    "    <timer name='pit' tickpolicy='delay'/>\n"
                    "    <timer name='hpet' present='no'/>\n  </clock>\n"
                    "  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>restart</on_reboot>\n"
                    "  <on_crash>destroy</on_crash>\n"
                    "  <pm>\n    <suspend-to-mem enabled='no'/>\n"
                    "    <suspend-to-disk enabled='no'/>\n  </pm>\n");
}

static void disk(struct ak_buf *out, const struct ak_domain_host *host, const struct ak_vm_disk *d)
{
    const bool sata = d->cdrom && ak_streq(host->machine, "q35");

    ak_buf_printf(out, "    <disk type='file' device='%s'>\n      <driver name='qemu'",
                  d->cdrom ? "cdrom" : "disk");
    attr(out, "type", d->format);
    /* "none" would need O_DIRECT of the folder's file system; writeback flushes when guests do. */
    ak_buf_str(out, d->cdrom || d->readonly ? "" : " cache='writeback' discard='unmap'");
    ak_buf_str(out, "/>\n      <source");
    attr(out, "file", d->path);
    ak_buf_str(out, "/>\n      <target");
    if (sata && d->target[0] == 'h') {
        ak_buf_str(out, " dev='s");
        value(out, d->target + 1);
        ak_buf_char(out, '\'');
    } else {
        attr(out, "dev", d->target);
    }
    attr(out, "bus", sata ? "sata" : d->cdrom ? "ide" : "virtio");
    ak_buf_str(out, "/>\n");
    if (d->serial) {
        ak_buf_str(out, "      <serial>");
        value(out, d->serial);
        ak_buf_str(out, "</serial>\n");
    }
    ak_buf_str(out, d->cdrom || d->readonly ? "      <readonly/>\n    </disk>\n" : "    </disk>\n");
}

/* The tap: "ak-" and the first 12 digits of the port's id, as much as a device's name can hold. By
 * its beginning the firewall of tools/engines knows what comes from guests. */
static void tap_digits(struct ak_buf *out, const char *port_id)
{
    for (size_t digits = 0; *port_id != '\0' && digits < 12; port_id++) {
        if (*port_id != '-') {
            ak_buf_char(out, *port_id);
            digits++;
        }
    }
}

static void nic(struct ak_buf *out, const struct ak_domain_host *host, const struct ak_vm_nic *n)
{
    ak_buf_str(out, "    <interface type='bridge'>\n      <mac");
    attr(out, "address", n->mac);
    ak_buf_str(out, "/>\n      <source bridge='br-int'/>\n"
                    "      <virtualport type='openvswitch'>\n        <parameters");
    attr(out, "interfaceid", n->port_id);
    ak_buf_str(out, "/>\n      </virtualport>\n      <target dev='ak-");
    tap_digits(out, n->port_id);
    ak_buf_str(out, "'/>\n      <model");
    attr(out, "type", n->model ? n->model : "virtio");
    ak_buf_str(out, "/>\n");
    if (n->mtu > 0) {
        ak_buf_printf(out, "      <mtu size='%d'/>\n", n->mtu);
    }
    if (host->no_offload && (!n->model || ak_streq(n->model, "virtio"))) {
        ak_buf_str(out, "      <driver>\n        <host csum='off' gso='off' tso4='off' tso6='off' "
                        "ecn='off' ufo='off'/>\n        <guest csum='off' tso4='off' tso6='off' "
                        "ecn='off' ufo='off'/>\n      </driver>\n");
    }
    ak_buf_str(out, "    </interface>\n");
}

static void console(struct ak_buf *out, const struct ak_vm_spec *spec)
{
    if (spec->console_log) {
        ak_buf_str(out, "    <serial type='file'>\n      <source");
        attr(out, "path", spec->console_log);
        ak_buf_str(out, " append='on'/>\n      <target type='isa-serial' port='0'/>\n"
                        "    </serial>\n");
    }
    if (spec->display_socket) {
        ak_buf_str(out, "    <graphics type='vnc'>\n      <listen type='socket'");
        attr(out, "socket", spec->display_socket);
        ak_buf_str(out, "/>\n    </graphics>\n    <video>\n"
                        "      <model type='vga' vram='16384' heads='1'/>\n    </video>\n");
    } else {
        ak_buf_str(out, "    <video>\n      <model type='none'/>\n    </video>\n");
    }
}

static void devices(struct ak_buf *out, const struct ak_domain_host *host,
                    const struct ak_vm_spec *spec)
{
    ak_buf_str(out, "  <devices>\n");
    for (size_t i = 0; i < spec->n_disks; i++) {
        disk(out, host, &spec->disks[i]);
    }
    for (size_t i = 0; i < spec->n_nics; i++) {
        nic(out, host, &spec->nics[i]);
    }
    console(out, spec);
    ak_buf_str(out,
               "    <controller type='usb' model='piix3-uhci'/>\n"
               "    <input type='tablet' bus='usb'/>\n"
               "    <channel type='unix'>\n"
               "      <target type='virtio' name='org.qemu.guest_agent.0'/>\n    </channel>\n"
               "    <memballoon model='virtio'>\n      <stats period='10'/>\n    </memballoon>\n"
               "    <rng model='virtio'>\n      <backend model='random'>/dev/urandom</backend>\n"
               "    </rng>\n  </devices>\n");
}

void ak_domain_xml(struct ak_buf *out, const struct ak_domain_host *host,
                   const struct ak_vm_spec *spec)
{
    ak_buf_printf(out, "<domain type='%s'>\n  <name>" AK_DOMAIN_PREFIX, host->kvm ? "kvm" : "qemu");
    value(out, spec->uuid);
    ak_buf_str(out, "</name>\n  <uuid>");
    value(out, spec->uuid);
    ak_buf_str(out, "</uuid>\n");
    mark(out, host, spec);
    ak_buf_printf(out, "  <memory unit='MiB'>%lld</memory>\n  <vcpu placement='static'>%d</vcpu>\n",
                  (long long)spec->ram_mib, spec->vcpus);
    platform(out, host, spec);
    devices(out, host, spec);
    if (host->guest_user[0]) {
        /* Owners of disks are the pool's business (docs/decisions/0101-engine-access.md). */
        ak_buf_str(out, "  <seclabel type='static' model='dac' relabel='no'>\n    <label>");
        value(out, host->guest_user);
        ak_buf_str(out, "</label>\n  </seclabel>\n");
    }
    ak_buf_str(out, "</domain>\n");
}

static xmlDoc *parse(const char *xml)
{
    return xmlReadMemory(xml, (int)strlen(xml), "domain.xml", NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static void read_attr(xmlNode *node, const char *name, char *out, size_t size)
{
    xmlChar *text = xmlGetNoNsProp(node, (const xmlChar *)name);

    ak_str_copy(out, size, text ? (const char *)text : "");
    xmlFree(text);
}

bool ak_domain_mark_read(const char *xml, struct ak_domain_mark *ret_mark)
{
    xmlDoc *doc = parse(xml);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    bool ours = root && ak_streq((const char *)root->name, "server");

    memset(ret_mark, 0, sizeof(*ret_mark));
    if (ours) {
        read_attr(root, "installation", ret_mark->installation, sizeof(ret_mark->installation));
        read_attr(root, "console", ret_mark->console_log, sizeof(ret_mark->console_log));
        read_attr(root, "display", ret_mark->display_socket, sizeof(ret_mark->display_socket));
    }
    xmlFreeDoc(doc);
    return ours;
}

void ak_xml_text(const char *xml, const char *path, char *out, size_t size)
{
    xmlDoc *doc = parse(xml);
    xmlNode *node = doc ? xmlDocGetRootElement(doc) : NULL;
    AK_AUTO_STR copy = ak_xstrdup(path);
    char *save = NULL, *name = strtok_r(copy, "/", &save);
    xmlChar *text = NULL;

    out[0] = '\0';
    while (node && name) {
        while (node && !ak_streq((const char *)node->name, name)) {
            node = node->next;
        }
        name = strtok_r(NULL, "/", &save);
        if (node && name) {
            node = node->children;
        }
    }
    text = node ? xmlNodeGetContent(node) : NULL;
    ak_str_copy(out, size, text ? (const char *)text : "");
    xmlFree(text);
    xmlFreeDoc(doc);
}
