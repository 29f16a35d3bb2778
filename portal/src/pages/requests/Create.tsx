// SPDX-License-Identifier: Apache-2.0
/* A request: first its kind, then the form that the kind describes. */
import { Button, Form } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { showServer, type Server } from "../../api/compute";
import { addAttachment, ATTACHMENT_MAX, correctRequest, createRequest, showRequest, type RequestKind, type ServiceRequest } from "../../api/request";
import { both, formatBytes, formatNumber, t, tc } from "../../i18n";
import { FileField } from "../../ui/fields";
import { FormFromFields, problemsOf, valuesOf, type Draft } from "../../ui/FormFromFields";
import { AngleRightIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { useFieldLists, useRequestKinds } from "./lists";

const parent = () => ({ href: "/requests", title: t("Requests") });

function KindCards({ kinds }: { kinds: RequestKind[] }) {
  return (
    <ul className="ak-kinds">
      {kinds.map((kind) => (
        <li key={kind.kind} className="ak-kind">
          <h2>
            <Link href={`/requests/new?kind=${kind.kind}`}>{both(kind, "title")}</Link>
            <AngleRightIcon aria-hidden="true" />
          </h2>
          <p>{both(kind, "description")}</p>
          <p className="ak-muted">
            {kind.business_hours === false
              ? t("Target: within {n} hours", { n: formatNumber(kind.target_hours) })
              : t("Target: within {n} business hours", { n: formatNumber(kind.target_hours) })}
          </p>
        </li>
      ))}
    </ul>
  );
}

const draftOf = (request: ServiceRequest | undefined): Draft =>
  Object.fromEntries(Object.entries(request?.fields ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])));

/* 'request': the one whose form is corrected; 'server': the one that it is asked for from */
function RequestForm({ kind, request: corrected, server }: { kind: RequestKind; request?: ServiceRequest; server?: Server | undefined }) {
  const [draft, setDraft] = useState<Draft>(() => {
    const target = kind.fields.find((field) => field.type === "server");
    return { ...(server && target ? { [target.name]: server.id } : {}), ...draftOf(corrected) };
  });
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useRef<HTMLDivElement>(null);
  const lists = useFieldLists(kind.fields);
  if (server && !lists.server?.some((one) => one.value === server.id)) {
    lists.server = [...(lists.server ?? []), { value: server.id, label: server.name }]; /* beyond the first page of names */
  }
  const notify = useNotify();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const problems = problemsOf(kind.fields, draft);
  const isTooLarge = (file?.size ?? 0) > ATTACHMENT_MAX;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0 || isTooLarge) {
      /* after the fields have been marked */
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    if (busy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const fields = valuesOf(kind.fields, draft);
      const request = corrected ? await correctRequest(corrected.id, fields) : await createRequest({ kind: kind.kind, fields });
      if (file !== null) {
        await addAttachment(request.id, file).catch((reason: unknown) => notify.failure(t("The file could not be attached."), reason));
      }
      notify.success(corrected ? t("The request {number} was corrected.", { number: request.number }) : t("The request {number} was submitted.", { number: request.number }));
      void queries.invalidateQueries({ queryKey: ["requests"] });
      void queries.invalidateQueries({ queryKey: ["overview"] });
      navigate(`/requests/${request.id}`);
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  return (
    <div ref={form}>
      <Form className="ak-form" onSubmit={(event) => void submit(event)} noValidate>
        <div className="ak-card ak-card__pad ak-form__fields">
          <p>{both(kind, "description")}</p>
          <FormFromFields fields={kind.fields} draft={draft} onChange={setDraft} problems={tried ? problems : {}} lists={lists} />
          <FileField
            label={t("Attachment (optional)")}
            file={file}
            onChange={setFile}
            help={t("One file of at most {size}. More can be attached afterwards.", { size: formatBytes(ATTACHMENT_MAX) })}
            error={isTooLarge ? t("The file is larger than {size}.", { size: formatBytes(ATTACHMENT_MAX) }) : undefined}
          />
        </div>
        {error ? <ErrorPanel title={t("The request could not be submitted.")} error={error} /> : null}
        <div className="ak-form__actions">
          <Button type="submit" isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")}>
            {corrected ? tc("verb", "Save the correction") : tc("verb", "Submit the request")}
          </Button>
          <LinkButton href={corrected ? `/requests/${corrected.id}` : "/requests/new"} variant="link">
            {corrected ? t("Back to the request") : t("Choose another kind")}
          </LinkButton>
        </div>
      </Form>
    </div>
  );
}

export function RequestCreatePage() {
  const query = useRequestKinds();
  const [search] = useSearchParams();
  const wanted = search.get("kind");
  const available = query.data?.filter((kind) => kind.available) ?? [];
  const kind = available.find((one) => one.kind === wanted);
  const from = search.get("server") ?? "";
  const server = useQuery({ queryKey: ["servers", "one", from], queryFn: () => showServer(from), enabled: from !== "", retry: false });
  if (kind) {
    return (
      <>
        <PageHead title={both(kind, "title")} parent={{ href: "/requests/new", title: tc("noun", "Make a request") }} />
        {/* "fetched", since a server that could not be read is read again, and is "pending" then: the form stays */}
        {from !== "" && !server.isFetched ? <LoadingPanel /> : <RequestForm key={kind.kind} kind={kind} server={server.data} />}
      </>
    );
  }
  return (
    <>
      <PageHead title={tc("noun", "Make a request")} parent={parent()}>
        {t("What would you like to ask for?")}
      </PageHead>
      {query.error ? <ErrorPanel title={t("The kinds of request could not be read.")} error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <LoadingPanel /> : null}
      {query.data && available.length === 0 ? <EmptyPanel title={t("There is no request that you may make.")} headingLevel="h2" /> : null}
      <KindCards kinds={available} />
    </>
  );
}

/** The form of a request once more, as it was filled in: until it is decided on. */
export function RequestCorrectPage({ id }: { id: string }) {
  const kinds = useRequestKinds();
  /* as it is now: the form is filled in once */
  const query = useQuery({ queryKey: ["requests", "form", id], queryFn: () => showRequest(id), staleTime: 0, gcTime: 0 });
  const request = query.data;
  const kind = kinds.data?.find((one) => one.kind === request?.kind);
  return (
    <>
      <PageHead title={t("Correct the form")} parent={{ href: `/requests/${id}`, title: request?.number ?? t("Request") }}>
        {t("Approvals given for the form before are void, and the target time begins anew.")}
      </PageHead>
      {query.error ? <ErrorPanel title={t("The request could not be read.")} error={query.error} /> : null}
      {query.isPending || kinds.isPending ? <LoadingPanel /> : null}
      {request && kind ? <RequestForm kind={kind} request={request} /> : null}
    </>
  );
}
