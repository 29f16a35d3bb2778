// SPDX-License-Identifier: Apache-2.0
/* Asks once more who is there, when the server wants to know before it changes what would outlive a session. The request
 * that was refused waits, is sent again with the proof, and the dialog that began it goes on as if nothing had been. */
import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader, ModalVariant } from "@patternfly/react-core";
import { useEffect, useId, useState, type FormEvent, type ReactNode } from "react";
import { passkeyLoginOptions, prove, type ProofMeans } from "../api/account";
import { setProver, type Proof } from "../api/client";
import { assertPasskey, hasPasskeys } from "../auth/passkeys";
import { t } from "../i18n";
import { TextField } from "./fields";
import { Message } from "./Message";
import { describeError } from "./notify";

type Answer = (proof: Proof | null) => void;

function ProofDialog({ answer }: { answer: Answer }) {
  const id = useId();
  const [byCode, setByCode] = useState(false);
  const [secret, setSecret] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (means: () => Promise<ProofMeans>) => {
    setBusy(true);
    setError(null);
    try {
      answer(await prove(await means()));
    } catch (reason) {
      setError(reason);
      setSecret("");
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (secret && !busy) {
      void run(() => Promise.resolve(byCode ? { passcode: secret } : { password: secret }));
    }
  };
  const byPasskey = async () => ({ credential: await assertPasskey((await passkeyLoginOptions()).public_key) });
  const cancel = () => (busy ? undefined : answer(null));
  return (
    <Modal isOpen variant={ModalVariant.small} onEscapePress={cancel} aria-labelledby={`${id}-title`}>
      <ModalHeader title={t("Confirm that it is you")} labelId={`${id}-title`} />
      <ModalBody>
        <p className="ak-lead">{t("You logged in a while ago. This change would outlast your session, so please prove once more who you are.")}</p>
        <Form id={`${id}-form`} onSubmit={submit}>
          {byCode ? (
            <TextField key="code" label={t("Code of the authenticator app, or a recovery code")} value={secret} onChange={setSecret} isRequired autoComplete="one-time-code" />
          ) : (
            <TextField key="password" label={t("Your password")} type="password" value={secret} onChange={setSecret} isRequired autoComplete="current-password" />
          )}
        </Form>
        <Button
          variant="link"
          onClick={() => {
            setByCode(!byCode);
            setSecret("");
          }}
        >
          {byCode ? t("Give the password instead") : t("Give a code instead")}
        </Button>
        {error === null ? null : (
          <Message kind="danger" title={t("That did not prove it.")} className="ak-dialog__failure">
            {describeError(error)}
          </Message>
        )}
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form={`${id}-form`} variant="primary" isLoading={busy} isDisabled={busy || !secret} spinnerAriaLabel={t("In progress")}>
          {t("Confirm")}
        </Button>
        {hasPasskeys() ? (
          <Button variant="secondary" isDisabled={busy} onClick={() => void run(byPasskey)}>
            {t("Use a passkey")}
          </Button>
        ) : null}
        <Button variant="link" isDisabled={busy} onClick={cancel}>
          {t("Cancel")}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** Answers the client's questions for a proof; one at a time, whoever asks meanwhile gets the same. */
export function ProofProvider({ children }: { children: ReactNode }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    let waiting: Promise<Proof | null> | null = null;
    setProver(() => {
      waiting ??= new Promise<Proof | null>((resolve) => {
        setAnswer(() => (proof: Proof | null) => {
          waiting = null;
          setAnswer(null);
          resolve(proof);
        });
      });
      return waiting;
    });
    return () => setProver(null);
  }, []);
  return (
    <>
      {children}
      {answer ? <ProofDialog answer={answer} /> : null}
    </>
  );
}
