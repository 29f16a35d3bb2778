// SPDX-License-Identifier: Apache-2.0
/* Who is logged in, to which project. Tokens live in memory and in this tab's sessionStorage, nowhere else;
 * logging out revokes all of them. A token that the server refuses, or whose time is over, ends the session. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ApiError, setToken, setUnauthorizedHandler } from "../api/client";
import { showMe } from "../api/service";
import { authenticate, listProjects, rescope, revoke, type Credentials, type IssuedToken, type Project } from "../api/identity";

export interface Session {
  token: string;
  expiresAt: string;
  user: { id: string; name: string; domain: string };
  project: { id: string; name: string } | null;
  projects: Project[];
  /** what must be done before anything else: the one-time password changed, a second factor set up */
  firstStep: "password" | "factor" | null;
  /** tokens that this one was made from: revoked with it */
  parents: string[];
}

export interface SessionControl {
  session: Session | null;
  /** the last session ended by itself: the login page says so */
  expired: boolean;
  /** The session, with project null when the user must choose one. */
  login(credentials: Credentials): Promise<Session>;
  /** With a token that came by another way: a passkey. */
  loginWith(token: IssuedToken): Promise<Session>;
  chooseProject(projectId: string): Promise<void>;
  logout(): Promise<void>;
}

const STORAGE_KEY = "akashi.session";
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SessionContext = createContext<SessionControl | null>(null);

export function loadSession(): Session | null {
  const text = sessionStorage.getItem(STORAGE_KEY);
  if (text === null) {
    return null;
  }
  try {
    const session = JSON.parse(text) as Session;
    return Date.parse(session.expiresAt) > Date.now() ? session : null;
  } catch {
    return null;
  }
}

function saveSession(session: Session | null): void {
  if (session === null) {
    sessionStorage.removeItem(STORAGE_KEY);
  } else {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(session));
  }
}

function sessionOf(issued: IssuedToken, projects: Project[], parents: string[], firstStep: Session["firstStep"] = null): Session {
  const { user, project, expires_at } = issued.body;
  return {
    token: issued.id,
    expiresAt: expires_at,
    user: { id: user.id, name: user.name, domain: user.domain.name },
    project: project ? { id: project.id, name: project.name } : null,
    projects,
    firstStep,
    parents,
  };
}

/* Until the first step is done the server refuses everything else. Keystone's refusals bear no name for it: our own API is
 * asked, which answers what is to do, or refuses with the name. */
async function firstStepOf(error: unknown, token: string): Promise<"password" | "factor"> {
  if (!(error instanceof ApiError) || error.status !== 403) {
    throw error;
  }
  try {
    const me = await showMe(token);
    if (me.must_change_password) {
      return "password";
    }
    if (me.mfa?.required && !me.mfa.totp && me.mfa.passkeys === 0) {
      return "factor";
    }
  } catch (refusal) {
    const slug = refusal instanceof ApiError ? refusal.slug : "";
    if (slug === "password-change-needed") {
      return "password";
    }
    if (slug === "mfa-enrolment-needed") {
      return "factor";
    }
  }
  throw error;
}

/** The unscoped token becomes one for the only project, if there is only one. */
async function openSession(first: IssuedToken): Promise<Session> {
  const projects = await listProjects(first.id).catch((error: unknown) => firstStepOf(error, first.id));
  if (!Array.isArray(projects)) {
    return sessionOf(first, [], [], projects);
  }
  const only = projects.length === 1 ? projects[0] : undefined;
  if (first.body.project || only === undefined) {
    return sessionOf(first, projects, []);
  }
  return sessionOf(await rescope(first.id, only.id), projects, [first.id]);
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [expired, setExpired] = useState(false);
  const [session, setSession] = useState<Session | null>(() => {
    const stored = loadSession();
    setToken(stored?.token ?? null);
    return stored;
  });

  /* how often the session has changed, or was about to */
  const choice = useRef(0);
  const change = useCallback(
    (next: Session | null) => {
      choice.current += 1;
      setToken(next?.token ?? null);
      saveSession(next);
      queries.clear();
      setSession(next);
    },
    [queries],
  );

  useEffect(() => {
    const end = () => {
      setExpired(true);
      change(null);
    };
    setUnauthorizedHandler(end);
    if (session === null) {
      return undefined;
    }
    const left = Date.parse(session.expiresAt) - Date.now();
    const timer = setTimeout(end, Math.min(Math.max(left, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }, [change, session]);

  const begin = useCallback(
    (next: Session) => {
      setExpired(false);
      change(next);
      return next;
    },
    [change],
  );
  const control = useMemo<SessionControl>(
    () => ({
      session,
      expired,
      login: async (credentials) => begin(await openSession(await authenticate(credentials))),
      loginWith: async (token) => begin(await openSession(token)),
      chooseProject: async (projectId) => {
        if (session !== null) {
          choice.current += 1;
          const own = choice.current;
          const issued = await rescope(session.token, projectId);
          if (own !== choice.current) {
            /* another one was chosen since, or one has logged out */
            await revoke(issued.id).catch(() => undefined);
            return;
          }
          change(sessionOf(issued, session.projects, [...session.parents, session.token]));
        }
      },
      logout: async () => {
        const tokens = session ? [session.token, ...session.parents] : [];
        setExpired(false);
        change(null);
        await Promise.allSettled(tokens.map(revoke));
      },
    }),
    [begin, change, expired, session],
  );
  return <SessionContext value={control}>{children}</SessionContext>;
}

export function useSession(): SessionControl {
  const control = useContext(SessionContext);
  if (control === null) {
    throw new Error("useSession() outside of SessionProvider");
  }
  return control;
}
