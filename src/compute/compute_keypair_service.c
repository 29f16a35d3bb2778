/* SPDX-License-Identifier: Apache-2.0 */
/* SSH keys: checking what a user brings, and making a pair for who brings none. A private key is
 * answered once and kept nowhere.
 * Wire form of public keys: RFC 4253 section 6.6, RFC 5656 3.1, RFC 8709 4. */
#include "compute_internal.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static const char *const key_types[] = {
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};

static bool known_type(const char *type, size_t len)
{
    for (size_t i = 0; i < AK_N(key_types); i++) {
        if (strlen(key_types[i]) == len && memcmp(key_types[i], type, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether 'blob' is a sequence of length-prefixed strings that begins with the type. */
static bool blob_valid(const unsigned char *blob, size_t size, const char *type, size_t type_len)
{
    size_t at = 0, parts = 0;
    while (at < size) {
        if (size - at < 4) {
            return false;
        }
        size_t len = (size_t)blob[at] << 24 | (size_t)blob[at + 1] << 16 |
                     (size_t)blob[at + 2] << 8 | (size_t)blob[at + 3];
        at += 4;
        if (len > size - at) {
            return false;
        }
        if (parts == 0 && (len != type_len || memcmp(blob + at, type, len) != 0)) {
            return false;
        }
        at += len;
        parts++;
    }
    return parts >= 2;
}

int compute_key_check(const char *public_key, char ret_fingerprint[COMPUTE_FINGERPRINT_TEXT],
                      struct ak_error *err)
{
    for (const char *p = public_key; *p; p++) {
        bool line_end = *p == '\n' || *p == '\r';
        if ((line_end && p[strspn(p, " \r\n")] != '\0') ||
            ((unsigned char)*p < 0x20 && !line_end && *p != '\t')) {
            return ak_fail(err, AK_KEYPAIR_INVALID, "it must be one line of an OpenSSH public key");
        }
    }
    const char *type = public_key + strspn(public_key, " \t");
    size_t type_len = strcspn(type, " \t\r\n");
    if (!known_type(type, type_len)) {
        return ak_fail(err, AK_KEYPAIR_INVALID,
                       "its type is none of ssh-ed25519, ssh-rsa, ecdsa-sha2-* and sk-*");
    }
    const char *text = type + type_len;
    text += strspn(text, " \t");
    size_t blob_size = 0;
    unsigned char *blob = ak_base64_decode(text, strcspn(text, " \t\r\n"), &blob_size);
    if (!blob || !blob_valid(blob, blob_size, type, type_len)) {
        free(blob);
        return ak_fail(err, AK_KEYPAIR_INVALID, "failed to generate fingerprint");
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int ok = EVP_Digest(blob, blob_size, digest, &size, EVP_md5(), NULL);
    free(blob);
    if (ok != 1 || size != 16) {
        return ak_fail_detail(err, AK_INTERNAL, "MD5 is not available");
    }
    for (size_t i = 0; i < size; i++) {
        (void)snprintf(ret_fingerprint + 3 * i, 4, "%02x%s", digest[i], i + 1 < size ? ":" : "");
    }
    return 0;
}

/* Appends a multiple precision integer in SSH's form. */
static void add_mpint(struct ak_buf *buf, const BIGNUM *number)
{
    unsigned char bytes[1024];
    int size = BN_bn2bin(number, bytes);
    bool pad = size > 0 && (bytes[0] & 0x80) != 0;
    size_t len = (size_t)size + (pad ? 1 : 0);
    unsigned char head[5] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
                             (unsigned char)(len >> 8), (unsigned char)len, 0};
    ak_buf_add(buf, head, pad ? 5 : 4);
    ak_buf_add(buf, bytes, (size_t)size);
}

static const char *public_line(struct ak_arena *arena, EVP_PKEY *key, const char *comment)
{
    BIGNUM *modulus = NULL, *exponent = NULL;
    if (EVP_PKEY_get_bn_param(key, "n", &modulus) != 1 ||
        EVP_PKEY_get_bn_param(key, "e", &exponent) != 1) {
        BN_free(modulus);
        BN_free(exponent);
        return NULL;
    }
    AK_AUTO_BUF blob;
    ak_buf_init(&blob, 4096);
    ak_buf_add(&blob, "\0\0\0\7ssh-rsa", 11);
    add_mpint(&blob, exponent);
    add_mpint(&blob, modulus);
    BN_free(modulus);
    BN_free(exponent);
    AK_AUTO_STR text = ak_base64(blob.data, blob.len, false);
    return ak_arena_printf(arena, "ssh-rsa %s %s", text, comment);
}

int compute_key_generate(struct ak_arena *arena, const char *comment, const char **ret_private,
                         const char **ret_public, struct ak_error *err)
{
    EVP_PKEY *key = EVP_RSA_gen(3072);
    BIO *out = BIO_new(BIO_s_mem());
    const char *line = key ? public_line(arena, key, comment) : NULL;
    char *pem = NULL;
    long size = 0;
    if (line && out &&
        PEM_write_bio_PrivateKey_traditional(out, key, NULL, NULL, 0, NULL, NULL) == 1) {
        size = BIO_get_mem_data(out, &pem);
    }
    int rc = 0;
    if (size > 0) {
        *ret_private = ak_arena_strndup(arena, pem, (size_t)size);
        *ret_public = line;
        ak_wipe(pem, (size_t)size);
    } else {
        rc = ak_fail_detail(err, AK_INTERNAL, "OpenSSL made no RSA key");
    }
    BIO_free(out);
    EVP_PKEY_free(key);
    return rc;
}
