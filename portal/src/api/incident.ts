// SPDX-License-Identifier: Apache-2.0
/* Incidents: reported, tracked, closed with a report. */
import { call } from "./client";
import { own, ownOne, ownPage, type ListQuery } from "./own";
import type { AuthorKind } from "./request";

export type Severity = "low" | "medium" | "high" | "critical";
export type Cause = "provider" | "customer" | "external" | "unknown";
export type IncidentState = "received" | "triage" | "confirmed" | "mitigated" | "resolved" | "closed";

export interface TimelineEntry {
  at: string;
  kind: string;
  text: string | null;
  author_kind: AuthorKind;
  author_name?: string | null;
}

export interface IncidentFile {
  id: string;
  name: string;
  size: number;
  visibility?: "customer" | "internal";
}

export interface Incident {
  id: string;
  number: string;
  title: string;
  severity: Severity;
  cause: Cause;
  state: IncidentState;
  reported_by: string | null;
  channel: "form" | "mail" | "operator";
  created_at?: string;
  confirmed_at: string | null;
  notify_due_at: string | null;
  notified_at: string | null;
  /** when the next word, and then the closure report, are due; and since when they are late */
  update_due_at?: string | null;
  update_overdue_at?: string | null;
  report_due_at?: string | null;
  report_overdue_at?: string | null;
  resolved_at: string | null;
  affected?: ({ id: string; name: string } | string)[];
  timeline?: TimelineEntry[];
  attachments?: IncidentFile[];
  report?: Record<string, string | null> | null;
}

export const listIncidents = (query: ListQuery) => ownPage<Incident>("GET /service/v1/incidents", "incidents", query);
export const showIncident = (id: string) => ownOne<Incident>("GET /service/v1/incidents/{}", "incident", [id]);
export const reportIncident = (incident: { title: string; severity: Severity; text: string; servers: string[] }) =>
  ownOne<Incident>("POST /service/v1/incidents", "incident", [], { body: { incident } });
export const addIncidentMessage = (id: string, text: string) =>
  own("POST /service/v1/incidents/{}/messages", [id], { body: { message: { text } } });

export const INCIDENT_FILE_MAX = 8 * 1024 * 1024;
/** The file itself is the body; its name goes in the query. Operators may keep it from customers. */
export async function attachToIncident(id: string, file: File, visibility?: "internal"): Promise<void> {
  await call(`/service/v1/incidents/${id}/attachments`, {
    method: "POST",
    query: { name: file.name, ...(visibility ? { visibility } : {}) },
    raw: file,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  });
}
export const incidentFilePath = (id: string, file: string) => `/service/v1/incidents/${id}/attachments/${file}`;
