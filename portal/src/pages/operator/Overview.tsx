// SPDX-License-Identifier: Apache-2.0
/* What needs an operator: everything with a clock, everything that waits for a decision, everything that failed. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { listBreakGlass, listJobs } from "../../api/access";
import { listContracts, listOperatorNotices, listPrivileges } from "../../api/operator";
import type { Page } from "../../api/own";
import { both, t } from "../../i18n";
import { PageHead } from "../../ui/PageHead";
import { ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card } from "../../ui/ResourceDetail";
import { jobText } from "../../ui/actionWords";
import { StateLabel } from "../../ui/StateLabel";
import { Clock } from "../../ui/times";
import { byDue, DESK_MS, incidentDue, readOpenIncidents, readOpenRequests } from "./desk";
import { dash, moment } from "./kit";
import { errorText } from "./Platform";

const LIMIT = 8;

interface WaitingProps<T> {
  title: string;
  name: string;
  read: () => Promise<Page<T>>;
  none: string;
  all: { href: string; text: string };
  row: (row: T) => { key: string; link: ReactNode; note: ReactNode };
}

function Waiting<T>({ title, name, read, none, all, row }: WaitingProps<T>) {
  const query = useQuery({ queryKey: ["operator", "overview", name], queryFn: read, refetchInterval: DESK_MS });
  const rows = query.data?.rows.slice(0, LIMIT).map(row) ?? [];
  return (
    <Card title={title} actions={<Link href={all.href}>{all.text}</Link>}>
      {query.isPending ? <LoadingPanel /> : null}
      {query.error ? <ErrorPanel title={t("The list could not be read.")} error={query.error} /> : null}
      {query.data && rows.length === 0 ? <p className="ak-muted">{none}</p> : null}
      <ul className="ak-needs">
        {rows.map(({ key, link, note }) => (
          <li key={key}>
            {link}
            {note}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/* the open ones of several states, the most urgent first */
async function several<T>(states: string[], read: (state: string) => Promise<Page<T>>, due: (row: T) => string | null): Promise<Page<T>> {
  const pages = await Promise.all(states.map(read));
  return byDue({ rows: pages.flatMap((page) => page.rows), next: null }, due);
}

export function OverviewRoom() {
  return (
    <>
      <PageHead title={t("Overview")} />
      <div className="ak-cards">
        <div className="ak-cards__column">
          <Waiting
            title={t("Requests")}
            name="requests"
            read={readOpenRequests}
            none={t("No request waits.")}
            all={{ href: "/requests", text: t("All requests") }}
            row={(row) => ({
              key: row.id,
              link: <Link href={`/requests/${row.id}`}>{row.title}</Link>,
              note: (
                <span className="ak-needs__note">
                  <span className="ak-muted">{dash(row.customer_name)}</span>
                  <Clock due={row.due_at} isOverdue={row.overdue} />
                </span>
              ),
            })}
          />
          <Waiting
            title={t("Incidents")}
            name="incidents"
            read={readOpenIncidents}
            none={t("No incident is open.")}
            all={{ href: "/incidents", text: t("All incidents") }}
            row={(row) => {
              const due = incidentDue(row);
              return {
                key: row.id,
                link: <Link href={`/incidents/${row.id}`}>{row.title}</Link>,
                note: (
                  <span className="ak-needs__note">
                    <span className="ak-muted">{row.customers?.map((one) => one.customer_name).filter(Boolean).join("、")}</span>
                    {due ? <Clock due={due} /> : <StateLabel kind="incident" value={row.state} />}
                  </span>
                ),
              };
            }}
          />
          <Waiting
            title={t("Notices and changes")}
            name="notices"
            read={() => several(["running", "published", "draft"], (state) => listOperatorNotices({ state, limit: LIMIT }), (row) => row.starts_at)}
            none={t("Nothing is planned.")}
            all={{ href: "/notices", text: t("All notices") }}
            row={(row) => ({ key: row.id, link: <Link href={`/notices/${row.id}`}>{both(row, "title")}</Link>, note: <StateLabel kind="notice" value={row.state} /> })}
          />
        </div>
        <div className="ak-cards__column">
          <Waiting
            title={t("Contracts")}
            name="contracts"
            read={() => several(["draft", "terminating"], (state) => listContracts({ state, limit: LIMIT }), (row) => row.delete_at ?? null)}
            none={t("No contract begins or ends.")}
            all={{ href: "/contracts", text: t("All contracts") }}
            row={(row) => ({ key: row.id, link: <Link href={`/contracts/${row.id}`}>{row.title ?? row.number}</Link>, note: (
                <span className="ak-needs__note">
                  <span className="ak-muted">{row.customer_name}</span>
                  <StateLabel kind="contract" value={row.state} />
                </span>
              ) })}
          />
          <Waiting
            title={t("Access rights")}
            name="access"
            read={async () => {
              const [privileges, glasses] = await Promise.all([listPrivileges({ state: "requested", limit: LIMIT }), listBreakGlass({ state: "requested", limit: LIMIT })]);
              return {
                rows: [
                  ...privileges.rows.map((one) => ({ id: one.id, href: "/access", text: `${one.user_name}: ${one.reason}` })),
                  ...glasses.rows.map((one) => ({ id: one.id, href: "/access/break-glass", text: `${one.requested_by}: ${one.reason}` })),
                ],
                next: null,
              };
            }}
            none={t("Nobody waits for an approval.")}
            all={{ href: "/access", text: t("Access rights") }}
            row={(row) => ({ key: row.id, link: <Link href={row.href}>{row.text}</Link>, note: null })}
          />
          <Waiting
            title={t("Failed jobs")}
            name="jobs"
            read={() => listJobs({ state: "failed", limit: LIMIT })}
            none={t("No job has failed.")}
            all={{ href: "/jobs/failed", text: t("All jobs") }}
            row={(row) => ({
              key: row.id,
              link: <Link href="/jobs/failed">{jobText(row.kind)}</Link>,
              note: (
                <span className="ak-needs__note">
                  <span className="ak-muted">{dash(errorText(row))}</span>
                  {moment(row.updated_at)}
                </span>
              ),
            })}
          />
        </div>
      </div>
    </>
  );
}
