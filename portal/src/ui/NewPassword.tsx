// SPDX-License-Identifier: Apache-2.0
/* The fields of a new password, twice, with the rules that the page can check itself; the server has the last word. */
import { t } from "../i18n";
import { TextField } from "./fields";

export const PASSWORD_MIN = 12;

export interface PasswordDraft {
  old: string;
  next: string;
  again: string;
}

export const EMPTY_PASSWORD: PasswordDraft = { old: "", next: "", again: "" };

export function passwordProblems(draft: PasswordDraft): { next?: string; again?: string } {
  return {
    ...(draft.next !== "" && draft.next.length < PASSWORD_MIN ? { next: t("At least {n} characters are needed.", { n: PASSWORD_MIN }) } : {}),
    ...(draft.next !== "" && draft.next === draft.old ? { next: t("The new password must differ from the present one.") } : {}),
    ...(draft.again !== "" && draft.again !== draft.next ? { again: t("The two passwords differ.") } : {}),
  };
}

export function isPasswordReady(draft: PasswordDraft): boolean {
  return draft.old !== "" && draft.next !== "" && draft.again === draft.next && Object.keys(passwordProblems(draft)).length === 0;
}

export function PasswordFields({ draft, onChange, oldLabel }: { draft: PasswordDraft; onChange: (draft: PasswordDraft) => void; oldLabel: string }) {
  const problems = passwordProblems(draft);
  return (
    <>
      <TextField label={oldLabel} type="password" name="old-password" autoComplete="current-password" value={draft.old} onChange={(old) => onChange({ ...draft, old })} isRequired />
      <TextField
        label={t("New password")}
        type="password"
        name="new-password"
        autoComplete="new-password"
        value={draft.next}
        onChange={(next) => onChange({ ...draft, next })}
        isRequired
        help={t("At least {n} characters. A few words in a row are better than one that is hard to type.", { n: PASSWORD_MIN })}
        error={problems.next}
      />
      <TextField
        label={t("New password, again")}
        type="password"
        name="new-password-again"
        autoComplete="new-password"
        value={draft.again}
        onChange={(again) => onChange({ ...draft, again })}
        isRequired
        error={problems.again}
      />
    </>
  );
}
