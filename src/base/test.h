/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_TEST_H
#define AK_TEST_H
/* For unit tests only: cmocka with its prerequisites, and the checks every folder needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The call must succeed; its error is printed when it does not. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        int rc_ = (call);                                                                          \
        if (rc_ != 0) {                                                                            \
            char text_[512];                                                                       \
            ak_error_text((err), AK_LANG_EN, text_, sizeof(text_));                                \
            fail_msg("%s: %d %s (%s)", #call, rc_, text_, (err)->detail);                          \
        }                                                                                          \
    } while (0)
/* The call must fail with this code. */
#define assert_fails(call, code) assert_int_equal((call), -(int)(code))

#endif
