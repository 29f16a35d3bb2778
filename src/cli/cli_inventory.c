/* SPDX-License-Identifier: Apache-2.0 */
/* akashi inventory: what the engines hold, one line an object, for comparing with the database by
 * eye or by script. */
#include "cli/cli.h"

#include <stdio.h>

static int show_vms(struct ak_engines *engines, struct ak_arena *arena, struct ak_error *err)
{
    static const char *const states[] = {"absent", "shutoff", "running", "paused", "crashed"};
    struct ak_vm_info *vms = NULL;
    size_t n = 0;
    int rc = engines->hypervisor->ops->list(engines->hypervisor, arena, &vms, &n, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        (void)printf("server\t%s\t%s\t%s\n", vms[i].uuid, vms[i].ours ? "ours" : "foreign",
                     states[vms[i].state]);
    }
    return rc;
}

static int show_fabric(struct ak_engines *engines, struct ak_arena *arena, struct ak_error *err)
{
    static const char *const kinds[] = {"network", "port", "router", "security-group", "subnet"};
    struct ak_fabric_object *objects = NULL;
    size_t n = 0;
    int rc = engines->fabric->ops->list(engines->fabric, arena, &objects, &n, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        (void)printf("%s\t%s\t%s\t-\n", kinds[objects[i].kind], objects[i].id,
                     objects[i].ours ? "ours" : "foreign");
    }
    return rc;
}

static int show_pool(struct ak_engines *engines, struct ak_arena *arena, struct ak_error *err)
{
    struct ak_pool_file *files = NULL;
    struct ak_pool_aside *aside = NULL;
    size_t n = 0;
    int rc = engines->pool->ops->list(engines->pool, arena, &files, &n, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        (void)printf("file\t%s\tours\t%" PRId64 "\n", files[i].name, files[i].size);
    }
    rc = rc < 0 ? rc : engines->pool->ops->aside_list(engines->pool, arena, &aside, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        (void)printf("quarantine\t%s\tours\t%" PRId64 "\n", aside[i].id, aside[i].size);
    }
    return rc;
}

int cli_inventory(struct cli *cli, struct ak_error *err)
{
    AK_AUTO(ak_engines) engines = NULL;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    int rc = ak_engines_open(cli->config, &engines, err);

    rc = rc < 0 ? rc : show_vms(engines, arena, err);
    rc = rc < 0 ? rc : show_fabric(engines, arena, err);
    return rc < 0 ? rc : show_pool(engines, arena, err);
}
