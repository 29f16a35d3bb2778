// SPDX-License-Identifier: Apache-2.0
/* The words for every enumeration of akashi's own API, and the tone of those that are states. An unknown value, of a
 * newer daemon, is shown as it is. */
import { N_, NC_, tr } from "../i18n";
import type { Tone } from "./StatusLabel";

interface Word {
  text: string;
  tone: Tone;
}

export const STATE_WORDS = {
  contract: {
    draft: { text: NC_("contract", "Draft"), tone: "stored" },
    active: { text: NC_("contract", "Active"), tone: "good" },
    terminating: { text: NC_("contract", "Terminating"), tone: "attention" },
    closed: { text: NC_("contract", "Closed"), tone: "off" },
  },
  request: {
    submitted: { text: NC_("request", "Submitted"), tone: "busy" },
    in_review: { text: NC_("request", "In review"), tone: "busy" },
    waiting_customer: { text: NC_("request", "Waiting for your answer"), tone: "attention" },
    approved: { text: NC_("request", "Approved"), tone: "busy" },
    running: { text: NC_("request", "Being carried out"), tone: "busy" },
    done: { text: NC_("request", "Done"), tone: "good" },
    refused: { text: NC_("request", "Refused"), tone: "bad" },
    withdrawn: { text: NC_("request", "Withdrawn"), tone: "off" },
    failed: { text: NC_("request", "Failed"), tone: "bad" },
  },
  notice: {
    draft: { text: NC_("notice", "Draft"), tone: "stored" },
    published: { text: NC_("notice", "Announced"), tone: "attention" },
    running: { text: NC_("notice", "Under way"), tone: "busy" },
    done: { text: NC_("notice", "Finished"), tone: "good" },
    cancelled: { text: NC_("notice", "Cancelled"), tone: "off" },
  },
  incident: {
    received: { text: NC_("incident", "Received"), tone: "busy" },
    triage: { text: NC_("incident", "Being assessed"), tone: "busy" },
    confirmed: { text: NC_("incident", "Confirmed"), tone: "bad" },
    mitigated: { text: NC_("incident", "Mitigated"), tone: "attention" },
    resolved: { text: NC_("incident", "Resolved"), tone: "good" },
    closed: { text: NC_("incident", "Closed"), tone: "stored" },
  },
  severity: {
    low: { text: NC_("severity", "Low"), tone: "stored" },
    medium: { text: NC_("severity", "Medium"), tone: "attention" },
    high: { text: NC_("severity", "High"), tone: "bad" },
    critical: { text: NC_("severity", "Critical"), tone: "bad" },
  },
  privilege: {
    requested: { text: NC_("privilege", "Requested"), tone: "busy" },
    approved: { text: NC_("privilege", "Approved"), tone: "good" },
    refused: { text: NC_("privilege", "Refused"), tone: "bad" },
    active: { text: NC_("privilege", "In force"), tone: "attention" },
    expired: { text: NC_("privilege", "Expired"), tone: "off" },
    revoked: { text: NC_("privilege", "Revoked"), tone: "off" },
  },
  breakGlass: {
    requested: { text: NC_("break-glass", "Asks for your consent"), tone: "attention" },
    consented: { text: NC_("break-glass", "You consented"), tone: "good" },
    approved: { text: NC_("break-glass", "Approved by two persons"), tone: "attention" },
    refused: { text: NC_("break-glass", "Refused"), tone: "off" },
    active: { text: NC_("break-glass", "Access is open"), tone: "bad" },
    expired: { text: NC_("break-glass", "Ended"), tone: "off" },
  },
  breakGlassStaff: {
    requested: { text: NC_("break-glass", "Waits for consent or approvals"), tone: "busy" },
    active: { text: NC_("break-glass", "Access is open"), tone: "bad" },
    refused: { text: NC_("break-glass", "Refused"), tone: "off" },
    revoked: { text: NC_("break-glass", "Ended before its time"), tone: "off" },
    expired: { text: NC_("break-glass", "Ended"), tone: "off" },
  },
  document: {
    draft: { text: NC_("document", "Draft"), tone: "stored" },
    published: { text: NC_("document", "Published"), tone: "good" },
    superseded: { text: NC_("document", "Replaced"), tone: "off" },
    withdrawn: { text: NC_("document", "Withdrawn"), tone: "off" },
  },
  review: {
    open: { text: NC_("review", "Under way"), tone: "busy" },
    draft: { text: NC_("review", "Draft"), tone: "stored" },
    closed: { text: NC_("review", "Completed"), tone: "good" },
    done: { text: NC_("review", "Completed"), tone: "good" },
    overdue: { text: NC_("review", "Overdue"), tone: "bad" },
  },
  job: {
    queued: { text: NC_("job", "Waiting"), tone: "stored" },
    waiting: { text: NC_("job", "Waiting"), tone: "stored" },
    running: { text: NC_("job", "Running"), tone: "busy" },
    undoing: { text: NC_("job", "Being undone"), tone: "busy" },
    done: { text: NC_("job", "Done"), tone: "good" },
    failed: { text: NC_("job", "Failed"), tone: "bad" },
    cancelled: { text: NC_("job", "Cancelled"), tone: "off" },
  },
  image: {
    active: { text: NC_("image", "Ready"), tone: "good" },
    queued: { text: NC_("image", "Waiting for its file"), tone: "stored" },
    saving: { text: NC_("image", "Being uploaded"), tone: "busy" },
    importing: { text: NC_("image", "Being checked"), tone: "busy" },
    deactivated: { text: NC_("image", "Deactivated"), tone: "off" },
    killed: { text: NC_("image", "Failed"), tone: "bad" },
    deleted: { text: NC_("image", "Deleted"), tone: "off" },
    pending_delete: { text: NC_("image", "Being deleted"), tone: "busy" },
  },
  export: {
    queued: { text: NC_("export", "Waiting"), tone: "stored" },
    running: { text: NC_("export", "Being made"), tone: "busy" },
    ready: { text: NC_("export", "Ready"), tone: "good" },
    failed: { text: NC_("export", "Failed"), tone: "bad" },
    expired: { text: NC_("export", "Expired"), tone: "off" },
  },
  user: {
    enabled: { text: NC_("user", "Enabled"), tone: "good" },
    disabled: { text: NC_("user", "Disabled"), tone: "off" },
  },
  outcome: {
    success: { text: NC_("outcome", "Success"), tone: "good" },
    failed: { text: NC_("outcome", "Failure"), tone: "bad" },
    refused: { text: NC_("outcome", "Refused"), tone: "bad" },
    pending: { text: NC_("outcome", "Accepted"), tone: "busy" },
  },
} satisfies Record<string, Record<string, Word>>;

export type StateKind = keyof typeof STATE_WORDS;

export function stateWord(kind: StateKind, value: string): { text: string; tone: Tone } {
  const word = (STATE_WORDS[kind] as Record<string, Word>)[value];
  return word ? { text: tr(word.text), tone: word.tone } : { text: value, tone: "attention" };
}

/** For a select: every value of a state, with its word. */
export function stateOptions(kind: StateKind, values?: readonly string[]): { value: string; label: string }[] {
  return (values ?? Object.keys(STATE_WORDS[kind])).map((value) => ({ value, label: stateWord(kind, value).text }));
}

const WORDS = {
  role: {
    manager: NC_("role", "Master user"),
    member: NC_("role", "Member"),
    reader: NC_("role", "Reader"),
    operator: NC_("role", "Operator"),
    privileged: NC_("role", "Privileged administrator"),
    officer: NC_("role", "Security officer"),
    auditor: NC_("role", "Auditor"),
    analyst: NC_("role", "SOC analyst"),
    admin: NC_("role", "Administrator of the installation"),
  },
  verbMode: {
    self: NC_("verb mode", "By yourself"),
    request: NC_("verb mode", "By request"),
    none: NC_("verb mode", "Not offered"),
  },
  verb: {
    "server.create": N_("Create servers"),
    "server.delete": N_("Delete servers"),
    "server.power": N_("Start, stop and reboot servers"),
    "server.rebuild": N_("Rebuild servers"),
    console: N_("Consoles of servers"),
    metrics: N_("Metrics of servers"),
    eventlog: N_("Event log"),
    user: N_("Manage users"),
    network: N_("Networks"),
    firewall: N_("Firewall rules"),
    image: N_("Images"),
    keypair: N_("Key pairs"),
    label: N_("Labels and classification"),
  },
  party: {
    provider: NC_("party", "Provider"),
    customer: NC_("party", "Customer"),
    shared: NC_("party", "Shared"),
  },
  promise: {
    included: NC_("promise", "Included"),
    option: NC_("promise", "Optional"),
    none: NC_("promise", "Not offered"),
  },
  /* of a contract, as its history names them */
  contractMember: {
    title: N_("Subject"),
    class_name: N_("Class"),
    class_version: N_("Version of the class"),
    class_title_ja: N_("Service"),
    class_title_en: N_("Service"),
    state: N_("State"),
    starts_on: N_("Start"),
    ends_on: N_("End"),
    governing_law: N_("Governing law"),
    language: N_("Language"),
    network_cidr: N_("First network"),
    quotas: N_("Quotas"),
    items: N_("Items"),
    contacts: N_("Contacts"),
    master_user_name: N_("Master user"),
    consent: N_("Consent to the terms"),
  },
  contact: {
    business: NC_("contact", "Business"),
    technical: NC_("contact", "Technical"),
    security: NC_("contact", "Security"),
    emergency: NC_("contact", "Emergency"),
  },
  language: { ja: N_("Japanese"), en: N_("English") },
  noticeKind: {
    maintenance: NC_("notice kind", "Maintenance"),
    change: NC_("notice kind", "Change"),
    service_change: NC_("notice kind", "Change of the service"),
    information: NC_("notice kind", "Information"),
  },
  documentKind: {
    terms: NC_("document kind", "Terms"),
    manual: NC_("document kind", "Manual"),
    guide: NC_("document kind", "Guide"),
    sla: NC_("document kind", "Service level agreement"),
    white_paper: NC_("document kind", "White paper"),
    form: NC_("document kind", "Form"),
  },
  cause: {
    provider: NC_("cause", "On the provider's side"),
    customer: NC_("cause", "On the customer's side"),
    external: NC_("cause", "Outside"),
    unknown: NC_("cause", "Not known yet"),
  },
  channel: {
    form: NC_("channel", "Form"),
    mail: NC_("channel", "Mail"),
    operator: NC_("channel", "Operator"),
  },
  author: {
    customer: NC_("author", "Customer"),
    operator: NC_("author", "Operator"),
    system: NC_("author", "System"),
    outside: NC_("author", "Outside"),
  },
  classification: {
    public: NC_("classification", "Public"),
    internal: NC_("classification", "Internal"),
    confidential: NC_("classification", "Confidential"),
    secret: NC_("classification", "Secret"),
  },
  /* as the API has them (service_contract_fields.c) */
  sector: {
    government: NC_("sector", "Government"),
    municipality: NC_("sector", "Local government"),
    education: NC_("sector", "Education"),
    medical: NC_("sector", "Medical care"),
    finance: NC_("sector", "Finance"),
    manufacturing: NC_("sector", "Manufacturing"),
    retail: NC_("sector", "Retail"),
    software: NC_("sector", "Software"),
    logistics: NC_("sector", "Logistics"),
    utility: NC_("sector", "Utilities"),
    other: NC_("sector", "Other"),
  },
  zone: {
    municipal: NC_("zone", "Municipal zone"),
    private: NC_("zone", "Private zone"),
    dedicated: NC_("zone", "Dedicated zone"),
    general: NC_("zone", "General zone"),
  },
  deletion: {
    automatic: NC_("deletion", "Automatic after the grace period"),
    operator: NC_("deletion", "By the provider's operators"),
  },
  use: {
    console: NC_("area", "Console"),
    metrics: NC_("area", "Metrics"),
    guides: NC_("area", "Guides"),
  },
  decision: {
    approve: NC_("decision", "Approved"),
    approved: NC_("decision", "Approved"),
    refuse: NC_("decision", "Refused"),
    refused: NC_("decision", "Refused"),
    consent: NC_("decision", "Consented"),
    keep: NC_("decision", "Kept"),
    remove: NC_("decision", "Removed"),
  },
  impact: {
    none: NC_("impact", "None"),
    degraded: NC_("impact", "Slower or in part"),
    interruption: NC_("impact", "A short interruption"),
    stop: NC_("impact", "Servers stop"),
  },
  timeline: {
    reported: NC_("timeline", "Reported"),
    overdue: NC_("timeline", "The target of the notification has passed"),
    affected: NC_("timeline", "The affected servers changed"),
    received: NC_("timeline", "Received"),
    triage: NC_("timeline", "Assessment began"),
    confirmed: NC_("timeline", "Confirmed"),
    notified: NC_("timeline", "You were notified"),
    update: NC_("timeline", "Update"),
    message: NC_("timeline", "Message"),
    attached: NC_("timeline", "A file was attached"),
    not_kept: NC_("timeline", "Files that were too many, too large or empty, and not kept"),
    mitigated: NC_("timeline", "Mitigated"),
    resolved: NC_("timeline", "Resolved"),
    closed: NC_("timeline", "Closed with a report"),
    state: NC_("timeline", "State changed"),
  },
  report: {
    root_cause: NC_("report", "Root cause"),
    cause: NC_("report", "Cause"),
    impact: NC_("report", "Impact"),
    prevention: NC_("report", "Prevention"),
    response: NC_("report", "What was done"),
    summary: NC_("report", "Summary"),
  },
  mailState: {
    none: NC_("mail", "None"),
    queued: NC_("mail", "Waiting to be sent"),
    sending: NC_("mail", "Being sent"),
    sent: NC_("mail", "Sent"),
    failed: NC_("mail", "Could not be sent"),
  },
  quota: {
    instances: NC_("quota", "Servers"),
    cores: NC_("quota", "vCPU"),
    ram_mib: NC_("quota", "Memory (MiB)"),
    disk_gib: NC_("quota", "Disk (GiB)"),
    networks: NC_("quota", "Networks"),
    ports: NC_("quota", "Ports"),
    images: NC_("quota", "Images"),
    image_gib: NC_("quota", "Images (GiB)"),
    users: NC_("quota", "Users"),
    open_requests: NC_("quota", "Open requests"),
    open_incidents: NC_("quota", "Open incidents"),
    requests_hour: NC_("quota", "Requests an hour"),
    incidents_hour: NC_("quota", "Reports of incidents an hour"),
    floating_ips: NC_("quota", "Public addresses"),
    security_groups: NC_("quota", "Security groups"),
    routers: NC_("quota", "Routers"),
    subnets: NC_("quota", "Subnets"),
  },
} satisfies Record<string, Record<string, string>>;

export type WordKind = keyof typeof WORDS;

export function word(kind: WordKind, value: string): string {
  const marked = (WORDS[kind] as Record<string, string>)[value];
  return marked === undefined ? value : tr(marked);
}

export function wordOptions(kind: WordKind, values?: readonly string[]): { value: string; label: string }[] {
  return (values ?? Object.keys(WORDS[kind])).map((value) => ({ value, label: word(kind, value) }));
}

/* what the API writes for the law of Japan */
const LAW_OF_JAPAN = "日本法";

export const lawText = (law: string | null): string | null => (law === LAW_OF_JAPAN || law === "JP" ? tr(N_("Law of Japan")) : law);
