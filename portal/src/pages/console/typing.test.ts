// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { keysOf } from "./typing";

test("every printable ASCII character has a key of its own", () => {
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
  const { keys, missing } = keysOf(ascii);
  expect(missing).toEqual([]);
  expect(keys.map((key) => String.fromCharCode(key.keysym)).join("")).toBe(ascii);
  expect(new Set(keys.map((key) => `${key.code} ${String(key.shift)}`)).size).toBe(95);
});

test("capitals and signs need Shift, small letters and digits do not", () => {
  const { keys } = keysOf("aA1! ");
  expect(keys.map((key) => key.shift)).toEqual([false, true, false, true, false]);
});

test("line ends of every system are one Enter", () => {
  expect(keysOf("a\r\nb\rc\n").keys.filter((key) => key.code === "Enter")).toHaveLength(3);
});

test("what a US keyboard lacks is named once", () => {
  expect(keysOf("あいあ").missing).toEqual(["あ", "い"]);
});
