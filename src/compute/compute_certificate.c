/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs of type x509: certificates by which Windows guests know their administrator (WinRM). As
 * with SSH keys (compute_keypair_service.c) the private half is answered once and kept nowhere. */
#include "compute_internal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define VALID_SECONDS (10L * 365 * 86400)

static X509 *read_pem(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    ERR_clear_error();
    return certificate;
}

int compute_certificate_check(const char *pem,
                              char ret_fingerprint[COMPUTE_CERTIFICATE_FINGERPRINT_TEXT],
                              struct ak_error *err)
{
    X509 *certificate = read_pem(pem);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int ok = certificate ? X509_digest(certificate, EVP_sha1(), digest, &size) : 0;
    X509_free(certificate);
    if (ok != 1 || size != 20) {
        return ak_fail(err, AK_KEYPAIR_INVALID, "it is not a certificate in PEM");
    }
    for (size_t i = 0; i < size; i++) {
        (void)snprintf(ret_fingerprint + 3 * i, 4, "%02x%s", digest[i], i + 1 < size ? ":" : "");
    }
    return 0;
}

/* Adds "serverAuth, clientAuth" and the like; false when OpenSSL refuses. */
static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool ok = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *user)
{
    unsigned char serial[8];
    ak_random(serial, sizeof(serial));
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
    X509_NAME *name = X509_get_subject_name(certificate);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
              X509_set_version(certificate, X509_VERSION_3) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), 0) &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS) &&
              X509_set_pubkey(certificate, key) == 1 &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)user, -1,
                                         -1, 0) == 1 &&
              X509_set_issuer_name(certificate, name) == 1 &&
              add_extension(certificate, NID_ext_key_usage, "clientAuth") &&
              X509_sign(certificate, key, EVP_sha256()) > 0;
    BN_free(number);
    return ok;
}

/* The PEM that 'out' holds, in the arena; NULL when it is empty. */
static const char *text_of(struct ak_arena *arena, BIO *out)
{
    char *pem = NULL;
    long size = BIO_get_mem_data(out, &pem);
    return size > 0 ? ak_arena_strndup(arena, pem, (size_t)size) : NULL;
}

int compute_certificate_generate(struct ak_arena *arena, const char *user, const char **ret_private,
                                 const char **ret_public, struct ak_error *err)
{
    /* A common name has at most 64 characters (RFC 5280, ub-common-name). */
    char name[65];
    ak_str_copy(name, sizeof(name), user);
    EVP_PKEY *key = EVP_RSA_gen(3072);
    X509 *certificate = X509_new();
    BIO *out = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_mem());
    int rc = 0;
    if (key && certificate && out && secret && fill(certificate, key, name) &&
        PEM_write_bio_X509(out, certificate) == 1 &&
        PEM_write_bio_PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) == 1) {
        *ret_public = text_of(arena, out);
        *ret_private = text_of(arena, secret);
    } else {
        rc = ak_fail_detail(err, AK_INTERNAL, "OpenSSL made no certificate");
    }
    BIO_free(out);
    BIO_free(secret);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return rc;
}
