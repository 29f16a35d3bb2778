# SPDX-License-Identifier: Apache-2.0
"""Second factors and sessions as a person uses them, with keystoneauth unchanged at login."""
import base64
import contextlib
import hashlib
import json as jsonlib
import os
import struct
import uuid

import pytest
import requests
from callers import base_of, clock, code_of
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from keystoneauth1 import session as ksession
from keystoneauth1.exceptions import auth as auth_errors
from keystoneauth1.identity import v3

PASSWORD = 'three unrelated words'


class Person:
    """A user with a role on the project alpha, who logs in by keystoneauth's own methods: they are what is tested here."""

    def __init__(self, admin, alpha):
        self.base = base_of(alpha)
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


def test_a_session_of_some_time_ago_proves_anew_who_is_there(person):
    session = person.session(person.password())
    session.get_token()
    clock.move(901)
    try:
        for path in ('/service/v1/me/totp', '/service/v1/me/passkeys/options'):
            assert person.ask(session, 'POST', path, status=403)['slug'] == 'proof-needed'
        credentials = f'/identity/v3/users/{person.user.id}/application_credentials'
        person.ask(session, 'POST', credentials, {'application_credential': {'name': 'kept'}}, 403)
        assert person.ask(session, 'POST', '/service/v1/me/proof', {'proof': {'password': 'wrong'}}, 400)['slug'] == 'proof-wrong'
        proof = person.ask(session, 'POST', '/service/v1/me/proof', {'proof': {'password': PASSWORD}}, 201)['proof']['token']
        given = {'X-Akashi-Proof': proof}
        assert session.post(person.base + '/service/v1/me/totp', headers=given).status_code == 201
        stolen = person.session(v3.TokenMethod(token=session.get_token()))
        assert stolen.post(person.base + '/service/v1/me/totp', headers=given, raise_exc=False).status_code == 403
        person.ask(person.session(person.password()), 'POST', credentials, {'application_credential': {'name': 'own'}}, 201)
    finally:
        clock.move(-901)


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


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


class Authenticator:
    """ES256, as a browser with a platform authenticator would answer."""

    def __init__(self, origin):
        self.origin, self.key, self.id, self.count = origin, ec.generate_private_key(ec.SECP256R1()), os.urandom(32), 0

    def client(self, kind, challenge):
        return jsonlib.dumps({'type': kind, 'challenge': challenge, 'origin': self.origin, 'crossOrigin': False}).encode()

    def data(self, rp, flags):
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + struct.pack('>I', self.count)

    def create(self, options):
        point = self.key.public_key().public_numbers()
        cose = (b'\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20' + point.x.to_bytes(32, 'big') + b'\x22\x58\x20' + point.y.to_bytes(32, 'big'))
        data = self.data(options['rp']['id'], 0x45) + bytes(16) + struct.pack('>H', 32) + self.id + cose
        attestation = b'\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58' + bytes([len(data)]) + data
        return {'id': b64(self.id), 'rawId': b64(self.id), 'type': 'public-key', 'clientExtensionResults': {}, 'response': {
            'clientDataJSON': b64(self.client('webauthn.create', options['challenge'])), 'attestationObject': b64(attestation),
            'transports': ['internal']}}

    def get(self, options, user_id):
        self.count += 1
        data, client = self.data(options['rpId'], 0x05), self.client('webauthn.get', options['challenge'])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {'id': b64(self.id), 'rawId': b64(self.id), 'type': 'public-key', 'response': {
            'clientDataJSON': b64(client), 'authenticatorData': b64(data), 'signature': b64(signature),
            'userHandle': b64(user_id.encode())}}


def test_a_passkey_is_registered_and_logs_in(person, alpha):
    session, device = person.session(person.password()), Authenticator(person.base)
    options = person.ask(session, 'POST', '/service/v1/me/passkeys/options')['passkey']['public_key']
    assert options['rp']['id'] == '127.0.0.1' and options['authenticatorSelection']['userVerification'] == 'required'
    made = person.ask(session, 'POST', '/service/v1/me/passkeys', {'passkey': {'name': 'laptop', 'credential': device.create(options)}}, 201)
    assert len(made['recovery_codes']) == 10 and made['passkey']['name'] == 'laptop'
    with pytest.raises(auth_errors.MissingAuthMethods) as missing:
        person.session(person.password()).get_token()
    assert ['passkey'] in missing.value.required_auth_methods

    def log_in(credential):
        return requests.post(f'{person.base}/service/v1/passkey/login', json={'passkey': {'credential': credential}},
                             verify=person.verify, timeout=30)
    options = requests.post(f'{person.base}/service/v1/passkey/options', verify=person.verify, timeout=30).json()['passkey']['public_key']
    credential = device.get(options, person.user.id)
    answer = log_in(credential)
    assert answer.status_code == 201, answer.text
    assert answer.json()['token']['methods'] == ['passkey'] and answer.json()['token']['project']['id'] == alpha.current_project_id
    again = log_in(credential)
    assert again.status_code == 401, again.text
    listed = person.ask(session, 'GET', '/service/v1/me/passkeys')['passkeys']
    assert [k['name'] for k in listed] == ['laptop'] and listed[0]['last_used_at']
    path = f"/service/v1/me/passkeys/{listed[0]['id']}"
    renamed = person.ask(session, 'PATCH', path, {'passkey': {'name': 'old laptop'}})['passkey']
    assert renamed['name'] == 'old laptop' and renamed['last_used_at'] == listed[0]['last_used_at']
    person.ask(session, 'DELETE', path, status=204)
    assert person.session(person.password()).get_token()


def test_the_master_manages_the_users_of_the_project(admin, alpha, person):
    admin.identity.assign_project_role_to_user(alpha.current_project_id, person.user, admin.identity.find_role('manager'))
    session, name = person.session(person.password()), f'added-{uuid.uuid4().hex[:8]}'
    made = person.ask(session, 'POST', '/service/v1/users', {'user': {'name': name, 'email': 'a@example.jp', 'role': 'member'}}, 201)['user']
    path = f"/service/v1/users/{made['id']}"
    newcomer = ksession.Session(auth=v3.Password(f'{person.base}/identity/v3', username=name, password=made['initial_password'],
                                                 user_domain_id='default'), verify=person.verify)
    refused = newcomer.get(person.base + '/compute/v2.1/servers', headers={'Accept-Language': 'ja'}, raise_exc=False)
    assert refused.status_code == 403 and '一時パスワード' in refused.text
    change = {'user': {'original_password': made['initial_password'], 'password': 'words nobody would guess'}}
    changed = requests.post(f"{person.base}/identity/v3/users/{made['id']}/password", json=change, verify=person.verify, timeout=30)
    assert changed.status_code == 204, changed.text
    assert name in [u['name'] for u in person.ask(session, 'GET', '/service/v1/users')['users']]
    assert person.ask(session, 'PATCH', path, {'user': {'role': 'reader'}})['user']['role'] == 'reader'
    assert person.ask(session, 'POST', f'{path}/reset-password')['user']['initial_password'] != made['initial_password']
    person.ask(session, 'POST', f'{path}/reset-factors')
    assert not person.ask(session, 'GET', path)['user']['mfa']['totp']
    office = base_of(admin)
    account = f"{office}/service/v1/accounts/{made['id']}/reset-password"
    closed = admin.session.post(account, raise_exc=False)  # one operator alone could take the customer's place
    assert closed.status_code == 403 and closed.json()['slug'] == 'operator-blind'
    glass = admin.session.post(f'{office}/service/v1/break-glass', json={'break_glass': {
        'project_id': alpha.current_project_id, 'reason': 'パスワードの再発行', 'hours': 1}}).json()['break_glass']
    person.ask(session, 'POST', f"/service/v1/break-glass/{glass['id']}/consent")
    helped = admin.session.post(account)
    assert helped.json()['account']['initial_password']
    assert admin.session.post(f"{office}/service/v1/accounts/{made['id']}/reset-factors").status_code == 204
    person.ask(session, 'DELETE', path, status=204)
    person.ask(session, 'GET', path, status=404)


def test_logins_and_refusals_are_events_the_customer_sees_with_their_source(person):
    session = person.session(person.password())
    session.get_token()
    with pytest.raises(Exception, match='401'):
        person.session(person.password('not this one')).get_token()
    events = person.ask(session, 'GET', '/service/v1/events?limit=50')['events']
    mine = [e for e in events if e['actor_name'] == person.name]
    assert {'identity.token.create', 'identity.token.refuse'} <= {e['action'] for e in mine}, mine
    assert all(e['source'] for e in mine if e['action'].startswith('identity.token.'))
