# SPDX-License-Identifier: Apache-2.0
"""The route tables themselves: complete, documented, and true to what is answered."""
import os
import re

import jsonschema
import pytest


@pytest.fixture(scope='module')
def rows(routes):
    return routes['routes']


def rules():
    with open(os.path.join(os.environ['AKASHI_TOP'], 'src/identity/policy.def'), encoding='utf-8') as f:
        return dict(re.findall(r'^IDENTITY_POLICY(?:_VERB)?\(\s*"([^"]+)",\s*(\w+)', f.read(), re.M))


def policies():
    return list(rules())


def test_every_route_states_policy_audit_and_spec(rows):
    known = set(policies())
    for row in rows:
        what = f"{row['method']} {row['path']} {row['action'] or ''}"
        assert row['policy'] in known, what
        assert row['summary'] and row['spec'].startswith('https://'), what
        assert re.fullmatch(r'[a-z]+:[a-z_]+:[a-z_]+', row['policy']), what
        if row['audit']:
            assert (row['method'] != 'GET' or 'websocket' in row['flags']) and re.fullmatch(r'[a-z]+(\.[a-z_]+){2}', row['audit']), what


def test_every_change_is_audited(rows):
    # Methods that change nothing although they are no GET, and why.
    reads = {'/compute/v2.1/servers/{server_id}/action': 'console output is a POST',
             '/compute/v2.1/servers/{server_id}/remote-consoles': 'audited where it opens',
             '/service/v1/me/passkeys/options': 'a challenge leaves nothing behind', '/service/v1/passkey/options': 'likewise'}
    for row in rows:
        if row['method'] not in ('GET', 'HEAD') and not row['audit']:
            assert row['path'] in reads, f"{row['method']} {row['path']} {row['action']}"


def test_operator_verbs_are_on_the_management_listener_only(rows):
    for row in rows:
        if rules()[row['policy']] == 'ADMIN' and row['audit']:
            assert 'management' in row['flags'], f"{row['method']} {row['path']} {row['action']}"


def test_every_policy_row_serves_a_route(rows):
    used = {row['policy'] for row in rows}
    unused = [p for p in policies() if p not in used]
    assert not unused, unused


def lists(rows):
    return [r for r in rows if r['method'] == 'GET' and '{' not in r['path'] and 'reply' in r and r['reply_envelope']]


def test_lists_answer_what_their_tables_say(rows, admin, alpha):
    checked = 0
    for row in lists(rows):
        for cloud in (admin,) if 'management' in row['flags'] else (alpha, admin):
            base = cloud.config.auth['auth_url'].removesuffix('/identity')
            headers = {'OpenStack-API-Version': 'compute 2.1'} if row['domain'] == 'compute' else {}
            answer = cloud.session.get(base + row['path'], headers=headers, raise_exc=False)
            if answer.status_code == 403 or '"contract-none"' in answer.text:  # theirs is in test_contracts.py
                continue
            assert answer.status_code == 200, f"{row['path']}: {answer.status_code} {answer.text[:200]}"
            found = answer.json()[row['reply_envelope']]
            for item in found if isinstance(found, list) else [found]:  # one's own contract is no list
                jsonschema.validate(item, row['reply'])
                checked += 1
    assert checked > 0
