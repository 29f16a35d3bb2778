/* SPDX-License-Identifier: Apache-2.0 */
/* A fabric without packets: objects as records of a table (state.c). Record: key = "<kind>/<id>",
 * value = "<network id or ->" and the description in words, with " quarantined" at its end where it
 * is. A port is up as soon as it is applied and enabled. */
#include <stdatomic.h>

#include "engine/fabric.h"
#include "engine/simulated/simulated.h"

#define NAME "network engine"

struct sim_fabric {
    struct ak_fabric base;
    struct ak_sim *sim;
    atomic_llong writes;
};

static struct sim_fabric *self(struct ak_fabric *f)
{
    return (struct sim_fabric *)(void *)((char *)f - offsetof(struct sim_fabric, base));
}

static const char letters[] = {[AK_FABRIC_NETWORK] = 'n',
                               [AK_FABRIC_PORT] = 'p',
                               [AK_FABRIC_ROUTER] = 'r',
                               [AK_FABRIC_GROUP] = 'g',
                               [AK_FABRIC_SUBNET] = 's'};

#define QUARANTINED " quarantined"

static const char *key_of(char out[64], enum ak_fabric_kind kind, const char *id)
{
    (void)snprintf(out, 64, "%c/%s", letters[kind], id);
    return out;
}

/* Puts the record when it differs. 'need' = a network that must be there, or NULL. */
static int put(struct ak_fabric *f, enum ak_fabric_kind kind, const char *id, const char *need,
               const char *value, struct ak_error *err)
{
    struct ak_sim *sim = self(f)->sim;
    char key[64];
    const char *old = NULL;
    int rc = ak_sim_begin(sim, err);
    if (rc != 0) {
        return rc;
    }
    if (need && ak_sim_get(sim, key_of(key, AK_FABRIC_NETWORK, need)) == NULL) {
        (void)ak_sim_end(sim, NULL);
        return ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, "network");
    }
    old = ak_sim_get(sim, key_of(key, kind, id));
    if (!old || strcmp(old, value) != 0) {
        ak_sim_put(sim, key, value);
        (void)atomic_fetch_add(&self(f)->writes, 1);
    }
    return ak_sim_end(sim, err);
}

static int take_away(struct ak_fabric *f, enum ak_fabric_kind kind, const char *id,
                     struct ak_error *err)
{
    struct ak_sim *sim = self(f)->sim;
    char key[64];
    int rc = ak_sim_begin(sim, err);
    if (rc != 0) {
        return rc;
    }
    if (ak_sim_get(sim, key_of(key, kind, id))) {
        ak_sim_put(sim, key, NULL);
        (void)atomic_fetch_add(&self(f)->writes, 1);
    }
    return ak_sim_end(sim, err);
}

static const char *text(const char *s)
{
    return s ? s : "-";
}

static int sim_network_apply(struct ak_fabric *f, const struct ak_fabric_network *n,
                             struct ak_error *err)
{
    AK_AUTO_STR value =
        ak_xasprintf("- key=%lld physical=%s vlan=%d mtu=%d", (long long)n->segmentation_id,
                     text(n->physical_network), n->vlan_id, n->mtu);
    return put(f, AK_FABRIC_NETWORK, n->id, NULL, value, err);
}

static int sim_network_remove(struct ak_fabric *f, const char *id, struct ak_error *err)
{
    struct ak_sim *sim = self(f)->sim;
    char key[64];
    size_t i = 0;
    int rc = ak_sim_begin(sim, err);
    if (rc != 0) {
        return rc;
    }
    while (i < ak_sim_count(sim)) {
        const char *value = NULL, *name = ak_sim_at(sim, i, &value);
        if (strncmp(value, id, strlen(id)) == 0) {
            AK_AUTO_STR copy = ak_xstrdup(name);
            ak_sim_put(sim, copy, NULL);
            i = 0; /* the order may have changed */
        } else {
            i++;
        }
    }
    ak_sim_put(sim, key_of(key, AK_FABRIC_NETWORK, id), NULL);
    (void)atomic_fetch_add(&self(f)->writes, 1);
    return ak_sim_end(sim, err);
}

static int sim_subnet_apply(struct ak_fabric *f, const struct ak_fabric_subnet *s,
                            struct ak_error *err)
{
    AK_AUTO_STR value =
        ak_xasprintf("%s cidr=%s gateway=%s dhcp=%d server=%s", s->network_id, s->cidr,
                     text(s->gateway_ip), s->dhcp, text(s->dhcp_server_ip));
    return put(f, AK_FABRIC_SUBNET, s->id, s->network_id, value, err);
}

static int sim_subnet_remove(struct ak_fabric *f, const char *id, const char *network_id,
                             struct ak_error *err)
{
    (void)network_id;
    return take_away(f, AK_FABRIC_SUBNET, id, err);
}

static int sim_port_apply(struct ak_fabric *f, const struct ak_fabric_port *p, struct ak_error *err)
{
    AK_AUTO_BUF value;
    ak_buf_init(&value, 65536);
    ak_buf_printf(&value, "%s mac=%s enabled=%d security=%d kind=%s name=%s", p->network_id, p->mac,
                  p->enabled, p->port_security, text(p->kind), text(p->hostname));
    for (size_t i = 0; i < p->n_addresses; i++) {
        ak_buf_printf(&value, " ip=%s", p->addresses[i].ip);
    }
    for (size_t i = 0; p->security_groups && p->security_groups[i]; i++) {
        ak_buf_printf(&value, " group=%s", p->security_groups[i]);
    }
    for (size_t i = 0; i < p->n_pairs; i++) {
        ak_buf_printf(&value, " pair=%s,%s", text(p->pairs[i].mac), p->pairs[i].ip);
    }
    return put(f, AK_FABRIC_PORT, p->id, p->network_id, value.data, err);
}

static int sim_port_remove(struct ak_fabric *f, const char *id, const char *network_id,
                           struct ak_error *err)
{
    (void)network_id;
    return take_away(f, AK_FABRIC_PORT, id, err);
}

static int sim_group_apply(struct ak_fabric *f, const struct ak_fabric_group *g,
                           struct ak_error *err)
{
    AK_AUTO_BUF value;
    ak_buf_init(&value, 1 << 20);
    ak_buf_str(&value, "-");
    for (size_t i = 0; i < g->n_rules; i++) {
        const struct ak_fabric_rule *r = &g->rules[i];
        ak_buf_printf(&value, " %s:%d:%s:%d:%d:%s:%s", r->ingress ? "in" : "out", r->ipv6 ? 6 : 4,
                      text(r->protocol), r->port_min, r->port_max, text(r->remote_ip),
                      text(r->remote_group));
    }
    return put(f, AK_FABRIC_GROUP, g->id, NULL, value.data, err);
}

static int sim_group_remove(struct ak_fabric *f, const char *id, struct ak_error *err)
{
    return take_away(f, AK_FABRIC_GROUP, id, err);
}

static int sim_router_apply(struct ak_fabric *f, const struct ak_fabric_router *r,
                            struct ak_error *err)
{
    AK_AUTO_BUF value;
    ak_buf_init(&value, 65536);
    ak_buf_printf(&value, "- external=%s %s snat=%d", text(r->external_network_id),
                  text(r->external_cidr), r->snat);
    for (size_t i = 0; i < r->n_legs; i++) {
        ak_buf_printf(&value, " leg=%s,%s", r->legs[i].port_id, r->legs[i].cidr);
    }
    return put(f, AK_FABRIC_ROUTER, r->id, NULL, value.data, err);
}

static int sim_router_remove(struct ak_fabric *f, const char *id, struct ak_error *err)
{
    return take_away(f, AK_FABRIC_ROUTER, id, err);
}

static int sim_port_is_up(struct ak_fabric *f, const char *id, bool *ret_up, struct ak_error *err)
{
    struct ak_sim *sim = self(f)->sim;
    char key[64];
    int rc = ak_sim_begin(sim, err);
    if (rc != 0) {
        return rc;
    }
    const char *value = ak_sim_get(sim, key_of(key, AK_FABRIC_PORT, id));
    bool absent = value == NULL;
    bool up = value && strstr(value, " enabled=1") && !ak_ends_with(value, QUARANTINED);
    rc = ak_sim_end(sim, err);
    if (rc == 0 && absent) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, "port");
    }
    if (rc == 0) {
        *ret_up = up;
    }
    return rc;
}

static int sim_port_wait_up(struct ak_fabric *f, const char *id, int64_t timeout_ms,
                            struct ak_error *err)
{
    bool up = false;
    int rc = sim_port_is_up(f, id, &up, err);
    (void)timeout_ms;
    if (rc == 0 && !up) {
        return ak_fail(err, AK_ENGINE_TIMEOUT, NAME);
    }
    return rc;
}

static int sim_list(struct ak_fabric *f, struct ak_arena *arena,
                    struct ak_fabric_object **ret_objects, size_t *ret_n, struct ak_error *err)
{
    struct ak_sim *sim = self(f)->sim;
    int rc = ak_sim_begin(sim, err);
    if (rc != 0) {
        return rc;
    }
    size_t n = ak_sim_count(sim);
    struct ak_fabric_object *objects = ak_arena_array(arena, struct ak_fabric_object, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *value = NULL, *key = ak_sim_at(sim, i, &value);
        const char *letter = memchr(letters, key[0], sizeof(letters));
        objects[i].kind = letter ? (enum ak_fabric_kind)(letter - letters) : AK_FABRIC_NETWORK;
        objects[i].ours = true;
        objects[i].quarantined = ak_ends_with(value, QUARANTINED);
        ak_str_copy(objects[i].id, sizeof(objects[i].id), key + 2);
    }
    rc = ak_sim_end(sim, err);
    if (rc == 0) {
        *ret_objects = objects;
        *ret_n = n;
    }
    return rc;
}

static int sim_quarantine(struct ak_fabric *f, enum ak_fabric_kind kind, const char *id,
                          struct ak_error *err)
{
    struct ak_sim *sim = self(f)->sim;
    char key[64];
    int rc = ak_sim_begin(sim, err);
    if (rc != 0) {
        return rc;
    }
    const char *value = ak_sim_get(sim, key_of(key, kind, id));
    if (value && !ak_ends_with(value, QUARANTINED)) {
        AK_AUTO_STR marked = ak_xasprintf("%s%s", value, QUARANTINED);
        ak_sim_put(sim, key, marked);
        (void)atomic_fetch_add(&self(f)->writes, 1);
    }
    return ak_sim_end(sim, err);
}

static int64_t sim_writes(struct ak_fabric *f)
{
    return atomic_load(&self(f)->writes);
}

static void sim_free(struct ak_fabric *f)
{
    ak_sim_free(self(f)->sim);
    free(self(f));
}

static const struct ak_fabric_ops sim_ops = {
    .network_apply = sim_network_apply,
    .network_remove = sim_network_remove,
    .subnet_apply = sim_subnet_apply,
    .subnet_remove = sim_subnet_remove,
    .port_apply = sim_port_apply,
    .port_remove = sim_port_remove,
    .group_apply = sim_group_apply,
    .group_remove = sim_group_remove,
    .router_apply = sim_router_apply,
    .router_remove = sim_router_remove,
    .port_is_up = sim_port_is_up,
    .port_wait_up = sim_port_wait_up,
    .list = sim_list,
    .quarantine = sim_quarantine,
    .writes = sim_writes,
    .free = sim_free,
};

int ak_simulated_fabric_open(const char *state_path, struct ak_fabric **ret_fabric,
                             struct ak_error *err)
{
    struct sim_fabric *f = ak_new(struct sim_fabric);
    f->base.ops = &sim_ops;
    int rc = ak_sim_open(state_path, NAME, &f->sim, err);
    if (rc != 0) {
        free(f);
        return rc;
    }
    *ret_fabric = &f->base;
    return 0;
}
