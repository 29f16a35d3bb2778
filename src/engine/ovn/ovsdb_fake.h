/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_FAKE_H
#define OVSDB_FAKE_H
/* For tests: an OVSDB server on a unix socket that shows a given database and records the
 * transactions it is sent, without doing them. */
#include <jansson.h>

struct ovsdb_fake;

/* 'initial' (taken over): table → uuid → row. Listens on 'path'. */
struct ovsdb_fake *ovsdb_fake_start(const char *path, json_t *initial);
/* Ends connection and thread; returns what was recorded: an array of arrays of operations (the
 * caller's reference). */
json_t *ovsdb_fake_stop(struct ovsdb_fake *fake);
/* The next transactions fail with this error of RFC 7047 (static text; NULL = none). */
void ovsdb_fake_refuse(struct ovsdb_fake *fake, const char *error);
/* Ends the present connection. */
void ovsdb_fake_hang_up(struct ovsdb_fake *fake);

#endif
