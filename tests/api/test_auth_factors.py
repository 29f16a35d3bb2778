# SPDX-License-Identifier: Apache-2.0
"""Second factors and sessions as a person uses them, with keystoneauth unchanged at login."""
import base64
import contextlib
import hashlib
import hmac
import struct
import time
import uuid

import pytest
import requests
from keystoneauth1 import session as ksession
from keystoneauth1.exceptions import auth as auth_errors
from keystoneauth1.identity import v3

PASSWORD = 'three unrelated words'


def code_of(secret, ahead=0):
    step = int(time.time()) // 30 + ahead
    mac = hmac.new(base64.b32decode(secret), struct.pack('>Q', step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f'{(struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}'


class Person:
    """A user with a role on the project alpha."""

    def __init__(self, admin, alpha):
        self.base = alpha.config.auth['auth_url'].removesuffix('/identity')
        self.verify = alpha.config.config['cacert']
        self.name = f'person-{uuid.uuid4().hex[:8]}'
        self.user = admin.identity.create_user(name=self.name, password=PASSWORD, domain_id='default',
                                               default_project_id=alpha.current_project_id)
        role = admin.identity.find_role('member')
        admin.identity.assign_project_role_to_user(alpha.current_project_id, self.user, role)

    def session(self, *methods):
        return ksession.Session(auth=v3.Auth(f'{self.base}/identity/v3', list(methods)), verify=self.verify)

    def password(self, password=PASSWORD):
        return v3.PasswordMethod(username=self.name, user_domain_id='default', password=password)

    def totp(self, code):
        return v3.TOTPMethod(username=self.name, user_domain_id='default', passcode=code)

    def ask(self, session, method, path, json=None, status=200):
        answer = session.request(self.base + path, method, json=json, raise_exc=False)
        assert answer.status_code == status, answer.text[:300]
        return answer.json() if answer.content else None

    def enrol(self, session):
        started = self.ask(session, 'POST', '/service/v1/me/totp', status=201)['totp']
        done = self.ask(session, 'POST', '/service/v1/me/totp/confirm', {'totp': {'passcode': code_of(started['secret'])}})
        return started, done['totp']['recovery_codes']


@pytest.fixture
def person(admin, alpha):
    person = Person(admin, alpha)
    yield person
    with contextlib.suppress(Exception):
        admin.identity.delete_user(person.user)


def test_an_authenticator_is_enrolled_and_asked_for(person):
    session = person.session(person.password())
    started, codes = person.enrol(session)
    assert started['uri'].startswith('otpauth://totp/akashi:person-') and started['qr_svg'].startswith('<svg')
    assert len(set(codes)) == 10
    factors = person.ask(session, 'GET', '/service/v1/me/factors')['factors']
    assert factors['totp'] and factors['recovery_codes'] == 10 and not factors['required']
    with pytest.raises(auth_errors.MissingAuthMethods) as missing:
        person.session(person.password()).get_token()
    assert missing.value.required_auth_methods == [['password', 'totp']]
    assert missing.value.methods == ['password']
    header = {'Openstack-Auth-Receipt': missing.value.receipt}
    body = {'auth': {'identity': {'methods': ['totp'], 'totp': {'user': {
        'name': person.name, 'domain': {'id': 'default'}, 'passcode': code_of(started['secret'], 1)}}}}}
    answer = requests.post(f'{person.base}/identity/v3/auth/tokens', json=body, headers=header, verify=person.verify, timeout=30)
    assert answer.status_code == 201, answer.text
    assert set(answer.json()['token']['methods']) == {'password', 'totp'}
    both = person.session(person.password(), person.totp(codes[0]))
    assert both.get_token()
    new = person.ask(both, 'POST', '/service/v1/me/recovery-codes', status=201)['recovery_codes']
    assert not set(new) & set(codes)
    person.ask(both, 'DELETE', '/service/v1/me/totp', status=204)
    assert person.session(person.password()).get_token()


def test_sessions_are_seen_and_ended(person):
    first, second, third = (person.session(person.password()) for _ in range(3))
    for session in (second, third):
        session.get_token()
    listed = person.ask(first, 'GET', '/service/v1/me/sessions')['sessions']
    assert len(listed) == 3 and [s['current'] for s in listed].count(True) == 1
    assert all(s['source'] and s['listener'] == 'customer' and 'keystoneauth1' in s['user_agent'] for s in listed)
    other = next(s for s in listed if not s['current'])
    person.ask(first, 'DELETE', f"/service/v1/me/sessions/{other['id']}", status=204)
    assert len(person.ask(first, 'GET', '/service/v1/me/sessions')['sessions']) == 2
    person.ask(first, 'DELETE', '/service/v1/me/sessions', status=204)
    assert len(person.ask(first, 'GET', '/service/v1/me/sessions')['sessions']) == 1


def test_the_password_is_changed_and_bad_ones_are_told_why(person):
    session = person.session(person.password())
    for password, slug in (('short', 'password-short'), ('P@ssw0rd2026', 'password-common'), (person.name, 'password-name'),
                           (PASSWORD, 'password-reused')):
        body = {'password': {'original_password': PASSWORD, 'password': password}}
        answer = person.ask(session, 'POST', '/service/v1/me/password', body, 400)
        assert answer['type'].endswith(slug), answer
    body = {'password': {'original_password': PASSWORD, 'password': 'another three words'}}
    person.ask(session, 'POST', '/service/v1/me/password', body, 204)
    assert person.session(person.password('another three words')).get_token()
