/* SPDX-License-Identifier: Apache-2.0 */
/* A stream into a file, hashed on the way. The calling thread reads into a ring of buffers and
 * writes them; two threads follow and compute MD5 and SHA-512, so that the disk, not the sum of the
 * hashes, sets the pace. Memory is the ring. Writing to the disk is begun early and in the
 * background, so that the fsync at the end finds little left to do. */
#include "image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#define SLOTS     6
#define SLOT_SIZE ((size_t)512 * 1024)
#define FLUSH     ((int64_t)8 << 20) /* bytes between two pushes to the disk */
#define ALIVE_US  (15 * AK_SEC)

enum { MD5, SHA512, HASHES };

struct ring {
    pthread_mutex_t m;
    pthread_cond_t changed;
    /* guarded by 'm': numbers of slots since the start */
    uint64_t filled;
    uint64_t hashed[HASHES];
    bool end;
    /* owned by the producer until filled, then by the hashes until hashed */
    char *slots[SLOTS];
    size_t sizes[SLOTS];
};

struct hasher {
    struct ring *ring;
    int which;
    pthread_t thread;
    EVP_MD_CTX *ctx;
    bool failed;
};

static void *hash(void *data)
{
    struct hasher *h = data;
    struct ring *r = h->ring;
    uint64_t n = 0;

    (void)pthread_mutex_lock(&r->m);
    while (true) {
        while (r->filled == n && !r->end) {
            (void)pthread_cond_wait(&r->changed, &r->m);
        }
        if (r->filled == n) {
            break;
        }
        (void)pthread_mutex_unlock(&r->m);
        if (EVP_DigestUpdate(h->ctx, r->slots[n % SLOTS], r->sizes[n % SLOTS]) != 1) {
            h->failed = true;
        }
        (void)pthread_mutex_lock(&r->m);
        r->hashed[h->which] = ++n;
        (void)pthread_cond_broadcast(&r->changed);
    }
    (void)pthread_mutex_unlock(&r->m);
    return NULL;
}

/* The slot to fill next, free of both hashes. */
static size_t slot_take(struct ring *r)
{
    AK_LOCK(&r->m);
    while (r->filled - r->hashed[MD5] >= SLOTS || r->filled - r->hashed[SHA512] >= SLOTS) {
        (void)pthread_cond_wait(&r->changed, &r->m);
    }
    return r->filled % SLOTS;
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

static int write_all(int fd, const char *buf, size_t size, struct ak_error *err)
{
    while (size > 0) {
        ssize_t n = write(fd, buf, size);

        if (n < 0 && errno != EINTR) {
            return ak_fail_errno(err, errno, "write image");
        }
        if (n > 0) {
            buf += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

static int pump(const struct image_copy *copy, struct ring *r, int fd, int64_t *ret_size,
                struct ak_error *err)
{
    int64_t total = 0, flushed = 0, asked_us = ak_monotonic_us();

    while (true) {
        size_t slot = slot_take(r);
        int64_t n = fill(copy, r->slots[slot], &asked_us, err);
        int rc;

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
        rc = write_all(fd, r->slots[slot], (size_t)n, err);
        if (rc < 0) {
            return rc;
        }
        if (total - flushed >= FLUSH) {
            (void)sync_file_range(fd, flushed, total - flushed, SYNC_FILE_RANGE_WRITE);
            flushed = total;
        }
    }
}

static int hashers_start(struct hasher h[HASHES], struct ring *r, struct ak_error *err)
{
    const EVP_MD *const kinds[HASHES] = {EVP_md5(), EVP_sha512()};

    for (int i = 0; i < HASHES; i++) {
        h[i] = (struct hasher){.ring = r, .which = i, .ctx = EVP_MD_CTX_new()};
        if (!h[i].ctx || EVP_DigestInit_ex(h[i].ctx, kinds[i], NULL) != 1 ||
            pthread_create(&h[i].thread, NULL, hash, &h[i]) != 0) {
            EVP_MD_CTX_free(h[i].ctx);
            h[i].ctx = NULL;
            return ak_fail_detail(err, AK_INTERNAL, "cannot start hashing");
        }
    }
    return 0;
}

/* Ends the threads that were started; takes their results when all went well. */
static int hashers_end(struct hasher h[HASHES], struct image_digest *digest, struct ak_error *err)
{
    char *const texts[HASHES] = {digest->md5, digest->sha512};
    bool failed = false;

    slot_give(h[0].ring, true);
    for (int i = 0; i < HASHES; i++) {
        unsigned char value[EVP_MAX_MD_SIZE];
        unsigned size = 0;

        if (!h[i].ctx) {
            failed = true;
            continue;
        }
        (void)pthread_join(h[i].thread, NULL);
        if (h[i].failed || EVP_DigestFinal_ex(h[i].ctx, value, &size) != 1) {
            failed = true;
        } else {
            ak_hex(texts[i], value, size);
        }
        EVP_MD_CTX_free(h[i].ctx);
    }
    return failed ? ak_fail_detail(err, AK_INTERNAL, "hashing failed") : 0;
}

static int copy_and_hash(const struct image_copy *copy, int fd, struct image_digest *digest,
                         struct ak_error *err)
{
    struct ring r = {.m = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct hasher h[HASHES] = {{.ring = &r}, {.ring = &r}};
    struct ak_error hash_err = {0};
    char *memory = ak_xcalloc(SLOTS, SLOT_SIZE);
    int rc, hash_rc;

    for (size_t i = 0; i < SLOTS; i++) {
        r.slots[i] = memory + i * SLOT_SIZE;
    }
    rc = hashers_start(h, &r, err);
    if (rc == 0) {
        rc = pump(copy, &r, fd, &digest->size, err);
    }
    hash_rc = hashers_end(h, digest, &hash_err);
    if (rc == 0 && hash_rc < 0) {
        rc = ak_fail_detail(err, AK_INTERNAL, "%s", hash_err.detail);
    }
    free(memory);
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
