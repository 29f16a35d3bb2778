// SPDX-License-Identifier: Apache-2.0
/* From where, by whom, with which privilege: allow-lists, areas, privileges, break-glass, reviews, events, jobs. */
import { own, ownOne, ownPage, type ListQuery } from "./own";

export interface AllowList {
  cidrs: string[];
  /** no limit at all */
  anywhere?: boolean;
  updated_at: string | null;
}

export interface Area {
  id: string;
  slug: string;
  name_ja: string;
  name_en: string;
  cidrs: string[];
  used_for: ("console" | "metrics" | "guides")[];
}

export type PrivilegeState = "requested" | "approved" | "refused" | "active" | "expired" | "revoked";

export interface Privilege {
  id: string;
  user_name: string;
  role: string;
  reason: string;
  state: PrivilegeState;
  requested_at: string;
  approved_by: string | null;
  starts_at: string | null;
  expires_at: string | null;
}

export type BreakGlassState = "requested" | "consented" | "approved" | "refused" | "active" | "expired";

export interface BreakGlass {
  id: string;
  project_id: string;
  server_id: string | null;
  reason: string;
  ticket: string | null;
  state: BreakGlassState;
  requested_by: string;
  requested_at?: string;
  approvals: { user_name: string; decision: string; at: string }[];
  expires_at: string | null;
}

export interface ReviewItem {
  id?: string;
  user_name: string;
  role: string;
  scope: string;
  decision: "keep" | "remove" | null;
  decided_by: string | null;
}

export interface AccessReview {
  id: string;
  title: string;
  state: string;
  due_at: string | null;
  undecided?: number;
  items: ReviewItem[];
}

export interface Event {
  seq: number;
  time_at: string;
  action: string;
  outcome: string;
  actor_name: string | null;
  actor_kind: "customer" | "operator" | "system";
  object_type: string | null;
  object_id: string | null;
  listener?: string | null;
  reason?: string | null;
  request_id: string | null;
}

export interface Job {
  id: string;
  kind: string;
  object_id: string | null;
  project_id: string | null;
  state: string;
  step: number;
  step_name: string | null;
  steps: number | string[];
  error: string | null;
  /** for the provider's people */
  error_detail?: string | null;
  created_at: string;
  updated_at: string;
}

export const showAllowList = () => ownOne<AllowList>("GET /service/v1/allow-list", "allow_list");
export const listAreas = async () => (await ownPage<Area>("GET /service/v1/areas", "areas")).rows;
export const listBreakGlass = (query: ListQuery = {}) => ownPage<BreakGlass>("GET /service/v1/break-glass", "break_glass", query);
export const decideBreakGlass = (id: string, decision: "consent" | "refuse", comment: string) =>
  own(`POST /service/v1/break-glass/{}/${decision}`, [id], { body: { decision: { comment } } });
export const listAccessReviews = (query: ListQuery = {}) =>
  ownPage<AccessReview>("GET /service/v1/access-reviews", "access_reviews", query);
export const showAccessReview = (id: string) => ownOne<AccessReview>("GET /service/v1/access-reviews/{}", "access_review", [id]);
export const listEvents = (query: ListQuery = {}) => ownPage<Event>("GET /service/v1/events", "events", query);
export const listJobs = (query: ListQuery = {}) => ownPage<Job>("GET /service/v1/jobs", "jobs", query);
