// SPDX-License-Identifier: Apache-2.0
/* The platform itself: hosts and their capacity, jobs, the audit log, service classes, documents. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { listEvents, listJobs, type Job } from "../../api/access";
import { listDocuments, showDocument, type Document } from "../../api/notice";
import { act, changeHost, createDocument, listHosts, listHypervisors, putDocument, setHostEnabled, type Host, type Hypervisor } from "../../api/operator";
import { own } from "../../api/own";
import { listClasses, showClass, type ServiceClass } from "../../api/service";
import { both, formatDay, formatMib, formatNumber, localDay, N_, NC_, t, tc, tr } from "../../i18n";
import { FormDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { jobText } from "../../ui/actionWords";
import { EventList } from "../../ui/EventList";
import { FileField } from "../../ui/fields";
import { DayFilter, SearchFilter, SelectFilter } from "../../ui/filters";
import { FormFromFields, problemsOf, valuesOf, type Draft } from "../../ui/FormFromFields";
import { JobLine } from "../../ui/JobProgress";
import { MatrixTable } from "../../ui/MatrixTable";
import { Meter } from "../../ui/Meter";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { hasPromises, Promises } from "../../ui/Promises";
import { ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card, Facts } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { ShortId } from "../../ui/ShortId";
import { StateLabel } from "../../ui/StateLabel";
import { stateOptions, word, wordOptions } from "../../ui/words";
import { useRead } from "../documents/List";
import { choices, dash, Detail, field, IfMay, moment, One, Room, useProjects, type Verb, Verbs } from "./kit";

/* ---- Hosts ------------------------------------------------------------------------------------- */

const HOST_VERBS: Verb<Host>[] = [
  {
    key: "change",
    label: NC_("verb", "Change zone and country"),
    text: N_("Only servers of contracts that allow them are placed here from now on."),
    policy: "service:host:update",
    isAllowed: () => true,
    fields: () => [
      field("zone", t("Zone"), "choice", { required: true, choices: choices(wordOptions("zone")) }),
      field("country", t("Country"), "text", { required: true, help: t("Two letters, such as JP.") }),
    ],
    draft: (row) => ({ zone: row.zone, country: row.country }),
    run: (row, values) => changeHost(row.name, values),
  },
  {
    key: "disable",
    label: NC_("verb", "Place no new servers here"),
    text: N_("What runs on the host goes on. Operators read the reason."),
    policy: "compute:host:update",
    isAllowed: (row) => row.enabled,
    fields: () => [field("reason", t("Reason"), "text", { required: true })],
    run: (row, values) => setHostEnabled(row.name, String(values["reason"])),
  },
  {
    key: "enable",
    label: NC_("verb", "Place new servers here again"),
    policy: "compute:host:update",
    isAllowed: (row) => !row.enabled,
    run: (row) => setHostEnabled(row.name),
  },
];

const ofAll = (used: string, all: string) => t("{used} of {all}", { used, all });

export function HostsRoom() {
  const capacity = useQuery({ queryKey: ["operator", "hypervisors"], queryFn: listHypervisors, refetchInterval: 15_000 }).data;
  const of = (row: Host): Hypervisor | undefined => capacity?.find((one) => one.hypervisor_hostname === row.name);
  const columns: Column<Host>[] = [
    {
      key: "name",
      label: t("Host"),
      isRowHeader: true,
      render: (row) => (
        <>
          {row.name}
          <span className="ak-list__sub">{row.enabled ? t("Takes new servers") : row.disabled_reason ? t("Takes no new servers: {reason}", { reason: row.disabled_reason }) : t("Takes no new servers")}</span>
        </>
      ),
    },
    { key: "zone", label: t("Zone"), modifier: "nowrap", render: (row) => `${word("zone", row.zone)} · ${row.country}` },
    { key: "servers", label: t("Servers"), modifier: "nowrap", render: (row) => formatNumber(row.servers) },
    {
      key: "cpu",
      label: t("vCPU"),
      render: (row) => {
        const host = of(row);
        /* more may be given out than there are: a bar would say nothing */
        return host ? t("{used} given out, {all} physical", { used: formatNumber(host.vcpus_used), all: formatNumber(host.vcpus) }) : "–";
      },
    },
    {
      key: "ram",
      label: t("Memory"),
      render: (row) => {
        const host = of(row);
        return host ? <Meter used={host.memory_mb_used} all={host.memory_mb} text={ofAll(formatMib(host.memory_mb_used), formatMib(host.memory_mb))} /> : "–";
      },
    },
    {
      key: "disk",
      label: t("Disk"),
      render: (row) => {
        const host = of(row);
        return host ? <Meter used={host.local_gb_used} all={host.local_gb} text={ofAll(`${formatNumber(host.local_gb_used)} GiB`, `${formatNumber(host.local_gb)} GiB`)} /> : "–";
      },
    },
  ];
  return (
    <Room
      title={t("Hosts and capacity")}
      name="hosts"
      read={listHosts}
      rowKey={(row) => row.name}
      columns={columns}
      rowActions={(row) => <Verbs isMenu row={row} name={row.name} verbs={HOST_VERBS} refresh={[["operator", "hosts"]]} />}
      empty={t("There is no host.")}
    />
  );
}

/* ---- Jobs -------------------------------------------------------------------------------------- */

export const errorText = (job: Job) => (job.error && job.error_detail ? `${job.error} (${job.error_detail})` : job.error);

export function JobsRoom({ state = "" }: { state?: string }) {
  const projects = useProjects();
  const columns: Column<Job>[] = [
    {
      key: "kind",
      label: t("Job"),
      isRowHeader: true,
      modifier: "breakWord",
      render: (row) => (
        <>
          {jobText(row.kind)}
          <span className="ak-list__sub">
            <code>{row.kind}</code>
          </span>
        </>
      ),
    },
    {
      key: "object",
      label: t("Object"),
      modifier: "breakWord",
      render: (row) => (
        <>
          {row.object_id ? <ShortId value={row.object_id} /> : "–"}
          <span className="ak-list__sub">{projects.find((one) => one.value === row.project_id)?.label}</span>
        </>
      ),
    },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="job" value={row.state} /> },
    { key: "step", label: t("Step"), render: (row) => (row.state === "running" || row.state === "undoing" ? <JobLine job={row} /> : dash(row.step_name)) },
    { key: "error", label: t("Reason"), modifier: "breakWord", render: (row) => dash(errorText(row)) },
    { key: "at", label: t("Asked for at"), modifier: "nowrap", render: (row) => moment(row.created_at) },
  ];
  return (
    <Room
      title={t("Jobs")}
      name="jobs"
      read={listJobs}
      rowKey={(row) => row.id}
      columns={columns}
      chosen={{ state }}
      filters={[{ name: "state", label: t("State"), all: t("All states"), options: stateOptions("job", ["queued", "running", "undoing", "done", "failed"]) }]}
      empty={t("There is no job.")}
    />
  );
}

/* ---- Audit log --------------------------------------------------------------------------------- */

const SEARCHES = [
  ["q", N_("Any text")],
  ["action", N_("Action begins with")],
  ["object_id", N_("Identifier of the object")],
  ["actor_id", N_("Identifier of the user")],
] as const;

/* a day in Japan, its begin or the begin of the next */
const dayStart = (day: string, after = 0) => new Date(Date.parse(`${day}T00:00:00+09:00`) + after * 86_400_000).toISOString();

export function AuditRoom() {
  const [asked, setAsked] = useState<Record<string, string>>({});
  const projects = useProjects();
  const set = (name: string) => (value: string) => setAsked((old) => ({ ...old, [name]: value }));
  const { from, to, ...rest } = asked;
  const list = usePaged(["operator", "events"], listEvents, {
    filters: {
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value || undefined])),
      from: from ? dayStart(from) : undefined,
      to: to ? dayStart(to, 1) : undefined,
    },
  });
  return (
    <>
      <PageHead title={t("Audit log")} />
      <EventList
        label={t("Audit log")}
        list={list}
        filters={
          <>
            <SelectFilter label={t("Customer")} all={t("All customers")} options={projects} value={asked["project_id"] ?? ""} onChange={set("project_id")} />
            <DayFilter label={t("From the day")} value={from ?? ""} onChange={set("from")} />
            <DayFilter label={t("To the day")} value={to ?? ""} onChange={set("to")} />
            {SEARCHES.map(([name, label]) => (
              <SearchFilter key={name} label={tr(label)} value={asked[name] ?? ""} onChange={set(name)} />
            ))}
          </>
        }
      />
    </>
  );
}

/* ---- Service classes --------------------------------------------------------------------------- */

export function ClassesRoom() {
  const columns: Column<ServiceClass>[] = [
    {
      key: "title",
      label: t("Service"),
      isRowHeader: true,
      modifier: "breakWord",
      render: (row) => (
        <>
          <Link href={`/classes/${row.name}`}>{both(row, "title")}</Link>
          <span className="ak-list__sub">{row.name}</span>
        </>
      ),
    },
    { key: "version", label: t("Version"), render: (row) => String(row.version) },
    { key: "zone", label: t("Zone"), render: (row) => (row.zone ? word("zone", row.zone) : "–") },
    { key: "grace", label: t("Days of grace"), render: (row) => `${formatNumber(row.grace_days)} · ${word("deletion", row.deletion)}` },
    { key: "hash", label: t("Hash"), modifier: "breakWord", render: (row) => <ShortId value={row.hash} /> },
  ];
  return <Room title={t("Service classes")} name="classes" read={listClasses} rowKey={(row) => row.name} columns={columns} empty={t("There is no class.")} />;
}

export function ClassPage({ name }: { name: string }) {
  const parent = { href: "/classes", title: t("Service classes") };
  return (
    <One name="classes" id={name} read={showClass} parent={parent} title={t("Service class")}>
      {(row) => (
        <Detail
          title={both(row, "title")}
          parent={parent}
          note={both(row, "summary")}
          main={
              <Card title={t("Responsibility matrix")}>
                <MatrixTable rows={row.matrix} />
              </Card>
          }
          side={
            <>
              <Card title={t("What customers do themselves")}>
                <SmallTable
                  label={t("What customers do themselves")}
                  rows={Object.entries(row.verbs)}
                  rowKey={([verb]) => verb}
                  columns={[
                    { key: "verb", label: t("Work"), isRowHeader: true, render: ([verb]) => word("verb", verb) },
                    { key: "mode", label: t("How"), modifier: "nowrap", render: ([, mode]) => word("verbMode", mode) },
                  ]}
                />
              </Card>
              {hasPromises(row) ? (
                <Card title={t("Backups and security services")}>
                  <Promises service={row} />
                </Card>
              ) : null}
              <Card title={t("Parameters")}>
                <Facts
                  facts={[
                    [t("Version"), String(row.version)],
                    [t("Cancellation period"), row.notice_days === undefined ? null : row.notice_days === 0 ? t("None") : t("{n} days", { n: formatNumber(row.notice_days) })],
                    [t("Days of grace"), String(row.grace_days)],
                    [t("Deletion"), word("deletion", row.deletion)],
                    [t("Zone"), row.zone ? word("zone", row.zone) : null],
                    [t("Countries"), row.countries?.join(", ")],
                    [t("Hash"), <code key="hash" className="ak-break">{row.hash}</code>],
                  ]}
                />
              </Card>
            </>
          }
        />
      )}
    </One>
  );
}

/* ---- Documents --------------------------------------------------------------------------------- */

type OperatorDocument = Document & { state?: string };

const DOCUMENT_VERBS: Verb<OperatorDocument>[] = [
  {
    key: "publish",
    label: NC_("verb", "Publish"),
    isPrimary: true,
    text: N_("It takes the place of the version before."),
    policy: "notice:document:publish",
    isAllowed: (row) => row.state === "draft",
    run: (row) => act("POST /service/v1/documents/{}/publish", row.id),
  },
  {
    key: "withdraw",
    label: NC_("verb", "Withdraw"),
    policy: "notice:document:publish",
    isAllowed: (row) => row.state === "published",
    run: (row) => act("POST /service/v1/documents/{}/withdraw", row.id),
  },
  {
    key: "delete",
    label: NC_("verb", "Delete"),
    isDanger: true,
    policy: "notice:document:delete",
    isAllowed: (row) => row.state === "draft",
    run: (row) => own("DELETE /service/v1/documents/{}", [row.id]),
  },
];

function Acknowledgements({ row }: { row: OperatorDocument }) {
  const query = useQuery({ queryKey: ["operator", "documents", "one", row.id], queryFn: () => showDocument(row.id) });
  const projects = useProjects();
  const { waiting = [], acknowledgements = [] } = query.data ?? {};
  if (query.data === undefined) {
    return query.error ? <ErrorPanel title={t("The acknowledgements could not be read.")} error={query.error} /> : <LoadingPanel />;
  }
  return (
    <>
      <h2>{t("Not acknowledged yet")}</h2>
      {waiting.length > 0 ? (
        <SmallTable
          label={t("Not acknowledged yet")}
          rows={waiting}
          rowKey={(one) => one.project_id}
          columns={[
            { key: "customer", label: t("Customer"), isRowHeader: true, modifier: "breakWord", render: (one) => one.customer_name ?? one.project_id },
            { key: "contract", label: t("Contract number"), render: (one) => dash(one.contract_number) },
          ]}
        />
      ) : (
        <p className="ak-muted">{t("Everybody whom it is for has acknowledged it.")}</p>
      )}
      <h2>{t("Acknowledged by")}</h2>
      {acknowledgements.length === 0 ? (
        <p className="ak-muted">{t("Nobody yet")}</p>
      ) : (
        <SmallTable
          label={t("Acknowledged by")}
          rows={acknowledgements}
          rowKey={(one) => `${one.project_id}/${one.user_name}`}
          columns={[
            { key: "customer", label: t("Customer"), isRowHeader: true, modifier: "breakWord", render: (one) => projects.find((project) => project.value === one.project_id)?.label ?? one.project_id },
            { key: "who", label: t("User"), modifier: "breakWord", render: (one) => one.user_name },
            { key: "at", label: t("When"), render: (one) => formatDay(localDay(one.at)) },
          ]}
        />
      )}
    </>
  );
}

function DocumentDialog() {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>({ kind: "guide" });
  const [ja, setJa] = useState<File | null>(null);
  const [en, setEn] = useState<File | null>(null);
  const fields = [
    field("slug", t("Short name"), "text", { required: true, help: t("The same for all versions: small letters and hyphens.") }),
    field("kind", t("Kind"), "choice", { required: true, choices: choices(wordOptions("documentKind")) }),
    field("title_ja", t("Title in Japanese"), "text", { required: true }),
    field("title_en", t("Title in English"), "text", { required: true }),
    field("area", t("Area"), "text", { help: t("Short name of the area it is read in; empty: anywhere.") }),
    field("needs_ack", t("Customers are to acknowledge it"), "boolean"),
  ];
  return (
    <FormDialog
      title={tc("verb", "Add a document")}
      action={tc("verb", "Save the draft")}
      failure={t("The document could not be added.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0 && ja !== null && en !== null}
      work={async () => {
        const made = await createDocument(valuesOf(fields, draft));
        for (const [language, file] of [["ja", ja], ["en", en]] as const) {
          if (file) {
            await putDocument(made.id, language, file);
          }
        }
        await queries.invalidateQueries({ queryKey: ["operator", "documents"] });
      }}
    >
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
      <FileField label={t("File in Japanese")} file={ja} onChange={setJa} isRequired />
      <FileField label={t("File in English")} file={en} onChange={setEn} isRequired />
    </FormDialog>
  );
}

export function DocumentsRoom() {
  const openDialog = useDialog();
  const read = useRead();
  const columns: Column<OperatorDocument>[] = [
    {
      key: "title",
      label: t("Document"),
      isRowHeader: true,
      modifier: "breakWord",
      render: (row) => (
        <>
          <Button variant="link" isInline onClick={() => void read(row)}>
            {both(row, "title")}
          </Button>
          <span className="ak-list__sub">{row.slug}</span>
        </>
      ),
    },
    { key: "kind", label: t("Kind"), render: (row) => word("documentKind", row.kind) },
    { key: "version", label: t("Version"), render: (row) => String(row.version) },
    { key: "state", label: t("State"), render: (row) => (row.state ? <StateLabel kind="document" value={row.state} /> : "–") },
    { key: "area", label: t("Area"), render: (row) => dash(row.area) },
    {
      key: "ack",
      label: t("Acknowledged by"),
      render: (row) =>
        row.needs_ack && row.state !== "draft" ? (
          <Button
            variant="link"
            isInline
            aria-label={t("Acknowledgements of {title}", { title: both(row, "title") })}
            onClick={() => openDialog(<InfoDialog isLarge title={t("Acknowledgements of {title}", { title: both(row, "title") })}><Acknowledgements row={row} /></InfoDialog>)}
          >
            {t("Acknowledgements")}
          </Button>
        ) : (
          "–"
        ),
    },
  ];
  return (
    <Room
      title={t("Documents")}
      name="documents"
      read={listDocuments}
      rowKey={(row) => row.id}
      columns={columns}
      actions={
        <IfMay policy="notice:document:create"><Button variant="primary" onClick={() => openDialog(<DocumentDialog />)}>
          {tc("verb", "Add a document")}
        </Button></IfMay>
      }
      rowActions={(row) => <Verbs isMenu row={row} name={both(row, "title")} verbs={DOCUMENT_VERBS} refresh={[["operator", "documents"]]} />}
      empty={t("There is no document yet.")}
    />
  );
}
