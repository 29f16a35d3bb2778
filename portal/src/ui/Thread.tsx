// SPDX-License-Identifier: Apache-2.0
/* What was said about an object, oldest first, and the box to say more. What people wrote is shown as text, never as
 * HTML. A new message is read out. */
import { Button, Form } from "@patternfly/react-core";
import { useState, type FormEvent, type ReactNode } from "react";
import { t, tc } from "../i18n";
import { TextAreaField } from "./fields";
import { Message as Note } from "./Message";
import { describeError, useNotify } from "./notify";
import { Moment } from "./times";
import { word } from "./words";

export const TEXT_MAX = 10_000;

export interface ThreadMessage {
  id?: string;
  author_name?: string | null;
  author_kind: string;
  text: string | null;
  at: string;
}

interface ThreadProps {
  messages: ThreadMessage[];
  /** undefined: nothing more can be said */
  onSend?: ((text: string) => Promise<void>) | undefined;
  closed?: ReactNode;
}

function Reply({ onSend }: { onSend: (text: string) => Promise<void> }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const notify = useNotify();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || text.trim() === "") {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await onSend(text.trim());
      /* what was written meanwhile stays */
      setText((now) => (now === text ? "" : now));
      notify.announce(t("Your message was sent."));
    } catch (reason) {
      setError(reason);
    }
    setBusy(false);
  };
  return (
    <Form className="ak-thread__reply" onSubmit={(event) => void submit(event)}>
      <TextAreaField label={t("Message")} value={text} onChange={setText} rows={3} maxLength={TEXT_MAX} />
      {error === null ? null : (
        <Note kind="danger" title={t("The message could not be sent.")}>
          {describeError(error)}
        </Note>
      )}
      <div>
        <Button type="submit" variant="secondary" isLoading={busy} isDisabled={busy || text.trim() === ""} spinnerAriaLabel={t("In progress")}>
          {tc("verb", "Send")}
        </Button>
      </div>
    </Form>
  );
}

export function Thread({ messages, onSend, closed }: ThreadProps) {
  return (
    <div className="ak-thread">
      {messages.length === 0 ? <p className="ak-muted">{t("Nothing has been written yet.")}</p> : null}
      <ol className="ak-thread__list">
        {messages.map((message, index) => (
          <li key={message.id ?? index} className={`ak-thread__message ak-thread__message--${message.author_kind}`}>
            <p className="ak-thread__head">
              <strong>{message.author_name ?? word("author", message.author_kind)}</strong>
              <span className="ak-muted">{word("author", message.author_kind)}</span>
              <span className="ak-muted">
                <Moment at={message.at} />
              </span>
            </p>
            <p className="ak-text">{message.text}</p>
          </li>
        ))}
      </ol>
      {onSend ? <Reply onSend={onSend} /> : closed}
    </div>
  );
}
