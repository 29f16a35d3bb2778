// SPDX-License-Identifier: Apache-2.0
/* What every page (the portal, the operator console, the console window) needs before their first rendering. */
import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { preferredLanguage, setLanguage } from "./i18n";
import { DialogProvider } from "./ui/dialogs";
import { NotifyProvider } from "./ui/notify";
import { ProofProvider } from "./ui/ProofDialog";
import { startTheme } from "./ui/theme";
import "@patternfly/patternfly/base/patternfly-variables.css";
import "@patternfly/patternfly/base/patternfly-svg-icons.css";
import "./styles/base.css";
import "./styles/theme.css";

/** Notifications and dialogs, around a page's content. */
export function Framework({ children }: { children: ReactNode }) {
  return (
    <NotifyProvider>
      <DialogProvider>
        <ProofProvider>{children}</ProofProvider>
      </DialogProvider>
    </NotifyProvider>
  );
}

export async function start(page: ReactNode): Promise<void> {
  startTheme();
  /* without its catalogue the page speaks English */
  await setLanguage(preferredLanguage()).catch(() => setLanguage("en"));
  const root = document.getElementById("root");
  if (root === null) {
    throw new Error("no #root");
  }
  createRoot(root).render(<StrictMode>{page}</StrictMode>);
}
