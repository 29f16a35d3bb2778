/* SPDX-License-Identifier: Apache-2.0 */
/* Class files: their form, what they must say, their versions in the database, and what a customer
 * of a class may do. The files tried are those of classes/, changed by one line each. */
#include "service/service_class_internal.h"

#include "base/test.h"
#include "http/http_testing.h"
#include "store/store_testing.h"

#include <unistd.h>

#include "service/service_class_sql.h"

#define PASSWORD "an old password"

extern const struct ak_sql *const service_class_sql_all[];

static char *text_of(const char *name)
{
    AK_AUTO_STR path = ak_xasprintf("%s/%s.conf", AK_CLASSES, name);
    char *text = NULL;
    struct ak_error err = {0};

    assert_ok(ak_file_read(path, 65536, &text, NULL, &err), &err);
    return text;
}

/* 'text' with the first 'from' in it made 'to'. */
static char *changed(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    assert_non_null(at);
    return ak_xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static int parse(struct ak_arena *arena, const char *text, struct service_class_file *ret,
                 struct ak_error *err)
{
    return service_class_parse(arena, "x/tic.conf", text, strlen(text), ret, err);
}

static void every_class_file_is_good(void **state)
{
    static const char *const names[] = {"biglink-iaas",  "zep-c1",   "tic",
                                        "tic-dedicated", "tic-lgov", "tic-hypervisor"};
    AK_AUTO(ak_arena) arena = ak_arena_new();

    (void)state;
    for (size_t i = 0; i < AK_N(names); i++) {
        AK_AUTO_STR text = text_of(names[i]);
        AK_AUTO_JSON json = NULL;
        struct service_class_file file = {0};
        struct ak_error err = {0};

        assert_ok(parse(arena, text, &file, &err), &err);
        assert_ok(ak_json_parse(file.content, strlen(file.content), &json, &err), &err);
        assert_int_equal(json_array_size(json_object_get(json, "matrix")), 16);
        assert_int_equal(json_object_size(json_object_get(json, "verbs")), identity_verbs_n);
    }
}

static void a_bad_file_is_refused_with_its_name_and_line(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } rows[] = {
        {"[class]", "[class", "tic.conf:5: a section is written [name]"},
        {"[class]", "title = x", "tic.conf:5: a section must come before 'title'"},
        {"[backup]", "[class]", ": stands twice: the section 'class'"},
        {"code = TC", "code", "expected 'key = value'"},
        {"code = TC", "code = T", "code must be from 2 to 4 characters, not 'T'"},
        {"code = TC", "code = TC\ncode = TC", ": stands twice: 'code'"},
        {"code = TC", "code = TC\ncolour = red", ": unknown: '[class] colour'"},
        {"code = TC", "", ":0: missing: '[class] code'"},
        {"grace_days = 10", "grace_days = ten", "from 0 to 365, not 'ten'"},
        {"grace_days = 10", "grace_days = 366", "from 0 to 365, not '366'"},
        {"deletion = automatic", "deletion = auto", "automatic|operator, not 'auto'"},
        {"zones = private, general", "zones = private, moon", "not 'private, moon'"},
        {"zones = private, general", "zones = ", "a longer list, not ''"},
        {"dedicated_hosts = no", "dedicated_hosts = maybe", "yes or no, not 'maybe'"},
        {"check-sheet = 168", "check-sheet = 0", "check-sheet must be from 1 to 8760"},
        {"check-sheet = 168", "Check = 168", "not a name: 'Check'"},
        {"check-sheet = 168", "chek-sheet = 168",
         "there is no kind of requests 'chek-sheet'; there are user-add, user-"},
        {"check-sheet = 168", "chek-sheet = 168",
         ", check-sheet, visit, ip-licence, label-guide, legal-register, complaint, question."},
        {"critical = 30", "", "missing: '[incidents.notify] critical'"},
        {"start = 23:00", "start = 24:00", "HH:MM, not '24:00'"},
        {"server.create = self", "server.create = always", "self|request|none, not 'always'"},
        {"server.create = self", "server.fly = self", "missing: '[verbs] server.create'"},
        {"hypervisor = provider", "hypervisor = nobody", "provider|customer|shared"},
        {"utm = option", "utm = perhaps", "included|option|none"},
        {"handed_over = installer", "handed_over = lost", "installed|installer|none"},
        {"governing_law = JP", "governing_law = \xff\xfe", "not valid UTF-8"},
        {"governing_law = JP", "governing_law = J\x01", "a control character"},
    };
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR good = text_of("tic");

    (void)state;
    for (size_t i = 0; i < AK_N(rows); i++) {
        AK_AUTO_STR text = changed(good, rows[i].from, rows[i].to);
        struct service_class_file file = {0};
        struct ak_error err = {0};
        char said[1024];

        assert_fails(parse(arena, text, &file, &err), AK_CONFIG);
        ak_error_text(&err, AK_LANG_EN, said, sizeof(said));
        if (!strstr(said, rows[i].says)) {
            fail_msg("%s: said %s", rows[i].says, said);
        }
    }
}

static void what_is_too_much_is_refused(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR good = text_of("tic");
    AK_AUTO_STR lines = ak_xcalloc(1, 4001);
    AK_AUTO_STR word = ak_xcalloc(1, 20001);
    struct service_class_file file = {0};
    struct ak_error err = {0};

    (void)state;
    memset(lines, '\n', 4000);
    assert_fails(parse(arena, lines, &file, &err), AK_CONFIG);
    memset(word, 'x', 20000);
    {
        AK_AUTO_STR value = ak_xasprintf("code = %s", word);
        AK_AUTO_STR text = changed(good, "code = TC", value);

        assert_fails(parse(arena, text, &file, &err), AK_CONFIG);
    }
    assert_fails(service_class_parse(arena, "x/Tic.conf", good, strlen(good), &file, &err),
                 AK_CONFIG);
    assert_fails(service_class_parse(arena, "x/tic.txt", good, strlen(good), &file, &err),
                 AK_CONFIG);
    assert_fails(service_class_file_read(arena, "/nowhere/tic.conf", &file, &err), AK_CONFIG);
}

/* Counts the placeholders of a text; all must be known, and none be left open or misspelt. */
static size_t placeholders_of(const char *text)
{
    size_t n = 0;

    for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
        size_t len = strcspn(at + 1, "{}");

        assert_true(at[1 + len] == '}');
        if (!service_template_knows(at + 1, len)) {
            fail_msg("unknown: %.40s", at);
        }
        n++;
    }
    return n;
}

static void templates_have_both_languages_and_known_placeholders(void **state)
{
    const struct service_template_text *texts = NULL;
    size_t n = service_template_rows(&texts);
    struct ak_error err = {0};

    (void)state;
    assert_true(n > 20);
    for (size_t i = 0; i < n; i++) {
        const char *p = texts[i].ja;

        assert_int_equal(placeholders_of(texts[i].ja), placeholders_of(texts[i].en));
        for (p = strchr(p, '{'); p; p = strchr(p + 1, '{')) {
            AK_AUTO_STR word = ak_xstrndup(p, strcspn(p, "}") + 1);

            assert_non_null(strstr(texts[i].en, word)); /* the same in both */
        }
        assert_fails(service_template_check(texts[i].ja, &err), AK_TEMPLATE_LEFT);
        for (size_t k = 0; k < i; k++) { /* no field twice */
            assert_false(ak_streq(texts[i].slug, texts[k].slug) &&
                         ak_streq(texts[i].field, texts[k].field));
        }
    }
    assert_ok(service_template_check("{\"json\": {unknown} from until", &err), &err);
    assert_ok(service_template_check(NULL, &err), &err);
}

/* A simple random number, the same at every run. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void a_damaged_file_is_refused_or_is_a_class(void **state)
{
    AK_AUTO_STR good = text_of("zep-c1");
    size_t len = strlen(good);
    uint32_t seed = 1;
    size_t accepted = 0;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        AK_AUTO(ak_arena) arena = ak_arena_new();
        AK_AUTO_STR text = ak_xstrndup(good, len);
        AK_AUTO_JSON json = NULL;
        struct service_class_file file = {0};
        struct ak_error err = {0};
        size_t size = round % 4 == 0 ? next_random(&seed) % (len + 1) : len; /* cut off */

        for (int damage = round % 4; damage > 0; damage--) {
            static const char bytes[] = "\n=[]#, .az09\t\xe3\x01";

            text[next_random(&seed) % len] = bytes[next_random(&seed) % (sizeof(bytes) - 1)];
        }
        if (service_class_parse(arena, "x/tic.conf", text, size, &file, &err) == 0) {
            accepted++; /* a comment or a text was changed */
            assert_ok(ak_json_parse(file.content, strlen(file.content), &json, &err), &err);
            assert_int_equal(json_array_size(json_object_get(json, "matrix")), 16);
        } else {
            assert_int_equal(err.code, AK_CONFIG);
        }
    }
    assert_true(accepted > 0 && accepted < 1500);
}

static void comments_and_order_do_not_change_the_hash(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR good = text_of("tic");
    AK_AUTO_STR other = changed(good, "code = TC\ngoverning_law = JP",
                                "# a remark\ngoverning_law=JP\n\ncode =  TC");
    AK_AUTO_STR third = changed(good, "grace_days = 10", "grace_days = 11");
    struct service_class_file a = {0}, b = {0}, c = {0};
    struct ak_error err = {0};

    (void)state;
    assert_ok(parse(arena, good, &a, &err), &err);
    assert_ok(parse(arena, other, &b, &err), &err);
    assert_ok(parse(arena, third, &c, &err), &err);
    assert_string_equal(a.hash, b.hash);
    assert_string_not_equal(a.hash, c.hash);
}

static void the_manual_names_every_parameter(void **state)
{
    AK_AUTO_BUF buf;

    (void)state;
    ak_buf_init(&buf, 1 << 20);
    service_class_manual(&buf);
    for (size_t i = 0; i < service_class_rules_n; i++) {
        AK_AUTO_STR line = ak_xasprintf("\n.B %s\n", service_class_rules[i].key);

        assert_non_null(strstr(buf.data, line));
    }
}

/* With a database and a server --------------------------------------------------------------- */

static const struct ak_domain *const domains[] = {&identity_domain, &service_domain, NULL};

struct fixture {
    struct http_testing *t;
    char dir[64], project[AK_UUID_TEXT], token[64];
    struct ak_error err;
};

static void put(struct fixture *f, const char *name, const char *text)
{
    AK_AUTO_STR path = ak_xasprintf("%s/%s.conf", f->dir, name);

    assert_ok(ak_file_write(path, text, strlen(text), 0644, &f->err), &f->err);
}

static void drop(struct fixture *f, const char *name)
{
    AK_AUTO_STR path = ak_xasprintf("%s/%s.conf", f->dir, name);

    assert_int_equal(unlink(path), 0);
}

static void count_bad(const struct ak_error *err, void *data)
{
    (void)err;
    ++*(int *)data;
}

static struct service_class_loaded load(struct fixture *f)
{
    struct service_class_loaded loaded = {0};
    int bad = 0;

    assert_ok(service_class_load_all(f->t->store, f->t->config, count_bad, &bad, &loaded, &f->err),
              &f->err);
    assert_int_equal(bad, loaded.bad);
    return loaded;
}

static void log_in(struct fixture *f)
{
    const struct http_answer *a = http_testing_ask(
        f->t, AK_CUSTOMER, "POST", "/identity/v3/auth/tokens", NULL,
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"alpha\",\"domain\":{\"id\":\"default\"},\"password\":\"" PASSWORD
        "\"}}},\"scope\":{\"project\":{\"name\":\"alpha\",\"domain\":{\"id\":\"default\"}}}}}");

    assert_int_equal(a->status, 201);
    assert_true(http_answer_header(a, "X-Subject-Token", f->token, sizeof(f->token)));
}

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_store *store = store_testing_open();

    *state = f;
    ak_str_copy(f->dir, sizeof(f->dir), "/tmp/akashi-class-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_ok(identity_bootstrap(store, PASSWORD, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "default", "alpha", f->project, &f->err), &f->err);
    assert_ok(
        identity_user_ensure(store, "default", "alpha", PASSWORD, f->project, "member", &f->err),
        &f->err);
    f->t = http_testing_start(
        domains, (struct ak_server_hooks){identity_authenticate, identity_authorise}, store);
    assert_ok(ak_config_set(f->t->config, "class_dirs", f->dir, &f->err), &f->err);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    const char *const argv[] = {"rm", "-r", f->dir, NULL};

    store_testing_close(http_testing_stop(f->t));
    (void)ak_run(argv, NULL, NULL, NULL);
    free(f);
    return 0;
}

static void every_statement_is_understood(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, service_class_sql_all, &f->err), &f->err);
}

static int64_t newest(struct fixture *f, const char *name, bool *ret_offered)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct service_class class = {0};

    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_load(tx, arena, name, 0, &class, &f->err), &f->err);
    *ret_offered = class.offered;
    return class.version;
}

static void a_changed_file_is_a_new_version_and_old_ones_stay(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_STR tic = text_of("tic");
    AK_AUTO_STR longer = changed(tic, "grace_days = 10", "grace_days = 20");
    AK_AUTO_STR bad = changed(tic, "grace_days = 10", "grace_days = x");
    bool offered = false;
    int64_t days = 0;

    put(f, "tic", tic);
    assert_int_equal(load(f).changed, 1);
    assert_int_equal(load(f).changed, 0);
    put(f, "tic", longer);
    assert_int_equal(load(f).changed, 1);
    put(f, "tic", bad);
    assert_int_equal(load(f).bad, 1);
    assert_int_equal(newest(f, "tic", &offered), 2);
    assert_true(offered);
    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_int(tx, "tic", 1, "grace_days", &days, &f->err), &f->err);
    assert_int_equal(days, 10);
    assert_ok(service_class_int(tx, "tic", 2, "grace_days", &days, &f->err), &f->err);
    assert_int_equal(days, 20);
}

static void a_class_without_its_file_is_not_offered_but_stays(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR tic = text_of("tic");
    bool offered = true;

    put(f, "tic", tic);
    (void)load(f);
    drop(f, "tic");
    assert_int_equal(load(f).withdrawn, 1);
    assert_int_equal(load(f).withdrawn, 0);
    assert_int_equal(newest(f, "tic", &offered), 1);
    assert_false(offered);
    put(f, "tic", tic);
    assert_int_equal(load(f).changed, 1);
    assert_int_equal(newest(f, "tic", &offered), 1);
    assert_true(offered);
}

static void parameters_are_read_by_dotted_name(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_STR tic = text_of("tic");
    const char *text = NULL;
    int64_t n = 0;

    put(f, "tic", tic);
    (void)load(f);
    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_int(tx, "tic", 1, "notices.maintenance.lead_hours", &n, &f->err),
              &f->err);
    assert_int_equal(n, 240);
    assert_ok(service_class_int(tx, "tic", 1, "backup.servers", &n, &f->err), &f->err);
    assert_int_equal(n, 1);
    assert_ok(service_class_str(tx, arena, "tic", 1, "verbs.server.create", &text, &f->err),
              &f->err);
    assert_string_equal(text, "self");
    assert_ok(service_class_json(tx, arena, "tic", 1, "countries", &text, &f->err), &f->err);
    assert_string_equal(text, "[\"JP\"]");
    assert_fails(service_class_int(tx, "tic", 1, "zone", &n, &f->err), AK_INTERNAL);
    assert_fails(service_class_int(tx, "tic", 1, "no.such", &n, &f->err), AK_INTERNAL);
    assert_fails(service_class_int(tx, "tic", 9, "grace_days", &n, &f->err), AK_OBJECT_NOT_FOUND);
}

static void terms_of_incidents_and_requests_come_from_the_class(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_STR tic = text_of("tic");
    struct service_incident_terms terms = {0};
    bool listed = true;
    int64_t n = 0;

    put(f, "tic", tic);
    (void)load(f);
    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_incident_terms(tx, "tic", 1, "critical", &terms, &f->err), &f->err);
    assert_int_equal(terms.notify_minutes, 30);
    assert_true(terms.by_mail && terms.by_portal && !terms.by_sales && !terms.by_phone);
    assert_true(terms.from_mail && terms.from_portal && !terms.from_phone && !terms.from_form);
    assert_ok(service_class_incident_terms(tx, "tic", 1, "low", &terms, &f->err), &f->err);
    assert_int_equal(terms.notify_minutes, 240);
    assert_int_equal(terms.update_minutes, 240);
    assert_int_equal(terms.report_days, 10);
    assert_ok(service_class_lists(tx, "tic", 1, "notices.channels", "phone", &listed, &f->err),
              &f->err);
    assert_false(listed);
    n = 27;
    assert_ok(service_class_target_hours(tx, "tic", 1, "server-add", &n, &f->err), &f->err);
    assert_int_equal(n, 27); /* the kind's own */
    assert_ok(service_class_target_hours(tx, "tic", 1, "check-sheet", &n, &f->err), &f->err);
    assert_int_equal(n, 168);
    assert_ok(service_class_int_or(tx, "tic", 1, "quotas.users", 7, &n, &f->err), &f->err);
    assert_int_equal(n, 50);
    assert_ok(service_class_int_or(tx, "tic", 1, "quotas.moons", 7, &n, &f->err), &f->err);
    assert_int_equal(n, 7);
}

/* A class file from before a parameter existed runs on under contracts that were made with it. */
static void an_older_version_has_what_was_true_then(void **state)
{
    static const char old[] = "{\"incidents\":{\"notify_minutes\":99,\"update_minutes\":5}}";
    struct fixture *f = *state;
    AK_AUTO(ak_tx) tx = NULL;
    const struct service_class_row row = {
        .id = "old:1", .name = "old", .hash = "x", .content = old, .version = 1, .loaded_us = 1};
    struct service_incident_terms terms = {0};
    bool inserted = false;
    int64_t n = 3;

    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_store_insert(tx, &row, &inserted, &f->err), &f->err);
    assert_ok(service_class_incident_terms(tx, "old", 1, "critical", &terms, &f->err), &f->err);
    assert_int_equal(terms.notify_minutes, 99);
    assert_ok(service_class_target_hours(tx, "old", 1, "check-sheet", &n, &f->err), &f->err);
    assert_int_equal(n, 3);
}

static void apply(struct fixture *f, const char *class_name)
{
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_apply(tx, f->project, class_name, 1, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
}

/* What the policy says to alpha, as its token is resolved now. */
static int ask(struct fixture *f, const char *policy, char *said, size_t size)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_request req = {
        .arena = arena, .store = f->t->store, .config = f->t->config, .listener = AK_CUSTOMER};
    struct ak_error err = {0};
    bool admin = false;
    int rc;

    assert_ok(identity_authenticate(&req, f->token, &req.principal, &err), &err);
    rc = identity_authorise(&req, policy, &admin, &err);
    ak_error_text(&err, AK_LANG_JA, said, size);
    return rc;
}

static void a_class_binds_its_customers_from_the_next_request_on(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR tic = text_of("tic");
    AK_AUTO_STR big = text_of("biglink-iaas");
    AK_AUTO(ak_tx) tx = NULL;
    char said[1024];

    put(f, "tic", tic);
    put(f, "biglink-iaas", big);
    (void)load(f);
    log_in(f);
    assert_int_equal(ask(f, "compute:server:create", said, sizeof(said)), 0);
    apply(f, "biglink-iaas");
    assert_fails(ask(f, "compute:server:create", said, sizeof(said)), AK_CLASS_REQUEST);
    assert_non_null(strstr(said, "biglink-iaas"));
    assert_non_null(strstr(said, identity_verbs[0].title_ja));
    assert_non_null(strstr(said, identity_verbs[0].request_kind));
    assert_fails(ask(f, "compute:console:create", said, sizeof(said)), AK_CLASS_NONE);
    assert_int_equal(ask(f, "compute:server:list", said, sizeof(said)), 0);
    apply(f, "tic");
    assert_int_equal(ask(f, "compute:server:create", said, sizeof(said)), 0);
    assert_fails(ask(f, "network:security_group:create", said, sizeof(said)), AK_CLASS_REQUEST);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(identity_project_verbs_clear(tx, f->project, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    assert_int_equal(ask(f, "network:security_group:create", said, sizeof(said)), 0);
}

static void classes_are_listed_and_shown_by_version(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR tic = text_of("tic");
    AK_AUTO_STR longer = changed(tic, "grace_days = 10", "grace_days = 20");
    const struct http_answer *a;

    put(f, "tic", tic);
    (void)load(f);
    put(f, "tic", longer);
    (void)load(f);
    log_in(f);
    a = http_testing_ask(f->t, AK_CUSTOMER, "GET", "/service/v1/classes", f->token, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "classes/0/name"), "tic");
    assert_int_equal(json_integer_value(http_answer_at(a, "classes/0/version")), 2);
    assert_null(http_answer_at(a, "classes/1"));
    a = http_testing_ask(f->t, AK_CUSTOMER, "GET", "/service/v1/classes/tic?version=1", f->token,
                         NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_integer_value(http_answer_at(a, "class/grace_days")), 10);
    assert_string_equal(http_answer_text(a, "class/matrix/15/layer"), "data-centre");
    assert_string_equal(http_answer_text(a, "class/evidence/0/parameter"), "backup.servers");
    assert_string_equal(http_answer_text(a, "class/evidence/0/evidence"), "not-run-by-akashi");
    assert_string_equal(http_answer_text(a, "class/evidence/2/parameter"), "security_services.utm");
    a = http_testing_ask(f->t, AK_CUSTOMER, "GET", "/service/v1/classes/tic?version=x", f->token,
                         NULL);
    assert_int_equal(a->status, 400);
    a = http_testing_ask(f->t, AK_CUSTOMER, "GET", "/service/v1/classes/none", f->token, NULL);
    assert_int_equal(a->status, 404);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_file_is_good),
        cmocka_unit_test(a_bad_file_is_refused_with_its_name_and_line),
        cmocka_unit_test(what_is_too_much_is_refused),
        cmocka_unit_test(templates_have_both_languages_and_known_placeholders),
        cmocka_unit_test(a_damaged_file_is_refused_or_is_a_class),
        cmocka_unit_test(comments_and_order_do_not_change_the_hash),
        cmocka_unit_test(the_manual_names_every_parameter),
        cmocka_unit_test_setup_teardown(every_statement_is_understood, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_file_is_a_new_version_and_old_ones_stay, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_class_without_its_file_is_not_offered_but_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(parameters_are_read_by_dotted_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(terms_of_incidents_and_requests_come_from_the_class, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_older_version_has_what_was_true_then, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_class_binds_its_customers_from_the_next_request_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(classes_are_listed_and_shown_by_version, set_up, tear_down),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("service_class", tests, NULL, NULL);
}
