# SPDX-License-Identifier: Apache-2.0
"""In which language mails to a customer's people are written: their own, else their contract's, as it is then."""
import test_contracts
from callers import person

ASK = {'request': {'kind': 'question', 'fields': {'text': 'why?'}}}


def test_mails_are_in_the_language_of_their_reader(admin, alpha):
    staff = person(admin)
    contract, master = test_contracts.activate(staff, alpha, test_contracts.new_contract(staff, 'biglink-iaas'))
    user = master.get('/service/v1/me')['me']['user_id']
    address = contract['contacts'][0]['email']
    glass = staff.post('/service/v1/break-glass', {'break_glass': {
        'project_id': contract['project_id'], 'reason': 'help', 'hours': 1}}, 201)['break_glass']
    master.post(f"/service/v1/break-glass/{glass['id']}/consent")
    seen = set()

    def told():
        """The languages of the mails about a request that it files, and about its account that the provider helps with."""
        asked = master.post('/service/v1/requests', ASK, 201)['request']['id']
        staff.call('POST', f'/service/v1/accounts/{user}/reset-factors', status=204)
        mails = [m for m in staff.get('/service/v1/mails?limit=100&sort=created_at:desc')['mails']
                 if m['to'] == address and m['object_id'] in (asked, user) and m['id'] not in seen]
        seen.update(m['id'] for m in mails)
        assert {m['object_id'] for m in mails} == {asked, user}
        return {m['language'] for m in mails}

    assert master.get('/service/v1/me')['me']['language'] is None
    assert told() == {'ja'}
    staff.call('PATCH', f"/service/v1/contracts/{contract['id']}", {'contract': {'language': 'en'}})
    assert told() == {'en'}
    master.call('PUT', '/service/v1/me/language', {'language': {'code': 'ja'}}, status=204)
    assert master.get('/service/v1/me')['me']['language'] == 'ja'
    assert told() == {'ja'}
    master.call('PUT', '/service/v1/me/language', {'language': {'code': None}}, status=204)
    assert told() == {'en'}
    master.call('PUT', '/service/v1/me/language', {'language': {'code': 'fr'}}, status=400)
