/* SPDX-License-Identifier: Apache-2.0 */
/* The installation's key: secrets of second factors are sealed with it (AES-256-GCM, bound to the
 * user), challenges are signed with it (HMAC-SHA-256). 32 random bytes in a file of mode 0600
 * beside the database, not in it: a stolen copy of the database gives no second factor away. */
#include "identity/identity_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY = 32, NONCE = 12, TAG = 16, PLAIN_MAX = 256, TEXT = 2 * KEY + 1 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned char cached[KEY]; /* under 'mutex', as the path it is of */
static char cached_path[256];

/* Writes a new key beside the file and links it there, so that of several processes one wins and
 * nobody reads half a key. */
static int make(const char *path, struct ak_error *err)
{
    AK_AUTO_STR temporary = ak_xasprintf("%s.%d", path, (int)getpid());
    unsigned char key[KEY];
    char text[TEXT + 1];
    int rc = 0;

    ak_random(key, sizeof(key));
    ak_hex(text, key, sizeof(key));
    text[TEXT - 1] = '\n';
    text[TEXT] = '\0';
    rc = ak_file_write(temporary, text, TEXT, 0600, err);
    ak_wipe(key, sizeof(key));
    ak_wipe(text, sizeof(text));
    if (rc == 0 && link(temporary, path) != 0 && errno != EEXIST) {
        rc = ak_fail_errno(err, errno, "making the key file %s", path);
    }
    (void)unlink(temporary);
    return rc < 0 ? rc : ak_fsync_dir_of(path, err);
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_key(const char *path, unsigned char key[KEY], struct ak_error *err)
{
    struct stat st;
    char *text = NULL;
    size_t size = 0;
    int rc = ak_file_read(path, TEXT + 1, &text, &size, err);

    if (rc < 0) {
        return rc;
    }
    if (stat(path, &st) != 0 || (st.st_mode & 077) != 0) {
        rc = ak_fail_detail(err, AK_INTERNAL, "the key file %s must be readable by its owner only",
                            path);
    }
    for (size_t i = 0; i < KEY && rc == 0; i++) {
        int high = size >= TEXT - 1 ? nibble(text[2 * i]) : -1;
        int low = high >= 0 ? nibble(text[2 * i + 1]) : -1;

        if (low < 0) {
            rc = ak_fail_detail(err, AK_INTERNAL, "the key file %s is damaged", path);
        } else {
            key[i] = (unsigned char)(high * 16 + low);
        }
    }
    ak_wipe(text, size);
    free(text);
    return rc;
}

static int load(const struct ak_config *config, unsigned char key[KEY], struct ak_error *err)
{
    const char *path = ak_config_str(config, "identity_key_file");
    int rc = 0;
    AK_LOCK(&mutex);

    if (strcmp(path, cached_path) != 0 || access(path, F_OK) != 0) {
        rc = read_key(path, cached, err);
        if (rc == -AK_NOT_FOUND) {
            ak_error_clear(err);
            rc = make(path, err);
            rc = rc < 0 ? rc : read_key(path, cached, err);
        }
        if (rc < 0) {
            cached_path[0] = '\0';
            return rc;
        }
        ak_str_copy(cached_path, sizeof(cached_path), path);
    }
    memcpy(key, cached, KEY);
    return 0;
}

int identity_key_ensure(const struct ak_config *config, struct ak_error *err)
{
    unsigned char key[KEY];
    int rc = load(config, key, err);

    ak_wipe(key, sizeof(key));
    return rc;
}

int identity_key_sign(const struct ak_config *config, const char *purpose, const void *bytes,
                      size_t size, unsigned char ret_mac[IDENTITY_MAC], struct ak_error *err)
{
    unsigned char key[KEY], own[EVP_MAX_MD_SIZE], mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int rc = load(config, key, err);

    if (rc == 0 &&
        (!HMAC(EVP_sha256(), key, KEY, (const unsigned char *)purpose, strlen(purpose), own, &n) ||
         !HMAC(EVP_sha256(), own, (int)n, bytes, size, mac, &n))) {
        rc = ak_fail_detail(err, AK_INTERNAL, "HMAC failed");
    }
    if (rc == 0) {
        memcpy(ret_mac, mac, IDENTITY_MAC);
    }
    ak_wipe(key, sizeof(key));
    ak_wipe(own, sizeof(own));
    return rc;
}

/* Encrypts (or decrypts) 'size' bytes; the tag is written (or checked). */
static bool crypt_bytes(bool encrypt, const unsigned char key[KEY], const unsigned char *nonce,
                        const char *bound_to, const unsigned char *in, size_t size,
                        unsigned char *out, unsigned char *tag)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool good = ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
                EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)bound_to,
                                 (int)strlen(bound_to)) == 1 &&
                EVP_CipherUpdate(ctx, out, &n, in, (int)size) == 1;

    if (good && !encrypt) {
        good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1;
    }
    good = good && EVP_CipherFinal_ex(ctx, out + n, &n) == 1;
    if (good && encrypt) {
        good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1;
    }
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

int identity_key_seal(const struct ak_config *config, struct ak_arena *arena, const char *bound_to,
                      const void *bytes, size_t size, const char **ret_text, struct ak_error *err)
{
    unsigned char key[KEY], sealed[NONCE + PLAIN_MAX + TAG];
    AK_AUTO_STR text = NULL;
    int rc = size <= PLAIN_MAX ? load(config, key, err)
                               : ak_fail_detail(err, AK_INTERNAL, "too much to seal");

    if (rc < 0) {
        return rc;
    }
    ak_random(sealed, NONCE);
    if (!crypt_bytes(true, key, sealed, bound_to, bytes, size, sealed + NONCE,
                     sealed + NONCE + size)) {
        rc = ak_fail_detail(err, AK_INTERNAL, "AES-256-GCM failed");
    }
    ak_wipe(key, sizeof(key));
    if (rc == 0) {
        text = ak_base64(sealed, NONCE + size + TAG, true);
        *ret_text = ak_arena_printf(arena, "1.%s", text);
    }
    return rc;
}

int identity_key_open(const struct ak_config *config, const char *bound_to, const char *text,
                      void *out, size_t size, struct ak_error *err)
{
    unsigned char key[KEY], *sealed = NULL;
    size_t n = 0;
    int rc = load(config, key, err);

    if (rc < 0) {
        return rc;
    }
    if (ak_starts_with(text, "1.")) {
        sealed = ak_base64_decode(text + 2, strlen(text + 2), &n);
    }
    if (!sealed || n != NONCE + size + TAG ||
        !crypt_bytes(false, key, sealed, bound_to, sealed + NONCE, size, out,
                     sealed + NONCE + size)) {
        rc = ak_fail_detail(err, AK_INTERNAL,
                            "a sealed secret does not open: %s is not the key it was sealed with",
                            ak_config_str(config, "identity_key_file"));
    }
    free(sealed);
    ak_wipe(key, sizeof(key));
    return rc;
}

/* Always of the same size, so that the database does not tell how long a password is. */
int identity_text_seal(const struct ak_config *config, struct ak_arena *arena, const char *bound_to,
                       const char *text, const char **ret_sealed, struct ak_error *err)
{
    char plain[PLAIN_MAX] = "";
    int rc = 0;

    if (strlen(text) >= sizeof(plain)) {
        return ak_fail_detail(err, AK_INTERNAL, "too much to seal");
    }
    ak_str_copy(plain, sizeof(plain), text);
    rc = identity_key_seal(config, arena, bound_to, plain, sizeof(plain), ret_sealed, err);
    ak_wipe(plain, sizeof(plain));
    return rc;
}

int identity_text_open(const struct ak_config *config, struct ak_arena *arena, const char *bound_to,
                       const char *sealed, const char **ret_text, struct ak_error *err)
{
    char plain[PLAIN_MAX];
    int rc = identity_key_open(config, bound_to, sealed, plain, sizeof(plain), err);

    if (rc == 0) {
        *ret_text = ak_arena_strndup(arena, plain, strnlen(plain, sizeof(plain)));
    }
    ak_wipe(plain, sizeof(plain));
    return rc;
}
