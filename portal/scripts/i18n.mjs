// SPDX-License-Identifier: Apache-2.0
// node scripts/i18n.mjs check    fails when po/ja.po is not exactly the set of messages in src/, complete,
//                                with the same named holes, and in the words of docs/glossary.md
// node scripts/i18n.mjs extract  rewrites po/ja.po: new messages added (empty), unused ones removed
//
// Messages are found with the TypeScript parser: t("…"), tn("one","many"), tc("context","…"), and the
// markers N_("…") and NC_("context","…"). Keys must be literals, so that nothing escapes the catalogue.
import { readFileSync, writeFileSync, readdirSync, existsSync } from "node:fs";
import { join, relative, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { parsePo, formatPo, keyOf } from "./po.mjs";

const portal = join(dirname(fileURLToPath(import.meta.url)), "..");
const poFile = join(portal, "po", "ja.po");
const glossaryFile = join(portal, "..", "docs", "glossary.md");
const HEADER =
  "Project-Id-Version: akashi portal\nLanguage: ja\nMIME-Version: 1.0\n" +
  "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n" +
  "Plural-Forms: nplurals=1; plural=0;\n";

/** Where the arguments of each marker stand: index of context, msgid and plural (-1: none). */
const MARKERS = {
  t: [-1, 0, -1],
  N_: [-1, 0, -1],
  tc: [0, 1, -1],
  NC_: [0, 1, -1],
  tn: [-1, 0, 1],
};

function sources(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((item) => {
    const path = join(dir, item.name);
    if (item.isDirectory()) {
      return sources(path);
    }
    return /\.tsx?$/.test(item.name) && !/\.test\.tsx?$/.test(item.name) ? [path] : [];
  });
}

export function extractFrom(path, text, problems) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found = [];
  const literal = (node) => (node && ts.isStringLiteralLike(node) ? node.text : null);
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const places = MARKERS[node.expression.text];
      if (places && !path.endsWith("i18n/index.ts")) {
        const [context, msgid, plural] = places.map((i) => (i < 0 ? "" : literal(node.arguments[i])));
        if (context === null || msgid === null || plural === null) {
          const { line } = file.getLineAndCharacterOfPosition(node.getStart());
          problems.push(`${path}:${line + 1}: ${node.expression.text}() needs literal strings`);
        } else {
          found.push({ context, msgid, plural: plural || null });
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function extractAll(problems) {
  const messages = new Map();
  for (const path of sources(join(portal, "src")).sort()) {
    const name = relative(portal, path);
    for (const m of extractFrom(name, readFileSync(path, "utf8"), problems)) {
      const key = keyOf(m.context, m.msgid);
      const known = messages.get(key);
      if (known) {
        known.plural ??= m.plural;
        if (!known.references.includes(name)) {
          known.references.push(name);
        }
      } else {
        messages.set(key, { ...m, references: [name], msgstr: [""], fuzzy: false });
      }
    }
  }
  return messages;
}

const holesOf = (text) => [...new Set(text.match(/\{[a-z_0-9]+\}/gi) ?? [])].sort().join(" ");

/** Rows of the glossary's tables: | English | Japanese | never write |. */
export function readGlossary(text) {
  return text
    .split("\n")
    .filter((line) => /^\|/.test(line) && !/^\|\s*(-|English)/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .map(([en, ja, never]) => ({
      en,
      ja: ja.split(/\s*,\s*/),
      never: (never ?? "").split(/\s*,\s*/).filter(Boolean),
    }));
}

export function glossaryProblems(entries, glossary) {
  const problems = [];
  for (const e of entries.filter((x) => x.msgid !== "")) {
    for (const term of glossary) {
      const word = new RegExp(`(^|[^A-Za-z{_])${term.en}(s|es)?([^A-Za-z}_]|$)`, "i");
      if (word.test(e.msgid) && !term.ja.some((ja) => e.msgstr[0].includes(ja))) {
        problems.push(`"${e.msgid}": “${term.en}” is ${term.ja.join(" or ")} in Japanese`);
      }
      for (const bad of term.never) {
        if (e.msgstr[0].includes(bad)) {
          problems.push(`"${e.msgid}": write ${term.ja[0]}, not ${bad}`);
        }
      }
    }
  }
  return problems;
}

export function catalogueProblems(messages, entries) {
  const problems = [];
  const seen = new Set();
  for (const e of entries.filter((x) => x.msgid !== "")) {
    const key = keyOf(e.context, e.msgid);
    if (seen.has(key)) {
      problems.push(`ja.po has "${e.msgid}" twice`);
    }
    seen.add(key);
    if (!messages.has(key)) {
      problems.push(`ja.po has "${e.msgid}", which src/ no longer uses`);
    } else if (!e.msgstr[0]) {
      problems.push(`ja.po lacks a translation of "${e.msgid}"`);
    } else if (holesOf(e.msgid + (e.plural ?? "")) !== holesOf(e.msgstr[0])) {
      problems.push(`"${e.msgid}": holes differ: ${holesOf(e.msgid)} | ${holesOf(e.msgstr[0])}`);
    }
    if (e.fuzzy) {
      problems.push(`"${e.msgid}" is marked fuzzy`);
    }
  }
  for (const [key, m] of messages) {
    if (!seen.has(key)) {
      problems.push(`ja.po lacks "${m.msgid}" (${m.references[0]})`);
    }
  }
  return problems;
}

function main(command) {
  const problems = [];
  const messages = extractAll(problems);
  const old = existsSync(poFile) ? parsePo(readFileSync(poFile, "utf8")) : [];
  if (command === "extract") {
    const translated = new Map(old.map((e) => [keyOf(e.context, e.msgid), e.msgstr]));
    const header = { context: "", msgid: "", plural: null, msgstr: [HEADER], references: [] };
    const entries = [...messages.entries()].map(([key, m]) => ({
      ...m,
      msgstr: translated.get(key) ?? [""],
    }));
    writeFileSync(poFile, formatPo([header, ...entries]));
    const missing = entries.filter((e) => !e.msgstr[0]);
    console.log(`${entries.length} messages, ${missing.length} untranslated`);
  } else {
    problems.push(...catalogueProblems(messages, old));
    if (problems.length === 0) {
      problems.push(...glossaryProblems(old, readGlossary(readFileSync(glossaryFile, "utf8"))));
    }
    console.log(`i18n: ${messages.size} messages, ${problems.length} problems`);
  }
  for (const problem of problems) {
    console.error(problem);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv[2] ?? "check");
}
