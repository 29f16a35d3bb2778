// SPDX-License-Identifier: Apache-2.0
/* What only the management listener has: operators' verbs and lists of all customers. */
import type { AccessReview, BreakGlass, Privilege } from "./access";
import { call } from "./client";
import { own, ownOne, ownPage, type ListQuery, type Route } from "./own";
import type { Incident } from "./incident";
import type { Document, Notice } from "./notice";
import type { Contract, ContractChange, Customer, ServiceCode } from "./service";
import type { ServiceRequest } from "./request";

export type { AccessReview, BreakGlass, Privilege };

export interface ContractRow extends Contract {
  language: string;
  network_cidr: string | null;
  cancel_reason: string | null;
  deleting_at: string | null;
  record_id: string | null;
}

export interface DeletionRecord {
  id: string;
  contract_id: string;
  contract_number: string;
  customer_name: string;
  created_at: string;
  sha256: string;
  /** null: there is no supplement */
  supplement_at: string | null;
  /** things that the record had to leave and that have not gone yet */
  kept: number;
}

/** What operators begin with when they write to customers. */
export interface Template {
  slug: string;
  use: "notice" | "word" | "report";
  title_ja: string;
  title_en: string;
  /** of a notice */
  kind: string;
  impact: string;
  emergency: boolean;
  needs_ack: boolean;
  texts: { field: string; ja: string; en: string }[];
  placeholders: { name: string; title_ja: string; title_en: string }[];
}

export interface Host {
  name: string;
  zone: string;
  country: string;
  servers: number;
  enabled: boolean;
  disabled_reason: string | null;
}

export interface Hypervisor {
  id: number | string;
  hypervisor_hostname: string;
  state: string;
  status: string;
  vcpus: number;
  vcpus_used: number;
  memory_mb: number;
  memory_mb_used: number;
  local_gb: number;
  local_gb_used: number;
  running_vms: number;
}

export interface Mail {
  id: string;
  number: number;
  to: string;
  subject: string;
  template: string;
  language: string;
  state: string;
  attempts: number;
  error: string | null;
  created_at: string;
  next_try_at: string | null;
  sent_at: string | null;
}

export interface OperatorNotice extends Notice {
  classes?: string[];
  project_ids?: string[];
  everyone?: boolean;
  report_due_at?: string | null;
  reason?: string | null;
  affected?: { project_id: string; customer_name: string | null; contract_number?: string | null; servers?: ({ id: string; name: string } | string)[]; mail_state: string; acknowledged_at?: string | null }[];
}

export interface Preview {
  affected: OperatorNotice["affected"];
  lead_ok: boolean;
  earliest_start_at: string | null;
  contract_number: string | null;
  customer_name: string | null;
}

export interface OperatorIncident extends Incident {
  overdue?: boolean;
  assignee?: string | null;
  public_title?: string | null;
  customers?: { project_id: string; customer_name: string | null; notified_at?: string | null }[];
}

/** Does a verb: its body in an envelope, or bare where that is null. */
export const act = (route: Route, id: string, envelope?: string | null, body: Record<string, unknown> = {}) =>
  own(route, [id], envelope === undefined ? {} : { body: envelope === null ? body : { [envelope]: body } });

export const listCustomers = (query: ListQuery) => ownPage<Customer>("GET /service/v1/customers", "customers", query);
export const createCustomer = (customer: Record<string, unknown>) => ownOne<Customer>("POST /service/v1/customers", "customer", [], { body: { customer } });
export const listContracts = (query: ListQuery) => ownPage<ContractRow>("GET /service/v1/contracts", "contracts", query);
export const showContract = (id: string) => ownOne<ContractRow>("GET /service/v1/contracts/{}", "contract", [id]);
export const createContract = (contract: Record<string, unknown>) => ownOne<ContractRow>("POST /service/v1/contracts", "contract", [], { body: { contract } });
export const activateContract = (id: string) =>
  own<{ contract?: ContractRow; initial_password?: string }>("POST /service/v1/contracts/{}/activate", [id]);
export const listContractChanges = (id: string, query: ListQuery) => ownPage<ContractChange>("GET /service/v1/contracts/{}/changes", "changes", query, [id]);
export const listCodes = (query: ListQuery) => ownPage<ServiceCode>("GET /service/v1/codes", "codes", query);
export const listDeletionRecords = (query: ListQuery) => ownPage<DeletionRecord>("GET /service/v1/deletion-records", "deletion_records", query);
export const listTemplates = (use: Template["use"]) => ownPage<Template>("GET /service/v1/templates", "templates", { use });
export const listHosts = (query: ListQuery) => ownPage<Host>("GET /service/v1/hosts", "hosts", query);
export const changeHost = (name: string, host: Record<string, unknown>) => own("PATCH /service/v1/hosts/{}", [name], { body: { host } });
/** Nova's own verbs: only the worker's host takes servers, so the binary is always the same. */
export const setHostEnabled = (host: string, reason?: string) =>
  call(`/compute/v2.1/os-services/${reason === undefined ? "enable" : "disable-log-reason"}`, {
    method: "PUT",
    body: { host, binary: "nova-compute", ...(reason === undefined ? {} : { disabled_reason: reason }) },
  });
export const changeContract = (id: string, contract: Record<string, unknown>) => ownOne<ContractRow>("PATCH /service/v1/contracts/{}", "contract", [id], { body: { contract } });
export const listHypervisors = async () => (await call<{ hypervisors: Hypervisor[] }>("/compute/v2.1/os-hypervisors/detail")).body.hypervisors;
export const listAllRequests = (query: ListQuery) => ownPage<ServiceRequest>("GET /service/v1/requests", "requests", query);
export const listOperatorNotices = (query: ListQuery) => ownPage<OperatorNotice>("GET /service/v1/notices", "notices", query);
export const showOperatorNotice = (id: string) => ownOne<OperatorNotice>("GET /service/v1/notices/{}", "notice", [id]);
export const createNotice = (notice: Record<string, unknown>) => ownOne<OperatorNotice>("POST /service/v1/notices", "notice", [], { body: { notice } });
export const previewNotice = (id: string) => ownOne<Preview>("GET /service/v1/notices/{}/preview", "preview", [id]);
export const listOperatorIncidents = (query: ListQuery) => ownPage<OperatorIncident>("GET /service/v1/incidents", "incidents", query);
export const showOperatorIncident = (id: string) => ownOne<OperatorIncident>("GET /service/v1/incidents/{}", "incident", [id]);
export const createIncident = (incident: Record<string, unknown>) => ownOne<OperatorIncident>("POST /service/v1/incidents", "incident", [], { body: { incident } });
export const listPrivileges = (query: ListQuery) => ownPage<Privilege>("GET /service/v1/privileges", "privileges", query);
export const decideItem = (review: string, item: string, decision: "keep" | "remove") =>
  own("PUT /service/v1/access-reviews/{}/items/{}", [review, item], { body: { item: { decision } } });
export const showMail = (id: string) => ownOne<Mail & { body: string }>("GET /service/v1/mails/{}", "mail", [id]);
export const listMails = (query: ListQuery) => ownPage<Mail>("GET /service/v1/mails", "mails", query);
export const createDocument = (document: Record<string, unknown>) => ownOne<Document>("POST /service/v1/documents", "document", [], { body: { document } });
/** The file of a document in one language is the body itself. */
export async function putDocument(id: string, language: string, file: File): Promise<void> {
  await call(`/service/v1/documents/${id}/content`, {
    method: "PUT",
    query: { lang: language },
    raw: file,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  });
}
