/* SPDX-License-Identifier: Apache-2.0 */
/* Class files to versions in the database. A changed file is a new version; a version is never
 * changed nor removed, since contracts run on it. Every process loads at its start, and 'akashi
 * class load' while they run; who comes second finds nothing to do. */
#include "service/service_class_internal.h"

#include <dirent.h>
#include <errno.h>

enum { FILE_MAX = 64 * 1024, FILES_MAX = 100 };

const struct ak_setting service_class_settings[SERVICE_CLASS_SETTINGS] = {
    {"class_dirs", AK_SETTING_STR, "path", 0, 0, AK_CLASS_DIRS, NULL,
     "Folders of service classes, separated by colons; a file of a later one takes the place of "
     "its "
     "namesake of an earlier one."},
};

int service_class_file_read(struct ak_arena *arena, const char *path,
                            struct service_class_file *ret_file, struct ak_error *err)
{
    AK_AUTO_STR text = NULL;
    size_t size = 0;
    int rc = ak_file_read(path, FILE_MAX, &text, &size, err);

    if (rc < 0) {
        AK_AUTO_STR what =
            ak_xasprintf("%s: the file cannot be read, or is larger than 64 KiB", path);

        return ak_fail(err, AK_CONFIG, what);
    }
    return service_class_parse(arena, path, text, size, ret_file, err);
}

/* One path a name: that of the last folder. */
struct paths {
    struct ak_arena *arena;
    const char *name[FILES_MAX], *path[FILES_MAX];
    size_t n;
};

static int add_path(struct paths *paths, const char *dir, const char *name, struct ak_error *err)
{
    size_t i = 0;

    while (i < paths->n && !ak_streq(paths->name[i], name)) {
        i++;
    }
    if (i == FILES_MAX) {
        return ak_fail(err, AK_CONFIG, "there are more than 100 class files");
    }
    paths->name[i] = ak_arena_strdup(paths->arena, name);
    paths->path[i] = ak_arena_printf(paths->arena, "%s/%s", dir, name);
    paths->n += i == paths->n;
    return 0;
}

static int add_dir(struct paths *paths, const char *dir, struct ak_error *err)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    int rc = 0;

    if (!d) {
        return errno == ENOENT ? 0 : ak_fail_errno(err, errno, "opening %s", dir);
    }
    while (rc == 0 && (entry = readdir(d))) {
        if (entry->d_name[0] != '.' && ak_ends_with(entry->d_name, ".conf")) {
            rc = add_path(paths, dir, entry->d_name, err);
        }
    }
    (void)closedir(d);
    return rc;
}

int service_class_paths(struct ak_arena *arena, const char *dirs, const char *const **ret_paths,
                        size_t *ret_n, struct ak_error *err)
{
    struct paths paths = {.arena = arena};
    const char **all;
    int rc = 0;

    while (rc == 0 && *dirs) {
        size_t len = strcspn(dirs, ":");

        rc = len > 0 ? add_dir(&paths, ak_arena_strndup(arena, dirs, len), err) : 0;
        dirs += len + (dirs[len] == ':');
    }
    all = ak_arena_array(arena, const char *, paths.n + 1);
    memcpy(all, paths.path, paths.n * sizeof(*all));
    *ret_paths = all;
    *ret_n = paths.n;
    return rc;
}

static int record(struct ak_tx *tx, struct ak_arena *arena, const char *action, const char *name,
                  int64_t version, const char *hash, struct ak_error *err)
{
    const struct ak_audit_event event = {
        .action = action,
        .outcome = "success",
        .actor_id = "system",
        .actor_name = "system",
        .object_type = "service_class",
        .object_id = ak_arena_printf(arena, "%s:%" PRId64, name, version),
        .listener = "worker",
        .detail_json =
            ak_arena_printf(arena, "{\"hash\":\"%s\",\"version\":%" PRId64 "}", hash, version),
    };

    return ak_audit_add(tx, &event, NULL, err);
}

/* One file: nothing, a first version, a new version, or its newest version offered again. */
static int load_file(struct ak_tx *tx, struct ak_arena *arena,
                     const struct service_class_file *file, bool *ret_changed, struct ak_error *err)
{
    struct service_class_row row = {0};
    int rc = service_class_store_load(tx, arena, file->name, 0, &row, err);
    bool known = rc == 0 && ak_streq(row.hash, file->hash);

    if (rc < 0 && rc != -AK_OBJECT_NOT_FOUND) {
        return rc;
    }
    *ret_changed = !known || !row.offered;
    if (!*ret_changed) {
        return 0;
    }
    if (!known) {
        row = (struct service_class_row){
            .name = file->name,
            .version = row.version + 1,
            .hash = file->hash,
            .content = file->content,
            .loaded_us = ak_now_us(),
            .id = ak_arena_printf(arena, "%s:%" PRId64, file->name, row.version + 1)};
        rc = service_class_store_insert(tx, &row, ret_changed, err);
    } else {
        rc = 0;
    }
    if (rc < 0 || !*ret_changed) {
        return rc; /* another process was quicker */
    }
    rc = service_class_store_offer(tx, row.name, row.version, err);
    return rc < 0 ? rc
                  : record(tx, arena, "service.class.load", row.name, row.version, row.hash, err);
}

/* Classes whose file is gone: no new contracts. */
static int withdraw(struct ak_tx *tx, struct ak_arena *arena, const char *const *names, size_t n,
                    size_t *ret_withdrawn, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    const struct service_class_row *row;
    int rc = service_class_store_list(tx, arena, &query, &list, err);

    row = list.items;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        bool there = false;

        for (size_t k = 0; k < n; k++) {
            there = there || ak_streq(names[k], row[i].name);
        }
        if (!there && row[i].offered) {
            rc = service_class_store_offer(tx, row[i].name, 0, err);
            rc = rc < 0 ? rc
                        : record(tx, arena, "service.class.withdraw", row[i].name, row[i].version,
                                 row[i].hash, err);
            ++*ret_withdrawn;
        }
    }
    return rc;
}

static const char *name_of(struct ak_arena *arena, const char *path)
{
    const char *base = strrchr(path, '/') + 1;

    return ak_arena_strndup(arena, base, strlen(base) - strlen(".conf"));
}

static int load_in(struct ak_tx *tx, struct ak_arena *arena, const struct service_class_file *files,
                   size_t n_files, const char *const *names, size_t n_names,
                   struct service_class_loaded *ret, struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; i < n_files && rc == 0; i++) {
        bool changed = false;

        rc = load_file(tx, arena, &files[i], &changed, err);
        ret->changed += changed;
    }
    rc = rc < 0 ? rc : withdraw(tx, arena, names, n_names, &ret->withdrawn, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int service_class_load_all(struct ak_store *store, const struct ak_config *config,
                           void (*bad)(const struct ak_error *err, void *data), void *data,
                           struct service_class_loaded *ret, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    const char *const *paths = NULL;
    struct service_class_file *files;
    const char **names;
    size_t n = 0, good = 0;
    int rc = service_class_paths(arena, ak_config_str(config, "class_dirs"), &paths, &n, err);

    *ret = (struct service_class_loaded){.files = n};
    files = ak_arena_array(arena, struct service_class_file, n + 1);
    names = ak_arena_array(arena, const char *, n + 1);
    for (size_t i = 0; i < n && rc == 0; i++) {
        struct ak_error one = {0};

        names[i] = name_of(arena, paths[i]);
        if (service_class_file_read(arena, paths[i], &files[good], &one) == 0) {
            good++;
        } else { /* what was loaded of it before stays as it is */
            ret->bad++;
            bad(&one, data);
        }
    }
    for (int attempt = 0; rc == 0; attempt++) {
        ak_tx_free(AK_TAKE(tx));
        ret->changed = ret->withdrawn = 0;
        rc = ak_tx_write(store, &tx, err);
        rc = rc < 0 ? rc : load_in(tx, arena, files, good, names, n, ret, err);
        if (rc != -AK_STORE_BUSY || attempt == 5) {
            break;
        }
        rc = 0;
    }
    return rc;
}
