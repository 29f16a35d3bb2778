// SPDX-License-Identifier: Apache-2.0
/* Links and buttons that navigate inside the portal. */
import { Button, type ButtonProps } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { Link } from "wouter";

/** A link that looks like a button. */
export function LinkButton({ href, children, ...props }: ButtonProps & { href: string; children: ReactNode }) {
  return (
    <Button {...props} component={Link} href={href}>
      {children}
    </Button>
  );
}
