// SPDX-License-Identifier: Apache-2.0
/* One's own keys to the account, and how the provider's people reach what is ours. */
import { useHasContract } from "../../auth/me";
import { t } from "../../i18n";
import { PageHead } from "../../ui/PageHead";
import { ResourceDetail } from "../../ui/ResourceDetail";
import { AccessTab } from "./Access";
import { OwnTab } from "./Own";
import { RecordTab } from "./Record";
import { ReviewTab } from "./Review";

export function SecurityPage({ tab }: { tab: string }) {
  const hasContract = useHasContract();
  return (
    <ResourceDetail
      head={<PageHead title={t("Security")} />}
      base="/security"
      current={tab}
      tabsLabel={t("Sections of security")}
      tabs={[
        { path: "", title: t("My account"), render: () => <OwnTab /> },
        ...(hasContract
          ? [
              { path: "access", title: t("Sources and break-glass"), render: () => <AccessTab /> },
              { path: "record", title: t("Record of operations"), render: () => <RecordTab /> },
              { path: "review", title: t("Access review"), render: () => <ReviewTab /> },
            ]
          : []),
      ]}
    />
  );
}
