# SPDX-License-Identifier: Apache-2.0
"""API tests through real clients, against akashi with simulated engines: tests/with-stack /usr/bin/python3 -m pytest tests/api"""
import json
import os
import subprocess

import openstack
import pytest


def pytest_configure(config):
    if not os.environ.get('AKASHI_TOP'):
        raise pytest.UsageError('run these by tests/with-stack /usr/bin/python3 -m pytest tests/api')

    here = os.path.dirname(os.path.realpath(__file__))
    whole = [os.path.realpath(a) for a in config.args] == [here]
    config.args_source_is_partial = not whole or bool(config.option.keyword)


CONNECTIONS = {}


def connection(cloud):
    CONNECTIONS[cloud] = openstack.connect(cloud=cloud)
    return CONNECTIONS[cloud]


@pytest.fixture(scope='session')
def admin():
    return connection('admin')


@pytest.fixture(scope='session')
def alpha():
    return connection('alpha')


@pytest.fixture(scope='session')
def beta():
    return connection('beta')


@pytest.fixture(autouse=True)
def tokens_of_now(moved=[None]):
    """While a test has the clock moved on, akashi sweeps the tokens that have run out by then; the connections do not know."""
    path = os.environ.get('AKASHI_TEST_CLOCK')
    at = os.stat(path).st_mtime_ns if path else None
    if at != moved[0]:
        for cloud in CONNECTIONS.values():
            cloud.session.invalidate()
        moved[0] = at


@pytest.fixture(scope='session')
def routes():
    """The route tables, from the binary."""
    return json.loads(subprocess.run(['akashid', '--dump-routes'], check=True, stdout=subprocess.PIPE).stdout)


@pytest.fixture(scope='session')
def cli():
    """Runs Debian's openstack command unchanged: cli('alpha', 'server', 'list') gives parsed JSON, or text."""
    def run(cloud, *words, as_json=True, check=True):
        argv = ['/usr/bin/openstack', '--os-cloud', cloud, *words] + (['-f', 'json'] if as_json else [])
        done = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if check and done.returncode != 0:
            pytest.fail(f'{" ".join(words)}: {done.stderr}')
        if not check:
            return done
        return json.loads(done.stdout) if as_json else done.stdout
    return run
