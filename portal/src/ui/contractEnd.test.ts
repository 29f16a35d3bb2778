// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { earliestEnd, earliestEndText, exportFailure, isTooLateToCancel, tokyoDay } from "./contractEnd";

const ERRORS = readFileSync("../src/base/errors.def", "utf8");
const textOf = (name: string) => new RegExp(`AK_ERROR\\(${name},[^"]*"[^"]*", "[^"]*", \\w+,\\s*"([^"]*)"`).exec(ERRORS)?.[1]?.replace("{0}", "2048").replace("{1}", "1024") ?? "";

test("why a kit was not made is said in the reader's language, by the daemon's own texts", () => {
  for (const name of ["AK_EXPORT_SPACE", "AK_EXPORT_SIZE"]) {
    const text = textOf(name);
    expect(text).not.toBe("");
    expect(exportFailure(text)).not.toBe(text);
  }
  expect(exportFailure("Something else.")).toBe("Something else.");
});

test("a cancellation of today ends after the notice, unless the contract ends before", () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-22T14:59:59Z") }); /* a second before midnight there */
  expect(earliestEnd(30)).toBe("2026-12-22");
  expect(isTooLateToCancel({ ends_on: null }, 30)).toBe(false);
  expect(isTooLateToCancel({ ends_on: tokyoDay(Date.now(), 29) }, 30)).toBe(true);
  expect(isTooLateToCancel({ ends_on: tokyoDay(Date.now(), 30) }, 30)).toBe(false);
  expect(earliestEndText({ ends_on: null }, 0)).not.toBe(earliestEndText({ ends_on: null }, 30));
  vi.useRealTimers();
});

test("a day of Tokyo begins there", () => {
  expect(tokyoDay(Date.parse("2026-11-22T15:00:00Z"))).toBe("2026-11-23");
  expect(tokyoDay(Date.parse("2026-11-22T14:59:59Z"))).toBe("2026-11-22");
});
