/* SPDX-License-Identifier: Apache-2.0 */
/* akashid: one program, two roles (api, worker), and the dumps that documents and tests are made
 * from. */
#include "daemon/daemon.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/memory.h"

static void usage(FILE *to)
{
    (void)fputs("usage: akashid [--config FILE] [--set NAME=VALUE] api|worker\n"
                "       akashid --dump-routes | --dump-openapi | --dump-jobs | --dump-settings\n"
                "       akashid --check-config | --version\n"
                "See akashid(8) and akashi.conf(5).\n",
                to);
    for (size_t i = 0; i < ak_roles_n; i++) {
        (void)fprintf(to, "\n%s opens: %s\n", ak_roles[i].name, ak_roles[i].opens);
    }
}

static int dump(void (*write_dump)(const struct ak_domain *const *, struct ak_json *))
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    ak_buf_init(&buf, (size_t)64 << 20);
    write_dump(ak_domains, &w);
    if (!ak_buf_ok(&buf) || fwrite(buf.data, 1, buf.len, stdout) != buf.len || puts("") < 0) {
        return 1;
    }
    return 0;
}

/* Kinds of jobs with their steps, for documents and for the tests that kill workers between steps.
 */
static void dump_jobs(const struct ak_domain *const *domains, struct ak_json *w)
{
    ak_json_object(w);
    for (size_t d = 0; domains[d]; d++) {
        for (size_t i = 0; domains[d]->jobs && domains[d]->jobs[i]; i++) {
            const struct ak_job_kind *kind = domains[d]->jobs[i];

            ak_json_key(w, kind->name);
            ak_json_array(w);
            for (size_t s = 0; s < kind->n_steps; s++) {
                ak_json_str(w, kind->steps[s].name);
            }
            ak_json_array_end(w);
        }
    }
    ak_json_object_end(w);
}

static void print_setting(const struct ak_setting *row, const char *value, void *data)
{
    static const char *const types[] = {"string", "integer", "boolean", "choice"};

    (void)data;
    (void)printf("%s\t%s\t%s\t%s\t%s\t%s\n", row->name, types[row->type],
                 row->choices ? row->choices : (row->unit ? row->unit : ""), row->initial, value,
                 row->meaning);
}

static int apply_set(struct ak_config *config, char *assignment, struct ak_error *err)
{
    char *equals = strchr(assignment, '=');

    if (!equals) {
        return ak_fail(err, AK_CONFIG, "--set takes NAME=VALUE");
    }
    *equals = '\0';
    return ak_config_set(config, assignment, equals + 1, err);
}

static int report(const struct ak_error *err)
{
    char text[512];

    ak_error_text(err, AK_LANG_EN, text, sizeof(text));
    (void)fprintf(stderr, "akashid: %s%s%s\n", text, err->detail[0] ? ": " : "", err->detail);
    return 1;
}

static enum ak_level level_of(const char *name)
{
    return ak_streq(name, "debug")     ? AK_DEBUG
           : ak_streq(name, "warning") ? AK_WARNING
           : ak_streq(name, "error")   ? AK_ERR
                                       : AK_INFO;
}

static int run_role(struct ak_config *config, const char *name)
{
    sigset_t set;

    for (size_t i = 0; i < ak_roles_n; i++) {
        if (ak_streq(ak_roles[i].name, name)) {
            if (geteuid() == 0) {
                (void)fputs("akashid: never runs as root; start it as the user akashi\n", stderr);
                return 1;
            }
            (void)sigemptyset(&set);
            (void)sigaddset(&set, SIGTERM);
            (void)sigaddset(&set, SIGINT);
            (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
            (void)signal(SIGPIPE, SIG_IGN);
            (void)umask(0007);
            ak_memory_start();
            ak_log_init(ak_roles[i].name, level_of(ak_config_str(config, "log_level")));
            return ak_daemon_test_clock() ? ak_roles[i].run(config) : 1;
        }
    }
    usage(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"set", required_argument, NULL, 's'},
        {"dump-routes", no_argument, NULL, 'r'},  {"dump-openapi", no_argument, NULL, 'o'},
        {"dump-jobs", no_argument, NULL, 'j'},    {"dump-settings", no_argument, NULL, 'd'},
        {"check-config", no_argument, NULL, 'k'}, {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    AK_AUTO(ak_config) config = ak_daemon_config_new();
    const char *path = AK_CONFIG_PATH;
    char *sets[32];
    size_t n_sets = 0;
    struct ak_error err = {0};
    int opt = 0, what = 0;

    while ((opt = getopt_long(argc, argv, "c:s:vh", options, NULL)) != -1) {
        if (opt == 'c') {
            path = optarg;
        } else if (opt == 's' && n_sets < AK_N(sets)) {
            sets[n_sets++] = optarg;
        } else if (opt == '?' || opt == 's') {
            usage(stderr);
            return 2;
        } else {
            what = opt;
        }
    }
    switch (what) {
    case 'r':
        return dump(ak_routes_dump);
    case 'o':
        return dump(ak_routes_openapi);
    case 'j':
        return dump(dump_jobs);
    case 'v':
        (void)puts("akashid " AKASHI_VERSION);
        return 0;
    case 'h':
        usage(stdout);
        return 0;
    default:
        break;
    }
    if (ak_daemon_config_load(config, path, !ak_streq(path, AK_CONFIG_PATH), &err) < 0) {
        return report(&err);
    }
    for (size_t i = 0; i < n_sets; i++) {
        if (apply_set(config, sets[i], &err) < 0) {
            return report(&err);
        }
    }
    if (what == 'd') {
        ak_config_each(config, print_setting, NULL);
        return 0;
    }
    if (what == 'k') {
        (void)printf("%s: the configuration is valid\n", path);
        return 0;
    }
    if (optind + 1 != argc) {
        usage(stderr);
        return 2;
    }
    return run_role(config, argv[optind]);
}
