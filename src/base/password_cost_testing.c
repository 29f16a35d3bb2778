/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of password_cost.c for the unit tests of other folders: the same Argon2id, as cheap
 * as it can be. Compiled into test programs only (password_testing_dep); no library holds it, no
 * setting leads to it. */
#include "crypto.h"

const struct ak_password_cost ak_password_cost = {.passes = 1, .kib = 8, .lanes = 1};
