# SPDX-License-Identifier: Apache-2.0
"""Glance v2 through openstacksdk, glanceclient and the openstack command, as customers use it."""
import hashlib
import http.client
import os
import ssl
import subprocess
import urllib.parse
import uuid

import openstack
import pytest

from callers import wait_for

MIB = 1 << 20


@pytest.fixture
def name():
    return 't-' + uuid.uuid4().hex[:12]


@pytest.fixture
def image_of(name):
    """image_of(cloud, data=…, disk_format=…) makes an image that the test's end deletes."""
    made = []

    def make(cloud, data=None, **attrs):
        attrs = {'name': name, 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'private', **attrs}
        image = cloud.image.create_image(data=data, **attrs) if data is not None else cloud.image._create_image(**attrs)
        made.append((cloud, image.id))
        return image
    yield make
    for cloud, image_id in made:
        cloud.image.delete_image(image_id, ignore_missing=True)


def qemu_img(*words):
    subprocess.run(['qemu-img', *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def put_file(cloud, image_id, data, **headers):
    return cloud.image.put(f'/images/{image_id}/file', data=data,
                           headers={'Content-Type': 'application/octet-stream', **headers}, raise_exc=False)


def start_put(cloud, image_id, length):
    """A connection on which the head of an upload of 'length' bytes was sent."""
    url = urllib.parse.urlsplit(cloud.image.get_endpoint())
    context = ssl.create_default_context(cafile=cloud.config.config['cacert'])
    connection = http.client.HTTPSConnection(url.hostname, url.port, context=context)
    connection.putrequest('PUT', f'/image/v2/images/{image_id}/file')
    for header, value in (('X-Auth-Token', cloud.auth_token), ('Content-Type', 'application/octet-stream'),
                          ('Content-Length', str(length))):
        connection.putheader(header, value)
    connection.endheaders()
    return connection


def test_versions_are_found_from_the_root(alpha):
    data = alpha.image.get_endpoint_data()
    assert data.url.endswith('/image/v2/') and data.api_version[0] == 2


def test_an_image_goes_up_and_comes_down_unchanged(alpha, image_of):
    data = os.urandom(5 * MIB + 3)
    image = image_of(alpha, data=data, os_distro='debian', tags=['web'])
    image = alpha.image.get_image(image.id)
    assert (image.status, image.size, image.os_distro, image.tags) == ('active', len(data), 'debian', ['web'])
    assert image.checksum == hashlib.md5(data).hexdigest()
    assert image.hash_value == hashlib.sha512(data).hexdigest()
    assert b''.join(alpha.image.download_image(image, stream=True).iter_content(MIB)) == data
    part = alpha.image.get(f'/images/{image.id}/file', headers={'Range': 'bytes=10-19'})
    assert (part.status_code, part.content) == (206, data[10:20])


def test_the_openstack_command_creates_lists_changes_saves_and_deletes(cli, name, tmp_path):
    source, saved = tmp_path / 'disk.qcow2', tmp_path / 'saved.qcow2'
    qemu_img('create', '-q', '-f', 'qcow2', source, '1G')
    made = cli('alpha', 'image', 'create', '--disk-format', 'qcow2', '--file', str(source), '--property', 'os_type=linux',
               '--tag', 'a', '--min-disk', '1', name)
    assert made['status'] in ('active', 'queued', 'saving') and made['name'] == name
    shown = cli('alpha', 'image', 'show', name)
    assert shown['status'] == 'active' and shown['virtual_size'] == 1 << 30 and shown['properties']['os_type'] == 'linux'
    assert name in [i['Name'] for i in cli('alpha', 'image', 'list')]
    assert name in [i['Name'] for i in cli('alpha', 'image', 'list', '--long', '--private', '--sort', 'name:asc')] or \
        name in [i['Name'] for i in cli('alpha', 'image', 'list', '--shared')]
    cli('alpha', 'image', 'set', '--name', name + '-2', '--property', 'colour=blue', '--tag', 'b', '--protected', name,
        as_json=False)
    shown = cli('alpha', 'image', 'show', name + '-2')
    assert shown['properties']['colour'] == 'blue' and sorted(shown['tags']) == ['a', 'b'] and shown['protected'] is True
    refused = cli('alpha', 'image', 'delete', name + '-2', as_json=False, check=False)
    assert refused.returncode != 0 and 'protected' in refused.stderr
    cli('alpha', 'image', 'unset', '--property', 'colour', '--tag', 'a', name + '-2', as_json=False)
    cli('alpha', 'image', 'save', '--file', str(saved), name + '-2', as_json=False)
    assert saved.read_bytes() == source.read_bytes()
    cli('alpha', 'image', 'set', '--unprotected', name + '-2', as_json=False)
    cli('alpha', 'image', 'delete', name + '-2', as_json=False)
    assert cli('alpha', 'image', 'show', name + '-2', as_json=False, check=False).returncode != 0


def test_hostile_files_are_refused_with_the_reason(alpha, image_of, tmp_path):
    bad = tmp_path / 'bad.qcow2'
    qemu_img('create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/shadow', '-F', 'raw', bad, '1G')
    image = image_of(alpha, disk_format='qcow2')
    answer = put_file(alpha, image.id, bad.read_bytes())
    assert answer.status_code == 400 and 'backing file' in answer.text and answer.headers['X-Openstack-Request-Id']
    assert alpha.image.get_image(image.id).status == 'killed'
    assert put_file(alpha, image.id, b'x').status_code == 409
    huge = tmp_path / 'huge.qcow2'
    qemu_img('create', '-q', '-f', 'qcow2', huge, '1T')
    image = image_of(alpha, disk_format='qcow2')
    assert put_file(alpha, image.id, huge.read_bytes()).status_code == 413
    image = image_of(alpha, disk_format='qcow2')
    assert put_file(alpha, image.id, b'no disk at all').status_code == 400


def test_an_upload_that_breaks_off_may_be_repeated(alpha, image_of):
    image = image_of(alpha)

    connection = start_put(alpha, image.id, 2 * MIB)
    connection.send(b'x' * MIB)
    wait_for('the upload begins', lambda: alpha.image.get_image(image.id).status == 'saving')
    connection.close()
    wait_for('the upload is given up', lambda: alpha.image.get_image(image.id).status == 'queued')
    assert put_file(alpha, image.id, b'y' * MIB).status_code == 204
    assert alpha.image.get_image(image.id).status == 'active'


def test_an_upload_over_the_limit_is_refused_before_it_is_read(alpha, image_of):
    image = image_of(alpha)

    connection = start_put(alpha, image.id, 1 << 40)
    connection.send(b'x' * MIB)
    answer = connection.getresponse()
    assert answer.status == 413 and b'GiB' in answer.read()
    assert alpha.image.get_image(image.id).status == 'queued'


def test_another_project_finds_nothing_of_a_private_image(alpha, beta, image_of):
    image = image_of(alpha, data=b'secret')
    for method, path in (('get', ''), ('get', '/file'), ('delete', ''), ('get', '/members')):
        answer = getattr(beta.image, method)(f'/images/{image.id}{path}', raise_exc=False)
        assert answer.status_code == 404, (method, path)
    assert put_file(beta, image.id, b'x').status_code == 404
    assert image.id not in [i.id for i in beta.image.images()]
    assert beta.image.get(f'/images?id={image.id}').json()['images'] == []


def test_a_shared_image_is_seen_by_its_member(alpha, beta, image_of):
    image = image_of(alpha, data=b'shared', visibility='shared')
    beta_id = beta.current_project_id
    alpha.image.add_member(image, member_id=beta_id)
    assert beta.image.get_image(image.id).id == image.id
    assert image.id not in [i.id for i in beta.image.images()]
    beta.image.update_member(beta_id, image, status='accepted')
    assert image.id in [i.id for i in beta.image.images()]
    assert [m.status for m in alpha.image.members(image)] == ['accepted']
    alpha.image.remove_member(beta_id, image)
    assert beta.image.find_image(image.id, ignore_missing=True) is None


def test_only_an_administrator_makes_an_image_public(admin, alpha, beta, image_of):
    with pytest.raises(openstack.exceptions.HttpException) as refused:
        alpha.image._create_image(name='x', visibility='public')
    assert refused.value.response.status_code == 403
    image = image_of(admin, data=b'public', visibility='public')
    assert image.id in [i.id for i in beta.image.images()]
    admin.image.deactivate_image(image.id)
    assert beta.image.get(f'/images/{image.id}/file', raise_exc=False).status_code == 403
    admin.image.reactivate_image(image.id)
    assert beta.image.get(f'/images/{image.id}/file').content == b'public'


def test_pages_lead_through_the_whole_list(alpha, image_of, name):
    ids = {image_of(alpha).id for _ in range(7)}
    found = [i.id for i in alpha.image.images(name=name, limit=3, sort='name:asc')]
    assert len(found) == 7 and set(found) == ids


def test_schemas_and_unknown_ids(alpha):
    assert alpha.image.get_image_schema().properties['id']
    assert alpha.image.get_images_schema().properties['images']
    for bad in (uuid.uuid4(), 'not-an-id', 'x' * 300):
        answer = alpha.image.get(f'/images/{bad}', raise_exc=False)
        assert answer.status_code in (400, 404), answer.text


def test_glanceclient_knows_the_api(alpha):
    auth = alpha.config.auth
    env = {'OS_' + key.upper(): str(value) for key, value in auth.items()}
    run = subprocess.run(['/usr/bin/glance', '--os-cacert', alpha.config.config['cacert'], 'image-list'], text=True,
                         env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert run.returncode == 0, run.stdout
