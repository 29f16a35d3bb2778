# SPDX-License-Identifier: Apache-2.0
"""kill -9 of worker and api: after it every acknowledged server is as promised, and the engines hold nothing that the
database does not know. Run by tests/with-stack; tools/services keeps starting what dies, as systemd would."""
import hashlib
import importlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import threading
import time

import openstack
import pytest

KILL_FILE = os.environ['AKASHI_TEST_KILL_FILE']
EXPORTS = '/var/lib/akashi/exports'
SETTLE = 60  # seconds


def steps_of(kind):
    jobs = json.loads(subprocess.run(['akashid', '--dump-jobs'], check=True, stdout=subprocess.PIPE).stdout)
    return jobs[kind]


def pid_of(role):
    try:
        with open(f'/run/akashi-services/{role}.child', encoding='ascii') as line:
            return int(line.read())
    except (OSError, ValueError):
        return None


def kill(role):
    pid = pid_of(role)
    if pid:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def wait_for(what, check, timeout=SETTLE):
    until = time.monotonic() + timeout
    while not check():
        if time.monotonic() > until:
            pytest.fail(f'{what}: not within {timeout} s')
        time.sleep(0.1)


def inventory():
    """What the engines hold: {kind: {id: state}}."""
    held = {}
    for line in subprocess.run(['akashi', 'inventory'], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines():
        kind, ident, _ours, state = line.split('\t')
        held.setdefault(kind, {})[ident] = state
    return held


def open_jobs():
    out = subprocess.run(['akashi', 'status'], check=False, text=True, stdout=subprocess.PIPE).stdout
    return [line for line in out.splitlines() if line.startswith('jobs ') and not line.startswith('jobs failed')]


def check_engines(admin):
    """Engines and database hold the same; called when no job is open."""
    held = inventory()
    servers = {s.id: s for s in admin.compute.servers(all_projects=True)}
    ports = {p.id for p in admin.network.ports()}
    images = {i.id for i in admin.image.images()}
    assert set(held.get('server', {})) == set(servers)
    for ident, server in servers.items():
        assert held['server'][ident] == {'ACTIVE': 'running', 'SHUTOFF': 'shutoff'}[server.status]
    assert set(held.get('port', {})) <= ports
    assert {p.id for p in admin.network.ports() if p.device_id in servers} <= set(held.get('port', {}))
    for name in held.get('file', {}):
        assert name[:36] in servers or name[:36] in images, f'{name} belongs to nothing'


@pytest.fixture(scope='module')
def alpha(tmp_path_factory):
    cloud = openstack.connect(cloud='alpha')
    disk = tmp_path_factory.mktemp('image') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    cloud.create_image('disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True)
    network = cloud.network.create_network(name='crash-net')
    cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.9.0.0/16')
    return cloud


@pytest.fixture(scope='module')
def admin():
    return openstack.connect(cloud='admin')


def api_test(name):
    """A module of tests/api, for what it does."""
    sys.path.insert(0, os.path.join(os.environ['AKASHI_TOP'], 'tests/api'))
    try:
        return importlib.import_module(name)
    finally:
        del sys.path[0]


@pytest.fixture(scope='module')
def contracts():
    return api_test('test_contracts')


def create(cloud, name):
    return cloud.compute.create_server(
        name=name, image_id=cloud.image.find_image('disk').id, flavor_id=cloud.compute.find_flavor('tiny').id,
        networks=[{'uuid': cloud.network.find_network('crash-net').id}])


def arm(kind, *steps):
    """The worker will kill itself after each of these, one after the other."""
    with open(KILL_FILE + '.new', 'w', encoding='ascii') as out:
        out.write('\n'.join(f'{kind}:{step}' for step in steps))
    os.chmod(KILL_FILE + '.new', 0o666)
    os.rename(KILL_FILE + '.new', KILL_FILE)


@pytest.mark.parametrize('step', steps_of('server-create'))
def test_a_create_survives_a_killed_worker(alpha, admin, step):
    arm('server-create', step)
    server = create(alpha, f'c-{step}')
    server = alpha.compute.wait_for_server(server, wait=SETTLE)
    assert not os.path.exists(KILL_FILE), 'the worker was not killed'
    assert server.status == 'ACTIVE'
    wait_for('open jobs', lambda: not open_jobs())
    check_engines(admin)
    alpha.compute.delete_server(server)
    alpha.compute.wait_for_delete(server, wait=SETTLE)


@pytest.mark.parametrize('step', steps_of('server-delete'))
def test_a_delete_survives_a_killed_worker(alpha, admin, step):
    server = alpha.compute.wait_for_server(create(alpha, f'd-{step}'), wait=SETTLE)
    arm('server-delete', step)
    alpha.compute.delete_server(server)
    alpha.compute.wait_for_delete(server, wait=SETTLE)
    wait_for('open jobs', lambda: not open_jobs())
    assert not os.path.exists(KILL_FILE), 'the worker was not killed'
    check_engines(admin)


@pytest.mark.parametrize('step', steps_of('contract-delete'))
def test_the_deletion_of_a_contract_survives_a_killed_worker(alpha, admin, contracts, step):
    """Whatever step a worker dies after, the customer's things are gone in the end, once, and the record names them."""
    staff = contracts.person(admin)
    image = alpha.image.find_image('disk')
    alpha.image.update_image(image, visibility='shared')
    contract, master = contracts.activate(staff, alpha, contracts.new_contract(staff, 'tic'))
    alpha.image.add_member(image, member_id=contract['project_id'])
    master.call('PUT', f"/image/v2/images/{image.id}/members/{contract['project_id']}", {'status': 'accepted'})
    server = contracts.make_server(master, image, f'end-{step}')['server']['id']
    wait_for('the server', lambda: master.get(f'/compute/v2.1/servers/{server}')['server']['status'] == 'ACTIVE')
    arm('contract-delete', step)
    try:
        staff.post(f"/service/v1/contracts/{contract['id']}/cancel", {'cancel': {'ends_on': contracts.today(), 'reason': 'test'}})
        contracts.clock.move(31)
        wait_for('the end', lambda: contracts.show(staff, contract)['ended_at'])
        contracts.clock.move(10 * 86400 + 31)
        closed = contracts.wait_for('the deletion', lambda: (c := contracts.show(staff, contract))['state'] == 'closed' and c, 120)
        wait_for('open jobs', lambda: not open_jobs())  # before the clock goes back: leases end by it
    finally:
        contracts.clock.set_offset(0)
    assert not os.path.exists(KILL_FILE), 'the worker was not killed'
    staff.token = None
    record = json.loads(staff.call('GET', f"/service/v1/deletion-records/{closed['record_id']}").content)
    assert server in [o['id'] for o in record['objects']] and all(o['removed_at'] for o in record['objects'])
    assert server not in inventory().get('server', {})
    check_engines(admin)


@pytest.fixture(scope='module')
def exporter(alpha, admin, contracts):
    """The master user of a customer with two servers."""
    staff = contracts.person(admin)
    image = alpha.image.find_image('disk')
    alpha.image.update_image(image, visibility='shared')
    contract, master = contracts.activate(staff, alpha, contracts.new_contract(staff, 'tic'))
    alpha.image.add_member(image, member_id=contract['project_id'])
    master.call('PUT', f"/image/v2/images/{image.id}/members/{contract['project_id']}", {'status': 'accepted'})
    servers = [contracts.make_server(master, image, name)['server']['id'] for name in ('kit01', 'kit02')]
    wait_for('the servers', lambda: all(s['status'] == 'ACTIVE' for s in master.get('/compute/v2.1/servers/detail')['servers']))
    yield master, servers
    for server in servers:
        master.call('DELETE', f'/compute/v2.1/servers/{server}', status=204)
    wait_for('the servers to go', lambda: not master.get('/compute/v2.1/servers')['servers'])
    wait_for('open jobs', lambda: not open_jobs())


@pytest.mark.parametrize('points', [['events'], ['disk'], ['settled'], steps_of('contract-export'), ['events', 'disk', 'disk']],
                         ids='-'.join)
def test_an_export_kit_is_complete_whatever_killed_its_worker(exporter, points):
    """Killed once or again and again, in the middle of it: the kit is whole in the end, and nothing else is left of it."""
    master, servers = exporter
    arm('contract-export', *points)
    kit = master.post('/service/v1/contract/export', {'export': {'disks': True}}, 202)['export']

    def ready():
        seen = next(k for k in master.get('/service/v1/contract/export')['exports'] if k['id'] == kit['id'])
        assert seen['state'] != 'failed', seen['error']
        return seen if seen['state'] == 'ready' else None

    wait_for('the kit', ready)
    wait_for('open jobs', lambda: not open_jobs())
    assert not os.path.exists(KILL_FILE), 'the worker was not killed'
    seen, content = ready(), master.call('GET', f"/service/v1/contract/export/{kit['id']}/content").content
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (seen['sha256'], seen['size'])
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        names = tar.getnames()
    assert names == ['README.txt', 'inventory.json', 'inventory.csv', 'events.jsonl'] + [n for n in names if n.startswith('disks/')]
    assert sorted(names[4:]) == sorted(f'disks/{server}.qcow2' for server in servers)
    assert [n for n in os.listdir(EXPORTS) if n.startswith(kit['id'])] == [f"{kit['id']}.tar"]


@pytest.fixture(scope='module')
def operators(admin):
    """The administrator, and an operator."""
    requests = api_test('test_requests')
    auth = requests.user_of(admin, 'crash-operator', admin.current_project_id, 'operator')
    other = requests.Api(openstack.connect(auth=auth, region_name='RegionOne', cacert=admin.config.config['cacert']))
    requests.enrol(other)
    return requests.Api(admin), other


def approved(operators, alpha, kind, **fields):
    """A request that one filed for alpha and the other approved."""
    body = {'request': {'kind': kind, 'fields': fields, 'project_id': alpha.current_project_id}}
    made = operators[0].ok('POST', '/requests', body)['request']
    operators[1].ok('POST', f"/requests/{made['id']}/approve")
    return made['id']


def wait_for_request(operators, ident):
    def end():
        seen = operators[0].ok('GET', f'/requests/{ident}')['request']
        assert seen['state'] in ('running', 'done'), seen['error']
        return seen if seen['state'] == 'done' else None
    wait_for('the request', end)
    assert not os.path.exists(KILL_FILE), 'the worker was not killed'
    wait_for('open jobs', lambda: not open_jobs())
    return end()


@pytest.mark.parametrize('step', [('request-run', s) for s in steps_of('request-run')] + [('server-resize', s) for s in steps_of('server-resize')],
                         ids='/'.join)
def test_what_was_approved_is_done_once_by_a_killed_worker(alpha, admin, operators, step):
    image, network = alpha.image.find_image('disk').id, alpha.network.find_network('crash-net').id
    before = {s.id for s in alpha.compute.servers()}
    if step[0] == 'request-run':
        arm(*step)
    ordered = approved(operators, alpha, 'server-add', name='ordered', flavor='tiny', image=image, network=network)
    server = wait_for_request(operators, ordered)['object_id']
    assert {s.id for s in alpha.compute.servers()} - before == {server}
    if step[0] == 'server-resize':
        arm(*step)
        wait_for_request(operators, approved(operators, alpha, 'server-change', server=server, flavor='small'))
        seen = alpha.compute.get_server(server)
        assert (seen.status, seen.flavor.id) == ('ACTIVE', 'small')
    check_engines(admin)
    alpha.compute.delete_server(server)
    wait_for('the server to go', lambda: server not in {s.id for s in alpha.compute.servers()})
    wait_for('open jobs', lambda: not open_jobs())


def test_random_kills_under_load_lose_nothing(alpha, admin):
    """Clients create and delete while api and worker die at random; only what was acknowledged counts."""
    seed = int(os.environ.get('AKASHI_CRASH_SEED', time.time_ns() & 0xffffffff))
    print(f'AKASHI_CRASH_SEED={seed}')
    rng = random.Random(seed)
    stop = threading.Event()
    wanted = {}  # id -> 'ACTIVE' or 'deleted' or 'either' (a delete that was not acknowledged)
    lock = threading.Lock()

    def client(number):
        cloud = openstack.connect(cloud='alpha')
        mine = random.Random(seed + number)
        made, n = [], 0
        while not stop.is_set():
            try:
                if made and mine.random() < 0.4:
                    ident = made.pop(mine.randrange(len(made)))
                    with lock:
                        wanted[ident] = 'either'
                    cloud.compute.delete_server(ident)
                    with lock:
                        wanted[ident] = 'deleted'
                elif len(made) < 4:
                    n += 1
                    ident = create(cloud, f'load-{number}-{n}').id
                    with lock:
                        wanted[ident] = 'ACTIVE'
                    made.append(ident)
                else:
                    stop.wait(0.1)
            except Exception:  # pylint: disable=broad-except
                stop.wait(0.2)  # not acknowledged: the service was down; nothing is promised

    threads = [threading.Thread(target=client, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 25
    while time.monotonic() < until:
        time.sleep(rng.uniform(0.2, 1.5))
        kill(rng.choice(['worker', 'worker', 'api']))
    stop.set()
    for thread in threads:
        thread.join()
    wait_for('the api', lambda: subprocess.run(['tools/services', 'status'], cwd=os.environ['AKASHI_TOP'], check=False,
                                               stdout=subprocess.DEVNULL).returncode == 0)
    wait_for('open jobs', lambda: not open_jobs(), timeout=120)
    assert wanted
    present = {s.id: s.status for s in admin.compute.servers(all_projects=True)}
    for ident, want in wanted.items():
        if want == 'ACTIVE':
            assert present.get(ident) == 'ACTIVE', f'{ident}: acknowledged, now {present.get(ident)}'
        elif want == 'deleted':
            assert ident not in present, f'{ident}: its deletion was acknowledged'
        else:
            assert present.get(ident, 'ACTIVE') == 'ACTIVE'
    check_engines(admin)
    mine = wanted.keys() & present.keys()  # others' fixtures keep theirs
    for ident in mine:
        admin.compute.delete_server(ident)
    wait_for('servers to go', lambda: not mine & {s.id for s in admin.compute.servers(all_projects=True)})
    wait_for('open jobs', lambda: not open_jobs())
    check_engines(admin)
