// SPDX-License-Identifier: Apache-2.0
/* Messages in gettext's manner: the English text is the key, po/ja.po has the Japanese. Whole sentences
 * with named holes, never concatenation; literal keys only, so that scripts/i18n.mjs can find them all. */
import { useSyncExternalStore } from "react";

export type Language = "ja" | "en";
export type Holes = Record<string, string | number>;
type Catalogue = Record<string, string>;

export const LANGUAGES: { code: Language; name: string }[] = [
  { code: "ja", name: "日本語" },
  { code: "en", name: "English" },
];

const STORAGE_KEY = "akashi.language";
let current: Language = "ja";
let catalogue: Catalogue = {};
const listeners = new Set<() => void>();

function fill(text: string, holes: Holes | undefined): string {
  return holes === undefined
    ? text
    : text.replace(/\{([a-z_0-9]+)\}/gi, (all, name: string) => String(holes[name] ?? all));
}

/** The text of 'msgid' in the current language. */
export function t(msgid: string, holes?: Holes): string {
  return fill(catalogue[msgid] ?? msgid, holes);
}

/** As t(), for a word that needs a context to be translated: tc("verb", "Start"). */
export function tc(context: string, msgid: string, holes?: Holes): string {
  return fill(catalogue[`${context}\u0004${msgid}`] ?? msgid, holes);
}

/** As t(), by number: tn("{n} server", "{n} servers", count). The hole {n} is filled. */
export function tn(one: string, many: string, n: number, holes?: Holes): string {
  const english = new Intl.PluralRules("en").select(n) === "one" ? one : many;
  return fill(catalogue[one] ?? english, { n: formatNumber(n), ...holes });
}

/** Marks a message for translation where tr() will look it up later (tables). */
export function N_(msgid: string): string {
  return msgid;
}

/** As N_(), with a context. */
export function NC_(context: string, msgid: string): string {
  return `${context}\u0004${msgid}`;
}

/** The text of a message marked by N_() or NC_(). */
export function tr(marked: string, holes?: Holes): string {
  return fill(catalogue[marked] ?? marked.slice(marked.indexOf("\u0004") + 1), holes);
}

export function language(): Language {
  return current;
}

/** The stored choice, else the browser's first language that we speak, else Japanese. */
export function preferredLanguage(): Language {
  const known = (tag: string): Language | undefined =>
    LANGUAGES.find(({ code }) => tag.toLowerCase().split("-")[0] === code)?.code;
  const stored = known(localStorage.getItem(STORAGE_KEY) ?? "");
  return stored ?? navigator.languages.map(known).find((code) => code !== undefined) ?? "ja";
}

/** Loads the catalogue of 'code', sets <html lang>, and re-renders every user of useLanguage(). */
export async function setLanguage(code: Language, remember = false): Promise<void> {
  catalogue = code === "ja" ? (await import("../../po/ja.po")).default : {};
  current = code;
  document.documentElement.lang = code;
  if (remember) {
    localStorage.setItem(STORAGE_KEY, code);
  }
  for (const notify of listeners) {
    notify();
  }
}

/** The current language; the component renders again when it changes. */
export function useLanguage(): Language {
  return useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, language);
}

/* -- numbers and dates, by Intl, with the time zone shown -- */

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(current).format(value);
}

/** 'mib' MiB as MiB or GiB, whichever reads better. */
export function formatMib(mib: number): string {
  const gib = mib / 1024;
  return mib >= 1024 ? `${formatNumber(Math.round(gib * 10) / 10)} GiB` : `${formatNumber(mib)} MiB`;
}

/** 'bytes' with a binary unit. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${formatNumber(Math.ceil(bytes / 1024))} KiB` : formatMib(Math.round(bytes / 1048576));
}

/** OpenStack times are UTC, some without saying so. */
export function parseTime(text: string): Date {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

/* The name of the zone: Intl knows "JST" in Japanese only. */
const written = (format: Intl.DateTimeFormat, at: Date): string =>
  format.formatToParts(at).map((part) => (part.type === "timeZoneName" && part.value === "GMT+9" ? "JST" : part.value)).join("");

export function formatTime(text: string): string {
  const format = new Intl.DateTimeFormat(current, {
    year: "numeric", month: current === "ja" ? "2-digit" : "short", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  return written(format, parseTime(text));
}

/** How long ago, in words: “3 minutes ago”. */
export function formatAgo(text: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - parseTime(text).getTime()) / 1000));
  const format = new Intl.RelativeTimeFormat(current, { numeric: "auto" });
  const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
  for (const [unit, size] of units) {
    if (seconds >= size) {
      return format.format(-Math.floor(seconds / size), unit);
    }
  }
  return format.format(-seconds, "second");
}

/** A day, "2026-11-22", as it is written here; no zone is involved. */
export function formatDay(day: string): string {
  return new Intl.DateTimeFormat(current, { dateStyle: current === "ja" ? "long" : "medium", timeZone: "UTC" }).format(new Date(`${day.slice(0, 10)}T00:00:00Z`));
}

/** The day, where the reader is, of a moment. */
export function localDay(text: string): string {
  return new Intl.DateTimeFormat("sv-SE").format(parseTime(text));
}

/** To the minute, with the zone: for plans and deadlines. */
export function formatMinute(text: string): string {
  const format = new Intl.DateTimeFormat(current, {
    year: "numeric", month: current === "ja" ? "2-digit" : "short", day: "2-digit",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  return written(format, parseTime(text));
}

/** From when to when, to the minute; the day of the end is left out when it is the same. */
export function formatSpan(from: string, to: string): string {
  const day = new Intl.DateTimeFormat(current, { year: "numeric", month: current === "ja" ? "2-digit" : "short", day: "2-digit" });
  const time = new Intl.DateTimeFormat(current, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [first, last] = [parseTime(from), parseTime(to)];
  const dash = current === "ja" ? "～" : " – ";
  return day.format(first) === day.format(last)
    ? `${day.format(first)} ${time.format(first)}${dash}${formatMinute(to).slice(day.format(last).length).replace(/^[,\s]+/, "")}`
    : `${day.format(first)} ${time.format(first)}${dash}${formatMinute(to)}`;
}

/** What is known of a begin and an end; null when there is no begin. */
export function formatWhen({ starts_at, ends_at }: { starts_at: string | null; ends_at: string | null }): string | null {
  if (!starts_at) {
    return null;
  }
  return ends_at ? formatSpan(starts_at, ends_at) : formatMinute(starts_at);
}

/** How far away, before or after now: “in 3 hours”, “2 days ago”. */
export function formatRelative(text: string, now = Date.now()): string {
  const seconds = Math.round((parseTime(text).getTime() - now) / 1000);
  const format = new Intl.RelativeTimeFormat(current, { numeric: "always" });
  const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) {
      return format.format(Math.trunc(seconds / size), unit);
    }
  }
  return format.format(seconds, "second");
}

type Bilingual<N extends string> = { [K in `${N}_ja` | `${N}_en`]?: string | null | undefined };

/** The text 'name' of an object that has it in both languages (title_ja, title_en): the current one, else the other. */
export function both<N extends string>(object: Bilingual<N>, name: N): string {
  const texts = object as Record<string, string | null | undefined>;
  const other = current === "ja" ? "en" : "ja";
  return texts[`${name}_${current}`] || texts[`${name}_${other}`] || "";
}
