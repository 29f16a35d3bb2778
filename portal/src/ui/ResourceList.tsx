// SPDX-License-Identifier: Apache-2.0
/* A list of one kind of resource: toolbar, table (cards on a phone), empty, loading and failed states, paging.
 * Paging is the API's own (limit and marker), so that 10,000 rows are as quick as ten. */
import { Button, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ReactNode } from "react";
import { t } from "../i18n";
import { ErrorPanel, LoadingPanel } from "./panels";

export interface Column<T> {
  key: string;
  label: string;
  render: (row: T) => ReactNode;
  /** the API's name of the field, when it can be sorted by it */
  sortKey?: string;
  /** the row's heading, read out with each of its cells */
  isRowHeader?: boolean;
  modifier?: "nowrap" | "fitContent" | "breakWord";
  /** per cent of the table */
  width?: 10 | 15 | 20 | 25 | 30 | 40;
}

export interface Paging {
  hasPrevious: boolean;
  hasNext: boolean;
  onPrevious: () => void;
  onNext: () => void;
}

interface ResourceListProps<T> {
  /** names the table: “Servers” */
  label: string;
  columns: Column<T>[];
  rows: T[] | undefined;
  rowKey: (row: T) => string;
  error: unknown;
  errorTitle: string;
  retry: () => void;
  /** shown when there is no row */
  empty: ReactNode;
  filters?: ReactNode;
  rowActions?: (row: T) => ReactNode;
  paging?: Paging;
  /** the API sorts, not this page: "created_at:desc" */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
}

/* what PatternFly's column heading wants to know, to be a button that sorts */
function sortOf<T>(column: Column<T>, index: number, columns: Column<T>[], sort: string | undefined, onSort: ((sort: string) => void) | undefined) {
  if (column.sortKey === undefined || onSort === undefined) {
    return {};
  }
  const [key, direction] = (sort ?? "").split(":");
  const current = columns.findIndex((other) => other.sortKey !== undefined && other.sortKey === key);
  return {
    sort: {
      columnIndex: index,
      sortBy: current < 0 ? {} : { index: current, direction: direction === "desc" ? ("desc" as const) : ("asc" as const) },
      onSort: (_event: unknown, _index: number, next: string) => onSort(`${column.sortKey ?? ""}:${next}`),
    },
  };
}

function Pager({ paging }: { paging: Paging }) {
  if (!paging.hasPrevious && !paging.hasNext) {
    return null;
  }
  return (
    <nav className="ak-pager" aria-label={t("Pages")}>
      <Button variant="secondary" isDisabled={!paging.hasPrevious} onClick={paging.onPrevious}>
        {t("Previous page")}
      </Button>
      <Button variant="secondary" isDisabled={!paging.hasNext} onClick={paging.onNext}>
        {t("Next page")}
      </Button>
    </nav>
  );
}

export function ResourceList<T>(props: ResourceListProps<T>) {
  const { label, columns, rows, rowKey, error, errorTitle, retry, empty, filters, rowActions, paging, sort, onSort } = props;
  return (
    <section className="ak-card ak-list" aria-label={label}>
      {filters ? (
        <Toolbar>
          <ToolbarContent>
            <ToolbarGroup className="ak-list__filters">{filters}</ToolbarGroup>
            <ToolbarItem />
          </ToolbarContent>
        </Toolbar>
      ) : null}
      {error ? (
        <div className="ak-card__pad">
          <ErrorPanel title={errorTitle} error={error} retry={retry} />
        </div>
      ) : null}
      {rows === undefined && !error ? <LoadingPanel /> : null}
      {rows?.length === 0 ? empty : null}
      {rows !== undefined && rows.length > 0 ? (
        <Table aria-label={label} gridBreakPoint="grid-md" className="ak-table">
          <Thead>
            <Tr>
              {columns.map((column, index) => (
                <Th
                  key={column.key}
                  {...sortOf(column, index, columns, sort, onSort)}
                  modifier={column.modifier === "nowrap" ? "nowrap" : "wrap"}
                  {...(column.width ? { width: column.width } : {})}
                >
                  {column.label}
                </Th>
              ))}
              {rowActions ? <Th screenReaderText={t("Actions")} /> : null}
            </Tr>
          </Thead>
          <Tbody>
            {rows.map((row) => (
              <Tr key={rowKey(row)}>
                {columns.map((column) => (
                  <Td
                    key={column.key}
                    dataLabel={column.label}
                    {...(column.isRowHeader ? { component: "th" as const, scope: "row" } : {})}
                    {...(column.modifier ? { modifier: column.modifier } : {})}
                  >
                    {column.render(row)}
                  </Td>
                ))}
                {rowActions ? <Td isActionCell>{rowActions(row)}</Td> : null}
              </Tr>
            ))}
          </Tbody>
        </Table>
      ) : null}
      {paging ? <Pager paging={paging} /> : null}
    </section>
  );
}
