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
  ) {
    super(message);
  }
}

export interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: Record<string, string | number | undefined>;
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

/** Sets the token of all further requests. */
export function setToken(token: string | null): void {
  sessionToken = token;
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
    const slug = String(body["type"] ?? "").split("/").pop() ?? "";
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
    if (value !== undefined && value !== "") {
      params.set(name, String(value));
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
  );
}

/** Sends one request; the answer's JSON is trusted to be a T (the server's tests check its schemas). */
export async function call<T>(path: string, request: Request = {}): Promise<Answer<T>> {
  const { method = "GET", body, query, token = sessionToken, headers, signal } = request;
  const init: RequestInit = {
    method,
    cache: "no-store",
    credentials: "omit",
    headers: {
      Accept: "application/json",
      "Accept-Language": language(),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === null ? {} : { "X-Auth-Token": token }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
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
  const text = await response.text();
  return { body: (text ? JSON.parse(text) : undefined) as T, headers: response.headers, status: response.status };
}

/** The body alone, for the many calls that need nothing else. */
export async function get<T>(path: string, request: Request = {}): Promise<T> {
  return (await call<T>(path, request)).body;
}
