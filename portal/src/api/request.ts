// SPDX-License-Identifier: Apache-2.0
/* Requests (申請): their kinds, with the fields of their forms; the requests with thread, attachments and clock. */
import { call } from "./client";
import { own, ownOne, ownPage, type ListQuery } from "./own";

export type FieldType = "text" | "longtext" | "integer" | "choice" | "server" | "network" | "user" | "date" | "cidr" | "email" | "boolean";

export type FieldChoice = string | { value: string; title_ja: string; title_en: string };

export interface Field {
  name: string;
  title_ja: string;
  title_en: string;
  type: FieldType;
  required: boolean;
  choices?: FieldChoice[] | null;
  help_ja?: string | null;
  help_en?: string | null;
}

export type FieldValue = string | number | boolean;

export interface RequestKind {
  kind: string;
  title_ja: string;
  title_en: string;
  description_ja: string;
  description_en: string;
  who: string;
  approvals: number;
  target_hours: number;
  /** the target counts business hours */
  business_hours?: boolean;
  fields: Field[];
  available: boolean;
  /** for the staff: what a person does for it, and how the answer begins */
  checklist?: { title_ja: string; title_en: string }[];
  closing?: { title_ja: string; title_en: string };
}

export type RequestState =
  | "submitted" | "in_review" | "waiting_customer" | "approved" | "running" | "done" | "refused" | "withdrawn" | "failed";

export type AuthorKind = "customer" | "operator" | "system";

export interface Message {
  id?: string;
  author_name: string | null;
  author_kind: AuthorKind;
  text: string;
  at: string;
}

export interface Attachment {
  id: string;
  name: string;
  size: number;
  media_type: string;
  at: string;
}

export interface Approval {
  user_name: string;
  decision: string;
  comment: string | null;
  /** of the form that was decided on */
  revision?: number;
  at: string;
}

export interface ServiceRequest {
  id: string;
  number: string;
  kind: string;
  title: string;
  state: RequestState;
  fields: Record<string, FieldValue | null>;
  /** names of what the fields name by id */
  names?: Record<string, string>;
  /** of the form: 1, and one more for each correction */
  revision?: number;
  approvals_needed?: number;
  /** why it could not be carried out */
  error?: { slug: string; text_ja: string; text_en: string } | null;
  created_by: string | null;
  created_at: string;
  due_at: string | null;
  overdue: boolean;
  approvals?: Approval[];
  result?: string | null;
  messages?: Message[];
  attachments?: Attachment[];
  project_id: string | null;
  customer_name?: string | null;
  assignee?: string | null;
  /** a one-time password waits for who made the request */
  has_secret?: boolean;
  /** step of the work that runs */
  progress?: string | number | null;
}

export const OPEN_STATES: RequestState[] = ["submitted", "in_review", "waiting_customer", "approved", "running", "failed"];
export const ATTACHMENT_MAX = 20 * 1024 * 1024;

export const listRequestKinds = async () => (await ownPage<RequestKind>("GET /service/v1/request-kinds", "request_kinds")).rows;
export const listRequests = (query: ListQuery) => ownPage<ServiceRequest>("GET /service/v1/requests", "requests", query);
export const showRequest = (id: string) => ownOne<ServiceRequest>("GET /service/v1/requests/{}", "request", [id]);
export const createRequest = (request: { kind: string; title?: string; fields: Record<string, FieldValue> }) =>
  ownOne<ServiceRequest>("POST /service/v1/requests", "request", [], { body: { request } });
export const correctRequest = (id: string, fields: Record<string, FieldValue>) =>
  ownOne<ServiceRequest>("PATCH /service/v1/requests/{}", "request", [id], { body: { request: { fields } } });
export const addMessage = (id: string, text: string) =>
  own("POST /service/v1/requests/{}/messages", [id], { body: { message: { text } } });
export const withdrawRequest = (id: string) => own("POST /service/v1/requests/{}/withdraw", [id]);
/** The one-time password, once. */
export const takeSecret = (id: string) => ownOne<string>("POST /service/v1/requests/{}/secret", "secret", [id]);

/** The file itself is the body; its name goes in the query. */
export async function addAttachment(id: string, file: File): Promise<void> {
  await call(`/service/v1/requests/${id}/attachments`, {
    method: "POST",
    query: { name: file.name },
    raw: file,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  });
}

export const attachmentPath = (id: string, attachment: string) => `/service/v1/requests/${id}/attachments/${attachment}`;
