// SPDX-License-Identifier: Apache-2.0
/* Metrics and event log of a server; labels and classification of any resource. */
import { own, ownOne, ownPage, type ListQuery } from "./own";
import type { Event } from "./access";

export interface Series {
  name: string;
  unit: string;
  /** [seconds since 1970, value] */
  points: [number, number][];
}

export const CLASSIFICATIONS = ["public", "internal", "confidential", "secret"] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

export interface Labels {
  classification: Classification | null;
  labels: Record<string, string>;
}

export async function showMetrics(id: string, from: string, to: string, step: number): Promise<Series[]> {
  const body = await own<{ series?: Series[]; metrics?: { series: Series[] } }>("GET /service/v1/servers/{}/metrics", [id], { query: { from, to, step } });
  return body.series ?? body.metrics?.series ?? [];
}

export const listServerEvents = (id: string, query: ListQuery) =>
  ownPage<Event>("GET /service/v1/servers/{}/events", "events", query, [id]);

export const showLabels = (type: string, id: string) =>
  ownOne<Labels>("GET /service/v1/labels/{}/{}", "label", [type, id]);
export const putLabels = (type: string, id: string, label: Labels) =>
  own("PUT /service/v1/labels/{}/{}", [type, id], { body: { label } });
