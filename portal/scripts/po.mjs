// SPDX-License-Identifier: Apache-2.0
// Reads and writes the gettext .po subset that the portal uses: msgctxt, msgid, msgid_plural, msgstr,
// msgstr[n], "#:" references and "#." notes. Used by the Vite plugin, by i18n.mjs and by the tests.

/** Joins context and msgid into the key used in catalogues, as gettext's .mo files do. */
export function keyOf(context, msgid) {
  return context ? `${context}\u0004${msgid}` : msgid;
}

function unquote(text, line) {
  const match = /^"((?:[^"\\]|\\.)*)"$/.exec(text.trim());
  if (!match) {
    throw new Error(`po line ${line}: not a quoted string: ${text}`);
  }
  return match[1].replace(/\\(.)/g, (_all, c) => ({ n: "\n", t: "\t" })[c] ?? c);
}

function quote(text) {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t")}"`;
}

/** Returns the entries of a .po text in file order; the header is the entry with an empty msgid. */
export function parsePo(text) {
  const entries = [];
  let entry = null;
  let append = null;
  const begin = () => {
    entry = { context: "", msgid: null, plural: null, msgstr: [], references: [], fuzzy: false };
    entries.push(entry);
  };
  text.split("\n").forEach((raw, index) => {
    const line = raw.trim();
    const number = index + 1;
    if (line === "") {
      entry = null;
      append = null;
      return;
    }
    if (line.startsWith("#~")) {
      throw new Error(`po line ${number}: remove obsolete entries`);
    }
    if (entry === null) {
      begin();
    }
    if (line.startsWith("#:")) {
      entry.references.push(...line.slice(2).trim().split(/\s+/));
    } else if (line.startsWith("#,")) {
      entry.fuzzy ||= line.includes("fuzzy");
    } else if (line.startsWith("#")) {
      // a note for translators: kept out of the catalogue
    } else if (line.startsWith("msgctxt ")) {
      append = (s) => (entry.context += s);
      append(unquote(line.slice(8), number));
    } else if (line.startsWith("msgid_plural ")) {
      entry.plural = "";
      append = (s) => (entry.plural += s);
      append(unquote(line.slice(13), number));
    } else if (line.startsWith("msgid ")) {
      entry.msgid = "";
      append = (s) => (entry.msgid += s);
      append(unquote(line.slice(6), number));
    } else if (/^msgstr(\[\d+\])? /.test(line)) {
      const form = Number(/^msgstr\[(\d+)\]/.exec(line)?.[1] ?? 0);
      entry.msgstr[form] = "";
      append = (s) => (entry.msgstr[form] += s);
      append(unquote(line.slice(line.indexOf(" ") + 1), number));
    } else if (line.startsWith('"') && append) {
      append(unquote(line, number));
    } else {
      throw new Error(`po line ${number}: cannot read: ${line}`);
    }
  });
  return entries.filter((e) => e.msgid !== null);
}

/** Renders entries as .po text, in the given order. */
export function formatPo(entries) {
  return entries
    .map((e) => {
      const lines = [];
      if (e.references.length > 0) {
        lines.push(`#: ${e.references.join(" ")}`);
      }
      if (e.context) {
        lines.push(`msgctxt ${quote(e.context)}`);
      }
      if (e.msgid === "") {
        lines.push('msgid ""', 'msgstr ""');
        lines.push(...e.msgstr[0].split(/(?<=\n)/).map(quote));
      } else {
        lines.push(`msgid ${quote(e.msgid)}`);
        if (e.plural !== null) {
          lines.push(`msgid_plural ${quote(e.plural)}`, `msgstr[0] ${quote(e.msgstr[0] ?? "")}`);
        } else {
          lines.push(`msgstr ${quote(e.msgstr[0] ?? "")}`);
        }
      }
      return lines.join("\n");
    })
    .join("\n\n")
    .concat("\n");
}

/** The catalogue the browser loads: key → translated text (Japanese has one plural form). */
export function catalogueOf(entries) {
  const catalogue = {};
  for (const e of entries) {
    if (e.msgid !== "" && e.msgstr[0]) {
      catalogue[keyOf(e.context, e.msgid)] = e.msgstr[0];
    }
  }
  return catalogue;
}
