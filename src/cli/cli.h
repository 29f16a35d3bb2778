/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_CLI_H
#define AK_CLI_H
/* The akashi command: one table row a command; each file cli_<word>.c holds the commands of that
 * word. */
#include "daemon/daemon.h"

struct cli {
    struct ak_config *config;
    const char *config_path;
    struct ak_store *store; /* NULL unless the command wants it */
    int argc;
    char **argv; /* arguments after the command's words */
    bool json;   /* --json */
    int input;   /* CLI_INPUT: the file named first, open; else -1 */
};

enum cli_flags {
    CLI_STORE = 1 << 0, /* opens the (initialised) database first */
    CLI_AS_AKASHI =
        1 << 1, /* started by root: becomes the user akashi first, so that no file ends up root's */
    CLI_INPUT = 1 << 3, /* its first argument is a file to read: opened as whoever calls */
    CLI_RETRY = 1 << 2  /* failures exit with 75, "try again", for the MTA that runs it */
};

struct cli_command {
    const char *words[2]; /* "user", "add"; the second may be NULL */
    int min_args, max_args;
    unsigned flags;
    int (*run)(struct cli *cli, struct ak_error *err); /* 0, an exit status > 0, or -code */
    const char *usage;                                 /* arguments */
    const char *summary;
};
extern const struct cli_command cli_commands[];
extern const size_t cli_commands_n;

int cli_init(struct cli *cli, struct ak_error *err);
int cli_doctor(struct cli *cli, struct ak_error *err);
int cli_status(struct cli *cli, struct ak_error *err);
int cli_inventory(struct cli *cli, struct ak_error *err);
int cli_db_check(struct cli *cli, struct ak_error *err);
int cli_db_migrate(struct cli *cli, struct ak_error *err);
int cli_project_add(struct cli *cli, struct ak_error *err);
int cli_user_add(struct cli *cli, struct ak_error *err);
int cli_user_password(struct cli *cli, struct ak_error *err);
int cli_image_import(struct cli *cli, struct ak_error *err);
int cli_host_set(struct cli *cli, struct ak_error *err);
int cli_class_check(struct cli *cli, struct ak_error *err);
int cli_class_load(struct cli *cli, struct ak_error *err);
int cli_class_list(struct cli *cli, struct ak_error *err);
int cli_class_dump(struct cli *cli, struct ak_error *err);
int cli_class_manual(struct cli *cli, struct ak_error *err);
int cli_contract_list(struct cli *cli, struct ak_error *err);
int cli_contract_show(struct cli *cli, struct ak_error *err);
int cli_record_verify(struct cli *cli, struct ak_error *err);
int cli_incident_intake(struct cli *cli, struct ak_error *err);
int cli_mail_list(struct cli *cli, struct ak_error *err);
int cli_mail_show(struct cli *cli, struct ak_error *err);
int cli_config_show(struct cli *cli, struct ak_error *err);

/* The value of '--name VALUE' among the arguments, NULL when absent. */
const char *cli_option(const struct cli *cli, const char *name);
/* Reads a password: from the file of --password-file, else from standard input ('prompt' on a
 * terminal, without echo). 12 to 128 characters. AK_FIELD_LENGTH. */
int cli_password(const struct cli *cli, const char *prompt, struct ak_secret **ret_password,
                 struct ak_error *err);

#endif
