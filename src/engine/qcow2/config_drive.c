/* SPDX-License-Identifier: Apache-2.0 */
/* Config drives, by libisofs in this process: a file system of a few files takes about a
 * millisecond, a forked genisoimage some twenty. Label, Joliet and Rock Ridge as cloud-init
 * expects. Spec: https://docs.openstack.org/nova/latest/user/metadata.html */
#include "engine/pool.h"

#define LIBISOFS_WITHOUT_LIBBURN /* it declares struct burn_source itself */
#include <libisofs/libisofs.h>

#define DRIVE_MAX ((size_t)64 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* libisofs keeps global state */

static int fail(struct ak_error *err, int code, const char *what)
{
    (void)ak_fail(err, AK_ENGINE, "config drive");
    ak_error_prefix(err, "%s: %s", what, iso_error_to_msg(code));
    return -AK_ENGINE;
}

/* The folder 'name' of 'parent', made when absent. */
static int enter(IsoImage *image, IsoDir **dir, const char *name)
{
    IsoNode *node = NULL;
    IsoDir *made = NULL;
    int rc = iso_dir_get_node(*dir, name, &node);

    if (rc == 1) {
        if (iso_node_get_type(node) != LIBISO_DIR) {
            return ISO_NODE_NAME_NOT_UNIQUE;
        }
        *dir = (IsoDir *)node;
        return 1;
    }
    rc = iso_image_add_new_dir(image, *dir, name, &made);
    if (rc >= 0) {
        *dir = made;
    }
    return rc;
}

static int add_file(IsoImage *image, const struct ak_drive_file *file)
{
    IsoDir *dir = iso_image_get_root(image);
    AK_AUTO_STR copy = ak_xstrdup(file->path);
    char *name = copy, *slash = NULL;
    unsigned char *data = NULL;
    IsoStream *stream = NULL;
    IsoFile *node = NULL;
    int rc = 1;

    for (; rc >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        *slash = '\0';
        rc = enter(image, &dir, name);
    }
    if (rc < 0) {
        return rc;
    }
    data = ak_xcalloc(1, file->size + 1);
    memcpy(data, file->data, file->size);
    rc = iso_memory_stream_new(data, file->size, &stream);
    if (rc < 0) {
        free(data);
        return rc;
    }
    rc = iso_image_add_new_file(image, dir, name, stream, &node);
    if (rc < 0) {
        iso_stream_unref(stream);
        return rc;
    }
    return rc;
}

static int write_image(IsoImage *image, struct ak_buf *out)
{
    IsoWriteOpts *opts = NULL;
    struct burn_source *source = NULL;
    unsigned char block[2048]; /* all or nothing is read: the size of a sector always fits */
    int rc = iso_write_opts_new(&opts, 0), n = 0;

    if (rc < 0) {
        return rc;
    }
    (void)iso_write_opts_set_iso_level(opts, 3);
    (void)iso_write_opts_set_rockridge(opts, 1);
    (void)iso_write_opts_set_joliet(opts, 1);
    (void)iso_write_opts_set_relaxed_vol_atts(opts, 1);      /* the label is in lower case */
    (void)iso_write_opts_set_replace_mode(opts, 1, 1, 1, 1); /* modes 0555 and 0444, owner root */
    rc = iso_image_create_burn_source(image, opts, &source);
    iso_write_opts_free(opts);
    if (rc < 0) {
        return rc;
    }
    while ((n = source->read_xt(source, block, sizeof(block))) > 0) {
        ak_buf_add(out, block, (size_t)n);
    }
    source->free_data(source);
    free(source);
    return n < 0 ? ISO_DATA_SOURCE_FATAL : 1;
}

int ak_config_drive_make(const struct ak_drive_file *files, size_t n, void **ret_data,
                         size_t *ret_size, struct ak_error *err)
{
    static bool ready; /* guarded by 'lock' */
    char never[] = "NEVER", none[] = "";
    IsoImage *image = NULL;
    AK_AUTO_BUF out;
    int rc = 0;

    ak_buf_init(&out, DRIVE_MAX);
    AK_LOCK(&lock);
    if (!ready) {
        rc = iso_init();
        if (rc < 0) {
            return fail(err, rc, "iso_init");
        }
        (void)iso_set_msgs_severities(never, never, none);
        ready = true;
    }
    rc = iso_image_new("config-2", &image);
    if (rc < 0) {
        return fail(err, rc, "iso_image_new");
    }
    for (size_t i = 0; rc >= 0 && i < n; i++) {
        rc = add_file(image, &files[i]);
    }
    if (rc >= 0) {
        rc = write_image(image, &out);
    }
    iso_image_unref(image);
    if (rc < 0) {
        return fail(err, rc, "building");
    }
    if (!ak_buf_ok(&out)) {
        return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)DRIVE_MAX));
    }
    *ret_data = ak_buf_steal(&out, ret_size);
    return 0;
}
