// SPDX-License-Identifier: Apache-2.0
/* Logging in: name, password, domain; a second factor, when the account has one; then the project, when there are several. */
import { Button, Form } from "@patternfly/react-core";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { passkeyLogin, passkeyLoginOptions } from "../../api/account";
import { ApiError } from "../../api/client";
import { issuedToken } from "../../api/identity";
import { assertPasskey, hasPasskeys } from "../../auth/passkeys";
import { useSession, type Session } from "../../auth/session";
import { t } from "../../i18n";
import { TextField } from "../../ui/fields";
import { CubeIcon, FingerprintIcon } from "../../ui/icons";
import { LanguageButton } from "../../ui/LanguageButton";
import { Message } from "../../ui/Message";
import { describeError } from "../../ui/notify";
import { Seal, Wordmark } from "../../ui/Wordmark";

const DOMAIN_KEY = "akashi.domain";
const DEFAULT_DOMAIN = "Default";

export function LoginFrame({ title, place, children }: { title: string; place?: string | undefined; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – akashi`;
  }, [title]);
  return (
    <div className="ak-login">
      <aside className="ak-login__brand" aria-label="akashi">
        <Seal className="ak-login__seal" />
        <p className="ak-login__motto">{t("A cloud that shows its proof.")}</p>
      </aside>
      <div className="ak-login__side">
        <header className="ak-login__head">
          <span className="ak-brand">
            <Wordmark />
            <span className="ak-visually-hidden">akashi</span>
            {place ? <span className="ak-brand__title">{place}</span> : null}
          </span>
          <LanguageButton />
        </header>
        <main className="ak-login__main">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {children}
        </main>
      </div>
    </div>
  );
}

/* The server tells nobody which part was wrong, nor that an account is locked; what one can do about it, we can say. */
function explain(error: unknown): unknown {
  if (error instanceof ApiError && error.status === 401) {
    const text = t("The user name, password or domain is not right. After several wrong passwords an account is locked for a while.");
    return new ApiError(error.status, error.slug, text, error.requestId);
  }
  return error;
}

function explainCode(error: unknown): unknown {
  if (error instanceof ApiError && error.status === 401) {
    return new ApiError(error.status, error.slug, t("The code is not right, or was used already. Wait for the next one."), error.requestId);
  }
  return error;
}

export function LoginFailure({ title, error }: { title: string; error: unknown }) {
  return error === null ? null : (
    <Message kind="danger" title={title}>
      {describeError(error)}
    </Message>
  );
}

function SecondStep({ onSubmit, onBack, busy, error }: { onSubmit: (passcode: string) => void; onBack: () => void; busy: boolean; error: unknown }) {
  const [code, setCode] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), [error]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() !== "" && !busy) {
      onSubmit(code.replace(/\s/g, ""));
      setCode("");
    }
  };
  return (
    <LoginFrame title={t("Second step")}>
      <LoginFailure title={t("You could not be logged in.")} error={error} />
      <Form onSubmit={submit}>
        <TextField
          label={t("Code")}
          name="passcode"
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          isRequired
          inputRef={input}
          maxLength={32}
          help={t("The six digits that your authenticator app shows now, or one of your recovery codes.")}
        />
        <Button type="submit" size="lg" isBlock isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")}>
          {t("Log in")}
        </Button>
      </Form>
      <Button variant="link" isInline onClick={onBack}>
        {t("Back to the password")}
      </Button>
    </LoginFrame>
  );
}

function PasskeyButton({ onFailure }: { onFailure: (error: unknown) => void }) {
  const { loginWith } = useSession();
  const [busy, setBusy] = useState(false);
  if (!hasPasskeys()) {
    return null;
  }
  const run = async () => {
    setBusy(true);
    onFailure(null);
    try {
      const { public_key } = await passkeyLoginOptions();
      await loginWith(issuedToken(await passkeyLogin(await assertPasskey(public_key))));
    } catch (reason) {
      setBusy(false);
      /* the user has closed the browser's own dialog */
      onFailure(reason instanceof DOMException ? new Error(t("No passkey was chosen.")) : reason);
    }
    setBusy(false);
  };
  return (
    <>
      <p className="ak-login__or">{t("or")}</p>
      <Button variant="secondary" size="lg" isBlock icon={<FingerprintIcon />} isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")} onClick={() => void run()}>
        {t("Log in with a passkey")}
      </Button>
    </>
  );
}

/** 'isStaff': on the management listener, where the provider's people log in. */
export function LoginPage({ isStaff = false }: { isStaff?: boolean }) {
  const { login, expired } = useSession();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [domain, setDomain] = useState(() => localStorage.getItem(DOMAIN_KEY) ?? DEFAULT_DOMAIN);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tried, setTried] = useState(false);
  const [isSecond, setSecond] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const enter = async (passcode?: string) => {
    setBusy(true);
    setError(null);
    try {
      await login({ user: user.trim(), password, domain: domain.trim() || DEFAULT_DOMAIN, passcode });
      localStorage.setItem(DOMAIN_KEY, domain.trim() || DEFAULT_DOMAIN);
    } catch (reason) {
      setBusy(false);
      if (passcode === undefined && reason instanceof ApiError && reason.needsSecondFactor) {
        setSecond(true);
        return;
      }
      setError(passcode === undefined ? explain(reason) : explainCode(reason));
      if (passcode === undefined) {
        setPassword("");
        second.current?.focus();
      }
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!user.trim() || !password) {
      (user.trim() ? second : first).current?.focus();
      return;
    }
    if (!busy) {
      void enter();
    }
  };
  if (isSecond) {
    const back = () => {
      setSecond(false);
      setError(null);
      setPassword("");
      setTried(false);
    };
    return <SecondStep busy={busy} error={error} onBack={back} onSubmit={(passcode) => void enter(passcode)} />;
  }
  return (
    <LoginFrame title={t("Log in")} place={isStaff ? t("Operator console") : undefined}>
      {expired && error === null ? (
        <Message kind="info" title={t("Your session has ended. Please log in again.")} />
      ) : null}
      <LoginFailure title={t("You could not be logged in.")} error={error} />
      <Form onSubmit={submit}>
        <TextField label={t("User name")} name="username" autoComplete="username" value={user} onChange={setUser} isRequired inputRef={first} error={tried && !user.trim() ? t("Enter your user name.") : undefined} />
        <TextField
          label={t("Password")}
          type="password"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
          inputRef={second}
          error={tried && !busy && !password && error === null ? t("Enter your password.") : undefined}
        />
        <TextField label={t("Domain")} name="domain" autoComplete="organization" value={domain} onChange={setDomain} help={isStaff ? t("The provider's staff leave it as it is.") : t("The number of your contract, such as K-2026-0001. Without a contract: Default.")} />
        <Button type="submit" size="lg" isBlock isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")}>
          {t("Log in")}
        </Button>
        <PasskeyButton onFailure={setError} />
      </Form>
    </LoginFrame>
  );
}

/** After a login without a default project: which one? */
export function ProjectChoicePage({ session }: { session: Session }) {
  const { chooseProject, logout } = useSession();
  const [error, setError] = useState<unknown>(null);
  const choose = (id: string) => {
    setError(null);
    chooseProject(id).catch(setError);
  };
  return (
    <LoginFrame title={session.projects.length > 0 ? t("Choose a project") : t("No project")}>
      <LoginFailure title={t("The project could not be opened.")} error={error} />
      {session.projects.length === 0 ? (
        <p>{t("Your account is in no project. Ask your administrator to add you to one.")}</p>
      ) : (
        <ul className="ak-projects">
          {session.projects.map((project) => (
            <li key={project.id}>
              <Button variant="secondary" isBlock size="lg" icon={<CubeIcon />} onClick={() => choose(project.id)}>
                {project.name}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Button variant="link" isInline onClick={() => void logout()}>
        {t("Log out")}
      </Button>
    </LoginFrame>
  );
}
