// SPDX-License-Identifier: Apache-2.0
/* When a contract can end, by the notice of its class, and why an export kit was not made. */
import type { Contract } from "../api/service";
import { formatDay, formatMib, t, tn } from "../i18n";

const DAY_MS = 86_400_000;
export const TOKYO_MS = 9 * 3_600_000;

/** The day in Tokyo, where the dates of a contract begin. */
export function tokyoDay(now = Date.now(), days = 0): string {
  return new Date(now + TOKYO_MS + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first day on which a cancellation of today may end the contract. */
export const earliestEnd = (noticeDays: number | undefined) => tokyoDay(Date.now(), noticeDays ?? 0);

/** It ends by itself before. */
export const isTooLateToCancel = ({ ends_on }: Pick<Contract, "ends_on">, noticeDays: number): boolean => Boolean(ends_on) && (ends_on ?? "") < earliestEnd(noticeDays);

/** In words; a contract that ends sooner by itself is not cancelled. */
export function earliestEndText(contract: Pick<Contract, "ends_on">, noticeDays: number): string {
  const first = earliestEnd(noticeDays);
  if (isTooLateToCancel(contract, noticeDays)) {
    return t("The contract ends on {day} by itself, before a cancellation of today could end it.", { day: formatDay(contract.ends_on ?? first) });
  }
  return noticeDays === 0
    ? t("At once: the contract ends on {day} at the earliest.", { day: formatDay(first) })
    : tn("After {n} day: the contract ends on {day} at the earliest.", "After {n} days: the contract ends on {day} at the earliest.", noticeDays, { day: formatDay(first) });
}

/* what the daemon says of a kit that the disk has no room for, or that would be too large (errors.def): in the reader's language */
const NO_ROOM = /^There is no room for the export kit now: it needs about (\d+) MiB, and (\d+) MiB are free/;
const TOO_LARGE = /^The export kit would be larger than (\d+) GiB/;

export function exportFailure(error: string): string {
  const [, need, free] = NO_ROOM.exec(error) ?? [];
  if (need !== undefined && free !== undefined) {
    return t("There is no room for it now: it needs about {need}, and {free} are free. Make it without disks, or ask the provider.", { need: formatMib(Number(need)), free: formatMib(Number(free)) });
  }
  const [, most] = TOO_LARGE.exec(error) ?? [];
  return most === undefined ? error : t("It would be larger than {size}. Make it without disks.", { size: formatMib(Number(most) * 1024) });
}
