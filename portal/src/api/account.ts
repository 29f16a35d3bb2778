// SPDX-License-Identifier: Apache-2.0
/* One's own password and second factors, and the users of the customer. */
import { call } from "./client";
import { own, ownOne, ownPage, type ListQuery } from "./own";
import type { CustomerRole } from "./service";

export interface User {
  id: string;
  name: string;
  email: string | null;
  role: CustomerRole;
  enabled: boolean;
  created_at: string;
  last_login_at: string | null;
  mfa: { totp: boolean; passkeys: number };
}

export interface NewUser {
  name: string;
  email: string;
  role: CustomerRole;
}

export interface TotpStart {
  secret: string;
  uri: string;
  /** an SVG document */
  qr_svg: string;
}

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export const listUsers = (query: ListQuery) => ownPage<User>("GET /service/v1/users", "users", query);
/** The answer bears the one-time password, once. */
export const createUser = (user: NewUser) =>
  ownOne<User & { initial_password: string }>("POST /service/v1/users", "user", [], { body: { user } });
export const changeUser = (id: string, user: { enabled?: boolean; role?: CustomerRole }) =>
  ownOne<User>("PATCH /service/v1/users/{}", "user", [id], { body: { user } });
export const deleteUser = (id: string) => own("DELETE /service/v1/users/{}", [id]);

export const changePassword = (original_password: string, password: string) =>
  own("POST /service/v1/me/password", [], { body: { password: { original_password, password } } });

export const startTotp = () => ownOne<TotpStart>("POST /service/v1/me/totp", "totp", [], { body: { totp: {} } });
/** The recovery codes, once. */
export const confirmTotp = (passcode: string) =>
  own<{ totp?: { recovery_codes?: string[] } }>("POST /service/v1/me/totp/confirm", [], { body: { totp: { passcode } } });
export const deleteTotp = () => own("DELETE /service/v1/me/totp");

export const listPasskeys = async () => (await ownPage<Passkey>("GET /service/v1/me/passkeys", "passkeys")).rows;
export const deletePasskey = (id: string) => own("DELETE /service/v1/me/passkeys/{}", [id]);
export const passkeyCreationOptions = () =>
  own<{ options: PublicKeyCredentialCreationOptionsJSON }>("POST /service/v1/me/passkeys/options", [], { body: {} });
export const addPasskey = (name: string, credential: unknown) =>
  own("POST /service/v1/me/passkeys", [], { body: { passkey: { name, credential } } });

export const passkeyLoginOptions = () =>
  own<{ options: PublicKeyCredentialRequestOptionsJSON; state?: string }>("POST /service/v1/passkey/options", [], { body: {}, token: null });
/** The answer is a token, as Keystone's: in the header X-Subject-Token. */
export const passkeyLogin = (body: unknown) =>
  call<{ token: unknown }>("/service/v1/passkey/login", { method: "POST", token: null, body });
