// SPDX-License-Identifier: Apache-2.0
/* What every room of the operator console is made of: a paged list with filters, a page of one object, and verbs. A verb
 * is a row of a table: when it may be done, what it asks for, what it calls. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { Field, FieldType, FieldValue } from "../../api/request";
import type { Policy } from "../../api/routes";
import { useMay } from "../../auth/me";
import type { ListQuery, Page } from "../../api/own";
import { listContracts, type Template } from "../../api/operator";
import { t, tr } from "../../i18n";
import { ActionsMenu } from "../../ui/ActionsMenu";
import { ConfirmDialog, FormDialog, useDialog } from "../../ui/dialogs";
import { SearchFilter, SelectFilter } from "../../ui/filters";
import { FormFromFields, problemsOf, valuesOf, type Draft, type FieldLists } from "../../ui/FormFromFields";
import { NotFoundPage } from "../../ui/NotFound";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { EmptyPanel, LoadingPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { Moment } from "../../ui/times";
import { TemplateField } from "./Templates";

const POLL_MS = 15_000;
export type Values = Record<string, FieldValue>;

/** A field of an operator's form; 'label' is translated already. */
export function field(name: string, label: string, type: FieldType = "text", more: Partial<Field> & { help?: string } = {}): Field {
  const { help, ...rest } = more;
  return { name, title_ja: label, title_en: label, type, required: false, ...(help ? { help_ja: help, help_en: help } : {}), ...rest };
}

/** Choices that are translated already. */
export const choices = (options: { value: string; label: string }[]) =>
  options.map(({ value, label }) => ({ value, title_ja: label, title_en: label }));

export interface Verb<T> {
  key: string;
  /** marked with NC_("verb", …) */
  label: string;
  isPrimary?: boolean;
  isDanger?: boolean;
  /** who may, by the daemon's policy table */
  policy: Policy;
  isAllowed: (row: T) => boolean;
  /** what will happen, in a sentence marked with N_() */
  text?: string;
  fields?: (row: T) => Field[];
  /** texts that its form may begin with */
  template?: Template["use"];
  /** values the form begins with */
  draft?: (row: T) => Draft;
  run: (row: T, values: Values) => Promise<unknown>;
}

function VerbDialog<T>({ verb, row, name, onDone }: { verb: Verb<T>; row: T; name: string; onDone: (result: unknown) => void }) {
  const fields = verb.fields?.(row) ?? [];
  const [draft, setDraft] = useState<Draft>(() => verb.draft?.(row) ?? {});
  const action = tr(verb.label);
  const common = { title: t("{verb}: {name}", { verb: action, name }), action, isDanger: verb.isDanger ?? false, failure: t("It could not be done.") };
  const work = async () => onDone(await verb.run(row, valuesOf(fields, draft)));
  if (fields.length === 0) {
    return (
      <ConfirmDialog {...common} work={work}>
        {verb.text ? tr(verb.text) : t("Do you want to go on?")}
      </ConfirmDialog>
    );
  }
  const problems = problemsOf(fields, draft);
  return (
    <FormDialog {...common} work={work} isValid={Object.keys(problems).length === 0}>
      {verb.text ? <p>{tr(verb.text)}</p> : null}
      {verb.template ? <TemplateField use={verb.template} draft={draft} onChange={setDraft} /> : null}
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={touched(problems, draft)} lists={NO_LISTS} />
    </FormDialog>
  );
}

const NO_LISTS: FieldLists = {};
/* what was not filled in yet is not scolded for */
const touched = (problems: Record<string, string>, draft: Draft) =>
  Object.fromEntries(Object.entries(problems).filter(([name]) => draft[name] !== undefined && draft[name] !== ""));

interface VerbsProps<T> {
  row: T;
  /** what the dialogs call it */
  name: string;
  verbs: Verb<T>[];
  /** in the row of a list: a menu, not buttons */
  isMenu?: boolean;
  /** query keys to read again */
  refresh: readonly unknown[][];
  onDone?: (verb: string, result: unknown) => void;
}

export function Verbs<T>({ row, name, verbs, refresh, onDone, isMenu = false }: VerbsProps<T>) {
  const may = useMay();
  const openDialog = useDialog();
  const queries = useQueryClient();
  const notify = useNotify();
  const done = (verb: Verb<T>) => (result: unknown) => {
    notify.success(t("Done: {verb}", { verb: tr(verb.label) }));
    for (const queryKey of refresh) {
      void queries.invalidateQueries({ queryKey });
    }
    onDone?.(verb.key, result);
  };
  const open = (verb: Verb<T>) => openDialog(<VerbDialog verb={verb} row={row} name={name} onDone={done(verb)} />);
  const allowed = verbs.filter((verb) => may(verb.policy) && verb.isAllowed(row));
  if (isMenu) {
    return allowed.length === 0 ? null : (
      <ActionsMenu
        label={t("Actions for {name}", { name })}
        actions={allowed.map((verb) => ({ key: verb.key, label: tr(verb.label), isDanger: verb.isDanger ?? false, onSelect: () => open(verb) }))}
      />
    );
  }
  return allowed.map((verb) => (
    <Button key={verb.key} variant={verb.isDanger ? "danger" : verb.isPrimary ? "primary" : "secondary"} onClick={() => open(verb)}>
      {tr(verb.label)}
    </Button>
  ));
}

/** 'children' when the daemon lets one do it. */
export function IfMay({ policy, children }: { policy: Policy; children: ReactNode }) {
  return useMay()(policy) ? children : null;
}

export interface Filter {
  name: string;
  label: string;
  all: string;
  options: { value: string; label: string }[];
}

interface RoomProps<T> {
  title: string;
  name: string;
  read: (query: ListQuery) => Promise<Page<T>>;
  rowKey: (row: T) => string;
  columns: Column<T>[];
  filters?: Filter[];
  /** the API's parameter for the search box, and what it searches */
  search?: { name: string; label: string };
  fixed?: Record<string, string>;
  /** filters that are set when the page opens */
  chosen?: Record<string, string>;
  sort?: string;
  actions?: ReactNode;
  rowActions?: (row: T) => ReactNode;
  empty: string;
  /** a list inside of a page that has a heading of its own */
  isPart?: boolean;
}

export function Room<T>({ title, name, read, rowKey, columns, filters = [], search, fixed = {}, chosen: first = {}, sort, actions, rowActions, empty, isPart = false }: RoomProps<T>) {
  const [chosen, setChosen] = useState(first);
  const asked = { ...fixed, ...Object.fromEntries(Object.entries(chosen).map(([key, value]) => [key, value || undefined])) };
  const list = usePaged(["operator", name], read, { filters: asked, refetchInterval: POLL_MS, ...(sort ? { sort } : {}) });
  const set = (key: string) => (value: string) => setChosen((old) => ({ ...old, [key]: value }));
  const isFiltered = Object.values(chosen).some(Boolean);
  return (
    <>
      {isPart ? null : <PageHead title={title} actions={actions} />}
      <ResourceList
        label={title}
        columns={columns}
        {...list}
        rowKey={rowKey}
        errorTitle={t("The list could not be read.")}
        {...(rowActions ? { rowActions } : {})}
        filters={
          filters.length === 0 && !search ? null : (
            <>
              {search ? <SearchFilter label={search.label} value={chosen[search.name] ?? ""} onChange={set(search.name)} /> : null}
              {filters.map((filter) => (
                <SelectFilter key={filter.name} label={filter.label} all={filter.all} options={filter.options} value={chosen[filter.name] ?? ""} onChange={set(filter.name)} />
              ))}
            </>
          )
        }
        empty={<EmptyPanel title={isFiltered ? t("Nothing matches.") : empty} headingLevel="h2" />}
      />
    </>
  );
}

interface OneProps<T> {
  name: string;
  id: string;
  read: (id: string) => Promise<T>;
  parent: { href: string; title: string };
  title: string;
  children: (row: T) => ReactNode;
}

interface DetailProps {
  title: string;
  parent: { href: string; title: string };
  status?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** below the head: a fault */
  notice?: ReactNode;
  /** the wide column, and the narrow one with the facts */
  main: ReactNode;
  side: ReactNode;
}

/** What One shows of most objects: head, two columns. */
export function Detail({ title, parent, status, note, actions, notice, main, side }: DetailProps) {
  return (
    <>
      <PageHead title={title} parent={parent} status={status} actions={actions}>
        {note}
      </PageHead>
      {notice}
      <div className="ak-cards ak-cards--main">
        <div className="ak-cards__column">{main}</div>
        <div className="ak-cards__column">{side}</div>
      </div>
    </>
  );
}

/** The projects of contracts that live, by customer and number. */
export function useProjects(): { value: string; label: string }[] {
  const rows = useQuery({ queryKey: ["operator", "contracts", "choice"], queryFn: () => listContracts({ limit: 100 }), staleTime: 60_000 }).data?.rows ?? [];
  return rows.filter((row) => row.project_id && row.state !== "closed").map((row) => ({ value: row.project_id ?? "", label: t("{customer} ({number})", { customer: row.customer_name, number: row.number }) }));
}

/** The page of one object: it is read again every few seconds. */
export function One<T>({ name, id, read, parent, title, children }: OneProps<T>) {
  const query = useQuery({ queryKey: ["operator", name, "one", id], queryFn: () => read(id), refetchInterval: POLL_MS });
  if (query.data !== undefined) {
    return children(query.data);
  }
  return query.error ? (
    <NotFoundPage error={query.error} retry={() => void query.refetch()} parent={parent} title={title} failure={t("It could not be read.")} />
  ) : (
    <>
      <PageHead title={title} parent={parent} />
      <LoadingPanel />
    </>
  );
}

export const moment = (at: string | null | undefined) => (at ? <Moment at={at} /> : null);
export const dash = (text: string | null | undefined) => (text ? text : "–");
/** "a, b\nc" as a list */
export const wordsOf = (value: FieldValue | undefined) =>
  String(value ?? "").split(/[\s,、]+/).filter(Boolean);
