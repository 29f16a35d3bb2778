// SPDX-License-Identifier: Apache-2.0
/* Incidents: the inbox by severity and clock, and the way of one from report to closure. */
import { Button, Checkbox } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { act, createIncident, listOperatorIncidents, showOperatorIncident, type OperatorIncident } from "../../api/operator";
import { attachToIncident, INCIDENT_FILE_MAX, incidentFilePath } from "../../api/incident";
import { useMay } from "../../auth/me";
import { N_, NC_, t, tc } from "../../i18n";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { Files } from "../../ui/Files";
import { FormFromFields, problemsOf, valuesOf, type Draft } from "../../ui/FormFromFields";
import { Card, Facts } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { StateLabel } from "../../ui/StateLabel";
import { Timeline } from "../../ui/Timeline";
import { Clock } from "../../ui/times";
import { stateOptions, word, wordOptions } from "../../ui/words";
import { choices, dash, Detail, field, IfMay, moment, One, Room, type Verb, Verbs, wordsOf } from "./kit";

const isClosed = (row: OperatorIncident) => row.state === "closed";
const severity = () => field("severity", t("Severity"), "choice", { choices: choices(stateOptions("severity")) });
const cause = () => field("cause", t("Cause"), "choice", { choices: choices(wordOptions("cause")) });

/* What is owed to the customers next: the first word, the next one, the report; nothing: when they heard first. */
function NotifyClock({ row }: { row: OperatorIncident }) {
  const next = row.update_due_at ?? row.report_due_at;
  if (row.notified_at && next) {
    return <Clock due={next} isOverdue={Boolean(row.update_due_at ? row.update_overdue_at : row.report_overdue_at)} />;
  }
  if (row.notified_at) {
    return <>{moment(row.notified_at)}</>;
  }
  return row.notify_due_at ? <Clock due={row.notify_due_at} {...(row.overdue === undefined ? {} : { isOverdue: row.overdue })} /> : <>–</>;
}

/* a name alone says little: every customer has its "master" */
const reporterOf = (row: OperatorIncident): string | null => {
  const customer = row.channel === "operator" ? undefined : row.customers?.[0]?.customer_name;
  return customer ? t("{name} ({customer})", { name: row.reported_by ?? "–", customer }) : (row.reported_by ?? null);
};

export function IncidentsRoom() {
  const openDialog = useDialog();
  const columns: Column<OperatorIncident>[] = [
    {
      key: "title",
      label: t("Incident"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          <Link href={`/incidents/${row.id}`}>{row.title}</Link>
          <span className="ak-list__sub">{row.number}</span>
        </>
      ),
    },
    { key: "severity", label: t("Severity"), render: (row) => <StateLabel kind="severity" value={row.severity} /> },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="incident" value={row.state} /> },
    { key: "clock", label: t("Owed to customers"), render: (row) => <NotifyClock row={row} /> },
    { key: "by", label: t("Reported by"), modifier: "breakWord", render: (row) => dash(reporterOf(row)) },
  ];
  return (
    <Room
      title={t("Incidents")}
      name="incidents"
      read={listOperatorIncidents}
      rowKey={(row) => row.id}
      columns={columns}
      filters={[
        { name: "state", label: t("State"), all: t("All states"), options: stateOptions("incident") },
        { name: "severity", label: t("Severity"), all: t("All severities"), options: stateOptions("severity") },
      ]}
      actions={
        <IfMay policy="incident:incident:create"><Button variant="primary" onClick={() => openDialog(<IncidentDialog />)}>
          {tc("verb", "Record an incident")}
        </Button></IfMay>
      }
      empty={t("There is no incident.")}
    />
  );
}

function IncidentDialog() {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>({ severity: "medium", cause: "unknown" });
  const fields = [
    field("title", t("Title"), "text", { required: true }),
    field("text", t("What is known"), "longtext", { required: true }),
    severity(),
    cause(),
    field("hosts", t("Hosts"), "text", { help: t("Names, with commas between them.") }),
  ];
  return (
    <FormDialog
      title={tc("verb", "Record an incident")}
      action={tc("verb", "Record")}
      failure={t("The incident could not be recorded.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0}
      work={async () => {
        const { hosts, ...rest } = valuesOf(fields, draft);
        const made = await createIncident({ ...rest, ...(hosts ? { hosts: wordsOf(hosts) } : {}) });
        await queries.invalidateQueries({ queryKey: ["operator", "incidents"] });
        navigate(`/incidents/${made.id}`);
      }}
    >
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
    </FormDialog>
  );
}

const text = (required = false) => field("text", t("Text"), "longtext", { required });

const VERBS: Verb<OperatorIncident>[] = [
  {
    key: "triage",
    label: NC_("verb", "Assess"),
    policy: "incident:incident:triage",
    isAllowed: (row) => row.state === "received",
    fields: () => [text()],
    run: (row, values) => act("POST /service/v1/incidents/{}/triage", row.id, "triage", values),
  },
  {
    key: "confirm",
    label: NC_("verb", "Confirm"),
    isPrimary: true,
    text: N_("The clock of the notification begins to run, by the contract of each affected customer."),
    policy: "incident:incident:confirm",
    isAllowed: (row) => row.state === "received" || row.state === "triage",
    fields: () => [severity(), cause(), text()],
    draft: (row) => ({ severity: row.severity, cause: row.cause }),
    run: (row, values) => act("POST /service/v1/incidents/{}/confirm", row.id, "confirm", values),
  },
  {
    key: "affected",
    label: NC_("verb", "Set who is affected"),
    policy: "incident:incident:affected",
    isAllowed: (row) => !isClosed(row),
    fields: () => [
      field("hosts", t("Hosts"), "text", { help: t("Names, with commas between them.") }),
      field("servers", t("Servers"), "text", { help: t("Identifiers, with commas between them.") }),
      field("project_ids", t("Projects"), "text", { help: t("Identifiers, with commas between them.") }),
    ],
    run: (row, values) =>
      act("PUT /service/v1/incidents/{}/affected", row.id, "affected", Object.fromEntries(Object.entries(values).map(([name, value]) => [name, wordsOf(value)]))),
  },
  {
    key: "notify",
    template: "word",
    label: NC_("verb", "Notify the customers"),
    isPrimary: true,
    text: N_("It is mailed to the security and technical contacts of every affected customer, and shown in the portal."),
    policy: "incident:incident:notify",
    isAllowed: (row) => row.confirmed_at !== null && !isClosed(row),
    fields: () => [text(true)],
    run: (row, values) => act("POST /service/v1/incidents/{}/notify", row.id, "notify", values),
  },
  {
    key: "update",
    template: "word",
    label: NC_("verb", "Add an entry"),
    policy: "incident:incident:note",
    isAllowed: (row) => !isClosed(row),
    fields: () => [
      text(true),
      field("visibility", t("Visible to"), "choice", {
        required: true,
        choices: choices([
          { value: "customer", label: t("Customers") },
          { value: "internal", label: t("The provider only") },
        ]),
      }),
    ],
    draft: () => ({ visibility: "internal" }),
    run: (row, values) => act("POST /service/v1/incidents/{}/update", row.id, "update", values),
  },
  {
    key: "mitigate",
    template: "word",
    label: NC_("verb", "Mitigated"),
    policy: "incident:incident:mitigate",
    isAllowed: (row) => row.state === "confirmed",
    fields: () => [text()],
    run: (row, values) => act("POST /service/v1/incidents/{}/mitigate", row.id, "mitigate", values),
  },
  {
    key: "resolve",
    template: "word",
    label: NC_("verb", "Resolved"),
    policy: "incident:incident:resolve",
    isAllowed: (row) => row.state === "confirmed" || row.state === "mitigated",
    fields: () => [text()],
    run: (row, values) => act("POST /service/v1/incidents/{}/resolve", row.id, "resolve", values),
  },
  {
    key: "close",
    template: "report",
    label: NC_("verb", "Close with a report"),
    isPrimary: true,
    policy: "incident:incident:close",
    isAllowed: (row) => row.state === "resolved",
    fields: () =>
      ["root_cause", "impact", "response", "prevention"].flatMap((name) => [
        field(name, t("{part} (Japanese)", { part: word("report", name) }), "longtext", { required: true }),
        field(`${name}_en`, t("{part} (English)", { part: word("report", name) }), "longtext", { required: true }),
      ]),
    run: (row, values) => act("POST /service/v1/incidents/{}/close", row.id, "close", { report: values }),
  },
];

/* What an operator attaches is for the customers who see the incident, or kept among the provider's people. */
function FilesCard({ row }: { row: OperatorIncident }) {
  const queries = useQueryClient();
  const [internal, setInternal] = useState(true);
  const canAttach = useMay()("incident:attachment:create") && !isClosed(row);
  return (
    <Card title={t("Files")}>
      <Files
        files={(row.attachments ?? []).map((file) => ({ ...file, note: file.visibility === "internal" ? t("The provider only") : undefined }))}
        path={(file) => incidentFilePath(row.id, file)}
        max={INCIDENT_FILE_MAX}
        onFile={
          canAttach
            ? async (file) => {
                await attachToIncident(row.id, file, internal ? "internal" : undefined);
                await queries.invalidateQueries({ queryKey: ["operator", "incidents"] });
              }
            : undefined
        }
      />
      {canAttach ? (
        <Checkbox id="file-internal" label={t("Keep what I attach from customers")} isChecked={internal} onChange={(_event, on) => setInternal(on)} />
      ) : null}
    </Card>
  );
}

export function IncidentPage({ id }: { id: string }) {
  const parent = { href: "/incidents", title: t("Incidents") };
  return (
    <One name="incidents" id={id} read={showOperatorIncident} parent={parent} title={t("Incident")}>
      {(row) => (
        <Detail
          title={row.title}
          parent={parent}
          status={<StateLabel kind="incident" value={row.state} />}
          actions={<Verbs row={row} name={row.number} verbs={VERBS} refresh={[["operator", "incidents"], ["operator", "overview"]]} />}
          main={
              <Card title={t("Timeline")}>
                <Timeline
                  items={(row.timeline ?? []).map((entry) => ({
                    at: entry.at,
                    title: word("timeline", entry.kind),
                    by: entry.author_name ?? word("author", entry.author_kind),
                    text: entry.text,
                  }))}
                />
              </Card>
          }
          side={
            <>
              <Card title={t("Where it stands")}>
                <Facts
                  facts={[
                    [t("Number"), row.number],
                    [t("Severity"), <StateLabel key="severity" kind="severity" value={row.severity} />],
                    [t("Cause"), word("cause", row.cause)],
                    [t("Reported by"), reporterOf(row)],
                    [t("Channel"), word("channel", row.channel)],
                    [t("Confirmed at"), moment(row.confirmed_at)],
                    [t("Customers notified"), row.notified_at ? moment(row.notified_at) : <NotifyClock key="clock" row={row} />],
                    [t("Next word by"), row.update_due_at ? <Clock key="u" due={row.update_due_at} isOverdue={Boolean(row.update_overdue_at)} /> : null],
                    [t("Report by"), row.report_due_at ? <Clock key="r" due={row.report_due_at} isOverdue={Boolean(row.report_overdue_at)} /> : null],
                    [t("Resolved at"), moment(row.resolved_at)],
                  ]}
                />
              </Card>
              <FilesCard row={row} />
              {row.customers?.length ? (
                <Card title={t("Affected customers")}>
                  <SmallTable
                    label={t("Affected customers")}
                    rows={row.customers}
                    rowKey={(one) => one.project_id}
                    columns={[{ key: "name", label: t("Customer"), isRowHeader: true, modifier: "breakWord", render: (one) => one.customer_name ?? one.project_id }]}
                  />
                </Card>
              ) : null}
            </>
          }
        />
      )}
    </One>
  );
}
