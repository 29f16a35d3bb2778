# SPDX-License-Identifier: Apache-2.0
"""Who may do what, every cell: service class x verb x role x listener x area. What is expected comes from the class files
(as `akashi class dump` reads them) and the policy table, what happens from the running service: each route whose policy
names a verb is called by everybody. Objects do not exist and bodies are wrong, so that what is allowed does no harm."""
import collections
import json
import os
import re
import secrets
import subprocess
import uuid

import pytest
import requests
from callers import TOP, base_of, code_of

CLASSES = json.loads(subprocess.run(['akashi', 'class', 'dump'], check=True, stdout=subprocess.PIPE).stdout)
RANK = {'reader': 1, 'member': 2, 'manager': 3}
NEEDED = {'PROJECT_READER': 1, 'PROJECT_MEMBER': 2, 'PROJECT_MANAGER': 3}
STAFF = ('operator', 'admin')
BODY = {'bogus_': {'x': [1]}}  # no table of fields lets this pass


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as f:
        return f.read()


POLICIES = {name: (rule, verb) for name, rule, verb in re.findall(
    r'^IDENTITY_POLICY_VERB\(\s*"([^"]+)",\s*(\w+),\s*"([^"]+)"', read('src/identity/policy.def'), re.M)}
# Policies that an area may be needed for, and those that show what a customer keeps.
GUARDED = {name: (purpose, content == 'true') for name, purpose, content in re.findall(
    r'\{"([a-z_:]+)", (?:NULL|"(\w+)"), (true|false)\}', read('src/access/access_guard.c'))}


class Caller:
    """Many tokens on both listeners over one connection, whatever the answer: callers.py has people, this has cells of a table."""

    def __init__(self, customer_base, management_base, verify):
        self.base = {'customer': customer_base, 'management': management_base}
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify

    def send(self, listener, token, method, path, body=None, **headers):
        return self.session.request(method, self.base[listener] + path, json=body,
                                    headers={'X-Auth-Token': token, **headers} if token else headers, timeout=60)

    def ok(self, listener, token, method, path, body=None):
        answer = self.send(listener, token, method, path, body)
        assert answer.status_code < 300, f'{method} {path}: {answer.status_code} {answer.text[:300]}'
        return answer.json() if answer.content else None

    def login(self, listener, name, password, domain, project):
        for _ in range(40):
            answer = self.send(listener, None, 'POST', '/identity/v3/auth/tokens', {'auth': {
                'identity': {'methods': ['password'], 'password': {'user': {'name': name, 'domain': {'name': domain}, 'password': password}}},
                'scope': {'project': {'name': project, 'domain': {'name': domain}}}}})
            if answer.status_code != 429:
                break
        assert answer.status_code == 201, answer.text
        return answer.headers['X-Subject-Token'], answer.json()['token']['user']['id']


@pytest.fixture(scope='module')
def caller(alpha, admin):
    return Caller(base_of(alpha), base_of(admin), alpha.config.config['cacert'])


def contract_of(caller, token, class_name):
    def management(path, body=None):
        return caller.ok('management', token, 'POST', '/service/v1' + path, body)
    customer = management('/customers', {'customer': {'name': '行列株式会社', 'name_en': 'Matrix', 'sector': 'municipality'}})['customer']
    contract = management('/contracts', {'contract': {
        'customer_id': customer['id'], 'class_name': class_name, 'title': class_name, 'starts_on': '2026-01-01',
        'contacts': [{'kind': 'technical', 'name': 'Matrix', 'email': f'{secrets.token_hex(4)}@matrix.example.jp'}]}})['contract']
    return management(f"/contracts/{contract['id']}/activate")['contract']


def master_of(caller, contract):
    """The token of the master user, who has changed the password and agreed to the terms."""
    names = (contract['master_user_name'], contract['number'], contract['number'])
    token, user = caller.login('customer', names[0], contract['initial_password'], *names[1:])
    password = secrets.token_urlsafe(18)
    caller.ok('customer', token, 'POST', f'/identity/v3/users/{user}/password',
              {'user': {'original_password': contract['initial_password'], 'password': password}})
    token, _ = caller.login('customer', names[0], password, *names[1:])
    terms = caller.ok('customer', token, 'GET', '/service/v1/contract/terms')['terms']
    caller.ok('customer', token, 'POST', '/service/v1/contract/consent', {'consent': {'terms_hash': terms['hash']}})
    return token


def enrol(caller, token):
    """The second factor that the staff must have."""
    secret = caller.ok('management', token, 'POST', '/service/v1/me/totp')['totp']['secret']
    caller.ok('management', token, 'POST', '/service/v1/me/totp/confirm', {'totp': {'passcode': code_of(secret)}})


def user_token(caller, admin, role, domain, project, domain_name, project_name, listener):
    name, password = f'{role}-{uuid.uuid4().hex[:8]}', secrets.token_urlsafe(18)
    user = admin.identity.create_user(name=name, password=password, domain_id=domain)
    admin.identity.assign_project_role_to_user(project, user, admin.identity.find_role(role))
    return caller.login(listener, name, password, domain_name, project_name)[0]


@pytest.fixture(scope='module')
def staff(caller, admin):
    token = admin.session.get_token()
    project = admin.identity.get_project(admin.current_project_id)
    operator = user_token(caller, admin, 'operator', 'default', project.id, 'Default', project.name, 'management')
    enrol(caller, operator)
    return {'admin': token, 'operator': operator}


@pytest.fixture(scope='module')
def customers(caller, admin, staff):
    """Tokens by class and role, from a contract of each class."""
    found = {}
    for name in CLASSES:
        contract = contract_of(caller, staff['admin'], name)
        found[name] = {'manager': master_of(caller, contract)}
        glass = caller.ok('management', staff['admin'], 'POST', '/service/v1/break-glass', {'break_glass': {
            'project_id': contract['project_id'], 'reason': 'users of the matrix', 'hours': 1}})['break_glass']
        glass = f"/service/v1/break-glass/{glass['id']}"
        caller.ok('customer', found[name]['manager'], 'POST', glass + '/consent')
        for role in ('reader', 'member'):
            found[name][role] = user_token(caller, admin, role, contract['domain_id'], contract['project_id'], contract['number'],
                                           contract['number'], 'customer')
        caller.ok('management', staff['admin'], 'POST', glass + '/revoke')
    return found


@pytest.fixture(scope='module')
def probes(routes):
    """Routes whose policy names a verb; 'staff' when the management listener has the call for the staff instead."""
    rows = routes['routes']
    for_staff = {(r['method'], r['path'], r['action']) for r in rows if 'management' in r['flags']}
    return [{**r, 'staff': (r['method'], r['path'], r['action']) in for_staff} for r in rows if r['policy'] in POLICIES]


def asked(probes, inside):
    """All routes from inside of the areas; from outside those that areas matter for, and one of each other verb."""
    seen = set()
    for route in probes:
        verb = POLICIES[route['policy']][1]
        if inside or verb not in seen or GUARDED.get(route['policy'], ('',))[0]:
            seen.add(verb)
            yield route


def expected(class_name, route, role, listener, inside):
    """'' when the call passes the policy, else the slug of the refusal."""
    rule, verb = POLICIES[route['policy']]
    purpose, content = GUARDED.get(route['policy'], ('', False))
    if role in STAFF:
        if listener == 'customer':
            return 'unauthorized'
        if role == 'admin' or NEEDED[rule] == 1 or route['staff']:
            return ''
        return 'operator-blind' if content else 'forbidden'
    if RANK[role] < NEEDED[rule] or (listener == 'management' and route['staff']):
        return 'forbidden'
    mode = CLASSES[class_name]['verbs'][verb]
    if mode != 'self':
        return {'request': 'class-on-request', 'none': 'class-none'}[mode]
    if purpose and listener == 'customer' and CLASSES[class_name]['access'][purpose] == 'area' and not inside:
        return 'area-refused'
    return ''


def call(caller, route, token, listener):
    path = re.sub(r'{\w+}', lambda m: str(uuid.uuid4()), route['path'])
    body = None
    if route['method'] in ('POST', 'PUT', 'PATCH'):
        key = route['envelope'] or route['action']
        body = {key: BODY} if key else BODY
    headers = {'OpenStack-API-Version': f"compute 2.{route['until'] or max(route['since'], 1)}"} if route['domain'] == 'compute' else {}
    return caller.send(listener, token, route['method'], path, body, **headers)


def wrong(answer, slug):
    """What is wrong with the answer; '' when it is as expected."""
    told = answer.headers.get('X-Akashi-Error', '')
    if not slug:
        good = answer.status_code < 500 and answer.status_code not in (401, 403)
    else:
        good = told == slug and answer.status_code == (401 if slug == 'unauthorized' else 403)
    return '' if good else f"expected {slug or 'allowed'}, got {answer.status_code} {told} {answer.text[:160]}"


def areas(caller, token, cidrs):
    """Says the addresses of all areas of the classes; gives back what they were."""
    wanted = {slug for c in CLASSES.values() for slug in c['access']['areas']}
    rows = [a for a in caller.ok('management', token, 'GET', '/service/v1/areas')['areas'] if a['slug'] in wanted]
    assert {a['slug'] for a in rows} == wanted
    for area in rows:
        caller.ok('management', token, 'PATCH', f"/service/v1/areas/{area['id']}",
                  {'area': {'cidrs': cidrs if isinstance(cidrs, list) else cidrs[area['slug']]}})
    return {a['slug']: a['cidrs'] for a in rows}


def test_every_verb_is_asked_by_a_route(probes):
    served = {POLICIES[r['policy']][1] for r in probes}
    assert served == set(CLASSES['tic']['verbs']), set(CLASSES['tic']['verbs']) - served


def test_every_cell_is_as_the_class_says(caller, staff, customers, probes, capsys):
    cells, bad, outcomes = 0, [], collections.Counter()
    before = areas(caller, staff['admin'], [])
    try:
        for inside in (False, True):
            areas(caller, staff['admin'], ['127.0.0.0/8'] if inside else ['192.0.2.0/24'])
            for class_name, tokens in customers.items():
                for role, token in {**tokens, **staff}.items():
                    for listener in ('customer', 'management'):
                        for route in asked(probes, inside):
                            slug = expected(class_name, route, role, listener, inside)
                            problem = wrong(call(caller, route, token, listener), slug)
                            cells += 1
                            outcomes[slug or 'allowed'] += 1
                            if problem:
                                bad.append(f"{class_name} {role} {listener} {'inside' if inside else 'outside'} "
                                           f"{route['method']} {route['path']} {route['action'] or ''}: {problem}")
    finally:
        areas(caller, staff['admin'], before)
    with capsys.disabled():
        print(f'\n{len(CLASSES)} classes x {len(probes)} routes of {len(CLASSES["tic"]["verbs"])} verbs x 5 roles x 2 listeners x 2 areas: '
              f'{cells} cells, {len(bad)} wrong; ' + ', '.join(f'{n} {what}' for what, n in sorted(outcomes.items())))
    assert not bad, f'{len(bad)} of {cells}:\n' + '\n'.join(bad[:20])


def test_a_refusal_says_class_verb_and_what_to_ask_instead(caller, customers):
    verbs = {name: kind for name, kind in re.findall(r'^IDENTITY_VERB\("([^"]+)", "([^"]+)"', read('src/identity/verbs.def'), re.M)}
    token = customers['biglink-iaas']['manager']
    for lang, words in (('ja', '申請により'), ('en', 'on request')):
        answer = caller.send('customer', token, 'POST', '/compute/v2.1/servers', {'server': {}}, **{'Accept-Language': lang})
        text = answer.json()['forbidden']['message']
        assert answer.status_code == 403 and 'biglink-iaas' in text and 'server.create' in text and words in text, text
        assert verbs['server.create'] in text
    kinds = [k['kind'] for k in caller.ok('customer', token, 'GET', '/service/v1/request-kinds')['request_kinds'] if k['available']]
    for verb, mode in CLASSES['biglink-iaas']['verbs'].items():
        if mode == 'request':
            assert verbs[verb] in kinds, f'{verb}: the request {verbs[verb]} is not available'


def test_filters_are_no_way_around_the_firewall(caller, customers):
    token = customers['tic']['manager']
    network = caller.ok('customer', token, 'POST', '/network/v2.0/networks', {'network': {'name': 'plain'}})['network']['id']
    for more, status in (({}, 201), ({'port_security_enabled': False}, 403), ({'security_groups': []}, 403),
                         ({'allowed_address_pairs': [{'ip_address': '10.0.0.0/8'}]}, 403), ({'port_security_enabled': True}, 201)):
        for path, body in (('/ports', {'port': {'network_id': network, **more}}), ('/ports', {'ports': [{'network_id': network, **more}]})):
            answer = caller.send('customer', token, 'POST', '/network/v2.0' + path, body)
            assert answer.status_code == status, f'{more}: {answer.status_code} {answer.text[:200]}'
    port = caller.ok('customer', token, 'POST', '/network/v2.0/ports', {'port': {'network_id': network}})['port']['id']
    answer = caller.send('customer', token, 'PUT', f'/network/v2.0/ports/{port}', {'port': {'port_security_enabled': False}})
    assert answer.status_code == 403 and answer.headers['X-Akashi-Error'] == 'class-on-request'
    answer = caller.send('customer', token, 'POST', '/network/v2.0/networks', {'network': {'name': 'open', 'port_security_enabled': False}})
    assert answer.status_code == 403


def test_a_class_is_shown_as_its_file_says(alpha):
    base = alpha.config.auth['auth_url'].removesuffix('/identity') + '/service/v1/classes'
    for name, wanted in CLASSES.items():
        shown = alpha.session.get(f'{base}/{name}').json()['class']
        assert shown['name'] == name and shown['verbs'] == wanted['verbs'] and len(shown['matrix']) == 16
    assert alpha.session.get(f'{base}/nobody', raise_exc=False).status_code == 404
