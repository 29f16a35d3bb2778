// SPDX-License-Identifier: Apache-2.0
/* One request: where it stands, what was asked, the thread, the files. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  addAttachment, addMessage, ATTACHMENT_MAX, attachmentPath, OPEN_STATES, showRequest, takeSecret, withdrawRequest,
  type Field, type RequestKind, type ServiceRequest,
} from "../../api/request";
import { both, t, tc } from "../../i18n";
import { Copyable } from "../../ui/Copyable";
import { ConfirmDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { Files } from "../../ui/Files";
import { readable, type FieldLists } from "../../ui/FormFromFields";
import { LinkButton } from "../../ui/links";
import { Message } from "../../ui/Message";
import { NotFoundPage } from "../../ui/NotFound";
import { useNotify } from "../../ui/notify";
import { useOneAtATime } from "../../ui/oneAtATime";
import { PageHead } from "../../ui/PageHead";
import { ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card, Facts } from "../../ui/ResourceDetail";
import { StateLabel } from "../../ui/StateLabel";
import { Thread } from "../../ui/Thread";
import { Clock, Moment } from "../../ui/times";
import { Timeline } from "../../ui/Timeline";
import { word } from "../../ui/words";
import { useFieldLists, useRequestKinds } from "./lists";

const POLL_MS = 10_000;
const parent = () => ({ href: "/requests", title: t("Requests") });
const isOpen = (request: ServiceRequest) => OPEN_STATES.includes(request.state);

/** A value; what is named by id is told by its name, with the id beside it. */
function Value({ request, field, lists }: { request: ServiceRequest; field: Field; lists: FieldLists }) {
  const value = request.fields[field.name] ?? "";
  const name = request.names?.[field.name];
  return name === undefined || name === value ? (
    <span className="ak-text">{readable(field, value, lists)}</span>
  ) : (
    <span className="ak-text">
      {name} <span className="ak-muted">{String(value)}</span>
    </span>
  );
}

/** Why it was not carried out, to either side. */
export function WhyNot({ request }: { request: ServiceRequest }) {
  return request.error && (request.state === "failed" || request.state === "refused") ? (
    <Message kind="danger" className="ak-notice" title={t("It could not be carried out.")}>
      <span className="ak-text">{both(request.error, "text")}</span>
    </Message>
  ) : null;
}

/** Decisions; those on an earlier form do not count. */
export function Decisions({ request }: { request: ServiceRequest }) {
  return request.approvals?.length ? (
    <Card title={t("Decisions")}>
      <Timeline
        items={request.approvals.map((one) => ({
          at: one.at,
          title: word("decision", one.decision),
          by: one.user_name,
          text: (one.revision ?? 1) < (request.revision ?? 1) ? t("For an earlier form; it does not count any more.") : one.comment,
        }))}
      />
    </Card>
  ) : null;
}

export function Fields({ request, kind }: { request: ServiceRequest; kind: RequestKind | undefined }) {
  const fields = kind?.fields ?? [];
  const lists = useFieldLists(fields);
  const named = fields
    .filter((field) => request.fields[field.name] !== undefined && request.fields[field.name] !== null)
    .map((field): [string, React.ReactNode] => [
      both(field, "title"),
      <Value key={field.name} request={request} field={field} lists={lists} />,
    ]);
  return named.length === 0 ? <p className="ak-muted">{t("Nothing was filled in.")}</p> : <Facts facts={named} />;
}

export function Attachments({ request, onChange }: { request: ServiceRequest; onChange: () => Promise<void> }) {
  return (
    <Files
      files={request.attachments ?? []}
      path={(file) => attachmentPath(request.id, file)}
      max={ATTACHMENT_MAX}
      onFile={
        isOpen(request)
          ? async (file) => {
              await addAttachment(request.id, file);
              await onChange();
            }
          : undefined
      }
    />
  );
}

function Withdraw({ request, onChange }: { request: ServiceRequest; onChange: () => Promise<void> }) {
  const openDialog = useDialog();
  if (!["submitted", "in_review", "waiting_customer", "approved"].includes(request.state)) {
    return null;
  }
  return (
    <Button
      variant="secondary"
      onClick={() =>
        openDialog(
          <ConfirmDialog
            title={t("Withdraw {number}?", { number: request.number })}
            action={tc("verb", "Withdraw")}
            failure={t("The request could not be withdrawn.")}
            work={async () => {
              await withdrawRequest(request.id);
              await onChange();
            }}
          >
            {t("Nothing will be done. You can make the request again later.")}
          </ConfirmDialog>,
        )
      }
    >
      {tc("verb", "Withdraw")}
    </Button>
  );
}

/** The one-time password of a new user: shown once, to who asked for it. */
function Secret({ request, onChange }: { request: ServiceRequest; onChange: () => Promise<void> }) {
  const openDialog = useDialog();
  const notify = useNotify();
  const show = useOneAtATime(async () => {
    try {
      const secret = await takeSecret(request.id);
      openDialog(
        <InfoDialog title={t("One-time password")}>
          <p>{t("Hand over this one-time password by a safe way. It is shown only now, and must be changed at the first login.")}</p>
          <p className="ak-secret">
            <Copyable value={secret} />
          </p>
        </InfoDialog>,
      );
      await onChange();
    } catch (error) {
      notify.failure(t("The one-time password could not be shown."), error);
    }
  });
  return !request.has_secret ? null : (
    <Button variant="primary" onClick={show}>
      {t("Show the one-time password")}
    </Button>
  );
}

function Body({ request, refresh }: { request: ServiceRequest; refresh: () => Promise<void> }) {
  const kind = useRequestKinds().data?.find((one) => one.kind === request.kind);
  return (
    <>
      {request.state === "waiting_customer" ? (
        <Message kind="warning" className="ak-notice" title={t("The provider has asked you something. Please answer below.")} />
      ) : null}
      <WhyNot request={request} />
      {request.overdue && isOpen(request) ? (
        <Message kind="warning" className="ak-notice" title={t("The provider is behind its target time. Its desk has been alerted.")} />
      ) : null}
      {request.result ? (
        <Message kind={request.state === "done" ? "success" : "info"} className="ak-notice" title={t("Answer of the provider")}>
          <span className="ak-text">{request.result}</span>
        </Message>
      ) : null}
      <div className="ak-cards ak-cards--main">
        <div className="ak-cards__column">
          <Card title={t("Messages")}>
            <Thread
              messages={request.messages ?? []}
              onSend={
                isOpen(request)
                  ? async (text) => {
                      await addMessage(request.id, text);
                      await refresh();
                    }
                  : undefined
              }
              closed={<p className="ak-muted">{t("The request is closed; nothing more can be written.")}</p>}
            />
          </Card>
          <Card title={t("What was asked")}>
            <Fields request={request} kind={kind} />
          </Card>
        </div>
        <div className="ak-cards__column">
          <Card title={t("Where it stands")}>
            <Facts
              facts={[
                [t("State"), <StateLabel key="state" kind="request" value={request.state} />],
                [t("Deadline"), isOpen(request) ? <Clock key="due" due={request.due_at} isOverdue={request.overdue} /> : null],
                [t("Number"), request.number],
                [t("Kind"), kind ? both(kind, "title") : request.kind],
                [t("Submitted by"), request.created_by],
                [t("Submitted at"), <Moment key="at" at={request.created_at} />],
                [t("Handled by"), request.assignee],
              ]}
            />
          </Card>
          <Decisions request={request} />
          <Card title={t("Files")}>
            <Attachments request={request} onChange={refresh} />
          </Card>
        </div>
      </div>
    </>
  );
}

export function RequestDetailPage({ id }: { id: string }) {
  const queries = useQueryClient();
  const query = useQuery({ queryKey: ["requests", "one", id], queryFn: () => showRequest(id), refetchInterval: POLL_MS });
  const refresh = async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["requests"] }), queries.invalidateQueries({ queryKey: ["overview"] })]);
  };
  const request = query.data;
  if (request === undefined) {
    return query.error ? (
      <NotFoundPage error={query.error} retry={() => void query.refetch()} parent={parent()} title={t("Request")} failure={t("The request could not be read.")} />
    ) : (
      <>
        <PageHead title={t("Request")} parent={parent()} />
        <LoadingPanel />
      </>
    );
  }
  return (
    <>
      <PageHead title={request.title} parent={parent()} status={<StateLabel kind="request" value={request.state} />} actions={
          <>
            <Secret request={request} onChange={refresh} />
            {["submitted", "in_review", "waiting_customer"].includes(request.state) ? (
              <LinkButton href={`/requests/${request.id}/correct`} variant={request.state === "waiting_customer" ? "primary" : "secondary"}>
                {tc("verb", "Correct the form")}
              </LinkButton>
            ) : null}
            <Withdraw request={request} onChange={refresh} />
          </>
        }
      />
      {query.error ? <ErrorPanel title={t("The request could not be read.")} error={query.error} /> : null}
      <Body request={request} refresh={refresh} />
    </>
  );
}
