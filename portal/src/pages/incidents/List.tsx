// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Link } from "wouter";
import { useMay } from "../../auth/me";
import { listIncidents, type Incident } from "../../api/incident";
import { t, tc } from "../../i18n";
import { SelectFilter } from "../../ui/filters";
import { LifeRingIcon, PlusCircleIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { StateLabel } from "../../ui/StateLabel";
import { Moment } from "../../ui/times";
import { stateOptions, word } from "../../ui/words";

const POLL_MS = 30_000;

function columnsOf(): Column<Incident>[] {
  return [
    {
      key: "title",
      label: t("Incident"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 40,
      render: (row) => (
        <>
          <Link href={`/incidents/${row.id}`}>{row.title}</Link>
          <span className="ak-list__sub">{row.number}</span>
        </>
      ),
    },
    { key: "severity", label: t("Severity"), render: (row) => <StateLabel kind="severity" value={row.severity} /> },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="incident" value={row.state} /> },
    { key: "cause", label: t("Cause"), render: (row) => word("cause", row.cause) },
    {
      key: "at",
      label: t("Reported"),
      modifier: "nowrap",
      render: (row) => {
        const at = row.created_at ?? row.confirmed_at;
        return at ? <Moment at={at} /> : null;
      },
    },
  ];
}

export function IncidentListPage() {
  const [state, setState] = useState("");
  const may = useMay();
  const list = usePaged(["incidents"], listIncidents, { filters: { state: state || undefined }, refetchInterval: POLL_MS });
  const isPristine = list.rows?.length === 0 && !state && !list.paging.hasPrevious;
  return (
    <>
      <PageHead
        title={t("Incidents")}
        actions={
          may("incident:incident:report") ? (
            <LinkButton href="/incidents/new" variant="primary" icon={<PlusCircleIcon />}>
              {tc("verb", "Report an incident")}
            </LinkButton>
          ) : null
        }
      />
      <ResourceList
        label={t("Incidents")}
        columns={columnsOf()}
        {...list}
        rowKey={(row) => row.id}
        errorTitle={t("The incidents could not be read.")}
        filters={
          isPristine ? null : <SelectFilter label={t("State")} value={state} onChange={setState} all={t("All states")} options={stateOptions("incident")} />
        }
        empty={
          <EmptyPanel title={state ? t("No incident is in this state.") : t("No incidents")} headingLevel="h2" icon={LifeRingIcon}>
            {state ? null : t("If something does not work, or you suspect an attack, report it. The desk answers around the clock.")}
          </EmptyPanel>
        }
      />
    </>
  );
}
