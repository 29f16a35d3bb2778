// SPDX-License-Identifier: Apache-2.0
import { Button, Form } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { useLocation } from "wouter";
import { listServers } from "../../api/compute";
import { attachToIncident, INCIDENT_FILE_MAX, reportIncident, type Severity } from "../../api/incident";
import { t, tc } from "../../i18n";
import { ChoiceCards } from "../../ui/ChoiceCards";
import { CheckList, TextAreaField, TextField } from "../../ui/fields";
import { FilesField } from "../../ui/Files";
import { LinkButton } from "../../ui/links";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { ErrorPanel } from "../../ui/panels";
import { TEXT_MAX } from "../../ui/Thread";
import { stateWord } from "../../ui/words";

const SERVERS_MAX = 50;

function severities(): { value: Severity; title: string; detail: string }[] {
  return [
    { value: "low", title: stateWord("severity", "low").text, detail: t("A question, or a small defect. Work goes on.") },
    { value: "medium", title: stateWord("severity", "medium").text, detail: t("Something works badly. There is a way around it.") },
    { value: "high", title: stateWord("severity", "high").text, detail: t("A system has stopped, or is about to.") },
    { value: "critical", title: stateWord("severity", "critical").text, detail: t("Business stands still, or data may be in other hands.") },
  ];
}

export function IncidentCreatePage() {
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [severity, setSeverity] = useState<Severity>("medium");
  const [chosen, setChosen] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [files, setFiles] = useState<File[]>([]);
  const [error, setError] = useState<unknown>(null);
  const first = useRef<HTMLInputElement>(null);
  const servers = useQuery({ queryKey: ["servers", "names"], queryFn: () => listServers({ limit: SERVERS_MAX }), staleTime: 60_000 });
  const notify = useNotify();
  const queries = useQueryClient();
  const [, navigate] = useLocation();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!title.trim() || !text.trim()) {
      first.current?.focus();
      return;
    }
    if (busy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const incident = await reportIncident({ title: title.trim(), severity, text: text.trim(), servers: chosen });
      for (const file of files) {
        await attachToIncident(incident.id, file).catch((reason: unknown) => notify.failure(t("The file could not be attached."), reason));
      }
      notify.success(t("The incident {number} was reported.", { number: incident.number }));
      void queries.invalidateQueries({ queryKey: ["overview"] });
      navigate(`/incidents/${incident.id}`);
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  return (
    <>
      <PageHead title={t("Report an incident")} parent={{ href: "/incidents", title: t("Incidents") }} />
      <Form className="ak-form" onSubmit={(event) => void submit(event)} noValidate>
        <div className="ak-card ak-card__pad ak-form__fields">
          <TextField label={t("In one line")} value={title} onChange={setTitle} isRequired maxLength={255} inputRef={first} error={tried && !title.trim() ? t("This is needed.") : undefined} />
          <TextAreaField
            label={t("What happens, and since when?")}
            value={text}
            onChange={setText}
            rows={6}
            maxLength={TEXT_MAX}
            isRequired
            help={t("What you see, what you have tried, whom it touches. Please do not write passwords here.")}
            error={tried && !text.trim() ? t("This is needed.") : undefined}
          />
        </div>
        <div className="ak-card ak-card__pad">
          <ChoiceCards legend={t("How bad is it?")} name="severity" value={severity} onChange={(value) => setSeverity(value as Severity)} choices={severities()} />
        </div>
        {servers.data && servers.data.servers.length > 0 ? (
          <div className="ak-card ak-card__pad">
            <CheckList
              legend={t("Affected servers (optional)")}
              options={servers.data.servers.map(({ id, name }) => ({ value: id, label: name }))}
              values={chosen}
              onChange={setChosen}
            />
          </div>
        ) : null}
        <div className="ak-card ak-card__pad">
          <FilesField label={t("Files (optional)")} max={INCIDENT_FILE_MAX} files={files} onChange={setFiles} />
        </div>
        {error ? <ErrorPanel title={t("The incident could not be reported.")} error={error} /> : null}
        <div className="ak-form__actions">
          <Button type="submit" isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")}>
            {tc("verb", "Report")}
          </Button>
          <LinkButton href="/incidents" variant="link">
            {t("Cancel")}
          </LinkButton>
        </div>
      </Form>
    </>
  );
}
