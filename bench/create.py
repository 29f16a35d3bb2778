#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Server create to ACTIVE against the bare sequence by hand (bench/bare_create.c), in turns on the same real engines.
Prints rows as bench/api.py does; asserts nothing.

usage: tests/with-stack --real bench/create.py [ROUNDS]"""
import json
import os
import statistics
import subprocess
import sys
import time

import openstack

FLOOR = 1.3
TOP, BUILD = os.environ['AKASHI_TOP'], os.environ['AKASHI_BUILD']
DISKS = '/var/lib/akashi/disks'


def bare(base):
    """One server by hand: milliseconds of its steps."""
    out = subprocess.run([f'{BUILD}/bench/bare_create', '1', base, DISKS], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)


def status_of(cloud, server):
    answer = cloud.compute.get(f'/servers/{server}')
    return answer.json()['server']['status'] if answer.status_code == 200 else None


def wait(cloud, server, wanted, limit=120):
    end = time.monotonic() + limit
    while (status := status_of(cloud, server)) != wanted:
        if status == 'ERROR' or time.monotonic() > end:
            sys.exit(f'server {server} is {status}, not {wanted}')
        time.sleep(0.005)


def akashi(cloud, body):
    """One server by the API: milliseconds from the request to ACTIVE."""
    begin = time.monotonic()
    answer = cloud.compute.post('/servers', json=body)
    if answer.status_code != 202:
        sys.exit(f'create answered {answer.status_code}: {answer.text}')
    server = answer.json()['server']['id']
    wait(cloud, server, 'ACTIVE')
    passed = (time.monotonic() - begin) * 1000
    cloud.compute.delete(f'/servers/{server}')
    wait(cloud, server, None)
    return passed


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    tiny = subprocess.run([f'{TOP}/tools/images/build-tiny'], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    base = f'{DISKS}/bench.base'
    subprocess.run(['qemu-img', 'convert', '-O', 'qcow2', tiny, base], check=True)
    os.chmod(base, 0o644)
    cloud = openstack.connect(cloud='alpha')
    image = cloud.create_image('bench-tiny', filename=tiny, disk_format='qcow2', container_format='bare', wait=True)
    network = cloud.network.create_network(name='bench-net')
    cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.9.0.0/24')
    body = {'server': {'name': 'bench', 'imageRef': image.id, 'flavorRef': cloud.compute.find_flavor('tiny').id,
                       'networks': [{'uuid': network.id}]}}
    akashi(cloud, body)  # makes the image's base in the pool
    bare(base)
    by_hand, ours = [], []
    for _ in range(rounds):
        by_hand.append(bare(base))
        ours.append(akashi(cloud, body))
    os.unlink(base)
    steps = {name: statistics.median(b[name] for b in by_hand) for name in by_hand[0]}
    ratio = statistics.median(ours) / steps['total_ms']
    print(f'server create to ACTIVE  {statistics.median(ours):.0f} ms  by hand {steps["total_ms"]:.0f} ms  {ratio:.2f}  '
          f'<= {FLOOR}  {"met" if ratio <= FLOOR else "MISSED"}')
    print('by hand: ' + ', '.join(f'{name[:-3]} {value:.0f} ms' for name, value in steps.items()))


main()
