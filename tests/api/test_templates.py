# SPDX-License-Identifier: Apache-2.0
"""Templates of what operators write: they fit the forms, and nothing is published that they left open."""
import datetime
import re

import pytest
from callers import Api


@pytest.fixture(scope='module')
def staff(admin):
    return Api(admin)


@pytest.fixture(scope='module')
def templates(staff):
    return {t['slug']: t for t in staff.ok('GET', '/templates')['templates']}


def fill(template, text):
    for one in template['placeholders']:
        text = text.replace('{%s}' % one['name'], one['title_en'])
    assert not re.search(r'\{[a-z]+\}', text)
    return text


def texts(template, filled=True):
    return {(t['field'], lang): fill(template, t[lang]) if filled else t[lang] for t in template['texts'] for lang in ('ja', 'en')}


def test_there_is_one_for_each_occasion(staff, templates, alpha):
    assert {t['use'] for t in templates.values()} == {'notice', 'word', 'report'}
    assert {'maintenance', 'emergency', 'service-change', 'end-of-support', 'vulnerability', 'first-report', 'interim'} <= set(templates)
    words = staff.ok('GET', '/templates?use=word')['templates']
    assert words and all(t['use'] == 'word' for t in words)
    assert Api(alpha)('GET', '/templates').status_code == 404  # the provider's own


def test_every_notice_is_drafted_and_none_is_published_before_it_is_filled_in(staff, templates, alpha):
    for template in (t for t in templates.values() if t['use'] == 'notice'):
        raw, good = texts(template, False), texts(template)
        notice = {f'{field}_{lang}': text for (field, lang), text in raw.items()}
        begin = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=400)
        made = staff.ok('POST', '/notices', {'notice': {
            **notice, 'kind': template['kind'], 'impact': template['impact'], 'needs_ack': template['needs_ack'],
            'emergency': template['emergency'], 'project_ids': [alpha.current_project_id],
            **({'starts_at': begin.strftime('%Y-%m-%dT13:00:00Z')} if template['kind'] != 'information' else {}),
            **({'ends_at': begin.strftime('%Y-%m-%dT15:00:00Z')} if template['kind'] in ('maintenance', 'change') else {})}})['notice']
        refused = staff.refused(409, 'POST', f"/notices/{made['id']}/publish")
        assert refused['slug'] == 'template-placeholder' and re.search(r"'\{[a-z]+\}' \(", refused['detail'])
        staff.ok('PATCH', f"/notices/{made['id']}", {'notice': {f'{field}_{lang}': text for (field, lang), text in good.items()}})
        shown = staff.ok('POST', f"/notices/{made['id']}/publish")['notice']
        assert shown['state'] == 'published'
    again = staff.refused(409, 'PATCH', f"/notices/{made['id']}", {'notice': {'body_en': 'because of {reason}'}})
    assert again['slug'] == 'template-placeholder'


def test_incidents_are_told_of_by_templates(staff, templates, alpha):
    made = staff.ok('POST', '/incidents', {'incident': {
        'title': 'disk', 'text': 'internal {cause}', 'cause': 'provider', 'project_ids': [alpha.current_project_id]}})['incident']
    path = f"/incidents/{made['id']}"
    staff.ok('POST', path + '/confirm', {'confirm': {'text': 'seen'}})
    first, last = templates['first-report'], templates['report-fault']
    raw = texts(first, False)['text', 'ja']
    assert staff.refused(409, 'POST', path + '/notify', {'notify': {'text': raw}})['slug'] == 'template-placeholder'
    staff.ok('POST', path + '/update', {'update': {'text': raw, 'visibility': 'internal'}})  # a draft among colleagues
    assert staff.refused(409, 'POST', path + '/update', {'update': {'text': raw, 'visibility': 'customer'}})['slug'] == 'template-placeholder'
    staff.ok('POST', path + '/notify', {'notify': {'text': fill(first, raw)}})
    staff.ok('POST', path + '/resolve', {'resolve': {'text': fill(templates['restored'], texts(templates['restored'])['text', 'en'])}})
    report = {field + ('_en' if lang == 'en' else ''): text for (field, lang), text in texts(last, False).items()}
    assert staff.refused(409, 'POST', path + '/close', {'close': {'report': report}})['slug'] == 'template-placeholder'
    report = {name: fill(last, text) for name, text in report.items()}
    assert staff.ok('POST', path + '/close', {'close': {'report': report}})['incident']['state'] == 'closed'
