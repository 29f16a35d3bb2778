// SPDX-License-Identifier: Apache-2.0
/* An identifier that nobody reads to its end: its beginning, the whole of it as title, and a button that copies it. */
import { Copyable } from "./Copyable";

const SHOWN = 8;

/** "req-8c1f0e2a-…" → "req-8c1f0e2a…" */
export function ShortId({ value }: { value: string }) {
  const prefix = /^[a-z]+-(?=[0-9a-f]{8}-)/.exec(value)?.[0].length ?? 0;
  const end = prefix + SHOWN;
  return <Copyable value={value} {...(value.length > end + 2 ? { shown: `${value.slice(0, end)}…` } : {})} />;
}
