# SPDX-License-Identifier: Apache-2.0
"""What the end of a contract leaves, and what its signed record may say of it. Runs on simulated engines; with the pool of real
qcow2 files (tests/with-stack --set pool=qcow2) it looks at the bytes, too."""
import concurrent.futures
import datetime
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import tempfile

import pytest
import requests
from test_contracts import activate, clock, image, make_server, master_of, new_contract, seconds_of, show, staff, today, wait_for  # noqa: F401

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

    def told():
        staff.token = None
        row = staff.get(f"/service/v1/deletion-records?contract_id={contract['id']}")['deletion_records'][0]
        whole = show(staff, contract)
        assert (row['supplement_at'], row['kept']) == (whole['supplement_at'], whole['kept'])
        return row['supplement_at'], row['kept']

    assert told() == (None, 2)
    taker.token = None
    assert taker.get(f'/compute/v2.1/servers/{theirs}')['server']['status'] == 'ACTIVE'
    taker.call('DELETE', f'/compute/v2.1/servers/{theirs}', status=204)
    wait_for('their server', lambda: theirs not in [s['id'] for s in taker.get('/compute/v2.1/servers')['servers']])
    clock.move(3601)  # the sweep of deleted images

    def supplement():
        clock.move(61)  # its schedule comes every minute
        answer = document(staff, closed['record_id'], '/supplement')
        return answer != 404 and answer

    later = wait_for('the supplement', supplement)
    assert later['record_id'] == closed['record_id']
    assert told() == (later['signed_at'], 0)
    answer = requests.get(staff.base + f"/service/v1/deletion-records/{closed['record_id']}", verify=staff.session.verify, timeout=60)
    assert f"{closed['record_id']}/supplement>" in answer.headers['Link']
    assert {(o['type'], o['id']) for o in later['objects']} == {('image-base', f'{shared}.base'), ('image', shared)}
    assert all(o['removed_at'] for o in later['objects'])
    for name, path in kept.items():
        assert is_zero(path), name
        os.unlink(path)


def put_in_pool(name):
    """A file that has no server: as after a restore by hand."""
    if real_pool():
        path = os.path.join(POOL, name)
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', path + '.making', '1M'], check=True)
        shutil.chown(path + '.making', 'akashi', 'akashi')
        os.rename(path + '.making', path)
    else:
        with open('/var/lib/akashi/simulated/pool.state', 'r+b') as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
            journal.seek(0, os.SEEK_END)
            journal.write(f'{name}\t1048576 -\n'.encode())


def test_what_the_reconciler_set_aside_is_deleted_with_the_rest(staff, alpha):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic'))
    image = own_image(master, 'aside')  # noqa: F811
    server = server_of(master, image, 'aside01')
    other = server_of(master, image, 'left01')
    for one in (server, other):
        master.call('DELETE', f'/compute/v2.1/servers/{one}', status=204)
    wait_for('they go', lambda: not master.get('/compute/v2.1/servers')['servers'])
    put_in_pool(f'{server}.qcow2')

    def set_aside():
        clock.move(61)  # the reconciler comes every minute
        staff.token = None
        events = staff.get(f'/service/v1/events?action=compute.orphan.quarantine&object_id={server}.qcow2')['events']
        return events

    wait_for('the reconciler', set_aside)
    folder = os.path.join(POOL, 'quarantine')
    assert not real_pool() or any(name.endswith(f'.{server}.qcow2') for name in os.listdir(folder))
    end_now(staff, contract)
    put_in_pool(f'{other}.iso')  # the reconciler may come before the deletion, or not
    closed = delete_now(staff, contract)
    objects = document(staff, closed['record_id'])['objects']
    aside = [o for o in objects if o['type'] == 'quarantined-disk' and server in o['id']]
    assert len(aside) == 1 and aside[0]['removed_at'] and 'set aside' in aside[0]['name']
    assert [o['type'] for o in objects if other in o['id']][:1] in (['disk'], ['quarantined-disk'])
    assert all(o['removed_at'] for o in objects)
    if real_pool():
        assert not [n for n in os.listdir(folder) + os.listdir(POOL) if server in n or other in n or image in n]


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


# --- export kits ----------------------------------------------------------------------------------------------------------

def kit_of(person_, disks=False, status=202):
    return person_.post('/service/v1/contract/export', {'export': {'disks': disks}}, status).get('export')


def settled(person_, kit):
    return wait_for('the kit', lambda: next((k for k in person_.get('/service/v1/contract/export')['exports']
                                             if k['id'] == kit['id'] and k['state'] in ('ready', 'failed')), None))


def colleague(staff, master, contract, role):  # noqa: F811
    """Another user of the customer, through the request its class asks for."""
    name = f'{role}-{secrets.token_hex(3)}'
    made = master.post('/service/v1/requests', {'request': {'kind': 'user-add', 'fields': {
        'name': name, 'email': f'{name}@aozora.example.jp', 'role': role}}}, 201)['request']
    staff.post(f"/service/v1/requests/{made['id']}/approve", {'approve': {'comment': 'ok'}})
    wait_for('the user', lambda: staff.get(f"/service/v1/requests/{made['id']}")['request']['state'] == 'done')
    first = master.post(f"/service/v1/requests/{made['id']}/secret")['secret']
    return master_of(alpha_cloud(), {**contract, 'master_user_name': name, 'initial_password': first})


def alpha_cloud():
    import openstack
    return openstack.connect(cloud='alpha')


def test_an_export_kit_is_not_for_those_who_only_look(staff, alpha):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic'))
    reader, member = colleague(staff, master, contract, 'reader'), colleague(staff, master, contract, 'member')
    kit = settled(member, kit_of(member))
    assert kit['state'] == 'ready'
    kit_of(reader, status=403)
    reader.call('GET', f"/service/v1/contract/export/{kit['id']}/content", status=403)
    master.call('GET', f"/service/v1/contract/export/{kit['id']}/content")
    end_now(staff, contract)  # from now on all of them only look, and the master user takes the data along
    for one in (master, member, reader):
        one.token = None
    kit_of(member, status=403)
    late = settled(master, kit_of(master))
    master.call('GET', f"/service/v1/contract/export/{late['id']}/content")
    member.call('GET', f"/service/v1/contract/export/{late['id']}/content", status=403)


def test_a_kit_without_room_fails_before_it_is_begun(staff, alpha):  # noqa: F811
    _contract, master = activate(staff, alpha, new_contract(staff, 'tic'))
    folder = '/var/lib/akashi/exports'
    os.makedirs(folder, exist_ok=True)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,uid=akashi,mode=0770', 'tmpfs', folder], check=True)
    try:
        kit = settled(master, kit_of(master))
        assert kit['state'] == 'failed' and 'no room' in kit['error'] and os.listdir(folder) == []
    finally:
        subprocess.run(['umount', folder], check=True)


# --- a hostile customer ---------------------------------------------------------------------------------------------------

def at_once(*calls):
    """All of them at the same time; their answers' status."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [f.result() for f in [pool.submit(c) for c in calls]]


def raw(who, method, path, body=None):
    token = who.token or (who.login() and who.token)
    return requests.request(method, who.base + path, json=body, headers={'X-Auth-Token': token}, verify=who.session.verify, timeout=60).status_code


def test_many_hands_at_the_end_leave_one_truth(staff, alpha):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic'))
    own = f"/service/v1/contracts/{contract['id']}"
    master.login()
    staff.login()
    codes = at_once(*[lambda d=d: raw(master, 'POST', '/service/v1/contract/cancel', {'cancel': {'ends_on': today(d)}}) for d in (3, 2, 1)],
                    lambda: raw(staff, 'POST', own + '/activate'),
                    lambda: raw(staff, 'POST', own + '/hold', {'hold': {'reason': '訴訟'}}),
                    lambda: raw(master, 'POST', '/service/v1/contract/export', {'export': {'disks': False}}),
                    lambda: raw(staff, 'PATCH', own, {'contract': {'title': '別名'}}))
    assert all(code < 500 for code in codes), codes
    seen = show(staff, contract)
    assert seen['state'] == 'terminating' and seen['ends_on'] in (today(1), today(2), today(3))
    assert seconds_of(seen['delete_at']) == midnight(seen['ends_on']) + 10 * 86400
    # a cancelled contract is not prolonged, by nobody
    assert raw(master, 'POST', '/service/v1/contract/cancel', {'cancel': {'ends_on': today(9)}}) == 400
    assert raw(staff, 'POST', own + '/cancel', {'cancel': {'ends_on': today(9)}}) == 400
    assert raw(staff, 'PATCH', own, {'contract': {'ends_on': None}}) == 409
    assert raw(staff, 'POST', own + '/activate') == 409
    if seen['legal_hold']:
        staff.post(own + '/release', {'release': {'reason': '和解'}})


def midnight(day):
    return datetime.datetime.fromisoformat(day + 'T00:00:00+09:00').timestamp()


def test_a_clock_that_jumps_back_brings_nothing_back(staff, alpha):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic'))
    end_now(staff, contract)
    ended = show(staff, contract)
    clock.move(-3 * 86400)  # before the end, again
    master.token = staff.token = None
    assert master.get('/service/v1/me')['me']['role'] == 'reader'
    make_server(master, Image(secrets.token_hex(16)), 'back', status=403)
    assert raw(staff, 'POST', f"/service/v1/contracts/{contract['id']}/cancel", {'cancel': {'ends_on': today(1)}}) == 409
    assert show(staff, contract)['delete_at'] == ended['delete_at']
    clock.move(3 * 86400 + 400 * 86400)  # and far ahead: once, and all of it
    staff.token = None
    closed = wait_for('the deletion', lambda: (c := show(staff, contract))['state'] == 'closed' and c)
    assert document(staff, closed['record_id'])['objects_kept'] == 0


def test_no_consent_no_server_whatever_is_tried(staff, alpha, image):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic'), consent=False)
    make_server(master, image, 'early', status=403)
    _other, other = activate(staff, alpha, new_contract(staff, 'zep-c1'), consent=False)
    terms = other.get('/service/v1/contract/terms')['terms']['hash']
    master.post('/service/v1/contract/consent', {'consent': {'terms_hash': terms}}, 409)  # another class's text
    assert master.get('/compute/v2.1/servers')['servers'] == [] and show(staff, contract)['consent'] is None
    # where servers are asked for, none is made before the consent either, approved or not
    network = other.get('/network/v2.0/networks?router:external=false')['networks'][0]['id']
    asked = other.post('/service/v1/requests', {'request': {'kind': 'server-add', 'fields': {
        'name': 'early', 'flavor': 'tiny', 'image': image.id, 'network': network}}}, 201)['request']['id']
    raw(staff, 'POST', f'/service/v1/requests/{asked}/approve', {'approve': {'comment': 'ok'}})
    wait_for('the request', lambda: staff.get(f'/service/v1/requests/{asked}')['request']['state'] == 'failed')
    assert other.get('/compute/v2.1/servers')['servers'] == []


# --- changes of a contract ------------------------------------------------------------------------------------------------

def load_classes(change=None):
    """The class files as they are, or with tic's changed, as a provider would load them."""
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, 'classes')
        os.mkdir(folder)
        os.chmod(top, 0o755)
        for name in os.listdir(os.path.join(os.environ['AKASHI_TOP'], 'classes')):
            with open(os.path.join(os.environ['AKASHI_TOP'], 'classes', name), encoding='utf-8') as source:
                text = source.read()
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
                out.write(change(text) if change and name == 'tic.conf' else text)
        config = os.path.join(top, 'akashi.conf')
        with open('/etc/akashi/akashi.conf', encoding='utf-8') as source, open(config, 'w', encoding='utf-8') as out:
            out.write(''.join(f'class_dirs = {folder}\n' if line.startswith('class_dirs') else line for line in source))
        subprocess.run(['akashi', '--config', config, 'class', 'load'], check=True, stdout=subprocess.DEVNULL)


def test_changes_are_seen_by_both_and_new_terms_agreed_to_anew(staff, alpha, image):  # noqa: F811
    contract, master = activate(staff, alpha, new_contract(staff, 'tic'))
    own = f"/service/v1/contracts/{contract['id']}"
    assert master.get('/service/v1/contract/changes') == {'changes': []}
    staff.call('PATCH', own, {'contract': {'notes': 'nur intern', 'quotas': {'instances': 5}, 'contacts': [
        {'kind': 'business', 'name': '佐藤 花子', 'email': 'sato@aozora.example.jp'}]}})
    seen = master.get('/service/v1/contract/changes')['changes']
    assert seen == staff.get(own + '/changes')['changes'] and len(seen) == 1 and 'notes' not in seen[0]['changes']
    assert (seen[0]['changes']['quotas']['from']['instances'], seen[0]['changes']['quotas']['to']['instances']) == (3, 5)
    assert seen[0]['changes']['contacts']['to'][0]['name'] == '佐藤 花子'
    staff.post(own + '/upgrade', status=409)  # it has the newest
    try:
        load_classes(lambda text: text.replace('users = 50', 'users = 51'))
        first = staff.post(own + '/upgrade')['contract']
        assert first['class_version'] > contract['class_version'] and first['quotas']['users'] == 51
        assert first['consent']  # the words are the same
        load_classes(lambda text: text.replace('日本国内です。', '日本国内です。新しい条項。'))
        second = staff.post(own + '/upgrade')['contract']
        assert second['consent'] is None and second['class_version'] > first['class_version']
        assert master.get('/service/v1/me')['me']['consent_needed']
        make_server(master, image, 'early', status=403)
        terms = master.get('/service/v1/contract/terms')['terms']
        assert '新しい条項' in terms['text_ja']
        master.post('/service/v1/contract/consent', {'consent': {'terms_hash': terms['hash']}})
        make_server(master, image, 'later')
        assert [c['changes']['class_version']['to'] for c in master.get('/service/v1/contract/changes')['changes'][:2]] == [
            second['class_version'], first['class_version']]
    finally:
        load_classes()
