// SPDX-License-Identifier: Apache-2.0
/* A message in the page: PatternFly's inline alert, without its heading (it would break the outline of the page) and
 * with a translated label for screen readers. A failure is read out at once. */
import { Alert } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { t } from "../i18n";

interface MessageProps {
  kind: "danger" | "info";
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
      variantLabel={kind === "danger" ? t("Error:") : t("Note:")}
      className={className}
      {...(kind === "danger" ? { role: "alert" } : {})}
      {...(action ? { actionLinks: action } : {})}
    >
      {children}
    </Alert>
  );
}
