// SPDX-License-Identifier: Apache-2.0
/* Texts to begin with: a choice above the form of a notice, a word about an incident or a closing report. What a
 * template leaves open is listed until it is filled in; the daemon publishes nothing that still holds it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listTemplates, type Template } from "../../api/operator";
import { both, language, t } from "../../i18n";
import { SelectField } from "../../ui/fields";
import type { Draft } from "../../ui/FormFromFields";

/** The fields that a template fills: of notices and reports both languages, of a word the reader's. */
function filled(template: Template): Draft {
  switch (template.use) {
    case "word":
      return Object.fromEntries(template.texts.map((text) => [text.field, text[language()]]));
    case "report":
      return Object.fromEntries(template.texts.flatMap((text) => [[text.field, text.ja], [`${text.field}_en`, text.en]]));
    default:
      return {
        ...Object.fromEntries(template.texts.flatMap((text) => [[`${text.field}_ja`, text.ja], [`${text.field}_en`, text.en]])),
        kind: template.kind,
        impact: template.impact,
        emergency: String(template.emergency),
        needs_ack: String(template.needs_ack),
      };
  }
}

export function TemplateField({ use, draft, onChange }: { use: Template["use"]; draft: Draft; onChange: (draft: Draft) => void }) {
  const templates = useQuery({ queryKey: ["operator", "templates", use], queryFn: () => listTemplates(use) }).data?.rows ?? [];
  const [slug, setSlug] = useState("");
  const chosen = templates.find((template) => template.slug === slug);
  const text = Object.values(draft).join("\n");
  const open = (chosen?.placeholders ?? []).filter(({ name }) => text.includes(`{${name}}`));
  const pick = (next: string) => {
    const template = templates.find((one) => one.slug === next);
    setSlug(next);
    if (template) {
      onChange({ ...draft, ...filled(template) });
    }
  };
  return (
    <SelectField
      label={t("Template")}
      value={slug}
      onChange={pick}
      help={open.length > 0 ? t("Still to be filled in: {list}", { list: open.map((one) => `{${one.name}} ${both(one, "title")}`).join(", ") }) : undefined}
      options={[{ value: "", label: t("Without a template") }, ...templates.map((template) => ({ value: template.slug, label: both(template, "title") }))]}
    />
  );
}
