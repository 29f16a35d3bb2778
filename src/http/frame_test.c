/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of WebSocket frames. */
#include "http/frame.h"

#include "base/test.h"

struct fixture {
    struct ak_frames frames;
    struct ak_buf data, answer, wire;
};

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);

    ak_buf_init(&f->data, 1 << 20);
    ak_buf_init(&f->answer, 4096);
    ak_buf_init(&f->wire, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ak_buf_done(&f->data);
    ak_buf_done(&f->answer);
    ak_buf_done(&f->wire);
    free(f);
    return 0;
}

/* Appends a client's frame: 'head' is the first byte. */
static void put(struct fixture *f, unsigned head, const char *payload, size_t size)
{
    static const char mask[4] = {0x12, 0x34, 0x56, 0x78};

    ak_buf_char(&f->wire, (char)head);
    if (size < 126) {
        ak_buf_char(&f->wire, (char)(0x80 | size));
    } else {
        ak_buf_char(&f->wire, (char)(0x80 | 126));
        ak_buf_char(&f->wire, (char)(size >> 8));
        ak_buf_char(&f->wire, (char)size);
    }
    ak_buf_add(&f->wire, mask, 4);
    for (size_t i = 0; i < size; i++) {
        ak_buf_char(&f->wire, (char)(payload[i] ^ mask[i & 3]));
    }
}

/* Feeds all that was put, 'step' bytes at a time. */
static int feed(struct fixture *f, size_t step)
{
    for (size_t at = 0; at < f->wire.len; at += step) {
        size_t n = f->wire.len - at < step ? f->wire.len - at : step;
        int rc = ak_frames_feed(&f->frames, (const unsigned char *)f->wire.data + at, n, &f->data,
                                &f->answer);

        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static void payloads_are_unmasked_however_the_bytes_are_cut(void **state)
{
    struct fixture *f = *state;
    char big[5000];

    memset(big, 'b', sizeof(big));
    for (size_t step = 1; step < 12; step++) {
        ak_buf_reset(&f->wire);
        ak_buf_reset(&f->data);
        put(f, 0x82, "hello", 5);
        put(f, 0x82, "", 0);
        put(f, 0x82, big, sizeof(big));
        assert_int_equal(feed(f, step), 0);
        assert_int_equal(f->data.len, 5 + sizeof(big));
        assert_memory_equal(f->data.data, "hellobbb", 8);
    }
}

static void fragments_join_with_control_frames_between(void **state)
{
    struct fixture *f = *state;

    put(f, 0x02, "ab", 2);
    put(f, 0x89, "hi", 2);
    put(f, 0x00, "cd", 2);
    put(f, 0x80, "ef", 2);
    assert_int_equal(feed(f, 3), 0);
    assert_string_equal(f->data.data, "abcdef");
    assert_int_equal(f->answer.len, 4);
    assert_memory_equal(f->answer.data, "\x8a\x02hi", 4);
}

static void a_close_is_answered_and_nothing_after_it_is_read(void **state)
{
    struct fixture *f = *state;

    put(f, 0x88,
        "\x03\xe8"
        "bye",
        5);
    put(f, 0x82, "late", 4);
    assert_int_equal(feed(f, 1000), 0);
    assert_true(f->frames.closed);
    assert_int_equal(f->data.len, 0);
    assert_memory_equal(f->answer.data, "\x88\x02\x03\xe8", 4);
}

static void breaches_of_the_protocol_close_with_their_code(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        int code;
    } cases[] = {
        {"\x82\x01x", 3, 1002}, /* not masked */
        {"\xc2\x81"
         "mmmmx",
         7, 1002}, /* reserved bit */
        {"\x83\x81"
         "mmmmx",
         7, 1002}, /* reserved opcode */
        {"\x8b\x81"
         "mmmmx",
         7, 1002}, /* reserved control opcode */
        {"\x81\x81"
         "mmmmx",
         7, 1003}, /* text */
        {"\x80\x81"
         "mmmmx",
         7, 1002}, /* continues nothing */
        {"\x09\x81"
         "mmmmx",
         7, 1002}, /* fragmented ping */
        {"\x89\xfe\x00\x7e"
         "mmmm",
         8, 1002}, /* ping of 126 bytes */
        {"\x88\x81"
         "mmmmx",
         7, 1002}, /* close code of one byte */
        {"\x88\x82"
         "\0\0\0\0\x03\xed",
         8, 1002}, /* close code 1005 */
        {"\x82\xff\x00\x00\x00\x00\x01\x00\x00\x01"
         "mmmm",
         14, 1009},
        {"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"
         "mmmm",
         14, 1009},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(cases); i++) {
        memset(&f->frames, 0, sizeof(f->frames));
        ak_buf_reset(&f->wire);
        ak_buf_add(&f->wire, cases[i].bytes, cases[i].size);
        if (feed(f, 1) != cases[i].code) {
            fail_msg("case %zu", i);
        }
    }
    memset(&f->frames, 0, sizeof(f->frames));
    ak_buf_reset(&f->wire);
    put(f, 0x02, "a", 1);
    put(f, 0x82, "b", 1); /* a new message inside another */
    assert_int_equal(feed(f, 1), 1002);
}

static void written_frames_have_the_shortest_length(void **state)
{
    struct fixture *f = *state;
    static char big[70000];

    ak_frame_write(&f->wire, AK_WS_BINARY, "ab", 2);
    assert_memory_equal(f->wire.data,
                        "\x82\x02"
                        "ab",
                        4);
    ak_buf_reset(&f->wire);
    ak_frame_write(&f->wire, AK_WS_BINARY, big, 126);
    assert_memory_equal(f->wire.data, "\x82\x7e\x00\x7e", 4);
    ak_buf_reset(&f->wire);
    ak_frame_write(&f->wire, AK_WS_BINARY, big, sizeof(big));
    assert_memory_equal(f->wire.data, "\x82\x7f\0\0\0\0\0\x01\x11\x70", 10);
    assert_int_equal(f->wire.len, sizeof(big) + 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(payloads_are_unmasked_however_the_bytes_are_cut),
        TEST(fragments_join_with_control_frames_between),
        TEST(a_close_is_answered_and_nothing_after_it_is_read),
        TEST(breaches_of_the_protocol_close_with_their_code),
        TEST(written_frames_have_the_shortest_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
