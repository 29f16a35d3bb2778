/* SPDX-License-Identifier: Apache-2.0 */
/* The register of retention: what akashi keeps of a customer, how long, and who may see it. A row
 * stands for what a sweep, a step of the deletion or the lack of both really does; numbers come
 * from the setting or the class where there is one. A kind of record that is added gets its row
 * here. */
#include "service/service_contract_internal.h"

enum basis {
    UNLIMITED, /* nothing removes it */
    SETTING,   /* 'parameter' is a setting, in days */
    FIXED,     /* 'days' */
    GRACE      /* until the contract's deletion: 'days' from its end, of the class */
};
static const char *const basis_names[] = {"unlimited", "setting", "fixed", "contract"};

struct kept {
    const char *slug;
    enum basis basis;
    int64_t days;
    const char *parameter;
    const char *title_ja, *title_en, *rule_ja, *rule_en, *seen_by_ja, *seen_by_en;
};

#define OWN_JA   "お客様。事業者は、お客様の同意または 2 名の承認がある場合に限る"
#define OWN_EN   "the customer; the provider only by the customer's consent or by two approvals"
#define BOTH_JA  "お客様と事業者の担当者"
#define BOTH_EN  "the customer and the provider's people"
#define STAFF_JA "事業者の担当者"
#define STAFF_EN "the provider's people"

/* clang-format off */ /* a row each */
static const struct kept rows[] = {
    {"content", GRACE, 0, "grace_days", "サーバのディスク、イメージ、ネットワークの設定", "Disks of servers, images, settings of networks",
     "お客様が削除したときは直ちに、契約終了後は猶予期間の後に消去します。法的保全の間は消去しません。",
     "Erased at once when the customer deletes it, else after the days of grace that follow the end of the contract. Not under a legal hold.", OWN_JA, OWN_EN},
    {"accounts", GRACE, 0, "grace_days", "利用者のアカウント、認証情報、キーペア", "Accounts of users, their credentials and key pairs",
     "お客様が削除したとき、または契約終了後の猶予期間の後に削除します。パスワードは復元できない形で保存します。",
     "Deleted by the customer, or after the days of grace. Passwords are kept as hashes only.", BOTH_JA, BOTH_EN},
    {"export-kits", FIXED, SERVICE_KIT_DAYS, NULL, "エクスポートキット", "Export kits",
     "作成からこの日数の後、または契約の削除の際に消去します。", "Removed that many days after they were made, or with the contract.",
     "お客様の管理者とメンバー。契約終了後はマスターユーザ", "managers and members of the customer; after the end the master user"},
    {"attachments", GRACE, 0, "grace_days", "申請のメッセージと添付、お客様がインシデントに添付したファイル", "Messages and attachments of requests, files the customer attached to incidents",
     "契約の削除の後に消去します。", "Removed after the deletion of the contract.", BOTH_JA, BOTH_EN},
    {"requests", UNLIMITED, 0, NULL, "申請とその決裁の記録", "Requests, and who decided on them",
     "事業者の記録として保存します。", "Kept as the provider's records.", BOTH_JA, BOTH_EN},
    {"notices", UNLIMITED, 0, NULL, "お知らせと確認の記録", "Notices, and who acknowledged them",
     "事業者の記録として保存します。", "Kept as the provider's records.", "対象のお客様と事業者の担当者", "the customers concerned and the provider's people"},
    {"incidents", UNLIMITED, 0, NULL, "インシデントの経過と報告書", "Timelines and reports of incidents",
     "事業者の記録として保存します。", "Kept as the provider's records.", "対象のお客様 (公開された部分) と事業者の担当者", "the customers concerned (what is posted to them) and the provider's people"},
    {"events", UNLIMITED, 0, NULL, "監査イベント (操作とログインの記録)", "Audit events (operations and logins)",
     "追記のみで、変更も削除もしません。", "Appended to, never changed nor removed.",
     "お客様 (自社に関するもの)、事業者の担当者と監査担当", "the customer (its own), the provider's people and auditors"},
    {"metrics", FIXED, 730, NULL, "サーバの利用状況 (CPU、メモリ、ディスク、ネットワーク)", "Use of processor, memory, disk and network by servers",
     "1 分値は 7 日、10 分値は 90 日、1 時間値はこの日数。サーバを削除すると消去します。",
     "By the minute 7 days, by ten minutes 90 days, by the hour that many. Removed with the server.", BOTH_JA, BOTH_EN},
    {"jobs", SETTING, 0, "job_keep_days", "完了した処理の一覧", "The list of finished jobs",
     "この日数の後に消去します。何が行われたかは監査イベントに残ります。", "Removed that many days later. What they did stays in the audit events.", BOTH_JA, BOTH_EN},
    {"one-time-passwords", SETTING, 0, "identity_initial_password_days", "使われなかった一時パスワード", "One-time passwords that were not used",
     "この日数の後は使えません。暗号化して、申請者だけが一度だけ受け取れます。", "Good for nothing that many days later. Sealed, and taken once, by the applicant only.", "申請者", "the applicant"},
    {"mails", UNLIMITED, 0, NULL, "送信したメール", "Mails that were sent",
     "事業者の記録として保存します。", "Kept as the provider's records.", STAFF_JA, STAFF_EN},
    {"contracts", UNLIMITED, 0, NULL, "契約、同意、サービスコード", "Contracts, consents, service codes",
     "事業者の記録として保存します。", "Kept as the provider's records.", BOTH_JA, BOTH_EN},
    {"deletion-records", UNLIMITED, 0, NULL, "削除証明とその追補", "Deletion records and their supplements",
     "証明として保存します。", "Kept as proof.", "アドレスを知っている人", "whoever knows the address"},
};
/* clang-format on */

/* The days of grace of the caller's class; -1: no contract. */
static int grace_of(struct ak_request *req, int64_t *ret_days, struct ak_error *err)
{
    struct service_contract contract = {0};
    const char *project_id = req->listener == AK_MANAGEMENT ? ak_request_query(req, "project_id")
                                                            : req->principal->project_id;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = 0;

    *ret_days = -1;
    if (!project_id) {
        return 0;
    }
    rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : service_contract_by_project(tx, req->arena, project_id, &contract, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    return rc < 0 ? rc
                  : service_class_int(tx, contract.class_name, contract.class_version, "grace_days",
                                      ret_days, err);
}

static void write_row(const struct ak_request *req, struct ak_json *w, const struct kept *row,
                      int64_t grace)
{
    int64_t days = row->basis == SETTING ? ak_config_int(req->config, row->parameter)
                   : row->basis == GRACE ? grace
                   : row->basis == FIXED ? row->days
                                         : -1;

    ak_json_object(w);
    ak_json_kstr(w, "slug", row->slug);
    ak_json_kstr(w, "title_ja", row->title_ja);
    ak_json_kstr(w, "title_en", row->title_en);
    ak_json_kstr(w, "basis", basis_names[row->basis]);
    ak_json_kstr(w, "parameter", row->parameter);
    ak_json_key(w, "days");
    if (days < 0) {
        ak_json_null(w);
    } else {
        ak_json_int(w, days);
    }
    ak_json_kstr(w, "rule_ja", row->rule_ja);
    ak_json_kstr(w, "rule_en", row->rule_en);
    ak_json_kstr(w, "seen_by_ja", row->seen_by_ja);
    ak_json_kstr(w, "seen_by_en", row->seen_by_en);
    ak_json_object_end(w);
}

int service_retention_list_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    int64_t grace = -1;
    int rc = grace_of(req, &grace, err);

    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "retention");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(rows); i++) {
        write_row(req, w, &rows[i], grace);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}
