// SPDX-License-Identifier: Apache-2.0
/* akashi's own API, /service/v1. A call names its route as the daemon's dump writes it, so that a route that is not there
 * does not compile (routes.ts is made from `akashid --dump-routes` by scripts/routes.mjs). Lists have limit, marker,
 * sort and filters, and answer with "next", the marker of the next page. */
import { call, type Request } from "./client";
import type { Route } from "./routes";

export type { Route };

export interface ListQuery {
  limit?: number | undefined;
  marker?: string | undefined;
  /** "name:asc" */
  sort?: string | undefined;
  [filter: string]: string | number | readonly string[] | undefined;
}

export interface Page<T> {
  rows: T[];
  /** the marker of the next page; null on the last one */
  next: string | null;
}

/** Calls 'route' with its {}s filled, in their order; the answer's JSON is trusted to be a T. */
export async function own<T = unknown>(route: Route, params: string[] = [], request: Omit<Request, "method"> = {}): Promise<T> {
  const [method = "GET", pattern = ""] = route.split(" ");
  const left = [...params];
  const path = pattern.replace(/\{\}/g, () => encodeURIComponent(left.shift() ?? ""));
  return (await call<T>(path, { ...request, method: method as NonNullable<Request["method"]> })).body;
}

/** The one object in the envelope 'name' of the answer. */
export async function ownOne<T>(route: Route, name: string, params: string[] = [], request: Omit<Request, "method"> = {}): Promise<T> {
  return (await own<Record<string, T>>(route, params, request))[name] as T;
}

/** One page of the list in the envelope 'name'. */
export async function ownPage<T>(route: Route, name: string, query: ListQuery = {}, params: string[] = []): Promise<Page<T>> {
  const body = await own<Record<string, unknown>>(route, params, { query });
  return { rows: (body[name] ?? []) as T[], next: (body["next"] as string | null | undefined) ?? null };
}
