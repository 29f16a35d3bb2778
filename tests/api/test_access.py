# SPDX-License-Identifier: Apache-2.0
"""From where, until when, by whose leave: allow-lists, areas, privileges, break-glass and reviews, as staff and customers use them."""
import uuid

import openstack
import pytest
from callers import Api, enrol, user_of


@pytest.fixture(scope='module')
def boss(admin):
    return Api(admin)


@pytest.fixture(scope='module')
def people(admin, alpha):
    """The operator mori, the privileged administrator sato and the officer kato; the customer's master user."""
    tag = uuid.uuid4().hex[:6]
    found = {}
    for name, role in (('mori', 'operator'), ('sato', 'privileged'), ('kato', 'officer'), ('master', 'manager')):
        customer = name == 'master'
        auth = user_of(admin, f'{name}-{tag}', (alpha if customer else admin).current_project_id, role)
        if customer:
            auth['auth_url'] = alpha.config.auth['auth_url']
        found[name] = Api(openstack.connect(auth=auth, region_name='RegionOne', cacert=admin.config.config['cacert']))
        found[name].name = f'{name}-{tag}'
        if not customer:
            enrol(found[name])
    yield found
    for person in found.values():
        admin.identity.delete_user(admin.identity.find_user(person.name))


def test_an_allow_list_closes_the_customer_listener_to_others(boss, people, alpha):
    path = f'/allow-list/{alpha.current_project_id}'
    assert people['master'].ok('GET', '/allow-list')['allow_list']['anywhere']
    try:
        boss.ok('PUT', path, {'allow_list': {'cidrs': ['198.51.100.0/24']}})
        assert people['master'].refused(403, 'GET', '/allow-list')['slug'] == 'source-refused'
        boss.ok('PUT', path, {'allow_list': {'cidrs': ['127.0.0.0/8', '::1/128']}})
        assert people['master'].ok('GET', '/allow-list')['allow_list']['cidrs'] == ['127.0.0.0/8', '::1/128']
    finally:
        boss.ok('PUT', path, {'allow_list': {'anywhere': True}})


def test_an_area_opens_and_closes_the_console(boss, people, alpha):
    slug = f'room-{uuid.uuid4().hex[:6]}'
    made = boss.ok('POST', '/areas', {'area': {'slug': slug, 'name_ja': '作業室', 'name_en': 'Work room', 'cidrs': ['198.51.100.0/24']}})['area']
    ties = f'/project-areas/{alpha.current_project_id}'
    server = f'/compute/v2.1/servers/{uuid.uuid4()}/action'

    def console():
        base = alpha.config.auth['auth_url'].removesuffix('/identity')
        return alpha.session.post(base + server, json={'os-getConsoleOutput': {}}, raise_exc=False).status_code

    try:
        assert console() == 404
        boss.ok('PUT', ties, {'project_areas': {'console': [slug]}})
        assert console() == 403
        assert people['master'].ok('GET', '/areas')['areas'][0]['used_for'] == ['console']
        boss.ok('PATCH', f"/areas/{made['id']}", {'area': {'cidrs': ['127.0.0.0/8', '::1/128']}})
        assert console() == 404
        boss.refused(409, 'DELETE', f"/areas/{made['id']}")
    finally:
        boss.ok('PUT', ties, {'project_areas': {'console': []}})
    assert boss('DELETE', f"/areas/{made['id']}").status_code == 204


def test_a_privilege_is_asked_for_and_decided_by_another(people):
    mori, sato = people['mori'], people['sato']

    def ask():
        return mori.ok('POST', '/privileges', {'privilege': {'role': 'privileged', 'reason': '<b>host 3</b>', 'hours': 1}})['privilege']['id']

    first, second, third = ask(), ask(), ask()
    mori.refused(403, 'POST', f'/privileges/{first}/approve')
    assert sato.ok('POST', f'/privileges/{first}/approve', {'decision': {'comment': '可'}})['privilege']['state'] == 'active'
    assert mori.refused(403, 'POST', f'/privileges/{second}/approve')['slug'] == 'own-decision'  # privileged now, and still not its own judge
    assert sato.ok('POST', f'/privileges/{second}/refuse')['privilege']['state'] == 'refused'
    assert sato.ok('POST', f'/privileges/{first}/revoke')['privilege']['state'] == 'revoked'
    sato.refused(409, 'POST', f'/privileges/{first}/revoke')
    assert mori.refused(403, 'POST', f'/privileges/{third}/approve')['slug'] == 'forbidden'
    assert {p['id']: p['reason'] for p in mori.ok('GET', '/privileges')['privileges']}[third] == '<b>host 3</b>'


def test_break_glass_is_the_customers_to_see_and_to_end(people, alpha):
    mori, sato, kato, master = (people[n] for n in ('mori', 'sato', 'kato', 'master'))

    def ask():
        return mori.ok('POST', '/break-glass', {'break_glass': {'project_id': alpha.current_project_id, 'reason': '障害調査', 'hours': 1}})['break_glass']['id']

    by_consent, by_two, refused = ask(), ask(), ask()
    assert master.ok('POST', f'/break-glass/{by_consent}/consent')['break_glass']['state'] == 'active'
    assert master.ok('POST', f'/break-glass/{by_consent}/revoke')['break_glass']['state'] == 'revoked'
    assert mori.refused(403, 'POST', f'/break-glass/{by_two}/approve')['slug'] == 'own-decision'
    assert sato.ok('POST', f'/break-glass/{by_two}/approve')['break_glass']['state'] == 'requested'
    assert kato.ok('POST', f'/break-glass/{by_two}/approve')['break_glass']['state'] == 'active'
    assert master.ok('POST', f'/break-glass/{refused}/refuse', {'decision': {'comment': '不要'}})['break_glass']['state'] == 'refused'
    seen = master.ok('GET', f'/break-glass/{by_two}')['break_glass']
    assert [d['user_name'] for d in seen['approvals']] == [sato.name, kato.name]
    sato.ok('POST', f'/break-glass/{by_two}/revoke')
    actions = [e['action'] for e in master.ok('GET', '/events?action=access.break_glass')['events']]
    assert actions[0] == 'access.break_glass.revoke' and actions.count('access.break_glass.request') >= 3


def test_who_makes_accounts_makes_no_approvers_for_himself(boss, people, alpha):
    """The people here were all made by the installation's administrator: for him the customer's consent is left."""
    sato, kato, master = (people[n] for n in ('sato', 'kato', 'master'))
    asked = boss.ok('POST', '/break-glass', {'break_glass': {'project_id': alpha.current_project_id, 'reason': '障害調査', 'hours': 1}})['break_glass']['id']
    for creature in (sato, kato):
        assert creature.refused(403, 'POST', f'/break-glass/{asked}/approve')['slug'] == 'approver-dependent'
    assert boss.ok('GET', f'/break-glass/{asked}')['break_glass']['state'] == 'requested'
    assert master.ok('POST', f'/break-glass/{asked}/consent')['break_glass']['state'] == 'active'
    master.ok('POST', f'/break-glass/{asked}/revoke')


def test_a_review_is_decided_entry_by_entry_and_takes_rights_away(boss, people):
    kato, mori, master = people['kato'], people['mori'], people['master']
    made = boss.ok('POST', '/access-reviews', {'access_review': {'title': '上期'}})['access_review']
    path = f"/access-reviews/{made['id']}"
    kato.refused(409, 'POST', f'{path}/close')
    for item in made['items']:
        who = boss if item['user_name'] == kato.name else kato
        who.ok('PUT', f"{path}/items/{item['id']}", {'item': {'decision': 'remove' if item['user_name'] == mori.name else 'keep'}})
    own = master.ok('GET', path)['access_review']['items']
    assert own and all(item['scope'] == 'alpha' for item in own)
    token = mori.session.get_token()
    assert kato.ok('POST', f'{path}/close')['access_review']['state'] == 'closed'
    assert boss('GET', '/privileges', authenticated=False, headers={'X-Auth-Token': token}).status_code == 401
