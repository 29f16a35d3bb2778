// SPDX-License-Identifier: Apache-2.0
/* What a page shows instead of its content: nothing there yet, still loading, failed. */
import {
  Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Skeleton,
} from "@patternfly/react-core";
import type { ComponentType, ReactNode } from "react";
import { ApiError } from "../api/client";
import { t } from "../i18n";
import { Message } from "./Message";
import { describeError } from "./notify";

interface EmptyPanelProps {
  title: string;
  headingLevel: "h2" | "h3";
  icon?: ComponentType;
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyPanel({ title, headingLevel, icon, children, action }: EmptyPanelProps) {
  return (
    <EmptyState titleText={title} headingLevel={headingLevel} {...(icon ? { icon } : {})}>
      {children ? <EmptyStateBody>{children}</EmptyStateBody> : null}
      {action ? (
        <EmptyStateFooter>
          <EmptyStateActions>{action}</EmptyStateActions>
        </EmptyStateFooter>
      ) : null}
    </EmptyState>
  );
}

/** Why a page could not be loaded; 'retry' is offered unless the object is simply not there. */
export function ErrorPanel({ title, error, retry }: { title: string; error: unknown; retry?: () => void }) {
  const gone = error instanceof ApiError && error.status === 404;
  return (
    <Message
      kind="danger"
      title={title}
      action={
        retry && !gone ? (
          <Button variant="link" isInline onClick={retry}>
            {t("Try again")}
          </Button>
        ) : null
      }
    >
      {describeError(error)}
    </Message>
  );
}

export function LoadingPanel() {
  return (
    <div className="ak-loading" role="status" aria-label={t("Loading")}>
      {["60%", "90%", "75%", "85%"].map((width) => (
        <Skeleton key={width} width={width} height="1.25rem" />
      ))}
    </div>
  );
}
