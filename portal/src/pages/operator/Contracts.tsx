// SPDX-License-Identifier: Apache-2.0
/* Customers, their contracts from draft to closed, and the records of deletion. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import {
  act, activateContract, changeContract, createContract, createCustomer, listCodes, listContractChanges, listContracts, listCustomers, listDeletionRecords, showContract,
  type ContractRow, type DeletionRecord,
} from "../../api/operator";
import { listClasses, showClass, type Contract, type Customer, type ServiceCode } from "../../api/service";
import { both, formatDay, formatNumber, localDay, N_, NC_, t, tc } from "../../i18n";
import { changeColumns } from "../../ui/ContractChanges";
import { itemColumns } from "../../ui/ContractItems";
import { Copyable } from "../../ui/Copyable";
import { earliestEndText } from "../../ui/contractEnd";
import { DeletionRecordButtons } from "../../ui/DeletionRecord";
import { FormDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { FormFromFields, problemsOf, valuesOf, type Draft } from "../../ui/FormFromFields";
import { Message } from "../../ui/Message";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { Card, Facts, ResourceDetail } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { ShortId } from "../../ui/ShortId";
import { StateLabel } from "../../ui/StateLabel";
import { Timeline } from "../../ui/Timeline";
import { lawText, stateOptions, word, wordOptions } from "../../ui/words";
import { choices, dash, field, IfMay, moment, One, Room, type Verb, Verbs } from "./kit";

const REFRESH = [["operator", "contracts"], ["operator", "overview"]];

/* ---- Lists ------------------------------------------------------------------------------------ */

function contractColumns(): Column<ContractRow>[] {
  return [
    {
      key: "number",
      label: t("Contract"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          <Link href={`/contracts/${row.id}`}>{row.title ?? row.number}</Link>
          <span className="ak-list__sub">{row.number}</span>
        </>
      ),
    },
    { key: "customer", label: t("Customer"), modifier: "breakWord", width: 20, render: (row) => row.customer_name },
    { key: "class", label: t("Service"), modifier: "breakWord", render: (row) => both({ title_ja: row.class_title_ja, title_en: row.class_title_en }, "title") },
    {
      key: "state",
      label: t("State"),
      render: (row) => (
        <>
          <StateLabel kind="contract" value={row.state} />
          {row.legal_hold ? <span className="ak-list__sub">{t("Legal hold")}</span> : null}
        </>
      ),
    },
    { key: "end", label: t("Deletion"), modifier: "nowrap", render: (row) => (row.delete_at ? formatDay(localDay(row.delete_at)) : "–") },
  ];
}

export function ContractsRoom() {
  return (
    <Room
      title={t("Contracts")}
      name="contracts"
      read={listContracts}
      rowKey={(row) => row.id}
      columns={contractColumns()}
      filters={[{ name: "state", label: t("State"), all: t("All states"), options: stateOptions("contract") }]}
      actions={<NewContract />}
      empty={t("There is no contract yet.")}
    />
  );
}

export function CustomersRoom() {
  const columns: Column<Customer>[] = [
    {
      key: "name",
      label: t("Customer"),
      isRowHeader: true,
      modifier: "breakWord",
      render: (row) => (
        <>
          {row.name}
          <span className="ak-list__sub">{row.name_en}</span>
        </>
      ),
    },
    { key: "number", label: t("Number"), modifier: "nowrap", render: (row) => row.number },
    { key: "sector", label: t("Sector"), render: (row) => word("sector", row.sector) },
    { key: "created", label: t("Created at"), modifier: "nowrap", render: (row) => moment(row.created_at) },
  ];
  return (
    <Room title={t("Customers")} name="customers" read={listCustomers} rowKey={(row) => row.id} columns={columns} actions={<NewCustomer />} empty={t("There is no customer yet.")} />
  );
}

export function RecordsRoom() {
  const columns: Column<DeletionRecord>[] = [
    { key: "contract", label: t("Contract number"), isRowHeader: true, render: (row) => <Link href={`/contracts/${row.contract_id}`}>{row.contract_number}</Link> },
    { key: "customer", label: t("Customer"), modifier: "breakWord", width: 30, render: (row) => row.customer_name },
    { key: "at", label: t("Signed at"), modifier: "nowrap", render: (row) => moment(row.created_at) },
    { key: "sha", label: t("Hash"), modifier: "nowrap", render: (row) => <ShortId value={row.sha256} /> },
    {
      key: "get",
      label: t("Download"),
      render: (row) => <DeletionRecordButtons id={row.id} number={row.contract_number} supplementAt={row.supplement_at} kept={row.kept} />,
    },
  ];
  return <Room title={t("Deletion records")} name="records" read={listDeletionRecords} rowKey={(row) => row.id} columns={columns} empty={t("Nothing was deleted yet.")} />;
}

/* ---- New ones ---------------------------------------------------------------------------------- */

function NewCustomer() {
  const openDialog = useDialog();
  return (
    <IfMay policy="service:customer:manage"><Button variant="primary" onClick={() => openDialog(<CustomerDialog />)}>
      {tc("verb", "Add a customer")}
    </Button></IfMay>
  );
}

function CustomerDialog() {
  const queries = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState<Draft>({ country: "JP" });
  const fields = [
    field("name", t("Name"), "text", { required: true }),
    field("name_kana", t("Name in kana")),
    field("name_en", t("Name in English")),
    field("sector", t("Sector"), "choice", { required: true, choices: choices(wordOptions("sector")) }),
    field("country", t("Country"), "text", { required: true, help: t("Two letters, such as JP.") }),
  ];
  return (
    <FormDialog
      title={tc("verb", "Add a customer")}
      action={tc("verb", "Add")}
      failure={t("The customer could not be added.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0}
      work={async () => {
        const customer = await createCustomer(valuesOf(fields, draft));
        notify.success(t("{name} was added.", { name: customer.name }));
        await queries.invalidateQueries({ queryKey: ["operator", "customers"] });
      }}
    >
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
    </FormDialog>
  );
}

function NewContract() {
  const openDialog = useDialog();
  return (
    <IfMay policy="service:contract:manage"><Button variant="primary" onClick={() => openDialog(<ContractDialog />)}>
      {tc("verb", "Draft a contract")}
    </Button></IfMay>
  );
}

/* "VMS 4 Virtual server (small)" a line: code, how many, what */
function itemsOf(text: string) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [, code, quantity, title] = /^([A-Z][A-Z0-9]{1,11})\s+(\d{1,6})\s+(.+)$/.exec(line) ?? [];
    if (!code || !title) {
      throw new Error(t("This is no item: {line}", { line }));
    }
    return { code, quantity: Number(quantity), title };
  });
}

const itemsField = () =>
  field("items", t("Items"), "longtext", { help: t("One a line: code, quantity, name; such as VMS 4 Virtual server (small). The code becomes part of service codes.") });

const today = () => new Date(Date.now() + 9 * 3600_000).toISOString().slice(0, 10);

function ContractDialog() {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const customers = useQuery({ queryKey: ["operator", "customers", "choice"], queryFn: () => listCustomers({ limit: 100 }) }).data?.rows ?? [];
  const classes = useQuery({ queryKey: ["operator", "classes", "choice"], queryFn: () => listClasses({}) }).data?.rows ?? [];
  const [draft, setDraft] = useState<Draft>({ starts_on: today(), language: "ja" });
  const fields = [
    field("customer_id", t("Customer"), "choice", { required: true, choices: choices(customers.map((row) => ({ value: row.id, label: row.name }))) }),
    field("class_name", t("Service"), "choice", { required: true, choices: choices(classes.map((row) => ({ value: row.name, label: both(row, "title") }))) }),
    field("title", t("Subject"), "text", { required: true }),
    field("starts_on", t("Start"), "date", { required: true }),
    field("ends_on", t("End"), "date", { help: t("Empty: open-ended.") }),
    field("language", t("Language"), "choice", { required: true, choices: choices(wordOptions("language")) }),
    field("master_user_name", t("Master user"), "text", { required: true, help: t("The name to log in with.") }),
    field("contact_name", t("Contact"), "text", { required: true }),
    field("contact_email", t("Mail address"), "email", { required: true }),
    field("instances", t("Servers at most"), "integer", { help: t("Empty: as the service class says.") }),
    itemsField(),
    field("notes", t("Notes"), "longtext", { help: t("The customer does not see them.") }),
  ];
  const save = async () => {
    const { contact_name, contact_email, instances, items, ...rest } = valuesOf(fields, draft);
    const language = String(rest["language"] ?? "ja");
    const contact = (kind: string) => ({ kind, name: contact_name, email: contact_email, language });
    const contract = await createContract({
      ...rest,
      contacts: ["business", "technical", "security"].map(contact),
      items: itemsOf(String(items ?? "")),
      ...(typeof instances === "number" ? { quotas: { instances } } : {}),
    });
    await queries.invalidateQueries({ queryKey: ["operator", "contracts"] });
    navigate(`/contracts/${contract.id}`);
  };
  return (
    <FormDialog
      title={tc("verb", "Draft a contract")}
      action={tc("verb", "Save the draft")}
      failure={t("The contract could not be drafted.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0}
      work={save}
    >
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
    </FormDialog>
  );
}

/* ---- One contract ------------------------------------------------------------------------------ */

/* 'newest': the version of its class that is loaded */
type Versioned = ContractRow & { newest?: number | undefined };

const VERBS: Verb<Versioned>[] = [
  {
    key: "activate",
    label: NC_("verb", "Activate"),
    isPrimary: true,
    text: N_("Domain, project, network and the master user are made. The one-time password is shown once, right after."),
    policy: "service:contract:manage",
    isAllowed: (row) => row.state === "draft",
    run: (row) => activateContract(row.id),
  },
  {
    key: "change",
    label: NC_("verb", "Change the contract"),
    text: N_("The customer sees what was changed, and when."),
    policy: "service:contract:manage",
    isAllowed: (row) => row.state === "draft" || row.state === "active",
    fields: () => [
      field("title", t("Subject"), "text", { required: true }),
      itemsField(),
      field("notes", t("Notes"), "longtext", { help: t("The customer does not see them.") }),
    ],
    draft: (row) => ({ title: row.title ?? "", notes: row.notes ?? "", items: row.items.map((one) => `${one.code} ${one.quantity} ${one.title}`).join("\n") }),
    run: (row, values) => changeContract(row.id, { title: values["title"], notes: values["notes"] ?? "", items: itemsOf(String(values["items"] ?? "")) }),
  },
  {
    key: "upgrade",
    label: NC_("verb", "Move to the newest version"),
    text: N_("Verbs, limits and promises are those of the newest version of the class from now on; there is no way back. Where the text of the terms is another, the customer is asked to agree anew, and makes no server before."),
    policy: "service:contract:manage",
    isAllowed: (row) => row.state === "active" && row.newest !== undefined && row.newest > row.class_version,
    run: (row) => act("POST /service/v1/contracts/{}/upgrade", row.id),
  },
  {
    key: "cancel",
    label: NC_("verb", "Cancel the contract"),
    isDanger: true,
    text: N_("From the end date on nothing runs any more; after the days of grace everything the customer has is deleted."),
    policy: "service:contract:manage",
    isAllowed: (row) => row.state === "active",
    fields: () => [field("ends_on", t("End"), "date", { required: true }), field("reason", t("Reason"), "longtext")],
    run: (row, values) => act("POST /service/v1/contracts/{}/cancel", row.id, "cancel", values),
  },
  {
    key: "hold",
    label: NC_("verb", "Put on legal hold"),
    text: N_("Nothing of this customer is deleted until it is released. The customer sees it."),
    policy: "service:contract:hold",
    isAllowed: (row) => !row.legal_hold && (row.state === "active" || row.state === "terminating"),
    fields: () => [field("reason", t("Reason"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/contracts/{}/hold", row.id, "hold", values),
  },
  {
    key: "release",
    label: NC_("verb", "Release from legal hold"),
    policy: "service:contract:hold",
    isAllowed: (row) => row.legal_hold,
    fields: () => [field("reason", t("Reason"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/contracts/{}/release", row.id, "release", values),
  },
  {
    key: "delete",
    label: NC_("verb", "Delete everything now"),
    isDanger: true,
    text: N_("Servers, disks, images, networks and accounts of this contract are deleted. This cannot be undone."),
    policy: "service:contract:delete",
    isAllowed: (row) => row.state === "terminating" && !row.legal_hold,
    run: (row) => act("POST /service/v1/contracts/{}/delete-now", row.id),
  },
];

function stages(row: ContractRow) {
  return [
    [row.cancelled_at, t("Cancelled"), row.cancel_reason],
    [row.ended_at, t("Ended"), null],
    [row.delete_at, t("Deletion"), row.legal_hold ? t("Legal hold: {reason}", { reason: row.hold_reason ?? "" }) : null],
    [row.closed_at, t("Closed"), row.record_id ? t("A signed record of the deletion was made.") : null],
  ]
    .filter((stage): stage is [string, string, string | null] => Boolean(stage[0]))
    .map(([at, title, text]) => ({ at, title, text }));
}

/* what the class says in the version of the contract */
const useOwnClass = ({ class_name: name, class_version: version }: Contract) =>
  useQuery({ queryKey: ["class", name, version], queryFn: () => showClass(name, version) }).data;
const useNewest = (name: string) => useQuery({ queryKey: ["class", name, "newest"], queryFn: () => showClass(name) }).data?.version;

function Overview({ row }: { row: Versioned }) {
  const service = useOwnClass(row);
  return (
    <div className="ak-cards">
      <div className="ak-cards__column">
        <Card title={t("Contract")}>
          <Facts
            facts={[
              [t("Contract number"), row.number],
              [t("Customer"), row.customer_name],
              [t("Sector"), word("sector", row.sector)],
              [t("Service"), both({ title_ja: row.class_title_ja, title_en: row.class_title_en }, "title")],
              [t("Version of the class"), row.newest !== undefined && row.newest > row.class_version ? t("{version} (the newest is {newest})", { version: String(row.class_version), newest: String(row.newest) }) : String(row.class_version)],
              [t("Start"), row.starts_on ? formatDay(row.starts_on) : null],
              [t("End"), row.ends_on ? formatDay(row.ends_on) : t("Open-ended")],
              [t("If the customer cancels today"), row.state === "active" && service ? earliestEndText(row, service.notice_days ?? 0) : null],
              [t("Governing law"), lawText(row.governing_law)],
              [t("Master user"), row.master_user_name],
              [t("Project"), row.project_id ? <Copyable key="project" value={row.project_id} /> : null],
              [t("Agreed by"), row.consent ? row.consent.user_name : t("Nobody has agreed to the terms yet.")],
              [t("Deletion record"), row.record_id ? <DeletionRecordButtons key="record" id={row.record_id} number={row.number} supplementAt={row.supplement_at} kept={row.kept} /> : null],
              [t("Notes"), row.notes],
            ]}
          />
        </Card>
        {stages(row).length > 0 ? (
          <Card title={t("End of the contract")}>
            <Timeline items={stages(row)} />
          </Card>
        ) : null}
      </div>
      <div className="ak-cards__column">
        {row.items.length > 0 ? (
          <Card title={t("Items")}>
            <SmallTable label={t("Items")} columns={itemColumns()} rows={row.items} rowKey={(one) => one.id} />
          </Card>
        ) : null}
        <Card title={t("Contacts")}>
          <SmallTable
            label={t("Contacts")}
            rows={row.contacts}
            rowKey={(one) => one.id}
            columns={[
              { key: "kind", label: t("Role"), isRowHeader: true, modifier: "nowrap", render: (one) => word("contact", one.kind) },
              { key: "name", label: t("Name"), modifier: "breakWord", render: (one) => one.name },
              { key: "email", label: t("Mail address"), modifier: "breakWord", render: (one) => dash(one.email) },
              { key: "phone", label: t("Phone"), modifier: "nowrap", render: (one) => dash(one.phone) },
            ]}
          />
        </Card>
        <Card title={t("Quotas")}>
          {row.state === "draft" ? <p className="ak-hint">{t("What is not set here comes from the class at the activation.")}</p> : null}
          <Facts
            facts={Object.entries(row.quotas ?? {})
              .filter((pair): pair is [string, number] => typeof pair[1] === "number" && (row.state !== "draft" || pair[1] > 0))
              .map(([name, value]) => [word("quota", name), formatNumber(value)])}
          />
        </Card>
      </div>
    </div>
  );
}

function Codes({ row }: { row: ContractRow }) {
  const columns: Column<ServiceCode>[] = [
    { key: "code", label: t("Service code"), isRowHeader: true, render: (one) => <code>{one.code}</code> },
    { key: "server", label: t("Server"), modifier: "breakWord", render: (one) => dash(one.server_name) },
    { key: "item", label: t("Item"), render: (one) => one.item },
    { key: "issued", label: t("Issued at"), modifier: "nowrap", render: (one) => moment(one.issued_at) },
    { key: "retired", label: t("Retired at"), modifier: "nowrap", render: (one) => moment(one.retired_at) ?? "–" },
  ];
  return <Room isPart title={t("Service codes")} name="codes" read={listCodes} fixed={{ contract_id: row.id }} rowKey={(one) => one.code} columns={columns} empty={t("No code was issued yet.")} />;
}

function Changes({ row }: { row: ContractRow }) {
  return (
    <Room
      isPart
      title={t("Changes")}
      name={`changes-${row.id}`}
      read={(query) => listContractChanges(row.id, query)}
      rowKey={(one) => one.id}
      columns={changeColumns()}
      empty={t("Nothing was changed yet")}
    />
  );
}

function ContractNotice({ row }: { row: ContractRow }) {
  if (row.legal_hold) {
    return <Message kind="warning" className="ak-notice" title={t("Legal hold: nothing is deleted.")}>{row.hold_reason}</Message>;
  }
  return row.state === "active" && row.consent === null ? (
    <Message kind="info" className="ak-notice" title={t("The customer has not agreed to the terms of this version yet.")}>
      {t("Until a master user does, no new server can be made.")}
    </Message>
  ) : null;
}

/* with the newest version of its class, which is read beside it */
function Contracted({ row, children }: { row: ContractRow; children: (row: Versioned) => ReactNode }) {
  const newest = useNewest(row.class_name);
  return children({ ...row, newest });
}

export function ContractPage({ id, tab }: { id: string; tab: string }) {
  const openDialog = useDialog();
  const parent = { href: "/contracts", title: t("Contracts") };
  const showPassword = (row: ContractRow, result: unknown) => {
    const made = (result as { contract?: { initial_password?: string } }).contract?.initial_password;
    if (made) {
      openDialog(
        <InfoDialog title={t("One-time password")}>
          <p>{t("Hand over this one-time password by a safe way. It is shown only now, and must be changed at the first login.")}</p>
          <Facts facts={[[t("Domain"), row.number], [t("User name"), row.master_user_name]]} />
          <p className="ak-secret">
            <Copyable value={made} />
          </p>
        </InfoDialog>,
      );
    }
  };
  return (
    <One name="contracts" id={id} read={showContract} parent={parent} title={t("Contract")}>
      {(contract) => (
        <Contracted row={contract}>{(row) => (
        <ResourceDetail
          base={`/contracts/${id}`}
          current={tab}
          tabsLabel={t("Contract")}
          head={
            <PageHead
              title={row.title ?? row.number}
              parent={parent}
              status={<StateLabel kind="contract" value={row.state} />}
              actions={
                <Verbs row={row} name={row.number} verbs={VERBS} refresh={REFRESH} onDone={(verb, result) => (verb === "activate" ? showPassword(row, result) : undefined)} />
              }
            />
          }
          notice={<ContractNotice row={row} />}
          tabs={[
            { path: "", title: t("Overview"), render: () => <Overview row={row} /> },
            { path: "codes", title: t("Service codes"), render: () => <Codes row={row} /> },
            { path: "changes", title: t("Changes"), render: () => <Changes row={row} /> },
          ]}
        />
        )}</Contracted>
      )}
    </One>
  );
}
