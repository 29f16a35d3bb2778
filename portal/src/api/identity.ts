// SPDX-License-Identifier: Apache-2.0
/* Keystone v3, as far as a login needs it. Spec: https://docs.openstack.org/api-ref/identity/v3/ */
import { call, get } from "./client";

const ROOT = "/identity/v3";

export interface Project {
  id: string;
  name: string;
  enabled?: boolean;
  domain_id?: string;
}

export interface TokenBody {
  expires_at: string;
  user: { id: string; name: string; domain: { id: string; name: string } };
  project?: { id: string; name: string; domain: { id: string; name: string } };
  roles?: { id: string; name: string }[];
}

export interface IssuedToken {
  id: string;
  body: TokenBody;
}

async function issue(identity: unknown, projectId?: string): Promise<IssuedToken> {
  const scope = projectId === undefined ? {} : { scope: { project: { id: projectId } } };
  const answer = await call<{ token: TokenBody }>(`${ROOT}/auth/tokens`, {
    method: "POST",
    token: null,
    body: { auth: { identity, ...scope } },
  });
  return issuedToken(answer);
}

export interface Credentials {
  user: string;
  password: string;
  domain: string;
  /** of the app, or a recovery code; undefined on the first try */
  passcode?: string | undefined;
}

/** Unscoped, unless the user has a default project: then the server scopes the token to it. */
export function authenticate({ user, password, domain, passcode }: Credentials): Promise<IssuedToken> {
  const who = { name: user, domain: { name: domain } };
  const methods = { password: { user: { ...who, password } } };
  return issue(
    passcode === undefined
      ? { methods: ["password"], ...methods }
      : { methods: ["password", "totp"], ...methods, totp: { user: { ...who, passcode } } },
  );
}

/** The token in the answer to a login that was not by password. */
export function issuedToken(answer: { body: { token: unknown }; headers: Headers }): IssuedToken {
  const id = answer.headers.get("X-Subject-Token");
  if (!id) {
    throw new Error("The answer bears no X-Subject-Token.");
  }
  return { id, body: answer.body.token as TokenBody };
}

/** A token for 'projectId' from the token 'token'. */
export function rescope(token: string, projectId: string): Promise<IssuedToken> {
  return issue({ methods: ["token"], token: { id: token } }, projectId);
}

/** The projects that the bearer of 'token' may choose. */
export async function listProjects(token: string): Promise<Project[]> {
  const body = await get<{ projects: Project[] }>(`${ROOT}/auth/projects`, { token });
  return body.projects.filter((project) => project.enabled !== false);
}

export async function revoke(token: string): Promise<void> {
  await call(`${ROOT}/auth/tokens`, { method: "DELETE", token, headers: { "X-Subject-Token": token } });
}
