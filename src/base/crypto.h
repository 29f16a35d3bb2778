/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_CRYPTO_H
#define AK_CRYPTO_H
/* Random numbers, digests, password hashes: thin over the kernel, OpenSSL and libargon2. */
#include <stdbool.h>
#include <stddef.h>

#include "error.h"

void ak_random(void *out, size_t size); /* getrandom(2); aborts when the kernel refuses */

#define AK_SHA256_TEXT 65
void ak_sha256_hex(const void *bytes, size_t size, char out[AK_SHA256_TEXT]);
#define AK_SHA224_TEXT 57
void ak_sha224_hex(const void *bytes, size_t size, char out[AK_SHA224_TEXT]);
/* Compares in time independent of the contents. */
bool ak_equal_constant_time(const void *a, const void *b, size_t size);

/* What Argon2id takes: a constant of the program, not a setting. */
struct ak_password_cost {
    unsigned passes, kib, lanes;
};
extern const struct ak_password_cost ak_password_cost;

/* Argon2id, t=2, m=19 MiB, p=1 (OWASP), as a PHC string. About 40 ms and 19 MiB a call: at most
 * four run at once in a process, others wait. */
#define AK_PASSWORD_HASH_MAX 128
int ak_password_hash(const char *password, char out[AK_PASSWORD_HASH_MAX], struct ak_error *err);
/* False for a wrong password or an unreadable hash. NULL 'hash' costs the same and is false, so
 * that unknown users cannot be told by the clock. */
bool ak_password_verify(const char *hash, const char *password);

/* Ed25519 (RFC 8032). A secret key is any 32 random bytes. */
#define AK_ED25519_SECRET    32
#define AK_ED25519_PUBLIC    32
#define AK_ED25519_SIGNATURE 64
void ak_ed25519_public(const unsigned char secret[AK_ED25519_SECRET],
                       unsigned char ret_public[AK_ED25519_PUBLIC]);
void ak_ed25519_sign(const unsigned char secret[AK_ED25519_SECRET], const void *bytes, size_t size,
                     unsigned char ret_signature[AK_ED25519_SIGNATURE]);
bool ak_ed25519_verify(const unsigned char public_key[AK_ED25519_PUBLIC], const void *bytes,
                       size_t size, const unsigned char signature[AK_ED25519_SIGNATURE]);

#endif
