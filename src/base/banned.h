/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_BANNED_H
#define AK_BANNED_H
/* Functions that invite mistakes: declared deprecated, so that using one fails the build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AK_BANNED(instead) __attribute__((deprecated("use " instead)))

AK_BANNED("ak_str_copy") char *strcpy(char *restrict, const char *restrict);
AK_BANNED("ak_buf_str") char *strcat(char *restrict, const char *restrict);
AK_BANNED("ak_str_copy") char *strncpy(char *restrict, const char *restrict, size_t);
AK_BANNED("snprintf") int sprintf(char *restrict, const char *restrict, ...);
AK_BANNED("strtok_r or strchr") char *strtok(char *restrict, const char *restrict);
#ifndef __clang__ /* whose libc header has inline bodies of these when optimising */
AK_BANNED("ak_parse_int") int atoi(const char *);
AK_BANNED("ak_parse_int") long atol(const char *);
#endif
AK_BANNED("gmtime_r") struct tm *localtime(const time_t *);
AK_BANNED("gmtime_r") struct tm *gmtime(const time_t *);
AK_BANNED("ak_time_text") char *ctime(const time_t *);
AK_BANNED("ak_run") int system(const char *);
AK_BANNED("ak_run") FILE *popen(const char *, const char *);
AK_BANNED("mkostemp") char *mktemp(char *);

#endif
