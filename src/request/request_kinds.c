/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds of requests: what they are called, what their form asks, who may ask, how many
 * operators must approve, until when, and what then runs. A new kind is a row here. Target hours
 * of business hours count nine to the day; a class may set others (request_kind_hours()). */
#include "request/request_run.h"

#include <assert.h>

static const char *const type_names[] = {
    [REQUEST_TEXT] = "text",     [REQUEST_LONGTEXT] = "longtext", [REQUEST_INTEGER] = "integer",
    [REQUEST_CHOICE] = "choice", [REQUEST_SERVER] = "server",     [REQUEST_NETWORK] = "network",
    [REQUEST_USER] = "user",     [REQUEST_DATE] = "date",         [REQUEST_CIDR] = "cidr",
    [REQUEST_EMAIL] = "email",   [REQUEST_BOOLEAN] = "boolean",
};
static_assert(AK_N(type_names) == REQUEST_TYPES, "one name per type");

const char *request_type_name(enum request_type type)
{
    return type_names[type];
}

/* ---- Fields that several forms share --------------------------------------------------------- */

#define REASON                                                                                     \
    {                                                                                              \
        .name = "reason", .type = REQUEST_LONGTEXT, .required = true, .title_ja = "理由",          \
        .title_en = "Reason"                                                                       \
    }
#define NOTE                                                                                       \
    {                                                                                              \
        .name = "note", .type = REQUEST_LONGTEXT, .title_ja = "備考", .title_en = "Remarks"        \
    }
#define SERVER                                                                                     \
    {                                                                                              \
        .name = "server", .type = REQUEST_SERVER, .required = true, .title_ja = "サーバ",          \
        .title_en = "Server"                                                                       \
    }
#define A_SERVER                                                                                   \
    {                                                                                              \
        .name = "server", .type = REQUEST_SERVER, .title_ja = "サーバ", .title_en = "Server",      \
        .help_ja = "特定のサーバに関する場合に選んでください。",                                   \
        .help_en = "Choose one when it is about a particular server."                              \
    }
#define USER(ja, en)                                                                               \
    {                                                                                              \
        .name = "user", .type = REQUEST_USER, .required = true, .title_ja = (ja), .title_en = (en) \
    }
#define PERIOD                                                                                     \
    {.name = "from",                                                                               \
     .type = REQUEST_DATE,                                                                         \
     .required = true,                                                                             \
     .title_ja = "期間の初日",                                                                     \
     .title_en = "First day"},                                                                     \
    {                                                                                              \
        .name = "to", .type = REQUEST_DATE, .required = true, .title_ja = "期間の末日",            \
        .title_en = "Last day"                                                                     \
    }
#define WISH                                                                                       \
    {                                                                                              \
        .name = "wish_on", .type = REQUEST_DATE, .title_ja = "希望日", .title_en = "Wished date",  \
        .not_past = true                                                                           \
    }
#define TEXT(field, kind_of, need, ja, en)                                                         \
    {                                                                                              \
        .name = (field), .type = (kind_of), .required = (need), .title_ja = (ja), .title_en = (en) \
    }

/* ---- Users ----------------------------------------------------------------------------------- */

static const struct request_choice roles[] = {
    {"reader", "閲覧者", "Reader"},
    {"member", "メンバー", "Member"},
    {"manager", "管理者", "Manager"},
    {NULL, NULL, NULL},
};

static const struct request_field user_add[] = {
    {.name = "name",
     .type = REQUEST_TEXT,
     .required = true,
     .title_ja = "ユーザ名",
     .title_en = "User name",
     .help_ja = "ログインに使う名前です。",
     .help_en = "The name to log in with.",
     .max = 64},
    TEXT("email", REQUEST_EMAIL, true, "メールアドレス", "Email"),
    {.name = "role",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "権限",
     .title_en = "Role",
     .choices = roles},
    NOTE,
};
static const struct request_field user_remove[] = {
    USER("削除するユーザ", "User to remove"),
    REASON,
};

/* ---- Servers --------------------------------------------------------------------------------- */

static const struct request_field server_add[] = {
    {.name = "name",
     .type = REQUEST_TEXT,
     .required = true,
     .title_ja = "サーバ名",
     .title_en = "Server name",
     .max = 63},
    {.name = "flavor",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "性能 (フレーバ)",
     .title_en = "Size (flavor)",
     .source = REQUEST_FLAVORS},
    {.name = "image",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "OS (イメージ)",
     .title_en = "Operating system (image)",
     .source = REQUEST_IMAGES},
    TEXT("network", REQUEST_NETWORK, true, "ネットワーク", "Network"),
    {.name = "key_name",
     .type = REQUEST_TEXT,
     .title_ja = "キーペア名",
     .title_en = "Key pair",
     .help_ja = "申請者が登録したキーペアの名前です。",
     .help_en = "The name of a key pair of the applicant."},
    NOTE,
};
static const struct request_field server_remove[] = {
    SERVER,
    {.name = "confirm",
     .type = REQUEST_BOOLEAN,
     .required = true,
     .title_ja = "データが消去され、元に戻せないことを了解しました",
     .title_en = "I understand that the data is erased and cannot be brought back"},
    REASON,
};
static const struct request_field server_change[] = {
    SERVER,
    {.name = "flavor",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "変更後の性能 (フレーバ)",
     .title_en = "New size (flavor)",
     .help_ja = "変更中はサーバが停止します。ディスクは小さくできません。",
     .help_en = "The server is off during the change. Its disk cannot become smaller.",
     .source = REQUEST_FLAVORS},
    NOTE,
};

static const struct request_choice powers[] = {
    {"start", "起動", "Start"},
    {"stop", "停止", "Stop"},
    {"reboot", "再起動", "Restart"},
    {NULL, NULL, NULL},
};
static const struct request_field server_power[] = {
    SERVER,
    {.name = "action",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "内容",
     .title_en = "Action",
     .choices = powers},
    NOTE,
};

/* ---- Network and access ---------------------------------------------------------------------- */

static const struct request_choice firewall_actions[] = {
    {"add", "許可を追加", "Add a permission"},
    {"remove", "許可を削除", "Remove a permission"},
    {NULL, NULL, NULL},
};
static const struct request_choice directions[] = {
    {"ingress", "内向き (受信)", "Incoming"},
    {"egress", "外向き (送信)", "Outgoing"},
    {NULL, NULL, NULL},
};
static const struct request_choice protocols[] = {
    {"tcp", "TCP", "TCP"},
    {"udp", "UDP", "UDP"},
    {"icmp", "ICMP", "ICMP"},
    {NULL, NULL, NULL},
};
static const struct request_field firewall_change[] = {
    {.name = "action",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "内容",
     .title_en = "Action",
     .choices = firewall_actions},
    {.name = "group",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "ファイアウォール (セキュリティグループ)",
     .title_en = "Firewall (security group)",
     .source = REQUEST_GROUPS},
    {.name = "direction",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "方向",
     .title_en = "Direction",
     .choices = directions},
    {.name = "protocol",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "プロトコル",
     .title_en = "Protocol",
     .choices = protocols},
    {.name = "port_min",
     .type = REQUEST_INTEGER,
     .title_ja = "ポート (最小)",
     .title_en = "First port",
     .help_ja = "TCP と UDP では必要です。",
     .help_en = "Needed with TCP and UDP.",
     .min = 1,
     .max = 65535},
    {.name = "port_max",
     .type = REQUEST_INTEGER,
     .title_ja = "ポート (最大)",
     .title_en = "Last port",
     .min = 1,
     .max = 65535},
    TEXT("remote", REQUEST_CIDR, true, "相手のアドレス (CIDR)", "Remote addresses (CIDR)"),
    REASON,
};
static const struct request_field network_change[] = {
    TEXT("text", REQUEST_LONGTEXT, true, "変更の内容", "What to change"),
    WISH,
};
static const struct request_field access_restriction[] = {
    {.name = "cidrs",
     .type = REQUEST_LONGTEXT,
     .title_ja = "許可する接続元 (CIDR、1 行に 1 つ)",
     .title_en = "Allowed sources (CIDR, one a line)",
     .help_ja = "ここにない接続元からはログインできなくなります。",
     .help_en = "Nobody can log in from elsewhere afterwards.",
     .max = 4000},
    {.name = "lift",
     .type = REQUEST_BOOLEAN,
     .title_ja = "制限を解除する (どこからでも接続できるようにする)",
     .title_en = "Lift the restriction (allow access from anywhere)"},
    REASON,
};
static const struct request_field privilege_grant[] = {
    USER("権限を付与するユーザ", "User who gets the right"),
    {.name = "role",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "権限",
     .title_en = "Role",
     .choices = roles + 1},
    {.name = "until",
     .type = REQUEST_DATE,
     .required = true,
     .title_ja = "期限 (この日の終わりまで)",
     .title_en = "Until the end of",
     .help_ja = "30 日以内の日を指定してください。",
     .help_en = "A day within the next 30.",
     .not_past = true},
    REASON,
};

/* ---- Console --------------------------------------------------------------------------------- */

static const struct request_field console_password[] = {
    USER("パスワードを変更するユーザ", "User whose password is changed"),
    REASON,
};
static const struct request_choice add_or_remove[] = {
    {"add", "追加", "Add"},
    {"remove", "削除", "Remove"},
    {NULL, NULL, NULL},
};
static const struct request_field console_user[] = {
    {.name = "action",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "内容",
     .title_en = "Action",
     .choices = add_or_remove},
    TEXT("name", REQUEST_TEXT, true, "コンソールユーザ名", "Name of the console user"),
    TEXT("email", REQUEST_EMAIL, false, "メールアドレス", "Email"),
    REASON,
};

/* ---- Disclosure ------------------------------------------------------------------------------ */

static const struct request_field usage_disclosure[] = {PERIOD, A_SERVER, NOTE};
static const struct request_choice logs[] = {
    {"server", "サーバのイベントログ", "Event log of servers"},
    {"operator", "事業者による操作の記録", "Record of the provider's operations"},
    {"portal", "ポータルへのログイン", "Logins to the portal"},
    {NULL, NULL, NULL},
};
static const struct request_field log_disclosure[] = {
    {.name = "log",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "ログの種類",
     .title_en = "Which log",
     .choices = logs},
    A_SERVER,
    PERIOD,
    REASON,
};
static const struct request_choice bases[] = {
    {"customer", "ユーザ本人からの請求", "Request of the customer"},
    {"warrant", "令状", "Warrant"},
    {"inquiry", "法令に基づく照会", "Inquiry based on law"},
    {"court", "裁判所の命令", "Court order"},
    {"supervisor", "監督官庁の指導", "Instruction of a supervisory body"},
    {NULL, NULL, NULL},
};
static const struct request_field evidence_disclosure[] = {
    {.name = "legal_basis",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "開示の根拠",
     .title_en = "Legal basis",
     .choices = bases},
    {.name = "basis_reference",
     .type = REQUEST_TEXT,
     .required = true,
     .title_ja = "根拠の文書番号",
     .title_en = "Reference of the document",
     .help_ja = "文書は添付してください。",
     .help_en = "Please attach the document."},
    TEXT("requester", REQUEST_TEXT, true, "請求者 (組織、氏名)", "Who demands it (body, name)"),
    TEXT("scope", REQUEST_LONGTEXT, true, "開示する証拠の範囲", "Scope of the evidence"),
    A_SERVER,
    PERIOD,
    {.name = "preserve",
     .type = REQUEST_BOOLEAN,
     .title_ja = "証拠を直ちに保全する",
     .title_en = "Preserve the evidence at once"},
};

/* ---- Desks ----------------------------------------------------------------------------------- */

static const struct request_field check_sheet[] = {
    {.name = "sheet",
     .type = REQUEST_TEXT,
     .required = true,
     .title_ja = "チェックシートの名称",
     .title_en = "Name of the check sheet",
     .help_ja = "ファイル (Excel、CSV など) を添付してください。",
     .help_en = "Please attach the file (Excel, CSV and the like)."},
    WISH,
    NOTE,
};
static const struct request_field visit[] = {
    {.name = "visit_on",
     .type = REQUEST_DATE,
     .required = true,
     .title_ja = "訪問希望日",
     .title_en = "Date of the visit",
     .not_past = true},
    {.name = "visitors",
     .type = REQUEST_INTEGER,
     .required = true,
     .title_ja = "人数",
     .title_en = "Number of visitors",
     .min = 1,
     .max = 50},
    {.name = "purpose",
     .type = REQUEST_LONGTEXT,
     .required = true,
     .title_ja = "目的 (見学、監査など)",
     .title_en = "Purpose (visit, audit, …)"},
    TEXT("names", REQUEST_LONGTEXT, true, "来訪者の所属と氏名", "Visitors and where they work"),
};
static const struct request_field ip_licence[] = {
    TEXT("software", REQUEST_TEXT, true, "ソフトウェア名", "Software"),
    TEXT("licence", REQUEST_TEXT, false, "ライセンスの種類", "Kind of licence"),
    A_SERVER,
    TEXT("text", REQUEST_LONGTEXT, true, "お問い合わせの内容", "Your question"),
};
static const struct request_field label_guide[] = {
    A_SERVER,
    TEXT("text", REQUEST_LONGTEXT, true, "ラベル付けについて必要な情報",
         "What you need to know about labelling"),
};
static const struct request_field legal_register[] = {
    TEXT("purpose", REQUEST_LONGTEXT, false, "用途", "What it is for"),
};
static const struct request_choice about[] = {
    {"service", "サービス", "Service"},
    {"incident", "障害対応", "Handling of an incident"},
    {"privacy", "個人情報", "Personal data"},
    {"rights", "知的財産権", "Intellectual property"},
    {"other", "その他", "Other"},
    {NULL, NULL, NULL},
};
static const struct request_field complaint[] = {
    {.name = "about",
     .type = REQUEST_CHOICE,
     .required = true,
     .title_ja = "対象",
     .title_en = "About",
     .choices = about},
    TEXT("text", REQUEST_LONGTEXT, true, "苦情の内容", "Your complaint"),
};
static const struct request_field question[] = {
    A_SERVER,
    TEXT("text", REQUEST_LONGTEXT, true, "お問い合わせの内容", "Your question"),
};

/* ---- The table ------------------------------------------------------------------------------- */

#define FORM(table) .fields = (table), .n_fields = AK_N(table)
#define DAY         9 /* business hours of a day */

const struct request_kind request_kinds[] = {
    {"user-add", "ユーザの追加", "Add a user",
     "ポータルのユーザを追加します。初期パスワードは申請者だけに一度だけ表示されます。",
     "Adds a user of the portal. The first password is shown once, to the applicant only.",
     AK_ROLE_MANAGER, 1, 2 * DAY, true, "user", FORM(user_add), .subject = {"name"},
     .initial = true, .run = request_run_user_add, .until = REQUEST_WHILE_ACTIVE},
    {"user-remove", "ユーザの削除", "Remove a user",
     "ポータルのユーザを削除します。そのユーザのログインは直ちに無効になります。",
     "Removes a user of the portal, whose logins end at once.", AK_ROLE_MANAGER, 1, DAY, true,
     "user", FORM(user_remove), .subject = {"user"}, .run = request_run_user_remove},
    {"server-add", "サーバの追加", "Add a server", "サーバの作成を事業者に依頼します。",
     "Has the provider make a server for you.", AK_ROLE_MEMBER, 1, 3 * DAY, true, "server.create",
     FORM(server_add), .subject = {"name"}, .run = request_run_server_add,
     .watch = request_watch_server_add, .until = REQUEST_WHILE_ACTIVE},
    {"server-remove", "サーバの削除", "Remove a server",
     "サーバとそのディスクの削除を事業者に依頼します。",
     "Has the provider delete a server with its disk.", AK_ROLE_MEMBER, 1, 3 * DAY, true,
     "server.delete", FORM(server_remove), .subject = {"server"}, .run = request_run_server_remove,
     .watch = request_watch_server_remove, .destroys = true},
    {"server-change", "サーバの変更", "Change a server",
     "サーバの性能 (CPU、メモリ、ディスク) の変更を事業者に依頼します。",
     "Has the provider change the size (CPU, memory, disk) of a server.", AK_ROLE_MEMBER, 1,
     3 * DAY, true, NULL, FORM(server_change), .subject = {"server"},
     .run = request_run_server_change, .watch = request_watch_server_change},
    {"server-power", "サーバの起動・停止", "Start or stop a server",
     "サーバの起動、停止、再起動を事業者に依頼します。",
     "Has the provider start, stop or restart a server.", AK_ROLE_MEMBER, 1, DAY, true,
     "server.power", FORM(server_power), .subject = {"server", "action"},
     .run = request_run_server_power, .watch = request_watch_server_power},
    {"network-change", "ネットワークの変更", "Change a network",
     "ネットワーク、サブネット、ルータの変更を事業者に依頼します。",
     "Has the provider change networks, subnets and routers.", AK_ROLE_MEMBER, 1, 3 * DAY, true,
     "network", FORM(network_change), .subject = {"text"}},
    {"firewall-change", "共用ファイアウォールの変更", "Change the shared firewall",
     "共用ファイアウォールの許可の追加または削除を事業者に依頼します。",
     "Has the provider add or remove a permission in the shared firewall.", AK_ROLE_MEMBER, 1,
     2 * DAY, true, NULL, FORM(firewall_change),
     .subject = {"action", "protocol", "port_min", "remote"}, .run = request_run_firewall_change},
    {"access-restriction", "ポータルの接続元制限", "Restrict access to the portal",
     "ポータルと API に接続できる接続元を限定します。",
     "Limits from where the portal and the API can be reached.", AK_ROLE_MANAGER, 1, 2 * DAY, true,
     NULL, FORM(access_restriction), .run = request_run_access_restriction},
    {"privilege-grant", "特権の付与", "Grant a privilege",
     "ユーザに期限付きで権限を付与します。期限が来ると自動的に取り消されます。",
     "Gives a user a right for a time; it is taken back by itself.", AK_ROLE_MANAGER, 1, DAY, true,
     NULL, FORM(privilege_grant), .subject = {"user", "role"}, .run = request_run_privilege_grant},
    {"console-password", "コンソールのパスワード変更", "Change a console password",
     "コンソールを使うユーザに新しい一時パスワードを発行します。申請者だけに一度だけ表示されます。"
     "ほかのユーザの分は管理者が申請できます。",
     "Gives a user of the console a new one-time password, shown once, to the applicant only. For "
     "others than oneself: managers.",
     AK_ROLE_MEMBER, 1, DAY, true, NULL, FORM(console_password), .initial = true,
     .customers_only = true, .run = request_run_console_password, .subject = {"user"}},
    {"console-user", "コンソールユーザの登録・削除", "Add or remove a console user",
     "コンソールを使うユーザ (メンバー) "
     "を登録または削除します。初期パスワードは申請者だけに一度だけ表示されます。",
     "Adds or removes a user of the console (a member). The first password is shown once, to the "
     "applicant only.",
     AK_ROLE_MANAGER, 1, 2 * DAY, true, NULL, FORM(console_user), .initial = true,
     .customers_only = true, .run = request_run_console_user, .subject = {"action", "name"}},
    {"usage-disclosure", "利用状況の開示", "Disclosure of usage",
     "サーバの利用状況 (CPU、メモリ、ディスク、ネットワーク) を CSV で開示します。",
     "Discloses how servers used processor, memory, disk and network, as CSV.", AK_ROLE_MEMBER, 1,
     5 * DAY, true, NULL, FORM(usage_disclosure), .run = request_run_disclosure,
     .prepare = request_prepare_usage, .subject = {"from", "to", "server"},
     .until = REQUEST_TO_THE_DELETION},
    {"log-disclosure", "ログの開示", "Disclosure of logs",
     "サーバごとのイベントログなどの開示を依頼します。",
     "Asks for event logs of servers and the like.", AK_ROLE_MANAGER, 1, 5 * DAY, true, NULL,
     FORM(log_disclosure), .run = request_run_disclosure, .prepare = request_prepare_log,
     .subject = {"log", "from", "to"}, .until = REQUEST_TO_THE_DELETION},
    {"evidence-disclosure", "証拠の開示", "Disclosure of evidence",
     "法令または裁判所の命令、もしくはユーザ本人の請求に基づく証拠の開示です。2 "
     "名の承認が必要です。",
     "Evidence by law, by order of a court or for the customer itself. Two operators must approve.",
     AK_ROLE_MANAGER, 2, 5 * DAY, true, NULL, FORM(evidence_disclosure),
     .subject = {"legal_basis", "basis_reference"}, .until = REQUEST_TO_THE_DELETION},
    {"check-sheet", "セキュリティチェックシートへの回答", "Answer a security check sheet",
     "お持ちのチェックシートに 1 週間以内を目安に回答します。",
     "We answer your check sheet, within about a week.", AK_ROLE_MEMBER, 0, (int64_t)7 * 24, false,
     NULL, FORM(check_sheet), .subject = {"sheet"}, .until = REQUEST_TO_THE_DELETION},
    {"visit", "データセンターの見学・監査", "Visit or audit of the data centre",
     "データセンターの見学または監査を申し込みます。",
     "Applies for a visit or an audit of the data centre.", AK_ROLE_MEMBER, 1, 5 * DAY, true, NULL,
     FORM(visit), .subject = {"visit_on"}},
    {"ip-licence", "知的財産権・ライセンスの相談", "Intellectual property and licences",
     "知的財産権のあるソフトウェアの利用に必要な情報をお問い合わせください。",
     "Ask what you need to use software with intellectual property rights.", AK_ROLE_MEMBER, 0,
     3 * DAY, true, NULL, FORM(ip_licence), .subject = {"software"},
     .until = REQUEST_TO_THE_DELETION},
    {"label-guide", "ラベル付けの情報提供", "Information on labelling",
     "情報のラベル付けに必要な情報を提供します。",
     "We tell you what you need to label your information.", AK_ROLE_READER, 0, 3 * DAY, true, NULL,
     FORM(label_guide), .subject = {"text"}, .until = REQUEST_TO_THE_DELETION},
    {"legal-register", "関連法令一覧の提供", "List of related laws",
     "サービスに関連する法令の一覧を提供します。",
     "We give you the list of laws related to the service.", AK_ROLE_READER, 0, 3 * DAY, true, NULL,
     FORM(legal_register), .until = REQUEST_TO_THE_DELETION},
    {"complaint", "苦情", "Complaint", "苦情の窓口です。", "The desk for complaints.",
     AK_ROLE_READER, 0, 2 * DAY, true, NULL, FORM(complaint), .subject = {"about"},
     .until = REQUEST_TO_THE_DELETION},
    {"question", "お問い合わせ", "Question", "そのほかのお問い合わせの窓口です。",
     "The desk for everything else.", AK_ROLE_READER, 0, 2 * DAY, true, NULL, FORM(question),
     .subject = {"text"}, .until = REQUEST_TO_THE_DELETION},
};
const size_t request_kinds_n = AK_N(request_kinds);

const struct request_kind *request_kind_find(const char *kind)
{
    for (size_t i = 0; i < request_kinds_n; i++) {
        if (ak_streq(request_kinds[i].kind, kind)) {
            return &request_kinds[i];
        }
    }
    return NULL;
}
