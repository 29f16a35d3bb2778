// SPDX-License-Identifier: Apache-2.0
/* One of a few, shown with what tells them apart: native radio buttons that look like cards. */
import { useId, type ReactNode } from "react";

export interface Choice {
  value: string;
  title: string;
  detail?: ReactNode;
  isDisabled?: boolean;
}

interface ChoiceCardsProps {
  legend: string;
  name: string;
  choices: Choice[];
  value: string;
  onChange: (value: string) => void;
}

export function ChoiceCards({ legend, name, choices, value, onChange }: ChoiceCardsProps) {
  const id = useId();
  return (
    <fieldset className="ak-choices">
      <legend className="ak-legend">{legend}</legend>
      <div className="ak-choices__grid">
        {choices.map((choice, index) => (
          <div key={choice.value} className="ak-choice">
            <input
              type="radio"
              id={`${id}-${index}`}
              name={name}
              value={choice.value}
              checked={choice.value === value}
              disabled={choice.isDisabled ?? false}
              onChange={() => onChange(choice.value)}
              {...(choice.detail ? { "aria-describedby": `${id}-${index}-detail` } : {})}
            />
            <label htmlFor={`${id}-${index}`}>{choice.title}</label>
            {choice.detail ? (
              <span className="ak-choice__detail" id={`${id}-${index}-detail`}>
                {choice.detail}
              </span>
            ) : null}
          </div>
        ))}
      </div>
    </fieldset>
  );
}
