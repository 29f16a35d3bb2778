# SPDX-License-Identifier: Apache-2.0
"""Nova v2.1 through openstacksdk and the openstack command, as customers and operators use it."""
import subprocess
import time
import urllib.parse
import uuid

import openstack
import pytest

WAIT = 30  # seconds


@pytest.fixture
def name():
    return 't-' + uuid.uuid4().hex[:12]


@pytest.fixture(scope='module')
def image(alpha, tmp_path_factory):
    disk = tmp_path_factory.mktemp('image') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    made = alpha.create_image('compute-disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True)
    yield made
    alpha.image.delete_image(made.id, ignore_missing=True)


@pytest.fixture(scope='module')
def network(alpha):
    made = alpha.network.create_network(name='compute-net')
    subnet = alpha.network.create_subnet(network_id=made.id, ip_version=4, cidr='10.7.0.0/24')
    yield made
    alpha.network.delete_subnet(subnet)
    alpha.network.delete_network(made)


@pytest.fixture
def make(alpha, image, network):
    """make(name, …) → an ACTIVE server of alpha that the test's end deletes."""
    made = []

    def create(name, wait=True, **attrs):
        server = alpha.compute.create_server(**{
            'name': name, 'image_id': image.id, 'flavor_id': alpha.compute.find_flavor('tiny').id,
            'networks': [{'uuid': network.id}], **attrs})
        made.append(server.id)
        return alpha.compute.wait_for_server(server, wait=WAIT) if wait else server
    yield create
    for ident in made:
        alpha.compute.delete_server(ident, ignore_missing=True)
    for ident in made:
        gone(alpha, ident)


def gone(cloud, ident):
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        try:
            cloud.compute.get_server(ident)
        except openstack.exceptions.ResourceNotFound:
            return
        time.sleep(0.05)
    pytest.fail(f'server {ident} is still there')


def wait_status(cloud, server, status):
    # Read anew: the client returns at once when the object it is given has the status already.
    return cloud.compute.wait_for_server(cloud.compute.get_server(server.id), status=status, wait=WAIT)


def test_versions_need_no_token(alpha):
    root = alpha.compute.get_endpoint().rsplit('/v2.1', 1)[0]
    versions = alpha.session.get(root + '/', authenticated=False).json()['versions']
    assert [v['id'] for v in versions] == ['v2.0', 'v2.1']
    assert [v['version'] for v in versions] == ['', '2.26']
    assert alpha.session.get(root + '/v2.1/', authenticated=False).json()['version']['status'] == 'CURRENT'


def test_a_microversion_beyond_ours_is_not_acceptable(alpha):
    answer = alpha.compute.get('/servers', headers={'OpenStack-API-Version': 'compute 2.99'}, raise_exc=False)
    assert answer.status_code == 406
    answer = alpha.compute.get('/servers', headers={'OpenStack-API-Version': 'compute 2.26'})
    assert answer.headers['OpenStack-API-Version'] == 'compute 2.26'


def test_the_oldest_version_knows_neither_microversions_nor_refuses_what_it_does_not_know(alpha):
    root = alpha.compute.get_endpoint().rsplit('/v2.1', 1)[0] + '/v2'
    assert alpha.session.get(root + '/', authenticated=False).json()['version']['id'] == 'v2.0'
    answer = alpha.session.get(root + '/servers', headers={'OpenStack-API-Version': 'compute 2.99'})
    assert 'OpenStack-API-Version' not in answer.headers
    name = f'old-{uuid.uuid4().hex[:8]}'
    body = {'keypair': {'name': name, 'made_by': 'an old client'}}
    assert alpha.compute.post('/os-keypairs', json=body, raise_exc=False).status_code == 400
    assert alpha.session.post(root + '/os-keypairs', json=body).status_code == 200
    assert alpha.session.delete(f'{root}/os-keypairs/{name}').status_code == 202


def test_a_server_becomes_active_and_shows_what_nova_shows(alpha, make, name, network, image):
    server = make(name, metadata={'role': 'web'})
    assert server.status == 'ACTIVE'
    assert server.addresses['compute-net'][0]['OS-EXT-IPS:type'] == 'fixed'
    assert server.addresses['compute-net'][0]['addr'].startswith('10.7.0.')
    assert server.metadata == {'role': 'web'}
    assert server.image.id == image.id
    body = alpha.compute.get(f'/servers/{server.id}', microversion='2.1').json()['server']
    assert set(body) == {
        'id', 'name', 'status', 'tenant_id', 'user_id', 'metadata', 'hostId', 'image', 'flavor', 'created', 'updated',
        'addresses', 'accessIPv4', 'accessIPv6', 'links', 'OS-DCF:diskConfig', 'progress', 'OS-EXT-AZ:availability_zone',
        'config_drive', 'key_name', 'OS-SRV-USG:launched_at', 'OS-SRV-USG:terminated_at', 'OS-EXT-STS:task_state',
        'OS-EXT-STS:vm_state', 'OS-EXT-STS:power_state', 'os-extended-volumes:volumes_attached', 'security_groups'}
    assert body['OS-EXT-STS:power_state'] == 1
    assert body['OS-EXT-STS:task_state'] is None
    port = next(alpha.network.ports(device_id=server.id))
    assert port.device_owner.startswith('compute:')
    interfaces = list(alpha.compute.server_interfaces(server))
    assert interfaces[0].port_id == port.id


def test_stop_start_reboot_pause_and_lock(alpha, make, name):
    server = make(name)
    alpha.compute.stop_server(server)
    wait_status(alpha, server, 'SHUTOFF')
    with pytest.raises(openstack.exceptions.ConflictException):
        alpha.compute.stop_server(server)
    alpha.compute.start_server(server)
    wait_status(alpha, server, 'ACTIVE')
    for kind in 'SOFT', 'HARD':
        alpha.compute.reboot_server(server, kind)
        wait_status(alpha, server, 'ACTIVE')
    alpha.compute.pause_server(server)
    wait_status(alpha, server, 'PAUSED')
    alpha.compute.unpause_server(server)
    wait_status(alpha, server, 'ACTIVE')
    alpha.compute.lock_server(server)
    with pytest.raises(openstack.exceptions.ConflictException):
        alpha.compute.delete_server(server)
    alpha.compute.unlock_server(server)
    told = alpha.compute.get(f'/servers/{server.id}/os-instance-actions').json()['instanceActions']
    actions = [a['action'] for a in told]
    assert actions[-1] == 'create'
    assert {'stop', 'start', 'reboot', 'pause', 'unpause'} <= set(actions)


def test_rebuild_keeps_identity_and_addresses(alpha, make, name, image):
    server = make(name)
    address = server.addresses['compute-net'][0]['addr']
    alpha.compute.rebuild_server(server, image=image.id, name=name + 'x', admin_password='secret')
    until = time.monotonic() + WAIT  # the client's own wait trusts the state from before
    while (again := alpha.compute.get_server(server.id)).task_state:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert again.status == 'ACTIVE'
    assert again.name == name + 'x'
    assert again.addresses['compute-net'][0]['addr'] == address


def test_rebuild_needs_the_memory_that_the_image_needs(alpha, make, name, image):
    server = make(name)
    alpha.image.update_image(image.id, min_ram=1 << 20)
    try:
        with pytest.raises(openstack.exceptions.BadRequestException, match='memory'):
            alpha.compute.rebuild_server(server, image=image.id)
    finally:
        alpha.image.update_image(image.id, min_ram=0)
    assert alpha.compute.get_server(server.id).status == 'ACTIVE'


def test_delete_while_building_leaves_nothing(alpha, make, name):
    server = make(name, wait=False)
    alpha.compute.delete_server(server)
    gone(alpha, server.id)
    assert not list(alpha.network.ports(device_id=server.id))


def test_servers_of_another_customer_do_not_exist(beta, make, name):
    server = make(name)
    with pytest.raises(openstack.exceptions.ResourceNotFound):
        beta.compute.get_server(server.id)
    with pytest.raises(openstack.exceptions.ResourceNotFound):
        beta.compute.delete_server(server.id, ignore_missing=False)
    assert server.id not in [s.id for s in beta.compute.servers()]
    assert beta.compute.get('/servers?all_tenants=1', raise_exc=False).status_code == 403


def test_lists_filter_and_page(alpha, make, name):
    servers = [make(f'{name}-{i}', wait=False) for i in range(3)]
    for server in servers:
        wait_status(alpha, server, 'ACTIVE')
    assert len(list(alpha.compute.servers(name=name))) == 3
    assert len(list(alpha.compute.servers(name=f'^{name}-[12]$'))) == 2
    assert len(list(alpha.compute.servers(name=name, status='ACTIVE'))) == 3
    assert not list(alpha.compute.servers(name=name, status='SHUTOFF'))
    assert len(list(alpha.compute.servers(name=name, limit=1))) == 3  # the client follows servers_links
    page = alpha.compute.get(f'/servers?name={name}&limit=2&sort_key=display_name&sort_dir=asc').json()
    assert [s['name'] for s in page['servers']] == [f'{name}-0', f'{name}-1']
    assert page['servers_links'][0]['rel'] == 'next'
    for costly in ('((((a{1,255}){1,255}){1,255}){1,255})', '((((((a%2B)%2B)%2B)%2B)%2B)%2B)', '(.*)%5C1'):
        for key in ('name', 'ip'):  # they would take all memory
            assert alpha.compute.get(f'/servers?{key}={costly}', raise_exc=False).status_code == 400, costly
    address = alpha.compute.get_server(servers[0].id).addresses['compute-net'][0]['addr']
    assert [s.id for s in alpha.compute.servers(ip=f'^{address}$')] == [servers[0].id]


@pytest.mark.parametrize('change, status', [
    ({'name': ''}, 400), ({'name': 12345}, 400), ({'name': 'x' * 256}, 400), ({'imageRef': str(uuid.uuid4())}, 400),
    ({'flavorRef': 'nope'}, 400), ({'networks': [{'uuid': str(uuid.uuid4())}]}, 400), ({'surprise': 1}, 400),
    ({'metadata': {'k' * 256: 'v'}}, 400), ({'user_data': '%%%'}, 400), ({'key_name': 'nope'}, 400),
    ({'accessIPv6': '2001:2001::3::1'}, 400), ({'personality': [{'path': '/x', 'contents': ''}]}, 403),
])
def test_bad_creates_are_refused(alpha, image, network, change, status):
    body = {'name': 'bad', 'imageRef': image.id, 'flavorRef': 'tiny', 'networks': [{'uuid': network.id}], **change}
    answer = alpha.compute.post('/servers', json={'server': body}, raise_exc=False)
    assert answer.status_code == status, answer.text
    (fault, told), = answer.json().items()
    assert fault in ('badRequest', 'forbidden') and told['code'] == status and told['message']
    assert answer.headers['X-Openstack-Request-Id'].startswith('req-')


def test_ports_made_before_are_taken_and_kept(alpha, make, name, network):
    port = alpha.network.create_port(network_id=network.id, name=name)
    server = make(name, networks=[{'port': port.id}])
    assert server.addresses['compute-net'][0]['addr'] == port.fixed_ips[0]['ip_address']
    alpha.compute.delete_server(server)
    gone(alpha, server.id)
    assert not alpha.network.get_port(port.id).device_id
    alpha.network.delete_port(port.id)


def test_a_port_made_as_a_routers_is_no_servers(alpha, admin, image, network, name):
    """Its MAC is one that guests take router advertisements from."""
    port = admin.network.create_port(network_id=network.id, project_id=alpha.current_project_id,
                                     device_owner='network:router_interface')
    try:
        assert port.mac_address.startswith('fa:16:3f:')
        admin.network.update_port(port, device_owner='')
        with pytest.raises(openstack.exceptions.BadRequestException, match='fa:16:3f'):
            alpha.compute.create_server(name=name, image_id=image.id, flavor_id=alpha.compute.find_flavor('tiny').id,
                                        networks=[{'port': port.id}])
    finally:
        alpha.network.delete_port(port.id)


def test_security_groups_of_a_server_change(alpha, make, name):
    group = alpha.network.create_security_group(name=name)
    server = make(name)
    alpha.compute.add_security_group_to_server(server, group)
    assert {g['name'] for g in alpha.compute.get_server(server.id).security_groups} == {'default', name}
    alpha.compute.remove_security_group_from_server(server, group)
    assert {g['name'] for g in alpha.compute.get_server(server.id).security_groups} == {'default'}
    with pytest.raises(openstack.exceptions.NotFoundException):  # it has none such any more
        alpha.compute.remove_security_group_from_server(server, group)
    alpha.network.delete_security_group(group)


def test_security_groups_by_the_interface_before_neutron(alpha, beta, make, name):
    body = {'security_group': {'name': name, 'description': 'old'}}
    group = alpha.compute.post('/os-security-groups', json=body).json()['security_group']
    path = f'/os-security-groups/{group["id"]}'
    assert alpha.network.get_security_group(group['id']).name == name
    body['security_group']['name'] = name + 'x'
    assert alpha.compute.put(path, json=body).json()['security_group']['name'] == name + 'x'
    assert alpha.compute.get(path).json()['security_group']['description'] == 'old'
    assert beta.compute.get(path, raise_exc=False).status_code == 404
    groups = {g['name']: g for g in alpha.compute.get('/os-security-groups').json()['security_groups']}
    assert {'default', name + 'x'} <= set(groups)
    assert groups['default']['rules'][0]['group']['name'] == 'default'
    assert alpha.compute.delete(f'/os-security-groups/{groups["default"]["id"]}', raise_exc=False).status_code == 400
    server = make(name, security_groups=[{'name': name + 'x'}])
    told = alpha.compute.get(f'/servers/{server.id}/os-security-groups').json()['security_groups']
    assert [g['id'] for g in told] == [group['id']]
    assert alpha.compute.delete(path, raise_exc=False).status_code == 400  # in use
    alpha.compute.delete_server(server)
    gone(alpha, server.id)
    assert alpha.compute.delete(path).status_code == 202


def test_keypairs_are_imported_and_made(alpha, beta, make, name):
    made = alpha.compute.create_keypair(name=name)
    assert made.private_key.startswith('-----BEGIN')
    with pytest.raises(openstack.exceptions.ConflictException):
        alpha.compute.create_keypair(name=name)
    assert beta.compute.find_keypair(name) is None
    assert make(name, key_name=name).key_name == name
    alpha.compute.delete_keypair(made)


def test_tags_and_metadata(alpha, make, name):
    server = make(name)
    alpha.compute.set_server_metadata(server, a='1', b='2')
    alpha.compute.delete_server_metadata(server, ['a'])
    assert alpha.compute.get_server(server.id).metadata == {'b': '2'}
    tags = f'/servers/{server.id}/tags'
    assert alpha.compute.put(tags + '/blue', microversion='2.26').status_code == 201
    assert alpha.compute.get_server(server.id).tags == ['blue']
    assert [s.id for s in alpha.compute.servers(tags='blue')] == [server.id]
    assert alpha.compute.delete(tags, microversion='2.26').status_code == 204
    assert not list(alpha.compute.servers(tags='blue'))


def test_quota_is_obeyed_and_given_back(alpha, admin, make, name):
    project = alpha.current_project_id
    before = alpha.compute.get_limits().absolute
    admin.compute.put(f'/os-quota-sets/{project}', json={'quota_set': {'instances': before.instances_used + 1}})
    try:
        server = make(name)
        with pytest.raises(openstack.exceptions.HttpException) as refused:
            make(name + 'x')
        assert refused.value.status_code == 403
        alpha.compute.delete_server(server)
        gone(alpha, server.id)
        assert alpha.compute.get_limits().absolute.instances_used == before.instances_used
    finally:
        admin.compute.delete(f'/os-quota-sets/{project}')


def test_consoles(alpha, make, name):
    server = make(name)
    console = alpha.compute.create_console(server, 'novnc')
    url = urllib.parse.urlsplit(console['url'])
    assert url.path == '/console' and len(urllib.parse.parse_qs(url.query)['token'][0]) == 43
    assert isinstance(alpha.compute.get_server_console_output(server)['output'], str)


def test_hypervisors_are_for_operators(alpha, admin, make, name):
    make(name)
    with pytest.raises(openstack.exceptions.HttpException) as refused:
        list(alpha.compute.hypervisors())
    assert refused.value.status_code == 403
    host = list(admin.compute.hypervisors(details=True))[0]
    assert host.state == 'up' and host.running_vms >= 1


def test_the_openstack_command_works_unchanged(cli, alpha, image, network, name):
    made = cli('alpha', 'server', 'create', '--image', image.name, '--flavor', 'tiny', '--network', network.name,
               '--wait', name)
    assert made['status'] == 'ACTIVE'
    try:
        assert name in [s['Name'] for s in cli('alpha', 'server', 'list')]
        assert cli('alpha', 'server', 'show', name)['id'] == made['id']
        assert cli('alpha', 'console', 'url', 'show', '--novnc', name)['url']
        cli('alpha', 'console', 'log', 'show', name, as_json=False)
        for verb in 'stop', 'start', 'reboot':
            if verb == 'start':
                wait_status(alpha, alpha.compute.get_server(made['id']), 'SHUTOFF')
            if verb == 'reboot':
                wait_status(alpha, alpha.compute.get_server(made['id']), 'ACTIVE')
            cli('alpha', 'server', verb, name, as_json=False)
        wait_status(alpha, alpha.compute.get_server(made['id']), 'ACTIVE')
        assert 'tiny' in [f['Name'] for f in cli('alpha', 'flavor', 'list')]
        assert cli('alpha', 'flavor', 'show', 'tiny')['ram'] == 128
        assert cli('alpha', 'quota', 'show')
        assert cli('admin', 'hypervisor', 'list')
        assert cli('alpha', 'server', 'event', 'list', name)
        assert cli('alpha', 'availability', 'zone', 'list', '--compute')[0]['Zone Name'] == 'nova'
    finally:
        cli('alpha', 'server', 'delete', '--wait', name, as_json=False)


def test_the_openstack_command_manages_keypairs(cli, name, tmp_path):
    key = tmp_path / 'key'
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', str(key)], check=True)
    made = cli('alpha', 'keypair', 'create', '--public-key', f'{key}.pub', name)
    told = subprocess.run(['ssh-keygen', '-l', '-E', 'md5', '-f', f'{key}.pub'], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    assert f'MD5:{made["fingerprint"]}' in told
    assert name in [k['Name'] for k in cli('alpha', 'keypair', 'list')]
    assert cli('alpha', 'keypair', 'show', name)['name'] == name
    cli('alpha', 'keypair', 'delete', name, as_json=False)
