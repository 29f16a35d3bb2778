// SPDX-License-Identifier: Apache-2.0
/* One action on one kind of object: when it may be offered, and what choosing it does. Each has a file of its own,
 * <Verb><Object>.tsx, and a row in the table of its object. */
import type { ReactNode } from "react";
import type { Notify } from "../ui/notify";

export interface ActionContext {
  openDialog: (dialog: ReactNode) => void;
  notify: Notify;
  /** reads the lists again, since the object has changed, or 'gone' has been deleted */
  refresh: (gone?: string) => Promise<void>;
  navigate: (path: string) => void;
}

export interface Action<T> {
  key: string;
  /** marked with NC_("verb", …) */
  label: string;
  isDanger?: boolean;
  isAllowed: (object: T) => boolean;
  run: (object: T, context: ActionContext) => void;
}
