/* SPDX-License-Identifier: Apache-2.0 */
/* akashi: the operator's command on a host. It works on the database and the host, not through the
 * API, so it also helps when nothing runs. Started by root it becomes the user akashi before it
 * touches anything. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

const struct cli_command cli_commands[] = {
    {{"init", NULL},
     0,
     2,
     CLI_AS_AKASHI,
     cli_init,
     "[--password-file FILE]",
     "make the database, the administrator, the flavors and the provider network; again: completes "
     "what is missing"},
    {{"doctor", NULL},
     0,
     0,
     0,
     cli_doctor,
     "",
     "check this host and name the fix for each problem"},
    {{"status", NULL},
     0,
     0,
     CLI_AS_AKASHI | CLI_STORE,
     cli_status,
     "",
     "which processes answer, open and failed jobs, audit events"},
    {{"inventory", NULL},
     0,
     0,
     CLI_AS_AKASHI | CLI_STORE,
     cli_inventory,
     "",
     "list what the engines hold: kind, id, ours or foreign, state"},
    {{"db", "check"},
     0,
     0,
     CLI_AS_AKASHI,
     cli_db_check,
     "",
     "check version, checksums and soundness of the database"},
    {{"db", "migrate"},
     0,
     0,
     CLI_AS_AKASHI,
     cli_db_migrate,
     "",
     "bring the database to this version"},
    {{"project", "add"},
     1,
     3,
     CLI_AS_AKASHI | CLI_STORE,
     cli_project_add,
     "NAME [--domain ID]",
     "make a project (nothing when it exists); prints its id"},
    {{"user", "add"},
     3,
     9,
     CLI_AS_AKASHI | CLI_STORE,
     cli_user_add,
     "NAME --project PROJECT [--role ROLE] [--domain ID] [--password-file FILE]",
     "make a user with a role on a project (completes one that exists)"},
    {{"user", "create"},
     1,
     9,
     CLI_AS_AKASHI | CLI_STORE,
     cli_user_add,
     "NAME --role operator|privileged|officer|auditor|analyst [--password-file FILE]",
     "make a user of the provider's staff, in the project admin"},
    {{"user", "password"},
     1,
     5,
     CLI_AS_AKASHI | CLI_STORE,
     cli_user_password,
     "NAME [--domain ID] [--password-file FILE]",
     "set a password and revoke the user's tokens"},
    {{"image", "import"},
     2,
     4,
     CLI_AS_AKASHI | CLI_STORE,
     cli_image_import,
     "FILE NAME [--format qcow2|raw|iso]",
     "import a disk image as a public image; prints its id"},
    {{"host", "set"},
     3,
     5,
     CLI_AS_AKASHI | CLI_STORE,
     cli_host_set,
     "NAME [--zone general|municipal|private|dedicated] [--country CC]",
     "say in which zone and country an empty host is"},
    {{"contract", "list"},
     0,
     0,
     CLI_AS_AKASHI | CLI_STORE,
     cli_contract_list,
     "",
     "list contracts, newest first"},
    {{"contract", "show"},
     1,
     1,
     CLI_AS_AKASHI | CLI_STORE,
     cli_contract_show,
     "NUMBER|ID",
     "print a contract as JSON"},
    {{"record", "verify"},
     1,
     1,
     CLI_AS_AKASHI | CLI_STORE | CLI_INPUT,
     cli_record_verify,
     "FILE",
     "check the signature of a deletion record, and whether it is this installation's"},
    {{"mail", "list"},
     0,
     2,
     CLI_AS_AKASHI | CLI_STORE,
     cli_mail_list,
     "[--state queued|sending|sent|failed]",
     "list the newest mails of the queue"},
    {{"mail", "show"},
     1,
     1,
     CLI_AS_AKASHI | CLI_STORE,
     cli_mail_show,
     "ID",
     "show a mail with its text"},
    {{"class", "check"},
     0,
     100,
     0,
     cli_class_check,
     "[FILE…]",
     "check class files (all, when none is named)"},
    {{"class", "load"},
     0,
     0,
     CLI_AS_AKASHI | CLI_STORE,
     cli_class_load,
     "",
     "load class files; a changed one is a new version"},
    {{"class", "list"},
     0,
     0,
     CLI_AS_AKASHI | CLI_STORE,
     cli_class_list,
     "",
     "list the newest versions of the service classes"},
    {{"class", "dump"}, 0, 100, 0, cli_class_dump, "[FILE…]", "print class files as JSON"},
    {{"class", "manual"}, 0, 0, 0, cli_class_manual, "", "print the manual page akashi-class(5)"},
    {{"incident", "intake"},
     0,
     0,
     CLI_AS_AKASHI | CLI_STORE | CLI_RETRY,
     cli_incident_intake,
     "<MESSAGE",
     "take a mail that reports an incident; for an MTA's pipe"},
    {{"config", "show"},
     0,
     0,
     0,
     cli_config_show,
     "",
     "print every setting with its value and meaning"},
};
const size_t cli_commands_n = AK_N(cli_commands);

/* The commands that begin with 'word', all when it is NULL; how many. */
static int list_commands(FILE *to, const char *word)
{
    int n = 0;

    for (size_t i = 0; i < cli_commands_n; i++) {
        const struct cli_command *c = &cli_commands[i];

        if (!word || ak_streq(c->words[0], word)) {
            (void)fprintf(to, "  akashi %s%s%s%s%s\n      %s\n", c->words[0],
                          c->words[1] ? " " : "", c->words[1] ? c->words[1] : "",
                          c->usage[0] ? " " : "", c->usage, c->summary);
            n++;
        }
    }
    return n;
}

static void usage(FILE *to)
{
    (void)fputs("usage: akashi [--config FILE] COMMAND …\n\n", to);
    (void)list_commands(to, NULL);
    (void)fputs("\nSee akashi(8).\n", to);
}

/* No command, or none of that name: the least that helps on. */
static int no_command(int argc, char **argv)
{
    bool help = argc > 0 && ak_streq(argv[argc - 1], "--help");

    if (argc == 0 || ak_streq(argv[0], "help")) {
        usage(argc == 0 ? stderr : stdout);
        return argc == 0 ? 2 : 0;
    }
    if (list_commands(help ? stdout : stderr, argv[0]) == 0) {
        (void)fprintf(stderr, "akashi: there is no command '%s'; 'akashi --help' lists all\n",
                      argv[0]);
        return 2;
    }
    return help ? 0 : 2;
}

static bool wants_help(const struct cli *cli)
{
    for (int i = 0; i < cli->argc; i++) {
        if (ak_streq(cli->argv[i], "--help")) {
            return true;
        }
    }
    return false;
}

static int become_akashi(struct ak_error *err)
{
    struct passwd *pw = NULL;

    if (geteuid() != 0) {
        return 0;
    }
    pw = getpwnam("akashi");
    if (!pw) {
        return ak_fail(err, AK_CONFIG,
                       "the user akashi does not exist; install the package or run ./run");
    }
    if (initgroups("akashi", pw->pw_gid) != 0 || setgid(pw->pw_gid) != 0 ||
        setuid(pw->pw_uid) != 0) {
        return ak_fail_errno(err, errno, "becoming the user akashi");
    }
    return 0;
}

const char *cli_option(const struct cli *cli, const char *name)
{
    for (int i = 0; i + 1 < cli->argc; i++) {
        if (ak_streq(cli->argv[i], name)) {
            return cli->argv[i + 1];
        }
    }
    return NULL;
}

/* The first '--name' that the command's usage does not know, NULL when there is none. */
static const char *unknown_option(const struct cli *cli, const struct cli_command *command)
{
    for (int i = 0; i < cli->argc; i++) {
        const char *arg = cli->argv[i], *at = strstr(command->usage, arg);

        if (!ak_starts_with(arg, "--")) {
            continue;
        }
        if (!at || at[strlen(arg)] != ' ') {
            return arg;
        }
        i++; /* its value */
    }
    return NULL;
}

int cli_password(const struct cli *cli, const char *prompt, struct ak_secret **ret_password,
                 struct ak_error *err)
{
    const char *path = cli_option(cli, "--password-file");
    char text[256] = "";
    size_t len = 0;
    int rc = 0;

    if (path) {
        char *data = NULL;

        rc = ak_file_read(path, sizeof(text) - 1, &data, &len, err);
        if (rc < 0) {
            return rc;
        }
        ak_str_copy(text, sizeof(text), data);
        ak_wipe(data, len);
        free(data);
    } else {
        char *typed = isatty(0) ? getpass(prompt) : fgets(text, sizeof(text), stdin);

        if (!typed) {
            return ak_fail(err, AK_CONFIG, "no password was given");
        }
        if (typed != text) {
            ak_str_copy(text, sizeof(text), typed);
            ak_wipe(typed, strlen(typed));
        }
    }
    text[strcspn(text, "\r\n")] = '\0';
    len = strlen(text);
    if (len < 12 || len > 128) {
        rc = ak_fail(err, AK_FIELD_LENGTH, "password", "12", "128");
    } else {
        *ret_password = ak_secret_new(text, len);
    }
    ak_wipe(text, sizeof(text));
    return rc;
}

static const struct cli_command *find_command(int argc, char **argv, int *ret_words)
{
    for (size_t i = 0; argc > 0 && i < cli_commands_n; i++) {
        const struct cli_command *c = &cli_commands[i];

        if (ak_streq(c->words[0], argv[0]) &&
            (!c->words[1] || (argc > 1 && ak_streq(c->words[1], argv[1])))) {
            *ret_words = c->words[1] ? 2 : 1;
            return c;
        }
    }
    return NULL;
}

/* Neither root, which has become akashi by now, nor akashi. */
static bool is_stranger(void)
{
    const struct passwd *pw = getpwnam("akashi");

    return pw && geteuid() != 0 && geteuid() != pw->pw_uid;
}

static int run(struct cli *cli, const struct cli_command *command, struct ak_error *err)
{
    int rc = 0;

    cli->input = -1;
    if (command->flags & CLI_INPUT) { /* root's files are for root's eyes, not for akashi's */
        cli->input = open(cli->argv[0], O_RDONLY | O_CLOEXEC);
        rc = cli->input < 0 ? ak_fail_errno(err, errno, "open %s", cli->argv[0]) : 0;
    }
    rc = rc == 0 && command->flags & CLI_AS_AKASHI ? become_akashi(err) : rc;
    if (rc == 0) {
        rc = ak_daemon_config_load(cli->config, cli->config_path,
                                   !ak_streq(cli->config_path, AK_CONFIG_PATH), err);
    }
    if (rc == 0 && command->flags & CLI_STORE) {
        rc = ak_daemon_store_open(cli->config, &cli->store, err);
        if (rc < 0 && is_stranger()) {
            (void)fputs("akashi: this needs root, or the user akashi\n", stderr);
        }
    }
    return rc < 0 ? rc : command->run(cli, err);
}

static int report(const struct ak_error *err)
{
    const char *lang = getenv("LANG");
    char text[1024];

    ak_error_text(err, lang && ak_starts_with(lang, "ja") ? AK_LANG_JA : AK_LANG_EN, text,
                  sizeof(text));
    (void)fprintf(stderr, "akashi: %s%s%s\n", text, err->detail[0] ? "\n  " : "", err->detail);
    return 1;
}

int main(int argc, char **argv)
{
    AK_AUTO(ak_config) config = ak_daemon_config_new();
    struct cli cli = {.config = config, .config_path = AK_CONFIG_PATH};
    const struct cli_command *command = NULL;
    struct ak_error err = {0};
    int words = 0, at = 1, rc = 0;

    while (at < argc && ak_starts_with(argv[at], "--")) {
        if (ak_streq(argv[at], "--config") && at + 1 < argc) {
            cli.config_path = argv[at + 1];
            at += 2;
        } else if (ak_streq(argv[at], "--version")) {
            (void)puts("akashi " AKASHI_VERSION);
            return 0;
        } else {
            bool help = ak_streq(argv[at], "--help");

            usage(help ? stdout : stderr);
            return help ? 0 : 2;
        }
    }
    command = find_command(argc - at, argv + at, &words);
    if (!command) {
        return no_command(argc - at, argv + at);
    }
    cli.argc = argc - at - words;
    cli.argv = argv + at + words;
    if (wants_help(&cli)) {
        (void)list_commands(stdout, command->words[0]);
        return 0;
    }
    if (cli.argc < command->min_args || cli.argc > command->max_args ||
        unknown_option(&cli, command)) {
        (void)fprintf(stderr, "usage: akashi %s%s%s %s\n", command->words[0],
                      command->words[1] ? " " : "", command->words[1] ? command->words[1] : "",
                      command->usage);
        return 2;
    }
    ak_log_init("cli", AK_WARNING);
    (void)umask(0007);
    rc = run(&cli, command, &err);
    ak_store_close(cli.store);
    if (rc < 0) {
        int status = report(&err);

        rc = command->flags & CLI_RETRY ? EX_TEMPFAIL : status;
    }
    return rc;
}
