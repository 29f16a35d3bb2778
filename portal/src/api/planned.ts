// SPDX-License-Identifier: Apache-2.0
/* Routes that the pages call before the daemon has them. A row goes when `akashid --dump-routes` lists it; the build's
 * gate (scripts/routes.mjs check) finds one that stayed. */
export type PlannedRoute =
  | "DELETE /service/v1/me/passkeys/{}"
  | "DELETE /service/v1/users/{}"
  | "GET /service/v1/documents"
  | "GET /service/v1/documents/{}"
  | "GET /service/v1/me/passkeys"
  | "GET /service/v1/users"
  | "PATCH /service/v1/users/{}"
  | "POST /service/v1/documents/{}/acknowledge"
  | "POST /service/v1/me/passkeys"
  | "POST /service/v1/me/passkeys/options"
  | "POST /service/v1/passkey/login"
  | "POST /service/v1/passkey/options"
  | "POST /service/v1/users"
  | "POST /service/v1/users/{}/reset-factors"
  | "POST /service/v1/users/{}/reset-password";
