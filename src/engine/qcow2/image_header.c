/* SPDX-License-Identifier: Apache-2.0 */
/* Reads magic numbers and the qcow2 header with our own eyes. qemu-img opens what a header names
 * (backing file, external data file) before it reports it, so files that name any are told here and
 * never reach qemu-img. */
#include "engine/qcow2/image_header.h"

/* Marks of formats, first match wins; 'from_end' counts back from the end of the file. */
static const struct mark {
    const char *format;
    size_t offset;
    const char *bytes;
    size_t len;
    bool from_end;
} marks[] = {
    {"qcow2", 0, "QFI\xfb", 4, false},
    {"qed", 0, "QED\0", 4, false},
    {"vmdk", 0, "KDMV", 4, false},
    {"vmdk", 0, "COWD", 4, false},
    {"vmdk", 0, "# Disk DescriptorFile", 21, false},
    {"vdi", 64, "\x7f\x10\xda\xbe", 4, false},
    {"vhd", 0, "conectix", 8, false},
    {"vhd", 512, "conectix", 8, true},
    {"vhdx", 0, "vhdxfile", 8, false},
    {"luks", 0, "LUKS\xba\xbe", 6, false},
    {"parallels", 0, "WithoutFreeSpace", 16, false},
    {"parallels", 0, "WithouFreSpacExt", 16, false},
    {"bochs", 0, "Bochs Virtual HD Image", 22, false},
    {"cloop", 0, "#!/bin/sh\n#V2.0 Format\n", 23, false},
    {"dmg", 512, "koly", 4, true},
    {"iso", 32769, "CD001", 5, false},
    {"gzip", 0, "\x1f\x8b", 2, false},
    {"xz", 0, "\xfd\x37zXZ\0", 6, false},
    {"zstd", 0, "\x28\xb5\x2f\xfd", 4, false},
    {"bzip2", 0, "BZh", 3, false},
    {"zip", 0, "PK\x03\x04", 4, false},
    {"tar", 257, "ustar", 5, false},
};

/* qcow2, offsets and bits by the specification. */
enum {
    Q_VERSION = 4,
    Q_BACKING_OFFSET = 8,
    Q_BACKING_SIZE = 16,
    Q_CLUSTER_BITS = 20,
    Q_SIZE = 24,
    Q_CRYPT = 32,
    Q_L1_SIZE = 36,
    Q_L1_OFFSET = 40,
    Q_REFCOUNT_OFFSET = 48,
    Q_REFCOUNT_CLUSTERS = 56,
    Q_SNAPSHOTS = 60,
    Q_INCOMPATIBLE = 72,
    Q_REFCOUNT_ORDER = 96,
    Q_HEADER_LENGTH = 100,
    Q_V2_LENGTH = 72,
    Q_V3_LENGTH = 104,
};
#define Q_BIT_CORRUPT   2U
#define Q_BIT_DATA_FILE 4U
#define Q_BITS_KNOWN    0x1fU
#define Q_EXT_DATA_FILE 0x44415441U
#define Q_EXT_CRYPT     0x0537be77U

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
    return (uint64_t)be32(p) << 32 | be32(p + 4);
}

/* Walks the header extensions in [from, end); false when one does not fit. */
static bool extensions_fit(const uint8_t *head, size_t from, size_t end, struct ak_image_info *info)
{
    size_t at = from;

    while (at + 8 <= end) {
        uint32_t type = be32(head + at);
        uint64_t len = be32(head + at + 4);

        if (type == 0) {
            return true;
        }
        info->has_data_file = info->has_data_file || type == Q_EXT_DATA_FILE;
        info->is_encrypted = info->is_encrypted || type == Q_EXT_CRYPT;
        if (len > end - at - 8) {
            return false;
        }
        at += 8 + (size_t)((len + 7) & ~(uint64_t)7);
    }
    return true;
}

/* A table of 'bytes' at 'offset' lies in the file, on a cluster's start, behind the header. */
static bool table_fits(uint64_t offset, uint64_t bytes, uint64_t cluster, int64_t file_size)
{
    return offset % cluster == 0 && offset >= cluster && bytes <= (uint64_t)file_size &&
           offset <= (uint64_t)file_size - bytes;
}

/* Sizes and places of a version 2 or 3 header; the flags are set by the caller. */
static bool layout_sound(const uint8_t *head, int64_t file_size)
{
    uint32_t bits = be32(head + Q_CLUSTER_BITS);
    uint64_t cluster = 0, l1 = be32(head + Q_L1_SIZE);

    if (bits < 9 || bits > 21) {
        return false;
    }
    cluster = (uint64_t)1 << bits;
    return be64(head + Q_SIZE) <= INT64_MAX / 2 && l1 <= (32U << 20) / 8 &&
           be32(head + Q_SNAPSHOTS) <= 65536 && be32(head + Q_REFCOUNT_CLUSTERS) > 0 &&
           be32(head + Q_REFCOUNT_CLUSTERS) <= (8U << 20) / cluster + 1 &&
           (l1 == 0 || table_fits(be64(head + Q_L1_OFFSET), l1 * 8, cluster, file_size)) &&
           table_fits(be64(head + Q_REFCOUNT_OFFSET), cluster, cluster, file_size);
}

static void check_qcow2(const uint8_t *head, size_t n, int64_t file_size,
                        struct ak_image_info *info)
{
    uint32_t version = n >= Q_V2_LENGTH ? be32(head + Q_VERSION) : 0;
    size_t length = version == 2 ? Q_V2_LENGTH : Q_V3_LENGTH, end = 0;
    uint64_t incompatible = 0;

    info->is_corrupt = true; /* until all is seen */
    if (version == 1) {
        ak_str_copy(info->format, sizeof(info->format), "qcow");
        info->is_corrupt = false;
        return;
    }
    if ((version != 2 && version != 3) || n < length) {
        return;
    }
    info->has_backing_file = be64(head + Q_BACKING_OFFSET) || be32(head + Q_BACKING_SIZE);
    info->is_encrypted = be32(head + Q_CRYPT) != 0;
    if (version == 3) {
        incompatible = be64(head + Q_INCOMPATIBLE);
        length = be32(head + Q_HEADER_LENGTH);
        info->has_data_file = (incompatible & Q_BIT_DATA_FILE) != 0;
    }
    if (!layout_sound(head, file_size)) {
        return;
    }
    info->virtual_size = (int64_t)be64(head + Q_SIZE);
    end = (size_t)1 << be32(head + Q_CLUSTER_BITS);
    end = end < n ? end : n;
    if (version == 3 && (length < Q_V3_LENGTH || length % 8 != 0 || length > end ||
                         be32(head + Q_REFCOUNT_ORDER) > 6)) {
        return;
    }
    info->is_corrupt = !extensions_fit(head, length, end, info) ||
                       (incompatible & (Q_BIT_CORRUPT | ~(uint64_t)Q_BITS_KNOWN)) != 0;
}

static bool marked(const struct mark *m, const uint8_t *head, size_t head_size, const uint8_t *tail,
                   size_t tail_size)
{
    if (m->from_end) {
        return tail_size >= m->offset &&
               memcmp(tail + tail_size - m->offset, m->bytes, m->len) == 0;
    }
    return head_size >= m->offset + m->len && memcmp(head + m->offset, m->bytes, m->len) == 0;
}

void ak_image_header_check(const uint8_t *head, size_t head_size, const uint8_t *tail,
                           size_t tail_size, int64_t file_size, struct ak_image_info *ret_info)
{
    const char *format = "raw";

    memset(ret_info, 0, sizeof(*ret_info));
    for (size_t i = 0; i < AK_N(marks); i++) {
        if (marked(&marks[i], head, head_size, tail, tail_size)) {
            format = marks[i].format;
            break;
        }
    }
    ak_str_copy(ret_info->format, sizeof(ret_info->format), format);
    if (ak_streq(format, "qcow2")) {
        check_qcow2(head, head_size, file_size, ret_info);
    } else if (ak_streq(format, "raw") || ak_streq(format, "iso")) {
        ret_info->virtual_size = (file_size + 511) / 512 * 512;
        ret_info->is_corrupt = file_size == 0;
    } else {
        ret_info->is_encrypted = ak_streq(format, "luks");
    }
}

bool ak_image_header_backing(const uint8_t *head, size_t head_size, char *out, size_t size)
{
    uint64_t offset = 0;
    uint32_t len = 0;

    if (head_size < Q_V2_LENGTH || memcmp(head, "QFI\xfb", 4) != 0) {
        return false;
    }
    offset = be64(head + Q_BACKING_OFFSET);
    len = be32(head + Q_BACKING_SIZE);
    if (offset == 0 || len == 0 || len >= size || offset > head_size || len > head_size - offset) {
        return false;
    }
    memcpy(out, head + offset, len);
    out[len] = '\0';
    return true;
}
