/* SPDX-License-Identifier: Apache-2.0 */
/* Notices as a calendar, RFC 5545. Times are in UTC, which every client shows in its own zone;
 * lines are folded at 75 bytes between characters; texts are escaped. An event keeps its UID, and
 * its SEQUENCE grows with each change, so that subscribers move what moved. */
#include "notice/notice_internal.h"

enum { FOLD = 75 };

static void line(struct ak_buf *out, const char *text)
{
    size_t left = strlen(text), room = FOLD;

    while (left > 0) {
        size_t n = ak_utf8_cut(text, left < room ? left : room);

        n = n ? n : left;
        ak_buf_add(out, text, n);
        ak_buf_str(out, left > n ? "\r\n " : "\r\n");
        text += n;
        left -= n;
        room = FOLD - 1; /* the blank counts */
    }
}

static void escaped(struct ak_buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\n' || *p == '\r') {
            p += p[0] == '\r' && p[1] == '\n';
            ak_buf_str(out, "\\n");
        } else if (strchr("\\;,", *p)) {
            ak_buf_char(out, '\\');
            ak_buf_char(out, *p);
        } else if ((unsigned char)*p >= 0x20) {
            ak_buf_char(out, *p);
        }
    }
}

/* "NAME:" and one or both of the texts. */
static void text_line(struct ak_buf *out, const char *name, const char *before, const char *ja,
                      const char *en, const char *lang, const char *between)
{
    AK_AUTO_BUF text;

    ak_buf_init(&text, 200000);
    ak_buf_printf(&text, "%s:", name);
    escaped(&text, before);
    if (!ak_streq(lang, "en")) {
        escaped(&text, ja);
    }
    if (ak_streq(lang, "both")) {
        escaped(&text, between);
    }
    if (!ak_streq(lang, "ja")) {
        escaped(&text, en);
    }
    line(out, text.data);
}

static void time_line(struct ak_buf *out, const char *name, int64_t time_us)
{
    char text[AK_TIME_TEXT];

    (void)ak_time_text(text, time_us, AK_TIME_Z); /* 2026-11-22T12:00:00Z */
    ak_buf_printf(out, "%s:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", name, text, text + 5, text + 8,
                  text + 11, text + 14, text + 17);
}

static void event(struct ak_buf *out, const struct notice_row *row, const char *lang,
                  const char *domain)
{
    AK_AUTO_STR before = ak_xasprintf("[%s] ", row->number);

    ak_buf_str(out, "BEGIN:VEVENT\r\n");
    ak_buf_printf(out, "UID:%s@%s\r\n", row->id, domain);
    time_line(out, "DTSTAMP", row->updated_us);
    time_line(out, "LAST-MODIFIED", row->updated_us);
    ak_buf_printf(out, "SEQUENCE:%" PRId64 "\r\n", row->version);
    time_line(out, "DTSTART", row->starts_us);
    if (row->ends_us) {
        time_line(out, "DTEND", row->ends_us);
    }
    text_line(out, "SUMMARY", before, row->title_ja, row->title_en, lang, " / ");
    text_line(out, "DESCRIPTION", "", row->body_ja, row->body_en, lang, "\n\n");
    ak_buf_printf(out, "CATEGORIES:%s\r\n", row->kind);
    ak_buf_printf(out, "STATUS:%s\r\n",
                  ak_streq(row->state, "cancelled") ? "CANCELLED" : "CONFIRMED");
    ak_buf_str(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

void notice_calendar_write(struct ak_buf *out, const struct ak_list *notices, const char *lang,
                           const char *domain)
{
    const struct notice_row *row = notices->items;

    ak_buf_str(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//akashi//notices//JA\r\n"
                    "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"
                    "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n");
    text_line(out, "X-WR-CALNAME", "", "メンテナンスとお知らせ", "Maintenance and notices", lang,
              " / ");
    for (size_t i = 0; i < notices->n; i++) {
        event(out, &row[i], lang, domain);
    }
    ak_buf_str(out, "END:VCALENDAR\r\n");
}
