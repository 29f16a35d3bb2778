#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lists of 10,000 rows: the first, a middle and the last page, against the first page where only 100 rows are. The rows are
copies of one row that the API made, put into the database by SQL: alpha has 10,000 of each kind, beta 100. Prints a table; asserts nothing.

usage: tests/with-stack bench/lists.py [CMD...]   CMD is run in the end, on what is there then (bench/portal.mjs)"""
import http.client
import json
import os
import sqlite3
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

import openstack

MANY, FEW, PAGE, ROUNDS = 10000, 100, 50, 15
DATABASE = '/var/lib/akashi/akashi.db'
KINDS = {  # list: path, envelope, marker of a row
    'servers': ('/compute/v2.1/servers/detail?', 'servers'),
    'requests': ('/service/v1/requests?', 'requests'),
    'notices': ('/service/v1/notices?', 'notices'),
    'events': ('/service/v1/events?', 'events'),
}


class Caller:
    """One connection kept open, as a browser keeps it."""

    def __init__(self, cloud):
        context = ssl.create_default_context(cafile='/etc/akashi/tls/ca.crt')
        self.wire = http.client.HTTPSConnection('127.0.0.1', 8443, context=context)
        self.token = cloud.auth_token

    def get(self, path):
        self.wire.request('GET', path, headers={'X-Auth-Token': self.token})
        answer = self.wire.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f'{path}: {answer.status} {body[:300]}')
        return json.loads(body)

    def page(self, kind, limit, marker=None):
        """The rows of a page, and the marker of the next one or None."""
        path, envelope = KINDS[kind]
        body = self.get(f'{path}limit={limit}' + (f'&marker={marker}' if marker else ''))
        rows = body[envelope]
        following = rows[-1]['id'] if body.get(f'{envelope}_links') else body.get('next')
        return rows, following

    def milliseconds(self, kind, marker=None):
        times = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            self.page(kind, PAGE, marker)
            times.append((time.perf_counter() - begin) * 1000)
        return statistics.median(times)


def copies(db, table, where, n, change):
    """Adds n copies of a row; change(i, row) alters each."""
    db.row_factory = sqlite3.Row
    template = dict(db.execute(f'SELECT * FROM {table} WHERE {where}').fetchone())
    names = ', '.join(template)
    holes = ', '.join('?' * len(template))
    db.executemany(f'INSERT INTO {table} ({names}) VALUES ({holes})', (list(change(i, dict(template)).values()) for i in range(n)))


def seed_servers(db, project, server, n):
    ids = [str(uuid.uuid4()) for _ in range(n)]

    def own(i, row):
        return {**row, 'id': ids[i], 'name': f'many-{i}', 'created_us': row['created_us'] + i}

    def port(i, row):
        return {**row, 'id': str(uuid.uuid4()), 'device_id': ids[i], 'mac_address': f'fa:16:00:00:{i >> 8:02x}:{i & 255:02x}'}

    copies(db, 'compute_server', f"id = '{server}'", n, own)
    copies(db, 'network_port', f"device_id = '{server}'", n, port)


def seed(project, server, request, notice, n):
    with sqlite3.connect(DATABASE, timeout=60) as db:
        db.execute('BEGIN IMMEDIATE')
        seed_servers(db, project, server, n)
        tag = project[:6]
        copies(db, 'request', f"id = '{request}'", n, lambda i, row: {
            **row, 'id': str(uuid.uuid4()), 'number': f'{tag}-{i}', 'created_us': row['created_us'] + i})
        ids = [str(uuid.uuid4()) for _ in range(n)]
        copies(db, 'notice', f"id = '{notice}'", n, lambda i, row: {
            **row, 'id': ids[i], 'number': f'{tag}-{i}', 'created_us': row['created_us'] + i})
        copies(db, 'notice_recipient', f"notice_id = '{notice}'", n, lambda i, row: {
            **row, 'notice_id': ids[i], 'created_us': row['created_us'] + i})
        last = db.execute('SELECT seq FROM audit_head').fetchone()[0]
        copies(db, 'audit_event', f"object_id = '{server}'", n, lambda i, row: {**row, 'seq': last + 1 + i})
        db.execute('UPDATE audit_head SET seq = seq + ?', (n,))


def rows_of(cloud, operator, image, n):
    """One row of each kind by the API, then copies."""
    base = '/service/v1'
    network = cloud.network.create_network(name='lists')
    cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.1.0.0/16')
    flavor = cloud.compute.find_flavor('tiny').id
    body = {'server': {'name': 'lists', 'imageRef': image, 'flavorRef': flavor, 'networks': [{'uuid': network.id}]}}
    server = cloud.compute.post('/servers', json=body).json()['server']['id']
    cloud.compute.wait_for_server(cloud.compute.get_server(server), interval=1)

    def own(cloud, port, path, body):
        answer = cloud.session.post(f'https://127.0.0.1:{port}{base}{path}', json=body)
        return answer.json()

    request = own(cloud, 8443, '/requests', {'request': {'kind': 'question', 'fields': {'text': 'How long?'}}})['request']['id']
    notice = own(operator, 9443, '/notices', {'notice': {
        'kind': 'information', 'title_ja': 'お知らせ', 'title_en': 'News', 'body_ja': '本文', 'body_en': 'Text', 'impact': 'none',
        'project_ids': [cloud.current_project_id]}})['notice']['id']
    own(operator, 9443, f'/notices/{notice}/publish', None)
    seed(cloud.current_project_id, server, request, notice, n)


def main():
    admin, alpha, beta = (openstack.connect(cloud=name) for name in ('admin', 'alpha', 'beta'))
    with tempfile.TemporaryDirectory() as folder:
        disk = f'{folder}/disk.qcow2'
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', disk, '16M'], check=True)
        image = admin.create_image('lists', filename=disk, disk_format='qcow2', container_format='bare', visibility='public', wait=True)
    rows_of(alpha, admin, image.id, MANY)
    rows_of(beta, admin, image.id, FEW)
    many, few = Caller(alpha), Caller(beta)
    print(f'{"list":10} {"rows":>6}  {"first":>8}  {"middle":>8}  {"last":>8}  {"of " + str(FEW) + " rows":>12}  worst ratio (pages of {PAGE})')
    for kind in KINDS:
        markers, marker, rows = [], None, 0
        while True:
            page, marker = many.page(kind, 500, marker)
            rows += len(page)
            if not marker:
                break
            markers.append(marker)
        small = few.milliseconds(kind)
        # the last page begins 500 rows before the end
        times = [many.milliseconds(kind), many.milliseconds(kind, markers[len(markers) // 2]), many.milliseconds(kind, markers[-1])]
        print(f'{kind:10} {rows:6}  ' + '  '.join(f'{t:5.1f} ms' for t in times) + f'  {small:9.1f} ms  {max(times) / small:.1f}', flush=True)
    if sys.argv[1:]:
        subprocess.run(sys.argv[1:], check=True, env={**os.environ, 'AKASHI_CLOUDS': os.environ['OS_CLIENT_CONFIG_FILE']})


if os.environ.get('AKASHI_TOP'):
    main()
else:
    raise SystemExit(__doc__)
