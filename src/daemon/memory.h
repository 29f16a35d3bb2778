/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_MEMORY_H
#define AK_MEMORY_H
/* Resident memory of a role, kept small. None of these blocks, none fails. */
#include "base/base.h"

#define AK_MEMORY_TIDY_S 5 /* seconds between two calls of ak_memory_tidy() */

/* Before the first thread: threads of connections come and go, and few arenas keep their memory
 * together. */
void ak_memory_start(void);
/* Once, when the role is ready: gives back what only starting needed. */
void ak_memory_started(void);
/* Now and then: gives free heap back, when there is more than a little. */
void ak_memory_tidy(void);

#endif
