// SPDX-License-Identifier: Apache-2.0
/* Light, dark, or as the system says. PatternFly's dark theme is a class on <html>. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const STORAGE_KEY = "akashi.theme";
const systemIsDark = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
const listeners = new Set<() => void>();
let current: Theme = "system";

function apply(): void {
  const dark = current === "dark" || (current === "system" && systemIsDark?.matches === true);
  document.documentElement.classList.toggle("pf-v6-theme-dark", dark);
}

export function startTheme(): void {
  const stored = localStorage.getItem(STORAGE_KEY);
  current = stored === "light" || stored === "dark" ? stored : "system";
  systemIsDark?.addEventListener("change", apply);
  apply();
}

export function setTheme(theme: Theme): void {
  current = theme;
  localStorage.setItem(STORAGE_KEY, theme);
  apply();
  for (const notify of listeners) {
    notify();
  }
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => current,
  );
}
