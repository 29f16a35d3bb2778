# SPDX-License-Identifier: Apache-2.0
"""Isolation, proven on real guests: alpha and beta both use 10.0.0.0/24. Every negative has a positive beside
it that shows the tool would have seen an answer. Controls: CLD.9.5.1, CLD.9.5.2, 13.1.3."""
import ipaddress
import struct

import pytest
from conftest import BOOT_TIMEOUT

MARKS = {'honest': b'akashi-h', 'forged-mac': b'akashi-m', 'forged-ip': b'akashi-i', 'dhcp-answer': b'akashi-d',
         'router-advertisement': b'akashi-r'}
END = b'akashi-e'


def checksum(data):
    """RFC 1071. Wrong ones would be dropped for that reason alone."""
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack('!H', ~total & 0xffff)


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(':', ''))


def udp_frame(src_mac, src_ip, src_port, dst_mac, dst_ip, payload):
    src, dst = (ipaddress.ip_address(a).packed for a in (src_ip, dst_ip))
    udp = struct.pack('!HHH', src_port, 9, 8 + len(payload))
    udp += checksum(src + dst + struct.pack('!BBH', 0, 17, 8 + len(payload)) + udp + b'\0\0' + payload) + payload
    head = struct.pack('!BBHHHBB', 0x45, 0, 20 + len(udp), 0, 0, 64, 17)
    head += checksum(head + b'\0\0' + src + dst) + src + dst
    return mac_bytes(dst_mac) + mac_bytes(src_mac) + b'\x08\x00' + head + udp


def arp_answer(mac, claimed_ip, dst_mac, dst_ip):
    return (mac_bytes(dst_mac) + mac_bytes(mac) + bytes.fromhex('0806' '0001080006040002') + mac_bytes(mac) +
            ipaddress.ip_address(claimed_ip).packed + mac_bytes(dst_mac) + ipaddress.ip_address(dst_ip).packed)


def link_local(mac):
    """RFC 4291, appendix A."""
    own = mac_bytes(mac)
    return ipaddress.ip_address(ipaddress.ip_address('fe80::').packed[:8] + bytes([own[0] ^ 2]) + own[1:3] + b'\xff\xfe' + own[3:])


ALL_NODES = 'ff02::1'
ALL_NODES_MAC = '33:33:00:00:00:01'
ADVERTISEMENT = struct.pack('!BBHII', 64, 0, 1800, 0, 0)  # of a router, for half an hour
PADDING = b'\x01\x04\0\0\0\0'  # PadN: fills an options header of 8 bytes


def discovery_frame(mac, kind, body, mark, headers=(), dst_mac=ALL_NODES_MAC, dst=ALL_NODES):
    """ICMPv6 of 'kind' from the link-local address, 'mark' in an option of an unknown kind, behind the extension
    'headers' ((number, its bytes after "next header") each)."""
    src, dst = link_local(mac).packed, ipaddress.ip_address(dst).packed
    rest = body + b'\xfe\x02' + mark.ljust(14, b'\0')
    head = struct.pack('!BB', kind, 0)
    payload = head + checksum(src + dst + struct.pack('!II', 4 + len(rest), 58) + head + b'\0\0' + rest) + rest
    following = 58
    for number, data in reversed(headers):
        payload = bytes([following]) + data + payload
        following = number
    return (mac_bytes(dst_mac) + mac_bytes(mac) + b'\x86\xdd' + struct.pack('!IHBB', 6 << 28, len(payload), following, 255) +
            src + dst + payload)


def neighbour_solicitation(mac, mark):
    return discovery_frame(mac, 135, struct.pack('!I', 0) + link_local(mac).packed, mark)


def router_advertisement(mac, mark, headers=(), **to):
    return discovery_frame(mac, 134, ADVERTISEMENT, mark, headers, **to)


# Watches the wire until the last of the attacker's frames is there, which boots meanwhile; says what arrived that must not.
WATCHER = r'''#!/bin/sh
attacked() { grep -qi {end} /run/frames; }
echo "result mac $(frame mac eth0)"
( while :; do printf 'served\n' | nc -l -p 7777 >/dev/null 2>&1; done ) &
frame show eth0 {seconds} >/run/frames &
echo watching
for i in $(seq {seconds}); do attacked && break; sleep 1; done
sleep 2  # what follows the last frame
seen() { if grep -qi "$2" /run/frames; then echo "result $1 seen"; else echo "result $1 absent"; fi; }
{marks}
seen arp-for-other 0a0000c8                      # 10.0.0.200
ip -6 route | grep -q 'default' && echo "result ipv6-default yes" || echo "result ipv6-default no"
echo "watch done"
'''

# Attacks, frames first, while the watcher watches. $TARGET is its address, $OTHER an address only beta has, $HOST the host's on
# the provider network, $TAP the link-local one the host's kernel would make for the other end of this guest's wire.
ATTACKER = r'''#!/bin/sh
TARGET={target}; OTHER={other}; HOST={host}; ROUTER={router}; TAP={tap}
answers() {{ name=$1; shift; if "$@" >/dev/null 2>&1; then echo "result $name yes"; else echo "result $name no"; fi; }}
tcp() {{ nc -w 3 "$1" "$2" </dev/null; }}

{frames}

# positives: the tools work
answers ping-peer ping -c 3 -W 2 $TARGET
answers arp-peer arping -c 3 -w 5 -I eth0 $TARGET
answers tcp-peer tcp $TARGET 7777
answers ping-own-ipv6 ping -6 -c 1 -W 2 "$(ip -6 addr show dev eth0 | sed -n 's,.*inet6 \(fe80[^/]*\)/.*,\1,p')%eth0"

# the other customer, who uses the same addresses
answers arp-other arping -c 3 -w 5 -I eth0 $OTHER
answers ping-other ping -c 3 -W 2 $OTHER
answers tcp-other tcp $OTHER 7777

# the other customer's router and the host from the provider network; the management network
answers ping-host ping -c 3 -W 2 $HOST
answers arp-host arping -c 3 -w 5 -I eth0 $HOST
answers ping-tap ping -6 -c 3 -W 2 $TAP%eth0
for port in 22 8443 9443 6641 6642 6640 16509; do answers tcp-host-$port tcp $HOST $port; done
answers ping-other-router ping -c 3 -W 2 $ROUTER
answers tcp-metadata tcp 169.254.169.254 80
answers ping-private ping -c 2 -W 2 192.168.0.1
( echo probe | nc -u -w 2 $HOST 53 | grep -q . ) && echo "result udp-host yes" || echo "result udp-host no"

echo "attack done"
'''


@pytest.fixture(scope='module')
def attack(guests, alpha, beta, networks, run_on_host):
    other = guests(beta, 'other', networks['beta'],
                   '#!/bin/sh\n( while :; do echo served | nc -l -p 7777; done ) >/dev/null 2>&1 &\n',
                   fixed_ip='10.0.0.150')  # an address nobody in alpha has, else an answer would prove nothing
    marks = '\n'.join(f'seen {name} {mark.hex()}' for name, mark in MARKS.items())
    watcher = guests(alpha, 'watcher', networks['alpha'], WATCHER.replace('{marks}', marks).replace('{end}', END.hex()).replace(
        '{seconds}', str(BOOT_TIMEOUT)))
    for guest in (other, watcher):
        guest.active()
    other.wait_for('user-data end')
    watcher.wait_for('watching')
    assert other.address not in {ip['ip_address'] for p in alpha.network.ports() for ip in p.fixed_ips}
    host_ip = next(a for a in run_on_host('ip', '-4', '-o', 'addr', 'show', 'dev', 'br-ex').split() if '/' in a)
    router = next(beta.network.routers())
    router_ip = router.external_gateway_info['external_fixed_ips'][0]['ip_address']
    port = alpha.network.create_port(network_id=networks['alpha'])
    own, ip = port.mac_address, port.fixed_ips[0]['ip_address']
    tap = link_local('fe' + own[2:])  # libvirt gives the tap the guest's MAC with this first byte
    frames = [
        udp_frame(own, ip, 1234, watcher.mac, watcher.address, MARKS['honest']),
        udp_frame('02:00:00:ba:db:ad', ip, 1234, watcher.mac, watcher.address, MARKS['forged-mac']),
        udp_frame(own, '10.0.0.200', 1234, watcher.mac, watcher.address, MARKS['forged-ip']),
        udp_frame(own, ip, 67, watcher.mac, watcher.address, MARKS['dhcp-answer']),
        arp_answer(own, '10.0.0.200', watcher.mac, watcher.address),
        router_advertisement(own, MARKS['router-advertisement']),
        udp_frame(own, ip, 1234, watcher.mac, watcher.address, END),
    ]
    sends = '\n'.join(f'frame send eth0 {frame.hex()} 5' for frame in frames)
    attacker = guests(alpha, 'attacker', None, ATTACKER.format(target=watcher.address, other=other.address, frames=sends,
                                                              host=host_ip.split('/')[0], router=router_ip, tap=tap),
                      port=port.id).active()
    attacker.wait_for('attack done')
    watcher.wait_for('watch done')
    return attacker, watcher


@pytest.mark.parametrize('probe', ['ping-peer', 'arp-peer', 'tcp-peer', 'ping-own-ipv6'])
def test_a_guest_reaches_its_own_network(attack, probe):
    assert attack[0].result(probe) == 'yes'


@pytest.mark.parametrize('probe', ['arp-other', 'ping-other', 'tcp-other', 'ping-other-router'])
def test_nothing_of_another_customer_answers(attack, probe):
    assert attack[0].result(probe) == 'no'


@pytest.mark.parametrize('probe', ['ping-host', 'arp-host', 'ping-tap', 'udp-host', 'tcp-metadata', 'ping-private'] +
                         [f'tcp-host-{p}' for p in (22, 8443, 9443, 6641, 6642, 6640, 16509)])
def test_neither_host_nor_management_answers(attack, probe):
    assert attack[0].result(probe) == 'no'


def test_an_honest_frame_arrives(attack):
    assert attack[1].result('honest') == 'seen'


@pytest.mark.parametrize('forgery', ['forged-mac', 'forged-ip', 'dhcp-answer', 'router-advertisement', 'arp-for-other'])
def test_forged_frames_are_dropped(attack, forgery):
    assert attack[1].result(forgery) == 'absent'


def test_no_ipv6_router_was_accepted(attack):
    assert attack[1].result('ipv6-default') == 'no'


# --- a customer's own IPv6 network: forged router advertisements between siblings (docs/decisions/0120) -------------------

FORGED = {'plain': (), 'hop-by-hop': ((0, b'\0' + PADDING),), 'two-headers': ((0, b'\0' + PADDING), (60, b'\0' + PADDING)),
          'routing': ((43, b'\0\0\0\0\0\0\0'),), 'atomic-fragment': ((44, b'\0\0\0\0\0\0\x07'),),
          'first-fragment': ((44, b'\0\0\x01\0\0\0\x08'),), 'options-then-fragment': ((60, b'\0' + PADDING), (44, b'\0\0\x01\0\0\0\x09'))}
FORGED_MARKS = {name: b'ra-%02d' % i for i, name in enumerate(FORGED)} | {'to-one': b'ra-one', 'neighbour': b'ns-yes'}
END6 = b'ns-end'

IPV6_WATCHER = r'''#!/bin/sh
waits() {{ for i in $(seq {seconds}); do "$@" && return 0; sleep 1; done; return 1; }}
autoconfigured() {{ ip -6 addr show dev eth0 | grep -q 'inet6 2001:db8:9:'; }}
attacked() {{ grep -qi {end} /run/frames; }}
waits autoconfigured && echo "result slaac yes" || echo "result slaac no"
frame show eth0 {seconds} >/run/frames &
echo watching
waits attacked
sleep 2  # what follows the last frame
seen() {{ if grep -qi "$2" /run/frames; then echo "result $1 seen"; else echo "result $1 absent"; fi; }}
{marks}
echo "result routers $(ip -6 route show default | sed 's/.*via \([^ ]*\) .*/\1/' | sort | tr '\n' ' ')"
echo "watch done"
'''


@pytest.fixture(scope='module')
def ipv6(guests, alpha):
    """A guest in a dual-stack network of alpha's with a router, after its sibling has forged advertisements in all ways."""
    network = alpha.network.create_network(name='six')
    alpha.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.9.0.0/24')
    subnet = alpha.network.create_subnet(network_id=network.id, ip_version=6, cidr='2001:db8:9::/64', ipv6_ra_mode='slaac',
                                         ipv6_address_mode='slaac')
    router = alpha.network.create_router(name='six')
    alpha.network.add_interface_to_router(router, subnet_id=subnet.id)
    leg = next(alpha.network.ports(device_id=router.id))
    try:
        marks = '\n'.join(f'seen {name} {mark.hex()}' for name, mark in FORGED_MARKS.items())
        watcher = guests(alpha, 'watcher6', network.id, IPV6_WATCHER.format(marks=marks, end=END6.hex(), seconds=BOOT_TIMEOUT)).active()
        watcher.wait_for('watching')
        port = alpha.network.create_port(network_id=network.id)
        own = port.mac_address
        frames = [router_advertisement(own, FORGED_MARKS[name], headers) for name, headers in FORGED.items()]
        frames += [router_advertisement(own, FORGED_MARKS['to-one'], dst_mac=watcher.mac, dst=link_local(watcher.mac)),
                   neighbour_solicitation(own, FORGED_MARKS['neighbour']), neighbour_solicitation(own, END6)]
        forger = guests(alpha, 'forger', None, '#!/bin/sh\n' + '\n'.join(f'frame send eth0 {f.hex()} 3' for f in frames),
                        port=port.id).active()
        watcher.wait_for('watch done')
        yield watcher, link_local(leg.mac_address)
        for guest in (watcher, forger):
            guest.delete()
    finally:
        alpha.network.remove_interface_from_router(router, subnet_id=subnet.id)
        alpha.network.delete_router(router)
        for port in alpha.network.ports(network_id=network.id):
            alpha.network.delete_port(port)
        alpha.network.delete_network(network)


def test_the_routers_own_advertisement_arrives(ipv6):
    assert ipv6[0].result('slaac') == 'yes'


def test_neighbour_discovery_of_a_sibling_arrives(ipv6):
    """The same path and shape as a forged advertisement's: what stops that is the guard alone."""
    assert ipv6[0].result('neighbour') == 'seen'


@pytest.mark.parametrize('forgery', [*FORGED, 'to-one'])
def test_a_siblings_router_advertisement_is_dropped(ipv6, forgery):
    assert ipv6[0].result(forgery) == 'absent'


def test_the_only_router_is_the_networks(ipv6):
    assert ipv6[0].result('routers').split() == [str(ipv6[1])]


def test_ingress_is_denied_by_default(guests, alpha, networks):
    """A server with a group of its own that allows nothing is not even pinged by its neighbour."""
    group = alpha.network.create_security_group(name='closed')
    try:
        closed = guests(alpha, 'closed', networks['alpha'], '#!/bin/sh\nnc -l -p 7777 </dev/null >/dev/null &\necho up\n',
                        security_groups=[{'name': 'closed'}]).active()
        closed.wait_for('up')
        knocker = guests(alpha, 'knocker', networks['alpha'], '#!/bin/sh\n'
                         f'ping -c 3 -W 2 {closed.address} >/dev/null && echo result ping yes || echo result ping no\n'
                         f'nc -w 3 {closed.address} 7777 </dev/null && echo result tcp yes || echo result tcp no\n'
                         'echo knocked\n').active()
        knocker.wait_for('knocked')
        assert knocker.result('ping') == 'no'
        assert knocker.result('tcp') == 'no'
        closed.delete()
    finally:
        alpha.network.delete_security_group(group, ignore_missing=True)
