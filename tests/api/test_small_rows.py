# SPDX-License-Identifier: Apache-2.0
"""Rows of the route tables that no client's common command reaches: asked directly, as a program would."""
import base64
import os
import secrets
import socket
import ssl
import threading
import urllib.parse
import uuid

import pytest
from test_compute import gone, image, make, name, network, wait_status  # noqa: F401 pylint: disable=unused-import


def ask(cloud, service, method, path, body=None, status=200, version=None):
    """One request; the parsed answer, None when it has no body."""
    session = getattr(cloud, service)
    headers = {'OpenStack-API-Version': f'compute {version}'} if version else {}
    answer = session.request(path, method, json=body, headers=headers, raise_exc=False)
    assert answer.status_code == status, f'{method} {path}: {answer.status_code} {answer.text[:300]}'
    return answer.json() if answer.content else None


# --- identity -------------------------------------------------------------------------------------------------------------

@pytest.fixture
def identity(admin):
    base = '/v3'

    def call(method, path, body=None, status=200, cloud=admin, headers=None):
        url = cloud.config.auth['auth_url'] + base + path
        answer = cloud.session.request(url, method, json=body, headers=headers or {}, raise_exc=False)
        assert answer.status_code == status, f'{method} {path}: {answer.status_code} {answer.text[:300]}'
        return answer.json() if answer.content else None
    return call


def test_roles_are_made_changed_and_deleted(identity, alpha, name):
    role = identity('POST', '/roles', {'role': {'name': name, 'description': 'first'}}, 201)['role']
    assert identity('GET', f"/roles/{role['id']}")['role']['description'] == 'first'
    identity('POST', '/roles', {'role': {'name': name}}, 409)
    changed = identity('PATCH', f"/roles/{role['id']}", {'role': {'description': 'second'}})['role']
    assert changed['description'] == 'second' and changed['name'] == name
    identity('POST', '/roles', {'role': {'name': name + 'x'}}, 405, cloud=alpha)  # an operator's verb
    identity('DELETE', f"/roles/{role['id']}", status=204)
    identity('GET', f"/roles/{role['id']}", status=404)


def test_assignments_on_a_domain_and_a_project_are_told(identity, admin, name):
    user = identity('POST', '/users', {'user': {'name': name, 'password': secrets.token_hex(12)}}, 201)['user']
    reader = next(r for r in identity('GET', '/roles?name=reader')['roles'])
    project = identity('GET', '/projects?name=alpha')['projects'][0]
    try:
        for scope in ('/domains/default', f"/projects/{project['id']}"):
            roles = f"{scope}/users/{user['id']}/roles"
            identity('GET', f"{roles}/{reader['id']}", status=404)
            identity('PUT', f"{roles}/{reader['id']}", status=204)
            identity('GET', f"{roles}/{reader['id']}", status=204)
            assert [r['id'] for r in identity('GET', roles)['roles']] == [reader['id']]
            identity('DELETE', f"{roles}/{reader['id']}", status=204)
            assert identity('GET', roles)['roles'] == []
        assert identity('GET', f"/users/{user['id']}/groups")['groups'] == []
        assert identity('GET', '/domains/default')['domain']['id'] == 'default'
    finally:
        identity('DELETE', f"/users/{user['id']}", status=204)


def test_the_catalog_is_also_told_piece_by_piece(identity):
    for kind, one in (('services', 'service'), ('endpoints', 'endpoint'), ('regions', 'region')):
        first = identity('GET', f'/{kind}')[kind][0]
        assert identity('GET', f"/{kind}/{first['id']}")[one] == first
        identity('GET', f'/{kind}/{uuid.uuid4().hex}', status=404)
    assert identity('GET', '/groups')['groups'] == []
    identity('GET', f'/groups/{uuid.uuid4().hex}', status=404)


def test_a_token_is_revoked_by_its_owner(alpha, identity):
    auth = alpha.config.auth
    body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': {
        'name': auth['username'], 'domain': {'id': 'default'}, 'password': auth['password']}}}}}
    answer = alpha.session.post(auth['auth_url'] + '/v3/auth/tokens', json=body, authenticated=False)
    subject = {'X-Subject-Token': answer.headers['X-Subject-Token']}
    identity('GET', '/auth/tokens', headers=subject)
    identity('DELETE', '/auth/tokens', headers=subject, status=204)
    identity('GET', '/auth/tokens', headers=subject, status=404)


def test_an_application_credential_is_shown(alpha, identity, name):
    user = alpha.current_user_id
    made = identity('POST', f'/users/{user}/application_credentials', {'application_credential': {'name': name}}, 201, cloud=alpha)
    ident = made['application_credential']['id']
    shown = identity('GET', f'/users/{user}/application_credentials/{ident}', cloud=alpha)['application_credential']
    assert shown['name'] == name and 'secret' not in shown
    identity('DELETE', f'/users/{user}/application_credentials/{ident}', status=204, cloud=alpha)


# --- image ----------------------------------------------------------------------------------------------------------------

def test_tags_members_and_stores_of_images(alpha, beta, name):
    made = ask(alpha, 'image', 'POST', '/images', {'name': name, 'visibility': 'shared', 'disk_format': 'raw',
                                                      'container_format': 'bare'}, 201)
    path = f"/images/{made['id']}"
    try:
        ask(alpha, 'image', 'PUT', f'{path}/tags/blue', status=204)
        assert ask(alpha, 'image', 'GET', path)['tags'] == ['blue']
        ask(alpha, 'image', 'DELETE', f'{path}/tags/blue', status=204)
        ask(alpha, 'image', 'DELETE', f'{path}/tags/blue', status=404)
        member = beta.current_project_id
        ask(alpha, 'image', 'POST', f'{path}/members', {'member': member})
        for cloud in (alpha, beta):
            assert ask(cloud, 'image', 'GET', f'{path}/members/{member}')['status'] == 'pending'
        ask(alpha, 'image', 'GET', '/info/stores', status=404)  # there is one store: clients take that for an answer
    finally:
        ask(alpha, 'image', 'DELETE', path, status=204)


# --- compute --------------------------------------------------------------------------------------------------------------

def test_a_private_flavor_is_given_to_a_project(admin, alpha, name):
    body = {'flavor': {'name': name, 'ram': 64, 'vcpus': 1, 'disk': 1, 'os-flavor-access:is_public': False}}
    flavor = ask(admin, 'compute', 'POST', '/flavors', body)['flavor']
    path, project = f"/flavors/{flavor['id']}", alpha.current_project_id
    try:
        ask(alpha, 'compute', 'POST', '/flavors', body, 405)  # an operator's verb
        ask(alpha, 'compute', 'GET', path, status=404)
        ask(admin, 'compute', 'POST', f'{path}/action', {'addTenantAccess': {'tenant': project}})
        given = ask(admin, 'compute', 'GET', f'{path}/os-flavor-access')['flavor_access']
        assert given == [{'flavor_id': flavor['id'], 'tenant_id': project}]
        assert ask(alpha, 'compute', 'GET', path)['flavor']['name'] == name
        ask(admin, 'compute', 'POST', f'{path}/action', {'removeTenantAccess': {'tenant': project}})
        ask(alpha, 'compute', 'GET', path, status=404)
        specs = f'{path}/os-extra_specs'
        assert ask(admin, 'compute', 'POST', specs, {'extra_specs': {'a:b': '1'}})['extra_specs'] == {'a:b': '1'}
        assert ask(admin, 'compute', 'PUT', f'{specs}/c', {'c': '2'}) == {'c': '2'}
        assert ask(admin, 'compute', 'GET', f'{specs}/c') == {'c': '2'}
        assert ask(admin, 'compute', 'GET', specs)['extra_specs'] == {'a:b': '1', 'c': '2'}
        ask(admin, 'compute', 'DELETE', f'{specs}/c', status=200)
        ask(admin, 'compute', 'GET', f'{specs}/c', status=404)
    finally:
        ask(admin, 'compute', 'DELETE', path, status=202)


def test_hosts_and_services_are_told_and_switched(admin, alpha):
    hypervisor = ask(admin, 'compute', 'GET', '/os-hypervisors')['hypervisors'][0]
    shown = ask(admin, 'compute', 'GET', f"/os-hypervisors/{hypervisor['id']}")['hypervisor']
    assert shown['hypervisor_hostname'] == hypervisor['hypervisor_hostname']
    assert ask(admin, 'compute', 'GET', '/os-hypervisors/statistics')['hypervisor_statistics']['count'] >= 1
    service = next(s for s in ask(admin, 'compute', 'GET', '/os-services')['services'] if s['binary'] == 'nova-compute')
    who = {'host': service['host'], 'binary': 'nova-compute'}
    try:
        off = ask(admin, 'compute', 'PUT', '/os-services/disable', who)['service']
        assert off['status'] == 'disabled'
        off = ask(admin, 'compute', 'PUT', '/os-services/disable-log-reason', {**who, 'disabled_reason': 'disk swap'})['service']
        assert off['disabled_reason'] == 'disk swap'
    finally:
        assert ask(admin, 'compute', 'PUT', '/os-services/enable', who)['service']['status'] == 'enabled'
    zones = ask(admin, 'compute', 'GET', '/os-availability-zone/detail')['availabilityZoneInfo']
    assert zones[0]['zoneName'] == 'nova' and zones[0]['zoneState']['available']
    ask(alpha, 'compute', 'GET', '/os-services', status=403)


def test_extensions_and_quotas_are_told(admin, alpha):
    alias = ask(alpha, 'compute', 'GET', '/extensions')['extensions'][0]['alias']
    assert ask(alpha, 'compute', 'GET', f'/extensions/{alias}')['extension']['alias'] == alias
    ask(alpha, 'compute', 'GET', '/extensions/no-such', status=404)
    project = alpha.current_project_id
    detail = ask(alpha, 'compute', 'GET', f'/os-quota-sets/{project}/detail')['quota_set']
    assert {'limit', 'in_use', 'reserved'} <= set(detail['cores'])


def test_parts_of_a_server_are_told_and_changed(alpha, make, name, network):
    server = make(name)
    path = f'/servers/{server.id}'
    addresses = ask(alpha, 'compute', 'GET', f'{path}/ips')['addresses']
    assert list(addresses) == [network.name]
    assert ask(alpha, 'compute', 'GET', f'{path}/ips/{network.name}') == addresses
    assert [g['name'] for g in ask(alpha, 'compute', 'GET', f'{path}/os-security-groups')['security_groups']] == ['default']
    assert ask(alpha, 'compute', 'GET', f'{path}/os-volume_attachments')['volumeAttachments'] == []
    assert ask(alpha, 'compute', 'PUT', path, {'server': {'name': name + 'y'}})['server']['name'] == name + 'y'
    assert ask(alpha, 'compute', 'PUT', f'{path}/metadata', {'metadata': {'a': '1', 'b': '2'}})['metadata'] == {'a': '1', 'b': '2'}
    assert ask(alpha, 'compute', 'PUT', f'{path}/metadata/b', {'meta': {'b': '3'}})['meta'] == {'b': '3'}
    assert ask(alpha, 'compute', 'GET', f'{path}/metadata/b')['meta'] == {'b': '3'}
    assert ask(alpha, 'compute', 'GET', f'{path}/metadata')['metadata'] == {'a': '1', 'b': '3'}
    tags = f'{path}/tags'
    assert ask(alpha, 'compute', 'PUT', tags, {'tags': ['red', 'blue']}, version='2.26')['tags'] is not None
    assert sorted(ask(alpha, 'compute', 'GET', tags, version='2.26')['tags']) == ['blue', 'red']
    ask(alpha, 'compute', 'GET', f'{tags}/red', status=204, version='2.26')
    ask(alpha, 'compute', 'DELETE', f'{tags}/red', status=204, version='2.26')
    ask(alpha, 'compute', 'GET', f'{tags}/red', status=404, version='2.26')
    ask(alpha, 'compute', 'PUT', f'{tags}/green', status=201, version='2.26')
    ask(alpha, 'compute', 'DELETE', tags, status=204, version='2.26')
    ask(alpha, 'compute', 'GET', tags, status=404, version='2.25')
    action = ask(alpha, 'compute', 'GET', f'{path}/os-instance-actions')['instanceActions'][-1]
    assert action['action'] == 'create'
    shown = ask(alpha, 'compute', 'GET', f"{path}/os-instance-actions/{action['request_id']}")['instanceAction']
    assert shown['request_id'] == action['request_id']


def test_suspend_reset_and_forced_delete(alpha, admin, make, name):
    server = make(name)
    act = f'/servers/{server.id}/action'
    ask(alpha, 'compute', 'POST', act, {'suspend': None}, 202)
    wait_status(alpha, server, 'SUSPENDED')
    ask(alpha, 'compute', 'POST', act, {'resume': None}, 202)
    wait_status(alpha, server, 'ACTIVE')
    ask(alpha, 'compute', 'POST', act, {'os-resetState': {'state': 'error'}}, 400)  # an operator's verb
    ask(admin, 'compute', 'POST', act, {'os-resetState': {'state': 'error'}}, 202)
    assert alpha.compute.get_server(server.id).status == 'ERROR'
    ask(admin, 'compute', 'POST', act, {'os-resetState': {'state': 'active'}}, 202)
    wait_status(alpha, server, 'ACTIVE')
    ask(alpha, 'compute', 'POST', act, {'forceDelete': None}, 202)
    gone(alpha, server.id)


class Display(threading.Thread):
    """A guest's display socket, as QEMU would make it: greets, then echoes."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o777)
        self.listener.listen(1)

    def run(self):
        peer, _ = self.listener.accept()
        peer.sendall(b'RFB 003.008\n')
        while data := peer.recv(65536):
            peer.sendall(data)
        peer.close()


def frame(payload, opcode=2):
    mask = secrets.token_bytes(4)
    head = bytes([0x80 | opcode, 0x80 | 126]) + len(payload).to_bytes(2, 'big')
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def handshake(cloud, path):
    address = urllib.parse.urlsplit(cloud.config.auth['auth_url'])
    context = ssl.create_default_context(cafile=cloud.config.config['cacert'])
    wire = context.wrap_socket(socket.create_connection((address.hostname, address.port), 10), server_hostname=address.hostname)
    wire.sendall(f'GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                 f'Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n'
                 'Sec-WebSocket-Protocol: binary\r\n\r\n'.encode())
    stream = wire.makefile('rb')
    status = int(stream.readline().split()[1])
    while stream.readline().strip():
        pass
    return wire, stream, status


def read_bytes(stream, wanted):
    """Payloads of binary frames until 'wanted' bytes are there."""
    have = b''
    while len(have) < wanted:
        head = stream.read(2)
        size = head[1] & 0x7f
        size = int.from_bytes(stream.read(2), 'big') if size == 126 else int.from_bytes(stream.read(8), 'big') if size == 127 else size
        payload = stream.read(size)
        have += payload if head[0] & 0x0f == 2 else b''
    return have


@pytest.mark.parametrize('version', ['2.1', '2.6'])
def test_a_console_relays_bytes_once_per_token(alpha, make, name, version):
    server = make(name)
    path = f'/run/akashi/console/{server.id}.sock'
    if version == '2.1':
        told = ask(alpha, 'compute', 'POST', f'/servers/{server.id}/action', {'os-getVNCConsole': {'type': 'novnc'}})['console']
    else:
        told = ask(alpha, 'compute', 'POST', f'/servers/{server.id}/remote-consoles',
                   {'remote_console': {'protocol': 'vnc', 'type': 'novnc'}}, version='2.6')['remote_console']
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(told['url']).query)['token'][0]
    display = Display(path)
    display.start()
    try:
        wire, stream, status = handshake(alpha, f'/compute/console?token={token}')
        assert status == 101
        assert read_bytes(stream, 12) == b'RFB 003.008\n'
        sent = secrets.token_bytes(60000)
        wire.sendall(frame(sent))
        assert read_bytes(stream, len(sent)) == sent
        assert handshake(alpha, f'/compute/console?token={token}')[2] in (401, 403)
        wire.sendall(frame((1000).to_bytes(2, 'big'), opcode=8))
        display.join(10)
        assert not display.is_alive()
    finally:
        os.unlink(path)
    assert handshake(alpha, '/compute/console?token=guessed')[2] in (401, 403)
    assert handshake(alpha, '/compute/console')[2] in (400, 401, 403)
