# SPDX-License-Identifier: Apache-2.0
"""Requests, as a customer and operators use them: forms, decisions, work, thread, attachments, and what must not happen."""
import concurrent.futures
import time
import uuid

import pytest


class Api:
    """The own API as one of the test's clouds."""

    def __init__(self, cloud):
        self.session, self.base = cloud.session, cloud.config.auth['auth_url'].removesuffix('/identity') + '/service/v1'

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


@pytest.fixture(scope='module')
def customer(alpha):
    return Api(alpha)


@pytest.fixture(scope='module')
def other(beta):
    return Api(beta)


@pytest.fixture(scope='module')
def operator(admin):
    return Api(admin)


def until(api, request, *states, within=30):
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
