/* SPDX-License-Identifier: Apache-2.0 */
/* frame: sends or shows raw Ethernet frames, for isolation tests inside the tiny guest, where a
 * busybox has no tool for it (forged router advertisements, DHCP answers, others' addresses).
 *
 * "frame send IFACE HEX [COUNT]" sends the frame given in hexadecimal (blanks allowed) COUNT times;
 * "frame show IFACE SECONDS" prints each frame received for so long, a line of hexadecimal each;
 * "frame mac IFACE" prints the interface's address as 12 hexadecimal digits. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MAX = 9018, ETH_P_ALL_TYPE = 0x0003 };

static int fail(const char *what)
{
    fprintf(stderr, "frame: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Opens a packet socket bound to 'iface'. Returns it, or -1 with errno set. */
static int open_iface(const char *iface)
{
    struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL_TYPE)};
    int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL_TYPE));
    if (fd < 0) {
        return -1;
    }
    addr.sll_ifindex = (int)if_nametoindex(iface);
    if (addr.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads hexadecimal digits, blanks and colons. Returns the number of bytes, or -1. */
static int parse_hex(const char *text, unsigned char *ret_bytes)
{
    int digits = 0;
    for (; *text != '\0'; text++) {
        int value = hex_digit(*text);
        if (isspace((unsigned char)*text) || *text == ':') {
            continue;
        }
        if (value < 0 || digits / 2 >= FRAME_MAX) {
            return -1;
        }
        if (digits % 2 == 0) {
            ret_bytes[digits / 2] = (unsigned char)(value << 4);
        } else {
            ret_bytes[digits / 2] = (unsigned char)(ret_bytes[digits / 2] | value);
        }
        digits++;
    }
    return digits % 2 == 0 ? digits / 2 : -1;
}

static int send_frame(int fd, const char *hex, long count)
{
    static unsigned char bytes[FRAME_MAX];
    int size = parse_hex(hex, bytes);
    if (size < 14) {
        fprintf(stderr, "frame: at least 14 bytes in hexadecimal are needed\n");
        return 2;
    }
    for (long i = 0; i < count; i++) {
        if (send(fd, bytes, (size_t)size, 0) != size) {
            return fail("send");
        }
    }
    return 0;
}

static int show_frames(int fd, long seconds)
{
    static unsigned char bytes[FRAME_MAX];
    time_t end = time(NULL) + seconds;
    while (time(NULL) < end) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        struct sockaddr_ll from = {0};
        socklen_t from_size = sizeof from;
        ssize_t size;
        if (poll(&poll_fd, 1, 200) <= 0) {
            continue;
        }
        size = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_size);
        if (size < 0) {
            return fail("receive");
        }
        if (from.sll_pkttype == PACKET_OUTGOING) {
            continue;
        }
        for (ssize_t i = 0; i < size; i++) {
            printf("%02x", bytes[i]);
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}

static int show_mac(int fd, const char *iface)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", iface);
    if (ioctl(fd, SIOCGIFHWADDR, &request) != 0) {
        return fail(iface);
    }
    for (int i = 0; i < 6; i++) {
        printf("%02x", (unsigned char)request.ifr_hwaddr.sa_data[i]);
    }
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    int fd;
    if (argc < 3) {
        fprintf(stderr, "usage: frame send IFACE HEX [COUNT] | show IFACE SECONDS | mac IFACE\n");
        return 2;
    }
    fd = open_iface(argv[2]);
    if (fd < 0) {
        return fail(argv[2]);
    }
    if (strcmp(argv[1], "send") == 0 && argc >= 4) {
        return send_frame(fd, argv[3], argc > 4 ? strtol(argv[4], NULL, 10) : 1);
    }
    if (strcmp(argv[1], "show") == 0 && argc == 4) {
        return show_frames(fd, strtol(argv[3], NULL, 10));
    }
    if (strcmp(argv[1], "mac") == 0) {
        return show_mac(fd, argv[2]);
    }
    fprintf(stderr, "frame: unknown command '%s'\n", argv[1]);
    return 2;
}
