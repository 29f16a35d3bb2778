// SPDX-License-Identifier: Apache-2.0
/* The one way to the server: fetch on the same origin, with the token, the language and the request id.
 * Every refusal becomes an ApiError, whatever dialect it came in (Keystone, Nova, Glance, Neutron, RFC 9457).
 * The server has already translated the message, by Accept-Language. */
import { language, t } from "../i18n";

export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    /** HTTP status; 0 when no answer came */
    readonly status: number,
    /** the dialect's name of the fault: itemNotFound, NeutronError type, problem slug… */
    readonly slug: string,
    message: string,
    readonly requestId: string | null,
    /** the password was right, and a second factor is asked for */
    readonly needsSecondFactor = false,
  ) {
    super(message);
  }
}

export interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** sent as it is, instead of 'body' as JSON */
  raw?: Blob;
  /** several values of a name: any of them */
  query?: Record<string, string | number | readonly string[] | undefined>;
  /** null: no token (login); undefined: the session's */
  token?: string | null;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<T> {
  body: T;
  headers: Headers;
  status: number;
}

let sessionToken: string | null = null;
let onUnauthorized: () => void = () => undefined;

/** What the server gives for a password, a code or a passkey, to be sent along with what it is needed for. */
export interface Proof {
  token: string;
  expires_at: string;
}
let prover: (() => Promise<Proof | null>) | null = null;
let proof: Proof | null = null;

/** 'ask' is called when the server wants to know once more who is there; it answers null when nobody says so. */
export function setProver(ask: (() => Promise<Proof | null>) | null): void {
  prover = ask;
}

/** Sets the token of all further requests. */
export function setToken(token: string | null): void {
  sessionToken = token;
  proof = null; /* it was good with the other token only */
}

/** 'handler' is called when the server no longer accepts the session's token. */
export function setUnauthorizedHandler(handler: () => void): void {
  onUnauthorized = handler;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Finds slug and message in an error body of any dialect. Nova: {"itemNotFound": {message, code}};
 *  Keystone: {"error": {title, message}}; Neutron: {"NeutronError": {type, message}}; ours: {type, title, detail}. */
export function faultOf(body: unknown): { slug: string; message: string } | null {
  if (!isRecord(body)) {
    return null;
  }
  if (typeof body["detail"] === "string" || typeof body["title"] === "string") {
    const slug = String(body["slug"] ?? String(body["type"] ?? "").split("/").pop());
    return { slug, message: String(body["detail"] ?? body["title"]) };
  }
  for (const [name, fault] of Object.entries(body)) {
    if (isRecord(fault) && typeof fault["message"] === "string") {
      return { slug: String(fault["type"] ?? fault["title"] ?? name), message: fault["message"] };
    }
    if (typeof fault === "string" && (name === "message" || name === "NeutronError")) {
      return { slug: name, message: fault };
    }
  }
  return null;
}

function pathOf(path: string, query: Request["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== "") {
        params.append(name, String(one));
      }
    }
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

function messageWithoutBody(status: number): string {
  if (status === 502 || status === 503 || status === 504) {
    return t("The service is not available right now. It will be tried again.");
  }
  return t("The server answered with status {status}.", { status });
}

async function toError(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-openstack-request-id") ?? response.headers.get("x-compute-request-id");
  const body: unknown = await response.json().catch(() => null);
  const fault = faultOf(body);
  return new ApiError(
    response.status,
    fault?.slug ?? "",
    fault?.message ?? messageWithoutBody(response.status),
    requestId,
    response.headers.has("Openstack-Auth-Receipt") || /totp|second-factor|mfa/.test(fault?.slug ?? ""),
  );
}

/** The proof there is, while it holds. */
function proofHeader(): Record<string, string> {
  return proof !== null && Date.parse(proof.expires_at) > Date.now() ? { "X-Akashi-Proof": proof.token } : {};
}

/** Sends; when the server asks who is there, asks the user and sends once more. */
async function send(path: string, request: Request, accept: string): Promise<Response> {
  try {
    return await sendOnce(path, request, accept);
  } catch (error) {
    if (!(error instanceof ApiError) || error.slug !== "proof-needed" || prover === null) {
      throw error;
    }
    const given = await prover();
    if (given === null) {
      throw error;
    }
    proof = given;
    return sendOnce(path, request, accept);
  }
}

async function sendOnce(path: string, request: Request, accept: string): Promise<Response> {
  const { method = "GET", body, raw, query, token = sessionToken, headers, signal } = request;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const init: RequestInit = {
    method,
    cache: "no-store",
    credentials: "omit",
    headers: {
      Accept: accept,
      "Accept-Language": language(),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === null ? {} : { "X-Auth-Token": token, ...proofHeader() }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
    ...(signal ? { signal } : {}),
  };
  let response: Response;
  try {
    response = await fetch(pathOf(path, query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new ApiError(0, "no-answer", t("The server cannot be reached. Check your network connection."), null);
  }
  if (!response.ok) {
    if (response.status === 401 && token !== null && token === sessionToken) {
      onUnauthorized();
    }
    throw await toError(response);
  }
  return response;
}

/** Sends one request; the answer's JSON is trusted to be a T (the server's tests check its schemas). */
export async function call<T>(path: string, request: Request = {}): Promise<Answer<T>> {
  const response = await send(path, request, "application/json");
  const text = await response.text();
  return { body: (text ? JSON.parse(text) : undefined) as T, headers: response.headers, status: response.status };
}

/** A file. */
export async function download(path: string, query: Request["query"] = {}): Promise<Blob> {
  return (await send(path, { query }, "*/*")).blob();
}

/** Sends a file with its progress, 0 to 1, which fetch() does not tell. */
export function upload(path: string, file: Blob, mediaType: string, onProgress: (part: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = (reason: Error) => reject(reason);
    request.open("PUT", path);
    request.setRequestHeader("Content-Type", mediaType);
    request.setRequestHeader("Accept-Language", language());
    request.setRequestHeader("X-Auth-Token", sessionToken ?? "");
    request.upload.onprogress = (event) => onProgress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status < 300) {
        resolve();
        return;
      }
      const headers = new Headers();
      const id = request.getResponseHeader("x-openstack-request-id");
      if (id) {
        headers.set("x-openstack-request-id", id);
      }
      void toError(new Response(request.responseText, { status: request.status, headers })).then(fail);
    };
    request.onerror = () => fail(new ApiError(0, "no-answer", t("The server cannot be reached. Check your network connection."), null));
    request.onabort = () => fail(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** The body alone, for the many calls that need nothing else. */
export async function get<T>(path: string, request: Request = {}): Promise<T> {
  return (await call<T>(path, request)).body;
}
