// SPDX-License-Identifier: Apache-2.0
/* The one dialog framework. It owns what every dialog must get right, so that a caller only says what it asks:
 *   - one dialog at a time, opened with useDialog()(<…/>), which survives re-rendering of the opener; one that is opened
 *     by the work of another takes its place;
 *   - progress: while the promise of the work runs, the buttons are busy and Escape does nothing;
 *   - failure: the reason and the request id are shown inside, the input stays, the user may try again;
 *   - focus: into the dialog when it opens, back to the opener when it closes.
 * ConfirmDialog asks for a yes; FormDialog has fields; both take work as an async function and close when it is done. */
import {
  Button, Form, Modal, ModalBody, ModalFooter, ModalHeader, ModalVariant,
} from "@patternfly/react-core";
import { createContext, useCallback, useContext, useEffect, useId, useMemo, useRef, useState, type FormEvent, type ReactNode } from "react";
import { t } from "../i18n";
import { ExclamationTriangleIcon } from "./icons";
import { Message } from "./Message";
import { describeError } from "./notify";

type Open = (dialog: ReactNode) => void;
const OpenContext = createContext<Open | null>(null);
const CloseContext = createContext<() => void>(() => undefined);

interface Shown {
  id: number;
  content: ReactNode;
}

export function DialogProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const last = useRef(0);
  /* what had the focus before the first of the dialogs; null when there is none */
  const opener = useRef<Element | null>(null);
  const open = useCallback<Open>((content) => {
    opener.current ??= document.activeElement;
    last.current += 1;
    setShown({ id: last.current, content });
  }, []);
  /* after the effects of the dialog, whose trap of the focus is then gone */
  useEffect(() => {
    if (shown === null && opener.current !== null) {
      /* the heading, when the opener has gone with what it acted on */
      const target = opener.current.isConnected ? opener.current : document.querySelector("h1");
      opener.current = null;
      if (target instanceof HTMLElement) {
        target.focus();
      }
    }
  }, [shown]);
  const id = shown?.id;
  /* not the one that has taken its place meanwhile */
  const close = useMemo(() => () => setShown((now) => (now?.id === id ? null : now)), [id]);
  return (
    <OpenContext value={open}>
      {children}
      {shown === null ? null : (
        <CloseContext key={shown.id} value={close}>
          {shown.content}
        </CloseContext>
      )}
    </OpenContext>
  );
}

/** Returns the function that opens a dialog. */
export function useDialog(): Open {
  const open = useContext(OpenContext);
  if (open === null) {
    throw new Error("a dialog outside of DialogProvider");
  }
  return open;
}

interface DialogProps {
  title: string;
  /** the text of the button that does it: a verb, not “OK” */
  action: string;
  isDanger?: boolean;
  children: ReactNode;
  /** what failed, as a sentence; the reason follows it */
  failure: string;
  work: () => Promise<void>;
}

function useWork(work: () => Promise<void>) {
  const close = useContext(CloseContext);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await work();
      close();
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  return { busy, error, run, close: () => (busy ? undefined : close()) };
}

/* PatternFly's own variants speak English to screen readers, whatever the language; so does its × button,
 * hence Escape and “Cancel” only. */
function DangerIcon() {
  return <ExclamationTriangleIcon className="ak-dialog__danger" aria-hidden="true" />;
}

function Failure({ title, error }: { title: string; error: unknown }) {
  return error === null ? null : (
    <Message kind="danger" title={title} className="ak-dialog__failure">
      {describeError(error)}
    </Message>
  );
}

export function ConfirmDialog({ title, action, isDanger = false, children, failure, work }: DialogProps) {
  const id = useId();
  const { busy, error, run, close } = useWork(work);
  return (
    <Modal
      isOpen
      variant={ModalVariant.small}
      onEscapePress={close}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body`}
    >
      <ModalHeader title={title} labelId={`${id}-title`} {...(isDanger ? { titleIconVariant: DangerIcon } : {})} />
      <ModalBody id={`${id}-body`}>
        {children}
        <Failure title={failure} error={error} />
      </ModalBody>
      <ModalFooter>
        <Button
          variant={isDanger ? "danger" : "primary"}
          isLoading={busy}
          isDisabled={busy}
          spinnerAriaLabel={t("In progress")}
          onClick={() => void run()}
        >
          {action}
        </Button>
        <Button variant="link" isDisabled={busy} onClick={close}>
          {t("Cancel")}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** 'children' are FormGroups; 'isValid' false keeps the button disabled. */
export function FormDialog({ title, action, isDanger = false, children, failure, work, isValid = true }: DialogProps & { isValid?: boolean }) {
  const id = useId();
  const { busy, error, run, close } = useWork(work);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isValid && !busy) {
      void run();
    }
  };
  return (
    <Modal isOpen variant={ModalVariant.small} onEscapePress={close} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} labelId={`${id}-title`} />
      <ModalBody>
        <Form id={`${id}-form`} onSubmit={submit}>
          {children}
        </Form>
        <Failure title={failure} error={error} />
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={`${id}-form`}
          variant={isDanger ? "danger" : "primary"}
          isLoading={busy}
          isDisabled={busy || !isValid}
          spinnerAriaLabel={t("In progress")}
        >
          {action}
        </Button>
        <Button variant="link" isDisabled={busy} onClick={close}>
          {t("Cancel")}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** Something to read; closed with its only button. */
export function InfoDialog({ title, children, isLarge = false }: { title: string; children: ReactNode; isLarge?: boolean }) {
  const id = useId();
  const close = useContext(CloseContext);
  return (
    <Modal isOpen variant={isLarge ? ModalVariant.medium : ModalVariant.small} onEscapePress={close} aria-labelledby={`${id}-title`}>
      <ModalHeader title={title} labelId={`${id}-title`} />
      <ModalBody tabIndex={0} aria-label={title}>
        {children}
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={close}>
          {t("Close")}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
