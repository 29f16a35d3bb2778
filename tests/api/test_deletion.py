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


def test_nothing_is_made_in_what_has_ended(staff, alpha, admin, image):  # noqa: F811
    contract, _master = activate(staff, alpha, new_contract(staff, 'tic'))
    contract = show(staff, contract)
    end_now(staff, contract)
    flavor = next(f['id'] for f in staff.get('/compute/v2.1/flavors')['flavors'] if f['name'] == 'tiny')
    # the installation's own account, scoped to the customer's project
    late = person(admin)
    me = late.get('/service/v1/me')['me']['user_id']
    role = next(r['id'] for r in late.get('/identity/v3/roles')['roles'] if r['name'] == 'admin')
    late.call('PUT', f"/identity/v3/projects/{contract['project_id']}/users/{me}/roles/{role}", status=204)
    answer = late.session.post(late.base + '/identity/v3/auth/tokens', json={'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': late.user, 'domain': {'name': 'Default'}, 'password': late.password}}},
        'scope': {'project': {'id': contract['project_id']}}}})
    assert answer.status_code == 201, answer.text
    refused = late.session.post(late.base + '/compute/v2.1/servers', headers={'X-Auth-Token': answer.headers['X-Subject-Token']},
                                json={'server': {'name': 'late', 'imageRef': image.id, 'flavorRef': flavor}})
    assert refused.status_code == 409 and 'over' in refused.text, refused.text
    assert delete_now(staff, contract)['record_id']
