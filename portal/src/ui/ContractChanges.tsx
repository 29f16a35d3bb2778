// SPDX-License-Identifier: Apache-2.0
/* What was changed in a contract that runs: the same words for the customer and for the operators. */
import type { ContractChange } from "../api/service";
import { formatDay, formatNumber, language, t } from "../i18n";
import type { Column } from "./ResourceList";
import { Moment } from "./times";
import { lawText, word } from "./words";

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown) => (typeof value === "string" ? value : typeof value === "number" ? formatNumber(value) : JSON.stringify(value));

/* an item or a contact in a line */
function lineOf(value: unknown): string {
  if (!isObject(value)) {
    return textOf(value);
  }
  return "quantity" in value
    ? t("{title} × {n}", { title: textOf(value["title"]), n: textOf(value["quantity"]) })
    : [word("contact", String(value["kind"] ?? "")), value["name"], value["email"], value["phone"]].filter(Boolean).join(" · ");
}

function shown(member: string, value: unknown): string {
  if (member === "consent") {
    return isObject(value) ? textOf(value["user_name"]) : t("To be given anew");
  }
  if (value === null || value === undefined || value === "") {
    return member === "ends_on" ? t("Open-ended") : t("None");
  }
  if (Array.isArray(value)) {
    return value.map(lineOf).join("\n") || t("None");
  }
  if (member === "starts_on" || member === "ends_on") {
    return formatDay(String(value));
  }
  if (member === "governing_law") {
    return lawText(String(value)) ?? "";
  }
  return member === "language" ? word("language", String(value)) : member === "quotas" && value === -1 ? t("No limit") : textOf(value);
}

interface Line {
  key: string;
  label: string;
  from: string;
  to: string;
}

/** One line for each member, and for each quota that is another. */
export function changeLines(changes: ContractChange["changes"]): Line[] {
  const unread = language() === "ja" ? "class_title_en" : "class_title_ja";
  return Object.entries(changes)
    .filter(([member]) => member !== unread)
    .flatMap(([member, { from, to }]) => {
      if (member === "quotas" && isObject(from) && isObject(to)) {
        return [...new Set([...Object.keys(from), ...Object.keys(to)])]
          .filter((name) => from[name] !== to[name])
          .map((name) => ({ key: name, label: t("Quota: {name}", { name: word("quota", name) }), from: shown(member, from[name]), to: shown(member, to[name]) }));
      }
      return [{ key: member, label: word("contractMember", member), from: shown(member, from), to: shown(member, to) }];
    });
}

function Lines({ changes }: { changes: ContractChange["changes"] }) {
  return (
    <ul className="ak-changes">
      {changeLines(changes).map(({ key, label, from, to }) => (
        <li key={key}>
          <strong>{label}</strong>
          <span className="ak-changes__pair">
            <span>
              <span className="ak-visually-hidden">{t("Before:")} </span>
              <del>{from}</del>
            </span>
            <span aria-hidden="true">→</span>
            <span>
              <span className="ak-visually-hidden">{t("Now:")} </span>
              {to}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function changeColumns(): Column<ContractChange>[] {
  return [
    { key: "at", label: t("Changed at"), isRowHeader: true, modifier: "nowrap", render: (row) => <Moment at={row.at} /> },
    { key: "what", label: t("What was changed"), modifier: "breakWord", render: (row) => <Lines changes={row.changes} /> },
  ];
}
