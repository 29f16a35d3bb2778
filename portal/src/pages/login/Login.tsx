// SPDX-License-Identifier: Apache-2.0
/* Logging in: name, password, domain; then the project, when there are several. */
import { Button, Form } from "@patternfly/react-core";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { ApiError } from "../../api/client";
import { useSession, type Session } from "../../auth/session";
import { t } from "../../i18n";
import { TextField } from "../../ui/fields";
import { CubeIcon } from "../../ui/icons";
import { LanguageButton } from "../../ui/LanguageButton";
import { Message } from "../../ui/Message";
import { describeError } from "../../ui/notify";
import { Seal, Wordmark } from "../../ui/Wordmark";

const DOMAIN_KEY = "akashi.domain";
const DEFAULT_DOMAIN = "Default";

function Frame({ title, children }: { title: string; children: ReactNode }) {
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

function Failure({ title, error }: { title: string; error: unknown }) {
  return error === null ? null : (
    <Message kind="danger" title={title}>
      {describeError(error)}
    </Message>
  );
}

export function LoginPage() {
  const { login, expired } = useSession();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [domain, setDomain] = useState(() => localStorage.getItem(DOMAIN_KEY) ?? DEFAULT_DOMAIN);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tried, setTried] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!user.trim() || !password) {
      (user.trim() ? second : first).current?.focus();
      return;
    }
    if (busy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await login(user.trim(), password, domain.trim() || DEFAULT_DOMAIN);
      localStorage.setItem(DOMAIN_KEY, domain.trim() || DEFAULT_DOMAIN);
    } catch (reason) {
      setError(explain(reason));
      setPassword("");
      setBusy(false);
      second.current?.focus();
    }
  };
  return (
    <Frame title={t("Log in")}>
      {expired && error === null ? (
        <Message kind="info" title={t("Your session has ended. Please log in again.")} />
      ) : null}
      <Failure title={t("You could not be logged in.")} error={error} />
      <Form onSubmit={(event) => void submit(event)}>
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
        <TextField label={t("Domain")} name="domain" autoComplete="organization" value={domain} onChange={setDomain} help={t("The name of your organisation, as your provider told you.")} />
        <Button type="submit" size="lg" isBlock isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")}>
          {t("Log in")}
        </Button>
      </Form>
    </Frame>
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
    <Frame title={session.projects.length > 0 ? t("Choose a project") : t("No project")}>
      <Failure title={t("The project could not be opened.")} error={error} />
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
    </Frame>
  );
}
