// SPDX-License-Identifier: Apache-2.0
/* Who one is, the service classes, the contract and what ends it. */
import { language } from "../i18n";
import { own, ownOne, ownPage, type ListQuery } from "./own";
import type { Policy } from "./routes";

export type VerbMode = "self" | "request" | "none";
export type CustomerRole = "manager" | "member" | "reader";
export type StaffRole = "operator" | "privileged" | "officer" | "auditor" | "analyst" | "admin";
export type Verb =
  | "server.create" | "server.delete" | "server.power" | "server.rebuild" | "console" | "metrics" | "eventlog" | "user"
  | "network" | "firewall" | "image" | "keypair" | "label";

export interface Me {
  user_id: string;
  user_name: string;
  role: CustomerRole | StaffRole;
  project_id: string | null;
  project_name: string | null;
  /** null: a project without a contract */
  contract_id: string | null;
  contract_number?: string | null;
  customer_name?: string | null;
  class_name?: string | null;
  class_title_ja?: string | null;
  class_title_en?: string | null;
  state?: ContractState | null;
  customer_name_en?: string | null;
  /** after the last day of the contract: one looks, and changes nothing */
  ended?: boolean;
  verbs?: Partial<Record<Verb, VerbMode>>;
  /** the policies that one passes now */
  may: Policy[];
  must_change_password?: boolean;
  mfa?: { totp: boolean; passkeys: number; required: boolean };
  staff?: boolean;
  /** the address one comes from, as the daemon sees it */
  source?: string | null;
  areas?: string[];
  consent_needed?: boolean;
}

/** The customer's name in the reader's language. */
export const customerOf = (row: { customer_name?: string | null; customer_name_en?: string | null }): string | undefined =>
  (language() === "en" && row.customer_name_en) || row.customer_name || undefined;

export type Party = "provider" | "customer" | "shared";

export interface MatrixRow {
  layer: string;
  title_ja: string;
  title_en: string;
  party: Party;
}

export interface Backup {
  /** of the disks of servers, and of the settings of the platform */
  servers?: boolean;
  configuration?: boolean;
  start?: string;
  generations?: number;
}

export interface SecurityService {
  service: string;
  title_ja: string;
  title_en: string;
  terms: "included" | "option" | "none";
}

export interface Evidence {
  /** dotted: backup.servers, security_services.soc */
  parameter: string;
  evidence: string;
}

export interface ServiceClass {
  name: string;
  version: number;
  hash: string;
  title_ja: string;
  title_en: string;
  summary_ja?: string;
  summary_en?: string;
  matrix: MatrixRow[];
  verbs: Partial<Record<Verb, VerbMode>>;
  grace_days: number;
  /** between a customer's cancellation and the earliest end */
  notice_days?: number;
  deletion: "automatic" | "operator";
  backup?: Backup;
  security_services?: SecurityService[];
  /** what the provider promises and this akashi neither runs nor measures */
  evidence?: Evidence[];
  notices?: Record<string, unknown>;
  incidents?: Record<string, unknown>;
  countries?: string[];
  zone?: string;
  hypervisor_handover?: boolean;
  licences?: unknown[];
  consent_ja?: string;
  consent_en?: string;
  loaded_at?: string;
}

export interface Customer {
  id: string;
  number: string;
  name: string;
  name_kana: string | null;
  name_en: string | null;
  sector: string;
  country: string;
  created_at: string;
}

export type ContractState = "draft" | "active" | "terminating" | "closed";
export type ContactKind = "business" | "technical" | "security" | "emergency";

export interface Contact {
  id: string;
  kind: ContactKind;
  name: string;
  email: string | null;
  phone: string | null;
  language: "ja" | "en";
}

export interface ContractItem {
  id: string;
  code: string;
  title: string;
  quantity: number;
}

export interface Contract {
  id: string;
  number: string;
  customer_id: string;
  customer_name: string;
  customer_name_en: string | null;
  sector: string;
  class_name: string;
  class_version: number;
  class_title_ja: string;
  class_title_en: string;
  state: ContractState;
  title: string | null;
  project_id: string | null;
  domain_id: string | null;
  starts_on: string | null;
  ends_on: string | null;
  governing_law: string | null;
  items: ContractItem[];
  contacts: Contact[];
  quotas: Record<string, number> | null;
  master_user_name: string | null;
  consent: { terms_version: string | number; terms_hash: string; user_name: string; at: string } | null;
  legal_hold: boolean;
  hold_reason?: string | null;
  cancelled_at?: string | null;
  ended_at?: string | null;
  delete_at?: string | null;
  closed_at?: string | null;
  notes?: string | null;
  /** of the deletion */
  record_id?: string | null;
  supplement_at?: string | null;
  kept?: number;
  /** once, in the answer to the activation */
  initial_password?: string;
}

/** What became of members of a contract that runs, each from and to. */
export interface ContractChange {
  id: string;
  contract_id: string;
  changes: Record<string, { from: unknown; to: unknown }>;
  at: string;
}

export interface Terms {
  version: string | number;
  hash: string;
  text_ja: string;
  text_en: string;
}

export interface ServiceCode {
  code: string;
  server_id: string | null;
  server_name: string | null;
  item: string;
  issued_at: string;
  retired_at: string | null;
}

export type ExportState = "queued" | "running" | "ready" | "failed" | "expired";

export interface Export {
  id: string;
  state: ExportState;
  /** with the disks as qcow2 files */
  disks: boolean;
  /** bytes */
  size: number | null;
  sha256: string | null;
  /** how far a kit with disks is */
  disks_done?: number;
  disks_total?: number;
  error: string | null;
  created_at: string;
  expires_at: string | null;
}

/** What is kept of a customer, how long, and who may see it. */
export interface Retention {
  slug: string;
  title_ja: string;
  title_en: string;
  basis: "unlimited" | "setting" | "fixed" | "contract";
  /** null: without end, or no contract says it */
  days: number | null;
  rule_ja: string;
  rule_en: string;
  seen_by_ja: string;
  seen_by_en: string;
}

export interface Need {
  kind: string;
  id: string | null;
  title_ja: string;
  title_en: string;
  due_at: string | null;
}

export interface Overview {
  servers: Record<string, number>;
  open_requests: number;
  unread_notices: number;
  open_incidents: number;
  needs: Need[];
}

/** 'token': of a login that is not finished yet; else the session's. */
export const showMe = (token?: string) => ownOne<Me>("GET /service/v1/me", "me", [], token === undefined ? {} : { token });
export const listRetention = () => ownPage<Retention>("GET /service/v1/retention", "retention", {});
export const showOverview = () => ownOne<Overview>("GET /service/v1/overview", "overview");

export const listClasses = (query: ListQuery = {}) => ownPage<ServiceClass>("GET /service/v1/classes", "classes", query);
/** The newest version, or that which a contract has. */
export const showClass = (name: string, version?: number) => ownOne<ServiceClass>("GET /service/v1/classes/{}", "class", [name], { query: { version } });

export const showOwnContract = () => ownOne<Contract>("GET /service/v1/contract", "contract");
export const showTerms = () => ownOne<Terms>("GET /service/v1/contract/terms", "terms");
export const consent = (hash: string) =>
  own("POST /service/v1/contract/consent", [], { body: { consent: { terms_hash: hash } } });
export const cancelContract = (ends_on: string, reason: string) =>
  own("POST /service/v1/contract/cancel", [], { body: { cancel: { ends_on, reason } } });
export const listOwnChanges = (query: ListQuery = {}) => ownPage<ContractChange>("GET /service/v1/contract/changes", "changes", query);
export const listServiceCodes = (query: ListQuery = {}) => ownPage<ServiceCode>("GET /service/v1/contract/codes", "codes", query);
export const listExports = async () => (await ownPage<Export>("GET /service/v1/contract/export", "exports", { limit: 20 })).rows;
export const startExport = (disks: boolean) => ownOne<Export>("POST /service/v1/contract/export", "export", [], { body: { export: { disks } } });
export const exportPath = (id: string) => `/service/v1/contract/export/${id}/content`;
/** The signed record, and what was signed later about what the record had to leave. */
export const deletionRecordPath = (id: string) => `/service/v1/deletion-records/${id}`;
export const supplementPath = (id: string) => `${deletionRecordPath(id)}/supplement`;
