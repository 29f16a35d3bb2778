# SPDX-License-Identifier: Apache-2.0
"""Requests, as a customer and operators use them: forms, decisions, work, thread, attachments, and what must not happen."""
import concurrent.futures
import csv
import datetime
import hashlib
import io
import subprocess
import time
import uuid

import keystoneauth1.exceptions
import openstack
import pytest
from callers import Api, clock, enrol, user_of, wait_for


@pytest.fixture(scope='module')
def customer(alpha):
    return Api(alpha)


@pytest.fixture(scope='module')
def other(beta):
    return Api(beta)


@pytest.fixture(scope='module')
def operator(admin):
    return Api(admin)


def until(api, request, *states, within=60):
    """The request once it is in one of the states."""
    end = time.monotonic() + within
    while True:
        seen = api.ok('GET', f"/requests/{request['id']}")['request']
        if seen['state'] in states:
            return seen
        assert time.monotonic() < end, f"{seen['state']} {seen['error']}"
        time.sleep(0.3)


def test_kinds_have_forms_in_both_languages(customer):
    kinds = customer.ok('GET', '/request-kinds')['request_kinds']
    assert len(kinds) >= 20
    for kind in kinds:
        for member in ('title_ja', 'title_en', 'description_ja', 'description_en', 'who', 'target_hours'):
            assert kind[member], f"{kind['kind']}: {member}"
        for field in kind['fields']:
            assert field['title_ja'] and field['title_en'], f"{kind['kind']}/{field['name']}"
            assert field['choices'] is None or all(c['title_ja'] and c['title_en'] for c in field['choices'])


@pytest.fixture(scope='module')
def people(admin, alpha):
    """Operators op1 and op2, and the customer's master user."""
    tag = uuid.uuid4().hex[:6]
    found = {}
    for name, project, role in (('op1', admin.current_project_id, 'operator'), ('op2', admin.current_project_id, 'operator'),
                                ('auditor', admin.current_project_id, 'auditor'), ('master', alpha.current_project_id, 'manager')):
        auth = user_of(admin, f'{name}-{tag}', project, role)
        customer = name == 'master'
        if customer:
            auth['auth_url'] = alpha.config.auth['auth_url']
        found[name] = Api(openstack.connect(auth=auth, region_name='RegionOne', cacert=admin.config.config['cacert']))
        found[name].name = f'{name}-{tag}'
        if not customer:
            enrol(found[name])
    return found


@pytest.fixture(scope='module')
def op1(people):
    return people['op1']


@pytest.fixture(scope='module')
def op2(people):
    return people['op2']


@pytest.fixture(scope='module')
def master(people):
    return people['master']


@pytest.fixture(scope='module')
def place(alpha, tmp_path_factory):
    """An image and a network of alpha for servers."""
    disk = tmp_path_factory.mktemp('image') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    image = alpha.create_image('request-disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True)
    network = alpha.network.create_network(name='request-net')
    alpha.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.77.0.0/24')
    yield image.id, network.id
    for server in alpha.compute.servers():
        alpha.compute.delete_server(server)
        alpha.compute.wait_for_delete(server, wait=30)
    alpha.network.delete_network(network)
    alpha.image.delete_image(image.id)


TEXT = {'text': 'How do I …?'}


# By hand ------------------------------------------------------------------------------------------

def test_a_question_is_taken_answered_and_completed(customer, op1):
    made = customer.ask('question', **TEXT)
    assert made['state'] == 'submitted' and made['number'].startswith('R-') and made['due_at'] > made['created_at']
    path = f"/requests/{made['id']}"
    assert op1.ok('POST', f'{path}/take')['request']['assignee'] == op1.name
    assert op1.ok('POST', f'{path}/ask', {'ask': {'text': 'Which server?'}})['request']['state'] == 'waiting_customer'
    customer.ok('POST', f'{path}/messages', {'message': {'text': 'The first.'}})
    assert customer.ok('GET', path)['request']['state'] == 'in_review'
    done = op1.ok('POST', f'{path}/complete', {'complete': {'result': 'Like this.'}})['request']
    assert done['state'] == 'done' and done['result'] == 'Like this.' and done['ended_at']
    seen = customer.ok('GET', path)['request']
    assert [(s['event'], s['actor_kind']) for s in seen['history']] == [
        ('submit', 'customer'), ('take', 'operator'), ('ask', 'operator'), ('answer', 'customer'), ('complete', 'operator')]
    assert [m['text'] for m in seen['messages']] == ['Which server?', 'The first.']
    assert seen['messages'][0]['author_name'] == op1.name
    customer.refused(409, 'POST', f'{path}/messages', {'message': {'text': 'More'}})
    op1.refused(409, 'POST', f'{path}/complete', {'complete': {'result': 'Again.'}})


def test_a_request_is_withdrawn_by_who_submitted_it_or_the_master(customer, master, op1):
    made = customer.ask('question', **TEXT)
    assert customer.ok('POST', f"/requests/{made['id']}/withdraw", {'withdraw': {'comment': 'Found it.'}})['request']['state'] == 'withdrawn'
    customer.refused(409, 'POST', f"/requests/{made['id']}/withdraw")
    op1.refused(409, 'POST', f"/requests/{made['id']}/take")
    made = customer.ask('question', **TEXT)
    op1.refused(403, 'POST', f"/requests/{made['id']}/withdraw")
    assert master.ok('POST', f"/requests/{made['id']}/withdraw")['request']['state'] == 'withdrawn'


def test_numbers_count_up_without_gaps(customer):
    numbers = [int(customer.ask('question', **TEXT)['number'].split('-')[2]) for _ in range(5)]
    assert numbers == list(range(numbers[0], numbers[0] + 5))


def test_lists_are_filtered_and_paged(customer, operator, alpha):
    mine = {customer.ask('complaint', about='service', text='Too slow')['id'] for _ in range(3)}
    seen, marker = set(), ''
    while marker is not None:
        page = customer.ok('GET', f'/requests?kind=complaint&state=submitted&limit=2{marker and "&marker=" + marker}')
        assert len(page['requests']) <= 2
        seen |= {r['id'] for r in page['requests']}
        marker = page.get('next')
    assert mine <= seen
    found = operator.ok('GET', f'/requests?project_id={alpha.current_project_id}&kind=complaint')['requests']
    assert mine <= {r['id'] for r in found}
    assert operator.ok('GET', f'/requests?project_id={uuid.uuid4()}')['requests'] == []
    customer.refused(400, 'GET', f'/requests?project_id={alpha.current_project_id}')


# Decisions ----------------------------------------------------------------------------------------

def firewall(**fields):
    return {'action': 'add', 'group': 'default', 'direction': 'ingress', 'protocol': 'tcp', 'port_min': 443, 'remote': '192.0.2.0/24',
            'reason': 'web', **fields}


def rules_of(cloud, port):
    return [r for r in cloud.network.security_group_rules() if r.port_range_min == port]


def test_a_firewall_change_is_really_made_and_taken_back(alpha, customer, op1):
    made = customer.ask('firewall-change', **firewall(port_min=4431))
    op1.ok('POST', f"/requests/{made['id']}/approve", {'approve': {'comment': 'agreed'}})
    done = until(customer, made, 'done', 'failed')
    assert done['state'] == 'done' and done['object_type'] == 'security-group-rule'
    (rule,) = rules_of(alpha, 4431)
    assert rule.id == done['object_id'] and rule.remote_ip_prefix == '192.0.2.0/24' and rule.project_id == alpha.current_project_id
    assert [(a['user_name'], a['decision'], a['comment']) for a in done['approvals']] == [(op1.name, 'approved', 'agreed')]
    back = customer.ask('firewall-change', **firewall(action='remove', port_min=4431))
    op1.ok('POST', f"/requests/{back['id']}/approve")
    assert until(customer, back, 'done', 'failed')['state'] == 'done'
    assert not rules_of(alpha, 4431)


def test_what_fails_is_shown_and_can_be_run_again(alpha, customer, op1):
    made = customer.ask('firewall-change', **firewall(action='remove', port_min=4432))
    op1.ok('POST', f"/requests/{made['id']}/approve")
    failed = until(customer, made, 'done', 'failed')
    assert failed['state'] == 'failed' and failed['error']['slug'] == 'object-not-found'
    assert failed['error']['text_ja'] and failed['error']['text_en']
    add = customer.ask('firewall-change', **firewall(port_min=4432))
    op1.ok('POST', f"/requests/{add['id']}/approve")
    until(customer, add, 'done')
    op1.ok('POST', f"/requests/{made['id']}/retry")
    done = until(customer, made, 'done', 'failed')
    assert done['state'] == 'done' and done['error'] is None and not rules_of(alpha, 4432)
    assert [s['event'] for s in done['history']] == ['submit', 'approve', 'start', 'fail', 'retry', 'succeed']


def test_nobody_decides_on_his_own_request(alpha, op1, op2):
    body = {'request': {'kind': 'firewall-change', 'fields': firewall(port_min=4433), 'project_id': alpha.current_project_id}}
    made = op1.ok('POST', '/requests', body)['request']
    assert made['created_kind'] == 'operator' and made['project_id'] == alpha.current_project_id
    assert op1.refused(403, 'POST', f"/requests/{made['id']}/approve")['status'] == 403
    op1.refused(403, 'POST', f"/requests/{made['id']}/refuse", {'refuse': {'comment': 'no'}})
    refused = op2.ok('POST', f"/requests/{made['id']}/refuse", {'refuse': {'comment': 'Not needed.'}})['request']
    assert refused['state'] == 'refused' and refused['result'] == 'Not needed.'
    assert not rules_of(alpha, 4433)


EVIDENCE = {'legal_basis': 'warrant', 'basis_reference': '令和8年(し)第1号', 'requester': '警視庁 山田', 'scope': 'logs', 'from': '2026-10-01',
            'to': '2026-10-31'}


def test_four_eyes_are_two_people(master, op1, op2):
    made = master.ask('evidence-disclosure', **EVIDENCE)
    path = f"/requests/{made['id']}"
    op1.refused(409, 'POST', f'{path}/complete', {'complete': {'result': 'here'}})
    assert op1.ok('POST', f'{path}/approve')['request']['state'] == 'in_review'
    op1.refused(409, 'POST', f'{path}/approve')
    op1.refused(409, 'POST', f'{path}/complete', {'complete': {'result': 'here'}})
    approved = op2.ok('POST', f'{path}/approve')['request']
    assert approved['state'] == 'approved' and {a['user_name'] for a in approved['approvals']} == {op1.name, op2.name}
    assert op1.ok('POST', f'{path}/complete', {'complete': {'result': 'Handed over.'}})['request']['state'] == 'done'


def test_a_form_is_handed_back_corrected_and_approved_anew(customer, other, master, op1, op2):
    made = master.ask('evidence-disclosure', **EVIDENCE)
    path = f"/requests/{made['id']}"
    op1.ok('POST', f'{path}/approve')
    customer.refused(404, 'POST', f'{path}/return', {'return': {'comment': 'x'}})
    op2.refused(400, 'POST', f'{path}/return', {'return': {'comment': ''}})
    back = op2.ok('POST', f'{path}/return', {'return': {'comment': 'The number of the warrant is wrong.'}})['request']
    assert back['state'] == 'waiting_customer' and back['messages'][-1]['text'].startswith('The number')
    better = {'request': {'fields': {**EVIDENCE, 'basis_reference': '第2号'}}}
    other.refused(404, 'PATCH', path, better)
    customer.refused(403, 'PATCH', path, better)  # a member; it is the master's
    op1.refused(403, 'PATCH', path, better)
    for fields in ({}, {**EVIDENCE, 'from': '2026-11-01'}, {**EVIDENCE, 'extra': 1}, {**EVIDENCE, 'server': str(uuid.uuid4())}):
        master.refused(400, 'PATCH', path, {'request': {'fields': fields}})
    master.refused(400, 'PATCH', path, {'request': {'kind': 'question', 'fields': EVIDENCE}})
    fixed = master.ok('PATCH', path, better)['request']
    assert fixed['state'] == 'submitted' and fixed['revision'] == 2 and fixed['fields']['basis_reference'] == '第2号'
    assert fixed['history'][-1]['event'] == 'correct' and fixed['history'][-1]['form']['basis_reference'] == EVIDENCE['basis_reference']
    # what was approved is what was read: who had the first form before his eyes is told
    for body in (None, {'approve': {}}, {'approve': {'revision': 1}}, {'approve': {'revision': 3}}):
        assert op2.refused(409, 'POST', f'{path}/approve', body)['type'].endswith('request-corrected')
    second = {'approve': {'revision': 2}}
    assert op2.ok('POST', f'{path}/approve', second)['request']['state'] == 'in_review'  # op1's was for another form
    done = op1.ok('POST', f'{path}/approve', second)['request']
    assert done['state'] == 'approved' and [a['revision'] for a in done['approvals']] == [1, 2, 2]
    master.refused(409, 'PATCH', path, better)
    assert master.ok('POST', f'{path}/withdraw')['request']['state'] == 'withdrawn'  # not yet done by hand


def test_titles_and_names_are_told_in_the_readers_language(customer, op1, alpha, place):
    body = order(place)
    del body['request']['title']
    body['request']['project_id'] = alpha.current_project_id
    made = op1.ok('POST', '/requests', body)['request']
    assert (made['title_ja'], made['title_en']) == ('サーバの追加: ordered', 'Add a server: ordered')
    assert made['names'] == {'flavor': made['names']['flavor'], 'image': 'request-disk', 'network': 'request-net'}
    for language, title in (('ja', made['title_ja']), ('en', made['title_en'])):
        assert customer.ok('GET', f"/requests/{made['id']}", headers={'Accept-Language': language})['request']['title'] == title
        found = customer.ok('GET', f"/requests?number={made['number']}", headers={'Accept-Language': language})['requests']
        assert [r['title'] for r in found] == [title]
    mail = next(m for m in op1.ok('GET', '/mails?limit=100')['mails'] if m['object_id'] == made['id'] and m['template'] == 'request-new')
    text = op1.ok('GET', f"/mails/{mail['id']}").get('mail', {})
    assert place[0] in str(text) and 'request-disk' in str(text)
    op1.ok('POST', f"/requests/{made['id']}/withdraw")


def test_lists_of_customers_tell_no_names_of_operators(customer, operator, op1):
    made = customer.ask('question', **TEXT)
    op1.ok('POST', f"/requests/{made['id']}/take")
    for query in (f'assignee={op1.name}', f'created_by={op1.name}', 'sort_key=assignee', 'sort_key=created_by', 'sort=assignee:asc'):
        customer.refused(400, 'GET', f'/requests?{query}')
    assert made['id'] in {r['id'] for r in operator.ok('GET', f'/requests?assignee={op1.name}')['requests']}


def test_those_who_only_look_write_nothing(customer, people, alpha):
    made, auditor = customer.ask('question', **TEXT), people['auditor']
    auditor.refused(403, 'POST', f"/requests/{made['id']}/messages", {'message': {'text': 'x'}})
    auditor.refused(403, 'POST', f"/requests/{made['id']}/attachments?name=x", data=b'x')
    auditor.refused(403, 'POST', '/requests', {'request': {'kind': 'question', 'fields': TEXT, 'project_id': alpha.current_project_id}})


def test_two_operators_approving_at_once_one_wins(customer, op1, op2, alpha):
    for port in range(4440, 4446):
        made = customer.ask('firewall-change', **firewall(port_min=port))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda op, path=f"/requests/{made['id']}/approve": op('POST', path).status_code, (op1, op2)))
        assert sorted(answers) == [200, 409]
        done = until(customer, made, 'done', 'failed')
        assert done['state'] == 'done' and len(done['approvals']) == 1 and len(rules_of(alpha, port)) == 1


def test_customers_and_readers_of_the_staff_decide_nothing(customer, people):
    made = customer.ask('firewall-change', **firewall())
    for verb in ('take', 'approve', 'refuse', 'complete', 'ask', 'retry', 'return'):
        customer.refused(404, 'POST', f"/requests/{made['id']}/{verb}", {})
        assert people['auditor']('POST', f"/requests/{made['id']}/{verb}", {}).status_code in (403, 400)
    assert people['auditor'].ok('GET', f"/requests/{made['id']}")['request']['state'] == 'submitted'


def test_each_kind_names_the_role_it_needs(customer):
    answer = customer.refused(403, 'POST', '/requests',
                              {'request': {'kind': 'user-add', 'fields': {'name': 'x', 'email': 'x@example.jp', 'role': 'member'}}})
    assert 'manager' in answer['detail']


# Servers and users --------------------------------------------------------------------------------

def order(place, **fields):
    return {'request': {'kind': 'server-add', 'title': 'Web', 'project_id': None,
                        'fields': {'name': 'ordered', 'flavor': 'tiny', 'image': place[0], 'network': place[1], **fields}}}


def test_an_ordered_server_is_built_changed_and_removed(alpha, customer, op1, op2, place):
    """Operators may file what the class of the project leaves to the customer itself (a call by phone)."""
    body = order(place)
    body['request']['project_id'] = alpha.current_project_id
    made = op1.ok('POST', '/requests', body)['request']
    op2.ok('POST', f"/requests/{made['id']}/approve")
    done = until(customer, made, 'done', 'failed')
    assert done['state'] == 'done', done['error']
    server = alpha.compute.get_server(done['object_id'])
    assert (server.name, server.status, server.project_id) == ('ordered', 'ACTIVE', alpha.current_project_id)
    power = {'kind': 'server-power', 'fields': {'server': server.id, 'action': 'stop'}, 'project_id': alpha.current_project_id}
    made = op1.ok('POST', '/requests', {'request': power})['request']
    op2.ok('POST', f"/requests/{made['id']}/approve")
    assert until(customer, made, 'done', 'failed')['state'] == 'done'
    assert alpha.compute.get_server(server.id).status == 'SHUTOFF'
    used = alpha.compute.get_limits().absolute
    for flavor, status in (('small', 'SHUTOFF'), ('tiny', None)):
        change = {'kind': 'server-change', 'fields': {'server': server.id, 'flavor': flavor}, 'project_id': alpha.current_project_id}
        made = op1.ok('POST', '/requests', {'request': change})['request']
        op2.ok('POST', f"/requests/{made['id']}/approve")
        done = until(customer, made, 'done', 'failed')
        if status:
            assert done['state'] == 'done' and alpha.compute.get_server(server.id).status == status, done['error']
            now = alpha.compute.get_limits().absolute
            assert now.total_ram_used - used.total_ram_used == 512 - 128
        else:
            assert done['state'] == 'failed' and done['error']['slug'] == 'resize-disk-smaller'
    gone = {'kind': 'server-remove', 'fields': {'server': server.id, 'confirm': True, 'reason': 'old'}, 'project_id': alpha.current_project_id}
    made = op1.ok('POST', '/requests', {'request': gone})['request']
    op2.ok('POST', f"/requests/{made['id']}/approve")
    assert until(customer, made, 'done', 'failed')['state'] == 'done'
    assert server.id not in {s.id for s in alpha.compute.servers()}


def csv_of(api, request):
    """The attached CSV of a disclosure, its hash checked."""
    (file,) = request['attachments']
    got = api('GET', f"/requests/{request['id']}/attachments/{file['id']}").content
    assert hashlib.sha256(got).hexdigest() == file['sha256'] and file['sha256'] in request['result'] and file['author_kind'] == 'system'
    return list(csv.DictReader(io.StringIO(got.decode())))


def test_disclosures_are_made_and_hold_nothing_of_others(customer, master, op1, beta):
    day = {'from': ahead(-1), 'to': ahead(0)}
    made = customer.ask('usage-disclosure', **day)
    op1.ok('POST', f"/requests/{made['id']}/approve")
    done = until(customer, made, 'done', 'failed')
    assert done['state'] == 'done', done['error']
    assert not {row['server_id'] for row in csv_of(customer, done)} & {s.id for s in beta.compute.servers()}
    for log in ('operator', 'server', 'portal'):
        made = master.ask('log-disclosure', log=log, reason='audit', **day)
        op1.ok('POST', f"/requests/{made['id']}/approve")
        done = until(master, made, 'done', 'failed')
        assert done['state'] == 'done', done['error']
        rows = csv_of(master, done)
        if log == 'operator':
            assert rows and {row['actor_kind'] for row in rows} == {'operator'} and not any(row['source'] for row in rows)
            assert made['id'] in {row['object_id'] for row in rows}
        if log == 'server':
            assert {row['object_type'] for row in rows} <= {'server'}
        if log == 'portal':
            assert rows and all(row['action'].startswith('identity.token.') for row in rows)
        assert beta.current_project_id not in str(rows)
    customer.refused(403, 'POST', '/requests', {'request': {'kind': 'log-disclosure', 'fields': {'log': 'server', 'reason': 'x', **day}}})
    bad = {'from': '2020-01-01', 'to': '2026-01-01'}
    customer.refused(400, 'POST', '/requests', {'request': {'kind': 'usage-disclosure', 'fields': bad}})


def test_console_users_are_really_made_renewed_and_removed(master, op1, alpha):
    name = 'console-' + uuid.uuid4().hex[:6]

    def run(kind, **fields):
        made = master.ask(kind, reason='test', **fields)
        op1.ok('POST', f"/requests/{made['id']}/approve")
        done = until(master, made, 'done', 'failed', 'refused')
        assert done['state'] == 'done', done['error']
        return done
    master.refused(400, 'POST', '/requests', {'request': {'kind': 'console-user', 'fields': {'action': 'add', 'name': name, 'reason': 'x'}}})
    added = run('console-user', action='add', name=name, email=f'{name}@example.jp')
    first = master.ok('POST', f"/requests/{added['id']}/secret")['secret']
    renewed = run('console-password', user=added['object_id'])
    assert renewed['names'] == {'user': name}
    assert master.ok('POST', f"/requests/{renewed['id']}/secret")['secret'] != first
    body = {'kind': 'console-password', 'fields': {'user': added['object_id'], 'reason': 'x'}, 'project_id': alpha.current_project_id}
    assert op1.refused(403, 'POST', '/requests', {'request': body})['status'] == 403
    assert name in run('console-user', action='remove', name=name)['result']


def test_what_people_do_has_a_checklist_for_the_staff_only(customer, op1):
    kinds = {k['kind']: k for k in op1.ok('GET', '/request-kinds')['request_kinds']}
    for kind in kinds.values():
        assert kind['automatic'] == (not kind['checklist']) and kind['automatic'] == (not kind['closing']['title_ja'])
    assert sum(k['automatic'] for k in kinds.values()) == 13
    assert all('checklist' not in k for k in customer.ok('GET', '/request-kinds')['request_kinds'])


def test_what_one_may_do_oneself_is_no_request(customer, place):
    kinds = {k['kind']: k for k in customer.ok('GET', '/request-kinds')['request_kinds']}
    assert not kinds['server-add']['available'] and kinds['firewall-change']['available'] and not kinds['user-add']['available']
    body = order(place)
    del body['request']['project_id']
    customer.refused(403, 'POST', '/requests', body)


def test_a_class_that_says_request_offers_the_form_and_the_master_gets_the_server(admin, alpha, op1, tmp_path):
    import test_contracts as contracts
    staff = contracts.person(admin)
    disk = tmp_path / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    image = admin.create_image('offered', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True, visibility='public')
    contract, signed = contracts.activate(staff, alpha, contracts.new_contract(staff, 'biglink-iaas'))
    refused = contracts.make_server(signed, image, status=403)
    assert refused['forbidden']['code'] == 403
    kinds = {k['kind']: k for k in signed.get('/service/v1/request-kinds')['request_kinds']}
    assert kinds['server-add']['available'] and kinds['server-power']['available']
    assert image.id in {c['value'] for f in kinds['server-add']['fields'] if f['name'] == 'image' for c in f['choices']}
    network = signed.get('/network/v2.0/networks?router:external=false')['networks'][0]['id']
    made = signed.post('/service/v1/requests', {'request': {'kind': 'server-add', 'fields': {
        'name': 'web', 'flavor': 'tiny', 'image': image.id, 'network': network}}}, 201)['request']
    assert made['customer_name'] == '青空市役所'
    op1.ok('POST', f"/requests/{made['id']}/approve")
    done = until(op1, made, 'done', 'failed')
    assert done['state'] == 'done', done['error']
    assert signed.get(f"/compute/v2.1/servers/{done['object_id']}")['server']['status'] == 'ACTIVE'
    assert len(signed.post(f"/service/v1/requests/{made['id']}/secret")['secret']) == 16
    assert [r['id'] for r in op1.ok('GET', f"/requests?contract_id={contract['id']}")['requests']] == [made['id']]
    sent = {m['template'] for m in op1.ok('GET', '/mails?limit=100')['mails'] if m['object_id'] == made['id']}
    assert 'request-new' in sent
    gone = signed.post('/service/v1/requests', {'request': {'kind': 'server-remove', 'fields': {
        'server': done['object_id'], 'confirm': True, 'reason': 'test'}}}, 201)['request']
    op1.ok('POST', f"/requests/{gone['id']}/approve")
    assert until(op1, gone, 'done', 'failed')['state'] == 'done'


def test_a_new_user_gets_a_password_once(alpha, master, op1, op2):
    name = 'added-' + uuid.uuid4().hex[:6]
    body = {'kind': 'user-add', 'fields': {'name': name, 'email': 'added@example.jp', 'role': 'member'}, 'project_id': alpha.current_project_id}
    made = op1.ok('POST', '/requests', {'request': body})['request']
    op2.ok('POST', f"/requests/{made['id']}/approve")
    done = until(op1, made, 'done', 'failed')
    assert done['state'] == 'done' and not done['has_secret'] and 'secret' not in done
    assert master.ok('GET', f"/requests/{made['id']}")['request']['has_secret']
    for staff in (op1, op2):  # not theirs, whoever of them wrote the request
        staff.refused(404, 'POST', f"/requests/{made['id']}/secret")
    user = master.cloud.current_user_id
    program = master.cloud.identity.create_application_credential(user, name)
    with openstack.connect(auth_type='v3applicationcredential', region_name='RegionOne', cacert=alpha.config.config['cacert'], auth={
            'auth_url': alpha.config.auth['auth_url'], 'application_credential_id': program.id,
            'application_credential_secret': program.secret}) as as_program:  # who has it is that user: no program, but a person
        Api(as_program).refused(403, 'POST', f"/requests/{made['id']}/secret")
    master.cloud.identity.delete_application_credential(user, program.id)
    secret = master.ok('POST', f"/requests/{made['id']}/secret")['secret']
    assert len(secret) >= 12
    master.refused(404, 'POST', f"/requests/{made['id']}/secret")
    assert secret not in op1('GET', f"/requests/{made['id']}").text


def test_a_user_is_removed_and_the_last_manager_is_not(admin, alpha, master, op1, op2):
    name = 'leaver-' + uuid.uuid4().hex[:6]
    auth = user_of(admin, name, alpha.current_project_id, 'member')
    auth['auth_url'] = alpha.config.auth['auth_url']
    leaver = openstack.connect(auth=auth, region_name='RegionOne', cacert=admin.config.config['cacert'])
    ident = leaver.current_user_id
    body = {'kind': 'user-remove', 'fields': {'user': ident, 'reason': 'left'}, 'project_id': alpha.current_project_id}
    made = op1.ok('POST', '/requests', {'request': body})
    op2.ok('POST', f"/requests/{made['request']['id']}/approve")
    done = until(op1, made['request'], 'done', 'failed')
    assert done['state'] == 'done' and f'User {name} was removed.' in done['result'], done['error']
    assert admin.identity.find_user(name, ignore_missing=True) is None
    with pytest.raises(keystoneauth1.exceptions.Unauthorized):  # the token is dead, and so is the account
        Api(leaver)('GET', '/requests')
    body = {'kind': 'user-remove', 'fields': {'user': master_id(master), 'reason': 'x'}, 'project_id': alpha.current_project_id}
    made = op1.ok('POST', '/requests', {'request': body})['request']
    op2.ok('POST', f"/requests/{made['id']}/approve")
    failed = until(op1, made, 'done', 'failed')
    assert failed['state'] == 'failed' and failed['error']['slug'] == 'last-manager'


def ahead(days):
    return (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))) + datetime.timedelta(days=days)).strftime('%Y-%m-%d')


def master_id(master):
    return master.session.get_user_id()


def test_access_is_restricted_and_lifted(alpha, master, customer, op1, op2):
    def decide(**fields):
        made = master.ask('access-restriction', reason='office only', **fields)
        op1.ok('POST', f"/requests/{made['id']}/approve")
        done = until(op1, made, 'done', 'failed')
        assert done['state'] == 'done', done['error']
        return done
    for fields in ({'cidrs': 'x'}, {'cidrs': ''}, {}, {'cidrs': '10.0.0.0/8', 'lift': True}, {'cidrs': '\n'.join(['10.0.0.0/8'] * 101)}):
        master.refused(400, 'POST', '/requests', {'request': {'kind': 'access-restriction', 'fields': {'reason': 'x', **fields}}})
    assert decide(cidrs='127.0.0.0/8\n2001:db8::1/32')['result'].endswith('Only these addresses may connect: ["127.0.0.0/8","2001:db8::/32"]')
    customer.ok('GET', '/requests?limit=1')
    decide(cidrs='192.0.2.0/24')
    customer.refused(403, 'GET', '/requests')
    body = {'kind': 'access-restriction', 'fields': {'reason': 'locked out', 'lift': True}, 'project_id': alpha.current_project_id}
    made = op1.ok('POST', '/requests', {'request': body})['request']
    op2.ok('POST', f"/requests/{made['id']}/approve")
    assert until(op1, made, 'done', 'failed')['state'] == 'done'
    customer.ok('GET', '/requests?limit=1')


def test_a_privilege_is_given_until_its_day_ends(admin, alpha, master, op1):
    ident = alpha.current_user_id
    for day in (ahead(-2), ahead(40)):
        master.refused(400, 'POST', '/requests', {'request': {'kind': 'privilege-grant', 'fields': {
            'user': ident, 'role': 'manager', 'until': day, 'reason': 'x'}}})
    made = master.ask('privilege-grant', user=ident, role='manager', until=ahead(7), reason='holiday cover')
    op1.ok('POST', f"/requests/{made['id']}/approve")
    done = until(op1, made, 'done', 'failed')
    assert done['state'] == 'done' and done['object_type'] == 'privilege', done['error']


# Bad input ----------------------------------------------------------------------------------------

HTML = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'&amp;'


def test_html_is_kept_as_text_in_every_field(customer, op1):
    made = customer.ask('question', title=HTML, text=HTML)
    path = f"/requests/{made['id']}"
    customer.ok('POST', f'{path}/messages', {'message': {'text': HTML}})
    op1.ok('POST', f'{path}/ask', {'ask': {'text': HTML}})
    customer.ok('POST', f'{path}/attachments?name={HTML}', data=b'<html><script>alert(1)</script>')
    op1.ok('POST', f'{path}/complete', {'complete': {'result': HTML}})
    answer = customer('GET', path)
    seen = answer.json()['request']
    assert answer.headers['Content-Type'].startswith('application/json')
    assert seen['title'] == HTML and seen['fields']['text'] == HTML and seen['result'] == HTML
    assert [m['text'] for m in seen['messages']] == [HTML, HTML]
    (file,) = seen['attachments']
    assert not set('<>"/') & set(file['name']) and file['media_type'].startswith('text/plain')
    got = customer('GET', f"{path}/attachments/{file['id']}")
    assert got.content == b'<html><script>alert(1)</script>'
    assert got.headers['Content-Type'].startswith('text/plain') and got.headers['X-Content-Type-Options'] == 'nosniff'
    assert got.headers['Content-Disposition'].startswith('attachment;') and 'sandbox' in got.headers['Content-Security-Policy']


MARK = '<b onload=x>&"'


def filled(kind, own):
    """A whole form of a kind: markup wherever text goes, else what is the customer's own."""
    values = {'text': MARK, 'longtext': MARK, 'date': ahead(1), 'cidr': '192.0.2.0/24', 'email': 'a@example.jp', 'boolean': True, **own}
    fields = {f['name']: f['choices'][0]['value'] if f['choices'] else f['min'] or 1 if f['type'] == 'integer' else values.get(f['type'])
              for f in kind['fields']}
    if kind['kind'] == 'access-restriction':
        del fields['cidrs']
    return {name: value for name, value in fields.items() if value is not None}


@pytest.fixture(scope='module')
def own(alpha, place):
    return {'network': place[1], 'user': alpha.current_user_id}


@pytest.fixture(scope='module')
def forms(op1, alpha, own):
    kinds = op1.ok('GET', f'/request-kinds?project_id={alpha.current_project_id}')['request_kinds']
    return {kind['kind']: (kind, filled(kind, own)) for kind in kinds if not (
        kind['kind'] in ('console-user', 'console-password') or any(f['type'] == 'server' and f['required'] for f in kind['fields']))}


def test_markup_in_every_field_of_every_kind_stays_text(op1, customer, alpha, forms):
    assert len(forms) >= 16
    for name, (kind, fields) in forms.items():
        made = op1.ok('POST', '/requests', {'request': {'kind': name, 'fields': fields, 'project_id': alpha.current_project_id}})['request']
        seen = customer('GET', f"/requests/{made['id']}")
        assert seen.headers['Content-Type'].startswith('application/json') and seen.json()['request']['fields'] == fields, name
        op1.ok('POST', f"/requests/{made['id']}/withdraw")
        for field in kind['fields']:
            for bad in (['x'], {'x': 1}, 'x' * 10_001, '\ud800', 2**70):
                answer = op1('POST', '/requests', {'request': {'kind': name, 'fields': {**fields, field['name']: bad},
                                                               'project_id': alpha.current_project_id}})
                assert answer.status_code == 400, f"{name}/{field['name']} {str(bad)[:20]}: {answer.status_code} {answer.text[:200]}"


def test_what_is_another_customers_is_in_no_field(admin, op1, alpha, beta, forms):
    project = alpha.current_project_id
    theirs = {'server': str(uuid.uuid4()), 'network': beta.network.create_network(name='theirs').id, 'user': beta.current_user_id,
              'choice': next(g.id for g in beta.network.security_groups(project_id=beta.current_project_id))}
    tried = 0
    for name, (kind, fields) in forms.items():
        for field in kind['fields']:
            if field['type'] in theirs:
                body = {'request': {'kind': name, 'fields': {**fields, field['name']: theirs[field['type']]}, 'project_id': project}}
                answer = op1.refused(400, 'POST', '/requests', body)
                assert field['name'] in answer['detail'] and 'theirs' not in answer['detail']
                tried += 1
    assert tried >= 15
    beta.network.delete_network(theirs['network'])


def test_a_decision_cannot_be_replayed(master, op1, op2):
    made = master.ask('visit', visit_on=ahead(3), visitors=1, purpose='audit', names='山田')
    path = f"/requests/{made['id']}"
    op1.ok('POST', f'{path}/approve')
    for who in (op1, op2):
        who.refused(409, 'POST', f'{path}/approve')
        who.refused(409, 'POST', f'{path}/refuse', {'refuse': {'comment': 'no'}})
        who.refused(409, 'POST', f'{path}/return', {'return': {'comment': 'no'}})
        who.refused(409, 'POST', f'{path}/retry')
    op1.ok('POST', f'{path}/complete', {'complete': {'result': 'See you.'}})
    for verb, body in (('approve', None), ('complete', {'complete': {'result': 'x'}}), ('withdraw', None), ('take', None)):
        (master if verb == 'withdraw' else op2).refused(409, 'POST', f'{path}/{verb}', body)


def test_forms_are_checked_by_their_rows(customer):
    visit = {'visit_on': '2099-02-28', 'visitors': 2, 'purpose': 'audit', 'names': '山田'}
    bad = [('visit', {**visit, 'visit_on': text}, 'visit_on') for text in
           ('2099-02-29', '2099-13-01', '2001-01-01', 'tomorrow', '2099/02/28', '2099-2-28', '', 7, '2099-02-28T00:00:00Z', '20990-02-2')]
    bad += [('visit', {**visit, 'visitors': n}, 'visitors') for n in (0, 51, -1, '2', 1.5, True, None, 2**62)]
    bad += [('visit', {**visit, 'extra': 1}, 'extra'), ('visit', {k: v for k, v in visit.items() if k != 'names'}, 'names')]
    bad += [('visit', {**visit, 'purpose': 'x' * 10001}, 'purpose'), ('visit', {**visit, 'purpose': ' \n '}, 'purpose'), ('visit', [], 'fields')]
    bad += [('firewall-change', firewall(remote=text), 'remote') for text in ('', 'any', '192.0.2.0/33', '300.1.1.1', HTML)]
    bad += [('firewall-change', firewall(protocol='gre'), 'protocol'), ('firewall-change', firewall(port_min=0), 'port_min'),
            ('firewall-change', firewall(port_min=70000), 'port_min'), ('firewall-change', firewall(port_min=9, port_max=8), 'port_max'),
            ('firewall-change', firewall(group=str(uuid.uuid4())), 'group')]
    bad += [('usage-disclosure', {'from': '2026-10-02', 'to': '2026-10-01'}, 'to'), ('complaint', {'about': 'x', 'text': 'y'}, 'about')]
    bad += [('question', {'text': 'x', 'server': text}, 'server') for text in (str(uuid.uuid4()), 'x', '../..', "' OR 1=1")]
    bad += [('no-such-kind', {}, 'no-such-kind')]
    for kind, fields, member in bad:
        answer = customer('POST', '/requests', {'request': {'kind': kind, 'fields': fields}})
        assert answer.status_code == 400 and member in answer.text, f'{kind} {fields}: {answer.status_code} {answer.text[:200]}'
    assert customer.ok('POST', '/requests', {'request': {'kind': 'visit', 'fields': visit}})['request']['title_ja'] == 'データセンターの見学・監査: 2099-02-28'


def test_ten_megabytes_of_text_are_refused(customer):
    made = customer.ask('question', **TEXT)
    for path, body in (('/requests', {'request': {'kind': 'question', 'fields': {'text': 'x' * 10_000_000}}}),
                       (f"/requests/{made['id']}/messages", {'message': {'text': 'x' * 10_000_000}})):
        assert customer('POST', path, body).status_code == 413
    customer.refused(400, 'POST', f"/requests/{made['id']}/messages", {'message': {'text': 'あ' * 10001}})
    customer.ok('POST', f"/requests/{made['id']}/messages", {'message': {'text': 'あ' * 10000}})


def test_another_customers_request_does_not_exist(customer, other, alpha, place):
    made = other.ask('question', **TEXT)
    file = other.ok('POST', f"/requests/{made['id']}/attachments?name=a.txt", data=b'secret')['attachment']
    mine = customer.ask('question', **TEXT)
    for method, path, body in (('GET', '', None), ('POST', '/messages', {'message': {'text': 'x'}}), ('POST', '/withdraw', {'withdraw': {}}),
                               ('GET', f"/attachments/{file['id']}", None), ('POST', '/secret', None)):
        customer.refused(404, method, f"/requests/{made['id']}{path}", body)
    assert customer('POST', f"/requests/{made['id']}/attachments?name=x", data=b'x').status_code == 404
    customer.refused(404, 'GET', f"/requests/{mine['id']}/attachments/{file['id']}")
    assert made['id'] not in {r['id'] for r in customer.ok('GET', '/requests')['requests']}
    seen = other.ok('GET', f"/requests/{made['id']}")['request']
    assert seen['messages'] == [] and len(seen['attachments']) == 1
    server = next(iter(alpha.compute.servers()), None)
    other.refused(400, 'POST', '/requests', {'request': {'kind': 'question', 'fields': {'text': 'x', 'server': server.id if server else 'x'}}})


# Attachments --------------------------------------------------------------------------------------

def test_attachments_are_limited_named_and_typed(customer):
    made = customer.ask('check-sheet', sheet='SIG Lite')
    path = f"/requests/{made['id']}/attachments"
    for name, data, kept, media_type in (
            ('../../etc/passwd', b'root', 'passwd', 'text/plain'), ('C:\\x\\見積.pdf', b'%PDF-1.7 ...', '見積.pdf', 'application/pdf'),
            ('a.html', b'\x89PNG\r\n\x1a\n....', 'a.html', 'image/png'), ('..', b'\x00\x01', 'file', 'application/octet-stream'),
            ('\u202efdp.exe', b'MZ\x00', 'fdp.exe', 'application/octet-stream'), ('x' * 600, b'PK\x03\x04', 'x' * 199, 'application/zip')):
        file = customer.ok('POST', path, params={'name': name}, data=data)['attachment']
        assert (file['name'], file['size'], file['media_type'].split(';')[0]) == (kept, len(data), media_type)
        got = customer('GET', f"{path}/{file['id']}")
        assert got.content == data and got.headers['Content-Disposition'].startswith("attachment; filename*=UTF-8''")
    customer.refused(400, 'POST', path + '?name=empty', data=b'')
    assert customer('POST', path + '?name=big', data=b'x' * (20 * 2**20 + 1)).status_code == 413
    big = b'0123456789abcdef' * (20 * 2**16)
    file = customer.ok('POST', path + '?name=just.bin', data=big)['attachment']
    assert file['size'] == 20 * 2**20 and customer('GET', f"{path}/{file['id']}").content == big
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda i: customer('POST', f'{path}?name={i}', data=b'x').status_code, range(6)))
    assert codes.count(201) == 3 and codes.count(409) == 3, codes
    assert len(customer.ok('GET', f"/requests/{made['id']}")['request']['attachments']) == 10


# The clock ----------------------------------------------------------------------------------------

def test_the_clock_alerts_once_and_stands_still_while_the_customer_is_asked(customer, operator):
    sheet, asked = customer.ask('check-sheet', sheet='SIG'), customer.ask('check-sheet', sheet='SIG 2')
    operator.ok('POST', f"/requests/{asked['id']}/ask", {'ask': {'text': 'Which version?'}})
    clock.move(700000)
    try:
        wait_for('the alert', lambda: operator.ok('GET', f"/requests/{sheet['id']}")['request']['overdue'])
        seen = operator.ok('GET', f"/requests/{sheet['id']}")['request']
        assert [s['event'] for s in seen['history']].count('overdue') == 1
        assert not operator.ok('GET', f"/requests/{asked['id']}")['request']['overdue']
        customer.ok('POST', f"/requests/{asked['id']}/messages", {'message': {'text': 'The latest.'}})
        after = customer.ok('GET', f"/requests/{asked['id']}")['request']
        assert after['due_at'] > asked['due_at'] and not after['overdue']
    finally:
        clock.set_offset(0)


def test_what_was_approved_is_refused_when_the_contract_has_ended(admin, alpha, operator):
    """It failed first; by the time it is run again the contract is over: refused, visibly, and all are told."""
    import test_contracts as contracts
    staff = contracts.person(admin)
    contract, signed = contracts.activate(staff, alpha, contracts.new_contract(staff, 'biglink-iaas'))

    def ask(kind, status=201, **fields):
        return signed.post('/service/v1/requests', {'request': {'kind': kind, 'fields': fields}}, status).get('request')
    made = ask('firewall-change', **firewall(action='remove', port_min=4499))
    operator.ok('POST', f"/requests/{made['id']}/approve")
    assert until(operator, made, 'failed')['error']['slug'] == 'object-not-found'
    staff.post(f"/service/v1/contracts/{contract['id']}/cancel", {'cancel': {'ends_on': contracts.today(1), 'reason': 'test'}})
    user = {'name': 'late', 'email': 'late@example.jp', 'role': 'reader'}
    assert staff.post('/service/v1/requests', {'request': {'kind': 'user-add', 'project_id': contract['project_id'], 'fields': user}}, 409)
    assert ask('question', **TEXT)['state'] == 'submitted'
    clock.move(90000)
    try:
        operator.ok('POST', f"/requests/{made['id']}/retry")
        seen = until(operator, made, 'refused', 'done')
        assert seen['state'] == 'refused' and seen['error']['slug'] == 'request-contract-over'
        assert contract['number'] in seen['error']['text_ja'] and contract['number'] in seen['error']['text_en']
        assert [s['event'] for s in seen['history']][-3:] == ['fail', 'retry', 'stop'] and seen['ended_at']
        mails = {m['template'] for m in operator.ok('GET', '/mails?limit=100')['mails'] if m['object_id'] == made['id']}
        assert 'request-stopped' in mails
        events = operator.ok('GET', f"/events?object_id={made['id']}&action=request.request.end")['events']
        assert events[0]['outcome'] == 'refused' and events[0]['reason'] == 'request-contract-over'
        operator.refused(409, 'POST', f"/requests/{made['id']}/retry")
    finally:
        clock.set_offset(0)
