# SPDX-License-Identifier: Apache-2.0
"""Notices as operators and customers use them: written, previewed, published, acknowledged, subscribed to."""
import datetime
import subprocess
import time
import uuid

import pytest
import requests
import test_contracts
from callers import call

HOUR = datetime.timedelta(hours=1)


def project_of(cloud):
    return cloud.session.get_project_id()


def time_text(hours):
    return (datetime.datetime.now(datetime.timezone.utc) + hours * HOUR).strftime('%Y-%m-%dT%H:%M:%SZ')


def draft(admin, **members):
    notice = {'kind': 'maintenance', 'title_ja': '定期保守 ' + uuid.uuid4().hex[:6], 'title_en': 'Regular work', 'body_ja': '<b>本文</b>',
              'body_en': '<script>alert(1)</script>', 'impact': 'stop', 'starts_at': time_text(400), 'ends_at': time_text(402), **members}
    answer = call(admin, 'POST', '/notices', json={'notice': notice})
    assert answer.status_code == 201, answer.text
    return answer.json()['notice']


@pytest.fixture
def published(admin, alpha):
    notice = draft(admin, project_ids=[project_of(alpha)])
    answer = call(admin, 'POST', f"/notices/{notice['id']}/publish")
    assert answer.status_code == 200, answer.text
    return answer.json()['notice']


def test_published_notice_is_seen_and_acknowledged_by_its_customer_only(admin, alpha, beta, published):
    path = f"/notices/{published['id']}"
    seen = call(alpha, 'GET', path).json()['notice']
    assert seen['title_ja'] == published['title_ja'] and seen['body_ja'] == '<b>本文</b>'
    assert seen['hosts'] == [] and 'affected' not in seen and seen['created_by'] is None
    assert call(beta, 'GET', path).status_code == 404
    assert call(beta, 'POST', path + '/acknowledge').status_code == 404
    done = call(alpha, 'POST', path + '/acknowledge').json()['notice']
    assert done['acknowledged_at'] and done['acknowledged_name'] == 'alpha'
    again = call(alpha, 'POST', path + '/acknowledge').json()['notice']
    assert again['acknowledged_at'] == done['acknowledged_at']
    whole = call(admin, 'GET', path).json()['notice']
    assert [(a['project_id'], a['acknowledged_name']) for a in whole['affected']] == [(project_of(alpha), 'alpha')]
    assert [n['id'] for n in call(admin, 'GET', f'/notices?project_id={project_of(alpha)}').json()['notices']].count(published['id']) == 1
    assert call(alpha, 'GET', '/notices?project_id=' + project_of(beta)).json()['notices'] == \
        call(alpha, 'GET', '/notices').json()['notices']


def test_drafts_are_not_for_customers(admin, alpha):
    notice = draft(admin, project_ids=[project_of(alpha)])
    assert call(alpha, 'GET', f"/notices/{notice['id']}").status_code == 404
    preview = call(admin, 'GET', f"/notices/{notice['id']}/preview").json()['preview']
    assert [a['customer_name'] for a in preview['affected']] == ['alpha'] and preview['lead_ok']
    changed = call(admin, 'PATCH', f"/notices/{notice['id']}", json={'notice': {'title_en': 'Other'}})
    assert changed.json()['notice']['title_en'] == 'Other'


def test_server_on_the_host_concerns_its_customer(admin, alpha, tmp_path):
    disk = tmp_path / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    image = alpha.create_image('notice-image', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True)
    network = alpha.network.create_network(name='notice-net')
    subnet = alpha.network.create_subnet(network_id=network.id, ip_version=4, cidr='10.9.0.0/24')
    server = alpha.compute.create_server(name='notice-' + uuid.uuid4().hex[:6], image_id=image.id, networks=[{'uuid': network.id}],
                                         flavor_id=alpha.compute.find_flavor('tiny').id)
    try:
        alpha.compute.wait_for_server(server)
        host = admin.compute.get_server(server.id).compute_host
        notice = draft(admin, hosts=[host])
        answer = call(admin, 'POST', f"/notices/{notice['id']}/publish").json()['notice']
        assert server.id in [s['id'] for a in answer['affected'] for s in a['servers']]
        seen = call(alpha, 'GET', f"/notices/{notice['id']}").json()['notice']
        assert server.id in [s['id'] for s in seen['servers']] and host not in str(seen)
        cancelled = call(admin, 'POST', f"/notices/{notice['id']}/cancel", json={'reason': '雨天'}).json()['notice']
        assert cancelled['state'] == 'cancelled' and cancelled['reason'] == '雨天'
    finally:
        alpha.compute.delete_server(server.id)
        alpha.compute.wait_for_delete(server)
        alpha.network.delete_subnet(subnet)
        alpha.network.delete_network(network)
        alpha.image.delete_image(image.id)


def test_states(admin, published):
    path = f"/notices/{published['id']}"
    assert call(admin, 'POST', path + '/publish').status_code == 409
    assert call(admin, 'PATCH', path, json={'notice': {'everyone': True}}).status_code == 409
    assert call(admin, 'POST', path + '/start').json()['notice']['state'] == 'running'
    done = call(admin, 'POST', path + '/finish')
    assert done.json()['notice']['state'] == 'done'
    refused = call(admin, 'POST', path + '/cancel', json={'reason': 'x'}, headers={'Accept-Language': 'ja'})
    assert refused.status_code == 409 and 'お知らせ' in refused.text and refused.headers['Content-Type'].startswith('application/problem+json')


def test_emergency_shows_what_it_owes(admin, alpha):
    notice = draft(admin, project_ids=[project_of(alpha)], emergency=True, starts_at=time_text(1), ends_at=time_text(2))
    owing = call(admin, 'POST', f"/notices/{notice['id']}/publish").json()['notice']
    assert owing['report_due_at'] and not owing['reported_by'] and owing['overdue'] is False
    later = draft(admin, follow_up_of=notice['id'], kind='information')
    assert call(admin, 'POST', f"/notices/{later['id']}/publish").status_code == 200
    assert call(admin, 'GET', f"/notices/{notice['id']}").json()['notice']['reported_by'] == later['id']


def test_calendar_feed(alpha, published):
    assert call(alpha, 'DELETE', '/notice-feed').status_code == 204
    assert call(alpha, 'GET', '/notice-feed').json() == {'feed': None}
    url = call(alpha, 'POST', '/notice-feed').json()['feed']['url']
    assert call(alpha, 'GET', '/notice-feed').json()['feed']['created_at']

    def get(address):
        session = requests.Session()
        session.trust_env = False
        return session.get(address, verify=alpha.config.config['cacert'], timeout=30)
    answer = get(url + '&lang=ja')
    text = answer.content.decode().replace('\r\n ', '')
    assert answer.status_code == 200 and answer.headers['Content-Type'] == 'text/calendar; charset=utf-8'
    assert f"SUMMARY:[{published['number']}] {published['title_ja']}\r\n" in text and '\r\nSTATUS:CONFIRMED\r\n' in text
    assert 'Regular work' in get(url).content.decode().replace('\r\n ', '')
    assert get(url + 'x').status_code == 404
    assert get(url + '&lang=fr').status_code == 400
    call(alpha, 'POST', '/notice-feed')
    assert get(url).status_code == 404


def test_mails_are_for_staff(admin, alpha):
    assert call(admin, 'GET', '/mails').status_code == 200
    assert call(alpha, 'GET', '/mails').status_code == 404
    assert call(admin, 'GET', '/mails?state=nonsense').status_code in (200, 400)
    missing = str(uuid.uuid4())
    assert call(admin, 'GET', '/mails/' + missing).status_code == 404
    assert call(admin, 'POST', f'/mails/{missing}/resend').status_code == 404


# What the schedule does ------------------------------------------------------------------------

@pytest.fixture(scope='module')
def contract(admin, alpha):
    """A contract of the class tic with a Japanese and an English contact."""
    person = test_contracts.person(admin)
    tag = uuid.uuid4().hex[:6]
    made = test_contracts.new_contract(person, 'tic', contacts=[
        {'kind': 'technical', 'name': '山田', 'email': f'ja-{tag}@example.jp', 'language': 'ja'},
        {'kind': 'business', 'name': 'Smith', 'email': f'en-{tag}@example.jp', 'language': 'en'}])
    return test_contracts.activate(person, alpha, made)[0]


def templates(admin, object_id, project_id):
    mails = call(admin, 'GET', f'/mails?object_id={object_id}&limit=100').json()['mails']
    return sorted(m['template'] for m in mails if m['project_id'] == project_id)


def test_work_is_announced_reminded_of_begun_and_finished_by_mail(admin, contract):
    project = contract['project_id']
    notice = draft(admin, project_ids=[project], starts_at=time_text(300), ends_at=time_text(302))
    path = f"/notices/{notice['id']}"
    assert call(admin, 'POST', path + '/publish').status_code == 200
    before = test_contracts.clock.offset()
    try:
        test_contracts.clock.set_offset(before + 275 * 3600)  # 25 hours before
        time.sleep(1.5)
        assert templates(admin, notice['id'], project) == ['notice_published'] * 2
        test_contracts.clock.set_offset(before + 277 * 3600)
        test_contracts.wait_for('the reminder', lambda: 'notice_reminder' in templates(admin, notice['id'], project))
        assert call(admin, 'POST', path + '/start').status_code == 200
        assert call(admin, 'POST', path + '/finish').status_code == 200
        test_contracts.clock.set_offset(before + 299 * 3600)
        time.sleep(1.5)
    finally:
        test_contracts.clock.set_offset(before)
    assert templates(admin, notice['id'], project) == sorted(
        2 * ['notice_published', 'notice_reminder', 'notice_started', 'notice_finished'])
    affected, = call(admin, 'GET', path).json()['notice']['affected']
    assert affected['mail_state'] in ('queued', 'sent')  # sent where the run has a mail server


def test_information_and_changes_of_the_service_end_by_themselves(admin, alpha):
    project = [project_of(alpha)]
    timed = draft(admin, kind='information', project_ids=project, starts_at=None, ends_at=time_text(5))
    open_ended = draft(admin, kind='information', project_ids=project, starts_at=None, ends_at=None)
    change = draft(admin, kind='service_change', project_ids=project, starts_at=time_text(10), ends_at=None)
    work = draft(admin, project_ids=project, starts_at=time_text(1), ends_at=time_text(2))
    for notice in (timed, open_ended, change, work):
        answer = call(admin, 'POST', f"/notices/{notice['id']}/publish")
        assert answer.status_code == 200, answer.text

    def states():
        return [call(admin, 'GET', f"/notices/{n['id']}").json()['notice']['state'] for n in (timed, open_ended, change, work)]
    before = test_contracts.clock.offset()
    try:
        for hours, want in ((4, ['published'] * 4), (6, ['done'] + ['published'] * 3), (11, ['done', 'published', 'done', 'published']),
                            (31 * 24, ['done', 'done', 'done', 'published'])):
            test_contracts.clock.set_offset(before + hours * 3600)
            test_contracts.wait_for(f'{want} after {hours} h', lambda want=want: states() == want)
    finally:
        test_contracts.clock.set_offset(before)
