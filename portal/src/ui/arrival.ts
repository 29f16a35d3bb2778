// SPDX-License-Identifier: Apache-2.0
/* Where the focus goes after navigation: to the h1 of the page that comes, which may still have to be loaded. The shell
 * notes what had the focus when one set out; the first heading to appear takes the focus from it, and the note away. Who
 * has gone elsewhere meanwhile is left there. */
import { createContext, useContext, useEffect, useLayoutEffect, useRef, type RefObject } from "react";

/** What had the focus when one set out for another page; null when one is there. */
export const Arrival = createContext<RefObject<Element | null>>({ current: null });

/** The ref of a page's h1. */
export function useArrival(): RefObject<HTMLHeadingElement | null> {
  const left = useContext(Arrival);
  const heading = useRef<HTMLHeadingElement>(null);
  /* at every rendering: two pages of one kind share their heading */
  useEffect(() => {
    if (left.current !== null) {
      const { activeElement } = document;
      if (activeElement === left.current || activeElement === document.body) {
        heading.current?.focus();
      }
      left.current = null;
    }
  });
  /* the heading of a page that is loading gives way to that of the page: the focus goes along */
  useLayoutEffect(() => {
    const own = heading.current;
    return () => {
      if (own !== null && document.activeElement === own) {
        left.current = document.body;
      }
    };
  }, [left]);
  return heading;
}
