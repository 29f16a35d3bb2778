#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule of gen-sql.py refuses what it is there to refuse."""
import importlib.util
import os
import sys
import unittest

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location('gen_sql', os.path.join(here, 'gen-sql.py'))
gen = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gen)


def parse(scope, text):
    return gen.parse(f'-- name: x\n-- scope: {scope}\n{text}\n')


class Rules(unittest.TestCase):
    def refuses(self, scope, text, part):
        with self.assertRaisesRegex(gen.Refused, part):
            parse(scope, text)

    def test_project_scope_needs_the_condition(self):
        self.refuses('project', 'SELECT a FROM t WHERE id = $1', 'project_id')
        self.refuses('project', 'SELECT project_id FROM t WHERE id = $1', 'project_id')
        self.assertEqual(parse('project', 'SELECT a FROM t WHERE s.project_id = $1')[0][3], 1)

    def test_project_scope_is_not_fooled_by_a_string(self):
        self.refuses('project', "SELECT 'project_id = $1' FROM t WHERE id = $1", 'project_id')

    def test_project_scope_may_name_its_column(self):
        self.refuses('project owner', 'SELECT a FROM t WHERE project_id = $1', 'owner')
        parse('project owner', 'SELECT a FROM t WHERE owner = $1')

    def test_insert_must_fill_the_scope_column(self):
        self.refuses('project', 'INSERT INTO t (id) VALUES ($1)', 'project_id')
        parse('project', 'INSERT INTO t (id, project_id) VALUES ($1, $2)')

    def test_cloud_scope_needs_a_reason(self):
        self.refuses('cloud', 'SELECT 1', 'scope')
        self.refuses('cloud:', 'SELECT 1', 'scope')
        parse('cloud: operators', 'SELECT 1')

    def test_scope_line_is_required(self):
        with self.assertRaisesRegex(gen.Refused, 'scope'):
            gen.parse('-- name: x\nSELECT 1\n')

    def test_names_are_unique(self):
        with self.assertRaisesRegex(gen.Refused, 'twice'):
            gen.parse('-- name: x\n-- scope: cloud: a\nSELECT 1\n' * 2)

    def test_parameters_are_contiguous(self):
        self.refuses('cloud: a', 'SELECT $1, $3', 'parameters')
        self.refuses('cloud: a', 'SELECT $2', 'parameters')

    def test_only_one_dialect(self):
        for text in ('SELECT 1 FOR UPDATE', "SELECT a ILIKE 'b'", 'SELECT 1::int', 'SELECT now()',
                     'INSERT OR IGNORE INTO t VALUES (1)', 'SELECT ?', 'SELECT "a"'):
            self.refuses('cloud: a', text, 'x: ')

    def test_only_one_statement_and_known_holes(self):
        self.refuses('cloud: a', 'SELECT 1; SELECT 2', 'more than one')
        self.refuses('cloud: a', 'SELECT 1 {order}', 'hole')

    def test_unused_statements_are_found(self):
        found = parse('cloud: a', 'SELECT 1')
        self.assertEqual(gen.unused(found, ['&sql_y, &sql_xx']), ['x'])
        self.assertEqual(gen.unused(found, ['f(&sql_x)']), [])


if __name__ == '__main__':
    unittest.main()
