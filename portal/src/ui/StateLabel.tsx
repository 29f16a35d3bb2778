// SPDX-License-Identifier: Apache-2.0
/* A state of akashi's own objects, by icon, word and colour. */
import { StatusLabel } from "./StatusLabel";
import { stateWord, type StateKind } from "./words";

export function StateLabel({ kind, value }: { kind: StateKind; value: string }) {
  const { text, tone } = stateWord(kind, value);
  return <StatusLabel tone={tone} text={text} />;
}
