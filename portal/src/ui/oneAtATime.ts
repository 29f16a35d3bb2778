// SPDX-License-Identifier: Apache-2.0
import { useRef } from "react";

/** Returns a function that begins 'work' unless it is still under way: a second press of the button means the same. */
export function useOneAtATime(work: () => Promise<unknown>): () => void {
  const isUnderWay = useRef(false);
  return () => {
    if (!isUnderWay.current) {
      isUnderWay.current = true;
      void work().finally(() => {
        isUnderWay.current = false;
      });
    }
  };
}
