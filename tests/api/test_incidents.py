# SPDX-License-Identifier: Apache-2.0
"""Incidents: reported by a customer or opened by an operator, confirmed, notified, resolved, closed; who sees what."""
import concurrent.futures
import email.message
import secrets
import subprocess
import time
import uuid

import pytest
import test_contracts
from callers import Api, clock

REPORT = {'root_cause': 'ディスクの故障', 'impact': '<b>1 台</b>が停止', 'response': '交換', 'prevention': '監視の強化',
          'root_cause_en': 'a disk failed', 'impact_en': 'one server stopped', 'response_en': 'replaced',
          'prevention_en': 'closer monitoring'}


class Caller(Api):
    """The own API, where the body's one member is an argument."""
    def ask(self, method, path, status=200, **body):
        answer = self(method, path, body or None)
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


# Mail ------------------------------------------------------------------------------------------

def intake(text, status=0):
    """Hands a message to the command that an MTA runs; returns the number and what became of it."""
    done = subprocess.run(['akashi', 'incident', 'intake'], input=text if isinstance(text, bytes) else text.encode(), capture_output=True,
                          check=False)
    assert done.returncode == status, (done.returncode, done.stderr)
    return tuple(done.stdout.decode().split()) if status == 0 else done.stderr.decode()


def message(sender, subject='ログインできません', text='本文です。', **headers):
    mail = email.message.EmailMessage()
    mail['From'], mail['To'], mail['Subject'] = sender, 'incident@provider.example.jp', subject
    mail['Message-ID'] = f'<{secrets.token_hex(8)}@example.jp>'
    for name, value in headers.items():
        mail[name.replace('_', '-')] = value
    mail.set_content(text)
    return mail.as_bytes()


def by_number(caller, number):
    found = caller.ask('GET', f'/incidents?number={number}').json()['incidents']
    return caller.do('GET', f'/incidents/{found[0]["id"]}') if found else None


@pytest.fixture(scope='module')
def contract(admin, alpha):
    """A customer with a contract: (contract, the incident calls of its master user, address of its contact)."""
    person = test_contracts.person(admin)
    address = f'sato-{secrets.token_hex(3)}@minato.example.jp'
    made = test_contracts.new_contract(person, 'tic', contacts=[
        {'kind': 'security', 'name': '佐藤 花子', 'email': address, 'language': 'ja'},
        {'kind': 'technical', 'name': 'Technical', 'email': 'tech-' + address, 'language': 'en'},
        {'kind': 'business', 'name': 'Business', 'email': 'biz-' + address}])
    made, master = test_contracts.activate(person, alpha, made)

    class Master(Caller):
        def __init__(self):
            self.base = master.base + '/service/v1'

        def ask(self, method, path, status=200, **body):
            return master.call(method, '/service/v1' + path, body or None, status=status)
    return made, Master(), address


def mails(staff, incident):
    rows = staff.ask('GET', '/mails?limit=100&sort=created_at:desc').json()['mails']
    return [m for m in rows if m['object_id'] == incident]


def test_a_contacts_mail_opens_an_incident_of_its_customer(staff, contract, other):
    made, master, address = contract
    number, what = intake(message(f'佐藤 <{address.upper()}>'))
    assert what == 'opened'
    seen = by_number(staff, number)
    assert seen['channel'] == 'mail' and seen['project_id'] == made['project_id'] and seen['reporter_email'] == address
    assert seen['customers'][0]['customer_name'] == '青空市役所' and seen['title'] == 'ログインできません'
    mine = by_number(master, number)
    assert mine['mine'] and mine['timeline'][0]['text'] == '本文です。' and mine['timeline'][0]['author_name'] == '佐藤 花子'
    assert intake(message(address, subject=f'Re: [{number}] 続報', text='まだです')) == (number, 'added')
    assert [e['text'] for e in by_number(master, number)['timeline']] == ['本文です。', 'まだです']
    # Somebody else cannot add to it by its number.
    assert intake(message('stranger@example.org', subject=number))[1] == 'opened'
    assert by_number(other, number) is None


def test_an_unknown_sender_waits_for_triage(staff, customer):
    number, what = intake(message('stranger@example.org', subject='ports <b>open</b>', text='look'))
    seen = by_number(staff, number)
    assert what == 'opened' and seen['project_id'] is None and seen['state'] == 'received' and seen['customers'] == []
    assert seen['timeline'][0]['visibility'] == 'internal' and seen['timeline'][0]['author_kind'] == 'outside'
    assert by_number(customer, number) is None


def test_the_same_message_is_taken_once(staff):
    mail = message('stranger2@example.org')
    number, what = intake(mail)
    assert what == 'opened' and intake(mail) == (number, 'repeated')
    assert len(by_number(staff, number)['timeline']) == 1


def test_what_is_no_mail_is_bounced(staff):
    before = staff.ask('GET', '/incidents?limit=1').json()['incidents'][0]['number']
    for bad in (b'', b'hello', b'Subject: x\n\nno sender', b'From: a@example.jp\n' + b'X-A: b\n' * 1000, b'From: a@b.jp\n\n' + b'x' * 10500000):
        intake(bad, 65)
    assert staff.ask('GET', '/incidents?limit=1').json()['incidents'][0]['number'] == before


def test_reports_and_notifications_are_mailed_once_each(staff, contract):
    made, _, address = contract
    number, _ = intake(message(address))
    incident = by_number(staff, number)['id']
    assert sorted(m['template'] for m in mails(staff, incident)) == ['incident-new', 'incident-received']
    staff.do('POST', f'/incidents/{incident}/confirm')
    staff.do('POST', f'/incidents/{incident}/notify', notify={'text': '調査中です'})
    notices = {m['to'] if 'to' in m else m['recipient']: m for m in mails(staff, incident) if m['template'] == 'incident-notice'}
    assert set(notices) == {address, 'tech-' + address}  # not the business contact
    assert 'インシデントのお知らせ' in notices[address]['subject'] and 'Notice of an incident' in notices['tech-' + address]['subject']


def test_what_is_automatic_is_not_answered(staff, contract):
    _, _, address = contract
    for headers in ({'Auto-Submitted': 'auto-generated'}, {'Precedence': 'bulk'}, {'List_Id': '<l.example.jp>'}):
        number, what = intake(message(address, **headers))
        incident = by_number(staff, number)['id']
        assert what == 'opened' and [m['template'] for m in mails(staff, incident)] == ['incident-new']
    # A flood from one address is taken, but answered five times an hour only.
    answers = 0
    for n in range(7):
        number, _ = intake(message('flood@example.org', subject=f'n{n}'))
        answers += 'incident-received' in [m['template'] for m in mails(staff, by_number(staff, number)['id'])]
    assert answers == 5


def test_what_machines_send_back_is_no_report(staff, contract, admin):
    """A bounce or vacation reply, taken as a report, would be mailed to the operators, whose mail may bounce in its turn."""
    made, _, address = contract
    number, _ = intake(message(address))
    before = len(by_number(staff, number)['timeline'])
    rows = staff.ask('GET', '/mails?limit=100').json()['mails']
    for headers in ({'Auto-Submitted': 'auto-replied (vacation)'}, {'Return-Path': '<>'}, {'X-Akashi-Mail': 'x'},):
        assert intake(message(address, subject=f'Re: [{number}]', **headers)) == ('-', 'ignored')
    assert intake(message('Mailer-Daemon@example.org')) == ('-', 'ignored')
    assert len(by_number(staff, number)['timeline']) == before
    assert len(staff.ask('GET', '/mails?limit=100').json()['mails']) == len(rows)
    events = staff.ask('GET', f'/events?action=incident.mail.ignored&q={address}&limit=10').json()['events']
    assert len(events) == 3


def with_files(sender, files, **headers):
    mail = email.message.EmailMessage()
    mail['From'], mail['To'], mail['Subject'] = sender, 'incident@provider.example.jp', headers.pop('subject', '添付あり')
    mail['Message-ID'] = f'<{secrets.token_hex(8)}@example.jp>'
    mail.set_content('本文')
    mail.add_alternative('<p>本文 <script>alert(1)</script></p>', subtype='html')
    for name, data, kind in files:
        mail.add_attachment(data, maintype=kind.split('/')[0], subtype=kind.split('/')[1], filename=name)
    return mail.as_bytes()


def test_files_of_a_mail_are_kept_and_saved_never_shown(staff, contract, other, customer):
    _, master, address = contract
    evil = '../<b>図"\u202efdp.html'
    number, what = intake(with_files(address, [(evil, b'<html><script>alert(1)</script>', 'text/html'), ('log.bin', b'\0\1' * 50000, 'application/x-x')]))
    mine = by_number(master, number)
    assert what == 'opened' and mine['timeline'][0]['text'] == '本文' and kinds(mine) == ['reported']
    page, log = mine['attachments']
    assert (page['name'], page['media_type'], page['entry']) == ('_b_図_fdp.html', 'text/plain; charset=utf-8', 1)
    assert (log['name'], log['size'], log['media_type'], log['author_kind']) == ('log.bin', 100000, 'application/octet-stream', 'customer')
    for caller in (master, staff):
        got = caller.ask('GET', f'/incidents/{mine["id"]}/attachments/{page["id"]}')
        assert got.content == b'<html><script>alert(1)</script>' and got.headers['Content-Type'] == 'text/plain; charset=utf-8'
        assert got.headers['Content-Disposition'].startswith("attachment; filename*=UTF-8''") and 'sandbox' in got.headers['Content-Security-Policy']
        assert got.headers['X-Content-Type-Options'] == 'nosniff'
        assert caller.ask('GET', f'/incidents/{mine["id"]}/attachments/{log["id"]}').content == b'\0\1' * 50000
    # Not of another customer, not by another incident of one's own.
    theirs = customer.do('POST', '/incidents', 201, incident={'title': 't', 'text': 't'})
    for caller, incident in ((other, mine['id']), (customer, mine['id']), (customer, theirs['id'])):
        caller.ask('GET', f'/incidents/{incident}/attachments/{page["id"]}', 404)
    # It goes on with the number, files and all; what is too much is named.
    assert intake(with_files(address, [(f'f{i}', b'x', 'a/b') for i in range(22)] + [('none', b'', 'a/b')], subject=number)) == (number, 'added')
    mine = by_number(master, number)
    assert len(mine['attachments']) == 22 and kinds(mine) == ['reported', 'message', 'not_kept'] and 'f21' in mine['timeline'][2]['text']


def test_files_of_a_stranger_are_for_the_provider(staff, customer):
    number, _ = intake(with_files('stranger3@example.org', [('a.txt', b'a', 'text/plain')]))
    seen = by_number(staff, number)
    assert seen['attachments'][0]['visibility'] == 'internal' and seen['attachments'][0]['author_kind'] == 'outside'
    customer.ask('GET', f'/incidents/{seen["id"]}/attachments/{seen["attachments"][0]["id"]}', 404)


def attach(caller, incident, name, data, status=201, more=''):
    answer = caller.session.post(f'{caller.base}/incidents/{incident}/attachments', params=f'name={name}{more}', data=data,
                                 headers={'Content-Type': 'application/octet-stream'}, raise_exc=False)
    assert answer.status_code == status, answer.text[:300]
    return answer.json().get('attachment')


def test_files_are_attached_in_the_portal_and_the_console(staff, customer, other, beta):
    made = customer.do('POST', '/incidents', 201, incident={'title': 'files', 'text': 't'})
    file = attach(customer, made['id'], 'a.png', b'\x89PNG\r\n\x1a\n')
    assert file['media_type'] == 'image/png' and file['size'] == 8 and file['author_kind'] == 'customer'
    secret, told = attach(staff, made['id'], 'secret', b's', more='&visibility=internal'), attach(staff, made['id'], 'told', b't')
    mine = customer.do('GET', f'/incidents/{made["id"]}')
    assert [f['name'] for f in mine['attachments']] == ['a.png', 'told'] and kinds(mine) == ['reported', 'attached', 'attached']
    customer.ask('GET', f'/incidents/{made["id"]}/attachments/{secret["id"]}', 404)
    assert customer.ask('GET', f'/incidents/{made["id"]}/attachments/{told["id"]}').content == b't'
    # Another customer whom it touches sees what is for all, not what this one sent.
    staff.do('PUT', f'/incidents/{made["id"]}/affected', affected={'project_ids': [beta.current_project_id]})
    staff.do('POST', f'/incidents/{made["id"]}/confirm', confirm={'cause': 'provider'})
    assert [f['name'] for f in other.do('GET', f'/incidents/{made["id"]}')['attachments']] == ['told']
    other.ask('GET', f'/incidents/{made["id"]}/attachments/{file["id"]}', 404)
    attach(customer, made['id'], 'x', b'', 400)
    attach(customer, made['id'], 'x', b'x', 400, '&visibility=internal')
    attach(staff, made['id'], 'x', b'x', 400, '&visibility=all')
    attach(customer, made['id'], 'x', b'x' * ((8 << 20) + 1), 413)
    attach(customer, made['id'], 'large', b'x' * (8 << 20))
    attach(other, str(uuid.uuid4()), 'x', b'x', 404)


def test_an_incident_holds_a_bounded_number_of_files(customer):
    made = customer.do('POST', '/incidents', 201, incident={'title': 'many', 'text': 't'})
    for n in range(100):
        attach(customer, made['id'], f'{n}', b'x')
    attach(customer, made['id'], 'one more', b'x', 409)
    assert len(customer.do('GET', f'/incidents/{made["id"]}')['attachments']) == 100


def test_open_incidents_are_bounded(staff, contract):
    made, master, address = contract
    limit = 50  # of the class tic
    n = sum(i['state'] != 'closed' for i in master.ask('GET', '/incidents?limit=100').json()['incidents'])
    for _ in range(n, limit):
        master.do('POST', '/incidents', 201, incident={'title': 't', 'text': 't'})
    master.ask('POST', '/incidents', 409, incident={'title': 't', 'text': 't'})
    assert 'open incidents' in intake(message(address), 75)  # the mail server keeps it
    first = master.ask('GET', '/incidents?limit=1').json()['incidents'][0]
    assert intake(message(address, subject=first['number']))[1] == 'added'
    staff.do('POST', f'/incidents/{first["id"]}/close')
    assert intake(message(address))[1] == 'opened'


def test_a_late_notification_is_told_of_once(staff, contract):
    made, _, _ = contract
    one = staff.do('POST', '/incidents', 201, incident={'title': 'late', 'text': 'x', 'project_ids': [made['project_id']]})
    path = f'/incidents/{one["id"]}'
    staff.do('POST', path + '/confirm')
    before = clock.offset()
    try:
        clock.set_offset(before + 119 * 60)
        time.sleep(1.5)
        assert staff.do('GET', path)['overdue'] is False
        clock.set_offset(before + 121 * 60)
        test_contracts.wait_for('the alert', lambda: staff.do('GET', path)['overdue'])
        clock.set_offset(before + 130 * 60)
        time.sleep(1.5)
    finally:
        clock.set_offset(before)
    assert kinds(staff.do('GET', path)).count('overdue') == 1
    assert [m['template'] for m in mails(staff, one['id'])] == ['incident-overdue']


def test_the_next_word_and_the_report_are_due_by_the_class(staff, contract):
    made, master, _ = contract
    for incident in master.ask('GET', '/incidents?limit=100').json()['incidents'][:3]:  # room under the limit
        if incident['state'] == 'received':
            staff.do('POST', f'/incidents/{incident["id"]}/close')
    one = master.do('POST', '/incidents', 201, incident={'title': 'clocks', 'text': 'x'})
    path = f'/incidents/{one["id"]}'
    seen = staff.do('POST', path + '/confirm', confirm={'severity': 'critical'})
    due, start = (test_contracts.seconds_of(seen[k]) for k in ('notify_due_at', 'confirmed_at'))
    assert due - start == 30 * 60 and seen['update_due_at'] is None
    seen = staff.do('POST', path + '/notify', notify={'text': 'first word'})
    assert test_contracts.seconds_of(seen['update_due_at']) - test_contracts.seconds_of(seen['told_at']) == 240 * 60
    before = test_contracts.clock.offset()
    try:
        test_contracts.clock.set_offset(before + 239 * 60)
        time.sleep(1.5)
        assert staff.do('GET', path)['update_overdue_at'] is None
        test_contracts.clock.set_offset(before + 241 * 60)
        test_contracts.wait_for('the alert', lambda: staff.do('GET', path)['update_overdue_at'])
        assert master.do('GET', path)['update_overdue_at']  # the customer sees what it waits for
        staff.do('POST', path + '/update', update={'text': 'a thought', 'visibility': 'internal'})
        assert staff.do('GET', path)['update_overdue_at']  # no word to the customer
        seen = staff.do('POST', path + '/update', update={'text': 'the next word'})
        assert seen['update_overdue_at'] is None and seen['update_due_at'] > seen['told_at']
        seen = staff.do('POST', path + '/resolve')
        assert seen['update_due_at'] is None
        assert test_contracts.seconds_of(seen['report_due_at']) - test_contracts.seconds_of(seen['resolved_at']) == 10 * 86400
        test_contracts.clock.set_offset(before + 241 * 60 + 10 * 86400 + 60)
        test_contracts.wait_for('the alert', lambda: staff.do('GET', path)['report_overdue_at'])
        time.sleep(1.5)
        seen = staff.do('POST', path + '/close', close={'report': REPORT})
        assert seen['report_due_at'] is None and seen['report_overdue_at']
    finally:
        test_contracts.clock.set_offset(before)
    told = [m['template'] for m in mails(staff, one['id']) if 'overdue' in m['template']]
    assert sorted(told) == ['incident-report-overdue', 'incident-update-overdue']


def test_the_clock_is_the_classs(staff, contract):
    made, master, _ = contract
    one = staff.do('POST', '/incidents', 201, incident={'title': 'clock', 'text': 'x', 'cause': 'provider', 'project_ids': [made['project_id']]})
    seen = staff.do('POST', f'/incidents/{one["id"]}/confirm')
    due, start = (test_contracts.seconds_of(seen[k]) for k in ('notify_due_at', 'confirmed_at'))
    assert due - start == 120 * 60  # tic
    assert master.ask('GET', '/overview').json()['overview']['open_incidents'] >= 1


# Whom it touches -------------------------------------------------------------------------------

@pytest.fixture(scope='module')
def servers(alpha, beta, admin, tmp_path_factory):
    """A server of alpha and one of beta: {cloud name: id}."""
    disk = tmp_path_factory.mktemp('image') / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', str(disk), '16M'], check=True)
    image = admin.create_image('incident-disk', filename=str(disk), disk_format='qcow2', container_format='bare', wait=True,
                               visibility='public')
    made, nets = {}, []
    for cloud in (alpha, beta):
        net = cloud.network.create_network(name='incident-net')
        cloud.network.create_subnet(network_id=net.id, ip_version=4, cidr='10.9.0.0/24')
        server = cloud.compute.create_server(name='incident', image_id=image.id, flavor_id=cloud.compute.find_flavor('tiny').id,
                                             networks=[{'uuid': net.id}])
        made[cloud] = cloud.compute.wait_for_server(server, wait=30)
        nets.append((cloud, net))
    yield {cloud.config.name: server.id for cloud, server in made.items()}
    for cloud, server in made.items():
        cloud.compute.delete_server(server.id)
    for cloud, net in nets:
        cloud.compute.wait_for_delete(made[cloud], wait=30)
        cloud.network.delete_network(net)
    admin.image.delete_image(image.id)


def test_a_host_touches_all_its_customers_and_each_sees_its_own_servers(staff, customer, other, servers):
    host = staff.session.get(staff.base.removesuffix('/service/v1') + '/compute/v2.1/os-hypervisors').json()['hypervisors'][0]
    one = staff.do('POST', '/incidents', 201, incident={'title': 'Host failure', 'text': 'x', 'cause': 'provider',
                                                        'hosts': [host['hypervisor_hostname']]})
    path = f'/incidents/{one["id"]}'
    assert set(servers.values()) <= {s['id'] for s in one['affected']} and all(s['host'] for s in one['affected'])
    staff.do('POST', path + '/confirm')
    for caller, own, foreign in ((customer, 'alpha', 'beta'), (other, 'beta', 'alpha')):
        ids = {s['id'] for s in caller.do('GET', path)['affected']}
        assert servers[own] in ids and servers[foreign] not in ids
    staff.do('PUT', path + '/affected', affected={'servers': [servers['beta']]})
    assert [s['id'] for s in staff.do('GET', path)['affected']] == [servers['beta']]
    staff.ask('PUT', path + '/affected', 400, affected={'servers': [str(uuid.uuid4())]})
    refused = staff.ask('PUT', path + '/affected', 400, affected={'hosts': [host['hypervisor_hostname'], 'no-such-host']})
    assert 'no-such-host' in refused.text and [s['id'] for s in staff.do('GET', path)['affected']] == [servers['beta']]
    mine = customer.do('POST', '/incidents', 201, incident={'title': 't', 'text': 't', 'servers': [servers['alpha']]})
    assert [(s['id'], s['name']) for s in mine['affected']] == [(servers['alpha'], 'incident')]
    customer.ask('POST', '/incidents', 400, incident={'title': 't', 'text': 't', 'servers': [servers['beta']]})


def test_of_two_operators_at_once_one_moves_it(staff, customer):
    one = customer.do('POST', '/incidents', 201, incident={'title': 't', 'text': 't'})
    url = f'{staff.base}/incidents/{one["id"]}/triage'
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        codes = sorted(a.status_code for a in pool.map(lambda _: staff.session.post(url, raise_exc=False), range(4)))
    assert codes == [200, 409, 409, 409]
    assert kinds(staff.do('GET', f'/incidents/{one["id"]}')).count('triage') == 1
