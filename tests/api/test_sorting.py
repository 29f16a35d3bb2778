# SPDX-License-Identifier: Apache-2.0
"""Lists that grow with the use of the cloud are read by an index, not sorted whole for each page. The log says in which order a list
was asked for; the engine of the run (SQLite or PostgreSQL) says how it would answer."""
import glob
import json
import os
import re
import sqlite3
import subprocess

import pytest
from callers import TOP, base_of

LOG = '/var/log/akashi/api.log'
LIST = re.compile(r'list (\w+): (.*) \|(.*)$', re.DOTALL)

# path, with and without an order of the caller's
PROMISED = [('/compute/v2.1/servers/detail?' + order) for order in (
    '', 'sort_key=created_at&sort_dir=asc', 'sort_key=created_at', 'sort_key=display_name&sort_dir=asc', 'sort_key=display_name')]
PROMISED += [f'/service/v1/{kind}?{order}' for kind in ('requests', 'notices', 'incidents')
             for order in ('', 'sort=created_at:asc', 'sort=created_at:desc')]
PROMISED += ['/service/v1/events?', '/service/v1/mails?', '/service/v1/jobs?']
STAFF_ONLY = ('/service/v1/incidents', '/service/v1/mails', '/service/v1/jobs')  # of a customer's incidents: below

# Lists that sort all they hold even in their own order, and what bounds them.
SORTED_WHOLE = {
    'assignment_list': 'roles: Keystone has no pages, all of them are the answer',
    'code_list': "a customer's codes: one for each server it ever had",
    'customer_user_list': "a customer's users: its quota",
    'document_list': 'documents: some dozens',
    'document_list_of_project': 'documents: some dozens',
    'export_list': "a customer's export kits: they expire",
    'flavor_list': 'flavors: some dozens',
    'glass_list': 'break-glass: each one is asked for and decided by people',
    'image_list': 'images one may see: quotas; public, shared and own ones come from three indexes',
    'incident_list_own': "a customer's incidents: its class bounds the open ones",
    'job_list': "a customer's jobs: finished ones go after job_keep_days",
    'label_list': 'what one customer has labelled: its quotas',
    'passkey_list': "a user's passkeys",
    'privilege_list': 'privileges: each one is asked for and decided by people',
    'review_list': 'access reviews: a few a year',
    'review_list_of_project': 'access reviews: a few a year',
    'server_list': "all of a customer's servers at once, for what needs all: its quota",
    'session_list': "a user's logins",
    'change_list': "a contract's changes: made by people",
}


@pytest.fixture(scope='module')
def explain():
    """explain(statement) → what the engine would do, as lines."""
    with open('/etc/akashi/akashi.conf', encoding='utf-8') as lines:
        kind, where = re.search(r'^store_url = (\w+):(.*)$', lines.read(), re.M).groups()
    if kind == 'sqlite':
        def ask(text):
            with sqlite3.connect(f'file:{where}?mode=ro', uri=True, timeout=30) as db:
                holes = {n: None for n in re.findall(r'\$(\d+)', text)}
                return [row[3] for row in db.execute('EXPLAIN QUERY PLAN ' + text, holes)]
        return ask

    def ask(text):
        # As it would be with many rows: no table is read whole and nothing sorted if there is another way.
        n = len(set(re.findall(r'\$\d+', text)))
        script = f"""SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan;
            PREPARE list AS {text}; EXPLAIN (COSTS off) EXECUTE list{'(' + ', '.join(['NULL'] * n) + ')' if n else ''};"""
        done = subprocess.run(['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', where], input=script, text=True, check=True, stdout=subprocess.PIPE)
        return done.stdout.splitlines()
    return ask


def statements():
    """The lists' statements by name: those that take a page."""
    found = {}
    for path in glob.glob(os.path.join(TOP, 'src/*/*.sql')):
        with open(path, encoding='utf-8') as text:
            for part in text.read().split('-- name: ')[1:]:
                name, _, body = part.partition('\n')
                body = '\n'.join(line for line in body.splitlines() if not line.startswith('--')).strip().rstrip(';')
                if '{page}' in body:
                    found.setdefault(name.strip(), []).append(body)
    return found


def logged(at):
    """What the log of the api gained since the offset: (list, filter, order)."""
    with open(LOG, 'rb') as log:
        log.seek(at)
        lines = log.read().decode(errors='replace').splitlines()
    messages = (json.loads(line).get('msg', '') for line in lines if '"msg":"list ' in line)
    return [m.groups() for m in map(LIST.match, messages) if m]


def sorts_all(plan):
    return any('USE TEMP B-TREE FOR ORDER BY' in line or re.match(r'\s*(->\s+)?Sort\s*$', line) for line in plan)


def asked(cloud, path):
    """The lists that a GET asks the database for."""
    at = os.stat(LOG).st_size
    answer = cloud.session.get(base_of(cloud) + path + ('&' if path[-1] not in '?&' else '') + 'limit=2', raise_exc=False)
    return answer.status_code, logged(at)


@pytest.mark.parametrize('who', ['alpha', 'admin'])
def test_large_lists_are_read_by_an_index(request, explain, who):
    cloud, texts, bad, seen = request.getfixturevalue(who), statements(), [], 0
    for path in PROMISED:
        if who == 'alpha' and path.startswith(STAFF_ONLY):
            continue
        if who == 'admin' and path.startswith('/compute'):
            continue  # its own project has no servers; all_tenants is the operator's search
        status, lists = asked(cloud, path)
        assert status == 200 and lists, path
        for name, condition, order in lists:
            for text in texts[name]:
                plan = explain(text.replace('{filter}', condition).replace('{page}', order))
                seen += 1
                if sorts_all(plan):
                    bad.append(f'{path}: {name}{order}: {plan}')
    assert not bad and seen >= 10, '\n'.join(bad)


def test_the_other_lists_that_sort_all_they_hold_are_known(routes, admin, alpha, explain):
    texts, found = statements(), {}
    for route in routes['routes']:
        if route['method'] != 'GET' or '{' in route['path']:
            continue
        for cloud in (admin, alpha):
            for name, condition, order in asked(cloud, route['path'] + '?')[1]:
                for text in texts[name]:
                    if sorts_all(explain(text.replace('{filter}', condition).replace('{page}', order))):
                        found[name] = order
    assert set(found) <= set(SORTED_WHOLE), json.dumps(found, indent=1)
