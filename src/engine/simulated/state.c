/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the simulated engines: records in an array with a hash index, and a journal of lines
 * "key<TAB>value" (set) or "key" (removed). The journal is appended to in one write per call, under
 * flock(2), so that a process killed at any instruction leaves whole lines or one torn line, which
 * the next one cuts off. */
#include "engine/simulated/simulated.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PENDING_MAX ((size_t)64 << 20)

struct record {
    char *key, *value;
    size_t next; /* index + 1 of the next record of the same bucket */
};

struct ak_sim {
    pthread_mutex_t lock; /* guards all below; held from begin to end */
    char *engine, *path, *down_path;
    int fd;                 /* journal, -1 = memory only */
    off_t applied;          /* bytes of the journal in the table */
    struct ak_buf pending;  /* lines of this call */
    struct record *records; /* dense */
    size_t n, cap;
    size_t *buckets; /* index + 1; 0 = empty */
    size_t n_buckets;
};

static struct ak_simulated_faults faults;
static atomic_llong calls;

void ak_simulated_configure(const struct ak_simulated_faults *f)
{
    faults = *f;
    atomic_store(&calls, 0);
}

static size_t hash(const char *key)
{
    uint64_t h = 1469598103934665603ULL;

    for (; *key; key++) {
        h = (h ^ (unsigned char)*key) * 1099511628211ULL;
    }
    return (size_t)(h ^ (h >> 32));
}

static void link_record(struct ak_sim *sim, size_t i)
{
    size_t b = hash(sim->records[i].key) % sim->n_buckets;

    sim->records[i].next = sim->buckets[b];
    sim->buckets[b] = i + 1;
}

static void unlink_record(struct ak_sim *sim, size_t i)
{
    size_t *p = &sim->buckets[hash(sim->records[i].key) % sim->n_buckets];

    while (*p != i + 1) {
        p = &sim->records[*p - 1].next;
    }
    *p = sim->records[i].next;
}

static void grow(struct ak_sim *sim)
{
    sim->cap = sim->cap ? sim->cap * 2 : 64;
    sim->records = ak_xrealloc(sim->records, sim->cap * sizeof(*sim->records));
    free(sim->buckets);
    sim->n_buckets = sim->cap * 2;
    sim->buckets = ak_xcalloc(sim->n_buckets, sizeof(*sim->buckets));
    for (size_t i = 0; i < sim->n; i++) {
        link_record(sim, i);
    }
}

static struct record *find(struct ak_sim *sim, const char *key)
{
    size_t i = sim->n_buckets ? sim->buckets[hash(key) % sim->n_buckets] : 0;

    while (i) {
        struct record *r = &sim->records[i - 1];

        if (strcmp(r->key, key) == 0) {
            return r;
        }
        i = r->next;
    }
    return NULL;
}

static void set(struct ak_sim *sim, const char *key, const char *value)
{
    struct record *r = find(sim, key);

    if (!r && value) {
        if (sim->n == sim->cap) {
            grow(sim);
        }
        sim->records[sim->n] = (struct record){ak_xstrdup(key), ak_xstrdup(value), 0};
        link_record(sim, sim->n++);
    } else if (r && value) {
        free(r->value);
        r->value = ak_xstrdup(value);
    } else if (r) {
        size_t i = (size_t)(r - sim->records), last = sim->n - 1;

        unlink_record(sim, i);
        free(r->key);
        free(r->value);
        if (i != last) {
            unlink_record(sim, last);
            sim->records[i] = sim->records[last];
            link_record(sim, i);
        }
        sim->n--;
    }
}

static void clear(struct ak_sim *sim)
{
    for (size_t i = 0; i < sim->n; i++) {
        free(sim->records[i].key);
        free(sim->records[i].value);
    }
    free(sim->records);
    free(sim->buckets);
    sim->records = NULL;
    sim->buckets = NULL;
    sim->n = sim->cap = sim->n_buckets = 0;
    sim->applied = 0;
}

static void apply_line(struct ak_sim *sim, char *line)
{
    char *tab = strchr(line, '\t');

    if (tab) {
        *tab = '\0';
    }
    set(sim, line, tab ? tab + 1 : NULL);
}

/* Reads what was appended since the last call; cuts off a torn last line. */
static int catch_up(struct ak_sim *sim, struct ak_error *err)
{
    struct stat st;
    AK_AUTO_STR text = NULL;
    size_t size = 0, got = 0;
    char *line = NULL, *end = NULL;

    if (fstat(sim->fd, &st) != 0) {
        return ak_fail_errno(err, errno, "stat %s", sim->path);
    }
    if (st.st_size == sim->applied) {
        return 0;
    }
    size = (size_t)(st.st_size - sim->applied);
    text = ak_xcalloc(size + 1, 1);
    while (got < size) {
        ssize_t n = pread(sim->fd, text + got, size - got, sim->applied + (off_t)got);

        if (n <= 0) {
            return ak_fail_errno(err, n < 0 ? errno : EIO, "read %s", sim->path);
        }
        got += (size_t)n;
    }
    for (line = text; (end = memchr(line, '\n', size - (size_t)(line - text))); line = end + 1) {
        *end = '\0';
        apply_line(sim, line);
    }
    sim->applied += line - text;
    if (sim->applied != st.st_size && ftruncate(sim->fd, sim->applied) != 0) {
        return ak_fail_errno(err, errno, "cut %s", sim->path);
    }
    return 0;
}

int ak_sim_open(const char *path, const char *engine, struct ak_sim **ret_sim, struct ak_error *err)
{
    AK_AUTO(ak_sim) sim = ak_new(struct ak_sim);

    (void)pthread_mutex_init(&sim->lock, NULL);
    ak_buf_init(&sim->pending, PENDING_MAX);
    sim->engine = ak_xstrdup(engine);
    sim->fd = -1;
    if (path) {
        sim->path = ak_xstrdup(path);
        sim->down_path = ak_xasprintf("%s.down", path);
        sim->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (sim->fd < 0) {
            return ak_fail_errno(err, errno, "open %s", path);
        }
    }
    *ret_sim = AK_TAKE(sim);
    return 0;
}

void ak_sim_free(struct ak_sim *sim)
{
    if (!sim) {
        return;
    }
    clear(sim);
    if (sim->fd >= 0) {
        (void)close(sim->fd);
    }
    ak_buf_done(&sim->pending);
    (void)pthread_mutex_destroy(&sim->lock);
    free(sim->engine);
    free(sim->path);
    free(sim->down_path);
    free(sim);
}

static int pretend(struct ak_sim *sim, struct ak_error *err)
{
    int64_t call = atomic_fetch_add(&calls, 1) + 1;

    if (faults.latency_ms > 0) {
        struct timespec ts = {faults.latency_ms / 1000, faults.latency_ms % 1000 * 1000000};

        (void)nanosleep(&ts, NULL);
    }
    if (sim->down_path && access(sim->down_path, F_OK) == 0) {
        return ak_fail(err, AK_ENGINE_UNAVAILABLE, sim->engine);
    }
    if (faults.fail_every > 0 && call % faults.fail_every == 0) {
        (void)ak_fail(err, AK_ENGINE, sim->engine);
        ak_error_prefix(err, "simulated fault at call %lld", (long long)call);
        return -AK_ENGINE;
    }
    return 0;
}

int ak_sim_begin(struct ak_sim *sim, struct ak_error *err)
{
    int rc = pretend(sim, err);

    if (rc != 0) {
        return rc;
    }
    (void)pthread_mutex_lock(&sim->lock);
    ak_buf_reset(&sim->pending);
    if (sim->fd < 0) {
        return 0;
    }
    if (flock(sim->fd, LOCK_EX) != 0) {
        rc = ak_fail_errno(err, errno, "lock %s", sim->path);
    } else {
        rc = catch_up(sim, err);
        if (rc != 0) {
            (void)flock(sim->fd, LOCK_UN);
        }
    }
    if (rc != 0) {
        (void)pthread_mutex_unlock(&sim->lock);
    }
    return rc;
}

const char *ak_sim_get(struct ak_sim *sim, const char *key)
{
    struct record *r = find(sim, key);

    return r ? r->value : NULL;
}

void ak_sim_put(struct ak_sim *sim, const char *key, const char *value)
{
    set(sim, key, value);
    ak_buf_str(&sim->pending, key);
    if (value) {
        ak_buf_char(&sim->pending, '\t');
        ak_buf_str(&sim->pending, value);
    }
    ak_buf_char(&sim->pending, '\n');
}

size_t ak_sim_count(struct ak_sim *sim)
{
    return sim->n;
}

const char *ak_sim_at(struct ak_sim *sim, size_t i, const char **ret_value)
{
    *ret_value = sim->records[i].value;
    return sim->records[i].key;
}

int ak_sim_end(struct ak_sim *sim, struct ak_error *err)
{
    int rc = 0;

    if (sim->fd >= 0) {
        size_t len = sim->pending.len;

        if (len > 0) {
            ssize_t n = write(sim->fd, sim->pending.data, len);

            if (n == (ssize_t)len) {
                sim->applied += n;
            } else {
                rc = ak_fail_errno(err, n < 0 ? errno : ENOSPC, "write %s", sim->path);
                clear(sim); /* read again from the file, which lacks what was put */
            }
        }
        (void)flock(sim->fd, LOCK_UN);
    }
    (void)pthread_mutex_unlock(&sim->lock);
    return rc;
}
