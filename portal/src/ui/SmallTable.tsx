// SPDX-License-Identifier: Apache-2.0
/* A few rows inside of a card: no paging, no toolbar. */
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { Column } from "./ResourceList";

interface SmallTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T, index: number) => string;
}

export function SmallTable<T>({ label, columns, rows, rowKey }: SmallTableProps<T>) {
  return (
    <div className="ak-small-table">
      <Table aria-label={label} variant="compact" gridBreakPoint="grid-md" className="ak-table">
        <Thead>
          <Tr>
            {columns.map((column) => (
              <Th key={column.key} modifier="wrap">
                {column.label}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {rows.map((row, index) => (
            <Tr key={rowKey(row, index)}>
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
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
