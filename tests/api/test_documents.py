# SPDX-License-Identifier: Apache-2.0
"""Documents as operators publish and customers read them."""
import base64
import hashlib
import uuid

import pytest
import test_contracts
from callers import call


def draft(admin, **members):
    document = {'slug': 'd-' + uuid.uuid4().hex[:8], 'kind': 'terms', 'title_ja': '利用規約', 'title_en': 'Terms', **members}
    answer = call(admin, 'POST', '/documents', json={'document': document})
    assert answer.status_code == 201, answer.text
    return answer.json()['document']


def put(admin, document, lang, data, media_type='text/markdown'):
    return call(admin, 'PUT', f"/documents/{document['id']}/content?lang={lang}", data=data, headers={'Content-Type': media_type})


@pytest.fixture
def published(admin):
    document = draft(admin, needs_ack=True)
    assert put(admin, document, 'ja', '# 規約'.encode()).status_code == 200
    assert put(admin, document, 'en', b'# Terms').status_code == 200
    answer = call(admin, 'POST', f"/documents/{document['id']}/publish")
    assert answer.status_code == 200, answer.text
    yield answer.json()['document']
    call(admin, 'POST', f"/documents/{document['id']}/withdraw")


def test_customer_reads_and_acknowledges(admin, alpha, beta, published):
    path = f"/documents/{published['id']}"
    content = call(alpha, 'GET', path + '/content?lang=ja')
    assert content.content.decode() == '# 規約' and content.headers['Content-Type'] == 'text/plain; charset=utf-8'
    assert content.headers['Content-Language'] == 'ja' and content.headers['X-Content-Type-Options'] == 'nosniff'
    digest = base64.b64encode(hashlib.sha256(content.content).digest()).decode()
    assert content.headers['Repr-Digest'] == f'sha-256=:{digest}:'
    assert call(alpha, 'GET', path + '/content', headers={'Accept-Language': 'en'}).content == b'# Terms'
    seen = call(alpha, 'POST', path + '/acknowledge').json()['document']
    assert seen['acknowledged_name'] == 'alpha' and seen['created_by'] is None
    assert call(beta, 'GET', path).json()['document']['acknowledged_at'] is None
    assert [a['user_name'] for a in call(admin, 'GET', path).json()['document']['acknowledgements']] == ['alpha']
    assert published['id'] in [d['id'] for d in call(alpha, 'GET', '/documents?kind=terms').json()['documents']]


def test_drafts_are_not_for_customers(admin, alpha):
    document = draft(admin)
    path = f"/documents/{document['id']}"
    assert call(alpha, 'GET', path).status_code == 404
    assert call(admin, 'POST', path + '/publish').status_code == 409
    assert put(admin, document, 'ja', b'\x89PNG').status_code == 400
    assert call(admin, 'DELETE', path).status_code == 204
    assert call(admin, 'GET', path).status_code == 404


def test_files_have_a_limit(admin):
    document = draft(admin)
    assert put(admin, document, 'ja', b'x' * (4 << 20), 'text/plain').status_code == 200
    assert put(admin, document, 'ja', b'x' * ((4 << 20) + 1), 'text/plain').status_code == 413
    assert call(admin, 'DELETE', f"/documents/{document['id']}").status_code == 204


def test_guides_came_with_the_installation(alpha):
    guides = call(alpha, 'GET', '/documents?kind=guide').json()['documents']
    assert {'first-steps', 'servers', 'requests', 'leaving'} <= {d['slug'] for d in guides}
    for guide in guides:
        for lang in ('ja', 'en'):
            assert call(alpha, 'GET', f"/documents/{guide['id']}/content?lang={lang}").text.startswith('# ')


def test_who_is_to_acknowledge_is_mailed_and_listed_until_it_has(admin, alpha):
    person = test_contracts.person(admin)
    address = f'doc-{uuid.uuid4().hex[:6]}@example.jp'
    made = test_contracts.new_contract(person, 'tic', contacts=[
        {'kind': 'business', 'name': '山田', 'email': address, 'language': 'ja'},
        {'kind': 'technical', 'name': '山田', 'email': address.upper(), 'language': 'ja'}])
    contract, master = test_contracts.activate(person, alpha, made)
    project = contract['project_id']

    def publish(**members):
        document = draft(admin, needs_ack=True, **members)
        for lang in ('ja', 'en'):
            assert put(admin, document, lang, b'text').status_code == 200
        answer = call(admin, 'POST', f"/documents/{document['id']}/publish")
        assert answer.status_code == 200, answer.text
        return answer.json()['document']

    def mails(document):
        rows = call(admin, 'GET', f"/mails?object_id={document['id']}&limit=100").json()['mails']
        return [m['subject'] for m in rows if m['project_id'] == project]
    document, other = publish(classes=['tic']), publish(classes=['zep-c1'])
    assert mails(document) == ['文書のご確認のお願い: 利用規約 (第 1 版)'] and mails(other) == []
    assert project in [w['project_id'] for w in document['waiting']] and project not in [w['project_id'] for w in other['waiting']]
    master.call('POST', f"/service/v1/documents/{document['id']}/acknowledge")
    assert project not in [w['project_id'] for w in call(admin, 'GET', f"/documents/{document['id']}").json()['document']['waiting']]
    assert 'waiting' not in master.call('GET', f"/service/v1/documents/{document['id']}").json()['document']
    for one in (document, other):
        call(admin, 'POST', f"/documents/{one['id']}/withdraw")
