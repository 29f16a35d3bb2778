# SPDX-License-Identifier: Apache-2.0
"""The route tables, after all other tests: asks the log which rows those have used. What the rows state is in test_routes.py."""
import json
import re

import pytest

LOG = '/var/log/akashi/api.log'
ANSWERS_404 = {'GET /image/v2/info/stores', 'GET /identity/v3/groups/{group_id}'}  # rows whose right answer it is
SERVED = re.compile(r'served (\S+) (\S+) (\d+) in \d+ us')


def key(route):
    return f"{route['method']} {route['path']}" + (f"#{route['action']}" if route['action'] else '')


def test_no_two_rows_answer_the_same_request(routes):
    seen, bad = {}, []
    for route in routes['routes']:
        name = re.sub(r'\{[^}]*\}', '{}', key(route))
        for other in seen.setdefault(name, []):
            # A row of the management listener's own comes before the one that both listeners have.
            own = 'management' in other['flags'] and 'management' not in route['flags']
            if not own and (route['since'] <= (other['until'] or 999)) and (other['since'] <= (route['until'] or 999)):
                bad.append(name)
        seen[name].append(route)
    assert not bad


def test_every_body_schema_refuses_or_bounds(routes):
    """A member of type string without a limit would let a client decide how much we store."""
    bad = []

    def walk(schema, where):
        if not isinstance(schema, dict):
            return
        for name, member in schema.get('properties', {}).items():
            if member.get('type', [None])[0] == 'string' and not ({'maxLength', 'format'} & set(member)):
                bad.append(f'{where}/{name}')
            walk(member, f'{where}/{name}')
            walk(member.get('items'), f'{where}/{name}')
    for route in routes['routes']:
        walk(route.get('body'), key(route))
    assert not bad


def test_every_route_has_an_api_test(routes, request):
    """Each row was served with success at least once by the tests before this one."""
    if request.config.args_source_is_partial:
        pytest.skip('only some tests were chosen, so most routes were not used')
    served = set()
    with open(LOG, encoding='utf-8', errors='replace') as lines:
        for line in lines:
            if '"msg":"served ' in line:
                found = SERVED.search(json.loads(line)['msg'])
                row = f'{found.group(1)} {found.group(2)}' if found else ''
                if found and (int(found.group(3)) < 400 or (row in ANSWERS_404 and found.group(3) == '404')):
                    served.add(row)
    unused = sorted(key(r) for r in routes['routes'] if key(r) not in served)
    assert not unused, f'{len(unused)} routes without an API test:\n' + '\n'.join(unused)
