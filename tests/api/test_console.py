# SPDX-License-Identifier: Apache-2.0
"""Consoles through nginx, as a browser opens them: whose they are, and that they end with what allowed them. The screen is a socket of
the test's own where a guest's display would be; it answers what it is sent."""
import base64
import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse
import uuid

import openstack
import pytest
from callers import Api, clock, enrol, person as caller, user_of, wait_for
from test_contracts import activate, make_server, new_contract, today

WITHIN = 60  # seconds from the end of a right to the end of the console: five on an idle machine


class Display:
    """Answers on the socket of a server's screen with what it gets."""

    def __init__(self, server):
        self.path = f'/run/akashi/console/{server}.sock'
        self.listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o777)
        self.listener.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.echo, args=(one,), daemon=True).start()

    @staticmethod
    def echo(one):
        while data := one.recv(4096):
            one.sendall(data)

    def close(self):
        self.listener.close()
        os.unlink(self.path)


class Screen:
    """A WebSocket (RFC 6455) to a console; 'status' is that of the handshake."""

    def __init__(self, url, ca, token):
        where = urllib.parse.urlsplit(url)
        context = ssl.create_default_context(cafile=ca)
        self.sock = context.wrap_socket(socket.create_connection((where.hostname, where.port), timeout=WITHIN), server_hostname=where.hostname)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f'GET /compute/console?token={token} HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                           f'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: binary\r\n\r\n').encode())
        self.buffer = b''
        while b'\r\n\r\n' not in self.buffer:
            got = self.sock.recv(4096)
            assert got, self.buffer
            self.buffer += got
        head, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        self.status = int(head.split()[1])

    def take(self, size):
        while len(self.buffer) < size:
            got = self.sock.recv(4096)
            if not got:
                raise EOFError
            self.buffer += got
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def frame(self):
        first, size = self.take(2)
        size = struct.unpack('>H', self.take(2))[0] if size == 126 else size
        return first & 15, self.take(size)

    def type(self, text):
        mask = os.urandom(4)
        self.sock.sendall(bytes([0x82, 0x80 | len(text)]) + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(text)))

    def works(self):
        self.type(b'hello')
        return self.frame() == (2, b'hello')

    def ends(self):
        """The code with which the server closes; how long that took."""
        start = time.monotonic()
        while True:
            kind, data = self.frame()
            if kind == 8:
                return struct.unpack('>H', data[:2])[0], time.monotonic() - start


@pytest.fixture(scope='module')
def server(alpha, tmp_path_factory):
    disk = tmp_path_factory.mktemp('image') / 'disk.raw'
    disk.write_bytes(bytes(1 << 20))
    image = alpha.create_image('console-disk', filename=str(disk), disk_format='raw', container_format='bare', wait=True)
    net = alpha.network.create_network(name='console-net')
    subnet = alpha.network.create_subnet(network_id=net.id, ip_version=4, cidr='10.9.0.0/24')

    def make(name):
        return alpha.compute.wait_for_server(alpha.compute.create_server(
            name=name, image_id=image.id, flavor_id=alpha.compute.find_flavor('tiny').id, networks=[{'uuid': net.id}]), wait=30)
    made = make('console')
    made.another = make
    display = Display(made.id)
    yield made
    display.close()
    alpha.delete_server(made.id, wait=True)
    alpha.network.delete_subnet(subnet)
    alpha.network.delete_network(net)
    alpha.image.delete_image(image.id)


class Person:
    """A new user of a project, with consoles to open."""

    def __init__(self, admin, cloud, role):
        self.admin, self.role, self.ca = admin, role, admin.config.config['cacert']
        auth = user_of(admin, f'screen-{uuid.uuid4().hex[:8]}', cloud.current_project_id, role)
        auth['auth_url'] = cloud.config.auth['auth_url']
        self.project = cloud.current_project_id
        self.cloud = openstack.connect(auth=auth, region_name='RegionOne', cacert=self.ca)
        self.base = auth['auth_url'].removesuffix('/identity')
        self.user = self.cloud.current_user_id
        self.api = Api(self.cloud)

    def url(self, server, status=200):
        answer = self.cloud.session.post(f'{self.base}/compute/v2.1/servers/{server}/remote-consoles', raise_exc=False, json={
            'remote_console': {'protocol': 'vnc', 'type': 'novnc'}}, headers={'OpenStack-API-Version': 'compute 2.6'})
        assert answer.status_code == status, answer.text
        return answer.json()['remote_console']['url'] if status == 200 else None

    def connect(self, url, base=None):
        return Screen(base or url, self.ca, urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)['token'][0])

    def open(self, server):
        screen = self.connect(self.url(server))
        assert screen.status == 101 and screen.works()
        return screen

    def logout(self):
        token = self.cloud.session.get_token()
        self.cloud.session.delete(f'{self.base}/identity/v3/auth/tokens', headers={'X-Subject-Token': token})

    def give(self, role):
        self.admin.identity.assign_project_role_to_user(self.project, self.user, self.admin.identity.find_role(role))

    def take(self, role):
        self.admin.identity.unassign_project_role_from_user(self.project, self.user, self.admin.identity.find_role(role))


@pytest.fixture
def person(admin, alpha):
    made = Person(admin, alpha, 'member')
    yield made
    admin.identity.delete_user(made.user, ignore_missing=True)


@pytest.fixture
def boss(admin):
    return Api(admin)


def demoted(person, boss):
    person.give('reader')
    person.take('member')


def disabled(person, boss):
    person.admin.identity.update_user(person.user, is_enabled=False)


def new_password(person, boss):
    person.admin.identity.update_user(person.user, password=uuid.uuid4().hex)


def excluded(person, boss):
    boss.ok('PUT', f'/allow-list/{person.project}', {'allow_list': {'cidrs': ['198.51.100.0/24']}})


def outside(person, boss):
    slug = f'room-{uuid.uuid4().hex[:6]}'
    boss.ok('POST', '/areas', {'area': {'slug': slug, 'name_ja': '室', 'name_en': 'Room', 'cidrs': ['198.51.100.0/24']}})
    boss.ok('PUT', f'/project-areas/{person.project}', {'project_areas': {'console': [slug]}})


@pytest.fixture
def from_anywhere(boss, alpha):
    yield
    boss.ok('PUT', f'/allow-list/{alpha.current_project_id}', {'allow_list': {'anywhere': True}})
    boss.ok('PUT', f'/project-areas/{alpha.current_project_id}', {'project_areas': {'console': []}})


@pytest.mark.parametrize('end', [lambda person, boss: person.logout(), demoted, disabled, new_password, excluded, outside],
                         ids=['logout', 'demoted', 'disabled', 'new-password', 'allow-list', 'area'])
def test_a_console_ends_with_what_allowed_it(person, boss, server, from_anywhere, end):
    screen, unused = person.open(server.id), person.url(server.id)
    end(person, boss)
    code, took = screen.ends()
    assert code == 1008 and took < WITHIN
    assert person.connect(unused).status in (401, 403), 'an address of a console that was not opened yet is as good as the right'
    assert boss.ok('GET', f'/events?object_id={server.id}&action=compute.console.cut')['events'][0]['actor_id'] == person.user


def test_a_console_lasts_as_long_as_nothing_changes(person, server):
    screen = person.open(server.id)
    time.sleep(5)
    assert screen.works()


def test_a_deleted_server_has_no_screen(person, server, alpha):
    mine = server.another('short')
    display = Display(mine.id)
    try:
        screen = person.open(mine.id)
        alpha.delete_server(mine.id, wait=True)
        assert screen.ends()[0] == 1008
    finally:
        display.close()


def test_an_address_opens_one_console_once(person, server):
    url = person.url(server.id)
    assert person.connect(url).status == 101
    assert person.connect(url).status in (401, 403)
    assert person.connect(url.replace('token=', 'token=x')).status in (401, 403)


def test_a_reader_and_a_stranger_get_none(admin, alpha, beta, server):
    reader, stranger = Person(admin, alpha, 'reader'), Person(admin, beta, 'manager')
    try:
        reader.url(server.id, status=403)
        stranger.url(server.id, status=404)
    finally:
        admin.identity.delete_user(reader.user)
        admin.identity.delete_user(stranger.user)


@pytest.fixture
def operator(admin):
    made = Person(admin, admin, 'operator')
    enrol(made.api)
    yield made
    admin.identity.delete_user(made.user)


@pytest.fixture
def master(admin, alpha):
    made = Person(admin, alpha, 'manager')
    yield made
    admin.identity.delete_user(made.user)


def break_glass(operator, master, server):
    glass = operator.api.ok('POST', '/break-glass', {'break_glass': {
        'project_id': master.project, 'server_id': server.id, 'reason': 'screen', 'hours': 1}})['break_glass']['id']
    master.api.ok('POST', f'/break-glass/{glass}/consent')
    return glass


def test_an_operators_console_ends_with_the_break_glass_and_is_on_his_listener_only(operator, master, server):
    operator.url(server.id, status=403)
    glass = break_glass(operator, master, server)
    url = operator.url(server.id)
    assert url.startswith(operator.base + '/console'), 'the page of the management listener'
    assert operator.connect(url, base=master.base).status in (401, 403), 'the URL is worth nothing on the customer listener'
    screen = operator.connect(url)
    assert screen.status == 101 and screen.works()
    master.api.ok('POST', f'/break-glass/{glass}/revoke')
    assert screen.ends()[0] == 1008
    operator.url(server.id, status=403)
    actions = [e['action'] for e in master.api.ok('GET', f'/events?object_id={server.id}')['events']]
    assert actions.index('compute.console.cut') < actions.index('compute.console.connect')


def test_an_operators_console_ends_when_the_time_of_the_break_glass_is_over(operator, master, server):
    break_glass(operator, master, server)
    screen = operator.open(server.id)
    clock.move(3601)
    try:
        assert screen.ends()[0] == 1008
    finally:
        clock.move(-3601)


def test_a_console_ends_with_the_role_for_a_time_that_allowed_it(admin, alpha, master, server, boss):
    guest = Person(admin, alpha, 'reader')
    offset = clock.offset()
    # late in the evening of Tokyo, so that the role ends within the time of the session that opens the console
    clock.move(23 * 3600 - (clock.now() + 9 * 3600) % 86400 + 86400)
    try:
        guest.url(server.id, status=403)
        asked = master.api.ask('privilege-grant', user=guest.user, role='member', until=today(), reason='screen')
        boss.ok('POST', f"/requests/{asked['id']}/approve")
        wait_for('the role', lambda: master.api.ok('GET', f"/requests/{asked['id']}")['request']['state'] == 'done')
        screen = guest.open(server.id)
        clock.move(3601)
        assert screen.ends()[0] == 1008
        cut = boss.ok('GET', f'/events?object_id={server.id}&action=compute.console.cut')['events'][0]
        assert (cut['actor_id'], cut['reason']) == (guest.user, 'forbidden'), 'by the role, not by the session'
        guest.url(server.id, status=403)
    finally:
        clock.set_offset(offset)
        admin.identity.delete_user(guest.user)


@pytest.fixture
def contract(admin, alpha, boss, tmp_path):
    """A contract whose class leaves the console to the customer, within an area; its master and a server with a screen."""
    disk = tmp_path / 'disk.raw'
    disk.write_bytes(bytes(1 << 20))
    image = admin.create_image('contract-console', filename=str(disk), disk_format='raw', container_format='bare', wait=True, visibility='public')
    offset = clock.offset()
    made, master = activate(caller(admin), alpha, new_contract(caller(admin), 'tic'))
    area = next(a for a in boss.ok('GET', '/areas')['areas'] if a['slug'] == 'work-area')
    boss.ok('PATCH', f"/areas/{area['id']}", {'area': {'cidrs': ['127.0.0.0/8', '::1/128']}})
    server = make_server(master, image)['server']['id']
    wait_for('the server', lambda: master.get(f'/compute/v2.1/servers/{server}')['server']['status'] == 'ACTIVE')
    display = Display(server)
    yield made, master, server
    display.close()
    clock.set_offset(offset)
    boss.ok('PATCH', f"/areas/{area['id']}", {'area': {'cidrs': area['cidrs']}})
    admin.image.delete_image(image.id)


def test_a_console_ends_with_the_contract(admin, boss, contract):
    made, master, server = contract
    ask = (f'/compute/v2.1/servers/{server}/remote-consoles', {'remote_console': {'protocol': 'vnc', 'type': 'novnc'}})
    version = {'OpenStack-API-Version': 'compute 2.6'}
    url = master.call('POST', *ask, headers=version).json()['remote_console']['url']
    screen = Screen(url, admin.config.config['cacert'], urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)['token'][0])
    assert screen.status == 101 and screen.works()
    master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': today(1), 'reason': 'screen'}})
    assert screen.works(), 'a cancelled contract is as before until its day'
    master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': today(0), 'reason': 'screen'}})
    clock.move(61)  # the schedule's period
    wait_for('the end', lambda: boss.ok('GET', f"/contracts/{made['id']}")['contract']['ended_at'])
    assert screen.ends()[0] == 1008
    assert boss.ok('GET', f'/events?object_id={server}&action=compute.console.cut')['events'][0]['actor_name'] == 'master'
    # the end of a contract ends its sessions, and with a new one nobody gets a console
    assert master.session.get(master.base + '/service/v1/me', headers={'X-Auth-Token': master.token}).status_code == 401
    master.call('POST', *ask, headers=version, status=403)
