// SPDX-License-Identifier: Apache-2.0
/* A bar with its numbers beside it. */
export function Meter({ used, all, text }: { used: number; all: number; text: string }) {
  return (
    <span className="ak-meter">
      <meter min={0} max={Math.max(all, 1)} value={Math.min(used, Math.max(all, 1))} aria-label={text} />
      <span className="ak-list__sub">{text}</span>
    </span>
  );
}
