// SPDX-License-Identifier: Apache-2.0
/* One's own password and second factors, and the users of the customer. */
import type { Language } from "../i18n";
import { call, type Proof } from "./client";
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
  email?: string;
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
export const changeUser = (id: string, user: { enabled?: boolean; role?: CustomerRole; email?: string }) =>
  ownOne<User>("PATCH /service/v1/users/{}", "user", [id], { body: { user } });
/** The answer bears a new one-time password, once. */
export const resetPassword = (id: string) => ownOne<User & { initial_password: string }>("POST /service/v1/users/{}/reset-password", "user", [id]);
export const resetFactors = (id: string) => own("POST /service/v1/users/{}/reset-factors", [id]);
export const deleteUser = (id: string) => own("DELETE /service/v1/users/{}", [id]);

export const changePassword = (original_password: string, password: string) =>
  own("POST /service/v1/me/password", [], { body: { password: { original_password, password } } });
/** Of mails to oneself. */
export const chooseLanguage = (code: Language) => own("PUT /service/v1/me/language", [], { body: { language: { code } } });

export const startTotp = () => ownOne<TotpStart>("POST /service/v1/me/totp", "totp");
/** The recovery codes, once. */
export const confirmTotp = (passcode: string) =>
  own<{ totp?: { recovery_codes?: string[] } }>("POST /service/v1/me/totp/confirm", [], { body: { totp: { passcode } } });
export const deleteTotp = () => own("DELETE /service/v1/me/totp");

export const listPasskeys = async () => (await ownPage<Passkey>("GET /service/v1/me/passkeys", "passkeys")).rows;
export const renamePasskey = (id: string, name: string) =>
  ownOne<Passkey>("PATCH /service/v1/me/passkeys/{}", "passkey", [id], { body: { passkey: { name } } });
export const deletePasskey = (id: string) => own("DELETE /service/v1/me/passkeys/{}", [id]);
export const passkeyCreationOptions = () =>
  ownOne<{ public_key: PublicKeyCredentialCreationOptionsJSON }>("POST /service/v1/me/passkeys/options", "passkey");
/** With the first factor the recovery codes, once. */
export const addPasskey = (name: string, credential: unknown) =>
  own<{ recovery_codes?: string[] }>("POST /service/v1/me/passkeys", [], { body: { passkey: { name, credential } } });

export const passkeyLoginOptions = () =>
  ownOne<{ public_key: PublicKeyCredentialRequestOptionsJSON }>("POST /service/v1/passkey/options", "passkey", [], { token: null });
/** The answer is a token, as Keystone's: in the header X-Subject-Token. */
export const passkeyLogin = (credential: unknown) =>
  call<{ token: unknown }>("/service/v1/passkey/login", { method: "POST", token: null, body: { passkey: { credential } } });

export type ProofMeans = { password: string } | { passcode: string } | { credential: unknown };
/** Proves once more who one is. */
export const prove = (means: ProofMeans) => ownOne<Proof>("POST /service/v1/me/proof", "proof", [], { body: { proof: means } });

export interface Factors {
  totp: boolean;
  passkeys: number;
  /** unused ones */
  recovery_codes: number;
  required: boolean;
}

export const showFactors = () => ownOne<Factors>("GET /service/v1/me/factors", "factors");
export const newRecoveryCodes = () => ownOne<string[]>("POST /service/v1/me/recovery-codes", "recovery_codes");

export interface LoginSession {
  id: string;
  source: string | null;
  listener: string;
  user_agent: string | null;
  methods: string[];
  /** the one that asks */
  current: boolean;
  created_at: string;
  expires_at: string;
}

export const listSessions = async () => (await ownPage<LoginSession>("GET /service/v1/me/sessions", "sessions")).rows;
export const endSession = (id: string) => own("DELETE /service/v1/me/sessions/{}", [id]);
/** All but the one that asks. */
export const endOtherSessions = () => own("DELETE /service/v1/me/sessions");
