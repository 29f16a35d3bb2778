/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers, digests and signatures of crypto.h; its passwords are in password.c. */
#include "crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#include "str.h"

void ak_random(void *out, size_t size)
{
    unsigned char *p = out;

    while (size > 0) {
        ssize_t n = getrandom(p, size, 0);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            abort();
        }
        p += n;
        size -= (size_t)n;
    }
}

/* Fetched once: OpenSSL would look the algorithm up for each digest, which costs more than it. */
static EVP_MD *sha224, *sha256;
static pthread_once_t digests_once = PTHREAD_ONCE_INIT;

static void digests_init(void)
{
    sha224 = EVP_MD_fetch(NULL, "SHA2-224", NULL);
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
}

void ak_sha256_hex(const void *bytes, size_t size, char out[AK_SHA256_TEXT])
{
    unsigned char digest[32];

    (void)pthread_once(&digests_once, digests_init);
    if (!sha256 || EVP_Digest(bytes, size, digest, NULL, sha256, NULL) != 1) {
        abort();
    }
    ak_hex(out, digest, sizeof(digest));
}

void ak_sha224_hex(const void *bytes, size_t size, char out[AK_SHA224_TEXT])
{
    unsigned char digest[28];

    (void)pthread_once(&digests_once, digests_init);
    if (!sha224 || EVP_Digest(bytes, size, digest, NULL, sha224, NULL) != 1) {
        abort();
    }
    ak_hex(out, digest, sizeof(digest));
}

bool ak_equal_constant_time(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

/* Keys of the right size are always taken: whatever fails here is memory. */
static EVP_PKEY *ed25519_secret(const unsigned char secret[AK_ED25519_SECRET])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, AK_ED25519_SECRET);

    if (!key) {
        abort();
    }
    return key;
}

void ak_ed25519_public(const unsigned char secret[AK_ED25519_SECRET],
                       unsigned char ret_public[AK_ED25519_PUBLIC])
{
    EVP_PKEY *key = ed25519_secret(secret);
    size_t size = AK_ED25519_PUBLIC;

    if (EVP_PKEY_get_raw_public_key(key, ret_public, &size) != 1) {
        abort();
    }
    EVP_PKEY_free(key);
}

void ak_ed25519_sign(const unsigned char secret[AK_ED25519_SECRET], const void *bytes, size_t size,
                     unsigned char ret_signature[AK_ED25519_SIGNATURE])
{
    EVP_PKEY *key = ed25519_secret(secret);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = AK_ED25519_SIGNATURE;

    if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(context, ret_signature, &length, bytes, size) != 1) {
        abort();
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

bool ak_ed25519_verify(const unsigned char public_key[AK_ED25519_PUBLIC], const void *bytes,
                       size_t size, const unsigned char signature[AK_ED25519_SIGNATURE])
{
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, AK_ED25519_PUBLIC);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fits = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, AK_ED25519_SIGNATURE, bytes, size) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return fits;
}
