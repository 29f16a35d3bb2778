// SPDX-License-Identifier: Apache-2.0
/* Rows of the audit log, as a customer or an operator reads them. */
import type { ReactNode } from "react";
import type { Event } from "../api/access";
import { t } from "../i18n";
import { actionText, objectText } from "./actionWords";
import { EmptyPanel } from "./panels";
import { ResourceList, type Column, type Paging } from "./ResourceList";
import { ShortId } from "./ShortId";
import { StateLabel } from "./StateLabel";
import { Moment } from "./times";
import { word } from "./words";

interface EventListProps {
  list: { rows: Event[] | undefined; error: unknown; retry: () => void; paging: Paging };
  filters?: ReactNode;
  label: string;
  /** the column of the object: on a page of one object it says nothing */
  withObject?: boolean;
}

export function EventList({ list, filters, label, withObject = true }: EventListProps) {
  const columns: Column<Event>[] = [
    { key: "time", label: t("Time"), modifier: "nowrap", render: (row) => <Moment at={row.time_at} /> },
    {
      key: "action",
      label: t("Action"),
      isRowHeader: true,
      render: (row) => (
        <>
          {actionText(row.action)}
          <code className="ak-list__sub ak-wrap">{row.action}</code>
          {row.reason ? <span className="ak-list__sub ak-wrap">{row.reason}</span> : null}
        </>
      ),
    },
    {
      key: "actor",
      label: t("Who"),
      render: (row) => (
        <>
          <span className="ak-wide-nowrap">{row.actor_name ?? word("author", row.actor_kind)}</span>
          {row.actor_name ? <span className="ak-list__sub">{word("author", row.actor_kind)}</span> : null}
        </>
      ),
    },
    ...(withObject
      ? [
          {
            key: "object",
            label: t("Object"),
            modifier: "breakWord" as const,
            render: (row: Event) => (
              <>
                {objectText(row.object_type ?? "")}
                {row.object_id ? (
                  <span className="ak-list__sub">
                    <ShortId value={row.object_id} />
                  </span>
                ) : null}
              </>
            ),
          },
        ]
      : []),
    { key: "outcome", label: t("Result"), render: (row) => <StateLabel kind="outcome" value={row.outcome} /> },
    { key: "request", label: t("Request id"), modifier: "nowrap", render: (row) => (row.request_id ? <ShortId value={row.request_id} /> : "–") },
  ];
  return (
    <ResourceList
      label={label}
      columns={columns}
      rows={list.rows}
      error={list.error}
      retry={list.retry}
      paging={list.paging}
      rowKey={(row) => String(row.seq)}
      errorTitle={t("The record could not be read.")}
      {...(filters ? { filters } : {})}
      empty={<EmptyPanel title={t("Nothing is recorded.")} headingLevel="h2" />}
    />
  );
}
