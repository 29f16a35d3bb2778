/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: what a browser sends to register a passkey. The first byte chooses the part: the
 * attestation object (CBOR, then the authenticator's data) or clientDataJSON. A key that is taken
 * has all that a login needs. */
#include "identity/identity_secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_request req = {.arena = arena, .base_url = "https://cloud.test"};
    struct identity_passkey_row key = {0};
    struct identity_webauthn done = {0};

    if (size < 1 || size > 32768) {
        return 0;
    }
    if (data[0] & 1) {
        /* Nothing of ours is signed here: a challenge that is accepted would be forged. */
        AK_AUTO(ak_config) config = ak_config_new();
        struct ak_error err = {0};

        ak_config_add_settings(config, identity_domain.settings, identity_domain.n_settings);
        (void)ak_config_set(config, "identity_key_file", "/nonexistent/key", &err);
        req.config = config;
        if (identity_webauthn_client_data(&req, "webauthn.create", "u1", data + 1, size - 1, &done,
                                          NULL) == 0) {
            abort();
        }
    } else if (identity_webauthn_attestation(&req, data + 1, size - 1, &key, NULL) == 0 &&
               (!key.public_key || !key.credential_id || !key.public_key[0] ||
                !key.credential_id[0] || key.algorithm == 0)) {
        abort();
    }
    return 0;
}
