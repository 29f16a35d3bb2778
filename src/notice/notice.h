/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTICE_H
#define NOTICE_H
/* Notices to customers, the queue of mails as staff see it, and documents. */
#include "http/http.h"

extern const struct ak_domain notice_domain;
/* Notices that a customer has not acknowledged, and those of them that ask for it. */
struct service_overview_part;
extern const struct service_overview_part notice_overview;

/* 'akashi init': publishes the guides of the folder 'dir' (NAME.ja.md beside NAME.en.md, listed in
 * its file INDEX) that are not published yet, or differ from what is: a new version then.
 * Nothing when there is no such folder. AK_NOT_FOUND (a file of INDEX), AK_IO, AK_CONFIG for a line
 * of INDEX that is none. */
int notice_guides_load(struct ak_store *store, const char *dir, struct ak_error *err);

#endif
