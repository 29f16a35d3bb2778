// SPDX-License-Identifier: Apache-2.0
/* WebAuthn: the options of the API into what the browser wants, and its answer back into JSON. Binary members are
 * base64url in JSON. Spec: https://www.w3.org/TR/webauthn-3/ */

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
}

export function toBase64url(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export const hasPasskeys = (): boolean => typeof PublicKeyCredential === "function";

type Descriptor = { id: string; type: string; transports?: string[] };
const descriptors = (list: Descriptor[] | undefined) =>
  (list ?? []).map((one) => ({ ...one, id: fromBase64url(one.id) }) as PublicKeyCredentialDescriptor);

/* the browser's answer, as the API wants it */
const credentialJson = (credential: PublicKeyCredential, response: Record<string, string | null>) => ({
  id: credential.id,
  rawId: toBase64url(credential.rawId),
  type: credential.type,
  response: { clientDataJSON: toBase64url(credential.response.clientDataJSON), ...response },
  clientExtensionResults: {},
});

/** Asks the user's device for a new passkey; the answer is for the API. */
export async function createPasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<unknown> {
  const credential = (await navigator.credentials.create({
    publicKey: {
      ...options,
      extensions: {},
      challenge: fromBase64url(options.challenge),
      user: { ...options.user, id: fromBase64url(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    } as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential | null;
  if (credential === null) {
    throw new Error("no credential");
  }
  const response = credential.response as AuthenticatorAttestationResponse;
  return credentialJson(credential, { attestationObject: toBase64url(response.attestationObject) });
}

/** Asks the user's device to sign in with one of its passkeys. */
export async function assertPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  const credential = (await navigator.credentials.get({
    publicKey: {
      ...options,
      extensions: {},
      challenge: fromBase64url(options.challenge),
      allowCredentials: descriptors(options.allowCredentials),
    } as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential | null;
  if (credential === null) {
    throw new Error("no credential");
  }
  const response = credential.response as AuthenticatorAssertionResponse;
  return credentialJson(credential, {
    authenticatorData: toBase64url(response.authenticatorData),
    signature: toBase64url(response.signature),
    userHandle: response.userHandle ? toBase64url(response.userHandle) : null,
  });
}
