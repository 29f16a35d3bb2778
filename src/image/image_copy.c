/* SPDX-License-Identifier: Apache-2.0 */
/* A stream into a file, hashed on the way. The calling thread reads into a ring of buffers; three
 * threads follow and compute MD5, SHA-512 and write to the disk, so that the slowest of them, not
 * their sum, sets the pace. Memory is the ring. Whole buffers go to the disk without a copy in the
 * page cache where the file system can do that: the copy costs as much as a hash, and nobody reads
 * the file soon. Elsewhere writing to the disk is begun early and in the background, so that the
 * fsync at the end finds little left to do. */
#include "image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#define SLOTS     6
#define SLOT_SIZE ((size_t)1024 * 1024)
#define ALIGNMENT 4096               /* of buffers that the disk reads itself */
#define FLUSH     ((int64_t)8 << 20) /* bytes between two pushes to the disk */
#define ALIVE_US  (15 * AK_SEC)

enum { MD5, SHA512, HASHES, DISK = HASHES, FOLLOWERS };

struct ring {
    pthread_mutex_t m;
    pthread_cond_t changed;
    /* guarded by 'm': numbers of slots since the start */
    uint64_t filled;
    uint64_t used[FOLLOWERS];
    bool end;
    bool broken; /* a follower cannot go on; reading is in vain */
    /* owned by the producer until filled, then by the followers until all have used it */
    char *slots[SLOTS];
    size_t sizes[SLOTS];
};

struct follower {
    struct ring *ring;
    int which;
    bool started;
    pthread_t thread;
    /* the thread's own until it is joined */
    EVP_MD_CTX *ctx;
    int fd;
    bool direct; /* the file takes whole buffers without the page cache */
    int64_t written, flushed;
    int rc;
    struct ak_error err;
};

/* From here on by the page cache. */
static void leave_direct(struct follower *f)
{
    f->direct = false;
    (void)fcntl(f->fd, F_SETFL, 0);
}

static int write_all(struct follower *f, const char *buf, size_t size)
{
    if (f->direct && size % ALIGNMENT != 0) { /* the end of the file */
        leave_direct(f);
    }
    while (size > 0) {
        ssize_t n = write(f->fd, buf, size);

        if (n < 0 && errno == EINVAL && f->direct) {
            leave_direct(f);
        } else if (n < 0 && errno != EINTR) {
            return ak_fail_errno(&f->err, errno, "write image");
        }
        if (n > 0) {
            buf += n;
            size -= (size_t)n;
            f->written += n;
            if (f->direct && n % ALIGNMENT != 0) { /* the rest does not begin where a block does */
                leave_direct(f);
            }
        }
    }
    if (!f->direct && f->written - f->flushed >= FLUSH) {
        (void)sync_file_range(f->fd, f->flushed, f->written - f->flushed, SYNC_FILE_RANGE_WRITE);
        f->flushed = f->written;
    }
    return 0;
}

static int use(struct follower *f, const char *bytes, size_t size)
{
    if (f->which == DISK) {
        return write_all(f, bytes, size);
    }
    return EVP_DigestUpdate(f->ctx, bytes, size) == 1
               ? 0
               : ak_fail_detail(&f->err, AK_INTERNAL, "hashing failed");
}

static void *follow(void *data)
{
    struct follower *f = data;
    struct ring *r = f->ring;
    uint64_t n = 0;

    (void)pthread_mutex_lock(&r->m);
    while (true) {
        while (r->filled == n && !r->end) {
            (void)pthread_cond_wait(&r->changed, &r->m);
        }
        if (r->filled == n || r->broken) {
            break;
        }
        (void)pthread_mutex_unlock(&r->m);
        f->rc = use(f, r->slots[n % SLOTS], r->sizes[n % SLOTS]);
        (void)pthread_mutex_lock(&r->m);
        r->broken |= f->rc < 0;
        r->used[f->which] = ++n;
        (void)pthread_cond_broadcast(&r->changed);
    }
    (void)pthread_mutex_unlock(&r->m);
    return NULL;
}

static bool full(const struct ring *r)
{
    for (int i = 0; i < FOLLOWERS; i++) {
        if (r->filled - r->used[i] >= SLOTS) {
            return true;
        }
    }
    return false;
}

/* The slot to fill next, free of all followers; false when one of them cannot go on. */
static bool slot_take(struct ring *r, size_t *ret_slot)
{
    AK_LOCK(&r->m);
    while (full(r) && !r->broken) {
        (void)pthread_cond_wait(&r->changed, &r->m);
    }
    *ret_slot = r->filled % SLOTS;
    return !r->broken;
}

static void slot_give(struct ring *r, bool end)
{
    AK_LOCK(&r->m);
    r->filled += !end;
    r->end = end;
    (void)pthread_cond_broadcast(&r->changed);
}

/* Asks whether the copy is still wanted, now and then. */
static int ask_alive(const struct image_copy *copy, int64_t *asked_us, struct ak_error *err)
{
    int64_t now = ak_monotonic_us();

    if (!copy->alive || now - *asked_us < ALIVE_US) {
        return 0;
    }
    *asked_us = now;
    return copy->alive(copy->data, err);
}

/* Fills a slot as far as the stream gives: a full slot, or less at the end. */
static int64_t fill(const struct image_copy *copy, char *buf, int64_t *asked_us,
                    struct ak_error *err)
{
    size_t n = 0;

    while (n < SLOT_SIZE) {
        int64_t got = copy->read(copy->data, buf + n, SLOT_SIZE - n, err);

        if (got >= 0) {
            int rc = ask_alive(copy, asked_us, err);

            got = rc < 0 ? rc : got;
        }
        if (got < 0) {
            return got;
        }
        if (got == 0) {
            break;
        }
        n += (size_t)got;
    }
    return (int64_t)n;
}

/* Reads until the end of the stream, or until a follower cannot go on, which is told elsewhere. */
static int pump(const struct image_copy *copy, struct ring *r, int64_t *ret_size,
                struct ak_error *err)
{
    int64_t total = 0, asked_us = ak_monotonic_us();
    size_t slot = 0;

    while (slot_take(r, &slot)) {
        int64_t n = fill(copy, r->slots[slot], &asked_us, err);

        if (n <= 0) {
            *ret_size = total;
            return (int)n;
        }
        total += n;
        if (total > copy->max) {
            return ak_fail(err, AK_IMAGE_TOO_LARGE, AK_NUM(copy->max >> 30));
        }
        r->sizes[slot] = (size_t)n;
        slot_give(r, false);
    }
    return 0;
}

static int followers_start(struct follower f[FOLLOWERS], struct ring *r, int fd,
                           struct ak_error *err)
{
    const EVP_MD *const kinds[HASHES] = {EVP_md5(), EVP_sha512()};

    for (int i = 0; i < FOLLOWERS; i++) {
        f[i] = (struct follower){.ring = r, .which = i, .fd = fd};
        f[i].ctx = i < HASHES ? EVP_MD_CTX_new() : NULL;
        f[i].direct = i == DISK && fcntl(fd, F_SETFL, O_DIRECT) == 0;
        if (i < HASHES && (!f[i].ctx || EVP_DigestInit_ex(f[i].ctx, kinds[i], NULL) != 1)) {
            return ak_fail_detail(err, AK_INTERNAL, "cannot start hashing");
        }
        if (pthread_create(&f[i].thread, NULL, follow, &f[i]) != 0) {
            return ak_fail_detail(err, AK_INTERNAL, "no thread for an upload");
        }
        f[i].started = true;
    }
    return 0;
}

/* Ends the threads that were started; the first failure of one is the failure of the copy. */
static int followers_end(struct follower f[FOLLOWERS], struct ring *r, struct ak_error *err)
{
    int rc = 0;

    slot_give(r, true);
    for (int i = 0; i < FOLLOWERS; i++) {
        if (f[i].started) {
            (void)pthread_join(f[i].thread, NULL);
        }
        if (rc == 0 && f[i].rc < 0) {
            rc = f[i].rc;
            *err = f[i].err;
        }
    }
    return rc;
}

static int digests(struct follower f[FOLLOWERS], struct image_digest *digest, struct ak_error *err)
{
    char *const texts[HASHES] = {digest->md5, digest->sha512};

    for (int i = 0; i < HASHES; i++) {
        unsigned char value[EVP_MAX_MD_SIZE];
        unsigned size = 0;

        if (EVP_DigestFinal_ex(f[i].ctx, value, &size) != 1) {
            return ak_fail_detail(err, AK_INTERNAL, "hashing failed");
        }
        ak_hex(texts[i], value, size);
    }
    return 0;
}

static int copy_and_hash(const struct image_copy *copy, int fd, struct image_digest *digest,
                         struct ak_error *err)
{
    struct ring r = {.m = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct follower f[FOLLOWERS] = {0};
    struct ak_error end_err = {0};
    AK_AUTO_STR memory = ak_xcalloc(SLOTS * SLOT_SIZE + ALIGNMENT, 1);
    char *first = memory + (ALIGNMENT - (uintptr_t)memory % ALIGNMENT);
    int rc, end_rc;

    for (size_t i = 0; i < SLOTS; i++) {
        r.slots[i] = first + i * SLOT_SIZE;
    }
    rc = followers_start(f, &r, fd, err);
    if (rc == 0) {
        rc = pump(copy, &r, &digest->size, err);
    }
    end_rc = followers_end(f, &r, &end_err);
    if (rc == 0 && end_rc < 0) {
        rc = end_rc;
        *err = end_err;
    }
    if (rc == 0) {
        rc = digests(f, digest, err);
    }
    for (int i = 0; i < HASHES; i++) {
        EVP_MD_CTX_free(f[i].ctx);
    }
    (void)pthread_cond_destroy(&r.changed);
    (void)pthread_mutex_destroy(&r.m);
    return rc;
}

int image_copy_run(const struct image_copy *copy, const char *path, struct image_digest *ret_digest,
                   struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    struct image_digest digest = {0};
    int rc;

    if (fd < 0) {
        return ak_fail_errno(err, errno, "create %s", path);
    }
    rc = copy_and_hash(copy, fd, &digest, err);
    if (rc == 0 && fsync(fd) != 0) {
        rc = ak_fail_errno(err, errno, "fsync %s", path);
    }
    if (rc < 0) {
        (void)unlink(path);
        return rc;
    }
    *ret_digest = digest;
    return 0;
}
