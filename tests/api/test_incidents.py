# SPDX-License-Identifier: Apache-2.0
"""Incidents: reported by a customer or opened by an operator, confirmed, notified, resolved, closed; who sees what."""
import uuid

import pytest

REPORT = {'root_cause': 'ディスクの故障', 'impact': '<b>1 台</b>が停止', 'response': '交換', 'prevention': '監視の強化',
          'root_cause_en': 'a disk failed', 'impact_en': 'one server stopped', 'response_en': 'replaced',
          'prevention_en': 'closer monitoring'}


class Caller:
    """The own API on the listener of a cloud."""
    def __init__(self, cloud):
        self.session, self.base = cloud.session, cloud.config.auth['auth_url'].removesuffix('/identity') + '/service/v1'

    def ask(self, method, path, status=200, **body):
        answer = self.session.request(self.base + path, method, json=body or None, raise_exc=False)
        assert answer.status_code == status, f'{method} {path}: {answer.status_code} {answer.text[:300]}'
        return answer

    def do(self, method, path, status=200, **body):
        return self.ask(method, path, status, **body).json().get('incident')


@pytest.fixture(scope='module')
def staff(admin):
    return Caller(admin)


@pytest.fixture(scope='module')
def customer(alpha):
    return Caller(alpha)


@pytest.fixture(scope='module')
def other(beta):
    return Caller(beta)


@pytest.fixture(scope='module')
def opened(staff, alpha):
    """An incident that the provider caused and that touches alpha as a whole."""
    made = staff.do('POST', '/incidents', 201, incident={'title': 'Storage of host 1', 'text': 'internal finding', 'severity': 'high',
                                                         'cause': 'provider', 'project_ids': [alpha.current_project_id]})
    return made['id']


def kinds(incident):
    return [e['kind'] for e in incident['timeline']]


def test_a_customers_report_is_seen_by_it_and_by_staff_only(staff, customer, other):
    made = customer.do('POST', '/incidents', 201, incident={'title': 'ログインできない <script>', 'text': 'x' * 10000})
    assert made['state'] == 'received' and made['channel'] == 'form' and made['severity'] == 'medium' and made['mine'] is True
    assert made['number'].startswith('I-20') and kinds(made) == ['reported'] and 'customers' not in made
    seen = staff.do('GET', f'/incidents/{made["id"]}')
    assert seen['title'] == 'ログインできない <script>' and seen['project_id'] and len(seen['timeline'][0]['text']) == 10000
    other.ask('GET', f'/incidents/{made["id"]}', 404)
    other.ask('POST', f'/incidents/{made["id"]}/messages', 404, message={'text': 'mine'})
    assert made['id'] not in [i['id'] for i in other.ask('GET', '/incidents').json()['incidents']]


def test_numbers_are_without_gaps(customer):
    numbers = [customer.do('POST', '/incidents', 201, incident={'title': 't', 'text': 't'})['number'] for _ in range(3)]
    customer.ask('POST', '/incidents', 400, incident={'title': 't', 'text': 't', 'servers': [str(uuid.uuid4())]})
    numbers.append(customer.do('POST', '/incidents', 201, incident={'title': 't', 'text': 't'})['number'])
    serial = [int(n.rsplit('-', 1)[1]) for n in numbers]
    assert serial == list(range(serial[0], serial[0] + 4))


def test_what_is_operators_business_is_not_taken_from_customers(customer):
    for member in ({'cause': 'provider'}, {'hosts': ['h']}, {'project_ids': ['p']}, {'public_title': 'x'}):
        customer.ask('POST', '/incidents', 400, incident={'title': 't', 'text': 't', **member})
    for bad in ({'title': '', 'text': 't'}, {'title': 'x' * 256, 'text': 't'}, {'title': 't', 'text': 'x' * 10001},
                {'title': 't', 'text': 't', 'severity': 'worst'}, {'title': 't'}, {'title': 't', 'text': 7}):
        customer.ask('POST', '/incidents', 400, incident=bad)


def test_from_confirmed_to_closed(staff, customer, other, opened):
    path = f'/incidents/{opened}'
    customer.ask('GET', path, 404)
    seen = staff.do('POST', path + '/triage')
    assert seen['state'] == 'triage' and seen['assignee'] == 'admin' and seen['confirmed_at'] is None
    customer.ask('GET', path, 404)
    staff.ask('POST', path + '/notify', 409, notify={'text': 'too early'})
    seen = staff.do('POST', path + '/confirm', confirm={'severity': 'critical', 'text': 'confirmed by the logs'})
    assert seen['notify_due_at'] > seen['confirmed_at'] and seen['severity'] == 'critical'
    mine = customer.do('GET', path)  # the provider's doing is posted at once
    assert mine['title'] == 'Storage of host 1' and mine['mine'] is False and kinds(mine) == ['triage', 'confirmed']
    assert mine['reported_by'] == '' and mine['affected'] == []
    staff.do('POST', path + '/update', update={'text': 'secret thought', 'visibility': 'internal'})
    staff.do('POST', path + '/update', update={'text': 'we are at it'})
    seen = staff.do('POST', path + '/notify', notify={'text': 'お知らせします'})
    assert seen['notified_at'] and seen['notify_due_at'] is None and seen['customers'][0]['notified_at']
    mine = customer.do('POST', path + '/messages', message={'text': 'thank you'})
    assert [e['text'] for e in mine['timeline']][-3:] == ['we are at it', 'お知らせします', 'thank you']
    assert mine['notified_at'] and mine['timeline'][-1]['author_kind'] == 'customer'
    assert 'secret thought' not in str(mine)
    staff.do('POST', path + '/mitigate')
    staff.ask('POST', path + '/close', 409, close={'report': REPORT})
    staff.do('POST', path + '/resolve', resolve={'text': 'replaced'})
    staff.ask('POST', path + '/close', 400)
    customer.ask('GET', path + '/report', 404)
    seen = staff.do('POST', path + '/close', close={'report': REPORT, 'text': 'done'})
    assert seen['state'] == 'closed' and seen['report']['root_cause'] == REPORT['root_cause']
    assert customer.do('GET', path)['report'] == REPORT
    customer.ask('POST', path + '/messages', 409, message={'text': 'again'})
    staff.ask('POST', path + '/triage', 409)
    text = customer.ask('GET', path + '/report?lang=ja')
    assert text.headers['Content-Type'].startswith('text/plain') and 'インシデント報告書' in text.text and '交換' in text.text
    assert 'closer monitoring' in customer.ask('GET', path + '/report?lang=en').text
    other.ask('GET', path, 404)
    other.ask('GET', path + '/report', 404)


def test_a_customer_reads_nothing_of_another_customers_report(staff, customer, other, alpha, beta):
    made = customer.do('POST', '/incidents', 201, incident={'title': 'alpha secret title', 'text': 'alpha secret text'})
    path = f'/incidents/{made["id"]}'
    staff.do('PUT', path + '/affected', affected={'project_ids': [beta.current_project_id]})
    other.ask('GET', path, 404)
    staff.do('POST', path + '/confirm', confirm={'cause': 'external'})
    other.ask('GET', path, 404)  # not the provider's doing: posted by the notification
    staff.do('POST', path + '/notify', notify={'text': 'for everybody'})
    customer.do('POST', path + '/messages', message={'text': 'alpha secret message'})
    seen = other.do('GET', path)
    assert 'secret' not in str(seen) and seen['title'] == made['number'] and seen['reported_by'] == ''
    staff.do('PATCH', path, incident={'public_title': 'Attack from outside'})
    assert other.do('GET', path)['title'] == 'Attack from outside'
    assert customer.do('GET', path)['title'] == 'alpha secret title'


def test_operators_verbs_are_not_on_the_customer_listener(customer, opened):
    for verb in ('triage', 'confirm', 'notify', 'update', 'mitigate', 'resolve', 'close'):
        answer = customer.session.post(f'{customer.base}/incidents/{opened}/{verb}', json={}, raise_exc=False)
        assert answer.status_code in (404, 405), verb
    assert customer.session.patch(f'{customer.base}/incidents/{opened}', json={}, raise_exc=False).status_code == 405


def test_lists_are_paged_and_filtered(staff):
    first = staff.ask('GET', '/incidents?limit=2').json()
    assert len(first['incidents']) == 2 and first['next'] == first['incidents'][1]['id']
    second = staff.ask('GET', f'/incidents?limit=2&marker={first["next"]}').json()
    assert {i['id'] for i in first['incidents']}.isdisjoint({i['id'] for i in second['incidents']})
    closed = staff.ask('GET', '/incidents?state=closed').json()['incidents']
    assert closed and all(i['state'] == 'closed' for i in closed)
    staff.ask('GET', '/incidents?colour=red', 400)
