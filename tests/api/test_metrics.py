# SPDX-License-Identifier: Apache-2.0
"""Metrics and event log of a server: sampled by the worker as the clock goes, read by the api."""
import contextlib
import sqlite3
import subprocess
import time

import pytest
from callers import Api, clock, wait_for

NAMES = ['cpu_percent', 'memory_mib', 'disk_read_bytes', 'disk_write_bytes', 'net_in_bytes', 'net_out_bytes']


class Caller(Api):
    def get(self, path, status=200):
        answer = self('GET', '/servers/' + path)
        assert answer.status_code == status, f'{path}: {answer.status_code} {answer.text[:300]}'
        return answer.json()

    def points(self, server, query=''):
        series = self.get(f'{server}/metrics{query}')['metrics']['series']
        assert [s['name'] for s in series] == NAMES
        return {s['name']: s['points'] for s in series}


@pytest.fixture(scope='module')
def server(alpha, tmp_path_factory):
    before = clock.offset()
    disk = tmp_path_factory.mktemp('image') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    image = alpha.create_image('metrics-disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True)
    network = alpha.network.create_network(name='metrics-net')
    alpha.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.8.0.0/24')
    made = alpha.compute.create_server(name='metrics', image_id=image.id, flavor_id=alpha.compute.find_flavor('tiny').id,
                                       networks=[{'uuid': network.id}])
    alpha.compute.wait_for_server(made, wait=30)
    yield made.id
    alpha.compute.delete_server(made.id)
    alpha.compute.wait_for_delete(made, wait=30)
    alpha.network.delete_network(network)
    alpha.image.delete_image(image.id)
    clock.set_offset(before)


def last_sample(server):
    """When the worker last sampled a server, as its file tells: microseconds."""
    with contextlib.closing(sqlite3.connect('file:/var/lib/akashi/metrics.db?mode=ro', uri=True, timeout=30)) as db:
        row = db.execute('SELECT at_us FROM last JOIN server ON n = server WHERE id = ?', [server]).fetchone()
    return row[0] if row else 0


def sampled(caller, server, more=1):
    """Moves the clock on by a minute, and on only when that minute was sampled, until there are 'more' points than now (a first
    sample makes none yet)."""
    have = len(caller.points(server)['cpu_percent'])
    for _ in range(more + 3):
        moved = (clock.now() + 60) * 1e6
        clock.move(60)
        wait_for('the sample', lambda: last_sample(server) >= moved)  # noqa: B023
        points = caller.points(server)
        if len(points['cpu_percent']) >= have + more:
            return points
    pytest.fail(f'no {more} more points than {have}')


def test_counters_become_rates(alpha, server):
    caller = Caller(alpha)
    points = sampled(caller, server, 3)
    n = 0
    for c in server:
        n = (n * 31 + ord(c)) % 100
    wanted = {'cpu_percent': 10 + n // 2, 'net_in_bytes': 1000 + n * 10, 'net_out_bytes': 500 + n * 10, 'disk_read_bytes': 4096 + n * 40,
              'disk_write_bytes': 2048 + n * 40}
    for name, value in wanted.items():
        whole = [v for _, v in points[name][:-1]]
        assert all(abs(v - value) <= value * 0.04 for v in whole), (name, value, whole)
    ram = alpha.compute.find_flavor('tiny').ram
    assert all(abs(v - ram * (20 + n // 2) / 100) <= ram * 0.02 for _, v in points['memory_mib'])
    assert all(a[0] + 60 == b[0] for a, b in zip(points['cpu_percent'], points['cpu_percent'][1:]))


def test_a_stopped_server_leaves_a_gap(alpha, server):
    caller = Caller(alpha)
    alpha.compute.stop_server(server)
    alpha.compute.wait_for_server(alpha.compute.get_server(server), status='SHUTOFF', wait=30)
    clock.move(60)
    time.sleep(1.5)
    before = caller.points(server)['cpu_percent']
    clock.move(300)
    time.sleep(1.5)
    assert caller.points(server)['cpu_percent'] == before
    alpha.compute.start_server(server)
    alpha.compute.wait_for_server(alpha.compute.get_server(server), wait=30)
    after = sampled(caller, server, 2)
    gaps = [b[0] - a[0] for a, b in zip(after['cpu_percent'], after['cpu_percent'][1:])]
    assert max(gaps) >= 300 and all(v >= 0 for points in after.values() for _, v in points)


def test_steps_and_times(alpha, server):
    caller = Caller(alpha)
    now = int(clock.now())
    whole = caller.get(f'{server}/metrics?from={now - 86400}&to={now}&step=3600')['metrics']
    assert whole['step'] == 3600 and len(whole['series'][0]['points']) in (1, 2)
    text = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now - 3600))
    assert caller.points(server, f'?from={text}')['net_in_bytes']
    for bad in ('from=x', 'step=59', 'step=x', f'from={now}&to={now - 1}', 'from=-1', 'colour=red', f'from={now - 86400 * 3}&step=60',
                'from=1970-01-01'):
        caller.get(f'{server}/metrics?{bad}', 400)


def test_only_ones_own_servers(alpha, beta, admin, server):
    for path in ('metrics', 'events'):
        Caller(beta).get(f'{server}/{path}', 404)
        Caller(admin).get(f'{server}/{path}')
        Caller(alpha).get(f'nonsense/{path}', 404)


def test_the_event_log_tells_what_happened_and_who_did_it(alpha, admin, server):
    caller = Caller(alpha)
    admin.session.post(admin.compute.get_endpoint() + f'/servers/{server}/action', json={'lock': None})
    admin.session.post(admin.compute.get_endpoint() + f'/servers/{server}/action', json={'unlock': None})
    events = caller.get(f'{server}/events')['events']
    actions = [e['action'] for e in events]
    assert {'compute.server.create', 'compute.server.start', 'compute.server.stop', 'compute.server.lock'} <= set(actions), actions
    assert [e['seq'] for e in events] == sorted((e['seq'] for e in events), reverse=True)
    lock = next(e for e in events if e['action'] == 'compute.server.lock')
    assert lock['actor_kind'] == 'operator' and lock['actor_name'] == 'admin' and lock['source'] is None and lock['object_id'] == server
    create = next(e for e in events if e['action'] == 'compute.server.create')
    assert create['actor_kind'] == 'customer' and create['actor_name'] == 'alpha'
    first = caller.get(f'{server}/events?limit=2')
    assert len(first['events']) == 2 and first['next'] == str(first['events'][1]['seq'])
    assert caller.get(f'{server}/events?limit=2&marker={first["next"]}')['events'][0]['seq'] < int(first['next'])
    for bad in ('limit=0', 'limit=x', 'marker=x', 'colour=red'):
        caller.get(f'{server}/events?{bad}', 400)
