# SPDX-License-Identifier: Apache-2.0
"""What the end of a contract leaves, and what its signed record may say of it. Runs on simulated engines; with the pool of real
qcow2 files (tests/with-stack --set pool=qcow2) it looks at the bytes, too."""
import json
import os
import secrets
import subprocess
import tempfile
import time

import pytest
import requests
from test_contracts import activate, clock, image, make_server, new_contract, person, show, staff, today, wait_for  # noqa: F401

POOL = '/var/lib/akashi/disks'
IMAGES = '/var/lib/akashi/images'


def real_pool():
    return os.path.isdir(POOL) and any(name.endswith('.base') for name in os.listdir(POOL))


@pytest.fixture(autouse=True)
def clock_back(staff):  # noqa: F811
    clock.set_offset(0)
    staff.token = None
    yield
    clock.set_offset(0)
    staff.token = None


def own_image(master, name):
    """An image of the customer's own, with something in it that may be looked for."""
    with tempfile.TemporaryDirectory() as folder:
        raw, disk = os.path.join(folder, 'raw'), os.path.join(folder, 'disk.qcow2')
        with open(raw, 'wb') as out:
            out.write((name.encode() + b' of the customer ') * 40000)
        subprocess.run(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw, disk], check=True)
        with open(disk, 'rb') as content:
            data = content.read()
    image = master.post('/image/v2/images', {'name': name, 'disk_format': 'qcow2', 'container_format': 'bare'}, 201)
    answer = master.session.put(master.base + f"/image/v2/images/{image['id']}/file", data=data, headers={
        'X-Auth-Token': master.token, 'Content-Type': 'application/octet-stream'})
    assert answer.status_code == 204, answer.text
    wait_for('image', lambda: master.get(f"/image/v2/images/{image['id']}")['status'] == 'active')
    return image['id']


class Image:
    def __init__(self, image_id):
        self.id = image_id


def server_of(master, image, name):
    server = make_server(master, Image(image), name)['server']['id']
    wait_for('server', lambda: master.get(f'/compute/v2.1/servers/{server}')['server']['status'] == 'ACTIVE')
    return server


def share(owner, other, image):
    project = other.get('/service/v1/me')['me']['project_id']
    owner.post(f'/image/v2/images/{image}/members', {'member': project})
    other.call('PUT', f'/image/v2/images/{image}/members/{project}', {'status': 'accepted'})


def keep_bytes(*names):
    """Second names for files of the pool, by which their blocks can be read when they are gone."""
    kept = {}
    for folder in (POOL, IMAGES):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if name.startswith(names):
                kept[name] = os.path.join(folder, f'.seen-{secrets.token_hex(4)}')
                os.link(os.path.join(folder, name), kept[name])
    return kept


def is_zero(path):
    with open(path, 'rb') as content:
        return not any(content.read())


def end_now(staff, contract):  # noqa: F811
    staff.post(f"/service/v1/contracts/{contract['id']}/cancel", {'cancel': {'ends_on': today(), 'reason': '終了'}})
    clock.move(31)
    wait_for('the end', lambda: show(staff, contract)['ended_at'])


def delete_now(staff, contract):  # noqa: F811
    """The days of grace pass."""
    clock.move(10 * 86400 + 60)
    staff.token = None
    return wait_for('the deletion', lambda: (c := show(staff, contract))['state'] == 'closed' and c, 60)


def document(staff, record, what=''):  # noqa: F811
    answer = requests.get(staff.base + f'/service/v1/deletion-records/{record}{what}', verify=staff.session.verify, timeout=60)
    return json.loads(answer.content) if answer.status_code == 200 else answer.status_code


def test_the_record_claims_no_base_that_anothers_disk_still_uses(staff, alpha):  # noqa: F811
    contract, giver = activate(staff, alpha, new_contract(staff, 'tic'))
    _other, taker = activate(staff, alpha, new_contract(staff, 'tic'))
    shared, own = own_image(giver, 'shared'), own_image(giver, 'own')
    share(giver, taker, shared)
    disk = server_of(giver, own, 'own01')
    theirs = server_of(taker, shared, 'theirs01')
    kept = keep_bytes(shared, own, disk)
    assert kept or not real_pool()
    end_now(staff, contract)
    closed = delete_now(staff, contract)
    record = document(staff, closed['record_id'])
    objects = {(o['type'], o['id']): o for o in record['objects']}
    base = objects['image-base', f'{shared}.base']
    assert base['removed_at'] is None and 'another project' in base['kept_because']
    assert record['objects_kept'] == 2  # the base, and the row by which it is known
    assert all(o['removed_at'] for o in record['objects'] if (o['type'], o['id']) not in (
        ('image-base', f'{shared}.base'), ('image', shared)))
    assert objects['image-file', shared]['removed_at'] and objects['image-base', f'{own}.base']['removed_at']
    for name, path in kept.items():
        assert is_zero(path) == (name != f'{shared}.base'), name
    assert document(staff, closed['record_id'], '/supplement') == 404

    taker.token = None
    assert taker.get(f'/compute/v2.1/servers/{theirs}')['server']['status'] == 'ACTIVE'
    taker.call('DELETE', f'/compute/v2.1/servers/{theirs}', status=204)
    wait_for('their server', lambda: theirs not in [s['id'] for s in taker.get('/compute/v2.1/servers')['servers']])
    clock.move(3601)  # the sweep of deleted images
    time.sleep(1)
    clock.move(61)  # the schedule of supplements
    later = wait_for('the supplement', lambda: (d := document(staff, closed['record_id'], '/supplement')) != 404 and d)
    assert later['record_id'] == closed['record_id']
    assert {(o['type'], o['id']) for o in later['objects']} == {('image-base', f'{shared}.base'), ('image', shared)}
    assert all(o['removed_at'] for o in later['objects'])
    for name, path in kept.items():
        assert is_zero(path), name
        os.unlink(path)


def test_servers_stop_or_run_on_as_the_class_says(staff, alpha, admin, image):  # noqa: F811
    """biglink-iaas: stopped at the end; tic: they run on through the days of grace."""
    def with_server(name):
        contract, master = activate(staff, alpha, new_contract(staff, name))
        own = show(staff, contract)['project_id']
        if name == 'tic':
            return contract, master, server_of(master, image.id, f'grace-{name}')
        network = master.get('/network/v2.0/networks?router:external=false')['networks'][0]['id']
        made = master.post('/service/v1/requests', {'request': {'kind': 'server-add', 'fields': {
            'name': f'grace-{name}', 'flavor': 'tiny', 'image': image.id, 'network': network}}}, 201)['request']
        staff.post(f"/service/v1/requests/{made['id']}/approve", {'approve': {'comment': 'ok'}})
        server = wait_for('the server', lambda: next(iter(master.get('/compute/v2.1/servers')['servers']), None))['id']
        wait_for('it runs', lambda: master.get(f'/compute/v2.1/servers/{server}')['server']['status'] == 'ACTIVE')
        assert own
        return contract, master, server

    for name, after in (('biglink-iaas', 'SHUTOFF'), ('tic', 'ACTIVE')):
        contract, master, server = with_server(name)
        end_now(staff, contract)
        master.token = None

        def status():
            return master.get(f'/compute/v2.1/servers/{server}')['server']['status']  # noqa: B023
        wait_for(name, lambda: status() == after)  # noqa: B023
        master.call('POST', f'/compute/v2.1/servers/{server}/action', {'os-start' if after == 'SHUTOFF' else 'os-stop': None}, status=403)
        assert status() == after


def test_a_customer_keeps_the_notice_of_its_class(staff, alpha):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'biglink-iaas'))
    refused = master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': today(29)}}, 400)
    assert 'contract-notice' in refused['type'] and today(30) in json.dumps(refused)
    assert show(staff, contract)['state'] == 'active'
    assert master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': today(30)}})['contract']['ends_on'] == today(30)
    # the provider may let it go before
    assert staff.post(f"/service/v1/contracts/{contract['id']}/cancel", {'cancel': {'ends_on': today(2)}})['contract']['ends_on'] == today(2)


def test_a_change_after_the_cancellation_does_not_move_the_end(staff, alpha):  # noqa: F811
    contract, _master = activate(staff, alpha, new_contract(staff, 'tic'))
    own = f"/service/v1/contracts/{contract['id']}"
    before = staff.post(own + '/cancel', {'cancel': {'ends_on': today()}})['contract']
    clock.move(1)
    after = staff.call('PATCH', own, {'contract': {'title': '別名', 'notes': 'x'}}).json()['contract']
    assert after['title'] == '別名' and after['delete_at'] == before['delete_at']
    staff.call('PATCH', own, {'contract': {'ends_on': today(3)}}, status=409)
    # the end itself has not moved: ten days to the second
    staff.post(own + '/cancel', {'cancel': {'ends_on': today(1)}}, 400)
    assert show(staff, contract)['delete_at'] == before['delete_at']


def test_limits_of_users_and_images_are_the_contracts(staff, alpha):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic-dedicated', quotas={'users': 1, 'images': 1, 'image_gib': 0}))
    assert contract['quotas']['users'] == 1 and contract['quotas']['instances'] == 100  # of the class
    own_user = {'user': {'name': f'second-{secrets.token_hex(3)}', 'email': 'a@example.jp', 'role': 'reader'}}
    asked = master.call('POST', '/service/v1/users', own_user, status=403)  # by request in this class
    assert 'user-add' in asked.text
    made = master.post('/service/v1/requests', {'request': {'kind': 'user-add', 'fields': {
        'name': 'second', 'email': 'second@aozora.example.jp', 'role': 'reader'}}}, 201)['request']
    staff.post(f"/service/v1/requests/{made['id']}/approve", {'approve': {'comment': 'ok'}})
    ended = wait_for('the request', lambda: (r := staff.get(f"/service/v1/requests/{made['id']}")['request'])['state'] == 'failed' and r)
    assert 'room for 1 users' in json.dumps(ended) or '上限は 1' in json.dumps(ended, ensure_ascii=False), ended
    master.post('/image/v2/images', {'name': 'one', 'disk_format': 'qcow2', 'container_format': 'bare'}, 201)
    refused = master.call('POST', '/image/v2/images', {'name': 'two', 'disk_format': 'qcow2', 'container_format': 'bare'}, status=413)
    assert '1' in refused.text
    image = master.get('/image/v2/images?name=one')['images'][0]['id']
    answer = master.session.put(master.base + f'/image/v2/images/{image}/file', data=b'x' * 1000, headers={
        'X-Auth-Token': master.token, 'Content-Type': 'application/octet-stream'})
    assert answer.status_code == 413, answer.text
    changed = staff.call('PATCH', f"/service/v1/contracts/{contract['id']}", {'contract': {'quotas': {'images': 2}}}).json()['contract']
    assert changed['quotas']['images'] == 2 and changed['quotas']['users'] == 50  # the class's again
    master.post('/image/v2/images', {'name': 'two', 'disk_format': 'qcow2', 'container_format': 'bare'}, 201)
    staff.post(f"/service/v1/contracts/{contract['id']}/cancel", {'cancel': {'ends_on': today()}})
    clock.move(31)
    wait_for('the end', lambda: show(staff, contract)['ended_at'])
    closed = delete_now(staff, contract)
    assert closed['quotas']['images'] == 2 and closed['quotas']['instances'] == 100  # what it was
