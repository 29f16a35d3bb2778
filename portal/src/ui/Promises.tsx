// SPDX-License-Identifier: Apache-2.0
/* What a class promises of backups and security services; beside it, honestly, what akashi has no part in and so no
 * evidence of. */
import type { ServiceClass } from "../api/service";
import { both, formatNumber, t } from "../i18n";
import { ExclamationTriangleIcon } from "./icons";
import { SmallTable } from "./SmallTable";
import { word } from "./words";

interface Promised {
  parameter: string;
  title: string;
  promise: string;
}

function promisesOf(service: ServiceClass): Promised[] {
  const { backup, security_services = [] } = service;
  const yes = (is: boolean | undefined) => (is ? word("promise", "included") : word("promise", "none"));
  const rows: Promised[] = backup
    ? [
        {
          parameter: "backup.servers",
          title: t("Backup of the disks of servers"),
          promise: backup.servers && backup.generations ? t("Daily, {n} generations", { n: formatNumber(backup.generations) }) : yes(backup.servers),
        },
        { parameter: "backup.configuration", title: t("Backup of the platform's settings"), promise: yes(backup.configuration) },
      ]
    : [];
  return [
    ...rows,
    ...security_services.map((one) => ({ parameter: `security_services.${one.service}`, title: both(one, "title"), promise: word("promise", one.terms) })),
  ];
}

export const hasPromises = (service: ServiceClass): boolean => promisesOf(service).length > 0;

export function Promises({ service }: { service: ServiceClass }) {
  const unproven = new Set((service.evidence ?? []).filter((one) => one.evidence === "not-run-by-akashi").map((one) => one.parameter));
  return (
    <>
      <SmallTable
        label={t("Backups and security services")}
        rows={promisesOf(service)}
        rowKey={(row) => row.parameter}
        columns={[
          { key: "title", label: t("Promise"), isRowHeader: true, modifier: "breakWord", render: (row) => row.title },
          {
            key: "promise",
            label: t("Terms"),
            modifier: "breakWord",
            render: (row) => (
              <>
                {row.promise}
                {unproven.has(row.parameter) ? (
                  <span className="ak-list__sub ak-wrap">
                    <ExclamationTriangleIcon aria-hidden="true" /> {t("Promised by the provider, not run by akashi")}
                  </span>
                ) : null}
              </>
            ),
          },
        ]}
      />
      {unproven.size > 0 ? <p className="ak-hint">{t("What is marked so the provider does by other means. This portal neither carries it out nor measures it: please ask the provider for evidence.")}</p> : null}
    </>
  );
}
