# SPDX-License-Identifier: Apache-2.0
"""Keystone v3 through openstacksdk, keystoneauth and the openstack command, as customers and operators use it."""
import secrets
import uuid

import keystoneauth1.exceptions
import keystoneauth1.identity.v3
import keystoneauth1.session
import openstack
import pytest


def login(connection, **changes):
    """A session with the address and CA of a cloud, and other credentials."""
    auth = {'auth_url': connection.config.auth['auth_url'], 'user_domain_id': 'default', 'project_domain_id': 'default'}
    auth.update(changes)
    return keystoneauth1.session.Session(keystoneauth1.identity.v3.Password(**auth),
                                         verify=connection.config.get_session_client('identity').session.verify)


@pytest.fixture
def name():
    return 't-' + uuid.uuid4().hex[:12]


@pytest.fixture
def account(admin, name):
    """A user with the role member in a project of its own: (user, project, password)."""
    password = secrets.token_hex(12)
    project = admin.identity.create_project(name=name)
    user = admin.identity.create_user(name=name, password=password, default_project_id=project.id)
    role = admin.identity.find_role('member')
    admin.identity.assign_project_role_to_user(project, user, role)
    yield user, project, password
    admin.identity.delete_user(user, ignore_missing=True)
    admin.identity.delete_project(project, ignore_missing=True)


def test_discovery_leads_from_the_root_to_v3(alpha):
    session = alpha.session
    url = alpha.config.auth['auth_url']
    root = session.get(url + '/', authenticated=False, raise_exc=False)
    assert root.status_code == 300
    version = root.json()['versions']['values'][0]
    assert version['id'].startswith('v3.')
    assert session.get(version['links'][0]['href'], authenticated=False).json()['version']['id'] == version['id']


def test_catalog_has_every_service_at_the_listener_asked(admin, alpha):
    for connection in (admin, alpha):
        base = connection.config.auth['auth_url'].removesuffix('/identity')
        catalog = connection.session.get(base + '/identity/v3/auth/catalog').json()['catalog']
        assert {'identity', 'image', 'network', 'compute'} <= {s['type'] for s in catalog}
        for service in catalog:
            assert {e['interface'] for e in service['endpoints']} == {'public', 'internal', 'admin'}
            assert all(e['url'].startswith(base + '/') and e['region'] == 'RegionOne' for e in service['endpoints'])


def test_the_command_line_issues_lists_and_shows(cli):
    assert len(cli('alpha', 'token', 'issue')['id']) == 43
    assert [p['Name'] for p in cli('alpha', 'project', 'list')] == ['alpha']
    assert cli('alpha', 'project', 'show', 'alpha')['name'] == 'alpha'
    assert {'reader', 'member', 'manager', 'admin'} <= {r['Name'] for r in cli('admin', 'role', 'list')}
    assert any(e['Service Type'] == 'compute' for e in cli('admin', 'endpoint', 'list'))
    assert any(s['Type'] == 'identity' for s in cli('admin', 'service', 'list'))
    assert any(c['Type'] == 'network' for c in cli('alpha', 'catalog', 'list'))


def test_the_command_line_creates_changes_and_deletes_accounts(cli, name):
    project = cli('admin', 'project', 'create', name, '--description', 'first')
    user = cli('admin', 'user', 'create', name, '--project', name, '--password', 'a good password')
    cli('admin', 'role', 'add', '--user', name, '--project', name, 'reader', as_json=False)
    rows = cli('admin', 'role', 'assignment', 'list', '--names', '--user', name, '--effective')
    assert [r['Role'] for r in rows] == ['reader']
    cli('admin', 'role', 'remove', '--user', name, '--project', name, 'reader', as_json=False)
    assert cli('admin', 'role', 'assignment', 'list', '--user', name) == []
    cli('admin', 'project', 'set', name, '--description', 'second', '--disable', as_json=False)
    shown = cli('admin', 'project', 'show', project['id'])
    assert shown['description'] == 'second' and shown['enabled'] is False
    cli('admin', 'user', 'delete', user['id'], as_json=False)
    cli('admin', 'project', 'delete', name, as_json=False)
    assert cli('admin', 'user', 'show', user['id'], check=False).returncode != 0


def test_operator_verbs_do_not_exist_on_the_customer_listener(admin, alpha):
    customer = alpha.config.auth['auth_url'] + '/v3'
    token = admin.session.get_token()
    refused = alpha.session.post(customer + '/users', json={'user': {'name': 'x'}}, raise_exc=False)
    assert refused.status_code == 405
    # The administrator's token means nothing there either.
    answer = alpha.session.get(customer + '/users', authenticated=False, headers={'X-Auth-Token': token}, raise_exc=False)
    assert answer.status_code == 401
    with pytest.raises(keystoneauth1.exceptions.Unauthorized):
        login(alpha, username='admin', password=admin.config.auth['password'], project_name='admin').get_token()


def test_a_removed_role_ends_the_session_at_once(admin, alpha, account):
    user, project, password = account
    session = login(alpha, user_id=user.id, password=password, project_id=project.id)
    url = alpha.config.auth['auth_url'] + '/v3/auth/catalog'
    token = session.get_token()
    assert session.get(url).status_code == 200
    admin.identity.unassign_project_role_from_user(project, user, admin.identity.find_role('member'))
    answer = session.get(url, authenticated=False, headers={'X-Auth-Token': token}, raise_exc=False)
    assert answer.status_code == 401


def test_a_disabled_user_is_out_everywhere(admin, alpha, account):
    user, project, password = account
    session = login(alpha, user_id=user.id, password=password, project_id=project.id)
    token = session.get_token()
    admin.identity.update_user(user, is_enabled=False)
    answer = session.get(alpha.config.auth['auth_url'] + '/v3/auth/projects', authenticated=False,
                         headers={'X-Auth-Token': token}, raise_exc=False)
    assert answer.status_code == 401
    with pytest.raises(keystoneauth1.exceptions.Unauthorized):
        login(alpha, user_id=user.id, password=password, project_id=project.id).get_token()


def test_wrong_passwords_lock_and_a_new_password_opens(admin, alpha, account):
    user, project, password = account
    for _ in range(6):
        with pytest.raises(keystoneauth1.exceptions.Unauthorized):
            login(alpha, user_id=user.id, password='wrong', project_id=project.id).get_token()
    with pytest.raises(keystoneauth1.exceptions.Unauthorized):
        login(alpha, user_id=user.id, password=password, project_id=project.id).get_token()
    admin.identity.update_user(user, password=password + '2')
    assert login(alpha, user_id=user.id, password=password + '2', project_id=project.id).get_token()


def test_the_own_password_changes_and_is_not_used_again(alpha, account):
    user, project, password = account
    session = login(alpha, user_id=user.id, password=password, project_id=project.id)
    url = f"{alpha.config.auth['auth_url']}/v3/users/{user.id}/password"

    def change(old, new):
        return session.post(url, json={'user': {'password': new, 'original_password': old}}, authenticated=False,
                            raise_exc=False).status_code
    assert change('wrong', password + 'x') == 401
    assert change(password, password + 'x') == 204
    assert change(password + 'x', password) == 400
    assert login(alpha, user_id=user.id, password=password + 'x', project_id=project.id).get_token()


def test_application_credentials_work_with_openstacksdk(alpha, name):
    user_id = alpha.current_user_id
    made = alpha.identity.create_application_credential(user_id, name, roles=[{'name': 'reader'}])
    try:
        auth = keystoneauth1.identity.v3.ApplicationCredential(
            auth_url=alpha.config.auth['auth_url'], application_credential_id=made.id,
            application_credential_secret=made.secret)
        session = keystoneauth1.session.Session(auth, verify=alpha.session.verify)
        access = auth.get_access(session)
        assert access.role_names == ['reader'] and access.project_id == alpha.current_project_id
        shown = alpha.identity.get_application_credential(user_id, made.id)
        assert shown.name == name and shown.secret is None
        assert name in [c.name for c in alpha.identity.application_credentials(user_id)]
    finally:
        alpha.identity.delete_application_credential(user_id, made.id)


def test_customers_see_nothing_of_each_other(alpha, beta):
    for path in (f'/users/{beta.current_user_id}', f'/projects/{beta.current_project_id}',
                 f'/users/{beta.current_user_id}/projects', f'/users/{beta.current_user_id}/application_credentials'):
        answer = alpha.session.get(alpha.config.auth['auth_url'] + '/v3' + path, raise_exc=False)
        assert answer.status_code == 404, path
    with pytest.raises(keystoneauth1.exceptions.Unauthorized):
        login(alpha, username='alpha', password=alpha.config.auth['password'], project_name='beta').get_token()


def test_lists_page_by_their_next_link(admin):
    url = admin.config.auth['auth_url'] + '/v3/projects?limit=1'
    seen = []
    while url:
        body = admin.session.get(url).json()
        assert len(body['projects']) <= 1
        seen += [p['name'] for p in body['projects']]
        url = body['links']['next']
    assert {'admin', 'alpha', 'beta'} <= set(seen) and len(seen) == len(set(seen))


def test_domains_are_disabled_before_they_are_deleted(admin, name):
    domain = admin.identity.create_domain(name=name)
    with pytest.raises(openstack.exceptions.HttpException) as refused:
        admin.identity.delete_domain(domain)
    assert refused.value.status_code == 403
    admin.identity.update_domain(domain, is_enabled=False)
    admin.identity.delete_domain(domain)
    assert admin.identity.find_domain(name) is None


@pytest.mark.parametrize('language, word', [('en', 'authentication'), ('ja', '認証')])
def test_refusals_speak_the_language_of_the_request(alpha, language, word):
    answer = alpha.session.get(alpha.config.auth['auth_url'] + '/v3/auth/projects', authenticated=False,
                               headers={'Accept-Language': language}, raise_exc=False)
    assert answer.status_code == 401
    assert word in answer.json()['error']['message']
    assert answer.headers['X-Openstack-Request-Id'].startswith('req-')


def test_a_token_is_ended_by_logging_out(alpha):
    session = login(alpha, username='alpha', password=alpha.config.auth['password'], project_name='alpha')
    token, url = session.get_token(), alpha.config.auth['auth_url'] + '/v3/auth/'
    headers = {'X-Auth-Token': token, 'X-Subject-Token': token}
    shown = session.get(url + 'tokens', headers=headers, authenticated=False)
    assert shown.json()['token']['project']['name'] == 'alpha' and shown.headers['X-Subject-Token'] == token
    assert session.head(url + 'tokens', headers=headers, authenticated=False).status_code == 200
    assert [p['name'] for p in session.get(url + 'projects').json()['projects']] == ['alpha']
    assert session.delete(url + 'tokens', headers=headers, authenticated=False).status_code == 204
    assert session.get(url + 'projects', headers=headers, authenticated=False, raise_exc=False).status_code == 401


def test_the_catalog_is_readable_piece_by_piece(cli, alpha):
    assert [r['Region'] for r in cli('alpha', 'region', 'list')] == ['RegionOne']
    assert cli('alpha', 'region', 'show', 'RegionOne')['region'] == 'RegionOne'
    service = cli('alpha', 'service', 'show', 'compute')
    assert service['name'] == 'nova'
    endpoint = cli('alpha', 'endpoint', 'list', '--service', 'compute', '--interface', 'public')[0]
    assert cli('alpha', 'endpoint', 'show', endpoint['ID'])['url'] == endpoint['URL']
    v3 = alpha.config.auth['auth_url'] + '/v3'
    assert alpha.session.get(f"{v3}/services/{service['id']}").json()['service']['type'] == 'compute'


def test_roles_of_ones_own_are_names_and_can_be_changed(cli, name):
    made = cli('admin', 'role', 'create', name, '--description', 'first')
    cli('admin', 'role', 'set', name, '--name', name + '-b', as_json=False)
    assert cli('admin', 'role', 'show', made['id'])['name'] == name + '-b'
    cli('admin', 'role', 'delete', name + '-b', as_json=False)
    assert cli('admin', 'role', 'show', made['id'], check=False).returncode != 0
    implied = cli('admin', 'implied', 'role', 'list')
    assert ('member', 'reader') in {(r['Prior Role Name'], r['Implied Role Name']) for r in implied}


def test_roles_on_a_domain_give_a_domain_token(admin, account):
    user, project, password = account
    role = admin.identity.find_role('reader')
    v3 = admin.config.auth['auth_url'] + '/v3'
    for scope in ('domains/default', f'projects/{project.id}'):
        grants = f'{v3}/{scope}/users/{user.id}/roles'
        assert admin.session.put(f'{grants}/{role.id}').status_code == 204
        assert role.id in [r['id'] for r in admin.session.get(grants).json()['roles']]
        assert admin.session.head(f'{grants}/{role.id}').status_code == 204
    auth = keystoneauth1.identity.v3.Password(auth_url=admin.config.auth['auth_url'], user_id=user.id, password=password, domain_id='default')
    session = keystoneauth1.session.Session(auth, verify=admin.session.verify)
    assert auth.get_access(session).domain_id == 'default'
    assert [d['id'] for d in session.get(v3 + '/auth/domains').json()['domains']] == ['default']
    assert session.get(v3 + '/domains/default').json()['domain']['name'] == 'Default'
    assert admin.session.delete(f'{v3}/domains/default/users/{user.id}/roles/{role.id}').status_code == 204
    answer = session.get(v3 + '/auth/domains', authenticated=False, headers={'X-Auth-Token': auth.get_token(session)}, raise_exc=False)
    assert answer.status_code == 401


def test_there_are_no_groups_and_the_lists_say_so(alpha):
    v3 = alpha.config.auth['auth_url'] + '/v3'
    assert alpha.session.get(v3 + '/groups').json()['groups'] == []
    assert alpha.session.get(f'{v3}/users/{alpha.current_user_id}/groups').json()['groups'] == []
    assert alpha.session.get(f'{v3}/groups/{uuid.uuid4()}', raise_exc=False).status_code == 404
