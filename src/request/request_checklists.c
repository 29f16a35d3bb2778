/* SPDX-License-Identifier: Apache-2.0 */
/* What a person of the provider does for the kinds that no machine does: the steps, and the text
 * that the answer begins with. Shown to the staff only. */
#include "request/request_internal.h"

#define STEPS(table) .steps = (table), .n = AK_N(table)

static const struct request_text network_change[] = {
    {"変更の影響を受けるサーバを確認した", "The servers that it concerns are known"},
    {"停止を伴う場合は日時をお客様と合意した",
     "Where it interrupts, the time is agreed with the customer"},
    {"お客様のプロジェクトで変更し、記録した", "Changed in the customer's project, and recorded"},
    {"疎通を確認した", "Connectivity was tested"},
};
static const struct request_text evidence[] = {
    {"請求者の身元と権限を確認した", "Who demands it is known and entitled to it"},
    {"根拠の文書を添付で確認した", "The legal basis was read in the attachment"},
    {"対象と期間を必要な範囲に限った", "Scope and period are no wider than needed"},
    {"ログを保全し、ハッシュ値を記録した", "The logs are preserved and their hashes recorded"},
    {"法令が禁じる場合を除き、お客様に通知した",
     "The customer was told, unless the law forbids it"},
    {"受け渡しの方法と受領者を記録した", "How and to whom it was handed over is recorded"},
};
static const struct request_text check_sheet[] = {
    {"シートを添付から受け取った", "The sheet was taken from the attachments"},
    {"ホワイトペーパーと契約に照らして回答した", "Answered by the white paper and the contract"},
    {"別の担当者が回答を確認した", "A second person read the answers"},
    {"記入済みのシートを添付した", "The filled-in sheet is attached"},
};
static const struct request_text visit[] = {
    {"データセンターの受け入れ日時を確保した", "The data centre has confirmed date and time"},
    {"来訪者の氏名を入館の手続きに登録した", "The visitors are registered for entry"},
    {"案内者と見学の範囲を決めた", "Guide and route are settled"},
    {"持ち物と注意事項を知らせた", "The visitors know what to bring and what not"},
};
static const struct request_text licence[] = {
    {"ライセンスの条項を確認した", "The terms of the licence were read"},
    {"クラウド利用の可否と必要な手続きを確認した",
     "Whether and how it may be used in the cloud is known"},
};
static const struct request_text label_guide[] = {
    {"お客様の分類に対応するラベルを確認した", "The labels for the customer's classes are known"},
    {"手引きの該当箇所を示した", "The place in the guide is named"},
};
static const struct request_text legal_register[] = {
    {"最新の関連法令一覧を添付した", "The newest list of related laws is attached"},
};
static const struct request_text complaint[] = {
    {"事実を確認した", "The facts are known"},
    {"責任者に報告した", "The person in charge knows of it"},
    {"原因と対応をお客様に説明した", "Cause and remedy were explained to the customer"},
};
static const struct request_text question[] = {
    {"回答の根拠を確認した", "The answer is backed by a source"},
};

const struct request_checklist request_checklists[] = {
    {"network-change",
     STEPS(network_change),
     {"次のとおり変更しました。", "It was changed as follows."}},
    {"evidence-disclosure",
     STEPS(evidence),
     {"次のとおり開示しました。開示先、範囲、方法:",
      "It was disclosed as follows. To whom, what, how:"}},
    {"check-sheet",
     STEPS(check_sheet),
     {"回答を記入したシートを添付しました。", "The sheet with our answers is attached."}},
    {"visit", STEPS(visit), {"次の日程でお待ちしております。", "We look forward to your visit on"}},
    {"ip-licence",
     STEPS(licence),
     {"お問い合わせの件、次のとおり回答します。", "To your question:"}},
    {"label-guide",
     STEPS(label_guide),
     {"ラベル付けについて、次のとおりご案内します。", "On labelling:"}},
    {"legal-register",
     STEPS(legal_register),
     {"関連法令一覧を添付しました。", "The list of related laws is attached."}},
    {"complaint",
     STEPS(complaint),
     {"ご意見をいただきありがとうございます。調査の結果と対応は次のとおりです。",
      "Thank you for telling us. What we found and did:"}},
    {"question",
     STEPS(question),
     {"お問い合わせの件、次のとおり回答します。", "To your question:"}},
};
const size_t request_checklists_n = AK_N(request_checklists);

const struct request_checklist *request_checklist_find(const char *kind)
{
    for (size_t i = 0; i < request_checklists_n; i++) {
        if (ak_streq(request_checklists[i].kind, kind)) {
            return &request_checklists[i];
        }
    }
    return NULL;
}
