// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import { listServiceCodes, type ServiceCode } from "../../api/service";
import { t } from "../../i18n";
import { Copyable } from "../../ui/Copyable";
import { TagsIcon } from "../../ui/icons";
import { usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { Moment } from "../../ui/times";

export function ServiceCodes() {
  const list = usePaged(["codes"], listServiceCodes);
  const columns: Column<ServiceCode>[] = [
    { key: "code", label: t("Service code"), isRowHeader: true, render: (row) => <Copyable value={row.code} /> },
    {
      key: "server",
      label: t("Server"),
      modifier: "breakWord",
      render: (row) => (row.server_id && !row.retired_at ? <Link href={`/servers/${row.server_id}`}>{row.server_name}</Link> : (row.server_name ?? "–")),
    },
    { key: "item", label: t("Item"), render: (row) => <code>{row.item}</code> },
    { key: "issued", label: t("Issued"), modifier: "nowrap", render: (row) => <Moment at={row.issued_at} /> },
    { key: "retired", label: t("Retired"), modifier: "nowrap", render: (row) => (row.retired_at ? <Moment at={row.retired_at} /> : t("In use")) },
  ];
  return (
    <ResourceList
      label={t("Service codes")}
      columns={columns}
      {...list}
      rowKey={(row) => row.code}
      errorTitle={t("The service codes could not be read.")}
      empty={
        <EmptyPanel title={t("No service codes yet")} headingLevel="h2" icon={TagsIcon}>
          {t("Every server gets a code of its own, which is never used again. Name it when you call the desk.")}
        </EmptyPanel>
      }
    />
  );
}
