# SPDX-License-Identifier: Apache-2.0
"""An upload that is refused at its head gets the answer, however much of the body is still coming."""
import uuid

import pytest
import requests

SIZE = 40 << 20


def pieces():
    for _ in range(SIZE >> 16):
        yield bytes(65536)


@pytest.mark.parametrize('body', ['length', 'chunked'])
@pytest.mark.parametrize('with_token,status', [(False, 401), (True, 404)])
def test_a_refusal_reaches_a_client_that_is_still_sending(alpha, body, with_token, status):
    base = alpha.config.auth['auth_url'].removesuffix('/identity')
    headers = {'Content-Type': 'application/octet-stream'}
    if with_token:
        headers['X-Auth-Token'] = alpha.session.get_token()
    for _ in range(10):
        answer = requests.put(f'{base}/image/v2/images/{uuid.uuid4()}/file', headers=headers,
                              data=bytes(SIZE) if body == 'length' else pieces(), verify=alpha.config.config['cacert'])
        assert answer.status_code == status
        assert answer.headers['X-Openstack-Request-Id'].startswith('req-')
