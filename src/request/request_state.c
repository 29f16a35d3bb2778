/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a request and the verbs that move it, as tables. Pure: no database. README.md draws
 * the moves; everything that depends on a state asks here. */
#include "request/request_internal.h"

#include <assert.h>

static const struct {
    const char *name;
    bool final;
    bool counts; /* the provider's clock runs */
} states[] = {
    [REQUEST_SUBMITTED] = {"submitted", .counts = true},
    [REQUEST_IN_REVIEW] = {"in_review", .counts = true},
    [REQUEST_WAITING_CUSTOMER] = {"waiting_customer"},
    [REQUEST_APPROVED] = {"approved", .counts = true},
    [REQUEST_RUNNING] = {"running", .counts = true},
    [REQUEST_DONE] = {"done", .final = true},
    [REQUEST_REFUSED] = {"refused", .final = true},
    [REQUEST_WITHDRAWN] = {"withdrawn", .final = true},
    [REQUEST_FAILED] = {"failed", .counts = true},
};
static_assert(AK_N(states) == REQUEST_STATES, "one row per state");

#define ON(state) (1U << (state))
#define BEFORE    (ON(REQUEST_SUBMITTED) | ON(REQUEST_IN_REVIEW))
#define UNDECIDED (BEFORE | ON(REQUEST_WAITING_CUSTOMER))

static const struct {
    const char *name;
    unsigned from; /* set of states */
    enum request_state to;
} verbs[] = {
    [REQUEST_TAKE] = {"take", UNDECIDED, REQUEST_IN_REVIEW},
    [REQUEST_ASK] = {"ask", UNDECIDED, REQUEST_WAITING_CUSTOMER},
    [REQUEST_RETURN] = {"return", UNDECIDED, REQUEST_WAITING_CUSTOMER},
    [REQUEST_CORRECT] = {"correct", UNDECIDED, REQUEST_SUBMITTED},
    [REQUEST_ANSWER] = {"answer", ON(REQUEST_WAITING_CUSTOMER), REQUEST_IN_REVIEW},
    [REQUEST_APPROVE] = {"approve", BEFORE, REQUEST_APPROVED},
    [REQUEST_CONSENT] = {"consent", BEFORE, REQUEST_IN_REVIEW},
    [REQUEST_REFUSE] = {"refuse", UNDECIDED | ON(REQUEST_FAILED), REQUEST_REFUSED},
    [REQUEST_COMPLETE] = {"complete", UNDECIDED | ON(REQUEST_APPROVED) | ON(REQUEST_FAILED),
                          REQUEST_DONE},
    [REQUEST_START] = {"start", ON(REQUEST_APPROVED), REQUEST_RUNNING},
    [REQUEST_SUCCEED] = {"succeed", ON(REQUEST_RUNNING), REQUEST_DONE},
    [REQUEST_STOP] = {"stop", ON(REQUEST_RUNNING), REQUEST_REFUSED},
    [REQUEST_FAIL] = {"fail", ON(REQUEST_RUNNING), REQUEST_FAILED},
    [REQUEST_RETRY] = {"retry", ON(REQUEST_FAILED), REQUEST_RUNNING},
    [REQUEST_WITHDRAW] = {"withdraw", UNDECIDED | ON(REQUEST_APPROVED), REQUEST_WITHDRAWN},
};
static_assert(AK_N(verbs) == REQUEST_VERBS, "one row per verb");

const char *request_state_name(enum request_state state)
{
    return states[state].name;
}

enum request_state request_state_parse(const char *name)
{
    unsigned i = 0;
    while (i < REQUEST_STATES && !ak_streq(states[i].name, name)) {
        i++;
    }
    return (enum request_state)i;
}

bool request_state_is_final(enum request_state state)
{
    return states[state].final;
}

bool request_state_counts(enum request_state state)
{
    return states[state].counts;
}

const char *request_verb_name(enum request_verb verb)
{
    return verbs[verb].name;
}

enum request_state request_state_after(enum request_state from, enum request_verb verb)
{
    return from < REQUEST_STATES && (verbs[verb].from & ON(from)) ? verbs[verb].to : REQUEST_STATES;
}
