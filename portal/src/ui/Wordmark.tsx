// SPDX-License-Identifier: Apache-2.0
/* The seal 証 and the name, drawn with straight strokes so that they are sharp at any size. */

const SEAL =
  "M14.5 10.5h6M8.5 17h18M11.5 23.5h12M11.5 29.5h12M11.5 36h12v7h-12z" +
  "M30 11.5h15M38 11.5v30M38 26h6M32 24v17.5M28.5 41.500h17";
const LETTERS =
  "M17 20.500v17M17 29a8.5 8.5 0 1 1-17 0a8.5 8.5 0 1 1 17 0" +
  "M25 9v28.500M35.5 20.500L25 30.500M29 27L36.5 37.5" +
  "M58 20.500v17M58 29a8.5 8.5 0 1 1-17 0a8.5 8.5 0 1 1 17 0" +
  "M75.5 23.500c-1.2-2-3.2-3-5.5-3c-3.2 0-5.4 1.7-5.4 4.200c0 5.8 11.4 2.7 11.4 8.400c0 2.7-2.4 4.4-5.9 4.400c-2.8 0-5-1.1-6.3-3.2" +
  "M83 9v28.500M83 28.500c0-4.8 3-8 7.2-8c4.1 0 6.6 2.7 6.6 7.300v9.7" +
  "M104.5 20.500v17";

/** The seal as an outline; decoration. */
export function Seal({ className }: { className?: string }) {
  return (
    <svg viewBox="-7 -7 66 66" aria-hidden="true" focusable="false" className={className}>
      <rect x="-6" y="-6" width="64" height="64" rx="10" fill="none" stroke="currentColor" strokeWidth="1" />
      <path d={SEAL} fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="square" />
    </svg>
  );
}

/** Seal and name; the element around it gives the accessible name. */
export function Wordmark() {
  return (
    <svg viewBox="0 0 180 52" aria-hidden="true" focusable="false" className="ak-wordmark">
      <rect className="ak-wordmark__seal" width="52" height="52" rx="9" />
      <path d={SEAL} fill="none" className="ak-wordmark__glyph" strokeWidth="3" strokeLinecap="square" />
      <g transform="translate(68 4)" fill="none" stroke="currentColor" strokeWidth="3.6" strokeLinecap="round" strokeLinejoin="round">
        <path d={LETTERS} />
        <path d="M104.5 11.500h.01" strokeWidth="5" />
      </g>
    </svg>
  );
}
