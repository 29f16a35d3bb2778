// SPDX-License-Identifier: Apache-2.0
/* A state as icon, word and colour (never colour alone), with the job that is under way, by its own name. */
import { Label } from "@patternfly/react-core";
import type { ComponentType } from "react";
import { t } from "../i18n";
import {
  ArchiveIcon, CheckCircleIcon, ExclamationCircleIcon, InfoCircleIcon, InProgressIcon, PauseCircleIcon, PowerOffIcon,
} from "./icons";

export type Tone = "good" | "off" | "busy" | "paused" | "bad" | "attention" | "stored";

type LabelColor = "green" | "grey" | "blue" | "orange" | "red" | "teal";
const TONES: Record<Tone, { color: LabelColor; icon: ComponentType }> = {
  good: { color: "green", icon: CheckCircleIcon },
  off: { color: "grey", icon: PowerOffIcon },
  busy: { color: "blue", icon: InProgressIcon },
  paused: { color: "orange", icon: PauseCircleIcon },
  bad: { color: "red", icon: ExclamationCircleIcon },
  attention: { color: "orange", icon: InfoCircleIcon },
  stored: { color: "grey", icon: ArchiveIcon },
};

interface StatusLabelProps {
  tone: Tone;
  text: string;
  /** the job's state: the API's word for it and its meaning */
  task?: { name: string; text: string } | undefined;
}

export function StatusLabel({ tone, text, task }: StatusLabelProps) {
  const { color, icon: Icon } = TONES[tone];
  return (
    <span className="ak-status">
      <Label color={color} icon={<Icon />} className="ak-status__label">
        {text}
      </Label>
      {task ? (
        <span className="ak-status__task">
          <span className="ak-pulse" aria-hidden="true" />
          <span className="ak-visually-hidden">{t("In progress")}</span>
          <span>{task.text}</span> <code>{task.name}</code>
        </span>
      ) : null}
    </span>
  );
}
