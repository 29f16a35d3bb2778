# SPDX-License-Identifier: Apache-2.0
"""Documents as operators publish and customers read them."""
import base64
import hashlib
import uuid

import pytest
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
