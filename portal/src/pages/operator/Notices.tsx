// SPDX-License-Identifier: Apache-2.0
/* Maintenance, changes and information: drafted in both languages, shown whom they touch, published, followed. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { act, createNotice, listHosts, listMails, listOperatorNotices, previewNotice, showMail, showOperatorNotice, type Mail, type OperatorNotice } from "../../api/operator";
import { both, formatMinute, formatNumber, formatWhen, N_, NC_, t, tc } from "../../i18n";
import { FormDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { CheckList } from "../../ui/fields";
import { FormFromFields, problemsOf, valuesOf, type Draft } from "../../ui/FormFromFields";
import { Message } from "../../ui/Message";
import { ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card, Facts } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { StateLabel } from "../../ui/StateLabel";
import { stateOptions, word, wordOptions } from "../../ui/words";
import { choices, Detail, field, IfMay, moment, One, Room, type Verb, Verbs } from "./kit";
import { TemplateField } from "./Templates";

const REFRESH = [["operator", "notices"], ["operator", "overview"], ["operator", "mails"]];

function columns(): Column<OperatorNotice>[] {
  return [
    {
      key: "title",
      label: t("Notice"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 40,
      render: (row) => (
        <>
          <Link href={`/notices/${row.id}`}>{both(row, "title")}</Link>
          <span className="ak-list__sub">{row.number}</span>
        </>
      ),
    },
    {
      key: "kind",
      label: t("Kind"),
      render: (row) => (
        <>
          {word("noticeKind", row.kind)}
          {row.emergency ? <span className="ak-list__sub">{t("Emergency")}</span> : null}
        </>
      ),
    },
    { key: "when", label: t("When"), render: (row) => (formatWhen(row) ? <span className="ak-when">{formatWhen(row)}</span> : "–") },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="notice" value={row.state} /> },
  ];
}

export function NoticesRoom() {
  const openDialog = useDialog();
  return (
    <Room
      title={t("Notices and changes")}
      name="notices"
      read={listOperatorNotices}
      rowKey={(row) => row.id}
      columns={columns()}
      filters={[
        { name: "state", label: t("State"), all: t("All states"), options: stateOptions("notice") },
        { name: "kind", label: t("Kind"), all: t("All kinds"), options: wordOptions("noticeKind") },
      ]}
      actions={
        <IfMay policy="notice:notice:create"><Button variant="primary" onClick={() => openDialog(<NoticeDialog />)}>
          {tc("verb", "Draft a notice")}
        </Button></IfMay>
      }
      empty={t("There is no notice.")}
    />
  );
}

/* "2026-12-01 22:00" in Japan, as the API wants it */
const toUtc = (text: unknown) => {
  const time = new Date(`${String(text).trim().replace(" ", "T")}:00+09:00`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace(/\.\d+/, "");
};

function NoticeDialog() {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const hosts = useQuery({ queryKey: ["operator", "hosts", "choice"], queryFn: () => listHosts({}) }).data?.rows ?? [];
  const [draft, setDraft] = useState<Draft>({ kind: "maintenance" });
  const [touched, setTouched] = useState<string[]>([]);
  const isTimed = draft["kind"] !== "information";
  const isWork = draft["kind"] === "maintenance" || draft["kind"] === "change";
  const timeHelp = t("Japan Standard Time, such as 2026-12-01 22:00.");
  const fields = [
    field("kind", t("Kind"), "choice", { required: true, choices: choices(wordOptions("noticeKind")) }),
    field("title_ja", t("Title in Japanese"), "text", { required: true }),
    field("title_en", t("Title in English"), "text", { required: true }),
    field("body_ja", t("Text in Japanese"), "longtext", { required: true }),
    field("body_en", t("Text in English"), "longtext", { required: true }),
    field("impact", t("Impact"), "choice", { choices: choices(wordOptions("impact")) }),
    field("starts_at", t("Begin"), "text", { required: isTimed, help: timeHelp }),
    field("ends_at", t("End"), "text", { required: isWork, help: timeHelp }),
    field("emergency", t("Emergency: without lead time, with a later notice"), "boolean"),
    field("needs_ack", t("Customers are to acknowledge it"), "boolean"),
    field("everyone", t("For all customers"), "boolean"),
  ];
  const save = async () => {
    const { starts_at, ends_at, ...rest } = valuesOf(fields, draft);
    const notice = await createNotice({
      ...rest,
      ...(starts_at ? { starts_at: toUtc(starts_at) ?? starts_at } : {}),
      ...(ends_at ? { ends_at: toUtc(ends_at) ?? ends_at } : {}),
      ...(touched.length > 0 ? { hosts: touched } : {}),
    });
    await queries.invalidateQueries({ queryKey: ["operator", "notices"] });
    navigate(`/notices/${notice.id}`);
  };
  return (
    <FormDialog
      title={tc("verb", "Draft a notice")}
      action={tc("verb", "Save the draft")}
      failure={t("The notice could not be drafted.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0}
      work={save}
    >
      <TemplateField use="notice" draft={draft} onChange={setDraft} />
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
      {hosts.length > 0 ? (
        <CheckList legend={t("Hosts it touches")} options={hosts.map((host) => ({ value: host.name, label: host.name }))} values={touched} onChange={setTouched} />
      ) : null}
    </FormDialog>
  );
}

const VERBS: Verb<OperatorNotice>[] = [
  {
    key: "publish",
    label: NC_("verb", "Publish"),
    isPrimary: true,
    text: N_("It is shown in the portal of every affected customer and mailed to the contacts. The lead times of the contracts must be kept."),
    policy: "notice:notice:publish",
    isAllowed: (row) => row.state === "draft",
    run: (row) => act("POST /service/v1/notices/{}/publish", row.id),
  },
  {
    key: "postpone",
    label: NC_("verb", "Postpone"),
    text: N_("The contacts are told by mail, and the calendars follow. The lead times of the contracts must be kept."),
    policy: "notice:notice:update",
    isAllowed: (row) => row.state === "published" && row.starts_at !== null,
    fields: () => [
      field("starts_at", t("Begin"), "text", { required: true, help: t("Japan Standard Time, such as 2026-12-01 22:00.") }),
      field("ends_at", t("End"), "text", { help: t("Japan Standard Time, such as 2026-12-01 22:00.") }),
    ],
    run: (row, values) =>
      act("PATCH /service/v1/notices/{}", row.id, "notice", Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toUtc(value) ?? value]))),
  },
  {
    key: "start",
    label: NC_("verb", "Begin"),
    policy: "notice:notice:move",
    isAllowed: (row) => row.state === "published",
    run: (row) => act("POST /service/v1/notices/{}/start", row.id),
  },
  {
    key: "finish",
    label: NC_("verb", "Finish"),
    isPrimary: true,
    policy: "notice:notice:move",
    isAllowed: (row) => row.state === "running",
    run: (row) => act("POST /service/v1/notices/{}/finish", row.id),
  },
  {
    key: "cancel",
    label: NC_("verb", "Call it off"),
    isDanger: true,
    policy: "notice:notice:move",
    isAllowed: (row) => ["draft", "published", "running"].includes(row.state),
    fields: () => [field("reason", t("Reason"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/notices/{}/cancel", row.id, null, values),
  },
];

type Affected = NonNullable<OperatorNotice["affected"]>;

function AffectedTable({ rows }: { rows: Affected }) {
  if (rows.length === 0) {
    return <p className="ak-muted">{t("No customer is affected.")}</p>;
  }
  return (
    <SmallTable
      label={t("Affected customers")}
      rows={rows}
      rowKey={(row) => row.project_id}
      columns={[
        { key: "customer", label: t("Customer"), isRowHeader: true, modifier: "breakWord", render: (row) => (<>{row.customer_name ?? row.project_id}{row.contract_number ? <span className="ak-list__sub">{row.contract_number}</span> : null}</>) },
        {
          key: "servers",
          label: t("Servers"),
          modifier: "breakWord",
          render: (row) => row.servers?.map((server) => (typeof server === "string" ? server : server.name)).join(", ") || "–",
        },
        { key: "mail", label: t("Mail"), render: (row) => word("mailState", row.mail_state) },
        { key: "ack", label: t("Acknowledged"), modifier: "nowrap", render: (row) => moment(row.acknowledged_at) ?? "–" },
      ]}
    />
  );
}

function PreviewCard({ row }: { row: OperatorNotice }) {
  const query = useQuery({ queryKey: ["operator", "notices", "preview", row.id], queryFn: () => previewNotice(row.id) });
  const preview = query.data;
  return (
    <Card title={t("Whom it will touch")}>
      {query.error ? <ErrorPanel title={t("The preview could not be made.")} error={query.error} /> : null}
      {query.isPending ? <LoadingPanel /> : null}
      {preview && !preview.lead_ok && !row.emergency ? (
        <Message kind="warning" className="ak-notice" title={t("The lead time is too short.")}>
          {t("{customer}: the earliest begin is {when}.", {
            customer: `${preview.customer_name ?? ""} ${preview.contract_number ?? ""}`.trim(),
            when: preview.earliest_start_at ? formatMinute(preview.earliest_start_at) : "–",
          })}
        </Message>
      ) : null}
      {preview ? <AffectedTable rows={preview.affected ?? []} /> : null}
    </Card>
  );
}

export function NoticePage({ id }: { id: string }) {
  const parent = { href: "/notices", title: t("Notices and changes") };
  return (
    <One name="notices" id={id} read={showOperatorNotice} parent={parent} title={t("Notice")}>
      {(row) => (
        <Detail
          title={both(row, "title")}
          parent={parent}
          status={<StateLabel kind="notice" value={row.state} />}
          actions={<Verbs row={row} name={row.number} verbs={VERBS} refresh={REFRESH} />}
          main={
            <>
              {row.state === "draft" ? (
                <PreviewCard row={row} />
              ) : (
                <Card title={t("Affected customers")}>
                  <AffectedTable rows={row.affected ?? []} />
                </Card>
              )}
              <Card title={row.title_ja}>
                <p className="ak-text" lang="ja">{row.body_ja}</p>
              </Card>
              <Card title={row.title_en}>
                <p className="ak-text" lang="en">{row.body_en}</p>
              </Card>
            </>
          }
          side={
              <Card title={t("Notice")}>
                <Facts
                  facts={[
                    [t("Number"), row.number],
                    [t("Kind"), word("noticeKind", row.kind)],
                    [t("Emergency"), row.emergency ? t("Yes") : null],
                    [t("Later notice due"), moment(row.report_due_at)],
                    [t("When"), formatWhen(row)],
                    [t("Hosts"), row.hosts?.join(", ")],
                    [t("Published at"), moment(row.published_at)],
                    [t("Reason"), row.reason],
                  ]}
                />
              </Card>
          }
        />
      )}
    </One>
  );
}

/* ---- The queue of mails ------------------------------------------------------------------------ */

const MAIL_VERBS: Verb<Mail>[] = [
  {
    key: "resend",
    label: NC_("verb", "Send again"),
    policy: "notice:mail:resend",
    isAllowed: (row) => row.state === "failed" || row.state === "sent",
    run: (row) => act("POST /service/v1/mails/{}/resend", row.id),
  },
];

function MailText({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["operator", "mails", "one", id], queryFn: () => showMail(id) });
  if (query.data === undefined) {
    return query.error ? <ErrorPanel title={t("The mail could not be read.")} error={query.error} /> : <LoadingPanel />;
  }
  const mail = query.data;
  return (
    <>
      <Facts facts={[[t("To"), mail.to], [t("Queued at"), moment(mail.created_at)], [t("Sent at"), moment(mail.sent_at)]]} />
      <p className="ak-text ak-mail" lang={mail.language}>{mail.body}</p>
    </>
  );
}

export function MailsRoom() {
  const openDialog = useDialog();
  const columns: Column<Mail>[] = [
    {
      key: "subject",
      label: t("Subject"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 40,
      render: (row) => (
        <>
          <Button variant="link" isInline onClick={() => openDialog(<InfoDialog isLarge title={row.subject}><MailText id={row.id} /></InfoDialog>)}>
            {row.subject}
          </Button>
          <span className="ak-list__sub">{row.template}</span>
        </>
      ),
    },
    { key: "to", label: t("To"), modifier: "breakWord", render: (row) => row.to },
    {
      key: "state",
      label: t("State"),
      modifier: "breakWord",
      render: (row) => (
        <>
          <span className="ak-nowrap">{word("mailState", row.state)}</span>
          {row.error ? <span className="ak-list__sub ak-wrap">{row.error}</span> : null}
        </>
      ),
    },
    { key: "attempts", label: t("Attempts"), render: (row) => formatNumber(row.attempts) },
    { key: "at", label: t("Queued at"), modifier: "nowrap", render: (row) => moment(row.created_at) },
  ];
  return (
    <Room
      title={t("Mails")}
      name="mails"
      read={listMails}
      rowKey={(row) => row.id}
      columns={columns}
      filters={[{ name: "state", label: t("State"), all: t("All states"), options: wordOptions("mailState", ["queued", "sending", "sent", "failed"]) }]}
      rowActions={(row) => <Verbs isMenu row={row} name={row.subject} verbs={MAIL_VERBS} refresh={[["operator", "mails"]]} />}
      empty={t("No mail was written yet.")}
    />
  );
}
