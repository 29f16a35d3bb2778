// SPDX-License-Identifier: Apache-2.0
/* Notices: maintenance, changes, information; and documents. */
import { download } from "./client";
import { own, ownOne, ownPage, type ListQuery } from "./own";

export type NoticeKind = "maintenance" | "change" | "service_change" | "information";
export type NoticeState = "draft" | "published" | "running" | "done" | "cancelled";

export interface NoticeServer {
  id: string;
  name: string;
}

export interface Notice {
  id: string;
  number: string;
  kind: NoticeKind;
  emergency: boolean;
  title_ja: string;
  title_en: string;
  body_ja: string;
  body_en: string;
  state: NoticeState;
  starts_at: string | null;
  ends_at: string | null;
  impact: string | null;
  hosts?: string[];
  servers?: (NoticeServer | string)[];
  published_at: string | null;
  lead_ok?: boolean;
  acknowledged_at: string | null;
  needs_ack: boolean;
}

export type DocumentKind = "terms" | "manual" | "guide" | "sla" | "white_paper" | "form";

export interface Document {
  id: string;
  slug: string;
  kind: DocumentKind;
  version: string | number;
  title_ja: string;
  title_en: string;
  media_type: string;
  hash: string;
  published_at: string;
  needs_ack: boolean;
  acknowledged_at: string | null;
  area: string | null;
}

/** As staff see it: who acknowledged it, and who of those whom it is for has not. */
export interface DocumentAcknowledgements extends Document {
  acknowledgements?: { project_id: string; user_name: string; at: string }[];
  waiting?: { project_id: string; customer_name: string | null; contract_number: string | null }[];
}

export const listNotices = (query: ListQuery) => ownPage<Notice>("GET /service/v1/notices", "notices", query);
export const showNotice = (id: string) => ownOne<Notice>("GET /service/v1/notices/{}", "notice", [id]);
export const acknowledgeNotice = (id: string) =>
  own("POST /service/v1/notices/{}/acknowledge", [id]);
/** Whether one has a calendar; its address is only in the answer to its making, since its token is kept as a hash. */
export const showFeed = () => ownOne<{ created_at: string } | null>("GET /service/v1/notice-feed", "feed");
/** A new address; an older one stops. */
export const createFeed = () => ownOne<{ url: string; created_at: string }>("POST /service/v1/notice-feed", "feed");

export const listDocuments = (query: ListQuery) => ownPage<Document>("GET /service/v1/documents", "documents", query);
export const showDocument = (id: string) => ownOne<DocumentAcknowledgements>("GET /service/v1/documents/{}", "document", [id]);
export const acknowledgeDocument = (id: string) =>
  own("POST /service/v1/documents/{}/acknowledge", [id]);
export const documentContent = (id: string, lang: string) => download(`/service/v1/documents/${id}/content`, { lang });
