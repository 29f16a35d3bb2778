// SPDX-License-Identifier: Apache-2.0
/* A value that one wants elsewhere (an address, an id), with a button that copies it. */
import { Button } from "@patternfly/react-core";
import { t } from "../i18n";
import { CopyIcon } from "./icons";
import { useNotify } from "./notify";

export function Copyable({ value, shown = value }: { value: string; shown?: string }) {
  const notify = useNotify();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      notify.success(t("Copied: {value}", { value }));
    } catch (error) {
      notify.failure(t("The value could not be copied."), error);
    }
  };
  return (
    <span className="ak-copyable">
      <code {...(shown === value ? {} : { title: value })}>{shown}</code>
      <Button variant="plain" size="sm" icon={<CopyIcon />} aria-label={t("Copy {value}", { value })} onClick={() => void copy()} />
    </span>
  );
}
