/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_BASE_H
#define AK_BASE_H
/* Everything of src/base in one include, plus the list of banned functions. Sources of the other
 * folders include this and nothing below it. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "error.h"
#include "buf.h"
#include "str.h"
#include "clock.h"
#include "thread.h"
#include "uuid.h"
#include "log.h"
#include "crypto.h"
#include "file.h"
#include "config.h"
#include "ip.h"
#include "banned.h"

#endif
