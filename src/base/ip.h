/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IP_H
#define AK_IP_H
/* IPv4 and IPv6 addresses and prefixes, as values. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AK_IP_TEXT   46 /* room for any address as text */
#define AK_CIDR_TEXT 50 /* room for any prefix as text */

struct ak_ip {
    int version;       /* 4 or 6 */
    uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};
struct ak_cidr {
    struct ak_ip ip; /* may have host bits set, see ak_cidr_network() */
    int prefix;      /* 0..32 or 0..128 */
};

/* Strict text forms: dotted quads without leading zeros, RFC 4291 without a zone. */
bool ak_ip_parse(const char *text, struct ak_ip *ret_ip);
/* Canonical text (RFC 5952 as inet_ntop() writes it). Returns 'out'. */
const char *ak_ip_text(char out[AK_IP_TEXT], const struct ak_ip *ip);
/* "address/prefix"; without "/…" the whole address (prefix 32 or 128). */
bool ak_cidr_parse(const char *text, struct ak_cidr *ret_cidr);
const char *ak_cidr_text(char out[AK_CIDR_TEXT], const struct ak_cidr *cidr);
/* The prefix with its host bits cleared / its first and last address. */
struct ak_cidr ak_cidr_network(const struct ak_cidr *cidr);
struct ak_ip ak_cidr_first(const struct ak_cidr *cidr);
struct ak_ip ak_cidr_last(const struct ak_cidr *cidr);
bool ak_cidr_contains(const struct ak_cidr *cidr, const struct ak_ip *ip);
bool ak_cidr_overlap(const struct ak_cidr *a, const struct ak_cidr *b);
/* Order by version, then by value: negative, 0, positive. */
int ak_ip_compare(const struct ak_ip *a, const struct ak_ip *b);
/* The address 'n' after (or before, when negative) 'ip'; wraps at the ends of the address space. */
struct ak_ip ak_ip_add(const struct ak_ip *ip, int64_t n);
/* b - a + 1, at most INT64_MAX; 0 when b is before a. */
int64_t ak_ip_count(const struct ak_ip *a, const struct ak_ip *b);
/* A MAC address as six lower-case hex pairs with colons; false when 'text' is none. */
bool ak_mac_canonical(const char *text, char out[18]);

#endif
