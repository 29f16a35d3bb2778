/* SPDX-License-Identifier: Apache-2.0 */
/* Mails about requests: to the operators' desk in Japanese, to the applicant in the language of the
 * contract; each once for each version of the request. */
#include "request/request_internal.h"

#include <stdio.h>

#include "mail/mail.h"
#include "service/service.h"

struct words {
    const char *text, *more; /* {2} and {3} of the templates; may be NULL */
};

static int add_mail(struct ak_tx *tx, const struct request_row *request, const char *to,
                    bool english, const char *template, struct words words, struct ak_error *err)
{
    char key[160];
    const char *title = english && request->title_en ? request->title_en : request->title;
    const char *const params[] = {request->number, title, words.text ? words.text : "",
                                  words.more ? words.more : "", NULL};
    (void)snprintf(key, sizeof(key), "%s/%s/%" PRId64, template, request->id, request->version);
    const struct ak_mail mail = {.key = key,
                                 .to = to,
                                 .language = english ? "en" : "ja",
                                 .template = template,
                                 .params = params,
                                 .project_id = request->project_id,
                                 .object_type = "request",
                                 .object_id = request->id};
    return ak_mail_add(tx, &mail, err);
}

/* Why it failed or was stopped; NULL when nothing is told. */
static const char *why_of(struct ak_arena *arena, const struct request_row *request, bool english)
{
    AK_AUTO_JSON error = request->error ? json_loads(request->error, 0, NULL) : NULL;
    const char *text = json_string_value(json_object_get(error, english ? "text_en" : "text_ja"));
    return text ? ak_arena_strdup(arena, text) : NULL;
}

int request_mail_operators(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, const char *template,
                           const char *text, struct ak_error *err)
{
    bool form = ak_streq(template, "request-new") || ak_streq(template, "request-corrected");
    const char *more = text   ? text
                       : form ? request_words_form(arena, request, false)
                              : why_of(arena, request, false);
    return add_mail(tx, request, AK_MAIL_OPERATORS, false, template,
                    (struct words){request->customer_name, more}, err);
}

/* The applicant's language; where he chose none the contract's; Japanese where there is none. */
static int is_english(struct ak_tx *tx, struct ak_arena *arena, const struct request_row *request,
                      bool *ret, struct ak_error *err)
{
    struct service_contract contract = {0};
    const char *own = NULL;
    int rc = identity_user_language(tx, arena, request->created_by_id, &own, err);
    if (rc < 0 || own) {
        *ret = ak_streq(own, "en");
        return rc;
    }
    rc = service_contract_by_project(tx, arena, request->project_id, &contract, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    *ret = ak_streq(contract.language, "en");
    return rc;
}

/* Who has no address, or is gone, looks into the portal. */
int request_mail_applicant(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, const char *template,
                           const char *text, struct ak_error *err)
{
    const char *email = NULL;
    char of_state[64];
    bool english = false;
    int rc = identity_user_email(tx, arena, request->created_by_id, &email, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    if (rc < 0 || !email || !email[0]) {
        return rc;
    }
    (void)snprintf(of_state, sizeof(of_state), "request-%s", request->state);
    rc = is_english(tx, arena, request, &english, err);
    const struct words words = {
        text ? text : why_of(arena, request, english),
        ak_streq(request->state, "submitted") ? request_words_form(arena, request, english) : NULL};
    return rc < 0
               ? rc
               : add_mail(tx, request, email, english, template ? template : of_state, words, err);
}
