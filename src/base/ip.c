/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses and prefixes: parsing, text, and the little arithmetic that address pools need.
 * Used by the network domain (allocation, overlap) and by the fabric (SNAT, forbidden prefixes). */
#include "ip.h"

#include <arpa/inet.h>
#include <string.h>

#include "base.h"

static int width(const struct ak_ip *ip)
{
    return ip->version == 4 ? 4 : 16;
}

bool ak_ip_parse(const char *text, struct ak_ip *ret_ip)
{
    struct ak_ip ip = {0};
    if (text == NULL || strlen(text) >= AK_IP_TEXT) {
        return false;
    }
    if (inet_pton(AF_INET, text, ip.bytes) == 1) {
        ip.version = 4;
    } else if (inet_pton(AF_INET6, text, ip.bytes) == 1) {
        ip.version = 6;
    } else {
        return false;
    }
    *ret_ip = ip;
    return true;
}

const char *ak_ip_text(char out[AK_IP_TEXT], const struct ak_ip *ip)
{
    if (inet_ntop(ip->version == 4 ? AF_INET : AF_INET6, ip->bytes, out, AK_IP_TEXT) == NULL) {
        out[0] = '\0';
    }
    return out;
}

bool ak_cidr_parse(const char *text, struct ak_cidr *ret_cidr)
{
    char host[AK_IP_TEXT];
    struct ak_cidr cidr = {0};
    const char *slash = text ? strchr(text, '/') : NULL;
    size_t len = 0;
    int64_t prefix = 0;
    if (text == NULL) {
        return false;
    }
    len = slash ? (size_t)(slash - text) : strlen(text);
    if (len >= sizeof(host)) {
        return false;
    }
    memcpy(host, text, len);
    host[len] = '\0';
    if (!ak_ip_parse(host, &cidr.ip)) {
        return false;
    }
    prefix = width(&cidr.ip) * 8;
    if (slash && !ak_parse_int(slash + 1, 0, prefix, &prefix)) {
        return false;
    }
    cidr.prefix = (int)prefix;
    *ret_cidr = cidr;
    return true;
}

const char *ak_cidr_text(char out[AK_CIDR_TEXT], const struct ak_cidr *cidr)
{
    char host[AK_IP_TEXT];
    (void)snprintf(out, AK_CIDR_TEXT, "%s/%d", ak_ip_text(host, &cidr->ip), cidr->prefix);
    return out;
}

/* Sets or clears the host bits. */
static struct ak_ip with_host_bits(const struct ak_cidr *cidr, bool set)
{
    struct ak_ip ip = cidr->ip;
    for (int bit = cidr->prefix; bit < width(&ip) * 8; bit++) {
        uint8_t mask = (uint8_t)(0x80 >> (bit % 8));
        if (set) {
            ip.bytes[bit / 8] |= mask;
        } else {
            ip.bytes[bit / 8] &= (uint8_t)~mask;
        }
    }
    return ip;
}

struct ak_cidr ak_cidr_network(const struct ak_cidr *cidr)
{
    return (struct ak_cidr){.ip = with_host_bits(cidr, false), .prefix = cidr->prefix};
}

struct ak_ip ak_cidr_first(const struct ak_cidr *cidr)
{
    return with_host_bits(cidr, false);
}

struct ak_ip ak_cidr_last(const struct ak_cidr *cidr)
{
    return with_host_bits(cidr, true);
}

int ak_ip_compare(const struct ak_ip *a, const struct ak_ip *b)
{
    if (a->version != b->version) {
        return a->version - b->version;
    }
    return memcmp(a->bytes, b->bytes, (size_t)width(a));
}

bool ak_cidr_contains(const struct ak_cidr *cidr, const struct ak_ip *ip)
{
    struct ak_ip first = ak_cidr_first(cidr), last = ak_cidr_last(cidr);
    return ip->version == first.version && ak_ip_compare(ip, &first) >= 0 &&
           ak_ip_compare(ip, &last) <= 0;
}

bool ak_cidr_overlap(const struct ak_cidr *a, const struct ak_cidr *b)
{
    struct ak_ip first_a = ak_cidr_first(a), first_b = ak_cidr_first(b);
    return ak_cidr_contains(a, &first_b) || ak_cidr_contains(b, &first_a);
}

struct ak_ip ak_ip_add(const struct ak_ip *ip, int64_t n)
{
    struct ak_ip out = *ip;
    int64_t carry = n;
    for (int i = width(ip) - 1; i >= 0 && carry != 0; i--) {
        int64_t sum = (int64_t)out.bytes[i] + (carry & 0xff);
        out.bytes[i] = (uint8_t)(sum & 0xff);
        carry = (carry >> 8) + (sum >> 8);
    }
    return out;
}

int64_t ak_ip_count(const struct ak_ip *a, const struct ak_ip *b)
{
    uint64_t count = 0;
    int borrow = 0;
    uint8_t diff[16] = {0};
    if (a->version != b->version || ak_ip_compare(b, a) < 0) {
        return 0;
    }
    for (int i = width(a) - 1; i >= 0; i--) {
        int d = b->bytes[i] - a->bytes[i] - borrow;
        borrow = d < 0;
        diff[i] = (uint8_t)(d & 0xff);
    }
    for (int i = 0; i < width(a); i++) {
        if (count > (uint64_t)INT64_MAX >> 9) {
            return INT64_MAX;
        }
        count = count << 8 | diff[i];
    }
    return (int64_t)count + 1;
}

bool ak_mac_canonical(const char *text, char out[18])
{
    if (text == NULL || strlen(text) != 17) {
        return false;
    }
    for (int i = 0; i < 17; i++) {
        char c = text[i];
        if (i % 3 == 2) {
            if (c != ':' && c != '-') {
                return false;
            }
            out[i] = ':';
        } else if (c >= '0' && c <= '9') {
            out[i] = c;
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            out[i] = (char)(c | 0x20);
        } else {
            return false;
        }
    }
    out[17] = '\0';
    return true;
}
