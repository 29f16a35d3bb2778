# SPDX-License-Identifier: Apache-2.0
"""Every route of the route tables against bad input: each refusal has the shape of its API and a request id, and afterwards the
service works as before. A new route is in here by being in its table."""
import contextlib
import json
import re
import socket
import ssl
import subprocess
import time
import urllib.parse
import uuid

import pytest
import requests
from test_routes import rules

ROUTES = json.loads(subprocess.run(['akashid', '--dump-routes'], check=True, stdout=subprocess.PIPE).stdout)['routes']
WITH_BODY = [r for r in ROUTES if 'body' in r]
RULES = rules()
NOT_READ = {'stream-in', 'websocket'}  # the body is bytes, or there is none


def name_of(route):
    words = [route['method'], route['path']] + [route['action']] * bool(route['action'])
    return ' '.join(words) + (f" {route['since']}-{route['until']}" if route['since'] or route['until'] else '')


def no_error_shape(domain, answer):
    """'' when the body has the shape of an error of this API, else what is wrong."""
    if not answer.headers.get('X-Openstack-Request-Id', '').startswith('req-'):
        return 'no request id'
    try:
        body = answer.json()
    except ValueError:
        return f'no JSON: {answer.text[:200]}'
    openstack = domain in ('identity', 'compute', 'image', 'network', 'volume')
    if domain == 'identity' or (openstack and answer.status_code == 401):  # the token is checked before any service, in Keystone's shape
        inner = body.get('error', {})
        good = {'code', 'message', 'title'} <= set(inner) and inner['code'] == answer.status_code
    elif domain == 'network':
        inner = body.get('NeutronError', {})
        good = {'type', 'message', 'detail'} <= set(inner)
    elif domain in ('compute', 'volume'):
        inner = next(iter(body.values()), {}) if len(body) == 1 else {}
        good = isinstance(inner, dict) and {'code', 'message'} <= set(inner) and inner['code'] == answer.status_code
    elif domain == 'image':
        inner = body
        good = {'code', 'message', 'title'} <= set(body)
    else:
        inner = body
        good = {'type', 'title', 'status'} <= set(body) and 'problem+json' in answer.headers['Content-Type']
    return '' if good and inner.get('message', inner.get('title')) else f'not the shape of {domain}: {answer.text[:300]}'


class Caller:
    """Sends requests to the listener a route is on, as the customer alpha, or as the administrator, who is a manager too."""

    def __init__(self, alpha, admin):
        self.clouds = {'alpha': alpha, 'admin': admin}
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy, no other certificates
        self.session.verify = alpha.config.config['cacert']
        self.tokens = {name: cloud.session.get_token() for name, cloud in self.clouds.items()}

    def base(self, who):
        return self.clouds[who].config.auth['auth_url'].removesuffix('/identity')

    def who(self, route):
        manager = RULES.get(route.get('policy')) == 'PROJECT_MANAGER'  # alpha is a member
        return 'admin' if manager or 'management' in route['flags'] else 'alpha'

    def send(self, route, path=None, data=None, token=True, headers=None, who=None):
        who = who or self.who(route)
        path = path or re.sub(r'{\w+}', lambda m: str(uuid.uuid4()), route['path'])
        headers = {'Content-Type': 'application/json', **(headers or {})}
        if token:
            headers['X-Auth-Token'] = self.tokens[who] if token is True else token
        if route['domain'] == 'compute':
            headers.setdefault('OpenStack-API-Version', f"compute 2.{route['until'] or max(route['since'], 1)}")
        for _ in range(30):
            answer = self.session.request(route['method'], self.base(who) + path, data=data, headers=headers, timeout=60)
            if answer.status_code != 429 or not path.endswith('/auth/tokens'):
                break
            time.sleep(1)  # nginx limits the rate of logins
        return answer

    def refused(self, route, statuses, **how):
        answer = self.send(route, **how)
        statuses = statuses if isinstance(statuses, tuple) else (statuses,)
        assert answer.status_code in statuses, f'{answer.status_code} {answer.text[:300]}'
        problem = no_error_shape(route['domain'], answer)
        assert not problem, problem
        return answer


@pytest.fixture(scope='module')
def caller(alpha, admin):
    return Caller(alpha, admin)


def example(schema):
    """A value that the schema lets pass (where a pattern is not in the way)."""
    types = schema.get('type', 'any')
    kind = types if isinstance(types, str) else types[0]
    if 'enum' in schema:
        return next(v for v in schema['enum'] if v is not None)
    if kind == 'object':
        properties = schema.get('properties', {})
        return {k: example(properties[k]) for k in schema.get('required', [])}
    if kind == 'array':
        return [example(schema.get('items', {}))] * max(schema.get('minItems', 0), 0)
    if kind == 'integer':
        return max(schema.get('minimum', 1), min(1, schema.get('maximum', 1)))
    if kind == 'boolean':
        return True
    if schema.get('format') == 'uuid':
        return str(uuid.uuid4())
    if schema.get('format') == 'date-time':
        return '2030-01-01T00:00:00Z'
    return 'x' * max(schema.get('minLength', 1), 1)


def enveloped(route, inner):
    key = route['envelope'] or route['action']
    return json.dumps({key: inner} if key else inner)


def wrong_values(schema):
    """Values of a type that the schema refuses."""
    types = schema.get('type', 'any')
    types = [types] if isinstance(types, str) else types
    if types[0] == 'any' or types[0] is None:
        return []
    values = {'string': 'x' * 3, 'integer': 1, 'boolean': True, 'object': {'a': {}}, 'array': [[]]}
    wrong = [v for kind, v in values.items() if kind not in types]
    return wrong + ([] if 'null' in types else [None])


@pytest.mark.parametrize('route', WITH_BODY, ids=name_of)
def test_a_body_that_is_no_json_is_refused(caller, route):
    deep = '{"a":' * 200 + '1' + '}' * 200
    bad = ['{', '[1,', '"text', '{"a":1}}', 'nothing', deep, '{"a":1,"a":2}', '{"a":"\\u0000"}', '{"a":NaN}', '{"a":1e999}',
           b'{"a":"\xff\xfe"}', b'{"a":"\xc0\xaf"}', b'\xef\xbb\xbf{}']
    if 'optional-body' not in route['flags']:
        bad.append('')
    for data in bad:
        caller.refused(route, 400, data=data)


@pytest.mark.parametrize('route', WITH_BODY, ids=name_of)
def test_duplicate_keys_are_refused_inside_too(caller, route):
    inner = '{"name":"a","name":"b"}'
    key = route['envelope'] or route['action']
    caller.refused(route, 400, data=f'{{"{key}":{inner}}}' if key else inner)


@pytest.mark.parametrize('route', WITH_BODY, ids=name_of)
def test_a_body_of_another_type_is_refused(caller, route):
    values = [[], 'x', 5, True] + ([] if 'optional-body' in route['flags'] else [None])
    for value in values:
        caller.refused(route, 400, data=json.dumps(value))
        if route['envelope'] and route['body'].get('type') == 'object':
            caller.refused(route, 400, data=json.dumps({route['envelope']: value}))
    if route['envelope']:
        caller.refused(route, 400, data=json.dumps({route['envelope'] + 'x': {}}))


@pytest.mark.parametrize('route', WITH_BODY, ids=name_of)
def test_an_unknown_member_is_refused_by_name(caller, route):
    if route['body'].get('additionalProperties') is not False:
        pytest.skip('the API lets unknown members pass here (image properties)')
    inner = {**example(route['body']), 'no_such_member': 1}
    answer = caller.refused(route, 400, data=enveloped(route, inner))
    if not any('pattern' in p for p in route['body'].get('properties', {}).values()):
        assert 'no_such_member' in answer.text


@pytest.mark.parametrize('route', WITH_BODY, ids=name_of)
def test_members_of_another_type_or_too_long_are_refused(caller, route):
    for member, schema in route['body'].get('properties', {}).items():
        others = {k: v for k, v in example(route['body']).items() if k != member}
        wrong = wrong_values(schema)
        if 'maxLength' in schema and schema['maxLength'] < 60000:
            wrong.append('x' * (schema['maxLength'] + 1))
        if 'maxItems' in schema and schema['maxItems'] < 5000:
            wrong.append([example(schema.get('items', {}))] * (schema['maxItems'] + 1))
        if 'maximum' in schema:
            wrong.append(schema['maximum'] + 1)
        for value in wrong:
            # 403: only the administrator may set this member.
            answer = caller.refused(route, (400, 403), data=enveloped(route, {member: value, **others}))
            assert member in answer.text or answer.status_code == 403, f'{member}={value!r}: {answer.text[:200]}'


@pytest.mark.parametrize('route', WITH_BODY, ids=name_of)
def test_another_content_type_and_a_huge_body_are_refused(caller, route):
    if not NOT_READ & set(route['flags']) and 'any-type' not in route['flags']:
        caller.refused(route, 415, data='a=1', headers={'Content-Type': 'application/x-www-form-urlencoded'})
        caller.refused(route, 415, data='<a/>', headers={'Content-Type': 'text/xml; charset=utf-8'})
    caller.refused(route, 413, data=b' ' * (route['body_max'] + 1))


@pytest.mark.parametrize('route', [r for r in ROUTES if 'public' not in r['flags']], ids=name_of)
def test_no_token_and_a_wrong_token_are_401(caller, route):
    for token in (None, 'x', 'A' * 43, 'A' * 4000, '../../etc/passwd', "' OR 1=1 --"):
        caller.refused(route, 401, token=token, data='{}')


# Paths that both listeners have, with a row and a policy each.
BOTH = {(r['method'], r['path'], r['action']) for r in ROUTES if 'management' not in r['flags']}


@pytest.mark.parametrize('route', [r for r in ROUTES if 'management' in r['flags'] and (r['method'], r['path'], r['action']) not in BOTH],
                         ids=name_of)
def test_operator_verbs_do_not_exist_for_customers(caller, route):
    # 400: one action less beside others.
    data = json.dumps({route['action']: {}}) if route['action'] else '{}'
    caller.refused(route, (404, 405, 400) if route['action'] else (404, 405), who='alpha', data=data)


@pytest.mark.parametrize('route', [r for r in ROUTES if '{' in r['path'] and not NOT_READ & set(r['flags'])], ids=name_of)
def test_strange_path_parameters_are_refused_without_an_accident(caller, route):
    for text in ('%00', '%ff%fe', '..%2f..%2fetc%2fpasswd', '%27%20OR%201%3D1', 'x' * 3000, '%E8%A8%BC', '-1', '{}'):
        path = re.sub(r'{\w+}', lambda m, t=text: t, route['path'])
        data = enveloped(route, example(route['body'])) if 'body' in route else None
        answer = caller.send(route, path=path, data=data)
        assert answer.status_code < 500, f'{text}: {answer.status_code} {answer.text[:200]}'
        if answer.status_code >= 400 and route['method'] != 'HEAD':
            assert not no_error_shape(route['domain'], answer), f'{text}: {no_error_shape(route["domain"], answer)}'


@pytest.mark.parametrize('route', [r for r in ROUTES if r['method'] == 'GET' and not NOT_READ & set(r['flags'])], ids=name_of)
def test_strange_queries_are_refused_or_ignored_without_an_accident(caller, route):
    path = re.sub(r'{\w+}', lambda m: str(uuid.uuid4()), route['path'])
    for query in ('limit=-1', 'limit=x', 'limit=99999999999999999999', 'marker=nope', 'marker=%27', 'sort_key=password_hash', 'sort_dir=up',
                  'sort=x:y:z', 'name=%ff', 'name=%00', 'name=%', 'id=%27%3B--', 'name=' + 'x' * 2000, '&'.join(f'a{i}=1' for i in range(200)),
                  'fields=secret', '=', '&&&', 'name[]=1', 'enabled=perhaps', 'created_at=yesterday', 'name=in:' + ',' * 500):
        answer = caller.send(route, path=path + '?' + query)
        assert answer.status_code < 500, f'{query[:60]}: {answer.status_code} {answer.text[:200]}'
        if answer.status_code >= 400:
            assert not no_error_shape(route['domain'], answer), f'{query[:60]}: {no_error_shape(route["domain"], answer)}'


def test_what_does_not_exist_answers_in_the_shape_of_its_api(caller):
    for domain in sorted({r['domain'] for r in ROUTES}):
        root = next(r['path'] for r in ROUTES if r['domain'] == domain).split('/')[1]
        for method, path, status in (('GET', f'/{root}/no/such/path', (404,)), ('POST', f'/{root}/' + 'a/' * 30, (404,))):
            caller.refused({'method': method, 'domain': domain, 'path': path, 'flags': [], 'since': 0, 'until': 0, 'action': None}, status)


def test_another_method_is_405_with_allow(caller):
    seen = {}
    for route in ROUTES:
        seen.setdefault((route['domain'], route['path']), set()).add(route['method'])
    for (domain, path), methods in sorted(seen.items()):
        method = next(m for m in ('PATCH', 'DELETE', 'PUT', 'POST') if m not in methods) if len(methods) < 4 else None
        if method:
            answer = caller.refused({'method': method, 'domain': domain, 'path': path, 'flags': ['management'], 'since': 0, 'until': 0,
                                     'action': None}, (405, 404))
            assert answer.status_code == 404 or answer.headers.get('Allow'), path


# Another customer's objects --------------------------------------------------------------------

def domains():
    return {r['domain'] for r in ROUTES}


@pytest.fixture(scope='module')
def foreign(beta, tmp_path_factory):
    """Ids of objects of beta by the name of the path parameter, and a look that finds out whether they are as before."""
    name = 'bad-input-' + uuid.uuid4().hex[:8]
    ids = {'user_id': beta.current_user_id, 'project_id': beta.current_project_id}
    undo, look = [], []

    def keep(key, made, get, delete):
        ids[key] = made.id
        undo.append(lambda: delete(made.id))
        look.append(lambda: (made.id, get(made.id).name))
    if 'image' in domains():
        keep('image_id', beta.image.create_image(name=name, disk_format='raw', container_format='bare'), beta.image.get_image,
             beta.image.delete_image)
    if 'network' in domains():
        net = beta.network
        network = net.create_network(name=name)
        keep('network_id', network, net.get_network, net.delete_network)
        keep('subnet_id', net.create_subnet(name=name, network_id=network.id, ip_version=4, cidr='10.99.0.0/24'), net.get_subnet,
             net.delete_subnet)
        keep('port_id', net.create_port(name=name, network_id=network.id), net.get_port, net.delete_port)
        group = net.create_security_group(name=name)
        keep('security_group_id', group, net.get_security_group, net.delete_security_group)
        rule = net.create_security_group_rule(security_group_id=group.id, direction='ingress', protocol='tcp', port_range_min=22,
                                              port_range_max=22)
        keep('security_group_rule_id', rule, net.get_security_group_rule, net.delete_security_group_rule)
        keep('router_id', net.create_router(name=name), net.get_router, net.delete_router)
    if 'compute' in domains():
        disk = tmp_path_factory.mktemp('image') / 'disk.qcow2'
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
        image = beta.create_image(name + '-disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True)
        undo.append(lambda: beta.image.delete_image(image.id))
        server = beta.compute.create_server(name=name, image_id=image.id, flavor_id=beta.compute.find_flavor('tiny').id,
                                            networks=[{'uuid': network.id}])
        beta.compute.wait_for_server(server, wait=30)
        keep('server_id', server, beta.compute.get_server, lambda ident: (beta.compute.delete_server(ident),
                                                                          beta.compute.wait_for_delete(server, wait=30)))
    yield ids, look
    for step in reversed(undo):
        step()


# Bodies that no table describes.
PATCH_TYPE = 'application/openstack-images-v2.1-json-patch'
BODIES = {
    ('PATCH', '/image/v2/images/{image_id}'): (PATCH_TYPE, '[{"op":"replace","path":"/name","value":"stolen"}]'),
    ('PUT', '/image/v2/images/{image_id}/file'): ('application/octet-stream', b'stolen'),
    ('PUT', '/image/v2/images/{image_id}/stage'): ('application/octet-stream', b'stolen'),
    ('POST', '/image/v2/images/{image_id}/members'): ('application/json', '{"member":"%s"}' % uuid.uuid4()),
    ('PUT', '/image/v2/images/{image_id}/members/{member_id}'): ('application/json', '{"status":"accepted"}'),
}
# First parameters that name nothing of one customer (a key pair is found among the caller's own); answers that are the same for every project.
COMMON = {'name', 'alias', 'flavor_id', 'keypair_name', 'class', 'hypervisor_id'}
DEFAULTS = {'/network/v2.0/quotas/{project_id}/default', '/compute/v2.1/os-quota-sets/{project_id}/defaults'}


@pytest.mark.parametrize('route', [r for r in ROUTES if '{' in r['path'] and 'management' not in r['flags'] and 'public' not in r['flags']
                                   and r['domain'] != 'identity' and r['path'] not in DEFAULTS
                                   and re.search(r'{(\w+)}', r['path']).group(1) not in COMMON], ids=name_of)
def test_objects_of_another_customer_do_not_exist(caller, foreign, route):
    ids, look = foreign
    names = re.findall(r'{(\w+)}', route['path'])
    before = [see() for see in look]
    path = re.sub(r'{(\w+)}', lambda m: ids.get(m.group(1), str(uuid.uuid4())), route['path'])
    content_type, data = BODIES.get((route['method'], route['path']),
                                    ('application/json', enveloped(route, example(route['body'])) if 'body' in route else None))
    if route['method'] == 'PUT' and path.endswith('/tags'):
        data = '{"tags":["stolen"]}'
    elif path.endswith('/metadata') and route['method'] != 'GET':
        data = '{"metadata":{"a":"stolen"}}'
    elif '/metadata/' in path and route['method'] == 'PUT':
        data = json.dumps({'meta': {path.rsplit('/', 1)[1]: 'stolen'}})
    elif route['action'] and 'body' not in route:
        data = json.dumps({route['action']: None})
    answer = caller.send(route, path=path, data=data, headers={'Content-Type': content_type}, who='alpha')
    # 400: the example of the body is not good enough, 403: operator's verb; neither tells whether the object is there.
    assert answer.status_code in ((404, 400, 403) if 'body' in route else (404, 403)), f'{answer.status_code} {answer.text[:300]}'
    assert [see() for see in look] == before


# Hostile connections -----------------------------------------------------------------------------

@contextlib.contextmanager
def connection(caller, who='alpha'):
    url = urllib.parse.urlsplit(caller.base(who))
    context = ssl.create_default_context(cafile=caller.session.verify)
    with socket.create_connection((url.hostname, url.port), timeout=60) as plain:
        with context.wrap_socket(plain, server_hostname=url.hostname) as line:
            yield line


def head(method, path, **headers):
    lines = [f'{method} {path} HTTP/1.1', 'Host: 127.0.0.1'] + [f'{k.replace("_", "-")}: {v}' for k, v in headers.items()]
    return ('\r\n'.join(lines) + '\r\n\r\n').encode()


def read_all(line):
    got = b''
    with contextlib.suppress(OSError):
        while piece := line.recv(65536):
            got += piece
    return got


def still_works(caller):
    answer = caller.session.get(caller.base('alpha') + '/identity/v3', timeout=10)
    assert answer.status_code == 200


def test_a_million_byte_header_is_refused(caller):
    with connection(caller) as line:
        with contextlib.suppress(OSError):
            line.sendall(head('GET', '/identity/v3', X_Long='x' * 1000000, Connection='close'))
        got = read_all(line)
    assert re.match(rb'HTTP/1.1 (400|431) ', got) or got == b''
    with connection(caller) as line:
        with contextlib.suppress(OSError):
            line.sendall(head('GET', '/identity/v3/' + 'x' * 40000, Connection='close'))
        got = read_all(line)
    assert re.match(rb'HTTP/1.1 (400|414|431) ', got) or got == b''
    still_works(caller)


def test_a_truncated_body_leaves_nothing_behind(caller, admin):
    before = {p.id for p in admin.identity.projects()}
    for sent in (b'', b'{"project":', b'{"project":{"name":"truncated"}}'):
        with connection(caller, 'admin') as line:
            line.sendall(head('POST', '/identity/v3/projects', Content_Type='application/json', Content_Length=1000,
                              X_Auth_Token=caller.tokens['admin']) + sent)
    with connection(caller, 'admin') as line:
        line.sendall(head('POST', '/identity/v3/projects', Content_Type='application/json', Transfer_Encoding='chunked',
                          X_Auth_Token=caller.tokens['admin']) + b'20\r\n{"project":')
    still_works(caller)
    assert {p.id for p in admin.identity.projects()} == before


def test_a_slow_body_is_ended_and_hinders_nobody(caller):
    with connection(caller) as line:
        line.sendall(head('POST', '/identity/v3/auth/tokens', Content_Type='application/json', Content_Length=1000))
        line.sendall(b'{')
        began = time.monotonic()
        while time.monotonic() - began < 5:
            still_works(caller)
        got = read_all(line)
    assert got == b'' or re.match(rb'HTTP/1.1 408 ', got)
    assert time.monotonic() - began < 65


def test_smuggling_tricks_are_refused(caller):
    for text in (head('POST', '/identity/v3/auth/tokens', Content_Length='5', Transfer_Encoding='chunked') + b'0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
                 b'POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}{}{}',
                 b'GET /identity/v3 HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', b'\x00\x01\x02\x03\r\n\r\n',
                 b'GET /identity/v3\r\n\r\n', b'GET /identity/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n'):
        with connection(caller) as line:
            with contextlib.suppress(OSError):
                line.sendall(text)
                line.shutdown(socket.SHUT_WR)
            got = read_all(line)
        assert not re.match(rb'HTTP/1.1 (2|5)', got), (text, got[:200])
    still_works(caller)


def test_the_listener_and_the_source_cannot_be_forged(caller):
    route = next(r for r in ROUTES if r['path'] == '/identity/v3/users' and r['method'] == 'POST')
    forged = {'X-Forwarded-For': '127.0.0.1', 'X-Listener': 'management', 'X-Forwarded-Host': caller.base('admin').split('//')[1],
              'Host': caller.base('admin').split('//')[1]}
    caller.refused(route, 405, who='alpha', headers=forged, data='{}')
