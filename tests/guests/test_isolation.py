# SPDX-License-Identifier: Apache-2.0
"""Isolation, proven on real guests: alpha and beta both use 10.0.0.0/24. Every negative has a positive beside
it that shows the tool would have seen an answer. Controls: CLD.9.5.1, CLD.9.5.2, 13.1.3."""
import pytest

# Watches the wire for two minutes; says what arrived that must not.
WATCHER = r'''#!/bin/sh
echo "result mac $(frame mac eth0)"
( while :; do printf 'served\n' | nc -l -p 7777 >/dev/null 2>&1; done ) &
echo watching
frame show eth0 150 >/run/frames
seen() { if grep -qi "$2" /run/frames; then echo "result $1 seen"; else echo "result $1 absent"; fi; }
seen honest 68616b617368692d68                 # "hakashi-h" sent from the attacker's own address
seen forged-mac 68616b617368692d6d
seen forged-ip 68616b617368692d69
seen dhcp-answer 68616b617368692d64
seen router-advertisement 68616b617368692d72
seen arp-for-other 0a0000010a0000c8
ip -6 route | grep -q 'default' && echo "result ipv6-default yes" || echo "result ipv6-default no"
echo "watch done"
'''

# Attacks; $TARGET is the watcher's address, $OTHER an address only beta has, $HOST the host's on the provider network.
ATTACKER = r'''#!/bin/sh
TARGET={target}; TMAC={target_mac}; OTHER={other}; HOST={host}; ROUTER={router}
MAC=$(frame mac eth0)
IP=$(ip -4 -o addr show dev eth0 | sed 's/.*inet \([0-9.]*\).*/\1/')
hexip() {{ printf '%02x%02x%02x%02x' $(echo "$1" | tr . ' '); }}
answers() {{ name=$1; shift; if "$@" >/dev/null 2>&1; then echo "result $name yes"; else echo "result $name no"; fi; }}
tcp() {{ nc -w 3 "$1" "$2" </dev/null; }}

# positives: the tools work
answers ping-peer ping -c 3 -W 2 $TARGET
answers arp-peer arping -c 3 -w 5 -I eth0 $TARGET
answers tcp-peer tcp $TARGET 7777

# the other customer, who uses the same addresses
answers arp-other arping -c 3 -w 5 -I eth0 $OTHER
answers ping-other ping -c 3 -W 2 $OTHER
answers tcp-other tcp $OTHER 7777

# the other customer's router and the host from the provider network; the management network
answers ping-host ping -c 3 -W 2 $HOST
for port in 22 8443 9443 6641 6642 6640 16509; do answers tcp-host-$port tcp $HOST $port; done
answers ping-other-router ping -c 3 -W 2 $ROUTER
answers tcp-metadata tcp 169.254.169.254 80
answers ping-private ping -c 2 -W 2 192.168.0.1
( echo probe | nc -u -w 2 $HOST 53 | grep -q . ) && echo "result udp-host yes" || echo "result udp-host no"

# forged frames towards the watcher: UDP to port 9 with a marker as payload; checksum 0 means none
udp() {{ # udp SRCMAC SRCIP SPORT MARK
  total=$(printf %04x $((20 + 8 + 9))); len=$(printf %04x $((8 + 9)))
  frame send eth0 "${{TMAC}}${{1}}0800 4500${{total}}0000000040110000 $(hexip "$2") $(hexip $TARGET) ${{3}}0009${{len}}0000 $4" 5
}}
udp $MAC $IP 1234 68616b617368692d68
udp 020000badbad $IP 1234 68616b617368692d6d
udp $MAC 10.0.0.200 1234 68616b617368692d69
udp $MAC $IP 0043 68616b617368692d64
# ARP answer for 10.0.0.200 with our address: sender protocol address is not ours
frame send eth0 "${{TMAC}}${{MAC}}0806 0001080006040002 ${{MAC}} 0a0000c8 ${{TMAC}} $(hexip $TARGET)" 5
# router advertisement (ICMPv6 134) to all nodes with the marker in an unknown option
frame send eth0 "333300000001${{MAC}}86dd 60000000 0020 3aff fe80000000000000$(echo $MAC | cut -c1-6)fffe$(echo $MAC | cut -c7-12) ff020000000000000000000000000001 8600000040000708 0000000000000000 fe02 68616b617368692d72 0000000000" 5
echo "attack done"
'''


@pytest.fixture(scope='module')
def attack(guests, alpha, beta, networks, run_on_host):
    other = guests(beta, 'other', networks['beta'],
                   '#!/bin/sh\n( while :; do echo served | nc -l -p 7777; done ) >/dev/null 2>&1 &\n',
                   fixed_ip='10.0.0.150')  # an address nobody in alpha has, else an answer would prove nothing
    watcher = guests(alpha, 'watcher', networks['alpha'], WATCHER)
    for guest in (other, watcher):
        guest.active()
    other.wait_for('user-data end')
    watcher.wait_for('watching')
    assert other.address not in {ip['ip_address'] for p in alpha.network.ports() for ip in p.fixed_ips}
    host_ip = next(a for a in run_on_host('ip', '-4', '-o', 'addr', 'show', 'dev', 'br-ex').split() if '/' in a)
    router = next(beta.network.routers())
    router_ip = router.external_gateway_info['external_fixed_ips'][0]['ip_address']
    attacker = guests(alpha, 'attacker', networks['alpha'],
                      ATTACKER.format(target=watcher.address, target_mac=watcher.mac.replace(':', ''),
                                      other=other.address, host=host_ip.split('/')[0], router=router_ip)).active()
    attacker.wait_for('attack done')
    watcher.wait_for('watch done')
    return attacker, watcher


@pytest.mark.parametrize('probe', ['ping-peer', 'arp-peer', 'tcp-peer'])
def test_a_guest_reaches_its_own_network(attack, probe):
    assert attack[0].result(probe) == 'yes'


@pytest.mark.parametrize('probe', ['arp-other', 'ping-other', 'tcp-other', 'ping-other-router'])
def test_nothing_of_another_customer_answers(attack, probe):
    assert attack[0].result(probe) == 'no'


@pytest.mark.parametrize('probe', ['ping-host', 'udp-host', 'tcp-metadata', 'ping-private'] +
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
