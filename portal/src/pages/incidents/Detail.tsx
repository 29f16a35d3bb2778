// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { useMay } from "../../auth/me";
import { addIncidentMessage, attachToIncident, INCIDENT_FILE_MAX, incidentFilePath, showIncident, type Incident } from "../../api/incident";
import { language, t } from "../../i18n";
import { Files } from "../../ui/Files";
import { NotFoundPage } from "../../ui/NotFound";
import { PageHead } from "../../ui/PageHead";
import { LoadingPanel } from "../../ui/panels";
import { Card, Facts } from "../../ui/ResourceDetail";
import { StateLabel } from "../../ui/StateLabel";
import { Thread } from "../../ui/Thread";
import { Clock, Moment } from "../../ui/times";
import { Timeline } from "../../ui/Timeline";
import { word } from "../../ui/words";

const POLL_MS = 10_000;
const parent = () => ({ href: "/incidents", title: t("Incidents") });
const moment = (at: string | null | undefined) => (at ? <Moment at={at} /> : null);

function Report({ report }: { report: NonNullable<Incident["report"]> }) {
  /* each part may have its English beside it: root_cause, root_cause_en */
  const textOf = (name: string) => (language() === "en" ? report[`${name}_en`] : null) || report[name];
  const parts = Object.keys(report)
    .filter((name) => !/_(en|at|by)$/.test(name))
    .map((name) => [name, textOf(name)] as const)
    .filter((pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "");
  return (
    <Card title={t("Closure report")}>
      <Facts facts={parts.map(([name, text]) => [word("report", name), <span key={name} className="ak-text">{text}</span>])} />
    </Card>
  );
}

function Affected({ affected }: { affected: NonNullable<Incident["affected"]> }) {
  return affected.length === 0 ? (
    <p className="ak-muted">{t("None of your servers is known to be affected.")}</p>
  ) : (
    <ul className="ak-needs">
      {affected.map((one) => {
        const { id, name } = typeof one === "string" ? { id: one, name: one } : one;
        return (
          <li key={id}>
            <Link href={`/servers/${id}`}>{name}</Link>
          </li>
        );
      })}
    </ul>
  );
}

export function IncidentDetailPage({ id }: { id: string }) {
  const may = useMay();
  const queries = useQueryClient();
  const query = useQuery({ queryKey: ["incidents", "one", id], queryFn: () => showIncident(id), refetchInterval: POLL_MS });
  const incident = query.data;
  if (incident === undefined) {
    return query.error ? (
      <NotFoundPage error={query.error} retry={() => void query.refetch()} parent={parent()} title={t("Incident")} failure={t("The incident could not be read.")} />
    ) : (
      <>
        <PageHead title={t("Incident")} parent={parent()} />
        <LoadingPanel />
      </>
    );
  }
  const timeline = incident.timeline ?? [];
  const isMessage = (kind: string) => kind === "message";
  return (
    <>
      <PageHead title={incident.title} parent={parent()} status={<StateLabel kind="incident" value={incident.state} />} />
      <div className="ak-cards ak-cards--main">
        <div className="ak-cards__column">
          {incident.report ? <Report report={incident.report} /> : null}
          <Card title={t("Timeline")}>
            <Timeline
              items={timeline
                .filter((entry) => !isMessage(entry.kind))
                .map((entry) => ({ at: entry.at, title: word("timeline", entry.kind), by: entry.author_name || word("author", entry.author_kind), text: entry.text }))}
            />
          </Card>
          <Card title={t("Messages")}>
            <Thread
              messages={timeline.filter((entry) => isMessage(entry.kind))}
              onSend={
                incident.state === "closed" || !may("incident:incident:message")
                  ? undefined
                  : async (text) => {
                      await addIncidentMessage(id, text);
                      await queries.invalidateQueries({ queryKey: ["incidents"] });
                    }
              }
              closed={incident.state === "closed" ? <p className="ak-muted">{t("The incident is closed; report a new one if it happens again.")}</p> : null}
            />
          </Card>
        </div>
        <div className="ak-cards__column">
          <Card title={t("Where it stands")}>
            <Facts
              facts={[
                [t("Number"), incident.number],
                [t("Severity"), <StateLabel key="s" kind="severity" value={incident.severity} />],
                [t("Cause"), word("cause", incident.cause)],
                [t("Reported by"), incident.reported_by],
                [t("Came by"), word("channel", incident.channel)],
                [t("Reported"), moment(incident.created_at)],
                [t("Confirmed"), moment(incident.confirmed_at)],
                [t("Notify by"), incident.notify_due_at ? <Clock key="n" due={incident.notify_due_at} isStopped={incident.notified_at !== null} /> : null],
                [t("Notified"), moment(incident.notified_at)],
                [t("Next word by"), incident.update_due_at ? <Clock key="u" due={incident.update_due_at} isOverdue={Boolean(incident.update_overdue_at)} /> : null],
                [t("Resolved"), moment(incident.resolved_at)],
                [t("Report by"), incident.report_due_at ? <Clock key="r" due={incident.report_due_at} isOverdue={Boolean(incident.report_overdue_at)} /> : null],
              ]}
            />
          </Card>
          <Card title={t("Files")}>
            <Files
              files={incident.attachments ?? []}
              path={(file) => incidentFilePath(id, file)}
              max={INCIDENT_FILE_MAX}
              onFile={
                incident.state === "closed"
                  ? undefined
                  : async (file) => {
                      await attachToIncident(id, file);
                      await queries.invalidateQueries({ queryKey: ["incidents"] });
                    }
              }
            />
          </Card>
          <Card title={t("Your affected servers")}>
            <Affected affected={incident.affected ?? []} />
          </Card>
        </div>
      </div>
    </>
  );
}
