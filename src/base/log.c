/* SPDX-License-Identifier: Apache-2.0 */
/* The structured log of log.h. A line is built in a bounded buffer and written by one write(2). */
#include "log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "str.h"
#include "clock.h"

#define LINE_MAX_BYTES 4096

static const char *log_role = "akashi";
static enum ak_level log_threshold = AK_INFO;
static __thread char context_id[64];

void ak_log_init(const char *role, enum ak_level threshold)
{
    log_role = role;
    log_threshold = threshold;
}

void ak_log_context(const char *id)
{
    ak_str_copy(context_id, sizeof(context_id), id);
}

static void add_json_text(struct ak_buf *line, const char *s)
{
    ak_buf_char(line, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\') {
            ak_buf_char(line, '\\');
            ak_buf_char(line, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            ak_buf_printf(line, "\\u%04x", c);
        } else {
            ak_buf_char(line, (char)c);
        }
    }
    ak_buf_char(line, '"');
}

static void write_line(enum ak_level level, const char *msg, const struct ak_error *err)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    char ts[AK_TIME_TEXT];
    AK_AUTO_BUF line;

    ak_buf_init(&line, LINE_MAX_BYTES);
    ak_buf_printf(&line, "{\"ts\":\"%s\",\"level\":\"%s\",\"role\":\"%s\"",
                  ak_time_text(ts, ak_now_us(), AK_TIME_Z_US), names[level], log_role);
    if (context_id[0]) {
        ak_buf_str(&line, ",\"req\":");
        add_json_text(&line, context_id);
    }
    ak_buf_str(&line, ",\"msg\":");
    add_json_text(&line, msg);
    if (err) {
        char text[1024];

        ak_error_text(err, AK_LANG_EN, text, sizeof(text));
        ak_buf_printf(&line, ",\"slug\":\"%s\",\"error\":", ak_error_info(err->code)->slug);
        add_json_text(&line, text);
        if (err->detail[0]) {
            ak_buf_str(&line, ",\"detail\":");
            add_json_text(&line, err->detail);
        }
    }
    ak_buf_str(&line, "}\n");
    if (line.overflow) { /* keep it one valid line */
        ak_buf_reset(&line);
        ak_buf_printf(&line, "{\"ts\":\"%s\",\"level\":\"%s\",\"msg\":\"(line too long)\"}\n", ts,
                      names[level]);
    }
    (void)!write(2, line.data, line.len);
}

void ak_log(enum ak_level level, const char *fmt, ...)
{
    char msg[2048];
    va_list ap;

    if (level < log_threshold) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    write_line(level, msg, NULL);
}

void ak_log_error(const struct ak_error *err, const char *fmt, ...)
{
    char msg[1024];
    va_list ap;
    enum ak_level level = ak_error_info(err->code)->level;

    if (level < log_threshold) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    write_line(level, msg, err);
}
