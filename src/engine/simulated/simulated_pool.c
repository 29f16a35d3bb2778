/* SPDX-License-Identifier: Apache-2.0 */
/* A pool without disks: files as records of a table (state.c). Key = file name, value =
 * "<size> <base's file name or ->". Capacity is fixed at 1 PiB, so that full disks are a matter of
 * the real pool's tests. */
#include "engine/simulated/simulated.h"

#include "engine/pool.h"

#define NAME     "disk pool"
#define CAPACITY ((int64_t)1 << 50)

struct sim_pool {
    struct ak_pool base;
    struct ak_sim *sim;
};

static struct ak_sim *sim_of(struct ak_pool *p)
{
    return ((struct sim_pool *)p)->sim;
}

/* Adds a file when it is absent; 'needs' names a file that must be there, or NULL. */
static int add(struct ak_pool *p, const char *name, int64_t size, const char *needs,
               struct ak_error *err)
{
    struct ak_sim *sim = sim_of(p);
    AK_AUTO_STR value = ak_xasprintf("%lld %s", (long long)size, needs ? needs : "-");
    int rc = ak_sim_begin(sim, err);

    if (rc != 0) {
        return rc;
    }
    if (needs && !ak_sim_get(sim, needs)) {
        rc = ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, needs);
        (void)ak_sim_end(sim, NULL);
        return rc;
    }
    if (!ak_sim_get(sim, name)) {
        ak_sim_put(sim, name, value);
    }
    return ak_sim_end(sim, err);
}

static int drop(struct ak_pool *p, const char *name, struct ak_error *err)
{
    int rc = ak_sim_begin(sim_of(p), err);

    if (rc != 0) {
        return rc;
    }
    if (ak_sim_get(sim_of(p), name)) {
        ak_sim_put(sim_of(p), name, NULL);
    }
    return ak_sim_end(sim_of(p), err);
}

static int sim_base_import(struct ak_pool *p, const char *image_id, const char *source_path,
                           const char *format, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.base", image_id);

    (void)source_path;
    (void)format;
    return add(p, name, 1 << 20, NULL, err);
}

static bool in_use(struct ak_sim *sim, const char *name)
{
    for (size_t i = 0; i < ak_sim_count(sim); i++) {
        const char *value = NULL, *space = NULL;

        (void)ak_sim_at(sim, i, &value);
        space = strchr(value, ' ');
        if (space && ak_streq(space + 1, name)) {
            return true;
        }
    }
    return false;
}

static int sim_base_remove(struct ak_pool *p, const char *image_id, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.base", image_id);
    int rc = ak_sim_begin(sim_of(p), err);

    if (rc != 0) {
        return rc;
    }
    if (in_use(sim_of(p), name)) {
        rc = ak_fail(err, AK_CONFLICT, "The image is still in use by a disk.");
        (void)ak_sim_end(sim_of(p), NULL);
        return rc;
    }
    if (ak_sim_get(sim_of(p), name)) {
        ak_sim_put(sim_of(p), name, NULL);
    }
    return ak_sim_end(sim_of(p), err);
}

static int sim_overlay_create(struct ak_pool *p, const char *volume_id, const char *image_id,
                              int64_t size, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);
    AK_AUTO_STR base = ak_xasprintf("%s.base", image_id);

    return add(p, name, size, base, err);
}

static int sim_volume_create(struct ak_pool *p, const char *volume_id, int64_t size,
                             struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);

    return add(p, name, size, NULL, err);
}

static int sim_volume_grow(struct ak_pool *p, const char *volume_id, int64_t size,
                           struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);
    int64_t present = 0;
    int rc = ak_sim_begin(sim_of(p), err);
    if (rc != 0) {
        return rc;
    }
    const char *value = ak_sim_get(sim_of(p), name);
    if (!value) {
        rc = ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, name);
        (void)ak_sim_end(sim_of(p), NULL);
        return rc;
    }
    const char *base = strchr(value, ' ');
    AK_AUTO_STR digits = base ? ak_xstrndup(value, (size_t)(base - value)) : ak_xstrdup(value);
    if (ak_parse_int(digits, 0, INT64_MAX, &present) && present < size) {
        AK_AUTO_STR grown = ak_xasprintf("%" PRId64 "%s", size, base ? base : "");
        ak_sim_put(sim_of(p), name, grown);
    }
    return ak_sim_end(sim_of(p), err);
}

static int sim_volume_remove(struct ak_pool *p, const char *volume_id, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);

    return drop(p, name, err);
}

static int sim_volume_export(struct ak_pool *p, const char *volume_id, const char *path,
                             int64_t max, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);
    int rc = ak_sim_begin(sim_of(p), err);
    bool known = rc == 0 && ak_sim_get(sim_of(p), name);

    (void)max;
    rc = rc < 0 ? rc : ak_sim_end(sim_of(p), err);
    if (rc == 0 && !known) {
        rc = ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, name);
    }
    return rc < 0 ? rc : ak_file_write(path, name, strlen(name), 0640, err);
}

static const char *sim_erasure(struct ak_pool *p)
{
    (void)p;
    return "simulated: there was no storage";
}

static int sim_file_write(struct ak_pool *p, const char *name, const void *data, size_t size,
                          struct ak_error *err)
{
    (void)data;
    return add(p, name, (int64_t)size, NULL, err);
}

static const char *sim_file_path(struct ak_pool *p, struct ak_arena *arena, const char *name)
{
    (void)p;
    return ak_arena_printf(arena, "/simulated/%s", name);
}

static const char *sim_volume_path(struct ak_pool *p, struct ak_arena *arena, const char *volume_id)
{
    (void)p;
    return ak_arena_printf(arena, "/simulated/%s.qcow2", volume_id);
}

static int sim_capacity(struct ak_pool *p, int64_t *ret_total, int64_t *ret_free,
                        struct ak_error *err)
{
    int rc = ak_sim_begin(sim_of(p), err);

    if (rc == 0) {
        rc = ak_sim_end(sim_of(p), err);
    }
    if (rc == 0) {
        *ret_total = *ret_free = CAPACITY;
    }
    return rc;
}

static int sim_list(struct ak_pool *p, struct ak_arena *arena, struct ak_pool_file **ret_files,
                    size_t *ret_n, struct ak_error *err)
{
    struct ak_pool_file *files = NULL;
    size_t n = 0, kept = 0;
    int rc = ak_sim_begin(sim_of(p), err);

    if (rc != 0) {
        return rc;
    }
    n = ak_sim_count(sim_of(p));
    files = ak_arena_array(arena, struct ak_pool_file, n);
    for (size_t i = 0; i < n; i++) {
        const char *value = NULL, *name = ak_sim_at(sim_of(p), i, &value);

        if (!ak_starts_with(name, "quarantine/")) {
            ak_str_copy(files[kept].name, sizeof(files[kept].name), name);
            files[kept++].size = strtoll(value, NULL, 10);
        }
    }
    rc = ak_sim_end(sim_of(p), err);
    if (rc == 0) {
        *ret_files = files;
        *ret_n = kept;
    }
    return rc;
}

static int sim_quarantine(struct ak_pool *p, const char *name, const char *why,
                          struct ak_error *err)
{
    AK_AUTO_STR aside = ak_xasprintf("quarantine/%s", name);
    AK_AUTO_STR value = NULL;
    const char *old = NULL;
    int rc = ak_sim_begin(sim_of(p), err);

    (void)why;
    if (rc != 0) {
        return rc;
    }
    old = ak_sim_get(sim_of(p), name);
    if (old) {
        value = ak_xstrdup(old);
        ak_sim_put(sim_of(p), name, NULL);
        ak_sim_put(sim_of(p), aside, value);
    }
    return ak_sim_end(sim_of(p), err);
}

#define ASIDE "quarantine/"

static int sim_aside_list(struct ak_pool *p, struct ak_arena *arena,
                          struct ak_pool_aside **ret_files, size_t *ret_n, struct ak_error *err)
{
    struct ak_pool_aside *files = NULL;
    size_t n = 0, kept = 0;
    int rc = ak_sim_begin(sim_of(p), err);

    if (rc != 0) {
        return rc;
    }
    n = ak_sim_count(sim_of(p));
    files = ak_arena_array(arena, struct ak_pool_aside, n);
    for (size_t i = 0; i < n; i++) {
        const char *value = NULL, *name = ak_sim_at(sim_of(p), i, &value);

        if (ak_starts_with(name, ASIDE)) {
            files[kept] = (struct ak_pool_aside){.size = strtoll(value, NULL, 10)};
            ak_str_copy(files[kept].id, sizeof(files[kept].id), name + strlen(ASIDE));
            ak_str_copy(files[kept].name, sizeof(files[kept].name), name + strlen(ASIDE));
            kept++;
        }
    }
    rc = ak_sim_end(sim_of(p), err);
    if (rc == 0) {
        *ret_files = files;
        *ret_n = kept;
    }
    return rc;
}

static int sim_aside_remove(struct ak_pool *p, const char *id, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf(ASIDE "%s", id);

    return drop(p, name, err);
}

static void sim_free(struct ak_pool *p)
{
    if (p) {
        ak_sim_free(sim_of(p));
        free(p);
    }
}

static const struct ak_pool_ops ops = {
    .base_import = sim_base_import,
    .base_remove = sim_base_remove,
    .overlay_create = sim_overlay_create,
    .volume_create = sim_volume_create,
    .volume_grow = sim_volume_grow,
    .volume_remove = sim_volume_remove,
    .volume_export = sim_volume_export,
    .erasure = sim_erasure,
    .file_write = sim_file_write,
    .file_remove = drop,
    .volume_path = sim_volume_path,
    .file_path = sim_file_path,
    .capacity = sim_capacity,
    .list = sim_list,
    .quarantine = sim_quarantine,
    .aside_list = sim_aside_list,
    .aside_remove = sim_aside_remove,
    .free = sim_free,
};

int ak_simulated_pool_open(const char *state_path, struct ak_pool **ret_pool, struct ak_error *err)
{
    struct sim_pool *p = NULL;
    AK_AUTO(ak_sim) sim = NULL;
    int rc = ak_sim_open(state_path, NAME, &sim, err);

    if (rc != 0) {
        return rc;
    }
    p = ak_new(struct sim_pool);
    p->base.ops = &ops;
    p->sim = AK_TAKE(sim);
    *ret_pool = &p->base;
    return 0;
}
