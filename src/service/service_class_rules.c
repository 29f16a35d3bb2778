/* SPDX-License-Identifier: Apache-2.0 */
/* What a class file must say: the table of parameters, and the titles of what it lists. The manual
 * page akashi-class(5) is printed from here. A parameter is here once somebody reads it or prints
 * it; the text beside it says what it means to the customer. */
#include "service/service_class_internal.h"

#define TEXT(section, key, min, max, doc)                                                          \
    {                                                                                              \
        section, key, SERVICE_CLASS_TEXT, min, max, NULL, doc                                      \
    }
#define INT(section, key, min, max, doc)                                                           \
    {                                                                                              \
        section, key, SERVICE_CLASS_INT, min, max, NULL, doc                                       \
    }
#define YES(section, key, doc)                                                                     \
    {                                                                                              \
        section, key, SERVICE_CLASS_BOOL, 0, 0, NULL, doc                                          \
    }
#define ONE(section, key, choices, doc)                                                            \
    {                                                                                              \
        section, key, SERVICE_CLASS_CHOICE, 0, 0, choices, doc                                     \
    }
#define LIST(section, key, min, choices, doc)                                                      \
    {                                                                                              \
        section, key, SERVICE_CLASS_LIST, min, 0, choices, doc                                     \
    }
#define TIME(section, key, doc)                                                                    \
    {                                                                                              \
        section, key, SERVICE_CLASS_TIME, 0, 0, NULL, doc                                          \
    }

#define ZONES    "general|municipal|private|dedicated"
#define CHANNELS "portal|mail|sales|phone"
#define REACH    "open|area|closed"

/* clang-format off */ /* a line each */
const struct service_class_rule service_class_rules[] = {
    TEXT("class", "title_ja", 1, 255, "Name of the class in Japanese."),
    TEXT("class", "title_en", 1, 255, "Name of the class in English."),
    TEXT("class", "summary_ja", 1, 1000, "What it is, in Japanese."),
    TEXT("class", "summary_en", 1, 1000, "What it is, in English."),
    TEXT("class", "code", 2, 4, "Letters that service codes of its servers begin with."),
    TEXT("class", "governing_law", 2, 2, "Country whose law governs the contract, ISO 3166-1."),
    TEXT("class", "consent_ja", 1, 10000, "What the customer agrees to before the first server, in Japanese."),
    TEXT("class", "consent_en", 1, 10000, "The same in English."),
    LIST("class", "countries", 1, NULL, "Countries (ISO 3166-1) in which the customer's data may lie; servers run there only."),
    ONE("class", "zone", ZONES, "The kind of environment that is promised."),
    LIST("class", "zones", 1, ZONES, "Zones of hosts on which its servers may run."),
    YES("class", "dedicated_hosts", "Whether no other customer's server runs on the hosts of the customer's servers."),
    YES("class", "os_handover", "Whether the customer gets the administrator's rights of the guest system."),
    YES("class", "hypervisor_handover", "Whether the customer gets the administrator's rights of the hypervisor."),
    LIST("class", "platforms", 0, "oracle", "Platforms set apart for licences, which the customer may order."),
    INT("class", "grace_days", 0, 365, "Days from the end of the contract to the deletion of what is left."),
    ONE("class", "grace_servers", "run|stop", "What servers do from the end of the contract until their deletion."),
    INT("class", "notice_days", 0, 365, "Days between the customer's cancellation and the earliest end of the contract."),
    ONE("class", "deletion", "automatic|operator", "Who starts that deletion: the schedule, or an operator after the customer's application."),
    ONE("class", "erasure", "zero", "What becomes of storage that was the customer's: zeros are written over it, then it goes."),

    YES("backup", "servers", "Whether the disks of servers are backed up by the provider."),
    YES("backup", "configuration", "Whether the provider keeps the settings of its platform for recovery."),
    TIME("backup", "start", "When the daily backup starts, Asia/Tokyo."),
    INT("backup", "generations", 0, 365, "Generations that are kept at least; 0 without backup of servers."),
    ONE("backup", "method", "disk-to-disk|none", "How it is taken."),
    INT("backup", "restore_test_days", 0, 3660, "Days within which a restore is tried; 0 never."),
    YES("backup", "daily_check", "Whether somebody looks at the result every day."),

    LIST("notices", "channels", 1, CHANNELS, "How notices of maintenance and changes reach the customer."),
    INT("notices.maintenance", "lead_hours", 0, 8760, "Hours between the notice and maintenance that stops something."),
    YES("notices.maintenance", "needs_ack", "Whether the customer is asked to acknowledge it."),
    YES("notices.emergency", "allowed", "Whether emergency maintenance may come without notice."),
    INT("notices.emergency", "report_hours", 0, 720, "Hours after its start within which the later notice is sent."),
    INT("notices.change", "lead_hours", 0, 8760, "Hours between the notice and a change of the service."),
    YES("notices.change", "needs_ack", "Whether the customer is asked to acknowledge it."),

    LIST("incidents", "channels", 1, CHANNELS, "How the customer is told of incidents."),
    LIST("incidents", "intake", 1, "portal|mail|phone|sales|form", "How the customer reports one."),
    INT("incidents", "update_minutes", 1, 43200, "Minutes between words while it lasts."),
    INT("incidents", "report_days", 0, 365, "Days from its end to the closing report."),
    YES("incidents", "tracking", "Whether the customer follows it in the portal."),
    YES("incidents", "portal_post", "Whether incidents of the provider's making are posted in the portal."),
    INT("incidents.notify", "low", 1, 43200, "Minutes from the confirmation of an incident of low severity to the first word to the customer."),
    INT("incidents.notify", "medium", 1, 43200, "The same of medium severity."),
    INT("incidents.notify", "high", 1, 43200, "The same of high severity."),
    INT("incidents.notify", "critical", 1, 43200, "The same of critical severity."),

    ONE("access", "portal", REACH, "Where the portal is reached from: anywhere, areas of the customer, closed networks."),
    ONE("access", "console", REACH, "Where the console of servers is reached from."),
    ONE("access", "metrics", REACH, "Where the use of processor, memory and network is looked at from."),
    ONE("access", "guides", REACH, "Where the guides are read from."),
    LIST("access", "areas", 0, NULL, "Areas (slugs) that a new contract is tied to for what is reached from areas; each stays closed until the provider says its addresses."),
    YES("access", "allow_list", "Whether the customer may have the portal limited to its addresses."),
    INT("access", "review_days", 1, 3660, "Days within which rights are reviewed."),
    YES("access", "operator_blind", "Whether operators have no way to what the customer stores."),

    ONE("monitoring", "liveness", "provider|customer", "Who watches whether servers answer."),
    ONE("monitoring", "resources", "always|request", "Whether the use of resources is watched always or when wished."),
    ONE("monitoring", "security", "provider|customer", "Who watches for attacks."),
    YES("monitoring", "abroad", "Whether security logs may be looked at outside of Japan."),
    YES("monitoring", "clock_sync", "Whether guests with the agent are kept at the hosts' time."),

    ONE("disclosure", "authorities", "order|inquiry", "When authorities get information without the customer's consent: by law or order of a court, or on their inquiry too."),
    ONE("disclosure", "evidence", "provider|customer", "Who keeps digital evidence within servers."),
    YES("disclosure", "law_list", "Whether the list of related laws is supplied on request."),
    YES("disclosure", "vulnerabilities", "Whether vulnerability information is passed on to the customer."),

    INT("quotas", "instances", 0, 10000, "Servers, unless the contract says otherwise."),
    INT("quotas", "cores", 0, 100000, "Virtual processors."),
    INT("quotas", "ram_mib", 0, 100000000, "Memory in MiB."),
    INT("quotas", "disk_gib", 0, 10000000, "Disks in GiB."),
    INT("quotas", "images", 0, 10000, "Images of the customer's own."),
    INT("quotas", "image_gib", 0, 1000000, "Their size in GiB, all together."),
    INT("quotas", "users", 1, 10000, "Users of the customer, the master user with them."),
    INT("quotas", "open_requests", 1, 10000, "Requests that are not finished."),
    INT("quotas", "open_incidents", 1, 10000, "Incidents reported by the customer that are not closed."),
};
const size_t service_class_rules_n = AK_N(service_class_rules);

const struct service_class_rule service_class_licence_rules[] = {
    TEXT("licence.NAME", "title_ja", 1, 255, "Product, in Japanese."),
    TEXT("licence.NAME", "title_en", 1, 255, "Product, in English."),
    ONE("licence.NAME", "terms", "spla|included|customer", "Whose licence it is."),
    ONE("licence.NAME", "handed_over", "installed|installer|none", "In which state the customer gets it."),
    ONE("licence.NAME", "managed_by", "provider|customer", "Who looks after it from then on."),
};
const size_t service_class_licence_rules_n = AK_N(service_class_licence_rules);

const char *const service_request_kinds[] = {
#define SERVICE_REQUEST_KIND(kind) kind,
#include "service/request_kinds.def"
#undef SERVICE_REQUEST_KIND
};
const size_t service_request_kinds_n = AK_N(service_request_kinds);

/* The lines of the table of roles and responsibilities, from the top of the stack down. */
const struct service_class_title service_class_layers[] = {
    {"first-response", "一次障害調査・一次復旧対応", "First-line fault investigation and recovery"},
    {"security-monitoring", "セキュリティ監視", "Security monitoring"},
    {"liveness-monitoring", "死活監視・リソース閾値監視", "Liveness and resource-threshold monitoring"},
    {"configuration", "サーバ・ネットワーク構成管理", "Server and network configuration management"},
    {"firewall", "外部ファイアウォール・IPS・内部ファイアウォール", "External firewall, intrusion prevention, internal firewall"},
    {"internet-line", "インターネット接続回線", "Internet line"},
    {"customer-network", "お客様のネットワーク", "The customer's network"},
    {"content", "コンテンツ・データ", "Content and data"},
    {"application", "アプリケーション", "Applications"},
    {"middleware", "ミドルウェア（Web サーバ、DBMS など）", "Middleware (web server, DBMS, …)"},
    {"guest-os", "ゲスト OS", "Guest operating system"},
    {"virtual-machine", "仮想マシン（管理コンソール）", "Virtual machine (management console)"},
    {"hypervisor", "ハイパーバイザ", "Hypervisor"},
    {"physical-server", "物理サーバ", "Physical server"},
    {"storage-backbone", "ストレージ・バックボーンネットワーク・共用 FW/LB", "Storage, backbone network, shared firewall and load balancer"},
    {"data-centre", "データセンターインフラ", "Data-centre infrastructure"},
};
const size_t service_class_layers_n = AK_N(service_class_layers);

const struct service_class_title service_class_securities[] = {
    {"firewall", "ファイアウォール", "Firewall"},
    {"ips", "不正侵入検知・防御（IPS）", "Intrusion prevention (IPS)"},
    {"antivirus", "アンチウイルス", "Antivirus"},
    {"web-filter", "Web フィルタリング", "Web filtering"},
    {"utm", "UTM", "Unified threat management (UTM)"},
    {"soc", "セキュリティオペレーションセンター（SOC）", "Security operation centre (SOC)"},
    {"monitoring", "監視", "Monitoring"},
    {"vpn", "リモートアクセス（VPN）", "Remote access (VPN)"},
    {"line", "通信回線", "Communication line"},
};
const size_t service_class_securities_n = AK_N(service_class_securities);
