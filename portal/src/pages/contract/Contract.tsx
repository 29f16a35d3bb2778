// SPDX-License-Identifier: Apache-2.0
/* The contract: what it is, who answers for what, the service codes, and its end. Each tab is an address of its own. */
import { useQuery } from "@tanstack/react-query";
import { customerOf, listOwnChanges, listRetention, showOwnContract, type Contact, type Contract, type Retention, type ServiceClass, type Verb } from "../../api/service";
import { both, formatDay, formatNumber, t } from "../../i18n";
import { changeColumns } from "../../ui/ContractChanges";
import { itemColumns } from "../../ui/ContractItems";
import { FileContractIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { MatrixTable } from "../../ui/MatrixTable";
import { NotFoundPage } from "../../ui/NotFound";
import { PageHead } from "../../ui/PageHead";
import { Message } from "../../ui/Message";
import { usePaged } from "../../ui/paged";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { hasPromises, Promises } from "../../ui/Promises";
import { Card, Facts, ResourceDetail } from "../../ui/ResourceDetail";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { StateLabel } from "../../ui/StateLabel";
import { Moment } from "../../ui/times";
import { lawText, word } from "../../ui/words";
import { ServiceCodes } from "./Codes";
import { ContractEnd, EndNotice, useContractClass } from "./End";

export function useContract() {
  return useQuery({ queryKey: ["contract"], queryFn: showOwnContract });
}

function contactColumns(): Column<Contact>[] {
  return [
    { key: "kind", label: t("Role"), isRowHeader: true, render: (row) => word("contact", row.kind) },
    { key: "name", label: t("Name"), modifier: "breakWord", render: (row) => row.name },
    { key: "email", label: t("Mail address"), modifier: "breakWord", render: (row) => row.email ?? "–" },
    { key: "phone", label: t("Phone"), render: (row) => row.phone ?? "–" },
    { key: "language", label: t("Language"), render: (row) => word("language", row.language) },
  ];
}

const changesKey = ["contract", "changes"] as const;

/* Nobody has agreed to the terms as they are: since the contract has a newer version of its class, whose text is another,
 * or since nobody ever did. */
function useConsentIsVoid(contract: Contract): boolean {
  const isAsked = contract.consent === null && contract.state !== "draft";
  const changes = useQuery({ queryKey: [...changesKey, "latest"], queryFn: () => listOwnChanges({ limit: 20 }), enabled: isAsked }).data?.rows ?? [];
  return isAsked && changes.some((row) => row.changes["consent"]?.to === null);
}

function ConsentNotice({ contract }: { contract: Contract }) {
  return useConsentIsVoid(contract) ? (
    <Message
      kind="warning"
      className="ak-notice"
      title={t("The terms have changed: your consent is needed anew.")}
      action={
        <LinkButton href="/contract/terms" variant="link" isInline>
          {t("Read the terms")}
        </LinkButton>
      }
    >
      {t("Your contract has version {version} of its class. Servers run on; new ones can be created after a master user has agreed.", { version: String(contract.class_version) })}
    </Message>
  ) : null;
}

function Consent({ contract }: { contract: Contract }) {
  const isVoid = useConsentIsVoid(contract);
  if (contract.consent === null) {
    return (
      <>
        <p className="ak-lead">
          {isVoid ? t("Nobody has agreed to the terms in their new text yet.") : t("Nobody has agreed to the terms yet. The first server can be created after that.")}
        </p>
        <LinkButton href="/contract/terms" variant="primary">
          {t("Read the terms")}
        </LinkButton>
      </>
    );
  }
  return (
    <>
      <Facts
        facts={[
          [t("Agreed by"), contract.consent.user_name],
          [t("Agreed at"), <Moment key="at" at={contract.consent.at} />],
          [t("Version of the terms"), String(contract.consent.terms_version)],
          [t("Hash of the terms"), <code key="hash" className="ak-break">{contract.consent.terms_hash}</code>],
        ]}
      />
      <LinkButton href="/contract/terms" variant="link" isInline>
        {t("Read the terms")}
      </LinkButton>
    </>
  );
}

function Overview({ contract }: { contract: Contract }) {
  const quotas = Object.entries(contract.quotas ?? {}).filter(([, value]) => typeof value === "number");
  return (
    <div className="ak-cards">
      <div className="ak-cards__column">
        <Card title={t("Contract")}>
          <Facts
            facts={[
              [t("Contract number"), contract.number],
              [t("Subject"), contract.title],
              [t("Service"), both({ title_ja: contract.class_title_ja, title_en: contract.class_title_en }, "title")],
              [t("Version of the class"), String(contract.class_version)],
              [t("Sector"), word("sector", contract.sector)],
              [t("Start"), contract.starts_on ? formatDay(contract.starts_on) : null],
              [t("End"), contract.ends_on ? formatDay(contract.ends_on) : t("Open-ended")],
              [t("Governing law"), lawText(contract.governing_law)],
              [t("Master user"), contract.master_user_name],
            ]}
          />
        </Card>
        <Card title={t("Consent to the terms")}>
          <Consent contract={contract} />
        </Card>
      </div>
      <div className="ak-cards__column">
        <Card title={t("Items")}>
          {contract.items.length > 0 ? (
            <SmallTable label={t("Items")} columns={itemColumns()} rows={contract.items} rowKey={(row) => row.id} />
          ) : (
            <p className="ak-muted">{t("None")}</p>
          )}
        </Card>
        <Card title={t("Quotas")}>
          <Facts facts={quotas.map(([name, value]) => [word("quota", name), formatNumber(value)])} />
        </Card>
      </div>
      <div className="ak-cards__wide">
        <Card title={t("Contacts")}>
          <SmallTable label={t("Contacts")} columns={contactColumns()} rows={contract.contacts} rowKey={(row) => row.id} />
          <p className="ak-hint">{t("Notices and incidents are sent to these contacts. To change one, please ask the provider.")}</p>
        </Card>
      </div>
    </div>
  );
}

function Verbs({ service }: { service: ServiceClass }) {
  const rows = Object.entries(service.verbs).map(([verb, mode]) => ({ verb: verb as Verb, mode }));
  return (
    <SmallTable
      label={t("What you do yourself")}
      rows={rows}
      rowKey={(row) => row.verb}
      columns={[
        { key: "verb", label: t("Work"), isRowHeader: true, render: (row) => word("verb", row.verb) },
        { key: "mode", label: t("How"), modifier: "nowrap", render: (row) => word("verbMode", row.mode) },
      ]}
    />
  );
}

function keptFor(row: Retention): string {
  if (row.days === null) {
    return row.basis === "unlimited" ? t("Without end") : t("As the contract says");
  }
  const days = t("{n} days", { n: formatNumber(row.days) });
  return row.basis === "contract" ? t("{days} from the end of the contract", { days }) : days;
}

function Kept() {
  const query = useQuery({ queryKey: ["retention"], queryFn: listRetention });
  if (query.data === undefined) {
    return query.error ? <ErrorPanel title={t("The register of retention could not be read.")} error={query.error} retry={() => void query.refetch()} /> : <LoadingPanel />;
  }
  return (
    <SmallTable
      label={t("What is kept, and how long")}
      rows={query.data.rows}
      rowKey={(row) => row.slug}
      columns={[
        { key: "what", label: t("What"), isRowHeader: true, render: (row) => both(row, "title") },
        { key: "days", label: t("How long"), render: keptFor },
        { key: "rule", label: t("What becomes of it"), render: (row) => both(row, "rule") },
        { key: "who", label: t("Who may see it"), render: (row) => both(row, "seen_by") },
      ]}
    />
  );
}

function Service({ contract }: { contract: Contract }) {
  const query = useContractClass(contract);
  const service = query.data;
  if (service === undefined) {
    return query.error ? <ErrorPanel title={t("The service class could not be read.")} error={query.error} retry={() => void query.refetch()} /> : <LoadingPanel />;
  }
  return (
    <div className="ak-cards ak-cards--main">
      <div className="ak-cards__column">
        <Card title={t("Responsibility matrix")}>
          <MatrixTable rows={service.matrix} />
        </Card>
        <Card title={t("What is kept, and how long")}>
          <Kept />
        </Card>
      </div>
      <div className="ak-cards__column">
        {hasPromises(service) ? (
          <Card title={t("Backups and security services")}>
            <Promises service={service} />
          </Card>
        ) : null}
        <Card title={t("Service class")}>
          <p className="ak-text ak-lead">{both(service, "summary")}</p>
          <Facts
            facts={[
              [t("Name"), both(service, "title")],
              [t("Version"), String(service.version)],
              [t("Zone"), service.zone ? word("zone", service.zone) : null],
              [t("Countries where data lies"), service.countries?.join(", ")],
              [t("Cancellation period"), service.notice_days === undefined ? null : service.notice_days === 0 ? t("None") : t("{n} days", { n: formatNumber(service.notice_days) })],
              [t("Grace period"), t("{n} days", { n: formatNumber(service.grace_days) })],
              [t("Deletion"), word("deletion", service.deletion)],
            ]}
          />
        </Card>
        <Card title={t("What you do yourself")}>
          <Verbs service={service} />
        </Card>
      </div>
    </div>
  );
}

function Changes() {
  const list = usePaged(changesKey, listOwnChanges);
  return (
    <ResourceList
      label={t("Changes of the contract")}
      columns={changeColumns()}
      {...list}
      rowKey={(row) => row.id}
      errorTitle={t("The changes could not be read.")}
      empty={
        <EmptyPanel title={t("Nothing was changed yet")} headingLevel="h2" icon={FileContractIcon}>
          {t("What is changed in the contract after its beginning is listed here, as it was and as it is.")}
        </EmptyPanel>
      }
    />
  );
}

export function ContractPage({ tab }: { tab: string }) {
  const query = useContract();
  const contract = query.data;
  if (contract === undefined) {
    return query.error ? (
      <NotFoundPage error={query.error} retry={() => void query.refetch()} parent={{ href: "/overview", title: t("Overview") }} title={t("Contract")} failure={t("The contract could not be read.")} />
    ) : (
      <>
        <PageHead title={t("Contract")} />
        <LoadingPanel />
      </>
    );
  }
  return (
    <ResourceDetail
      head={<PageHead title={t("Contract")} status={<StateLabel kind="contract" value={contract.state} />}>{customerOf(contract)}</PageHead>}
      notice={
        <>
          <EndNotice contract={contract} />
          <ConsentNotice contract={contract} />
        </>
      }
      base="/contract"
      current={tab}
      tabsLabel={t("Sections of the contract")}
      tabs={[
        { path: "", title: t("Overview"), render: () => <Overview contract={contract} /> },
        { path: "service", title: t("Service and responsibility"), render: () => <Service contract={contract} /> },
        { path: "codes", title: t("Service codes"), render: () => <ServiceCodes /> },
        { path: "changes", title: t("Changes"), render: () => <Changes /> },
        { path: "end", title: t("Export and end"), render: () => <ContractEnd contract={contract} /> },
      ]}
    />
  );
}
