// SPDX-License-Identifier: Apache-2.0
/* The first login with a one-time password: it is changed now, or nothing else works. */
import { Button, Form } from "@patternfly/react-core";
import { useState, type FormEvent } from "react";
import { changePassword } from "../../api/account";
import { useSession, type Session } from "../../auth/session";
import { t, tc } from "../../i18n";
import { EMPTY_PASSWORD, isPasswordReady, PasswordFields } from "../../ui/NewPassword";
import { LoginFailure, LoginFrame } from "./Login";

export function FirstPasswordPage({ session }: { session: Session }) {
  const { login, logout } = useSession();
  const [draft, setDraft] = useState(EMPTY_PASSWORD);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !isPasswordReady(draft)) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await changePassword(draft.old, draft.next);
      /* the change ends every token of the old password */
      await login({ user: session.user.name, password: draft.next, domain: session.user.domain });
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  return (
    <LoginFrame title={t("Choose a password of your own")}>
      <p>{t("You are logged in with a one-time password. Change it now; nothing else works before.")}</p>
      <LoginFailure title={t("The password could not be changed.")} error={error} />
      <Form onSubmit={(event) => void submit(event)}>
        <PasswordFields draft={draft} onChange={setDraft} oldLabel={t("One-time password")} />
        <Button type="submit" size="lg" isBlock isLoading={busy} isDisabled={busy || !isPasswordReady(draft)} spinnerAriaLabel={t("In progress")}>
          {tc("verb", "Change password")}
        </Button>
      </Form>
      <Button variant="link" isInline onClick={() => void logout()}>
        {t("Log out")}
      </Button>
    </LoginFrame>
  );
}
