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
  const id = answer.headers.get("X-Subject-Token");
  if (!id) {
    throw new Error("The answer bears no X-Subject-Token.");
  }
  return { id, body: answer.body.token };
}

/** Unscoped, unless the user has a default project: then the server scopes the token to it. */
export function authenticate(user: string, password: string, domain: string): Promise<IssuedToken> {
  return issue({ methods: ["password"], password: { user: { name: user, domain: { name: domain }, password } } });
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
