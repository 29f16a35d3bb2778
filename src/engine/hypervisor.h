/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HYPERVISOR_H
#define AK_HYPERVISOR_H
/* Virtual machines. A server is a domain with the server's UUID, named "akashi-<uuid>", tagged in
 * its metadata with the installation's id, so that several installations and foreign domains can
 * share a libvirt. */
#include "base/base.h"
#include "json/fields.h"

enum ak_vm_state { AK_VM_ABSENT, AK_VM_SHUTOFF, AK_VM_RUNNING, AK_VM_PAUSED, AK_VM_CRASHED };

struct ak_vm_disk {
    const char *path;   /* file of the pool */
    const char *format; /* "qcow2" or "raw" */
    const char *serial; /* volume UUID, shown to the guest; NULL */
    /* Kernels for clouds have no driver of IDE or SATA: give a config drive as a read-only virtio
     * disk (readonly, not cdrom), an installation medium as cdrom. */
    bool cdrom, readonly;
    const char *target; /* "vda", "vdb"; of a cdrom "hda" (given a SATA name where needed) */
};
struct ak_vm_nic {
    const char *port_id; /* OVS interface id = logical switch port */
    const char *mac;
    int mtu;
    const char *model; /* "virtio" */
};
struct ak_vm_spec {
    const char *uuid, *name; /* name: for people, in the metadata only */
    const char *project_id;
    int64_t ram_mib;
    int vcpus;
    const struct ak_vm_disk *disks;
    size_t n_disks;
    const struct ak_vm_nic *nics;
    size_t n_nics;
    /* File that serial port 1 is appended to. define() makes it when absent (mode 0666, its folder
     * must be closed to others); undefine() removes it and the display's socket. */
    const char *console_log;
    const char *display_socket; /* unix socket of the VNC display */
    bool uefi;
    const char *boot; /* "hd" or "cdrom" */
};

struct ak_vm_info {
    char uuid[AK_UUID_TEXT];
    enum ak_vm_state state;
    bool ours; /* tagged with our installation's id */
    int64_t ram_mib;
    int vcpus;
};

struct ak_host_info {
    char name[256];  /* host name */
    char type[32];   /* "QEMU" or "KVM" */
    int64_t version; /* hypervisor version as libvirt gives it */
    int64_t ram_mib, ram_free_mib;
    int vcpus;
    char cpu_model[128];
    char arch[32];
    char virt[8]; /* "kvm" or "qemu" (TCG), after really booting */
};

struct ak_vm_stats { /* counters since the guest started */
    int64_t cpu_ns, ram_used_kib, net_rx_bytes, net_tx_bytes, disk_read_bytes, disk_write_bytes;
};

struct ak_vm_sample { /* of a guest that runs or is paused */
    char uuid[AK_UUID_TEXT];
    struct ak_vm_stats stats;
};

struct ak_hypervisor;
struct ak_hypervisor_ops {
    int (*host_info)(struct ak_hypervisor *hv, struct ak_host_info *ret_info, struct ak_error *err);
    /* Makes the persistent definition equal to 'spec' (also when one exists). Does not start. */
    int (*define)(struct ak_hypervisor *hv, const struct ak_vm_spec *spec, struct ak_error *err);
    int (*start)(struct ak_hypervisor *hv, const char *uuid,
                 struct ak_error *err); /* running already: 0 */
    /* Asks the guest to shut down (ACPI, repeated) and waits; after 'grace_ms' pulls the plug. Off
     * already: 0. */
    int (*stop)(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms, struct ak_error *err);
    int (*reset)(struct ak_hypervisor *hv, const char *uuid,
                 struct ak_error *err); /* hard reboot without new process */
    int (*reboot)(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms,
                  struct ak_error *err); /* soft, then stop+start */
    int (*suspend)(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
    int (*resume)(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
    /* Stops hard and removes the definition. Absent: 0. */
    int (*undefine)(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
    int (*state)(struct ak_hypervisor *hv, const char *uuid, enum ak_vm_state *ret_state,
                 struct ak_error *err);
    /* Why a guest is off or paused, a static slug: shutdown (it did so itself), destroyed (from
     * outside), crashed, io-error (its disk failed it), watchdog, user; "" when nothing is known.
     */
    int (*why)(struct ak_hypervisor *hv, const char *uuid, const char **ret_reason,
               struct ak_error *err);
    /* Inventory: array in the arena, foreign domains included with ours=false. */
    int (*list)(struct ak_hypervisor *hv, struct ak_arena *arena, struct ak_vm_info **ret_vms,
                size_t *ret_n, struct ak_error *err);
    int (*stats)(struct ak_hypervisor *hv, const char *uuid, struct ak_vm_stats *ret_stats,
                 struct ak_error *err);
    /* The counters of all running guests by one call to the engine, foreign ones included: array in
     * the arena. */
    int (*stats_all)(struct ak_hypervisor *hv, struct ak_arena *arena,
                     struct ak_vm_sample **ret_samples, size_t *ret_n, struct ak_error *err);
    /* Registers the one callback for state changes seen by the engine (from a thread of the
     * engine). */
    void (*watch)(struct ak_hypervisor *hv,
                  void (*changed)(const char *uuid, enum ak_vm_state state, void *data),
                  void *data);
    void (*free)(struct ak_hypervisor *hv);
};
struct ak_hypervisor {
    const struct ak_hypervisor_ops *ops;
};

/* How to reach libvirt, and what its guests are given. */
struct ak_libvirt_options {
    const char *uri;          /* "qemu:///system" */
    const char *installation; /* tags our domains */
    const char *guest_user;   /* "user:group" QEMU runs as; "" = as libvirt decides */
    const char *machine;      /* "pc" or "q35" */
    const char *virt;         /* "kvm", "qemu" (TCG), or "auto": by really booting 'probe_image' */
    const char *offload;      /* "yes", "no", or "auto": where OVS forwards in the kernel */
    const char *probe_image;  /* a kernel (bzImage) or qcow2 disk that prints to its serial port */
    const char *state_dir;    /* where the finding of the probe is kept; writable */
    int calls;                /* libvirt calls at once */
    int64_t call_timeout_ms;  /* one libvirt call; beyond it AK_ENGINE_TIMEOUT */
};
/* Does not connect yet: calls do, and again when libvirtd was restarted. */
int ak_libvirt_open(const struct ak_libvirt_options *options, struct ak_hypervisor **ret_hv,
                    struct ak_error *err);
/* In memory, with the latencies and faults of the setting simulated_*; state kept in 'state_path'
 * when not NULL, so that it survives a killed worker as a real engine does. */
int ak_simulated_hypervisor_open(const char *state_path, struct ak_hypervisor **ret_hv,
                                 struct ak_error *err);

#endif
