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


@pytest.fixture(scope='session')
def admin():
    return openstack.connect(cloud='admin')


@pytest.fixture(scope='session')
def alpha():
    return openstack.connect(cloud='alpha')


@pytest.fixture(scope='session')
def beta():
    return openstack.connect(cloud='beta')


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
