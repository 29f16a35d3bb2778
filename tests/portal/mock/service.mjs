// SPDX-License-Identifier: Apache-2.0
// The mock's /service/v1: one customer with everything that a page can show. Lists are filtered, sorted and paged as the
// daemon does it (limit, marker, sort), so that 10,000 rows can be tried.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (ms) => new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, "Z");
const day = (days) => at(days * DAY).slice(0, 10);
const both = (name, ja, en) => ({ [`${name}_ja`]: ja, [`${name}_en`]: en });

const LAYERS = [
  ["data", "データ", "Data", "customer"],
  ["application", "アプリケーション", "Applications", "customer"],
  ["middleware", "ミドルウェア", "Middleware", "customer"],
  ["guest-os", "ゲスト OS", "Guest operating system", "customer"],
  ["guest-account", "ゲスト OS のアカウント", "Accounts of the guest", "customer"],
  ["guest-network", "ゲスト OS のネットワーク設定", "Network settings of the guest", "customer"],
  ["firewall", "仮想ファイアウォール", "Virtual firewall", "shared"],
  ["backup", "バックアップ", "Backup", "shared"],
  ["virtual-network", "仮想ネットワーク", "Virtual network", "shared"],
  ["virtual-machine", "仮想マシンの構成", "Configuration of virtual machines", "customer"],
  ["hypervisor", "ハイパーバイザ", "Hypervisor", "provider"],
  ["storage", "ストレージ", "Storage", "provider"],
  ["host", "物理サーバ", "Physical servers", "provider"],
  ["physical-network", "物理ネットワーク", "Physical network", "provider"],
  ["power", "電源・空調", "Power and cooling", "provider"],
  ["facility", "データセンタ施設", "Data centre", "provider"],
];

const VERBS = [
  "server.create", "server.delete", "server.power", "server.rebuild", "console", "metrics", "eventlog", "user", "network",
  "firewall", "image", "keypair", "label",
];

const CONSENT_JA = `第 1 条（適用）
本規約は、TIC クラウドサービス（以下「本サービス」といいます。）の利用に関し、当社と契約者との間に適用されます。

第 2 条（責任分界）
契約者は、ゲスト OS およびその上で動作するソフトウェアの設定、更新および監視について責任を負います。当社は、ハイパーバイザ以下の基盤について責任を負います。

第 3 条（データの取扱い）
当社は、契約者の同意または法令に基づく場合を除き、契約者のデータを閲覧しません。

第 4 条（契約の終了）
契約の終了から 10 日を経過した後、当社は契約者のデータを削除し、削除記録を発行します。`;
const CONSENT_EN = `Article 1 (Scope)
These terms apply between the provider and the customer to the use of TIC cloud service (“the service”).

Article 2 (Demarcation)
The customer answers for setting up, updating and watching the guest operating system and what runs on it. The provider answers for the hypervisor and everything below.

Article 3 (Data)
The provider does not look into the customer's data unless the customer consents or the law demands it.

Article 4 (End of the contract)
Ten days after the end of the contract the provider deletes the customer's data and issues a record of the deletion.`;

const CLASS = {
  name: "tic",
  version: 3,
  hash: "sha256:6b1f0c9d2a7e4f58b3c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9",
  ...both("title", "TIC クラウドサービス", "TIC cloud service"),
  ...both("summary", "お客様ご自身で仮想サーバを作成・運用する IaaS です。", "Infrastructure on which customers create and run servers themselves."),
  matrix: LAYERS.map(([layer, ja, en, party]) => ({ layer, ...both("title", ja, en), party })),
  grace_days: 10,
  notice_days: 30,
  deletion: "automatic",
  backup: { servers: true, configuration: true, start: "23:00", generations: 7, method: "disk-to-disk", restore_test_days: 365, daily_check: true },
  security_services: [
    { service: "soc", ...both("title", "セキュリティオペレーションセンター（SOC）", "Security operation centre (SOC)"), terms: "included" },
    { service: "vpn", ...both("title", "リモートアクセス（VPN）", "Remote access (VPN)"), terms: "option" },
  ],
  evidence: ["backup.servers", "backup.configuration", "security_services.soc", "security_services.vpn"].map((parameter) => ({
    parameter, evidence: "not-run-by-akashi", ...both("title", "akashi ではまだ実施していません", "not yet run by akashi"),
  })),
  countries: ["JP"],
  zone: "general",
  hypervisor_handover: false,
  ...both("consent", CONSENT_JA, CONSENT_EN),
  loaded_at: at(-40 * DAY),
};

const field = (name, ja, en, type, required = true, more = {}) => ({ name, ...both("title", ja, en), type, required, ...more });
const choice = (value, ja, en) => ({ value, ...both("title", ja, en) });
const REASON = field("reason", "理由", "Reason", "longtext");
const SERVER = field("server", "対象のサーバ", "Server", "server");

const KINDS = [
  ["server-add", "サーバの追加", "Add a server", "サーバの作成を事業者に依頼します。", "Has the provider make a server for you.", 27, [
    field("name", "サーバ名", "Server name", "text"),
    field("flavor", "フレーバ", "Flavor", "choice", true, { choices: [choice("small", "small（1 vCPU・512 MiB）", "small (1 vCPU, 512 MiB)"), choice("medium", "medium（2 vCPU・2 GiB）", "medium (2 vCPU, 2 GiB)")] }),
    field("network", "ネットワーク", "Network", "network"),
    field("note", "備考", "Remarks", "longtext", false),
  ]],
  ["server-change", "サーバの変更", "Change a server", "CPU、メモリ、ディスクの変更を依頼します。", "Has the provider change CPU, memory or disk.", 27, [
    SERVER,
    field("flavor", "変更後のフレーバ", "New flavor", "choice", true, { choices: [choice("medium", "medium", "medium"), choice("large", "large", "large")], ...both("help", "変更中はサーバが停止します。", "The server is off during the change.") }),
    field("wish_on", "希望日", "Wished date", "date", false),
  ]],
  ["firewall-change", "共用ファイアウォールの変更", "Change the shared firewall", "共用ファイアウォールの許可の追加または削除を依頼します。", "Has the provider add or remove a permission in the shared firewall.", 18, [
    field("action", "内容", "Action", "choice", true, { choices: [choice("add", "許可を追加", "Add a permission"), choice("remove", "許可を削除", "Remove a permission")] }),
    field("remote", "相手のアドレス（CIDR）", "Remote addresses (CIDR)", "cidr", true, both("help", "例: 203.0.113.0/24", "For example 203.0.113.0/24")),
    field("port_min", "ポート", "Port", "integer", false),
    REASON,
  ]],
  ["user-add", "ユーザの追加", "Add a user", "ポータルのユーザを追加します。", "Adds a user of the portal.", 18, [
    field("name", "ユーザ名", "User name", "text"),
    field("email", "メールアドレス", "Email", "email"),
  ]],
  ["log-disclosure", "ログの開示", "Disclosure of logs", "イベントログや事業者の操作記録の開示を請求します。", "Asks for the event log or the record of the provider's operations.", 45, [
    field("from", "期間の初日", "First day", "date"),
    field("to", "期間の末日", "Last day", "date"),
    field("preserve", "証拠を直ちに保全する", "Preserve the evidence at once", "boolean", false),
    REASON,
  ]],
  ["visit", "データセンタの訪問", "Visit of the data centre", "見学や監査のための訪問を申し込みます。", "Asks for a visit or an audit on site.", 45, [
    field("visit_on", "訪問希望日", "Date of the visit", "date"),
    field("visitors", "人数", "Number of visitors", "integer"),
    REASON,
  ]],
  ["complaint", "苦情の申し立て", "Complaint", "サービスへのご不満をお寄せください。", "Tell us what you are not content with.", 9, [field("text", "内容", "Your complaint", "longtext")]],
].map(([kind, ja, en, textJa, textEn, hours, fields]) => ({
  kind, ...both("title", ja, en), ...both("description", textJa, textEn), who: "member", approvals: kind === "log-disclosure" ? 2 : 1, target_hours: hours, fields, available: true,
}));

const message = (author_kind, author_name, text, ago) => ({ id: randomUUID(), author_kind, author_name, text, at: at(-ago) });

function newRequests() {
  const make = (n, kind, title, state, options = {}) => ({
    id: `00000000-0000-4000-8000-0000000000${String(n).padStart(2, "0")}`,
    number: `R-2026-${String(n).padStart(5, "0")}`,
    kind,
    title,
    state,
    fields: {},
    created_by: "山田 花子",
    created_at: at(-(20 - n) * DAY),
    due_at: at((n - 14) * 9 * HOUR),
    overdue: false,
    approvals: [],
    result: null,
    messages: [],
    attachments: [],
    project_id: "p-alpha",
    customer_name: "港湾物流システム株式会社",
    assignee: "佐藤（運用）",
    ...options,
  });
  return [
    make(16, "firewall-change", "共用ファイアウォールの変更: 203.0.113.0/24", "waiting_customer", {
      due_at: at(3 * HOUR),
      fields: { action: "add", remote: "203.0.113.0/24", port_min: 443, reason: "新しい配送センターから受注システムへ接続するため。\n11 月 30 日の開所までにお願いします。" },
      messages: [
        message("customer", "山田 花子", "配送センターの固定アドレスが決まりましたので申請します。", 26 * HOUR),
        message("operator", "佐藤（運用）", "ありがとうございます。許可するポートは 443 のみでよろしいでしょうか。\n管理用の 22 番も必要な場合はお知らせください。", 5 * HOUR),
      ],
      attachments: [{ id: "a-1", name: "配送センター接続図.pdf", size: 248_113, media_type: "application/pdf", at: at(-26 * HOUR) }],
      approvals: [{ user_name: "佐藤（運用）", decision: "approve", comment: "内容を確認しました。", at: at(-4 * HOUR) }],
    }),
    make(15, "server-change", "サーバの変更: db1", "running", { fields: { server: "{db1}", flavor: "large" }, due_at: at(-2 * HOUR), overdue: true, created_at: at(-3 * DAY) }),
    make(14, "visit", "データセンタの訪問: 2 名", "submitted", { due_at: at(3 * DAY), fields: { visit_on: day(20), visitors: 2, reason: "年次監査" }, assignee: null }),
    make(12, "user-add", "ユーザの追加: 鈴木 一郎", "done", { result: "ユーザを追加しました。初期パスワードは申請者にのみ表示しています。" }),
    make(9, "log-disclosure", "ログの開示: 2026 年 10 月分", "refused", { result: "開示の対象期間が保存期間（1 年）を超えています。" }),
    make(7, "complaint", "苦情の申し立て", "withdrawn", {}),
  ];
}

const NOTICES = () => [
  {
    id: "10000000-0000-4000-8000-000000000001", number: "N-2026-0042", kind: "maintenance", emergency: false,
    ...both("title", "ホスト h03 のメモリ交換に伴うサーバの再起動", "Servers restart while memory of host h03 is replaced"),
    ...both("body", "ホスト h03 のメモリを交換します。対象のサーバは作業中に一度、約 5 分間停止します。\n\n作業前の停止や切り替えをご希望の場合は、申請の「サーバの変更」からお知らせください。",
      "Memory of host h03 is replaced. The servers listed here stop once for about five minutes.\n\nIf you want them moved before, please make a request to change a server."),
    state: "published", starts_at: at(6 * DAY), ends_at: at(6 * DAY + 3 * HOUR), impact: "stop", hosts: [],
    servers: [], published_at: at(-2 * DAY), lead_ok: true, acknowledged_at: null, needs_ack: true,
  },
  {
    id: "10000000-0000-4000-8000-000000000002", number: "N-2026-0043", kind: "change", emergency: true,
    ...both("title", "【緊急】仮想スイッチのセキュリティ更新", "Emergency: security update of the virtual switch"),
    ...both("body", "外部に公表された脆弱性に対処するため、仮想スイッチを更新しました。通信は数秒間途切れました。", "The virtual switch was updated because of a published vulnerability. Traffic paused for a few seconds."),
    state: "done", starts_at: at(-4 * DAY), ends_at: at(-4 * DAY + HOUR), impact: "interruption", hosts: [], servers: [],
    published_at: at(-4 * DAY + 2 * HOUR), lead_ok: false, acknowledged_at: at(-3 * DAY), needs_ack: true,
  },
  {
    id: "10000000-0000-4000-8000-000000000003", number: "N-2026-0040", kind: "service_change", emergency: false,
    ...both("title", "サービス仕様書 第 4 版の公開", "Service description, fourth edition"),
    ...both("body", "2027 年 4 月 1 日から適用するサービス仕様書を公開しました。主な変更点は、イベントログの保存期間の延長です。", "The description that applies from April 2027 is published. The event log is kept for longer."),
    state: "published", starts_at: null, ends_at: null, impact: null, hosts: [], servers: [], published_at: at(-9 * DAY), lead_ok: true, acknowledged_at: null, needs_ack: true,
  },
  {
    id: "10000000-0000-4000-8000-000000000004", number: "N-2026-0038", kind: "information", emergency: false,
    ...both("title", "年末年始の窓口のご案内", "Desk hours over the new year"),
    ...both("body", "12 月 29 日から 1 月 3 日まで、申請の審査をお休みします。障害の受付は 24 時間行います。", "Requests are not reviewed from 29 December to 3 January. Incidents are taken around the clock."),
    state: "published", starts_at: null, ends_at: null, impact: null, hosts: [], servers: [], published_at: at(-12 * DAY), lead_ok: true, acknowledged_at: null, needs_ack: false,
  },
];

const INCIDENTS = () => [
  {
    id: "20000000-0000-4000-8000-000000000001", number: "I-2026-0007", title: "受注システムへの接続が断続的に切れる", severity: "high", cause: "provider", state: "mitigated",
    reported_by: "山田 花子", channel: "form", created_at: at(-7 * HOUR), confirmed_at: at(-6 * HOUR), notify_due_at: at(-5 * HOUR), notified_at: at(-5.5 * HOUR), resolved_at: null,
    affected: [],
    timeline: [
      { at: at(-7 * HOUR), kind: "received", text: "9 時ごろから 5 分おきに接続が切れます。", author_kind: "customer", author_name: "山田 花子" },
      { at: at(-6 * HOUR), kind: "confirmed", text: "ネットワークノード 1 台の NIC でエラーを確認しました。", author_kind: "operator", author_name: "佐藤（運用）" },
      { at: at(-5.5 * HOUR), kind: "notified", text: null, author_kind: "system" },
      { at: at(-4 * HOUR), kind: "mitigated", text: "通信を別のノードに切り替えました。切断は止まっています。部品を交換した後に復旧とします。", author_kind: "operator", author_name: "佐藤（運用）" },
    ],
    report: null,
  },
  {
    id: "20000000-0000-4000-8000-000000000002", number: "I-2026-0005", title: "ストレージの応答遅延", severity: "medium", cause: "provider", state: "closed",
    reported_by: null, channel: "operator", created_at: at(-30 * DAY), confirmed_at: at(-30 * DAY + HOUR), notify_due_at: at(-30 * DAY + 2 * HOUR), notified_at: at(-30 * DAY + 1.5 * HOUR), resolved_at: at(-30 * DAY + 6 * HOUR),
    affected: [],
    timeline: [
      { at: at(-30 * DAY), kind: "received", text: "監視で書き込みの遅延を検知しました。", author_kind: "system" },
      { at: at(-30 * DAY + HOUR), kind: "confirmed", text: "ディスク 1 本の故障による再構築が原因です。", author_kind: "operator", author_name: "佐藤（運用）" },
      { at: at(-30 * DAY + 6 * HOUR), kind: "resolved", text: "再構築が完了しました。", author_kind: "operator", author_name: "佐藤（運用）" },
      { at: at(-27 * DAY), kind: "closed", text: null, author_kind: "operator", author_name: "佐藤（運用）" },
    ],
    report: {
      root_cause: "ストレージ st02 のディスク 1 本が故障し、再構築の負荷で応答が遅くなりました。",
      impact: "2 台のサーバで書き込みの応答が最大 400 ミリ秒に悪化しました。データの損失はありません。",
      prevention: "再構築の優先度を業務時間中は下げる設定に変更し、予備ディスクを 1 本追加しました。",
    },
  },
];

const DOCUMENTS = () => [
  ["terms", "terms", 4, "利用規約", "Terms of service", true, null, null],
  ["service-description", "sla", 4, "サービス仕様書", "Service description", true, -20, null],
  ["security-white-paper", "white_paper", 7, "セキュリティホワイトペーパー", "Security white paper", false, null, null],
  ["portal-manual", "manual", 12, "ポータル操作マニュアル", "Manual of the portal", false, null, null],
  ["console-guide", "guide", 2, "コンソール接続ガイド", "Guide to the consoles", false, null, "office"],
  ["visit-form", "form", 1, "入館申請書", "Form for visitors", false, null, null],
].map(([slug, kind, version, ja, en, needs_ack, ack, area], i) => ({
  id: `30000000-0000-4000-8000-00000000000${i + 1}`, slug, kind, version, ...both("title", ja, en), media_type: "application/pdf",
  hash: `sha256:${"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".slice(i)}${"0".repeat(i)}`,
  published_at: at(-(30 + i * 11) * DAY), needs_ack, acknowledged_at: ack === null ? null : at(ack * DAY), area,
}));

const EVENTS = (servers) => {
  const rows = [
    ["server.console.open", "success", "山田 花子", "customer", 0, null],
    ["server.live_migrate", "success", "佐藤（運用）", "operator", 1, "N-2026-0042 の事前作業"],
    ["server.reboot", "success", "山田 花子", "customer", 0, null],
    ["server.start", "failed", "山田 花子", "customer", 5, null],
    ["image.download", "refused", "田中（運用）", "operator", null, "緊急アクセスの同意がない"],
    ["notice.publish", "success", "佐藤（運用）", "operator", null, null],
    ["server.create", "success", "山田 花子", "customer", 0, null],
  ];
  return rows.map(([action, outcome, actor_name, actor_kind, server, reason], i) => ({
    seq: 90210 - i, time_at: at(-(i * 5 + 1) * HOUR), action, outcome, actor_name, actor_kind, object_type: server === null ? action.split(".")[0] : "server",
    object_id: server === null ? null : servers[server].id, listener: actor_kind === "operator" ? "management" : "customer", reason, request_id: `req-${"7c0e54a1-3b9d-4f12-8a66-0000000000"}${10 + i}`,
  }));
};

const CONTRACT = {
  id: "40000000-0000-4000-8000-000000000001", number: "C-2026-0012", customer_id: "40000000-0000-4000-8000-0000000000aa",
  customer_name: "港湾物流システム株式会社", customer_name_en: "Kowan Logistics Systems Co., Ltd.", sector: "logistics",
  class_name: "tic", class_version: 3, ...both("class_title", "TIC クラウドサービス", "TIC cloud service"), state: "active", title: "受注・配送システム基盤",
  project_id: "p-alpha", domain_id: "d-alpha", starts_on: day(-220), ends_on: null, governing_law: "日本法",
  items: [
    { id: "i1", code: "TIC-VM-M", title: "仮想サーバ medium", quantity: 6 },
    { id: "i2", code: "TIC-NET-G", title: "グローバル IP アドレス", quantity: 2 },
    { id: "i3", code: "TIC-BKP-7", title: "日次バックアップ 7 世代", quantity: 4 },
  ],
  contacts: [
    { id: "c1", kind: "business", name: "高橋 恵", email: "takahashi@kowan.example", phone: "03-5555-0101", language: "ja" },
    { id: "c2", kind: "technical", name: "山田 花子", email: "yamada@kowan.example", phone: "03-5555-0102", language: "ja" },
    { id: "c3", kind: "security", name: "情報セキュリティ委員会", email: "security@kowan.example", phone: null, language: "ja" },
    { id: "c4", kind: "emergency", name: "Night desk", email: "night@kowan.example", phone: "+81-3-5555-0199", language: "en" },
  ],
  quotas: { instances: 20, cores: 40, ram_mib: 81_920, disk_gib: 2_000 },
  master_user_name: "hanako",
  consent: { terms_version: 3, terms_hash: CLASS.hash, user_name: "山田 花子", at: at(-219 * DAY) },
  legal_hold: false, hold_reason: null, cancelled_at: null, ended_at: null, delete_at: null, closed_at: null, notes: null,
};

const QR =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges"><rect width="29" height="29" fill="#fff"/>' +
  Array.from({ length: 420 }, (_, i) => (((i * 7919) >> 3) % 3 ? "" : `<rect x="${4 + (i % 21)}" y="${4 + Math.floor(i / 21)}" width="1" height="1"/>`)).join("") + "</svg>";

/* a master user of a class that leaves everything to its customers */
const MAY = [...readFileSync(new URL("../../../portal/src/api/routes.ts", import.meta.url), "utf8").matchAll(/\| "([a-z_]+:[a-z_]+:[a-z_]+)"/g)].map((m) => m[1]);

export function newService(servers) {
  return {
    me: {
      user_id: "u-alpha", user_name: "alpha", role: "manager", project_id: "p-alpha", project_name: "alpha", contract_id: CONTRACT.id,
      contract_number: CONTRACT.number, customer_name: CONTRACT.customer_name, class_name: "tic", ...both("class_title", "TIC クラウドサービス", "TIC cloud service"),
      state: "active", verbs: Object.fromEntries(VERBS.map((verb) => [verb, "self"])), may: MAY, must_change_password: false,
      mfa: { totp: false, passkeys: 1, required: false }, staff: false, source: "198.51.100.24", areas: ["office"], consent_needed: false,
    },
    class: structuredClone(CLASS),
    contract: structuredClone(CONTRACT),
    kinds: structuredClone(KINDS),
    requests: newRequests().map((r) => ({ ...r, fields: JSON.parse(JSON.stringify(r.fields).replace("{db1}", servers[2].id)) })),
    notices: NOTICES().map((n, i) => (i === 0 ? { ...n, servers: servers.slice(0, 2).map(({ id, name }) => ({ id, name })) } : n)),
    incidents: INCIDENTS().map((n, i) => ({ ...n, affected: servers.slice(i, i + 2).map(({ id, name }) => ({ id, name })) })),
    documents: DOCUMENTS(),
    users: [
      ["hanako", "yamada@kowan.example", "manager", true, -1, true, 1],
      ["ichiro.suzuki", "suzuki@kowan.example", "member", true, -3, false, 0],
      ["kansa-2026", "kansa@kowan.example", "reader", false, null, false, 0],
    ].map(([name, email, role, enabled, login, totp, passkeys], i) => ({ id: `u-${i}`, name, email, role, enabled, created_at: at(-(200 - i * 60) * DAY), last_login_at: login === null ? null : at(login * DAY), mfa: { totp, passkeys } })),
    codes: servers.slice(0, 4).map((s, i) => ({ code: `TIC-0012-VMM-${String(i + 1).padStart(4, "0")}-K`, server_id: s.id, server_name: s.name, item: "TIC-VM-M", issued_at: s.created, retired_at: null }))
      .concat([{ code: "TIC-0012-VMM-0005-3", server_id: null, server_name: "旧受注システム", item: "TIC-VM-M", issued_at: at(-200 * DAY), retired_at: at(-41 * DAY) }]),
    events: EVENTS(servers),
    labels: new Map([[`server/${servers[0].id}`, { classification: "confidential", labels: { 用途: "受注 Web", 部署: "物流企画部" } }]]),
    allowList: { cidrs: ["198.51.100.0/24", "203.0.113.40/32"], updated_at: at(-60 * DAY) },
    areas: [{ id: "a1", slug: "office", ...both("name", "本社オフィス", "Head office"), cidrs: ["198.51.100.0/24"], used_for: ["console", "guides"] }],
    breakGlass: [
      { id: "50000000-0000-4000-8000-000000000001", project_id: "p-alpha", server_id: servers[1].id, reason: "I-2026-0007 の調査のため、起動画面の確認が必要です。", ticket: "I-2026-0007", state: "requested", requested_by: "佐藤（運用）", requested_at: at(-HOUR), approvals: [], expires_at: at(3 * HOUR) },
      { id: "50000000-0000-4000-8000-000000000002", project_id: "p-alpha", server_id: servers[2].id, reason: "起動しないサーバのファイルシステムの修復", ticket: "R-2026-00003", state: "expired", requested_by: "田中（運用）", requested_at: at(-50 * DAY), approvals: [{ user_name: "山田 花子", decision: "consent", at: at(-50 * DAY) }], expires_at: at(-49 * DAY) },
    ],
    reviews: [{ id: "r1", title: "2026 年度下期 アクセス権の点検", state: "closed", due_at: at(-12 * DAY), items: [
      { user_name: "hanako", role: "manager", scope: "alpha", decision: "keep", decided_by: "高橋 恵" },
      { user_name: "ichiro.suzuki", role: "member", scope: "alpha", decision: "keep", decided_by: "高橋 恵" },
      { user_name: "kansa-2026", role: "reader", scope: "alpha", decision: "remove", decided_by: "高橋 恵" },
    ] }],
    passkeys: [{ id: "k1", name: "業務用ノート PC", created_at: at(-80 * DAY), last_used_at: at(-DAY) }],
    feed: null,
    sessions: [
      { id: "s1", source: "198.51.100.24", listener: "customer", user_agent: "Firefox 132 (Windows)", methods: ["password"], current: true, created_at: at(-HOUR), expires_at: at(7 * HOUR) },
      { id: "s2", source: "198.51.100.31", listener: "customer", user_agent: "openstacksdk/4.1 (Python 3.11)", methods: ["password"], current: false, created_at: at(-5 * HOUR), expires_at: at(3 * HOUR) },
    ],
    jobs: [],
    exports: [{
      id: randomUUID(), state: "failed", disks: true, created_at: at(-2 * DAY), size: null, sha256: null, disks_done: 0, disks_total: 6, expires_at: at(5 * DAY),
      error: "There is no room for the export kit now: it needs about 412000 MiB, and 96000 MiB are free. Export without disks, or ask the provider.",
    }],
    changes: [
      { id: "ch2", contract_id: CONTRACT.id, at: at(-9 * DAY), changes: { class_version: { from: 2, to: 3 }, quotas: { from: { instances: 10, cores: 40 }, to: { instances: 20, cores: 40 } } } },
      { id: "ch1", contract_id: CONTRACT.id, at: at(-60 * DAY), changes: {
        contacts: { from: [{ kind: "business", name: "高橋 恵", email: "takahashi@kowan.example" }], to: [{ kind: "business", name: "高橋 恵", email: "takahashi@kowan.example" }, { kind: "emergency", name: "Night desk", email: "night@kowan.example" }] },
        ends_on: { from: day(300), to: null },
      } },
    ],
    password: "correct horse",
  };
}

/* -- lists -- */

function listed(name, rows, query) {
  let found = rows;
  for (const [key, value] of query) {
    if (!["limit", "marker", "sort"].includes(key)) {
      found = found.filter((row) => (key === "q" ? JSON.stringify(row).includes(value) : String(row[key] ?? "") === value));
    }
  }
  const [key, direction] = (query.get("sort") ?? "").split(":");
  if (key) {
    found = [...found].sort((a, b) => String(a[key] ?? "").localeCompare(String(b[key] ?? "")) * (direction === "desc" ? -1 : 1));
  }
  const idOf = (row) => String(row.id ?? row.seq ?? row.code);
  const marker = query.get("marker");
  const start = marker ? found.findIndex((row) => idOf(row) === marker) + 1 : 0;
  const limit = Number(query.get("limit") ?? 100);
  const page = found.slice(start, start + limit);
  return { status: 200, body: { [name]: page, ...(start + limit < found.length ? { next: idOf(page.at(-1)) } : {}) } };
}

function problem(status, slug, detail) {
  return { status, body: { type: `https://akashi.example/errors/${slug}`, title: detail, detail, status } };
}

const one = (name, object) => ({ status: 200, body: { [name]: object } });
const find = (rows, id) => rows.find((row) => row.id === id);
const found = (name, object) => (object ? one(name, object) : problem(404, "not-found", "見つかりませんでした。"));

function metrics() {
  const now = Math.floor(Date.now() / 300_000) * 300;
  const points = (value) => Array.from({ length: 72 }, (_, i) => [now - (71 - i) * 300, value(i)]);
  const wave = (i, top) => Math.round((top / 2) * (1 + Math.sin(i / 6)) * 10) / 10;
  return [
    { name: "cpu_percent", unit: "percent", points: points((i) => wave(i, 70)) },
    { name: "memory_mib", unit: "MiB", points: points((i) => 900 + wave(i, 300)) },
    { name: "disk_read_bytes", unit: "bytes/s", points: points((i) => wave(i, 9_000_000)) },
    { name: "disk_write_bytes", unit: "bytes/s", points: points((i) => wave(i + 9, 4_000_000)) },
    { name: "net_in_bytes", unit: "bytes/s", points: points((i) => wave(i + 3, 700_000)) },
    { name: "net_out_bytes", unit: "bytes/s", points: points((i) => wave(i + 12, 2_400_000)) },
  ];
}

function overview(world) {
  const s = world.service;
  const servers = {};
  for (const server of world.servers) {
    servers[server.status] = (servers[server.status] ?? 0) + 1;
  }
  const waiting = s.requests.filter((r) => r.state === "waiting_customer");
  const unread = s.notices.filter((n) => n.needs_ack && !n.acknowledged_at);
  return {
    servers,
    open_requests: s.requests.filter((r) => !["done", "refused", "withdrawn", "failed"].includes(r.state)).length,
    unread_notices: unread.length,
    open_incidents: s.incidents.filter((i) => !["closed", "resolved"].includes(i.state)).length,
    needs: [
      ...s.breakGlass.filter((b) => b.state === "requested").map((b) => ({ kind: "break-glass", id: b.id, ...both("title", "緊急アクセスへの同意を求められています", "You are asked to consent to break-glass access"), due_at: b.expires_at })),
      ...waiting.map((r) => ({ kind: "request", id: r.id, ...both("title", `申請 ${r.number} にご回答ください`, `Please answer in request ${r.number}`), due_at: r.due_at })),
      ...unread.slice(0, 1).map((n) => ({ kind: "notice", id: n.id, ...both("title", `お知らせの確認: ${n.title_ja}`, `Notice to acknowledge: ${n.title_en}`), due_at: n.starts_at })),
    ],
  };
}

/* -- proof of person: 's.isOldLogin' makes the session one that is asked who is there -- */
const PROOF = "1800000000000000.cHJvb2Y";

function proved(handler) {
  return (s, match, body, request, world) =>
    s.isOldLogin && request.headers["x-akashi-proof"] !== PROOF ? problem(403, "proof-needed", "本人確認が必要です。") : handler(s, match, body, request, world);
}

/* -- routes: [method, pattern of the path below /service/v1, handler(service, match, body, request, world)] -- */
const ID = "([^/]+)";
export const SERVICE_ROUTES = [
  ["GET", "/me", (s) => one("me", s.me)],
  ["GET", "/overview", (_s, _m, _b, _r, world) => one("overview", overview(world))],
  ["PUT", "/me/language", (s, _m, { language }) => {
    s.me.language = language.code;
    return { status: 204 };
  }],
  ["POST", "/me/password", (s, _m, { password }) => {
    if (password.original_password !== s.password) {
      return problem(403, "wrong-password", "現在のパスワードが違います。");
    }
    s.password = password.password;
    s.me.must_change_password = false;
    return { status: 204 };
  }],
  ["POST", "/me/proof", (s, _m, { proof }) =>
    proof.password === s.password
      ? { status: 201, body: { proof: { token: PROOF, expires_at: new Date(Date.now() + 300_000).toISOString() } } }
      : problem(400, "proof-wrong", "パスワードが違います。")],
  ["POST", "/me/totp", proved(() => ({ status: 201, body: { totp: { secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", uri: "otpauth://totp/akashi:alpha?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=akashi", qr_svg: QR } } }))],
  ["POST", "/me/totp/confirm", (s, _m, { totp }) => {
    if (totp.passcode !== "123456") {
      return problem(400, "totp-wrong", "コードが違います。");
    }
    s.me.mfa.totp = true;
    return { status: 200, body: { totp: { recovery_codes: ["7KQ2-9MXD", "F3TN-X8RA", "2WPH-6JCV", "N5ZB-4QLE", "8GUS-K1YM", "R9DA-3HFT", "C6VX-7PWN", "E2LJ-5SBK"] } } };
  }],
  ["DELETE", "/me/totp", proved((s) => {
    s.me.mfa.totp = false;
    return { status: 204 };
  })],
  ["GET", "/me/factors", (s) => one("factors", { totp: s.me.mfa.totp, passkeys: 1, recovery_codes: 8, required: false })],
  ["POST", "/me/recovery-codes", proved(() => one("recovery_codes", ["7KQ2-9MXD", "F3TN-X8RA", "2WPH-6JCV", "N5ZB-4QLE"]))],
  ["GET", "/me/sessions", (s) => one("sessions", s.sessions)],
  ["DELETE", "/me/sessions", (s) => {
    s.sessions = s.sessions.filter((row) => row.current);
    return { status: 204 };
  }],
  ["DELETE", `/me/sessions/${ID}`, (s, m) => {
    s.sessions = s.sessions.filter((row) => row.id !== m[1]);
    return { status: 204 };
  }],
  ["GET", "/me/passkeys", (s) => one("passkeys", s.passkeys)],
  ["DELETE", `/me/passkeys/${ID}`, proved((s, m) => {
    s.passkeys = s.passkeys.filter((k) => k.id !== m[1]);
    return { status: 204 };
  })],
  ["GET", "/classes", (s, _m, _b, r) => listed("classes", [s.class], r.query)],
  ["GET", `/classes/${ID}`, (s) => one("class", { ...s.class, verbs: s.me.verbs })],
  ["GET", "/retention", () => one("retention", [
    { slug: "content", basis: "contract", days: 10, parameter: "grace_days", title_ja: "サーバのディスク、イメージ、ネットワークの設定", title_en: "Disks of servers, images, settings of networks",
      rule_ja: "お客様が削除したときは直ちに、契約終了後は猶予期間の後に消去します。", rule_en: "Erased at once when the customer deletes it, else after the days of grace.", seen_by_ja: "お客様", seen_by_en: "the customer" },
    { slug: "events", basis: "unlimited", days: null, parameter: null, title_ja: "監査イベント", title_en: "Audit events",
      rule_ja: "追記のみで、変更も削除もしません。", rule_en: "Appended to, never changed nor removed.", seen_by_ja: "お客様と事業者の担当者", seen_by_en: "the customer and the provider's people" },
  ])],
  ["GET", "/contract", (s) => one("contract", s.contract)],
  ["GET", "/contract/terms", (s) => one("terms", { version: s.class.version, hash: s.class.hash, text_ja: s.class.consent_ja, text_en: s.class.consent_en })],
  ["POST", "/contract/consent", proved((s) => {
    s.me.consent_needed = false;
    s.contract.consent = { terms_version: 3, terms_hash: s.class.hash, user_name: "alpha", at: at(0) };
    return one("contract", s.contract);
  })],
  ["POST", "/contract/cancel", proved((s, _m, { cancel }) => {
    Object.assign(s.contract, { state: "terminating", cancelled_at: at(0), ends_on: cancel.ends_on, delete_at: `${cancel.ends_on}T15:00:00Z` });
    s.me.state = "terminating";
    return one("contract", s.contract);
  })],
  ["GET", "/contract/changes", (s, _m, _b, r) => listed("changes", s.changes, r.query)],
  ["GET", "/contract/codes", (s, _m, _b, r) => listed("codes", s.codes, r.query)],
  ["GET", "/contract/export", (s) => one("exports", s.exports)],
  ["POST", "/contract/export", (s, _m, { export: { disks } }) => {
    s.exports.unshift({ id: randomUUID(), state: disks ? "running" : "ready", disks, ...(disks ? { disks_done: 2, disks_total: 6 } : {}), created_at: at(0), size: 48_213_004, sha256: null, error: null, expires_at: at(7 * DAY) });
    return { status: 202, body: { export: s.exports[0] } };
  }],
  ["GET", `/contract/export/${ID}/content`, () => ({ status: 200, file: "kit", headers: { "Content-Type": "application/x-tar" } })],
  ["GET", "/users", (s, _m, _b, r) => listed("users", s.users, r.query)],
  ["POST", "/users", (s, _m, { user }) => {
    const made = { id: randomUUID(), ...user, enabled: true, created_at: at(0), last_login_at: null, mfa: { totp: false, passkeys: 0 } };
    s.users.push(made);
    return { status: 201, body: { user: { ...made, initial_password: "amber-kelp-4821-drift" } } };
  }],
  ["PATCH", `/users/${ID}`, (s, m, { user }) => found("user", Object.assign(find(s.users, m[1]), user))],
  ["DELETE", `/users/${ID}`, (s, m) => {
    s.users = s.users.filter((u) => u.id !== m[1]);
    return { status: 204 };
  }],
  ["GET", "/allow-list", (s) => one("allow_list", s.allowList)],
  ["GET", "/areas", (s) => one("areas", s.areas)],
  ["GET", "/break-glass", (s, _m, _b, r) => listed("break_glass", s.breakGlass, r.query)],
  ["POST", `/break-glass/${ID}/(consent|refuse)`, (s, m) => found("break_glass", Object.assign(find(s.breakGlass, m[1]), { state: m[2] === "consent" ? "consented" : "refused" }))],
  ["GET", `/access-reviews/${ID}`, (s, m) => found("access_review", find(s.reviews, m[1]))],
  ["GET", "/access-reviews", (s, _m, _b, r) => listed("access_reviews", s.reviews, r.query)],
  ["GET", "/events", (s, _m, _b, r) => listed("events", s.events, r.query)],
  ["GET", "/jobs", (s, _m, _b, r) => listed("jobs", s.jobs, r.query)],
  ["GET", "/request-kinds", (s) => one("request_kinds", s.kinds)],
  ["GET", "/requests", (s, _m, _b, r) => listed("requests", s.requests, r.query)],
  ["GET", `/requests/${ID}`, (s, m) => found("request", find(s.requests, m[1]))],
  ["POST", "/requests", (s, _m, { request }) => {
    const kind = s.kinds.find((k) => k.kind === request.kind);
    const made = {
      id: randomUUID(), number: `R-2026-${String(17 + s.requests.length).padStart(5, "0")}`, kind: kind.kind, title: request.title ?? kind.title_ja, state: "submitted", fields: request.fields, created_by: "alpha",
      created_at: at(0), due_at: at(kind.target_hours * HOUR), overdue: false, approvals: [], result: null, messages: [], attachments: [], project_id: "p-alpha", assignee: null,
    };
    s.requests.unshift(made);
    return { status: 201, body: { request: made } };
  }],
  ["POST", `/requests/${ID}/messages`, (s, m, { message: { text } }) => {
    find(s.requests, m[1]).messages.push(message("customer", "alpha", text, 0));
    return one("request", find(s.requests, m[1]));
  }],
  ["POST", `/requests/${ID}/attachments`, (s, m, _b, r) => {
    find(s.requests, m[1]).attachments.push({ id: randomUUID(), name: r.query.get("name"), size: r.size, media_type: r.headers["content-type"], at: at(0) });
    return { status: 201, body: {} };
  }],
  ["GET", `/requests/${ID}/attachments/${ID}`, () => ({ status: 200, file: "%PDF-1.7", headers: { "Content-Type": "application/pdf" } })],
  ["POST", `/requests/${ID}/withdraw`, (s, m) => found("request", Object.assign(find(s.requests, m[1]), { state: "withdrawn" }))],
  ["GET", "/notices", (s, _m, _b, r) => listed("notices", s.notices, r.query)],
  ["GET", "/notice-feed", (s) => one("feed", s.feed)],
  ["POST", "/notice-feed", proved((s) => {
    s.feed = { created_at: at(0) };
    return { status: 201, body: { feed: { ...s.feed, url: "https://cloud.example/service/v1/notices.ics?token=4f6b1c2d9e8a47b0" } } };
  })],
  ["GET", `/notices/${ID}`, (s, m) => found("notice", find(s.notices, m[1]))],
  ["POST", `/notices/${ID}/acknowledge`, (s, m) => found("notice", Object.assign(find(s.notices, m[1]), { acknowledged_at: at(0) }))],
  ["GET", "/documents", (s, _m, _b, r) => listed("documents", s.documents, r.query)],
  ["GET", `/documents/${ID}`, (s, m) => found("document", find(s.documents, m[1]))],
  ["GET", `/documents/${ID}/content`, () => ({ status: 200, file: "# 利用規約\n\n第 1 条 本規約は…", headers: { "Content-Type": "text/markdown; charset=utf-8" } })],
  ["POST", `/documents/${ID}/acknowledge`, (s, m) => found("document", Object.assign(find(s.documents, m[1]), { acknowledged_at: at(0) }))],
  ["GET", "/incidents", (s, _m, _b, r) => listed("incidents", s.incidents, r.query)],
  ["GET", `/incidents/${ID}`, (s, m) => found("incident", find(s.incidents, m[1]))],
  ["POST", "/incidents", (s, _m, { incident }) => {
    const made = {
      id: randomUUID(), number: "I-2026-0008", title: incident.title, severity: incident.severity, cause: "unknown", state: "received", reported_by: "alpha", channel: "form", created_at: at(0), confirmed_at: null,
      notify_due_at: null, notified_at: null, resolved_at: null, affected: [], timeline: [{ at: at(0), kind: "received", text: incident.text, author_kind: "customer", author_name: "alpha" }], report: null,
    };
    s.incidents.unshift(made);
    return { status: 201, body: { incident: made } };
  }],
  ["POST", `/incidents/${ID}/attachments`, (s, m, _b, r) => {
    (find(s.incidents, m[1]).attachments ??= []).push({ id: randomUUID(), name: r.query.get("name"), size: r.size, at: at(0) });
    return { status: 201, body: {} };
  }],
  ["GET", `/incidents/${ID}/attachments/${ID}`, () => ({ status: 200, file: "%PDF-1.7", headers: { "Content-Type": "application/pdf" } })],
  ["POST", `/incidents/${ID}/messages`, (s, m, { message: { text } }) => {
    find(s.incidents, m[1]).timeline.push({ at: at(0), kind: "message", text, author_kind: "customer", author_name: "alpha" });
    return one("incident", find(s.incidents, m[1]));
  }],
  ["GET", `/servers/${ID}/metrics`, () => ({ status: 200, body: { series: metrics() } })],
  ["GET", `/servers/${ID}/events`, (s, m, _b, r) => listed("events", s.events.filter((e) => e.object_id === m[1]), r.query)],
  ["GET", `/labels/${ID}/${ID}`, (s, m) => one("label", s.labels.get(`${m[1]}/${m[2]}`) ?? { classification: null, labels: {} })],
  ["PUT", `/labels/${ID}/${ID}`, (s, m, { label }) => {
    s.labels.set(`${m[1]}/${m[2]}`, label);
    return one("label", label);
  }],
].map(([method, pattern, handler]) => [method, new RegExp(`^/service/v1${pattern}$`), (world, match, body, request) => handler(world.service, match, body, request, world)]);
