# SPDX-License-Identifier: Apache-2.0
"""Customers, contracts, consent, service codes, export kits and the end of a contract, as staff and customers call them."""
import datetime
import io
import json
import os
import re
import secrets
import subprocess
import tarfile
import tempfile
import time

import jsonschema
import pytest
import requests
from callers import TOP, clock, person, wait_for

JST = datetime.timezone(datetime.timedelta(hours=9))


def today(days=0):
    return (datetime.datetime.fromtimestamp(clock.now(), JST) + datetime.timedelta(days=days)).strftime('%Y-%m-%d')


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


@pytest.fixture(scope='module')
def staff(admin):
    yield person(admin)
    clock.set_offset(0)


def new_contract(staff, class_name, **more):
    customer = staff.post('/service/v1/customers', {'customer': {
        'name': '青空市役所', 'name_kana': 'アオゾラシヤクショ', 'name_en': 'Aozora City', 'sector': 'municipality'}}, 201)['customer']
    return staff.post('/service/v1/contracts', {'contract': {
        'customer_id': customer['id'], 'class_name': class_name, 'title': '基幹業務システム', 'starts_on': today(),
        'items': [{'code': 'VMS', 'title': '仮想サーバ S', 'quantity': 3}],
        'contacts': [{'kind': 'technical', 'name': '山田 太郎', 'email': f'yamada-{secrets.token_hex(3)}@aozora.example.jp'}],
        'quotas': {'instances': 3, 'cores': 6}, **more}}, 201)['contract']


def master_of(cloud, contract):
    """The master user, after the change of the one-time password."""
    password = secrets.token_urlsafe(18)
    one = person(cloud, contract['master_user_name'], contract['initial_password'], contract['number'], contract['number'])
    user = one.login()['user']['id']
    answer = one.session.post(one.base + f'/identity/v3/users/{user}/password', headers={'X-Auth-Token': one.token}, json={
        'user': {'original_password': contract['initial_password'], 'password': password}})
    assert answer.status_code == 204, answer.text
    one.password, one.token = password, None
    return one


def activate(staff, cloud, contract, consent=True):
    contract = staff.post(f"/service/v1/contracts/{contract['id']}/activate")['contract']
    master = master_of(cloud, contract)
    if consent:
        terms = master.get('/service/v1/contract/terms')['terms']
        master.post('/service/v1/contract/consent', {'consent': {'terms_hash': terms['hash']}})
    return contract, master


@pytest.fixture(scope='module')
def image(admin, tmp_path_factory):
    disk = tmp_path_factory.mktemp('contract') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    return admin.create_image('contract-disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True,
                              visibility='public')


def make_server(master, image, name='app01', status=202):
    flavor = next(f['id'] for f in master.get('/compute/v2.1/flavors')['flavors'] if f['name'] == 'tiny')
    return master.post('/compute/v2.1/servers', {'server': {'name': name, 'imageRef': image.id, 'flavorRef': flavor}}, status)


def show(staff, contract):
    return staff.get(f"/service/v1/contracts/{contract['id']}")['contract']


# --- customers and drafts -------------------------------------------------------------------------------------------------

def test_customers_get_numbers_and_are_listed(staff):
    one = staff.post('/service/v1/customers', {'customer': {'name': '株式会社みなと精機', 'sector': 'manufacturing'}}, 201)['customer']
    assert re.fullmatch(r'C\d{5}', one['number']) and one['country'] == 'JP'
    changed = staff.call('PATCH', f"/service/v1/customers/{one['id']}", {'customer': {'name_en': 'Minato Seiki'}}).json()['customer']
    assert changed['name_en'] == 'Minato Seiki' and changed['number'] == one['number']
    assert staff.get(f"/service/v1/customers/{one['id']}")['customer'] == changed
    page = staff.get('/service/v1/customers?limit=1&sort=number:desc')
    assert [c['id'] for c in page['customers']] == [one['id']]


def test_drafts_change_freely_and_others_do_not(staff, beta):
    draft = new_contract(staff, 'tic')
    assert draft['state'] == 'draft' and draft['project_id'] is None and draft['class_title_ja'] and draft['consent'] is None
    changed = staff.call('PATCH', f"/service/v1/contracts/{draft['id']}", {'contract': {
        'class_name': 'biglink-iaas', 'ends_on': today(400)}}).json()['contract']
    assert changed['class_name'] == 'biglink-iaas' and changed['ends_on'] == today(400)
    assert draft['id'] in [c['id'] for c in staff.get('/service/v1/contracts?state=draft')['contracts']]
    for bad in ({'starts_on': '2026-02-31'}, {'ends_on': today(-1)}, {'class_name': 'none'}, {'items': [
            {'code': 'VM', 'title': 'a', 'quantity': 1}, {'code': 'VM', 'title': 'b', 'quantity': 1}]}):
        answer = staff.call('PATCH', f"/service/v1/contracts/{draft['id']}", {'contract': bad},
                            status=404 if 'class_name' in bad else 400)
        assert answer.headers['Content-Type'].startswith('application/problem+json')
    ended = staff.post(f"/service/v1/contracts/{draft['id']}/cancel", {'cancel': {'ends_on': today(1), 'reason': '見送り'}})['contract']
    assert ended['state'] == 'closed'
    staff.post(f"/service/v1/contracts/{draft['id']}/activate", status=409)
    person(beta).get('/service/v1/contract', 404)
    assert person(beta).get('/service/v1/contract/codes') == {'codes': []}


# --- activation, consent, codes -------------------------------------------------------------------------------------------

@pytest.fixture(scope='module')
def tic(staff, alpha):
    return activate(staff, alpha, new_contract(staff, 'tic'), consent=False)


def test_activation_makes_the_customers_place(staff, tic):
    contract, master = tic
    assert contract['state'] == 'active' and len(contract['initial_password']) >= 16
    assert 'initial_password' not in show(staff, contract)
    me = master.get('/service/v1/me')['me']
    assert me['role'] == 'manager' and me['contract_number'] == contract['number'] and me['class_name'] == 'tic'
    assert me['consent_needed'] and me['verbs']['server.create'] == 'self' and not me['staff']
    limits = master.get('/compute/v2.1/limits')['limits']['absolute']
    assert limits['maxTotalInstances'] == 3 and limits['maxTotalCores'] == 6
    assert [n['name'] for n in master.get('/network/v2.0/networks?router:external=false')['networks']] == ['default']
    own = master.get('/service/v1/contract')['contract']
    assert own['number'] == contract['number'] and own['notes'] is None
    staff.post(f"/service/v1/contracts/{contract['id']}/activate", status=409)


def test_a_contract_looks_as_its_table_says(staff, tic, routes):
    rows = {row['path']: row['reply'] for row in routes['routes'] if row['domain'] == 'contract' and row['method'] == 'GET' and 'reply' in row}
    contract, master = tic
    jsonschema.validate(show(staff, contract), rows['/service/v1/contracts/{contract_id}'])
    jsonschema.validate(master.get('/service/v1/contract')['contract'], rows['/service/v1/contract'])


def test_the_terms_come_before_the_first_server(staff, tic, image):
    _contract, master = tic
    refused = make_server(master, image, status=403)
    assert 'consent' in json.dumps(refused)
    ja = master.call('POST', '/compute/v2.1/servers', {'server': {
        'name': 'x', 'imageRef': image.id, 'flavorRef': '1'}}, status=403, headers={'Accept-Language': 'ja'}).text
    assert '同意' in ja
    overview = master.get('/service/v1/overview')['overview']
    assert 'consent' in [n['kind'] for n in overview['needs']]
    assert (overview['servers']['total'], overview['open_requests'], overview['unread_notices'], overview['open_incidents']) == (0, 0, 0, 0)
    master.post('/service/v1/contract/consent', {'consent': {'terms_hash': '0' * 64}}, 409)
    terms = master.get('/service/v1/contract/terms')['terms']
    assert '同意' in terms['text_ja'] and 'agree' in terms['text_en']
    contract = master.post('/service/v1/contract/consent', {'consent': {'terms_hash': terms['hash']}})['contract']
    assert contract['consent']['terms_hash'] == terms['hash'] and contract['consent']['user_name'] == 'master'
    make_server(master, image)
    assert not master.get('/service/v1/me')['me']['consent_needed']


def test_consent_and_cancellation_ask_who_is_there(staff, alpha):
    _contract, master = activate(staff, alpha, new_contract(staff, 'tic'), consent=False)
    consent = {'consent': {'terms_hash': master.get('/service/v1/contract/terms')['terms']['hash']}}
    acts = (('/service/v1/contract/consent', consent), ('/service/v1/contract/cancel', {'cancel': {'ends_on': today(9)}}))
    clock.move(901)  # the login is as old as a stolen session may be
    try:
        for path, body in acts:
            assert master.post(path, body, 403)['slug'] == 'proof-needed'
        own = master.get('/service/v1/contract')['contract']
        assert own['consent'] is None and own['state'] == 'active'
        assert master.post('/service/v1/me/proof', {'proof': {'password': 'not this one'}}, 400)['slug'] == 'proof-wrong'
        proof = master.post('/service/v1/me/proof', {'proof': {'password': master.password}}, 201)['proof']['token']
        for path, body in acts:
            assert master.call('POST', path, body, headers={'X-Akashi-Proof': proof}).status_code == 200
        own = master.get('/service/v1/contract')['contract']
        assert own['consent']['user_name'] == 'master' and own['state'] == 'terminating'
    finally:
        clock.move(-901)


def test_no_program_consents_or_cancels(staff, alpha):
    _contract, master = activate(staff, alpha, new_contract(staff, 'tic'), consent=False)
    user = master.get('/service/v1/me')['me']['user_id']
    made = master.post(f'/identity/v3/users/{user}/application_credentials',
                       {'application_credential': {'name': 'program'}}, 201)['application_credential']
    program = person(alpha, master.user, None, master.domain, master.project)
    answer = program.session.post(program.base + '/identity/v3/auth/tokens', json={'auth': {'identity': {
        'methods': ['application_credential'], 'application_credential': {'id': made['id'], 'secret': made['secret']}}}})
    assert answer.status_code == 201, answer.text
    program.token = answer.headers['X-Subject-Token']
    terms = program.get('/service/v1/contract/terms')['terms']['hash']
    for path, body in (('consent', {'terms_hash': terms}), ('cancel', {'ends_on': today(9)})):
        assert program.post(f'/service/v1/contract/{path}', {path: body}, 403)['slug'] == 'application-credential-restricted'


def test_the_register_of_retention_has_the_numbers_that_hold(staff, tic, alpha):
    contract, master = tic
    rows = {r['slug']: r for r in master.get('/service/v1/retention')['retention']}
    assert all(r[m] for r in rows.values() for m in ('title_ja', 'title_en', 'rule_ja', 'rule_en', 'seen_by_ja', 'seen_by_en'))
    graced = staff.get('/service/v1/classes/tic')['class']['grace_days']
    assert (rows['content']['days'], rows['content']['basis'], rows['content']['parameter']) == (graced, 'contract', 'grace_days')
    assert (rows['jobs']['days'], rows['jobs']['parameter']) == (90, 'job_keep_days')  # the setting's default
    assert rows['events']['days'] is None and rows['events']['basis'] == 'unlimited'
    kit = master.post('/service/v1/contract/export', {'export': {}}, 202)['export']
    kept = seconds_of(kit['expires_at']) - seconds_of(kit['created_at'])
    assert kept == rows['export-kits']['days'] * 86400
    seen = {r['slug']: r for r in staff.get(f"/service/v1/retention?project_id={contract['project_id']}")['retention']}
    assert seen == rows
    assert {r['slug']: r for r in staff.get('/service/v1/retention')['retention']}['content']['days'] is None


def test_every_server_has_a_code_that_tells_its_customer(staff, tic, image):
    contract, master = tic
    make_server(master, image, 'app02')
    codes = {c['server_name']: c for c in master.get('/service/v1/contract/codes')['codes']}
    code = codes['app02']['code']
    assert re.fullmatch(r'[A-Z]{2,4}-\d{5}-[A-Z0-9]{2,12}-\d{4}-[A-Z0-9]', code)
    shown = staff.get(f'/service/v1/codes/{code.lower()}')['code']
    assert shown['customer_number'] == contract['customer_number'] and shown['server_name'] == 'app02' and shown['item'] == 'VMS'
    wrong = code[:-1] + ('A' if code[-1] != 'A' else 'B')
    staff.get(f'/service/v1/codes/{wrong}', 400)
    assert code in [c['code'] for c in staff.get(f"/service/v1/codes?contract_id={contract['id']}")['codes']]
    servers = {s['name']: s['id'] for s in master.get('/compute/v2.1/servers')['servers']}
    master.call('DELETE', f"/compute/v2.1/servers/{servers['app02']}", status=204)
    wait_for('server gone', lambda: not any(s['name'] == 'app02' for s in master.get('/compute/v2.1/servers')['servers']))
    clock.move(61)  # the schedule's period: it runs now and sees the server gone
    wait_for('retired code', lambda: any(
        c['retired_at'] for c in master.get('/service/v1/contract/codes')['codes'] if c['code'] == code))


def test_a_biglink_customer_asks_instead(staff, alpha, image):
    _contract, master = activate(staff, alpha, new_contract(staff, 'biglink-iaas'))
    refused = make_server(master, image, status=403)
    assert 'server-add' in json.dumps(refused)


def test_another_customers_contract_is_not_there(staff, tic, alpha):
    contract, _master = tic
    _other, other_master = activate(staff, alpha, new_contract(staff, 'tic'))
    assert other_master.get('/service/v1/contract')['contract']['id'] != contract['id']
    assert other_master.get('/service/v1/contract/codes')['codes'] == []
    other_master.get(f"/service/v1/contracts/{contract['id']}", 404)


# --- export kits ----------------------------------------------------------------------------------------------------------

def test_an_export_kit_holds_all_there_is(tic, alpha):
    _contract, master = tic
    own = next(s['id'] for s in master.get('/compute/v2.1/servers')['servers'] if s['name'] == 'app01')
    master.call('PUT', f'/service/v1/labels/server/{own}', {'label': {
        'classification': 'confidential', 'labels': {'system': '住民記録'}}})
    kit = master.post('/service/v1/contract/export', {'export': {'disks': True}}, 202)['export']
    ready = wait_for('export kit', lambda: next(
        (k for k in master.get('/service/v1/contract/export')['exports'] if k['id'] == kit['id'] and k['state'] == 'ready'), None))
    data = master.call('GET', f"/service/v1/contract/export/{kit['id']}/content").content
    assert len(data) == ready['size']
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
        inventory = json.load(tar.extractfile('inventory.json'))
        table = tar.extractfile('inventory.csv').read().decode()
        events = [json.loads(line) for line in tar.extractfile('events.jsonl').read().decode().splitlines()]
    assert events and ready['disks_done'] == ready['disks_total'] == len(inventory['servers'])
    assert [(x['resource_type'], x['classification'], x['labels']) for x in inventory['labels']] == [
        ('server', 'confidential', {'system': '住民記録'})]
    servers = [s for s in inventory['servers'] if s['name'] == 'app01']
    assert servers and f"disks/{servers[0]['id']}.qcow2" in names and 'events.jsonl' in names
    assert 'app01' in table and inventory['networks'][0]['name'] == 'default'
    person(alpha).call('GET', f"/service/v1/contract/export/{kit['id']}/content", status=404)


# --- the end --------------------------------------------------------------------------------------------------------------

def inventory():
    out = subprocess.run(['akashi', 'inventory'], check=True, text=True, stdout=subprocess.PIPE).stdout
    return {line.split('\t')[1] for line in out.splitlines()}


def test_dates_of_a_cancellation(staff, tic):
    contract, master = tic
    master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': today(-1)}}, 400)
    master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': '2026-13-01'}}, 400)
    assert show(staff, contract)['state'] == 'active'


def test_all_is_gone_on_its_day_and_not_a_second_before(staff, tic, image):
    contract, master = tic
    own = [s['id'] for s in master.get('/compute/v2.1/servers')['servers']]
    ports = [p['id'] for p in master.get('/network/v2.0/ports')['ports']]
    cancelled = master.post('/service/v1/contract/cancel', {'cancel': {'ends_on': today(1), 'reason': '移行のため'}})['contract']
    assert cancelled['state'] == 'terminating' and cancelled['cancelled_by'] == 'customer'
    delete_at = seconds_of(cancelled['delete_at'])
    ends = datetime.datetime.fromisoformat(today(1) + 'T00:00:00+09:00').timestamp()
    assert delete_at == ends + 10 * 86400
    clock.move(ends - clock.now() + 1)
    ended = wait_for('the end', lambda: (c := show(staff, contract))['ended_at'] and c)
    assert ended['state'] == 'terminating'
    make_server(master, image, 'late', status=403)  # look and fetch only
    held = staff.post(f"/service/v1/contracts/{contract['id']}/hold", {'hold': {'reason': '訴訟'}})['contract']
    assert held['legal_hold'] and master.get('/service/v1/contract')['contract']['hold_reason'] == '訴訟'
    clock.move(delete_at - clock.now() + 3600)
    subprocess.run([os.path.join(TOP, 'tests/move-clock'), 'show'], check=True, stdout=subprocess.DEVNULL)
    time.sleep(3)  # time in which a deletion would have begun
    assert not show(staff, contract)['deleting_at'] and set(own) <= inventory()
    clock.move(delete_at - clock.now() - 600)  # a slow machine needs some of that
    staff.token = None
    staff.post(f"/service/v1/contracts/{contract['id']}/release", {'release': {'reason': '和解'}})
    clock.move(delete_at - clock.now() - 300)
    assert set(own) <= inventory() and not show(staff, contract)['deleting_at']
    clock.move(delete_at - clock.now() + 31)  # the schedule's period
    closed = wait_for('the deletion', lambda: (c := show(staff, contract))['state'] == 'closed' and c, 120)
    assert seconds_of(closed['deleting_at']) >= delete_at
    assert not (set(own) | set(ports)) & inventory()
    master.token = None
    assert master.session.post(master.base + '/identity/v3/auth/tokens', json={'auth': {'identity': {
        'methods': ['password'], 'password': {'user': {'name': 'master', 'domain': {'name': contract['number']},
                                                       'password': master.password}}}}}).status_code == 401
    record(staff, closed, own)


def record(staff, closed, servers):
    listed = staff.get('/service/v1/deletion-records')['deletion_records']
    assert closed['record_id'] in [r['id'] for r in listed]
    text = requests.get(staff.base + f"/service/v1/deletion-records/{closed['record_id']}", verify=staff.session.verify,
                        timeout=60).content
    document = json.loads(text)
    assert document['contract']['number'] == closed['number']
    objects = {o['id']: o for o in document['objects']}
    assert set(servers) <= set(objects) and all(o['removed_at'] for o in objects.values())
    assert {s['stage'] for s in document['stages']} >= {'servers', 'disks', 'networks', 'users', 'verify'}
    path = f'/tmp/record-{os.getpid()}.json'
    with open(path, 'wb') as out:
        out.write(text)
    os.chmod(path, 0o600)  # root's own: the command reads it before it becomes akashi
    stranger(staff, text)
    good = subprocess.run(['akashi', 'record', 'verify', path], text=True, stdout=subprocess.PIPE, check=False)
    assert good.returncode == 0 and 'valid' in good.stdout
    with open(path, 'wb') as out:
        out.write(text.replace(b'removed from the fabric', b'removed from the Fabric', 1))
    assert subprocess.run(['akashi', 'record', 'verify', path], stderr=subprocess.DEVNULL, check=False).returncode != 0
    os.unlink(path)


def stranger(staff, text):
    """The record is verified with the published key and OpenSSL alone, as the manual says."""
    with tempfile.TemporaryDirectory() as folder:
        key = requests.get(staff.base + '/service/v1/record-key', verify=staff.session.verify, timeout=60).json()['key']
        assert key['algorithm'] == 'Ed25519' and key['hex'] == json.loads(text)['public_key']
        for name, data in (('key.pem', key['pem'].encode()), ('record.json', text), ('wrong.json', text.replace(b'server', b'Server', 1))):
            with open(os.path.join(folder, name), 'wb') as out:
                out.write(data)
        script = r"""
            sed -E 's/"signature":"[0-9a-f]{128}",//' $1 >message
            sed -E 's/.*"signature":"([0-9a-f]{128})".*/\1/' $1 | /usr/bin/python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >signature
            openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in message -sigfile signature"""
        for name, good in (('record.json', True), ('wrong.json', False)):
            done = subprocess.run(['bash', '-c', script, 'verify', name], cwd=folder, check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert (done.returncode == 0) == good, done.stdout


def test_where_the_class_says_so_the_operator_deletes(staff, alpha):
    clock.set_offset(0)
    staff.token = None
    contract, master = activate(staff, alpha, new_contract(staff, 'biglink-iaas'))
    own = f"/service/v1/contracts/{contract['id']}"
    cancelled = staff.post(own + '/cancel', {'cancel': {'ends_on': today(), 'reason': 'お申し出'}})['contract']
    assert cancelled['delete_at'] is None
    clock.move(31)
    wait_for('the end', lambda: show(staff, contract)['ended_at'])
    staff.post(own + '/delete-now')
    closed = wait_for('the deletion', lambda: (c := show(staff, contract))['state'] == 'closed' and c)
    assert closed['record_id']
    staff.post(own + '/delete-now', status=409)
    clock.set_offset(0)
