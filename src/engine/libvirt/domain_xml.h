/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_DOMAIN_XML_H
#define AK_DOMAIN_XML_H
/* Domain definitions: what a server is in libvirt's XML, and reading back what is ours in it.
 * Private to src/engine. Spec: https://libvirt.org/formatdomain.html */
#include "engine/hypervisor.h"

#define AK_DOMAIN_XMLNS  "urn:akashi:server:1"
#define AK_DOMAIN_PREFIX "akashi-" /* and the UUID: the domain's name */

/* What all domains of a host share. */
struct ak_domain_host {
    const char *installation;
    const char *guest_user; /* "" = libvirt's own security driver decides */
    const char *machine;    /* "pc" or "q35" */
    bool kvm;
    bool no_offload; /* docs/decisions/0102: the switch passes unfinished checksums on */
    /* Only for the probe: boots this kernel instead of a disk; NULL. */
    const char *kernel;
    const char *cmdline;
};

/* Appends the definition. Text that XML cannot hold becomes U+FFFD. The buffer's overflow tells
 * whether all of it fitted. */
void ak_domain_xml(struct ak_buf *out, const struct ak_domain_host *host,
                   const struct ak_vm_spec *spec);

/* Our mark, read from a domain's <metadata> element of our namespace. */
struct ak_domain_mark {
    char installation[80];
    char console_log[256], display_socket[256];
};
/* False when 'xml' is not such an element. */
bool ak_domain_mark_read(const char *xml, struct ak_domain_mark *ret_mark);

/* The text of the first element at 'path' (names joined by '/') of an XML document; "" when there
 * is none. For capabilities. */
void ak_xml_text(const char *xml, const char *path, char *out, size_t size);

#endif
