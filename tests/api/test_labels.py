# SPDX-License-Identifier: Apache-2.0
"""Labels and classification of resources: whose they are, what they hold, how they are found."""
import uuid

import callers
import pytest


@pytest.fixture(scope='module')
def call(alpha):
    def send(method, path='', cloud=alpha, **how):
        return callers.call(cloud, method, '/labels' + path, **how)
    return send


@pytest.fixture(scope='module')
def network(alpha):
    made = alpha.network.create_network(name='labelled')
    yield made
    alpha.network.delete_network(made)


def put(call, path, classification=None, **labels):
    return call('PUT', path, json={'label': {'classification': classification, 'labels': labels}})


def test_a_resource_is_labelled_classified_found_and_cleared(call, network):
    path = f'/network/{network.id}'
    assert call('GET', path).json()['label']['labels'] == {}
    answer = put(call, path, 'confidential', 部門='経理', system='ledger')
    assert answer.status_code == 200, answer.text
    label = call('GET', path).json()['label']
    assert label['classification'] == 'confidential' and label['labels'] == {'部門': '経理', 'system': 'ledger'}
    assert label['updated_by'] == 'alpha' and label['updated_at'].endswith('Z')
    for query, found in (('key=system', 1), ('key=system&value=ledger', 1), ('value=ledger', 1), ('key=部門&value=経理', 1),
                         ('key=sys', 0), ('key=system&value=ledge', 0), ('key=ledger', 0), ('classification=confidential', 1),
                         ('classification=secret', 0), ('resource_type=network', 1), ('resource_type=server', 0)):
        rows = call('GET', '?' + query).json()['labels']
        assert len([r for r in rows if r['resource_id'] == network.id]) == found, query
    assert put(call, path, None, system='x').json()['label']['classification'] is None
    assert call('GET', '?key=部門').json()['labels'] == []
    assert call('DELETE', path).status_code == 204
    assert call('GET', path).json()['label']['labels'] == {}


def test_what_is_not_the_projects_is_not_found(call, network, beta):
    other = beta.network.create_network(name='of beta')
    try:
        for path in (f'/network/{other.id}', f'/network/{uuid.uuid4()}', '/network/x', f'/subnet/{network.id}', f'/planet/{network.id}'):
            for method in ('GET', 'PUT', 'DELETE'):
                how = {'json': {'label': {'labels': {}}}} if method == 'PUT' else {}
                assert call(method, path, **how).status_code == 404, (method, path)
        put(call, f'/network/{network.id}', 'secret', whose='alpha')
        base = beta.config.auth['auth_url'].removesuffix('/identity') + '/service/v1/labels'
        assert beta.session.get(base + '?key=whose').json()['labels'] == []
    finally:
        beta.network.delete_network(other)
        call('DELETE', f'/network/{network.id}')


def test_every_kind_of_resource_can_be_labelled(call, alpha, network):
    subnet = alpha.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.77.0.0/24')
    port = alpha.network.create_port(network_id=network.id)
    router = alpha.network.create_router(name='labelled')
    group = alpha.network.create_security_group(name='labelled')
    image = alpha.image.create_image(name='labelled', disk_format='raw', container_format='bare', allow_duplicates=True)
    key = alpha.compute.create_keypair(name='labelled')
    try:
        for kind, name in (('network', network.id), ('subnet', subnet.id), ('port', port.id), ('router', router.id),
                           ('security_group', group.id), ('image', image.id), ('keypair', key.name)):
            assert put(call, f'/{kind}/{name}', 'internal', kind=kind).status_code == 200, kind
        rows = call('GET', '?key=kind&limit=3').json()
        assert len(rows['labels']) == 3
        more = call('GET', f"?key=kind&limit=100&marker={rows['next']}").json()
        assert len(more['labels']) == 4 and 'next' not in more
    finally:
        alpha.compute.delete_keypair(key)
        alpha.image.delete_image(image)
        alpha.network.delete_security_group(group)
        alpha.network.delete_router(router)
        alpha.network.delete_port(port)
        alpha.network.delete_subnet(subnet)
    assert call('GET', f'/router/{router.id}').status_code == 404


def test_labels_have_limits(call, network):
    path = f'/network/{network.id}'
    for label in ({'labels': {'k' * 65: 'v'}}, {'labels': {'': 'v'}}, {'labels': {'k': 'v' * 256}}, {'labels': {'k': 1}}, {'labels': []},
                  {'labels': {str(i): 'v' for i in range(65)}}, {'classification': 'top'}, {'classification': 3}, {'colour': 'red'}):
        assert call('PUT', path, json={'label': label}).status_code == 400, label
    quoted = {'labels': {'"k":"': '\\"x', '<b>': '<script>alert(1)</script>'}}
    assert call('PUT', path, json={'label': quoted}).status_code == 200
    assert call('GET', path).json()['label']['labels'] == quoted['labels']
    assert call('GET', '?key=k').json()['labels'] == []
    call('DELETE', path)


def test_the_staff_sees_labels_of_all_customers(call, admin, alpha, network):
    put(call, f'/network/{network.id}', 'secret', seen='yes')
    base = admin.config.auth['auth_url'].removesuffix('/identity') + '/service/v1/labels'
    project = alpha.session.get_project_id()
    rows = admin.session.get(base + f'?key=seen&project_id={project}').json()['labels']
    assert [r['project_id'] for r in rows] == [project]
    call('DELETE', f'/network/{network.id}')
