/* SPDX-License-Identifier: Apache-2.0 */
/* Codes by time (RFC 6238: HMAC-SHA-1, 30 s, six digits, as every authenticator has them): the code
 * of a step, the text and picture that an authenticator takes the secret from. No state. */
#include "identity/identity_secret.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <qrencode.h>
#include <stdio.h>

enum { STEP_S = 30, DRIFT = 1, QUIET = 4 };

void identity_totp_code(const unsigned char secret[IDENTITY_TOTP_SECRET], int64_t step,
                        char out[IDENTITY_TOTP_CODE])
{
    unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned n = 0, at = 0;
    uint32_t number = 0;

    for (int i = 7; i >= 0; i--) {
        counter[i] = (unsigned char)(step & 0xff);
        step >>= 8;
    }
    if (!HMAC(EVP_sha1(), secret, IDENTITY_TOTP_SECRET, counter, sizeof(counter), mac, &n)) {
        abort();
    }
    at = mac[n - 1] & 0xf; /* RFC 4226 5.3 */
    number = ((uint32_t)(mac[at] & 0x7f) << 24) | ((uint32_t)mac[at + 1] << 16) |
             ((uint32_t)mac[at + 2] << 8) | mac[at + 3];
    (void)snprintf(out, IDENTITY_TOTP_CODE, "%06u", (unsigned)(number % 1000000));
}

int64_t identity_totp_match(const unsigned char secret[IDENTITY_TOTP_SECRET], const char *code,
                            int64_t now_us, int64_t after_step)
{
    int64_t now = now_us / AK_SEC / STEP_S, found = 0;

    if (strlen(code) != IDENTITY_TOTP_CODE - 1) {
        return 0;
    }
    for (int64_t step = now - DRIFT; step <= now + DRIFT; step++) {
        char right[IDENTITY_TOTP_CODE];

        identity_totp_code(secret, step, right);
        if (ak_equal_constant_time(right, code, IDENTITY_TOTP_CODE - 1) && step > after_step) {
            found = step;
        }
        ak_wipe(right, sizeof(right));
    }
    return found;
}

/* RFC 4648 6, without padding: 20 bytes are 32 letters. */
static const char *base32(struct ak_arena *arena, const unsigned char *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *out = ak_arena_alloc(arena, size * 8 / 5 + 2);
    uint32_t bits = 0;
    int n_bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8) | bytes[i];
        for (n_bits += 8; n_bits >= 5; n_bits -= 5) {
            out[n++] = letters[(bits >> (n_bits - 5)) & 31];
        }
    }
    if (n_bits > 0) {
        out[n++] = letters[(bits << (5 - n_bits)) & 31];
    }
    return out;
}

static const char *encoded(struct ak_arena *arena, const char *s)
{
    AK_AUTO_BUF out;

    ak_buf_init(&out, 4096);
    ak_buf_url(&out, s);
    return ak_arena_strdup(arena, out.data);
}

/* Dark modules, run by run, on white with the quiet zone that readers need. */
static const char *svg_of(struct ak_arena *arena, const QRcode *code)
{
    int width = code->width, all = code->width + 2 * QUIET;
    AK_AUTO_BUF out;

    ak_buf_init(&out, 256 * 1024);
    ak_buf_printf(&out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                  "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
                  "<path fill=\"#000\" d=\"",
                  all, all, all, all);
    for (int y = 0; y < width; y++) {
        for (int x = 0, run = 0; x<width; x += run> 0 ? run : 1) {
            for (run = 0; x + run < width && (code->data[y * width + x + run] & 1); run++) {
            }
            if (run > 0) {
                ak_buf_printf(&out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
            }
        }
    }
    ak_buf_printf(&out, "\"/></svg>");
    return ak_arena_strdup(arena, out.data);
}

int identity_totp_show(struct ak_arena *arena, const char *issuer, const char *name,
                       const unsigned char secret[IDENTITY_TOTP_SECRET],
                       struct identity_totp_shown *ret_shown, struct ak_error *err)
{
    QRcode *code = NULL;

    ret_shown->secret = base32(arena, secret, IDENTITY_TOTP_SECRET);
    ret_shown->uri =
        ak_arena_printf(arena, "otpauth://totp/%s:%s?secret=%s&issuer=%s", encoded(arena, issuer),
                        encoded(arena, name), ret_shown->secret, encoded(arena, issuer));
    code = QRcode_encodeString(ret_shown->uri, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code) {
        return ak_fail_detail(err, AK_INTERNAL, "no QR code of %zu bytes", strlen(ret_shown->uri));
    }
    ret_shown->qr_svg = svg_of(arena, code);
    QRcode_free(code);
    return 0;
}
