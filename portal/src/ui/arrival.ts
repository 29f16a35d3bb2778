// SPDX-License-Identifier: Apache-2.0
/* Where the focus goes after navigation: to the h1 of the page that comes, which may still have to be loaded. The shell
 * notes that one is on the way; the first heading to appear takes the focus and the note away. */
import { createContext, useContext, useEffect, useRef, type RefObject } from "react";

export const Arrival = createContext<RefObject<boolean>>({ current: false });

/** The ref of a page's h1. */
export function useArrival(): RefObject<HTMLHeadingElement | null> {
  const isOnTheWay = useContext(Arrival);
  const heading = useRef<HTMLHeadingElement>(null);
  /* at every rendering: two pages of one kind share their heading */
  useEffect(() => {
    if (isOnTheWay.current) {
      isOnTheWay.current = false;
      heading.current?.focus();
    }
  });
  return heading;
}
