# SPDX-License-Identifier: Apache-2.0
"""Zones and countries of hosts: a class's servers run where its file allows, and nowhere else."""
import json
import secrets
import subprocess
import time

import pytest

from test_matrix import Caller, contract_of, master_of


@pytest.fixture(scope='module')
def caller(alpha, admin):
    return Caller(alpha.config.auth['auth_url'].removesuffix('/identity'), admin.config.auth['auth_url'].removesuffix('/identity'),
                  alpha.config.config['cacert'])


@pytest.fixture(scope='module')
def place(admin, tmp_path_factory):
    disk = tmp_path_factory.mktemp('place') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    image = admin.create_image(f'place-{secrets.token_hex(3)}', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True,
                               visibility='public')
    yield image, admin.compute.find_flavor('tiny')
    admin.delete_image(image.id)


def server(caller, token, place, *states):
    """A new server in one of the states."""
    image, flavor = place
    made = caller.ok('customer', token, 'POST', '/compute/v2.1/servers',
                     {'server': {'name': 'placed', 'imageRef': image.id, 'flavorRef': flavor.id}})['server']
    end = time.monotonic() + 60
    while True:
        seen = caller.ok('customer', token, 'GET', f"/compute/v2.1/servers/{made['id']}")['server']
        if seen['status'] in states:
            return seen
        assert seen['status'] == 'BUILD' and time.monotonic() < end, f"{seen['status']} {seen.get('fault')}"
        time.sleep(0.2)


def reasons(server_id):
    """Why hosts refused it, as the worker's log tells the operator."""
    with open('/var/log/akashi/worker.log', encoding='utf-8') as log:
        return [m for m in (json.loads(line)['msg'] for line in log if server_id in line and line.startswith('{')) if 'refused:' in m]


def hosts(caller, token):
    return caller.ok('management', token, 'GET', '/service/v1/hosts')['hosts']


def set_place(caller, token, name, **to):
    return caller.send('management', token, 'PATCH', f'/service/v1/hosts/{name}', {'host': to})


def empty(caller, admin, token):
    for one in admin.compute.servers(all_projects=True):
        admin.compute.delete_server(one, ignore_missing=True)
    end = time.monotonic() + 60
    while any(h['servers'] for h in hosts(caller, token)):
        assert time.monotonic() < end, 'servers stay'
        time.sleep(0.2)


def test_where_hosts_are_is_said_by_operators_only(caller, admin, alpha):
    token = admin.session.get_token()
    host = hosts(caller, token)[0]
    assert (host['zone'], host['country']) == ('general', 'JP')
    for to, status in (({'zone': 'moon'}, 400), ({'country': 'jp'}, 400), ({'country': 'JPN'}, 400), ({'servers': 3}, 400)):
        assert set_place(caller, token, host['name'], **to).status_code == status, to
    assert set_place(caller, token, 'no-such-host', zone='general').status_code == 404
    for listener, status in (('customer', (404, 405)), ('management', (403,))):
        answer = caller.send(listener, alpha.session.get_token(), 'PATCH', f"/service/v1/hosts/{host['name']}", {'host': {'zone': 'general'}})
        assert answer.status_code in status, answer.text
    done = subprocess.run(['akashi', 'host', 'set', host['name'], '--country', 'JP'], check=True, text=True, stdout=subprocess.PIPE)
    assert done.stdout == f"{host['name']}: zone general, country JP\n"


def test_municipal_and_private_customers_share_no_host(caller, admin, place):
    token = admin.session.get_token()
    city, firm = (master_of(caller, contract_of(caller, token, name)) for name in ('tic-lgov', 'tic'))
    host = hosts(caller, token)[0]['name']
    refused = server(caller, city, place, 'ERROR')
    assert any('in placement zone general, the service class allows ["municipal"]' in r for r in reasons(refused['id'])), reasons(refused['id'])
    server(caller, firm, place, 'ACTIVE')
    occupied = set_place(caller, token, host, zone='municipal')
    assert occupied.status_code == 409 and occupied.json()['slug'] == 'compute-host-occupied', occupied.text
    empty(caller, admin, token)
    try:
        assert set_place(caller, token, host, zone='municipal').json()['host']['zone'] == 'municipal'
        server(caller, city, place, 'ACTIVE')
        assert any('in placement zone municipal' in r for r in reasons(server(caller, firm, place, 'ERROR')['id']))
        empty(caller, admin, token)
        assert set_place(caller, token, host, zone='general', country='US').status_code == 200
        assert any('in country US, the service class allows ["JP"]' in r for r in reasons(server(caller, firm, place, 'ERROR')['id']))
    finally:
        empty(caller, admin, token)
        assert set_place(caller, token, host, zone='general', country='JP').status_code == 200


def test_who_shares_no_host_is_alone_on_it(caller, admin, place, alpha):
    token = admin.session.get_token()
    one, two = (master_of(caller, contract_of(caller, token, 'tic-dedicated')) for _ in range(2))
    host = hosts(caller, token)[0]['name']
    empty(caller, admin, token)
    try:
        assert set_place(caller, token, host, zone='dedicated').status_code == 200
        server(caller, one, place, 'ACTIVE')
        server(caller, one, place, 'ACTIVE')
        assert any('shares no host' in r for r in reasons(server(caller, two, place, 'ERROR')['id']))
    finally:
        empty(caller, admin, token)
        assert set_place(caller, token, host, zone='general').status_code == 200
