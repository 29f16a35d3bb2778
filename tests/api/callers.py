# SPDX-License-Identifier: Apache-2.0
"""Who calls in these tests, beside openstacksdk's own connections: a cloud's connection on akashi's own API (Api), somebody with a
password (Person), their second factors, and the clock that moves."""
import base64
import hashlib
import hmac
import importlib.machinery
import importlib.util
import os
import struct
import time
import uuid

import requests
from keystoneauth1.identity import v3

TOP = os.environ['AKASHI_TOP']


def load_clock():
    loader = importlib.machinery.SourceFileLoader('move_clock', os.path.join(TOP, 'tests/move-clock'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('move_clock', loader))
    loader.exec_module(module)
    return module


clock = load_clock()


def wait_for(what, check, timeout=60):
    """What check() gives, once that is something."""
    until = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < until, f'{what}: not within {timeout} s'
        time.sleep(0.2)


def base_of(cloud):
    """The root of the listener that a cloud talks to."""
    return cloud.config.auth['auth_url'].removesuffix('/identity')


class Api:
    """The own API as one of the test's clouds."""

    def __init__(self, cloud):
        self.cloud, self.session, self.base = cloud, cloud.session, base_of(cloud) + '/service/v1'

    def __call__(self, method, path, body=None, **how):
        if body is not None:
            how['json'] = body
        return self.session.request(self.base + path, method, raise_exc=False, **how)

    def ok(self, method, path, body=None, **how):
        answer = self(method, path, body, **how)
        assert answer.status_code in (200, 201), f'{method} {path}: {answer.status_code} {answer.text[:400]}'
        return answer.json()

    def ask(self, kind, title='test', **fields):
        return self.ok('POST', '/requests', {'request': {'kind': kind, 'title': title, 'fields': fields}})['request']

    def refused(self, status, method, path, body=None, **how):
        answer = self(method, path, body, **how)
        assert answer.status_code == status, f'{method} {path}: {answer.status_code} {answer.text[:400]}'
        return answer.json()


def call(cloud, method, path, **how):
    """One call to the own API as a cloud, whatever the answer."""
    return Api(cloud)(method, path, **how)


class Person:
    """A login by password; the token is renewed when the clock was moved beyond it."""

    def __init__(self, base, user, password, domain, project, verify):
        self.base, self.user, self.password, self.domain, self.project = base, user, password, domain, project
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify
        self.token = None

    def login(self):
        body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': {
            'name': self.user, 'domain': {'name': self.domain}, 'password': self.password}}},
            'scope': {'project': {'name': self.project, 'domain': {'name': self.domain}}}}}
        for _ in range(40):
            answer = self.session.post(self.base + '/identity/v3/auth/tokens', json=body)
            if answer.status_code != 429:
                break
            time.sleep(0.5)  # nginx limits the rate of logins
        assert answer.status_code == 201, answer.text
        self.token = answer.headers['X-Subject-Token']
        return answer.json()['token']

    def call(self, method, path, body=None, status=200, headers=None):
        for _ in range(2):
            if not self.token:
                self.login()
            answer = self.session.request(method, self.base + path, json=body,
                                          headers={'X-Auth-Token': self.token, **(headers or {})})
            if answer.status_code != 401:
                break
            self.token = None
        assert answer.status_code == status, f'{method} {path}: {answer.status_code} {answer.text[:500]}'
        return answer

    def get(self, path, status=200):
        return self.call('GET', path, status=status).json()

    def post(self, path, body=None, status=200):
        return self.call('POST', path, body, status=status).json()


def person(cloud, user=None, password=None, domain=None, project=None):
    """Somebody on the listener of a cloud; as the cloud itself where nothing is said."""
    auth = cloud.config.auth
    return Person(base_of(cloud), user or auth['username'], password or auth['password'], domain or 'Default',
                  project or auth['project_name'], cloud.config.config['cacert'])


def user_of(admin, name, project, *roles):
    """What openstack.connect() needs of a new user with these roles on the project."""
    password = uuid.uuid4().hex
    made = admin.identity.create_user(name=name, password=password, default_project_id=project, domain_id='default')
    for role in roles:
        admin.identity.assign_project_role_to_user(project, made, admin.identity.find_role(role))
    auth = {**admin.config.auth, 'username': name, 'password': password, 'project_id': project}
    auth.pop('project_name', None)
    auth.pop('project_domain_id', None)
    return auth


def code_of(secret, ahead=0):
    """The code of a second factor (RFC 6238), now or some 30 s steps ahead."""
    step = int(time.time()) // 30 + ahead
    mac = hmac.new(base64.b32decode(secret), struct.pack('>Q', step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f'{(struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}'


class SecondFactor(v3.TOTPMethod):
    """A code for each login: none is taken twice, so the next step of 30 s is waited for."""
    secret, used = None, 0

    def get_auth_data(self, *args, **kwargs):
        while int(time.time()) // 30 <= self.used:
            time.sleep(0.2)
        self.used = int(time.time()) // 30
        self.passcode = code_of(self.secret)
        return super().get_auth_data(*args, **kwargs)


def enrol(api):
    """The second factor that the staff must have. Its token goes on; who must log in again (the clock was moved, and the token
    swept away) does it with both."""
    secret = api.ok('POST', '/me/totp')['totp']['secret']
    used = int(time.time()) // 30
    api.ok('POST', '/me/totp/confirm', {'totp': {'passcode': code_of(secret)}})
    auth = api.cloud.config.auth
    who = {'username': auth['username'], 'user_domain_id': auth.get('user_domain_id', 'default')}
    second = SecondFactor(passcode=None, **who)
    second.secret, second.used = secret, used
    both = v3.Auth(auth['auth_url'] + '/v3', [v3.PasswordMethod(password=auth['password'], **who), second], project_id=auth['project_id'])
    both.auth_ref = api.session.auth.get_access(api.session)
    api.session.auth = both
