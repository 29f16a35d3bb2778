/* SPDX-License-Identifier: Apache-2.0 */
/* What a password's hash costs: the second choice of RFC 9106 for little memory, as OWASP puts it
 * (19 MiB, two passes, about 40 ms). base_test.c holds it fast. */
#include "crypto.h"

const struct ak_password_cost ak_password_cost = {.passes = 2, .kib = 19456, .lanes = 1};
