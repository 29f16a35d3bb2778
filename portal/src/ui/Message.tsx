// SPDX-License-Identifier: Apache-2.0
/* A message in the page: PatternFly's inline alert, without its heading (it would break the outline of the page) and
 * with a translated label for screen readers. A failure is read out at once. */
import { Alert } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { N_, tr } from "../i18n";

const KINDS = { danger: N_("Error:"), info: N_("Note:"), warning: N_("Attention:"), success: N_("Done:") };

interface MessageProps {
  kind: "danger" | "info" | "warning" | "success";
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

export function Message({ kind, title, children, action, className = "" }: MessageProps) {
  return (
    <Alert
      isInline
      component="p"
      variant={kind}
      title={title}
      variantLabel={tr(KINDS[kind])}
      className={className}
      {...(kind === "danger" ? { role: "alert" } : {})}
      {...(action ? { actionLinks: action } : {})}
    >
      {children}
    </Alert>
  );
}
