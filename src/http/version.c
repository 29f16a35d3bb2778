/* SPDX-License-Identifier: Apache-2.0 */
/* Microversions: "OpenStack-API-Version: compute 2.6", or for compute the older
 * "X-OpenStack-Nova-API-Version: 2.6". Only majors of 2 are known. */
#include "http/http_internal.h"

/* The version text for 'service' in a list "compute 2.6, volume 3.1"; NULL = not named. The result
 * is copied to 'out'; too long a text yields one that is no version. */
static const char *version_for(const char *header, const char *service, char out[32])
{
    size_t len = strlen(service);

    for (const char *p = header; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        p += strspn(p, " \t");
        if (strncasecmp(p, service, len) == 0 && (p[len] == ' ' || p[len] == '\t')) {
            const char *text = p + len + strspn(p + len, " \t");
            size_t n = strcspn(text, ", \t");

            if (n >= 32) {
                n = 31;
            }
            memcpy(out, text, n);
            out[n] = '\0';
            return out;
        }
    }
    return NULL;
}

static int parse(const char *text, int64_t *major, int64_t *minor)
{
    const char *dot = strchr(text, '.');
    char head[32];

    if (!dot || dot - text > 9) {
        return -1;
    }
    memcpy(head, text, (size_t)(dot - text));
    head[dot - text] = '\0';
    return (head[0] == '0' && head[1]) || (dot[1] == '0' && dot[2]) ||
                   !ak_parse_int(head, 0, 999999999, major) ||
                   !ak_parse_int(dot + 1, 0, 999999999, minor)
               ? -1
               : 0;
}

int ak_microversion_pick(const struct ak_domain *domain, const char *header, const char *legacy,
                         int *ret_minor, struct ak_error *err)
{
    char named[32], max[24];
    const char *text = header ? version_for(header, domain->service_type, named) : NULL;
    int64_t major = 0, minor = 0;

    *ret_minor = 1;
    if (!text && legacy && strcmp(domain->service_type, "compute") == 0) {
        text = legacy;
    }
    if (!text) {
        return 0;
    }
    if (strcasecmp(text, "latest") == 0) {
        *ret_minor = domain->microversion_max;
        return 0;
    }
    if (parse(text, &major, &minor) < 0) {
        return ak_fail(err, AK_BAD_REQUEST,
                       "the API version must be of the form MajorNum.MinorNum");
    }
    if (major != 2 || minor < 1 || minor > domain->microversion_max) {
        (void)snprintf(max, sizeof(max), "2.%d", domain->microversion_max);
        return ak_fail(err, AK_NOT_ACCEPTABLE, text, "2.1", max);
    }
    *ret_minor = (int)minor;
    return 0;
}

void ak_microversion_echo(struct ak_connection *c)
{
    const struct ak_domain *domain = c->match.domain;
    int minor = c->req.microversion > 0 ? c->req.microversion : 1;
    bool nova = false;

    if (!domain || domain->microversion_max == 0 || !domain->service_type || c->req.legacy) {
        return;
    }
    nova = strcmp(domain->service_type, "compute") == 0;
    ak_reply_header(&c->reply, &c->req, "OpenStack-API-Version",
                    ak_arena_printf(c->req.arena, "%s 2.%d", domain->service_type, minor));
    ak_reply_header(&c->reply, &c->req, "Vary",
                    nova ? "OpenStack-API-Version, X-OpenStack-Nova-API-Version"
                         : "OpenStack-API-Version");
    if (nova) {
        ak_reply_header(&c->reply, &c->req, "X-OpenStack-Nova-API-Version",
                        ak_arena_printf(c->req.arena, "2.%d", minor));
    }
}
