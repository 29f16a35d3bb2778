// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from "vitest";
import { formatAgo, formatMib, formatTime, language, NC_, parseTime, preferredLanguage, setLanguage, t, tc, tn, tr } from ".";

beforeEach(async () => {
  localStorage.clear();
  await setLanguage("en");
});

describe("messages", () => {
  test("holes are filled by name, unknown ones stay", () => {
    expect(t("Delete {name}?", { name: "web1" })).toBe("Delete web1?");
    expect(t("Delete {name}?", { other: 1 })).toBe("Delete {name}?");
  });

  test("Japanese comes from ja.po, and <html lang> follows", async () => {
    await setLanguage("ja");
    expect(t("Servers")).toBe("サーバ");
    expect(tc("verb", "Start")).toBe("起動");
    expect(tr(NC_("state", "Stopped"))).toBe("停止");
    expect(document.documentElement.lang).toBe("ja");
    expect(language()).toBe("ja");
  });

  test("a marked message without its translation is its English text", () => {
    expect(tr(NC_("state", "Stopped"))).toBe("Stopped");
  });

  test("the English plural follows the number", () => {
    expect(tn("{n} thing", "{n} things", 1)).toBe("1 thing");
    expect(tn("{n} thing", "{n} things", 1200)).toBe("1,200 things");
  });

  test("a choice that was remembered wins over the browser's language", async () => {
    await setLanguage("ja", true);
    expect(preferredLanguage()).toBe("ja");
  });
});

describe("numbers and times", () => {
  test("memory reads in MiB below one GiB", () => {
    expect(formatMib(512)).toBe("512 MiB");
    expect(formatMib(1536)).toBe("1.5 GiB");
  });

  test("a time without a zone is UTC", () => {
    expect(parseTime("2026-11-20T01:02:03.000000").toISOString()).toBe("2026-11-20T01:02:03.000Z");
    expect(parseTime("2026-11-20T01:02:03Z").toISOString()).toBe("2026-11-20T01:02:03.000Z");
    expect(parseTime("2026-11-20T10:02:03+09:00").toISOString()).toBe("2026-11-20T01:02:03.000Z");
  });

  test("a shown time names its zone", () => {
    expect(formatTime("2026-11-20T01:02:03Z")).toMatch(/2026.*(GMT|UTC|[A-Z]{3,4})/);
  });

  test("ages are in the largest whole unit", () => {
    const now = Date.parse("2026-11-20T12:00:00Z");
    expect(formatAgo("2026-11-20T11:57:10Z", now)).toBe("2 minutes ago");
    expect(formatAgo("2026-11-18T11:00:00Z", now)).toBe("2 days ago");
    expect(formatAgo("2026-11-20T12:00:05Z", now)).toBe("now");
  });
});
