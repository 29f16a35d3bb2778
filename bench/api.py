#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ratios of the API against nginx and cp in the same run, with simulated engines. Prints a table; asserts nothing.

usage: tests/with-stack --set job_threads=4 bench/api.py   (AKASHI_PORTAL names a writable folder; bench/run sets all up)"""
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import openstack

SECONDS = os.environ.get('AKASHI_BENCH_SECONDS', '3')
ROUNDS = 3  # of a ratio, whose median counts
CUSTOMER = 'https://127.0.0.1:8443'
ROWS = []
NOTES = []


def row(what, measured, base, ratio, floor, met):
    ROWS.append((what, measured, base, ratio, floor, 'met' if met else 'MISSED'))


def wrk(url, headers=(), script=None, connections=32):
    """Requests a second and the number of answers that were not 2xx or 3xx."""
    argv = ['wrk', '-t1', f'-c{connections}', f'-d{SECONDS}s', '--timeout', '30s']
    for header in headers:
        argv += ['-H', header]
    if script:
        argv += ['-s', script]
    out = subprocess.run(argv + [url], check=True, text=True, stdout=subprocess.PIPE).stdout
    bad = re.search(r'Non-2xx or 3xx responses: (\d+)', out)
    total = re.search(r'(\d+) requests in ([\d.]+)s', out)
    return float(re.search(r'Requests/sec: +([\d.]+)', out).group(1)), int(bad.group(1)) if bad else 0, int(total.group(1))


def body_of(url, headers):
    argv = ['curl', '-sf', '--cacert', '/etc/akashi/tls/ca.crt', url]
    for header in headers:
        argv += ['-H', header]
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout


def against_static(what, path, headers):
    """An API call against nginx serving the same bytes as a file through the same TLS listener."""
    with open(os.path.join(os.environ['AKASHI_PORTAL'], 'bench.json'), 'wb') as out:
        out.write(body_of(CUSTOMER + path, headers))
    turns = []
    for _ in range(ROUNDS):
        static, bad_static, _ = wrk(CUSTOMER + '/bench.json')
        api_s, nginx_s = cpu_s(pid_of('api')), cpu_s(*nginx_pids())
        api, bad, total = wrk(CUSTOMER + path, headers)
        if bad or bad_static:
            sys.exit(f'{path}: {bad} bad answers, {bad_static} of the file')
        turns.append((api / static, api, static, (cpu_s(pid_of('api')) - api_s) / total, (cpu_s(*nginx_pids()) - nginx_s) / total))
    _, api, static, api_s, nginx_s = sorted(turns)[ROUNDS // 2]
    NOTES.append(f'{what}: CPU a request: api {api_s * 1e6:.0f} us, nginx {nginx_s * 1e6:.0f} us')
    row(what, f'{api:.0f}/s', f'file {static:.0f}/s', f'{api / static:.2f}', '>= 0.5', api / static >= 0.5)


def latency(url, headers, n=30):
    """Median seconds of one request."""
    import urllib.request
    import ssl
    context = ssl.create_default_context(cafile='/etc/akashi/tls/ca.crt')
    times = []
    for _ in range(n):
        request = urllib.request.Request(url, headers=dict(h.split(': ', 1) for h in headers))
        begin = time.perf_counter()
        with urllib.request.urlopen(request, context=context) as answer:
            answer.read()
        times.append(time.perf_counter() - begin)
    return sorted(times)[n // 2]


def pid_of(role):
    with open(f'/run/akashi-services/{role}.child', encoding='ascii') as line:
        return int(line.read())


def memory():
    """Both processes, MiB: resident, and proportional (what is shared counts by its share)."""
    rss = pss = 0
    for role in ('api', 'worker'):
        with open(f'/proc/{pid_of(role)}/smaps_rollup', encoding='ascii') as lines:
            text = lines.read()
        rss += int(re.search(r'^Rss: +(\d+)', text, re.M).group(1))
        pss += int(re.search(r'^Pss: +(\d+)', text, re.M).group(1))
    return rss / 1024, pss / 1024


def memory_row():
    """At rest, since free heap goes back after some seconds; the moment after the lists is told beside it."""
    busy, _ = memory()
    time.sleep(8)
    rss, pss = memory()
    row('api + worker resident, 1,000 servers', f'{rss:.0f} MiB', f'proportional {pss:.0f}, after the lists {busy:.0f}', '', '< 48 MiB',
        rss < 48)


def cpu_s(*pids):
    """CPU seconds of processes so far."""
    ticks = 0
    for pid in pids:
        with open(f'/proc/{pid}/stat', encoding='ascii') as line:
            fields = line.read().rpartition(')')[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf('SC_CLK_TCK')


def nginx_pids():
    return [int(line) for line in subprocess.run(['pgrep', '-x', 'nginx'], check=True, text=True, stdout=subprocess.PIPE).stdout.split()]


def timed(argv):
    """Seconds by the clock, and CPU seconds of the child."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wait_quiet():
    while [s for s in subprocess.run(['akashi', 'status'], check=False, text=True, stdout=subprocess.PIPE).stdout.splitlines()
           if s.startswith('jobs ') and 'failed' not in s]:
        time.sleep(0.5)


def upload(cloud):
    size = int(os.environ.get('AKASHI_BENCH_IMAGE_MIB', '1024'))
    with tempfile.TemporaryDirectory(dir='/var/lib/akashi') as folder:
        os.chmod(folder, 0o755)
        source, copy = f'{folder}/source.raw', f'{folder}/copy.raw'
        with open(source, 'wb') as out:
            for _ in range(size):
                out.write(os.urandom(1 << 20))
        begin = time.perf_counter()
        subprocess.run(['cp', source, copy], check=True)
        subprocess.run(['sync', copy], check=True)
        cp_s = time.perf_counter() - begin
        os.unlink(copy)
        md5_s, sha512_s = (timed(['openssl', 'dgst', kind, source])[1] for kind in ('-md5', '-sha512'))
        image = cloud.image.post('/images', json={'name': 'bench', 'disk_format': 'raw', 'container_format': 'bare'}).json()['id']
        api, nginx = cpu_s(pid_of('api')), cpu_s(*nginx_pids())
        up_s, curl_s = timed(['curl', '-sf', '--http1.1', '--cacert', '/etc/akashi/tls/ca.crt', '-X', 'PUT', '-T', source, '-H',
                              f'X-Auth-Token: {cloud.auth_token}', '-H', 'Content-Type: application/octet-stream',
                              f'{CUSTOMER}/image/v2/images/{image}/file'])
        api, nginx = cpu_s(pid_of('api')) - api, cpu_s(*nginx_pids()) - nginx
        cloud.image.delete_image(image)
    row(f'image upload, {size} MiB', f'{size / up_s:.0f} MiB/s', f'cp + sync {size / cp_s:.0f} MiB/s', f'{cp_s / up_s:.2f}',
        '>= 0.8', cp_s / up_s >= 0.8)
    # No upload is faster than its slowest part alone, nor than all parts shared out over the processors.
    least = max(md5_s, (api + nginx + curl_s) / os.cpu_count())
    NOTES.append(f'image upload: CPU seconds of client {curl_s:.2f}, nginx {nginx:.2f}, api {api:.2f}; alone MD5 {md5_s:.2f}, SHA-512 '
                 f'{sha512_s:.2f}; so at best {least:.2f} s on {os.cpu_count()} processors, a ratio of {cp_s / least:.2f}; measured {up_s:.2f} s')


def create_script(folder, token, body):
    path = f'{folder}/create.lua'
    with open(path, 'w', encoding='utf-8') as out:
        out.write(f'wrk.method = "POST"\nwrk.headers["X-Auth-Token"] = "{token}"\n'
                  f'wrk.headers["Content-Type"] = "application/json"\nwrk.body = {json.dumps(json.dumps(body))}\n')
    return path


def main():
    admin, alpha = openstack.connect(cloud='admin'), openstack.connect(cloud='alpha')
    project = alpha.current_project_id
    admin.set_compute_quotas(project, instances=100000, cores=100000, ram=1 << 30)
    admin.set_network_quotas(project, port=100000)
    token = alpha.auth_token
    headers = [f'X-Auth-Token: {token}']
    with tempfile.TemporaryDirectory() as folder:
        disk = f'{folder}/disk.qcow2'
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', disk, '16M'], check=True)
        image = alpha.create_image('bench-disk', filename=disk, disk_format='qcow2', container_format='bare', wait=True)
        network = alpha.network.create_network(name='bench-net')
        alpha.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.32.0.0/11')
        body = {'server': {'name': 'bench', 'imageRef': image.id, 'flavorRef': alpha.compute.find_flavor('tiny').id,
                           'networks': [{'uuid': network.id}]}}
        for i in range(10):
            server = alpha.compute.create_server(name=f'show-{i}', image_id=image.id, networks=[{'uuid': network.id}],
                                                 flavor_id=alpha.compute.find_flavor('tiny').id)
        wait_quiet()
        against_static('token validation', '/identity/v3/auth/tokens', headers + [f'X-Subject-Token: {token}'])
        against_static('server show', f'/compute/v2.1/servers/{server.id}', headers)
        url = f'{CUSTOMER}/compute/v2.1/servers/detail?limit=1000'
        ten = latency(url, headers)
        for start in range(0, 990, 90):
            alpha.compute.post('/servers', json={'server': dict(body['server'], min_count=90, max_count=90)})
        wait_quiet()
        count = len(json.loads(body_of(url, headers))['servers'])
        thousand = latency(url, headers)
        row(f'list of {count} servers', f'{thousand * 1000:.1f} ms', f'list of 10: {ten * 1000:.1f} ms', f'{thousand / ten:.1f}',
            '< 10', thousand / ten < 10)
        memory_row()
        upload(alpha)
        before = sum(1 for _ in alpha.compute.servers(details=False))
        api_s, worker_s, nginx_s = cpu_s(pid_of('api')), cpu_s(pid_of('worker')), cpu_s(*nginx_pids())
        rate, bad, total = wrk(CUSTOMER + '/compute/v2.1/servers', script=create_script(folder, token, body), connections=64)
        api_s, worker_s, nginx_s = cpu_s(pid_of('api')) - api_s, cpu_s(pid_of('worker')) - worker_s, cpu_s(*nginx_pids()) - nginx_s
        NOTES.append(f'durable server creates: CPU a create: api {api_s / total * 1e6:.0f} us, worker {worker_s / total * 1e6:.0f} us, '
                     f'nginx {nginx_s / total * 1e6:.0f} us')
        after = sum(1 for _ in alpha.compute.servers(details=False))
        lost = total - bad - (after - before)
        row('durable server creates', f'{(total - bad) / total * rate:.0f}/s', f'{bad} refused, {max(lost, 0)} lost', '', '>= 2000/s',
            rate >= 2000 and not bad and lost <= 0)
    widths = [max(len(r[i]) for r in ROWS + [('what', 'akashi', 'against', 'ratio', 'floor', '')]) for i in range(6)]
    for line in [('what', 'akashi', 'against', 'ratio', 'floor', '')] + ROWS:
        print('  '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    load = os.getloadavg()[1]
    print('\n'.join([*NOTES, f'load of the machine over the last five minutes: {load:.1f} on {os.cpu_count()} processors']))


main()
