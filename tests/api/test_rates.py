# SPDX-License-Identifier: Apache-2.0
"""How much a customer may file, write and attach: within an hour, and beside the other customers of an incident."""
import pytest
import test_contracts
from callers import clock, person
from test_incidents import Caller, attach

ASK = {'request': {'kind': 'question', 'title': 'q', 'fields': {'text': 'why?'}}}
TELL = {'incident': {'title': 't', 'text': 't'}}


@pytest.fixture(scope='module')
def master(admin, alpha):
    """The master user of a customer who may file four times an hour, and report or write three times."""
    staff = person(admin)
    made = test_contracts.new_contract(staff, 'tic', quotas={'requests_hour': 4, 'incidents_hour': 3})
    made, who = test_contracts.activate(staff, alpha, made)
    who.contract = made
    yield who
    clock.set_offset(0)


def refused(answer, slug):
    assert answer.headers['X-Akashi-Error'] == slug, answer.text
    wait = int(answer.headers['Retry-After'])
    assert 0 < wait <= 3601 and str(wait) in answer.json()['detail']
    return wait


def test_requests_are_filed_and_withdrawn_so_often_an_hour(admin, master):
    first = master.post('/service/v1/requests', ASK, 201)['request']
    second = master.post('/service/v1/requests', ASK, 201)['request']
    master.post(f"/service/v1/requests/{first['id']}/withdraw")
    path = f"/service/v1/requests/{second['id']}"
    master.call('PATCH', path, {'request': {'fields': {'text': 'how?'}}})
    wait = refused(master.call('POST', '/service/v1/requests', ASK, 429), 'request-rate')
    refused(master.call('PATCH', path, {'request': {'fields': {'text': 'when?'}}}, 429), 'request-rate')
    refused(master.call('POST', path + '/withdraw', None, 429), 'request-rate')
    assert master.get(path)['request']['state'] == 'submitted'
    # The provider is not bound by it, and sees that it was refused.
    staff, project = person(admin), master.contract['project_id']
    staff.post('/service/v1/requests', {'request': {**ASK['request'], 'project_id': project}}, 201)
    events = staff.get(f'/service/v1/events?project_id={project}&action=request.request.create')['events']
    assert any(e['outcome'] == 'refused' and e['reason'] == 'request-rate' for e in events)
    clock.set_offset(clock.offset() + wait)
    master.post(path + '/withdraw')


def test_incidents_are_reported_and_written_to_so_often_an_hour(master):
    made = master.post('/service/v1/incidents', TELL, 201)['incident']
    path = f"/service/v1/incidents/{made['id']}"
    for _ in range(2):
        master.post(path + '/messages', {'message': {'text': 'm'}})
    refused(master.call('POST', '/service/v1/incidents', TELL, 429), 'incident-rate')
    refused(master.call('POST', path + '/messages', {'message': {'text': 'm'}}, 429), 'incident-rate')
    wait = refused(master.call('POST', path + '/attachments?name=x', None, 429, {'Content-Type': 'application/octet-stream'}),
                   'incident-rate')
    clock.set_offset(clock.offset() + wait)
    master.post(path + '/messages', {'message': {'text': 'm'}})
    clock.set_offset(0)


def test_a_customer_leaves_the_others_their_room_in_an_incident(admin, alpha, beta):
    staff, customer, other = Caller(admin), Caller(alpha), Caller(beta)
    made = staff.do('POST', '/incidents', 201, incident={
        'title': 'shared', 'text': 't', 'cause': 'provider', 'project_ids': [c.current_project_id for c in (alpha, beta)]})
    staff.do('POST', f'/incidents/{made["id"]}/confirm', confirm={'cause': 'provider'})
    block = b'x' * (8 << 20)
    for n in range(12):  # 96 of the 100 MiB of one side
        attach(customer, made['id'], f'{n}', block)
    attach(customer, made['id'], 'too much', block, 409)
    attach(customer, made['id'], 'fits', block[:4 << 20])
    attach(other, made['id'], 'mine', block)
    attach(staff, made['id'], 'ours', block)
