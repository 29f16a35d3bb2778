// SPDX-License-Identifier: Apache-2.0
/* Text as key presses on a US keyboard, the one that a virtual machine has unless its owner changes it. */

export interface KeyPress {
  keysym: number;
  code: string;
  shift: boolean;
}

const ENTER = 0xff0d;
const TAB = 0xff09;

/* per physical key: its character without and with Shift */
const KEYS: [string, string, string][] = [
  ["Backquote", "`", "~"], ["Minus", "-", "_"], ["Equal", "=", "+"], ["BracketLeft", "[", "{"], ["BracketRight", "]", "}"],
  ["Backslash", "\\", "|"], ["Semicolon", ";", ":"], ["Quote", "'", '"'], ["Comma", ",", "<"], ["Period", ".", ">"],
  ["Slash", "/", "?"], ["Space", " ", " "],
  ...[..."1234567890"].map((digit, i): [string, string, string] => [`Digit${digit}`, digit, "!@#$%^&*()".charAt(i)]),
  ...[..."abcdefghijklmnopqrstuvwxyz"].map((letter): [string, string, string] => {
    const upper = letter.toUpperCase();
    return [`Key${upper}`, letter, upper];
  }),
];

const BY_CHARACTER = new Map<string, KeyPress>();
for (const [code, plain, shifted] of KEYS) {
  BY_CHARACTER.set(shifted, { keysym: shifted.charCodeAt(0), code, shift: true });
  BY_CHARACTER.set(plain, { keysym: plain.charCodeAt(0), code, shift: false });
}
BY_CHARACTER.set("\n", { keysym: ENTER, code: "Enter", shift: false });
BY_CHARACTER.set("\t", { keysym: TAB, code: "Tab", shift: false });

/** The key presses for 'text', and the characters that such a keyboard does not have. */
export function keysOf(text: string): { keys: KeyPress[]; missing: string[] } {
  const keys: KeyPress[] = [];
  const missing = new Set<string>();
  for (const character of text.replace(/\r\n?/g, "\n")) {
    const key = BY_CHARACTER.get(character);
    if (key) {
      keys.push(key);
    } else {
      missing.add(character);
    }
  }
  return { keys, missing: [...missing] };
}
