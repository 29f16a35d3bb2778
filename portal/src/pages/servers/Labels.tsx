// SPDX-License-Identifier: Apache-2.0
/* Service code, classification and free labels of a server. */
import { Button, Label } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Server } from "../../api/compute";
import { CLASSIFICATIONS, putLabels, showLabels, type Classification, type Labels } from "../../api/protect";
import { listServiceCodes } from "../../api/service";
import { useHasContract, useVerb } from "../../auth/me";
import { t, tc } from "../../i18n";
import { Copyable } from "../../ui/Copyable";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { SelectField, TextAreaField } from "../../ui/fields";
import { PenIcon } from "../../ui/icons";
import { Card, Facts } from "../../ui/ResourceDetail";
import { word } from "../../ui/words";

/** "key=value" lines → labels; null when a line is not one. */
export function parseLabels(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (const line of text.split("\n").map((one) => one.trim()).filter(Boolean)) {
    const at = line.indexOf("=");
    const key = line.slice(0, at).trim();
    if (at < 1 || key === "" || key.length > 255 || line.length - at > 256) {
      return null;
    }
    labels[key] = line.slice(at + 1).trim();
  }
  return labels;
}

export const formatLabels = (labels: Record<string, string>): string => Object.entries(labels).map(([key, value]) => `${key}=${value}`).join("\n");

function EditDialog({ server, labels }: { server: Server; labels: Labels }) {
  const [classification, setClassification] = useState<string>(labels.classification ?? "");
  const [text, setText] = useState(formatLabels(labels.labels));
  const queries = useQueryClient();
  const parsed = parseLabels(text);
  return (
    <FormDialog
      title={t("Labels and classification of {name}", { name: server.name })}
      action={tc("verb", "Save")}
      failure={t("The labels could not be saved.")}
      isValid={parsed !== null}
      work={async () => {
        await putLabels("server", server.id, { classification: classification === "" ? null : (classification as Classification), labels: parsed ?? {} });
        await queries.invalidateQueries({ queryKey: ["labels", server.id] });
      }}
    >
      <SelectField
        label={t("Classification")}
        value={classification}
        onChange={setClassification}
        help={t("How carefully the information on it must be handled.")}
        options={[{ value: "", label: t("Not classified") }, ...CLASSIFICATIONS.map((value) => ({ value, label: word("classification", value) }))]}
      />
      <TextAreaField label={t("Labels")} value={text} onChange={setText} rows={5} help={t("One a line: name=value")} error={parsed === null ? t("Each line must be name=value.") : undefined} />
    </FormDialog>
  );
}

export function LabelCard({ server }: { server: Server }) {
  const hasContract = useHasContract();
  const openDialog = useDialog();
  const canChange = useVerb("label") === "self";
  const query = useQuery({ queryKey: ["labels", server.id], queryFn: () => showLabels("server", server.id), enabled: hasContract, retry: false });
  const codes = useQuery({ queryKey: ["codes", server.id], queryFn: () => listServiceCodes({ server_id: server.id, limit: 1 }), enabled: hasContract, retry: false });
  if (!hasContract || query.data === undefined) {
    return null;
  }
  const labels = query.data;
  const code = codes.data?.rows[0]?.code;
  const entries = Object.entries(labels.labels);
  return (
    <Card
      title={t("Labels and classification")}
      actions={
        canChange ? (
          <Button variant="link" isInline icon={<PenIcon />} onClick={() => openDialog(<EditDialog server={server} labels={labels} />)}>
            {tc("verb", "Edit")}
          </Button>
        ) : null
      }
    >
      <Facts
        facts={[
          [t("Service code"), code ? <Copyable key="c" value={code} /> : null],
          [t("Classification"), labels.classification ? word("classification", labels.classification) : t("Not classified")],
          [
            t("Labels"),
            entries.length === 0 ? t("None") : (
              <span key="l" className="ak-labels">
                {entries.map(([key, value]) => (
                  <Label key={key} isCompact color="grey">
                    {key}: {value}
                  </Label>
                ))}
              </span>
            ),
          ],
        ]}
      />
    </Card>
  );
}
