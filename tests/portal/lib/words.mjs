// SPDX-License-Identifier: Apache-2.0
// The portal's own texts by language, so that one test reads both: wordsIn("ja")("Agree"). A text with a context is found by
// "context|Text", or first in the context that wordsIn() was given; verbs are tried last. A text that the portal does not have is
// an error.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { catalogueOf, parsePo } from "../../../portal/scripts/po.mjs";

const japanese = catalogueOf(parsePo(readFileSync(new URL("../../../portal/po/ja.po", import.meta.url), "utf8")));

export function wordsIn(language, context = "") {
  return (text, holes = {}) => {
    const keys = [`${context}\u0004${text}`, text.replace("|", "\u0004"), `verb\u0004${text}`];
    const key = keys.find((one) => one in japanese);
    assert.ok(key, `the portal has no text "${text}"`);
    const found = language === "ja" ? japanese[key] : key.slice(key.indexOf("\u0004") + 1);
    return found.replace(/\{([a-z_0-9]+)\}/gi, (all, name) => String(holes[name] ?? all));
  };
}
