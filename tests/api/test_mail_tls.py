# SPDX-License-Identifier: Apache-2.0
"""The way to the mail server: STARTTLS, TLS and login against a real exim; what is not to be trusted gets no mail and no password."""
import hashlib
import os
import pwd
import re
import signal
import subprocess
import time
import uuid

import pytest
import test_contracts
from test_mail import MAILDIR, arrived, publish, queue, wait_for

pytestmark = pytest.mark.skipif(not os.path.isdir(MAILDIR), reason='with-stack was started without --mail')

TOP = os.environ['AKASHI_TOP']
CONF = '/etc/akashi/akashi.conf'
DIR = '/var/lib/akashi/test-mail/tls'
PORT = 2526
PASSWORD = 'p@ss wörd:' + uuid.uuid4().hex
EXIM = '''primary_hostname = mail.akashi.test
spool_directory = {dir}/spool
log_file_path = {dir}/spool/%slog
pid_file_path = {dir}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_on_connect_ports = {connect}
tls_advertise_hosts = {advertise}
tls_certificate = {dir}/{cert}.crt
tls_privatekey = {dir}/{cert}.key
deliver_drop_privilege
keep_environment =
acl_smtp_rcpt = rcpt
acl_smtp_auth = auth
begin acl
auth:
  accept encrypted = *
  deny message = not without TLS
rcpt:
  accept authenticated = *
  deny message = log in first
begin routers
all:
  driver = accept
  transport = folder
begin transports
folder:
  driver = appendfile
  directory = {maildir}
  maildir_format
  envelope_to_add
  user = Debian-exim
  group = Debian-exim
  mode = 0644
  directory_mode = 0755
begin authenticators
one:
  driver = plaintext
  public_name = {method}
  server_prompts = {prompts}
  server_condition = ${{if and{{ {{eq{{{name}}}{{akashi}}}} {{eqi{{${{sha256:{secret}}}}}{{{digest}}}}} }} }}
  server_advertise_condition = ${{if def:tls_in_cipher}}
'''
METHODS = {'PLAIN': {'prompts': ':', 'name': '$auth2', 'secret': '$auth3'},
           'LOGIN': {'prompts': 'Username:: : Password::', 'name': '$auth1', 'secret': '$auth2'}}


def openssl(*args):
    subprocess.run(['openssl', *args], check=True, capture_output=True)


@pytest.fixture(scope='module')
def certificates():
    """A CA and, by it, certificates for 127.0.0.1 and for another name."""
    user = pwd.getpwnam('Debian-exim')
    os.makedirs(DIR + '/spool', exist_ok=True)
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test CA', '-keyout', f'{DIR}/ca.key', '-out', f'{DIR}/ca.crt')
    for name, san in (('good', 'IP:127.0.0.1'), ('other', 'DNS:other.example.jp')):
        openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', f'/CN={name}', '-keyout', f'{DIR}/{name}.key', '-out', f'{DIR}/{name}.csr')
        with open(f'{DIR}/san', 'w', encoding='ascii') as f:
            f.write('subjectAltName=' + san)
        openssl('x509', '-req', '-in', f'{DIR}/{name}.csr', '-CA', f'{DIR}/ca.crt', '-CAkey', f'{DIR}/ca.key', '-days', '2', '-extfile', f'{DIR}/san',
                '-out', f'{DIR}/{name}.crt')
    for root, _, names in os.walk(DIR):
        for path in [root] + [os.path.join(root, n) for n in names]:
            os.chown(path, user.pw_uid, user.pw_gid)
    os.chmod(f'{DIR}/ca.crt', 0o644)


@pytest.fixture
def server(certificates):
    """server(...) starts an exim; the settings of akashi's side are given beside."""
    with open(CONF, encoding='utf-8') as f:
        before = f.read()
    secret = '/etc/akashi/mail-password'
    pid = []

    def start(cert='good', method='PLAIN', starttls=True, on_connect=False, password=PASSWORD, **settings):
        with open(f'{DIR}/exim.conf', 'w', encoding='utf-8') as f:
            f.write(EXIM.format(dir=DIR, port=PORT, maildir=MAILDIR, cert=cert, method=method, connect=PORT if on_connect else '',
                                advertise='*' if starttls else '', digest=hashlib.sha256(PASSWORD.encode()).hexdigest(), **METHODS[method]))
        subprocess.run(['setpriv', '--reuid=Debian-exim', '--regid=Debian-exim', '--clear-groups', '/usr/sbin/exim4', '-C', f'{DIR}/exim.conf',
                        '-bd', '-q10s'], check=True)
        wait_for('exim', lambda: os.path.exists(f'{DIR}/exim.pid') and open(f'{DIR}/exim.pid', encoding='ascii').read().strip())
        with open(f'{DIR}/exim.pid', encoding='ascii') as f:
            pid.append(int(f.read()))
        with open(secret, 'w', encoding='utf-8') as f:
            f.write(password + '\n')
        user = pwd.getpwnam('akashi')
        os.chown(secret, user.pw_uid, user.pw_gid)
        os.chmod(secret, 0o600)
        mine = {'mail_server': f'127.0.0.1:{PORT}', 'mail_tls': 'tls' if on_connect else 'starttls', 'mail_ca_file': f'{DIR}/ca.crt',
                'mail_user': 'akashi', 'mail_password_file': secret, **settings}
        kept = [line for line in before.splitlines() if not re.match(r'\s*(%s)\s*=' % '|'.join(mine), line)]
        with open(CONF, 'w', encoding='utf-8') as f:
            f.write('\n'.join(kept + [f'{k} = {v}' for k, v in mine.items() if v]) + '\n')
        subprocess.run([os.path.join(TOP, 'tools/services'), 'start'], check=True)
    try:
        yield start
    finally:
        for one in pid:
            os.kill(one, signal.SIGTERM)
        for one in pid:
            wait_for('the end of exim', lambda one=one: not os.path.exists(f'/proc/{one}'))
        if os.path.exists(f'{DIR}/exim.pid'):
            os.unlink(f'{DIR}/exim.pid')
        with open(CONF, 'w', encoding='utf-8') as f:
            f.write(before)
        subprocess.run([os.path.join(TOP, 'tools/services'), 'start'], check=True)


@pytest.fixture(scope='module')
def address(admin, alpha):
    """project(), the one contact's address: a contract made before the mail server is changed under the worker."""
    person = test_contracts.person(admin)
    mail = f'tls-{uuid.uuid4().hex[:8]}@akashi.test'
    made = test_contracts.new_contract(person, 'tic', contacts=[{'kind': 'technical', 'name': 'T', 'email': mail, 'language': 'en'}])
    return test_contracts.activate(person, alpha, made)[0]['project_id'], mail


@pytest.mark.parametrize('how', [{'method': 'PLAIN'}, {'method': 'LOGIN'}, {'method': 'PLAIN', 'on_connect': True}])
def test_mail_goes_by_tls_and_login(admin, address, server, how):
    server(**how)
    project, mail = address
    notice = publish(admin, project)
    one, = wait_for('the mail', lambda: arrived(mail, notice))
    received = ' '.join(one.get_all('Received'))
    assert 'TLS1.' in received and re.search(r'with e?smtpsa\b', received), received  # encrypted, and logged in
    wait_for('sent', lambda: [m['state'] for m in queue(admin, notice)] == ['sent'])


@pytest.mark.parametrize('name, how, words', [
    ('another CA', {'mail_ca_file': None}, 'certificate'),
    ('another name', {'cert': 'other'}, 'no alternative certificate subject name matches'),
    ('another name from the start', {'cert': 'other', 'on_connect': True}, 'no alternative certificate subject name matches'),
    ('no STARTTLS', {'starttls': False}, 'STARTTLS'),
    ('a wrong password', {'password': 'wrong'}, 'Login denied'),
])
def test_what_is_not_to_be_trusted_gets_nothing(admin, address, server, name, how, words):
    server(**how)
    project, mail = address
    notice = publish(admin, project)
    waiting, = wait_for('a try', lambda: [m for m in queue(admin, notice) if m['error']])
    assert waiting['state'] in ('queued', 'sending') and words.lower() in waiting['error'].lower(), waiting['error']
    listed = subprocess.run(['akashi', 'mail', 'list', '--state', 'queued'], check=True, text=True, stdout=subprocess.PIPE).stdout
    assert words.lower() in listed.lower()
    time.sleep(0.5)
    assert arrived(mail, notice) == []
    log = open(f'{DIR}/spool/mainlog', encoding='utf-8').read() if os.path.exists(f'{DIR}/spool/mainlog') else ''
    assert PASSWORD not in log
