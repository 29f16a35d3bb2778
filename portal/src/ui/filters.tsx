// SPDX-License-Identifier: Apache-2.0
/* What narrows a list: a search box that waits until the typing pauses, selects, and days. */
import { SearchInput, ToolbarItem } from "@patternfly/react-core";
import { useEffect, useId, useState } from "react";
import { t } from "../i18n";

const TYPING_PAUSE_MS = 300;

export function SearchFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text.trim() === value) {
      return undefined;
    }
    const timer = setTimeout(() => onChange(text.trim()), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [onChange, text, value]);
  return (
    <ToolbarItem className="ak-list__search">
      <SearchInput
        value={text}
        placeholder={label}
        aria-label={label}
        resetButtonLabel={t("Clear")}
        onChange={(_event, next) => setText(next)}
        onClear={() => setText("")}
      />
    </ToolbarItem>
  );
}

interface SelectFilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** the text of “no choice” */
  all: string;
  options: { value: string; label: string }[];
}

export function SelectFilter({ label, value, onChange, all, options }: SelectFilterProps) {
  const id = useId();
  return (
    <ToolbarItem>
      <label className="ak-visually-hidden" htmlFor={id}>
        {label}
      </label>
      <span className="ak-select">
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{all}</option>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      </span>
    </ToolbarItem>
  );
}

export function DayFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <ToolbarItem>
      <span className="ak-day">
        <label htmlFor={id}>{label}</label>
        <input id={id} type="date" value={value} max="9999-12-31" onChange={(event) => onChange(event.target.value)} />
      </span>
    </ToolbarItem>
  );
}
