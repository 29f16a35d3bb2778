// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import { expect, test } from "vitest";
import { catalogueProblems, extractFrom, glossaryProblems, readGlossary } from "./i18n.mjs";
import { catalogueOf, formatPo, parsePo } from "./po.mjs";

const PO = `msgid ""
msgstr "Language: ja\\n"

#: src/a.tsx
msgctxt "verb"
msgid "Start"
msgstr "起動"

msgid "Line\\n\\"two\\" {n}"
msgstr ""
"行\\n"
"二 {n}"
`;

test("a .po file is read and written without a loss", () => {
  const entries = parsePo(PO);
  expect(catalogueOf(entries)).toEqual({ "verb\u0004Start": "起動", 'Line\n"two" {n}': "行\n二 {n}" });
  expect(parsePo(formatPo(entries))).toEqual(entries);
});

test("what cannot be read is refused with its line", () => {
  expect(() => parsePo("msgid nothing")).toThrow(/line 1/);
  expect(() => parsePo('#~ msgid "old"')).toThrow(/obsolete/);
});

test("messages are found; a key that is not a literal is a problem", () => {
  const problems = [];
  const found = extractFrom("src/a.tsx", 't("A"); tc("verb", "B"); tn("{n} c", "{n} cs", 2); t(x); N_("D")', problems);
  expect(found.map((m) => m.msgid)).toEqual(["A", "B", "{n} c", "D"]);
  expect(problems).toHaveLength(1);
});

const message = (msgid) => [msgid, { msgid, plural: null, references: ["src/a.tsx"] }];

test("a missing, an unused, an empty and a wrong-holed translation are each a problem", () => {
  const entries = parsePo('msgid "Unused"\nmsgstr "x"\n\nmsgid "Empty"\nmsgstr ""\n\nmsgid "Hole {a}"\nmsgstr "{b}"\n');
  const messages = new Map([message("Missing"), message("Empty"), message("Hole {a}")]);
  expect(catalogueProblems(messages, entries)).toHaveLength(4);
});

test("the glossary's words are kept, its forbidden ones are not", () => {
  const glossary = readGlossary("| English | Japanese | never write |\n|---|---|---|\n| server | サーバ | サーバー |\n");
  const check = (msgid, ja) => glossaryProblems(parsePo(`msgid "${msgid}"\nmsgstr "${ja}"\n`), glossary);
  expect(check("Two servers", "サーバ 2 台")).toEqual([]);
  expect(check("Two servers", "機械 2 台")).toHaveLength(1);
  expect(check("Two servers", "サーバー 2 台")).toHaveLength(1);
  expect(check("Observer", "観察者")).toEqual([]);
});
