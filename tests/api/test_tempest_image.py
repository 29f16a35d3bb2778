# SPDX-License-Identifier: Apache-2.0
"""Tempest's own tests of Glance v2, as they are (the interoperability guideline's are among them)."""
import os
import subprocess

import pytest

MODULES = ('test_images', 'test_images_negative', 'test_images_tags', 'test_images_tags_negative', 'test_images_member',
           'test_images_member_negative', 'test_versions')


def test_tempest_agrees_with_the_image_api(admin, tmp_path):
    pytest.importorskip('tempest', reason='python3-tempest is not installed')
    auth = admin.config.auth
    (tmp_path / 'tempest.conf').write_text(f'''
[DEFAULT]
log_dir = {tmp_path}
[oslo_concurrency]
lock_path = {tmp_path}
[auth]
use_dynamic_credentials = true
admin_username = {auth['username']}
admin_password = {auth['password']}
admin_project_name = {auth['project_name']}
admin_domain_name = Default
[identity]
uri_v3 = {auth['auth_url']}/v3
auth_version = v3
region = RegionOne
ca_certificates_file = {admin.config.config['cacert']}
v3_endpoint_type = public
[identity-feature-enabled]
api_v2 = false
[service_available]
glance = true
nova = false
neutron = false
cinder = false
swift = false
horizon = false
[image]
# Tempest uploads random bytes, which only raw allows: content is inspected.
disk_formats = raw
container_formats = bare
''', encoding='utf-8')
    run = subprocess.run(['/usr/bin/python3', '-m', 'testtools.run', *('tempest.api.image.v2.' + m for m in MODULES)],
                         env={**os.environ, 'TEMPEST_CONFIG_DIR': str(tmp_path), 'TEMPEST_CONFIG': 'tempest.conf'},
                         cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert run.returncode == 0 and '\nOK' in run.stdout, run.stdout[-8000:]
