/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_PROTECT_H
#define AK_PROTECT_H
/* Watching over servers: metrics in a file of their own, and the event log of a server. */
#include "http/http.h"

extern const struct ak_domain protect_domain;

#endif
