#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SQL files to C, with the rules of the dialect checked on the way.

  gen-sql.py statements X.sql OUT.h OUT_all.c [DEPFILE]
  gen-sql.py migrations OUT.c FILE.sql...

A statement is headed by '-- name: server_by_id' and '-- scope: …', and ends at the next head.
Scopes: 'project' (limited by project_id), 'project COLUMN' (limited by another column, as Glance's
owner), 'cloud: REASON' (sees every customer, and why). OUT.h gets a static constant sql_<name> each,
OUT_all.c the table <domain>_sql_all of the prepare test. A statement that no source beside X.sql uses
is an error, so dead ones are found.
"""
import hashlib
import os
import re
import sys


class Refused(Exception):
    """A statement that breaks a rule; the text names file, statement and rule."""


# What only one of the two engines understands, or understands differently.
ONE_ENGINE_ONLY = [
    (r'\bFOR\s+UPDATE\b', 'FOR UPDATE is PostgreSQL only'),
    (r'\bILIKE\b', 'ILIKE is PostgreSQL only'),
    (r'::', '"::" is PostgreSQL only; use CAST'),
    (r'\bINSERT\s+OR\b', 'INSERT OR is SQLite only; use ON CONFLICT'),
    (r'\bREPLACE\s+INTO\b', 'REPLACE INTO is SQLite only; use ON CONFLICT'),
    (r'\bNOW\s*\(', 'times are parameters'),
    (r'\bCURRENT_TIMESTAMP\b', 'times are parameters'),
    (r'\bGLOB\b', 'GLOB is SQLite only'),
    (r'\?', 'parameters are $1, $2, …'),
    (r'"', 'double quotes: SQLite takes an unknown name for a string'),
]


def without_strings(text):
    return re.sub(r"'(?:[^']|'')*'", "''", text)


def insert_columns(text):
    m = re.match(r'\s*INSERT\s+INTO\s+\w+\s*\(([^)]*)\)', text, re.I)
    return [c.strip() for c in m.group(1).split(',')] if m else []


def scope_ok(scope, text):
    """Whether the text obeys its scope: '' or the reason why not."""
    if re.match(r'cloud: *\S', scope):
        return ''
    m = re.fullmatch(r'project(?: (\w+))?', scope)
    if not m:
        return 'scope must be "project", "project COLUMN" or "cloud: reason"'
    column = m.group(1) or 'project_id'
    if re.search(r'\b%s\s*=\s*\$\d+' % column, text):
        return ''
    if column in insert_columns(text):
        return ''
    return f'scope is project, but no condition "{column} = $n"'


def check(name, scope, text):
    """Raises Refused when a rule is broken; returns the number of parameters."""
    bare = without_strings(text)
    if not bare.strip():
        raise Refused(f'{name}: empty')
    if ';' in bare:
        raise Refused(f'{name}: more than one statement')
    for pattern, why in ONE_ENGINE_ONLY:
        if re.search(pattern, bare, re.I):
            raise Refused(f'{name}: {why}')
    for hole in re.findall(r'\{[^}]*\}', bare):
        if hole not in ('{filter}', '{page}'):
            raise Refused(f'{name}: unknown hole {hole}')
    numbers = {int(n) for n in re.findall(r'\$(\d+)', bare)}
    if numbers != set(range(1, len(numbers) + 1)):
        raise Refused(f'{name}: parameters are not $1 … ${len(numbers)}')
    if '$' in re.sub(r'\$\d+', '', bare):
        raise Refused(f'{name}: a $ without a number')
    why = scope_ok(scope, bare)
    if why:
        raise Refused(f'{name}: {why}')
    return len(numbers)


def parse(source):
    """[(name, scope, text, n_params)] of an .sql file's text."""
    found, name, scope, lines = [], None, None, []

    def end():
        if name is None:
            return
        if scope is None:
            raise Refused(f'{name}: no "-- scope:" line')
        text = '\n'.join(lines).strip()
        text = text[:-1].rstrip() if text.endswith(';') else text
        found.append((name, scope, text, check(name, scope, text)))

    for line in source.splitlines():
        head = re.match(r'--\s*(name|scope):\s*(.*?)\s*$', line)
        if head and head.group(1) == 'name':
            end()
            name, scope, lines = head.group(2), None, []
            if not re.fullmatch(r'[a-z][a-z0-9_]*', name):
                raise Refused(f'{name}: not a name')
            if name in [f[0] for f in found]:
                raise Refused(f'{name}: named twice')
        elif head:
            if name is None or scope is not None:
                raise Refused(f'{name}: scope without a name, or twice')
            scope = head.group(2)
        else:
            code = re.sub(r'(^|\s)--.*$', '', line).rstrip()
            if code and name is None:
                raise Refused(f'"{code.strip()}" stands before the first "-- name:"')
            if code:
                lines.append(code)
    end()
    return found


def unused(statements, sources):
    """Names that none of the sources (texts) mentions as sql_<name>."""
    used = set()
    for text in sources:
        used.update(re.findall(r'\bsql_(\w+)', text))
    return [s[0] for s in statements if s[0] not in used]


def c_string(text, indent='    '):
    lines = []
    for line in text.split('\n'):
        line = line.replace('\\', '\\\\').replace('"', '\\"')
        lines.append(f'{indent}"{line}\\n"')
    return '\n'.join(lines)


def initialiser(name, scope, text, n):
    one_line = re.sub(r'\s+', ' ', text)
    return (f'{{\n    .name = "{name}",\n    .text =\n{c_string(one_line, "        ")[:-3]}",\n'
            f'    .n_params = {n},\n    .scope = {c_string(scope, "")[:-3]}"}}')


MADE = '/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen-sql.py from {}. */\n'


def statements(path, out_h, out_c, depfile=None):
    domain = os.path.basename(path)[:-4]
    with open(path, encoding='utf-8') as f:
        found = parse(f.read())
    folder = os.path.dirname(os.path.abspath(path))
    names = sorted(n for n in os.listdir(folder) if n.endswith('.c') and not n.endswith('_test.c'))
    sources = []
    for n in names:
        with open(os.path.join(folder, n), encoding='utf-8') as f:
            sources.append(f.read())
    dead = unused(found, sources)
    if dead:
        raise Refused('no source uses ' + ', '.join(dead))
    guard = f'{domain.upper()}_SQL_H'
    with open(out_h, 'w', encoding='utf-8') as f:
        f.write(MADE.format(os.path.basename(path)))
        f.write(f'#ifndef {guard}\n#define {guard}\n#include "store/store.h"\n\n')
        f.write('/* NULL-terminated, for the test that prepares all of them. */\n')
        f.write(f'extern const struct ak_sql *const {domain}_sql_all[];\n')
        for s in found:
            f.write(f'\nstatic const struct ak_sql sql_{s[0]} AK_UNUSED = {initialiser(*s)};\n')
        f.write('\n#endif\n')
    with open(out_c, 'w', encoding='utf-8') as f:
        f.write(MADE.format(os.path.basename(path)))
        f.write(f'#include "store/store.h"\n\nextern const struct ak_sql *const {domain}_sql_all[];\n')
        f.write(f'const struct ak_sql *const {domain}_sql_all[] = {{\n')
        for s in found:
            f.write(f'    &(const struct ak_sql){initialiser(*s)},\n')
        f.write('    NULL};\n')
    if depfile:
        with open(depfile, 'w', encoding='utf-8') as f:
            deps = ' '.join(os.path.join(folder, n).replace(' ', '\\ ') for n in names)
            f.write(f'{out_h} {out_c}: {deps}\n')


def migrations(out_c, paths):
    rows = []
    for path in sorted(paths, key=os.path.basename):
        m = re.fullmatch(r'(\d{4})_([a-z0-9_]+)\.sql', os.path.basename(path))
        if not m:
            raise Refused(f'{path}: not NNNN_name.sql')
        with open(path, 'rb') as f:
            data = f.read()
        if rows and rows[-1][0] == int(m.group(1)):
            raise Refused(f'{path}: number {m.group(1)} is taken twice')
        rows.append((int(m.group(1)), m.group(2), data.decode('utf-8'), hashlib.sha256(data).hexdigest()))
    with open(out_c, 'w', encoding='utf-8') as f:
        f.write(MADE.format('migrations/'))
        f.write('#include "store/store.h"\n\nconst struct ak_migration ak_migrations[] = {\n')
        for number, name, text, digest in rows:
            f.write(f'    {{.number = {number},\n     .name = "{name}",\n     .sha256 = "{digest}",\n')
            f.write(f'     .sql =\n{c_string(text.rstrip())}}},\n')
        f.write('};\nconst size_t ak_migrations_n = AK_N(ak_migrations);\n')


def main(argv):
    if len(argv) >= 5 and argv[1] == 'statements':
        statements(*argv[2:6])
    elif len(argv) >= 4 and argv[1] == 'migrations':
        migrations(argv[2], argv[3:])
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    try:
        main(sys.argv)
    except Refused as e:
        sys.exit(f'gen-sql: {sys.argv[2]}: {e}')
