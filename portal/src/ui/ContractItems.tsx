// SPDX-License-Identifier: Apache-2.0
/* What a contract is about, item by item: a customer and an operator see the same. */
import type { ContractItem } from "../api/service";
import { formatNumber, t } from "../i18n";
import type { Column } from "./ResourceList";

export function itemColumns(): Column<ContractItem>[] {
  return [
    { key: "title", label: t("Item"), isRowHeader: true, modifier: "breakWord", render: (row) => row.title },
    { key: "code", label: t("Code"), render: (row) => <code>{row.code}</code> },
    { key: "quantity", label: t("Quantity"), render: (row) => formatNumber(row.quantity) },
  ];
}
