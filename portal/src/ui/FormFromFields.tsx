// SPDX-License-Identifier: Apache-2.0
/* A form made from a description of its fields, as a kind of request has one. Values are kept as text while they are
 * typed; valuesOf() makes numbers and booleans of them, problemsOf() says what is missing or wrong. The lists of
 * servers, networks and users are the caller's. */
import type { Field, FieldValue } from "../api/request";
import { both, t } from "../i18n";
import { CheckField, SelectField, TextAreaField, TextField } from "./fields";

export type Draft = Record<string, string>;
export type FieldLists = Partial<Record<"server" | "network" | "user", { value: string; label: string }[]>>;

const CIDR = /^(\d{1,3}(\.\d{1,3}){3}(\/([0-9]|[12]\d|3[0-2]))?|[0-9a-f:]*:[0-9a-f:]+(\/(\d{1,2}|1[01]\d|12[0-8]))?)$/i;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const TEXT_MAX = 255;
const LONG_MAX = 10_000;

/** What is wrong with one value, in words; undefined when nothing is. */
export function problemOf(field: Field, value: string): string | undefined {
  const text = value.trim();
  if (text === "" || (field.type === "boolean" && text !== "true")) {
    return field.required ? t("This is needed.") : undefined;
  }
  switch (field.type) {
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? undefined : t("Enter a whole number.");
    case "cidr":
      return CIDR.test(text) ? undefined : t("Enter an address or a range, such as 192.0.2.0/24.");
    case "email":
      return EMAIL.test(text) ? undefined : t("Enter a mail address.");
    default:
      return undefined;
  }
}

export function problemsOf(fields: Field[], draft: Draft): Record<string, string> {
  const found = fields.map((field) => [field.name, problemOf(field, draft[field.name] ?? "")] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** The body for the API: empty fields are left out. */
export function valuesOf(fields: Field[], draft: Draft): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  for (const field of fields) {
    const text = (draft[field.name] ?? "").trim();
    if (field.type === "boolean") {
      values[field.name] = text === "true";
    } else if (text !== "") {
      values[field.name] = field.type === "integer" ? Number(text) : text;
    }
  }
  return values;
}

export function choicesOf(field: Field): { value: string; label: string }[] {
  return (field.choices ?? []).map((choice) =>
    typeof choice === "string" ? { value: choice, label: choice } : { value: choice.value, label: both(choice, "title") },
  );
}

/** A stored value as people read it. */
export function readable(field: Field, value: FieldValue, lists: FieldLists): string {
  if (typeof value === "boolean") {
    return value ? t("Yes") : t("No");
  }
  const options = field.type === "choice" ? choicesOf(field) : (lists[field.type as keyof FieldLists] ?? []);
  return options.find((option) => option.value === String(value))?.label ?? String(value);
}

interface OneFieldProps {
  field: Field;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  lists: FieldLists;
}

function OneField({ field, value, onChange, error, lists }: OneFieldProps) {
  const common = {
    label: both(field, "title"),
    value,
    onChange,
    help: both(field, "help") || undefined,
    error,
    isRequired: field.required,
  };
  switch (field.type) {
    case "longtext":
      return <TextAreaField {...common} maxLength={LONG_MAX} rows={5} />;
    case "boolean":
      return (
        <CheckField
          label={common.label}
          help={common.error ?? common.help}
          isChecked={value === "true"}
          onChange={(on) => onChange(on ? "true" : "")}
          isRequired={field.required}
        />
      );
    case "choice":
    case "server":
    case "network":
    case "user": {
      const options = field.type === "choice" ? choicesOf(field) : (lists[field.type] ?? []);
      return <SelectField {...common} options={[{ value: "", label: t("Choose") }, ...options]} />;
    }
    case "date":
      return <TextField {...common} type="date" />;
    case "integer":
      return <TextField {...common} inputMode="numeric" maxLength={16} />;
    case "email":
      return <TextField {...common} type="email" maxLength={TEXT_MAX} />;
    default:
      return <TextField {...common} maxLength={TEXT_MAX} />;
  }
}

interface FormFromFieldsProps {
  fields: Field[];
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** by field name */
  problems: Record<string, string>;
  lists: FieldLists;
}

export function FormFromFields({ fields, draft, onChange, problems, lists }: FormFromFieldsProps) {
  return (
    <>
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          value={draft[field.name] ?? ""}
          onChange={(value) => onChange({ ...draft, [field.name]: value })}
          error={problems[field.name]}
          lists={lists}
        />
      ))}
    </>
  );
}
