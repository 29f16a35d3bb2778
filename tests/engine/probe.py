#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends one crafted frame from one network namespace and tells whether it arrives in another.

usage: probe.py FROM TO KIND [key=value...]      prints "arrived" or "dropped"
FROM, TO: names of network namespaces, each with an interface of the same name ("-" = none, the host, as TO=-:IFACE).
KIND: icmp udp arp ra ns ethertype. Keys: smac dmac sip dip sport dport type (see frame()).
probe.py --sniff IFACE SECONDS MARKER            (internal) prints the number of frames with MARKER
probe.py --send IFACE HEX                        (internal)
"""
import os
import socket
import struct
import subprocess
import sys
import time


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip4(sip, dip, proto, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, proto, 0, socket.inet_aton(sip),
                       socket.inet_aton(dip))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(sip, dip, proto, payload):
    src, dst = socket.inet_pton(socket.AF_INET6, sip), socket.inet_pton(socket.AF_INET6, dip)
    if proto == 58:
        pseudo = src + dst + struct.pack("!II", len(payload), 58)
        payload = payload[:2] + struct.pack("!H", checksum(pseudo + payload)) + payload[4:]
    return struct.pack("!IHBB", 0x60000000, len(payload), proto, 255) + src + dst + payload


def frame(kind, k, marker):
    smac, dmac = mac(k["smac"]), mac(k["dmac"])
    if kind == "icmp":
        body = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + marker
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        return dmac + smac + b"\x08\x00" + ip4(k["sip"], k["dip"], 1, body)
    if kind == "udp":
        body = struct.pack("!HHHH", int(k["sport"]), int(k["dport"]), 8 + len(marker), 0) + marker
        return dmac + smac + b"\x08\x00" + ip4(k["sip"], k["dip"], 17, body)
    if kind == "arp":
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + smac + socket.inet_aton(k["sip"])
        return dmac + smac + b"\x08\x06" + body + b"\0" * 6 + socket.inet_aton(k["dip"]) + marker
    if kind == "ra":
        body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + smac
        body += b"\x05\x01\x00\x00" + marker[:4]  # an MTU option that bears the marker
        return dmac + smac + b"\x86\xdd" + ip6(k["sip"], k["dip"], 58, body)
    if kind == "ns":
        body = struct.pack("!BBHI", 135, 0, 0, 0) + socket.inet_pton(socket.AF_INET6, k["target"]) + b"\x01\x01" + smac
        return dmac + smac + b"\x86\xdd" + ip6(k["sip"], k["dip"], 58, body)
    if kind == "ethertype":
        return dmac + smac + bytes.fromhex(k["type"]) + marker + b"\0" * 40
    raise SystemExit("unknown kind " + kind)


def sniff(iface, seconds, marker):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((iface, 0))
    print("ready", flush=True)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end and count == 0:
        sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            data, address = sock.recvfrom(65535)
        except socket.timeout:
            break
        if address[2] != socket.PACKET_OUTGOING and marker in data:
            count += 1
    print(count, flush=True)


def in_namespace(name):
    if name.startswith("-:"):
        return [], name[2:]
    return ["ip", "netns", "exec", name], name


def main():
    if sys.argv[1] == "--sniff":
        return sniff(sys.argv[2], float(sys.argv[3]), bytes.fromhex(sys.argv[4]))
    if sys.argv[1] == "--send":
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sock.bind((sys.argv[2], 0))
        for _ in range(3):
            sock.send(bytes.fromhex(sys.argv[3]))
            time.sleep(0.1)
        return None
    source, target, kind = sys.argv[1:4]
    keys = dict(a.split("=", 1) for a in sys.argv[4:])
    marker = os.urandom(8)
    data = frame(kind, keys, marker)
    wanted = data[14:] if kind == "ns" else marker[:4] if kind == "ra" else marker
    enter, iface = in_namespace(target)
    watcher = subprocess.Popen(enter + [sys.executable, __file__, "--sniff", iface, "1.5", wanted.hex()],
                               stdout=subprocess.PIPE, text=True)
    watcher.stdout.readline()
    enter, iface = in_namespace(source)
    subprocess.run(enter + [sys.executable, __file__, "--send", iface, data.hex()], check=True)
    print("arrived" if int(watcher.stdout.readline()) else "dropped")
    watcher.wait()
    return None


if __name__ == "__main__":
    main()
