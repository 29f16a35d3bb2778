// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Link } from "wouter";
import { listRequests, OPEN_STATES, type ServiceRequest } from "../../api/request";
import { both, t, tc } from "../../i18n";
import { SelectFilter } from "../../ui/filters";
import { ClipboardListIcon, PlusCircleIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { StateLabel } from "../../ui/StateLabel";
import { Clock, Moment } from "../../ui/times";
import { stateOptions } from "../../ui/words";
import { useRequestKinds } from "./lists";

const POLL_MS = 15_000;

function useColumns(): Column<ServiceRequest>[] {
  const kinds = useRequestKinds().data;
  const titleOf = (kind: string) => {
    const found = kinds?.find((one) => one.kind === kind);
    return found ? both(found, "title") : kind;
  };
  return [
    {
      key: "title",
      label: t("Request"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          <Link href={`/requests/${row.id}`}>{row.title}</Link>
          <span className="ak-list__sub">{row.number}</span>
        </>
      ),
    },
    { key: "kind", label: t("Kind"), modifier: "breakWord", render: (row) => titleOf(row.kind) },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="request" value={row.state} /> },
    {
      key: "due",
      label: t("Deadline"),
      render: (row) => (OPEN_STATES.includes(row.state) ? <Clock due={row.due_at} isOverdue={row.overdue} /> : <span className="ak-muted">–</span>),
    },
    { key: "created", label: t("Submitted at"), sortKey: "created_at", modifier: "nowrap", render: (row) => <Moment at={row.created_at} /> },
  ];
}

export function RequestListPage() {
  const [state, setState] = useState("");
  const list = usePaged(["requests"], listRequests, { filters: { state: state || undefined }, refetchInterval: POLL_MS });
  const columns = useColumns();
  const canAsk = useRequestKinds().data?.some((kind) => kind.available) ?? false;
  const isPristine = list.rows?.length === 0 && !state && !list.paging.hasPrevious;
  return (
    <>
      <PageHead
        title={t("Requests")}
        actions={
          !canAsk ? null : (
            <LinkButton href="/requests/new" variant="primary" icon={<PlusCircleIcon />}>
              {tc("verb", "Make a request")}
            </LinkButton>
          )
        }
      />
      <ResourceList
        label={t("Requests")}
        columns={columns}
        {...list}
        rowKey={(row) => row.id}
        errorTitle={t("The requests could not be read.")}
        filters={
          isPristine ? null : (
            <SelectFilter label={t("State")} value={state} onChange={setState} all={t("All states")} options={stateOptions("request")} />
          )
        }
        empty={
          <EmptyPanel title={state ? t("No request is in this state.") : t("No requests yet")} headingLevel="h2" icon={ClipboardListIcon}>
            {state ? null : t("Ask the provider for what you do not do yourself: a change, a disclosure, a visit. You follow it here until it is done.")}
          </EmptyPanel>
        }
      />
    </>
  );
}
