# SPDX-License-Identifier: Apache-2.0
"""The network API through openstacksdk and Debian's openstack command, unchanged."""
import subprocess
import time

import openstack
import pytest
import requests
from openstack import exceptions


@pytest.fixture
def made(alpha, beta, admin):
    """Objects to delete afterwards, last first: made(cloud, 'network', id)."""
    things = []

    def remember(cloud, kind, thing):
        things.append((cloud, kind, thing.id))
        return thing
    yield remember
    for cloud, kind, ident in reversed(things):
        if kind == 'router':
            for port in cloud.network.ports(device_id=ident, device_owner='network:router_interface'):
                cloud.network.remove_interface_from_router(ident, port_id=port.id)
        getattr(cloud.network, f'delete_{kind}')(ident, ignore_missing=True)


def network_with_subnet(cloud, made, name='net', cidr='10.0.0.0/24', **more):
    network = made(cloud, 'network', cloud.network.create_network(name=name))
    subnet = cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr=cidr, name=f'{name}-sub', **more)
    return network, subnet


def inventory():
    """{(kind, id)} in the engines, as the worker sees them."""
    out = subprocess.run(['akashi', 'inventory'], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {tuple(line.split('\t')[:2]) for line in out.splitlines()}


def eventually(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'it did not happen in time'
        time.sleep(0.2)


def fails(code, kind, call, *args, **kwargs):
    with pytest.raises(exceptions.HttpException) as caught:
        call(*args, **kwargs)
    assert caught.value.status_code == code, caught.value
    if kind:
        assert caught.value.response.json()['NeutronError']['type'] == kind, caught.value.response.text
    assert caught.value.response.headers['X-Openstack-Request-Id'].startswith('req-')


def test_discovery_and_extensions(alpha):
    root = alpha.network.get_endpoint().split('/v2.0')[0]
    versions = requests.get(root, verify='/etc/akashi/tls/ca.crt', timeout=10).json()['versions']
    assert [v['id'] for v in versions] == ['v2.0']
    assert alpha.network.get('/').json()['resources']
    aliases = {e.alias for e in alpha.network.extensions()}
    assert {'router', 'security-group', 'external-net', 'port-security', 'quotas', 'allowed-address-pairs'} <= aliases
    assert alpha.network.find_extension('router').alias == 'router'
    assert alpha.network.get('/extensions/router').json()['extension']['alias'] == 'router'
    assert alpha.network.get('/extensions/vpnaas').status_code == 404
    assert alpha.network.get('/floatingips').json() == {'floatingips': []}


def test_network_life(alpha, made):
    network = made(alpha, 'network', alpha.network.create_network(name='n1', description='first'))
    assert network.status == 'ACTIVE' and network.is_admin_state_up and not network.is_router_external
    assert network.is_port_security_enabled and network.mtu == 1442 and network.subnet_ids == []
    assert network.project_id == alpha.current_project_id and network.provider_network_type is None
    body = alpha.network.get(f'/networks/{network.id}').json()['network']
    assert body['tenant_id'] == body['project_id'] and body['revision_number'] == 1
    assert 'provider:segmentation_id' not in body
    changed = alpha.network.update_network(network, name='n2', is_admin_state_up=False)
    assert changed.name == 'n2' and not changed.is_admin_state_up and changed.revision_number == 2
    eventually(lambda: ('network', network.id) in inventory())
    alpha.network.delete_network(network.id, ignore_missing=False)
    fails(404, 'NetworkNotFound', alpha.network.get_network, network.id)
    eventually(lambda: ('network', network.id) not in inventory())


def test_lists_filter_sort_page_and_select(alpha, made):
    for name in ('la', 'lb', 'lc'):
        made(alpha, 'network', alpha.network.create_network(name=name, description='listed'))
    get = alpha.network.get
    names = [n['name'] for n in get('/networks?description=listed&sort_key=name&sort_dir=desc').json()['networks']]
    assert names == ['lc', 'lb', 'la']
    names = [n['name'] for n in get('/networks?name=la&name=lc&sort_key=name&sort_dir=asc').json()['networks']]
    assert names == ['la', 'lc']
    page = get('/networks?description=listed&limit=2').json()
    assert len(page['networks']) == 2 and page['networks_links'][0]['rel'] == 'next'
    follow = page['networks_links'][0]['href'].split('/v2.0')[1]
    assert [n['name'] for n in get(follow).json()['networks']] == [n['name'] for n in get(
        '/networks?description=listed').json()['networks']][2:]
    rest = get('/networks', params={'description': 'listed', 'limit': 2, 'marker': page['networks'][1]['id']}).json()
    assert len(rest['networks']) == 1
    assert get('/networks?name=la&fields=name&fields=id').json()['networks'][0].keys() == {'name', 'id'}
    assert get('/networks?colour=red').status_code == 400
    assert get('/networks?marker=00000000-0000-4000-8000-000000000000').status_code == 400
    assert get('/networks?limit=-1').status_code == 400


def test_bulk_is_all_or_nothing(alpha, made):
    post = alpha.network.post
    many = post('/networks', json={'networks': [{'name': 'b1'}, {'name': 'b2'}]})
    assert many.status_code == 201
    for body in many.json()['networks']:
        made(alpha, 'network', openstack.network.v2.network.Network(id=body['id']))
    bad = post('/networks', json={'networks': [{'name': 'b3'}, {'nom': 'b4'}]})
    assert bad.status_code == 400
    assert not list(alpha.network.networks(name='b3'))
    for plural, body in (('subnets', {'network_id': many.json()['networks'][0]['id'], 'ip_version': 4, 'cidr': '10.1.0.0/24'}),
                         ('ports', {'network_id': many.json()['networks'][0]['id']}),
                         ('security_groups', {'name': 'bulk'}), ('routers', {'name': 'bulk'})):
        answer = post('/' + plural.replace('_', '-'), json={plural: [body]})
        assert answer.status_code == 201, answer.text
        ident = answer.json()[plural][0]['id']
        if plural == 'security_groups':
            rule = {'security_group_id': ident, 'direction': 'ingress', 'protocol': 'tcp'}
            rules = post('/security-group-rules', json={'security_group_rules': [rule]})
            assert rules.status_code == 201
        if plural != 'subnets':
            assert alpha.network.delete(f'/{plural.replace("_", "-")}/{ident}').status_code == 204


def test_subnet_defaults_and_refusals(alpha, made):
    network, subnet = network_with_subnet(alpha, made)
    assert subnet.gateway_ip == '10.0.0.1' and subnet.is_dhcp_enabled
    assert subnet.allocation_pools == [{'start': '10.0.0.2', 'end': '10.0.0.254'}]
    assert alpha.network.get_network(network.id).subnet_ids == [subnet.id]
    assert alpha.network.get_subnet(subnet.id).cidr == '10.0.0.0/24'
    assert [s.id for s in alpha.network.subnets(network_id=network.id)] == [subnet.id]
    create = alpha.network.create_subnet

    def refuse(code, kind, **body):
        fails(code, kind, create, **{'network_id': network.id, 'ip_version': 4, 'cidr': '10.9.0.0/24', **body})
    refuse(400, 'InvalidInput', cidr='10.0.0.128/25')
    refuse(400, None, cidr='10.9.0.1/24')
    refuse(400, None, cidr='nonsense')
    refuse(400, 'InvalidInput', cidr='127.0.0.0/8')
    refuse(400, 'InvalidInput', ip_version=6)
    refuse(400, None, ip_version=5)
    refuse(409, 'GatewayConflictWithAllocationPools', gateway_ip='10.9.0.10',
           allocation_pools=[{'start': '10.9.0.5', 'end': '10.9.0.20'}])
    refuse(400, 'OutOfBoundsAllocationPool', allocation_pools=[{'start': '10.9.0.5', 'end': '10.9.1.20'}])
    refuse(409, 'OverlappingAllocationPools', allocation_pools=[{'start': '10.9.0.5', 'end': '10.9.0.20'},
                                                                {'start': '10.9.0.20', 'end': '10.9.0.30'}])
    refuse(400, 'InvalidAllocationPool', allocation_pools=[{'start': '10.9.0.30', 'end': '10.9.0.20'}])
    refuse(400, None, dns_nameservers=['example'])
    refuse(400, None, host_routes=[{'destination': '10.0.0.0/8'}])
    refuse(400, 'InvalidInput', ipv6_ra_mode='slaac')
    refuse(404, 'NetworkNotFound', network_id='00000000-0000-4000-8000-000000000000')
    assert create(network_id=network.id, ip_version=4, cidr='10.9.0.0/24', gateway_ip=None).gateway_ip is None
    changed = alpha.network.update_subnet(subnet, dns_nameservers=['192.0.2.53'], is_dhcp_enabled=False,
                                          host_routes=[{'destination': '192.0.2.0/24', 'nexthop': '10.0.0.9'}])
    assert changed.dns_nameservers == ['192.0.2.53'] and not changed.is_dhcp_enabled
    port = made(alpha, 'port', alpha.network.create_port(network_id=network.id, fixed_ips=[{'subnet_id': subnet.id}]))
    fails(409, 'SubnetInUse', alpha.network.delete_subnet, subnet.id, ignore_missing=False)
    alpha.network.delete_port(port.id)
    alpha.network.delete_subnet(subnet.id, ignore_missing=False)
    fails(404, 'SubnetNotFound', alpha.network.get_subnet, subnet.id)


def test_ports_get_addresses_and_macs(alpha, made):
    network, subnet = network_with_subnet(alpha, made, allocation_pools=[{'start': '10.0.0.10', 'end': '10.0.0.12'}])
    create = alpha.network.create_port
    ports = [made(alpha, 'port', create(network_id=network.id)) for _ in range(3)]
    assert [p.fixed_ips[0]['ip_address'] for p in ports] == ['10.0.0.10', '10.0.0.11', '10.0.0.12']
    assert len({p.mac_address for p in ports}) == 3 and ports[0].status == 'DOWN'
    assert len(ports[0].security_group_ids) == 1
    fails(409, 'IpAddressGenerationFailure', create, network_id=network.id)
    fails(409, 'IpAddressAlreadyAllocated', create, network_id=network.id, fixed_ips=[{'ip_address': '10.0.0.11'}])
    fails(400, 'InvalidIpForNetwork', create, network_id=network.id, fixed_ips=[{'ip_address': '10.7.0.11'}])
    fails(400, 'InvalidIpForSubnet', create, network_id=network.id,
          fixed_ips=[{'ip_address': '10.0.0.255', 'subnet_id': subnet.id}])
    fails(409, 'MacAddressInUse', create, network_id=network.id, mac_address=ports[0].mac_address.upper(), fixed_ips=[])
    fails(400, None, create, network_id=network.id, mac_address='01:00:5e:00:00:01')
    fails(409, 'NetworkInUse', alpha.network.delete_network, network.id, ignore_missing=False)
    outside = made(alpha, 'port', create(network_id=network.id, fixed_ips=[{'ip_address': '10.0.0.77'}]))
    assert outside.fixed_ips == [{'subnet_id': subnet.id, 'ip_address': '10.0.0.77'}]
    moved = alpha.network.update_port(outside, fixed_ips=[{'subnet_id': subnet.id, 'ip_address': '10.0.0.78'}], name='moved')
    assert moved.fixed_ips[0]['ip_address'] == '10.0.0.78' and moved.name == 'moved'
    found = list(alpha.network.ports(fixed_ips='ip_address=10.0.0.78'))
    assert [p.id for p in found] == [outside.id]
    assert len(list(alpha.network.ports(network_id=network.id))) == 4
    eventually(lambda: ('port', outside.id) in inventory())
    alpha.network.delete_port(outside.id)
    fails(404, 'PortNotFound', alpha.network.get_port, outside.id)
    eventually(lambda: ('port', outside.id) not in inventory())


def test_port_security_and_address_pairs(alpha, made):
    network, _ = network_with_subnet(alpha, made)
    create = alpha.network.create_port
    group = alpha.network.find_security_group('default')
    fails(400, 'PortSecurityAndIPRequiredForSecurityGroups', create, network_id=network.id,
          is_port_security_enabled=False, security_group_ids=[group.id])
    fails(409, 'AddressPairAndPortSecurityRequired', create, network_id=network.id, is_port_security_enabled=False,
          allowed_address_pairs=[{'ip_address': '10.0.0.9'}])
    port = made(alpha, 'port', create(network_id=network.id, allowed_address_pairs=[{'ip_address': '10.0.0.9'}]))
    assert port.allowed_address_pairs == [{'ip_address': '10.0.0.9', 'mac_address': port.mac_address}]
    fails(409, 'PortSecurityPortHasSecurityGroup', alpha.network.update_port, port, is_port_security_enabled=False)
    fails(400, None, alpha.network.update_port, port, allowed_address_pairs=[{'ip_address': '0.0.0.0/0'}])
    fails(404, 'SecurityGroupNotFound', alpha.network.update_port, port,
          security_group_ids=['00000000-0000-4000-8000-000000000000'])
    open_port = alpha.network.update_port(port, is_port_security_enabled=False, security_group_ids=[],
                                          allowed_address_pairs=[])
    assert not open_port.is_port_security_enabled and open_port.security_group_ids == []
    fails(403, None, alpha.network.update_port, port, mac_address='fa:16:3e:00:00:01')
    fails(403, None, create, network_id=network.id, device_owner='network:dhcp')


def test_macs_of_routers_are_theirs_alone(alpha, admin, made):
    """tools/tap-guard knows routers by them; guests may not look like one."""
    network, subnet = network_with_subnet(alpha, made)
    create = alpha.network.create_port
    fails(400, 'InvalidInput', create, network_id=network.id, mac_address='FA:16:3F:00:00:01')
    fails(400, 'InvalidInput', create, network_id=network.id,
          allowed_address_pairs=[{'ip_address': '10.0.0.9', 'mac_address': 'fa-16-3f-00-00-01'}])
    port = made(alpha, 'port', create(network_id=network.id, fixed_ips=[{'ip_address': '10.0.0.9'}]))
    assert port.mac_address.startswith('fa:16:3e:')
    fails(400, 'InvalidInput', alpha.network.update_port, port,
          allowed_address_pairs=[{'ip_address': '10.0.0.8', 'mac_address': 'fa:16:3f:00:00:01'}])
    fails(400, 'InvalidInput', admin.network.update_port, port, mac_address='fa:16:3f:00:00:01')
    fails(400, 'InvalidInput', admin.network.create_port, network_id=network.id, mac_address='02:00:00:00:00:01',
          device_owner='network:router_interface')
    # A port that becomes a router's leg takes a router's address.
    router = made(alpha, 'router', alpha.network.create_router(name='mac'))
    alpha.network.add_interface_to_router(router, port_id=port.id)
    assert alpha.network.get_port(port.id).mac_address.startswith('fa:16:3f:')
    alpha.network.remove_interface_from_router(router, port_id=port.id)
    alpha.network.add_interface_to_router(router, subnet_id=subnet.id)
    leg = next(alpha.network.ports(device_id=router.id))
    assert leg.mac_address.startswith('fa:16:3f:')
    alpha.network.remove_interface_from_router(router, subnet_id=subnet.id)


def test_security_groups_and_rules(alpha, made):
    groups = list(alpha.network.security_groups())
    assert [g.name for g in groups].count('default') == 1
    default = alpha.network.find_security_group('default')
    rules = {(r['direction'], r['ethertype'], r['remote_group_id']) for r in default.security_group_rules}
    assert rules == {('egress', 'IPv4', None), ('egress', 'IPv6', None), ('ingress', 'IPv4', default.id),
                     ('ingress', 'IPv6', default.id)}
    fails(409, 'SecurityGroupCannotRemoveDefault', alpha.network.delete_security_group, default.id, ignore_missing=False)
    fails(409, 'SecurityGroupDefaultAlreadyExists', alpha.network.create_security_group, name='default')
    group = made(alpha, 'security_group', alpha.network.create_security_group(name='web', description='w'))
    assert len(group.security_group_rules) == 2
    assert alpha.network.update_security_group(group, name='web2').name == 'web2'
    create = alpha.network.create_security_group_rule
    rule = create(security_group_id=group.id, direction='ingress', protocol='tcp', port_range_min=80, port_range_max=80,
                  remote_ip_prefix='192.0.2.9/24')
    assert rule.remote_ip_prefix == '192.0.2.0/24' and rule.ether_type == 'IPv4' and rule.port_range_min == 80
    assert alpha.network.get_security_group_rule(rule.id).protocol == 'tcp'
    assert rule.id in [r.id for r in alpha.network.security_group_rules(security_group_id=group.id)]

    def refuse(code, kind, **body):
        fails(code, kind, create, **{'security_group_id': group.id, 'direction': 'ingress', **body})
    refuse(409, 'SecurityGroupRuleExists', protocol='tcp', port_range_min=80, port_range_max=80,
           remote_ip_prefix='192.0.2.0/24')
    refuse(400, 'SecurityGroupInvalidPortRange', protocol='tcp', port_range_min=90, port_range_max=80)
    refuse(400, 'SecurityGroupInvalidPortValue', protocol='tcp', port_range_min=1, port_range_max=70000)
    refuse(400, 'SecurityGroupProtocolRequiredWithPorts', port_range_min=1, port_range_max=2)
    refuse(400, 'SecurityGroupRuleInvalidProtocol', protocol='nonsense')
    refuse(400, 'SecurityGroupRuleInvalidProtocol', protocol='256')
    refuse(400, 'SecurityGroupInvalidIcmpValue', protocol='icmp', port_range_min=256)
    refuse(400, 'SecurityGroupMissingIcmpType', protocol='icmp', port_range_max=0)
    refuse(400, 'SecurityGroupRemoteGroupAndRemoteIpPrefix', remote_ip_prefix='10.0.0.0/8', remote_group_id=group.id)
    refuse(400, 'SecurityGroupRuleParameterConflict', ethertype='IPv6', remote_ip_prefix='10.0.0.0/8')
    refuse(400, None, direction='sideways')
    refuse(404, 'SecurityGroupNotFound', remote_group_id='00000000-0000-4000-8000-000000000000')
    network, _ = network_with_subnet(alpha, made)
    port = made(alpha, 'port', alpha.network.create_port(network_id=network.id, security_group_ids=[group.id]))
    fails(409, 'SecurityGroupInUse', alpha.network.delete_security_group, group.id, ignore_missing=False)
    alpha.network.delete_port(port.id)
    alpha.network.delete_security_group_rule(rule.id, ignore_missing=False)
    fails(404, 'SecurityGroupRuleNotFound', alpha.network.get_security_group_rule, rule.id)


def test_router_with_legs_and_gateway(alpha, made):
    network, subnet = network_with_subnet(alpha, made)
    _, twin = network_with_subnet(alpha, made, 'twin')
    world = alpha.network.find_network('world')
    assert world.is_router_external
    router = made(alpha, 'router', alpha.network.create_router(name='r', external_gateway_info={'network_id': world.id}))
    info = router.external_gateway_info
    assert info['network_id'] == world.id and info['enable_snat']
    assert info['external_fixed_ips'][0]['ip_address'].startswith('100.64.')
    leg = alpha.network.add_interface_to_router(router, subnet_id=subnet.id)
    port = alpha.network.get_port(leg['port_id'])
    assert port.device_id == router.id and port.device_owner == 'network:router_interface'
    assert port.fixed_ips[0]['ip_address'] == '10.0.0.1' and port.status == 'ACTIVE'
    assert [p.id for p in alpha.network.ports(device_id=router.id)] == [port.id]
    fails(400, 'BadRequest', alpha.network.add_interface_to_router, router, subnet_id=subnet.id)
    fails(400, 'BadRequest', alpha.network.add_interface_to_router, router, subnet_id=twin.id)
    fails(400, 'BadRequest', alpha.network.add_interface_to_router, router)
    fails(409, 'ServicePortInUse', alpha.network.delete_port, port.id, ignore_missing=False)
    fails(409, 'RouterInUse', alpha.network.delete_router, router.id, ignore_missing=False)
    fails(409, 'GatewayIpInUse', alpha.network.update_subnet, subnet, gateway_ip='10.0.0.254')
    fails(400, 'BadRequest', alpha.network.update_router, router, external_gateway_info={'network_id': network.id})
    fails(404, 'NetworkNotFound', alpha.network.update_router, router,
          external_gateway_info={'network_id': '00000000-0000-4000-8000-000000000000'})
    fails(403, None, alpha.network.update_router, router,
          external_gateway_info={'network_id': world.id, 'enable_snat': False})
    eventually(lambda: ('router', router.id) in inventory())
    changed = alpha.network.update_router(router, name='r2', external_gateway_info=None)
    assert changed.name == 'r2' and changed.external_gateway_info is None
    fails(404, 'RouterInterfaceNotFoundForSubnet', alpha.network.remove_interface_from_router, router, subnet_id=twin.id)
    alpha.network.remove_interface_from_router(router, subnet_id=subnet.id)
    other = made(alpha, 'port', alpha.network.create_port(network_id=network.id))
    leg = alpha.network.add_interface_to_router(router, port_id=other.id)
    assert leg['port_id'] == other.id
    fails(409, 'PortInUse', alpha.network.add_interface_to_router, router, port_id=other.id)
    alpha.network.remove_interface_from_router(router, port_id=other.id)
    assert [r.id for r in alpha.network.routers(name='r2')] == [router.id]
    alpha.network.delete_router(router.id, ignore_missing=False)
    fails(404, 'RouterNotFound', alpha.network.get_router, router.id)
    eventually(lambda: ('router', router.id) not in inventory())


def test_other_customers_objects_are_not_found(alpha, beta, made):
    network, subnet = network_with_subnet(alpha, made)
    _, same = network_with_subnet(beta, made)
    assert same.cidr == subnet.cidr  # the same prefix in two projects
    port = made(alpha, 'port', alpha.network.create_port(network_id=network.id))
    group = made(alpha, 'security_group', alpha.network.create_security_group(name='g'))
    router = made(alpha, 'router', alpha.network.create_router(name='r'))
    for path in (f'networks/{network.id}', f'subnets/{subnet.id}', f'ports/{port.id}', f'routers/{router.id}',
                 f'security-groups/{group.id}', f'security-group-rules/{group.security_group_rules[0]["id"]}',
                 f'networks/{network.id}/tags'):
        assert beta.network.get('/' + path).status_code == 404, path
        if 'rules' not in path and 'tags' not in path:
            assert beta.network.put('/' + path, json={path.split('/')[0][:-1].replace('-', '_'): {'name': 'x'}}).status_code == 404
        assert beta.network.delete('/' + path).status_code == 404, path
    fails(404, 'NetworkNotFound', beta.network.create_port, network_id=network.id)
    fails(404, 'NetworkNotFound', beta.network.create_subnet, network_id=network.id, ip_version=4, cidr='10.5.0.0/24')
    own = made(beta, 'router', beta.network.create_router(name='r'))
    fails(404, 'SubnetNotFound', beta.network.add_interface_to_router, own, subnet_id=subnet.id)
    fails(404, 'PortNotFound', beta.network.add_interface_to_router, own, port_id=port.id)
    for listed in (beta.network.networks(), beta.network.ports(), beta.network.security_groups(), beta.network.routers()):
        assert not {network.id, port.id, group.id, router.id} & {x.id for x in listed}
    fails(403, None, beta.network.create_network, name='x', project_id=alpha.current_project_id)


def test_a_device_id_alone_attaches_nothing(alpha, beta, made):
    """Who knows the id of another's router writes it into his port: nothing follows from that."""
    _, subnet = network_with_subnet(alpha, made)
    theirs, _ = network_with_subnet(beta, made)
    router = made(alpha, 'router', alpha.network.create_router(name='r'))
    port = made(beta, 'port', beta.network.create_port(network_id=theirs.id, device_id=router.id))
    fails(403, None, beta.network.update_port, port, device_owner='network:router_interface')
    fails(403, None, beta.network.update_port, port, device_owner='compute:nova')
    fails(403, None, beta.network.create_port, network_id=theirs.id, device_owner='compute:nova')
    # their port lies in an equal prefix, which a leg of this router could not
    leg = alpha.network.add_interface_to_router(router, subnet_id=subnet.id)
    assert [p.id for p in alpha.network.ports(device_id=router.id)] == [leg['port_id']]


def test_a_gateway_lies_apart_from_the_legs(alpha, made):
    """Else guests reach what network_forbidden keeps from them: it is their router's own network."""
    world = alpha.network.find_network('world')
    _, subnet = network_with_subnet(alpha, made, cidr='100.64.0.0/15')
    router = made(alpha, 'router', alpha.network.create_router(name='r'))
    alpha.network.add_interface_to_router(router, subnet_id=subnet.id)
    fails(400, 'BadRequest', alpha.network.update_router, router, external_gateway_info={'network_id': world.id})
    assert alpha.network.get_router(router.id).external_gateway_info is None


def test_addresses_of_a_shared_network_are_its_owners_to_give(alpha, admin, made):
    vlan = {'provider_network_type': 'vlan', 'provider_physical_network': 'external', 'provider_segmentation_id': 78}
    network = made(admin, 'network', admin.network.create_network(name='shared', is_router_external=True, is_shared=True,
                                                                  **vlan))
    admin.network.create_subnet(network_id=network.id, ip_version=4, cidr='203.0.113.0/24', name='shared')
    port = made(alpha, 'port', alpha.network.create_port(network_id=network.id))
    pairs = [{'ip_address': '203.0.113.77'}]
    for more in ({'allowed_address_pairs': pairs}, {'is_port_security_enabled': False, 'security_groups': []},
                 {'fixed_ips': [{'ip_address': '203.0.113.77'}]}, {'mac_address': 'fa:16:3e:00:00:77'}):
        fails(403, None, alpha.network.create_port, network_id=network.id, **more)
        if 'mac_address' not in more:
            fails(403, None, alpha.network.update_port, port, **more)
    router = made(alpha, 'router', alpha.network.create_router(name='r'))
    fails(403, None, alpha.network.add_interface_to_router, router, port_id=port.id)


def test_only_the_administrator_makes_external_networks(alpha, admin, made):
    fails(403, None, alpha.network.create_network, name='x', is_router_external=True)
    fails(403, None, alpha.network.create_network, name='x', is_shared=True)
    fails(403, None, alpha.network.create_network, name='x', provider_network_type='vlan')
    world = alpha.network.find_network('world')
    fails(403, None, alpha.network.create_port, network_id=world.id)
    fails(403, None, alpha.network.update_network, world, name='mine')
    fails(403, None, alpha.network.delete_network, world.id, ignore_missing=False)
    fails(400, 'InvalidInput', admin.network.create_network, name='x', is_shared=True)
    vlan = {'provider_network_type': 'vlan', 'provider_physical_network': 'external', 'provider_segmentation_id': 77}
    network = made(admin, 'network', admin.network.create_network(name='v', is_router_external=True, **vlan))
    assert network.provider_segmentation_id == 77
    fails(409, 'VlanIdInUse', admin.network.create_network, name='v2', **vlan)
    fails(400, 'InvalidInput', admin.network.create_network, name='v3', **{**vlan, 'provider_segmentation_id': 5000})
    assert network.id in [n.id for n in alpha.network.networks(is_router_external=True)]
    assert not list(alpha.network.subnets(network_id=world.id))


def test_tunnel_keys_are_unique_while_in_use(alpha, admin, made):
    networks = [made(alpha, 'network', alpha.network.create_network(name=f'k{i}')) for i in range(4)]
    keys = [admin.network.get_network(n.id).provider_segmentation_id for n in networks]
    assert len(set(keys)) == 4


def test_tags(alpha, made):
    network, subnet = network_with_subnet(alpha, made)
    port = made(alpha, 'port', alpha.network.create_port(network_id=network.id))
    router = made(alpha, 'router', alpha.network.create_router(name='r'))
    group = made(alpha, 'security_group', alpha.network.create_security_group(name='g'))
    for path in (f'networks/{network.id}', f'subnets/{subnet.id}', f'ports/{port.id}', f'routers/{router.id}',
                 f'security-groups/{group.id}'):
        url = f'/{path}/tags'
        assert alpha.network.put(url, json={'tags': ['red', 'blue']}).json() == {'tags': ['red', 'blue']}
        assert alpha.network.put(f'{url}/green').status_code == 201
        assert alpha.network.get(f'{url}/green').status_code == 204
        assert alpha.network.get(f'{url}/black').status_code == 404
        assert alpha.network.delete(f'{url}/red').status_code == 204
        assert alpha.network.delete(f'{url}/red').status_code == 404
        assert alpha.network.get(url).json() == {'tags': ['blue', 'green']}
        assert alpha.network.put(url, json={'tags': ['']}).status_code == 400
        kind = path.split('/')[0]
        found = alpha.network.get(f'/{kind}?tags=blue,green').json()[kind.replace('-', '_')]
        assert len(found) == 1
        assert alpha.network.delete(url).status_code == 204
        assert alpha.network.get(url).json() == {'tags': []}


def test_quotas(alpha, beta, admin, made):
    project = beta.current_project_id
    get = beta.network.get
    assert get(f'/quotas/{project}').json()['quota']['network'] == 100
    assert get(f'/quotas/{project}/default').json()['quota']['port'] == 500
    assert get(f'/quotas/{alpha.current_project_id}').status_code == 403
    assert beta.network.put(f'/quotas/{project}', json={'quota': {'network': 1}}).status_code == 405
    used = len(list(beta.network.networks(project_id=project)))
    assert admin.network.put(f'/quotas/{project}', json={'quota': {'network': used + 1}}).status_code == 200
    try:
        made(beta, 'network', beta.network.create_network(name='last'))
        fails(409, 'OverQuota', beta.network.create_network, name='one too many')
        for path in ('details', 'details.json'):
            details = get(f'/quotas/{project}/{path}').json()['quota']['network']
            assert details == {'limit': used + 1, 'used': used + 1, 'reserved': 0}
        assert admin.network.put(f'/quotas/{project}', json={'quota': {'colour': 1}}).status_code == 400
        assert project in [q['project_id'] for q in admin.network.get('/quotas').json()['quotas']]
    finally:
        assert admin.network.delete(f'/quotas/{project}').status_code == 204
    assert get(f'/quotas/{project}').json()['quota']['network'] == 100


def test_bad_bodies(alpha):
    post = alpha.network.post
    for body in ({'network': {'name': 5}}, {'network': {'nom': 'x'}}, {'network': {'admin_state_up': 'maybe'}},
                 {'network': []}, {'net': {}}, {}, [], {'network': {'name': 'x' * 256}}, {'network': {'mtu': 1}}):
        answer = post('/networks', json=body)
        assert answer.status_code == 400, (body, answer.text)
        assert 'NeutronError' in answer.json(), answer.text
    assert post('/networks', data='{"network": {"name": "a", "name": "b"}}',
                headers={'Content-Type': 'application/json'}).status_code == 400


def test_ipv6_subnets(alpha, made):
    network = made(alpha, 'network', alpha.network.create_network(name='six'))
    subnet = alpha.network.create_subnet(network_id=network.id, ip_version=6, cidr='fd00:1::/64',
                                         ipv6_ra_mode='slaac', ipv6_address_mode='slaac')
    assert subnet.gateway_ip == 'fd00:1::1'
    port = made(alpha, 'port', alpha.network.create_port(network_id=network.id))
    tail = port.mac_address.replace(':', '')
    assert port.fixed_ips[0]['ip_address'].startswith('fd00:1::f816:3eff:fe') and tail.startswith('fa163e')
    others = [made(alpha, 'port', alpha.network.create_port(network_id=network.id)) for _ in range(3)]
    assert len({p.fixed_ips[0]['ip_address'] for p in (port, *others)}) == 4
    fails(400, 'InvalidInput', alpha.network.create_subnet, network_id=network.id, ip_version=6, cidr='fd00:2::/80',
          ipv6_address_mode='slaac')


def test_openstack_command(cli, made, alpha):
    network = cli('alpha', 'network', 'create', 'cli-net')
    subnet = cli('alpha', 'subnet', 'create', '--network', 'cli-net', '--subnet-range', '10.0.0.0/24', 'cli-sub')
    router = cli('alpha', 'router', 'create', 'cli-router')
    cli('alpha', 'router', 'add', 'subnet', 'cli-router', 'cli-sub', as_json=False)
    cli('alpha', 'router', 'set', '--external-gateway', 'world', 'cli-router', as_json=False)
    assert cli('alpha', 'router', 'show', 'cli-router')['external_gateway_info']['enable_snat']
    port = cli('alpha', 'port', 'create', '--network', 'cli-net', '--fixed-ip', 'subnet=cli-sub,ip-address=10.0.0.50', 'cli-port')
    assert port['fixed_ips'][0]['ip_address'] == '10.0.0.50'
    assert len(cli('alpha', 'port', 'list', '--network', 'cli-net')) == 2
    assert [n['Name'] for n in cli('alpha', 'network', 'list', '--external')] == ['world']
    cli('alpha', 'security', 'group', 'create', 'cli-group')
    cli('alpha', 'security', 'group', 'rule', 'create', '--protocol', 'icmp', 'cli-group')
    assert len(cli('alpha', 'security', 'group', 'rule', 'list', 'cli-group')) == 3
    cli('alpha', 'port', 'set', '--security-group', 'cli-group', 'cli-port', as_json=False)
    cli('alpha', 'network', 'set', '--tag', 'mine', 'cli-net', as_json=False)
    assert cli('alpha', 'network', 'show', 'cli-net')['tags'] == ['mine']
    assert 'router' in [e['Alias'] for e in cli('alpha', 'extension', 'list', '--network')]
    cli('alpha', 'port', 'delete', 'cli-port', as_json=False)
    cli('alpha', 'router', 'remove', 'subnet', 'cli-router', 'cli-sub', as_json=False)
    cli('alpha', 'router', 'delete', 'cli-router', as_json=False)
    cli('alpha', 'security', 'group', 'delete', 'cli-group', as_json=False)
    cli('alpha', 'network', 'delete', 'cli-net', as_json=False)
    assert {network['id'], subnet['id'], router['id']}.isdisjoint({n['ID'] for n in cli('alpha', 'network', 'list')})
