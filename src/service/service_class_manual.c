/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page akashi-class(5), printed from the tables that check the files. */
#include "service/service_class_internal.h"

static void roff(struct ak_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '-' || *text == '\\') {
            ak_buf_str(out, *text == '-' ? "\\-" : "\\e");
        } else {
            ak_buf_char(out, *text == '|' ? ' ' : *text);
        }
    }
}

static void add_key(struct ak_buf *out, const char *key, const char *about, const char *doc)
{
    ak_buf_str(out, ".TP\n.B ");
    roff(out, key);
    ak_buf_str(out, "\n");
    roff(out, doc);
    ak_buf_str(out, "\n.br\n");
    roff(out, about);
    ak_buf_str(out, "\n");
}

static void add_section(struct ak_buf *out, const char *section)
{
    ak_buf_str(out, ".SS [");
    roff(out, section);
    ak_buf_str(out, "]\n");
}

static void add_rule(struct ak_buf *out, const struct service_class_rule *rule)
{
    static const char *const types[] = {
        [SERVICE_CLASS_TEXT] = "text",      [SERVICE_CLASS_INT] = "integer",
        [SERVICE_CLASS_BOOL] = "yes or no", [SERVICE_CLASS_CHOICE] = "one of",
        [SERVICE_CLASS_LIST] = "list of",   [SERVICE_CLASS_TIME] = "time of the day HH:MM"};
    AK_AUTO_STR limits =
        rule->type <= SERVICE_CLASS_INT
            ? ak_xasprintf("%s, %" PRId64 " to %" PRId64 "%s", types[rule->type], rule->min,
                           rule->max, rule->type == SERVICE_CLASS_TEXT ? " characters" : "")
            : ak_xasprintf("%s %s", types[rule->type],
                           rule->choices                      ? rule->choices
                           : rule->type == SERVICE_CLASS_LIST ? "words"
                                                              : "");

    add_key(out, rule->key, limits, rule->doc);
}

static void add_rules(struct ak_buf *out, const struct service_class_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !ak_streq(rules[i].section, rules[i - 1].section)) {
            add_section(out, rules[i].section);
        }
        add_rule(out, &rules[i]);
    }
}

static void add_titles(struct ak_buf *out, const char *section,
                       const struct service_class_title *titles, size_t n, const char *about)
{
    add_section(out, section);
    for (size_t i = 0; i < n; i++) {
        add_key(out, titles[i].slug, about, titles[i].title_en);
    }
}

void service_class_manual(struct ak_buf *out)
{
    ak_buf_str(
        out,
        ".\\\" Generated from the tables of src/service/service_class_rules.c.\n"
        ".TH AKASHI-CLASS 5 \"2026-11\" \"akashi 2026.11\" \"File formats\"\n"
        ".SH NAME\nakashi-class \\- service classes of akashi\n"
        ".SH SYNOPSIS\n.I /usr/share/akashi/classes/NAME.conf\n.br\n"
        ".I /etc/akashi/classes/NAME.conf\n"
        ".SH DESCRIPTION\nA service class says who is responsible for what, what customers may do "
        "themselves, and what is promised to them. Its name is that of the file. A file in /etc "
        "takes the place of its namesake in /usr/share (setting class_dirs).\n.PP\n"
        "Lines are\n.IR [section] ,\n.I key = value\nand comments that begin with #. A line that "
        "begins with blanks goes on with the value as a new line. Lists are separated by commas. "
        "Every key below must stand exactly once; a key that is not listed, a value outside its "
        "limits and a file of more than 64 KiB are errors that name file and line.\n.PP\n"
        "akashid and\n.B akashi class load\nload the files. A changed file is a new version; its "
        "SHA\\-256, of the class as canonical JSON, is recorded in the audit log. Contracts keep "
        "the version they were made with. A class whose file is gone is no longer offered.\n"
        ".SH PARAMETERS\n");
    add_rules(out, service_class_rules, service_class_rules_n);
    add_titles(out, "matrix", service_class_layers, service_class_layers_n,
               "one of provider customer shared");
    add_section(out, "verbs");
    for (size_t i = 0; i < identity_verbs_n; i++) {
        add_key(out, identity_verbs[i].name, "one of self request none",
                identity_verbs[i].title_en);
    }
    add_titles(out, "security_services", service_class_securities, service_class_securities_n,
               "one of included option none");
    add_section(out, "requests");
    add_key(out, "KIND", "integer, 1 to 8760, and may be left out",
            "Target hours of this kind of requests (GET "
            "/service/v1/request-kinds), where the class differs from the kind itself. Hours of "
            "business, or of the clock, as the kind counts. The kinds are:");
    for (size_t i = 0; i < service_request_kinds_n; i++) {
        ak_buf_printf(out, "%s%s", i > 0 ? ", " : "", service_request_kinds[i]);
    }
    ak_buf_str(out, ".\n");
    add_rules(out, service_class_licence_rules, service_class_licence_rules_n);
    ak_buf_str(out, ".SH SEE ALSO\n.BR akashi (8),\n.BR akashid (8),\n.BR akashi.conf (5)\n");
}
