// SPDX-License-Identifier: Apache-2.0
/* Toasts, and announcements that only a screen reader hears. */
import { Alert, AlertActionCloseButton, AlertGroup } from "@patternfly/react-core";
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { t } from "../i18n";

type Kind = "success" | "info" | "danger";
interface Toast {
  id: number;
  kind: Kind;
  title: string;
  detail: string | undefined;
}

export interface Notify {
  success(title: string): void;
  /** 'title' says what failed, the error says why. */
  failure(title: string, error: unknown): void;
  /** Spoken politely, not shown. */
  announce(text: string): void;
}

const NotifyContext = createContext<Notify | null>(null);
const TOAST_MS = 6000;
let nextId = 1;

/** The reason, and the request id that support will ask for. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiError && error.requestId) {
    return `${message} ${t("(request id: {id})", { id: error.requestId })}`;
  }
  return message;
}

export function NotifyProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const [spoken, setSpoken] = useState("");

  const add = useCallback((kind: Kind, title: string, detail?: string) => {
    setToasts((list) => [...list.slice(-3), { id: nextId++, kind, title, detail }]);
  }, []);
  const remove = useCallback((id: number) => setToasts((list) => list.filter((toast) => toast.id !== id)), []);
  const notify = useMemo<Notify>(
    () => ({
      success: (title) => add("success", title),
      failure: (title, error) => add("danger", title, describeError(error)),
      announce: setSpoken,
    }),
    [add],
  );
  return (
    <NotifyContext value={notify}>
      {children}
      <div className="ak-visually-hidden" role="status">
        {spoken}
      </div>
      <AlertGroup isToast isLiveRegion aria-label={t("Notifications")}>
        {toasts.map((toast) => (
          <Alert
            key={toast.id}
            component="p"
            variant={toast.kind}
            title={toast.title}
            timeout={toast.kind === "danger" ? false : TOAST_MS}
            onTimeout={() => remove(toast.id)}
            variantLabel={toast.kind === "danger" ? t("Error:") : t("Done:")}
            actionClose={
              <AlertActionCloseButton
                aria-label={t("Close notification: {title}", { title: toast.title })}
                onClose={() => remove(toast.id)}
              />
            }
          >
            {toast.detail}
          </Alert>
        ))}
      </AlertGroup>
    </NotifyContext>
  );
}

export function useNotify(): Notify {
  const notify = useContext(NotifyContext);
  if (notify === null) {
    throw new Error("useNotify() outside of NotifyProvider");
  }
  return notify;
}
