# SPDX-License-Identifier: Apache-2.0
"""Mails through a real SMTP server (tests/mail-server): what arrives, in which language, how often; a server that is away and a
worker that is killed."""
import email
import email.policy
import glob
import os
import secrets
import signal
import subprocess
import time

import pytest

from callers import TOP, call, wait_for
from test_contracts import today
from test_notices import draft

TOOL = os.path.join(TOP, 'tests/mail-server')
MAILDIR = subprocess.run([TOOL, 'maildir'], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

pytestmark = pytest.mark.skipif(not os.path.isdir(MAILDIR), reason='with-stack was started without --mail')


def arrived(address, notice=None):
    """The mails that the server delivered to an address (of a notice)."""
    mails = []
    for path in glob.glob(MAILDIR + '/new/*'):
        with open(path, 'rb') as f:
            mail = email.message_from_binary_file(f, policy=email.policy.default)
        if mail['Envelope-to'] == address and (not notice or notice['number'] in mail['Subject']):
            mails.append(mail)
    return mails


def queue(admin, notice, **filters):
    words = ''.join(f'&{k}={v}' for k, v in filters.items())
    return call(admin, 'GET', f"/mails?object_id={notice['id']}{words}").json()['mails']


@pytest.fixture
def customer(admin):
    """customer(n) → the project of a fresh contract, and the addresses of its n contacts: every second one reads English."""
    def make(n, names=None):
        tag = secrets.token_hex(4)
        addresses = names or [f'c{i}-{tag}@akashi.test' for i in range(n)]
        body = {'customer': {'name': '青空市役所', 'name_kana': 'アオゾラシヤクショ', 'name_en': 'Aozora City', 'sector': 'municipality'}}
        answer = call(admin, 'POST', '/customers', json=body)
        assert answer.status_code == 201, answer.text
        answer = call(admin, 'POST', '/contracts', json={'contract': {
            'customer_id': answer.json()['customer']['id'], 'class_name': 'tic', 'title': '基幹業務システム',
            'starts_on': today(), 'items': [{'code': 'VMS', 'title': '仮想サーバ S', 'quantity': 1}],
            'contacts': [{'kind': 'technical', 'name': '山田 太郎', 'email': a, 'language': ('ja', 'en')[i % 2]}
                         for i, a in enumerate(addresses)]}})
        assert answer.status_code == 201, answer.text
        answer = call(admin, 'POST', f"/contracts/{answer.json()['contract']['id']}/activate")
        assert answer.status_code == 200, answer.text
        return answer.json()['contract']['project_id'], addresses
    return make


def publish(admin, project_id, **members):
    notice = draft(admin, project_ids=[project_id], **members)
    answer = call(admin, 'POST', f"/notices/{notice['id']}/publish")
    assert answer.status_code == 200, answer.text
    return answer.json()['notice']


def test_mails_arrive_in_the_language_of_each_contact(admin, customer):
    project, (ja, en) = customer(2)
    notice = publish(admin, project, title_ja='計画メンテナンスのお知らせ: 基幹スイッチの交換に伴う通信断 (約 10 分)',
                     body_ja='平素よりお世話になっております。\n下記の作業を行います。', body_en='We replace a switch.\n.\nA dot stood alone.')
    one, = wait_for('the Japanese mail', lambda: arrived(ja, notice))
    two, = wait_for('the English mail', lambda: arrived(en, notice))
    assert one['Subject'] == f"【{notice['number']}】{notice['title_ja']}"
    text = one.get_content().replace('\r\n', '\n')
    assert '平素よりお世話になっております。\n下記の作業を行います。' in text and '山田 太郎 様' in text
    assert two['Subject'] == f"[{notice['number']}] Regular work" and 'We replace a switch.\n.\nA dot stood alone.' in two.get_content().replace('\r\n', '\n')
    for mail, address, lang in ((one, ja, 'ja'), (two, en, 'en')):
        assert mail['To'] == address and mail['Content-Language'] == lang and mail['Auto-Submitted'] == 'auto-generated'
        assert mail['From'].addresses[0].addr_spec == 'akashi@akashi.test' and mail['From'].addresses[0].display_name == '証クラウド'
        assert mail['Message-ID'] and mail['Date'] and not mail.defects
    assert wait_for('sent', lambda: [m['state'] for m in queue(admin, notice)] == ['sent', 'sent'])
    whole = call(admin, 'GET', f"/notices/{notice['id']}").json()['notice']
    assert [a['mail_state'] for a in whole['affected']] == ['sent']


def test_refused_recipient_fails_visibly_and_is_sent_again_by_hand(admin, customer):
    project, (_, good) = customer(2, [f'nobody@{secrets.token_hex(4)}.test', f'x{secrets.token_hex(4)}@akashi.test'])
    notice = publish(admin, project)
    wait_for('the other contact', lambda: arrived(good, notice))
    failed, = wait_for('the refusal', lambda: queue(admin, notice, state='failed'))
    assert '550' in failed['error']
    assert call(admin, 'GET', f"/mails/{failed['id']}").json()['mail']['body']
    again = call(admin, 'POST', f"/mails/{failed['id']}/resend").json()['mail']
    assert again['state'] == 'queued' and again['resends'] == 1
    wait_for('the second refusal', lambda: queue(admin, notice, state='failed'))


def test_server_away_loses_nothing_and_sends_once(admin, customer):
    subprocess.run([TOOL, 'stop'], check=True)
    try:
        project, addresses = customer(6)
        notice = publish(admin, project)
        wait_for('a try', lambda: [m for m in call(admin, 'GET', '/mails?state=queued').json()['mails'] if m['error']])
        assert {m['state'] for m in queue(admin, notice)} <= {'queued', 'sending'}
    finally:
        subprocess.run([TOOL, 'start'], check=True)
    wait_for('all of them', lambda: len(queue(admin, notice, state='sent')) == 6)
    wait_for('their delivery', lambda: all(arrived(a, notice) for a in addresses))
    assert [len(arrived(a, notice)) for a in addresses] == [1] * 6


def test_killed_worker_sends_the_rest_once(admin, customer):
    project, addresses = customer(20)
    notice = publish(admin, project)
    killed = 0
    while killed < 3 and len(queue(admin, notice, state='sent')) < 20:
        with open('/run/akashi-services/worker.child', encoding='ascii') as f:
            pid = int(f.read())
        try:
            os.kill(pid, signal.SIGKILL)
            killed += 1
        except ProcessLookupError:  # the keeper starts the next one just now
            pass
        time.sleep(0.7)
    wait_for('all of them', lambda: len(queue(admin, notice, state='sent')) == 20)
    wait_for('their delivery', lambda: all(arrived(a, notice) for a in addresses))
    for address in addresses:
        mails = arrived(address, notice)
        # A worker that dies between the server's answer and its commit sends that one mail again, under the same id.
        assert len(mails) <= 2 and len({m['Message-ID'] for m in mails}) == 1
    assert sum(len(arrived(a, notice)) for a in addresses) <= 20 + killed


def test_headers_cannot_be_added(admin, customer):
    project, (address,) = customer(1)
    notice = publish(admin, project, title_ja='件名\r\nBcc: victim@akashi.test\r\n\r\n本文')
    mail, = wait_for('the mail', lambda: arrived(address, notice))
    assert mail['Bcc'] is None and 'Bcc: victim@akashi.test' in mail['Subject'] and arrived('victim@akashi.test') == []
