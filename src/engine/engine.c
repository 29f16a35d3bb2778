/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the engines that the configuration names, and the table of their settings. */
#include "engine/engine.h"

#include "engine/simulated/simulated.h"

const struct ak_setting ak_engine_settings[] = {
    {"installation", AK_SETTING_STR, NULL, 1, 64, "akashi", NULL,
     "Name of this installation, put on its objects in libvirt and OVN, so that several can share "
     "them."},
    {"hypervisor", AK_SETTING_CHOICE, NULL, 0, 0, "libvirt", "libvirt|simulated",
     "Engine of virtual machines; simulated is for tests."},
    {"libvirt_uri", AK_SETTING_STR, "URI", 1, 255, "qemu:///system", NULL,
     "Where libvirt is reached."},
    {"libvirt_guest_user", AK_SETTING_STR, NULL, 0, 64, "libvirt-qemu:libvirt-qemu", NULL,
     "User and group QEMU runs as (user:group); empty leaves it to libvirt."},
    {"libvirt_machine", AK_SETTING_CHOICE, NULL, 0, 0, "pc", "pc|q35", "Machine type of guests."},
    {"libvirt_virt", AK_SETTING_CHOICE, NULL, 0, 0, "auto", "auto|kvm|qemu",
     "How guests run: kvm, qemu (emulated), or auto: kvm where a guest really boots under it."},
    {"libvirt_offload", AK_SETTING_CHOICE, NULL, 0, 0, "auto", "auto|yes|no",
     "Whether guests leave checksums and segmentation to the host: yes, no, or auto: where Open "
     "vSwitch forwards in the kernel."},
    {"libvirt_probe_image", AK_SETTING_STR, "path", 0, 255, "/var/cache/akashi/tiny.qcow2", NULL,
     "Kernel or qcow2 disk that is booted to find out whether kvm works; /boot/vmlinuz-* is tried "
     "where it is missing."},
    {"libvirt_calls", AK_SETTING_INT, NULL, 1, 256, "16", NULL, "Calls to libvirt at once."},
    {"libvirt_call_timeout", AK_SETTING_INT, "s", 1, 600, "30", NULL,
     "How long one call to libvirt may take."},
    {"fabric", AK_SETTING_CHOICE, NULL, 0, 0, "ovn", "ovn|simulated",
     "Engine of tenant networks; simulated is for tests."},
    {"ovn_nb", AK_SETTING_STR, "remote", 1, 255, "unix:/run/akashi/ovn/nb.sock", NULL,
     "Where OVN's northbound database is reached."},
    {"pool", AK_SETTING_CHOICE, NULL, 0, 0, "qcow2", "qcow2|simulated",
     "Engine of disks; simulated is for tests."},
    {"pool_dir", AK_SETTING_STR, "path", 1, 255, "/var/lib/akashi/disks", NULL,
     "Folder of the disks."},
    {"engine_state_dir", AK_SETTING_STR, "path", 1, 255, "/var/lib/akashi", NULL,
     "Folder where findings about this host are kept (whether kvm works)."},
    {"simulated_dir", AK_SETTING_STR, "path", 0, 200, "", NULL,
     "Folder where the simulated engines keep their state; empty keeps it in memory."},
    {"simulated_latency", AK_SETTING_INT, "ms", 0, 60000, "0", NULL,
     "How long each call to a simulated engine takes."},
    {"simulated_fail_every", AK_SETTING_INT, NULL, 0, 1000000000, "0", NULL,
     "Every n-th call to a simulated engine fails; 0 is never."},
};
const size_t ak_engine_settings_n = AK_N(ak_engine_settings);

static bool simulated(const struct ak_config *config, const char *setting)
{
    return ak_streq(ak_config_str(config, setting), "simulated");
}

/* "<simulated_dir>/<name>.state", or NULL; the caller frees. */
static char *state_path(const struct ak_config *config, const char *name)
{
    const char *dir = ak_config_str(config, "simulated_dir");

    return dir[0] ? ak_xasprintf("%s/%s.state", dir, name) : NULL;
}

static int open_hypervisor(const struct ak_config *config, struct ak_hypervisor **ret_hv,
                           struct ak_error *err)
{
    AK_AUTO_STR path = state_path(config, "hypervisor");
    struct ak_libvirt_options options = {
        .uri = ak_config_str(config, "libvirt_uri"),
        .installation = ak_config_str(config, "installation"),
        .guest_user = ak_config_str(config, "libvirt_guest_user"),
        .machine = ak_config_str(config, "libvirt_machine"),
        .virt = ak_config_str(config, "libvirt_virt"),
        .offload = ak_config_str(config, "libvirt_offload"),
        .probe_image = ak_config_str(config, "libvirt_probe_image"),
        .state_dir = ak_config_str(config, "engine_state_dir"),
        .calls = (int)ak_config_int(config, "libvirt_calls"),
        .call_timeout_ms = ak_config_int(config, "libvirt_call_timeout") * 1000,
    };

    return simulated(config, "hypervisor") ? ak_simulated_hypervisor_open(path, ret_hv, err)
                                           : ak_libvirt_open(&options, ret_hv, err);
}

static int open_fabric(const struct ak_config *config, struct ak_fabric **ret_fabric,
                       struct ak_error *err)
{
    AK_AUTO_STR path = state_path(config, "fabric");

    return simulated(config, "fabric")
               ? ak_simulated_fabric_open(path, ret_fabric, err)
               : ak_ovn_open(ak_config_str(config, "ovn_nb"), ak_config_str(config, "installation"),
                             ret_fabric, err);
}

static int open_pool(const struct ak_config *config, struct ak_pool **ret_pool,
                     struct ak_error *err)
{
    AK_AUTO_STR path = state_path(config, "pool");

    return simulated(config, "pool")
               ? ak_simulated_pool_open(path, ret_pool, err)
               : ak_qcow2_pool_open(ak_config_str(config, "pool_dir"), ret_pool, err);
}

int ak_engines_open(const struct ak_config *config, struct ak_engines **ret_engines,
                    struct ak_error *err)
{
    struct ak_simulated_faults faults = {
        .latency_ms = ak_config_int(config, "simulated_latency"),
        .fail_every = ak_config_int(config, "simulated_fail_every"),
    };
    AK_AUTO(ak_engines) engines = ak_new(struct ak_engines);
    const char *dir = ak_config_str(config, "simulated_dir");
    int rc = dir[0] ? ak_dir_make(dir, 0700, err) : 0;

    ak_simulated_configure(&faults);
    if (rc == 0) {
        rc = open_hypervisor(config, &engines->hypervisor, err);
    }
    if (rc == 0) {
        rc = open_fabric(config, &engines->fabric, err);
    }
    if (rc == 0) {
        rc = open_pool(config, &engines->pool, err);
    }
    if (rc == 0) {
        *ret_engines = AK_TAKE(engines);
    }
    return rc;
}

void ak_engines_free(struct ak_engines *engines)
{
    if (!engines) {
        return;
    }
    if (engines->hypervisor) {
        engines->hypervisor->ops->free(engines->hypervisor);
    }
    if (engines->fabric) {
        engines->fabric->ops->free(engines->fabric);
    }
    if (engines->pool) {
        engines->pool->ops->free(engines->pool);
    }
    free(engines);
}
