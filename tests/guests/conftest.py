# SPDX-License-Identifier: Apache-2.0
"""Tests on real guests. They run against an installation made by ./run (tests/guests/run makes one in a
sandbox); clouds.yaml of that installation is named by OS_CLIENT_CONFIG_FILE."""
import base64
import os
import subprocess
import time
import uuid

import openstack
import pytest

BOOT_TIMEOUT = 240  # seconds; TCG on a shared machine


def connect(cloud):
    return openstack.connect(cloud=cloud)


@pytest.fixture(scope='session')
def admin():
    return connect('admin')


@pytest.fixture(scope='session')
def alpha():
    return connect('alpha')


@pytest.fixture(scope='session')
def beta():
    return connect('beta')


class Guest:
    """A server of the tiny image whose user data is a shell script; its console is read through the API."""

    def __init__(self, cloud, name, network, script, fixed_ip=None, port=None, **more):
        self.cloud = cloud
        nic = {'port': port} if port else {'uuid': network, 'fixed_ip': fixed_ip} if fixed_ip else {'uuid': network}
        self.server = cloud.compute.create_server(
            name=name, image_id=cloud.image.find_image('tiny').id, flavor_id=cloud.compute.find_flavor('tiny').id,
            networks=[nic], user_data=base64.b64encode(script.encode()).decode(), **more)

    def active(self):
        self.server = self.cloud.compute.wait_for_server(self.server, wait=BOOT_TIMEOUT)
        return self

    @property
    def address(self):
        return next(iter(self.server.addresses.values()))[0]['addr']

    @property
    def mac(self):
        return next(iter(self.server.addresses.values()))[0]['OS-EXT-IPS-MAC:mac_addr']

    def console(self):
        return self.cloud.compute.get_server_console_output(self.server.id)['output']

    def wait_for(self, text, timeout=BOOT_TIMEOUT):
        """The console once it holds 'text'. A console has no event to wait on, so it is read each second."""
        until = time.monotonic() + timeout
        while True:
            console = self.console()
            if text in console:
                return console
            if time.monotonic() > until:
                pytest.fail(f'{self.server.name}: {text!r} did not appear on the console:\n{console[-3000:]}')
            time.sleep(1)

    def result(self, name):
        """What the guest printed as 'result NAME VALUE'."""
        for line in self.console().splitlines():
            words = line.strip().split(' ', 2)
            if words[:2] == ['result', name]:
                return words[2]
        pytest.fail(f'{self.server.name} printed no result {name}:\n{self.console()[-3000:]}')

    def delete(self):
        self.cloud.compute.delete_server(self.server.id)
        self.cloud.compute.wait_for_delete(self.server, wait=BOOT_TIMEOUT)


@pytest.fixture(scope='module')
def guests():
    """Makes guests and deletes them at the end of the module."""
    made = []

    def make(cloud, name, network, script, **more):
        guest = Guest(cloud, f'{name}-{uuid.uuid4().hex[:6]}', network, script, **more)
        made.append(guest)
        return guest

    yield make
    for guest in made:
        guest.delete()


@pytest.fixture(scope='session')
def networks(alpha, beta):
    return {'alpha': alpha.network.find_network('alpha-net').id, 'beta': beta.network.find_network('beta-net').id}


def host(*argv):
    """Runs a command on the host of the installation (the tests run there as root)."""
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE).stdout


@pytest.fixture(scope='session')
def run_on_host():
    return host


def pytest_configure(config):
    if not os.environ.get('OS_CLIENT_CONFIG_FILE'):
        raise pytest.UsageError('OS_CLIENT_CONFIG_FILE must name the clouds.yaml of an installation; see tests/guests/run')
