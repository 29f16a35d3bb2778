// SPDX-License-Identifier: Apache-2.0
/* The requests inbox: everybody's requests by their clocks, and what an operator does with one. */
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { addMessage, OPEN_STATES, showRequest, type RequestKind, type ServiceRequest } from "../../api/request";
import { act, listAllRequests } from "../../api/operator";
import { both, N_, NC_, t } from "../../i18n";
import { Card, Facts } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { StateLabel } from "../../ui/StateLabel";
import { Thread } from "../../ui/Thread";
import { Clock } from "../../ui/times";
import { stateOptions } from "../../ui/words";
import { Attachments, Decisions, Fields, WhyNot } from "../requests/Detail";
import { useRequestKinds } from "../requests/lists";
import { dash, Detail, field, moment, One, Room, type Verb, Verbs } from "./kit";

const isOpen = (row: ServiceRequest) => OPEN_STATES.includes(row.state);
const needsApproval = (row: ServiceRequest) => row.approvals_needed !== 0;
const isUndecided = (row: ServiceRequest) => ["submitted", "in_review", "waiting_customer"].includes(row.state);

function columns(kindText: (row: ServiceRequest) => string): Column<ServiceRequest>[] {
  return [
    {
      key: "title",
      label: t("Request"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          <Link href={`/requests/${row.id}`}>{row.title}</Link>
          <span className="ak-list__sub">
            {row.number} · {kindText(row)}
          </span>
        </>
      ),
    },
    { key: "customer", label: t("Customer"), modifier: "breakWord", render: (row) => dash(row.customer_name) },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="request" value={row.state} /> },
    { key: "due", label: t("Deadline"), render: (row) => (isOpen(row) ? <Clock due={row.due_at} isOverdue={row.overdue} /> : "–") },
    { key: "assignee", label: t("Handled by"), render: (row) => dash(row.assignee) },
  ];
}

function titleOf(kinds: RequestKind[] | undefined, row: ServiceRequest): string {
  const kind = kinds?.find((one) => one.kind === row.kind);
  return kind ? both(kind, "title") : row.kind;
}

export function RequestsRoom() {
  const kinds = useRequestKinds().data ?? [];
  return (
    <Room
      title={t("Requests")}
      name="requests"
      read={listAllRequests}
      rowKey={(row) => row.id}
      columns={columns((row) => titleOf(kinds, row))}
      filters={[
        { name: "state", label: t("State"), all: t("All states"), options: stateOptions("request") },
        { name: "kind", label: t("Kind"), all: t("All kinds"), options: kinds.map((kind) => ({ value: kind.kind, label: both(kind, "title") })) },
        { name: "overdue", label: t("Deadline"), all: t("In time and overdue"), options: [{ value: "true", label: t("Overdue") }] },
      ]}
      empty={t("There is no request.")}
    />
  );
}

const VERBS: Verb<ServiceRequest>[] = [
  {
    key: "take",
    label: NC_("verb", "Take over"),
    text: N_("You are shown to the customer as the one who handles it."),
    policy: "request:request:take",
    isAllowed: isUndecided,
    run: (row) => act("POST /service/v1/requests/{}/take", row.id),
  },
  {
    key: "ask",
    label: NC_("verb", "Ask the customer"),
    text: N_("The clock stands still until the customer answers."),
    policy: "request:request:ask",
    isAllowed: (row) => row.state === "submitted" || row.state === "in_review",
    fields: () => [field("text", t("Question"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/requests/{}/ask", row.id, "ask", values),
  },
  {
    key: "return",
    label: NC_("verb", "Hand back"),
    text: N_("The customer corrects the form; the clock stands still until then, and approvals given are void."),
    policy: "request:request:return",
    isAllowed: (row) => row.state === "submitted" || row.state === "in_review",
    fields: () => [field("comment", t("What is to be corrected"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/requests/{}/return", row.id, "return", values),
  },
  {
    key: "approve",
    label: NC_("verb", "Approve"),
    isPrimary: true,
    text: N_("What the request asks for is carried out once all approvals are there. Nobody approves a request of one's own, or twice."),
    policy: "request:request:approve",
    isAllowed: (row) => needsApproval(row) && (row.state === "submitted" || row.state === "in_review"),
    fields: () => [field("comment", t("Comment"), "longtext")],
    run: (row, values) => act("POST /service/v1/requests/{}/approve", row.id, "approve", { ...values, revision: row.revision ?? 1 }),
  },
  {
    key: "refuse",
    label: NC_("verb", "Refuse"),
    isDanger: true,
    text: N_("The customer reads the reason."),
    policy: "request:request:refuse",
    isAllowed: (row) => isUndecided(row) || row.state === "failed",
    fields: () => [field("comment", t("Reason"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/requests/{}/refuse", row.id, "refuse", values),
  },
  {
    key: "complete",
    label: NC_("verb", "Complete"),
    isPrimary: true,
    text: N_("The customer reads the result."),
    policy: "request:request:complete",
    isAllowed: (row) => row.state === "approved" || row.state === "failed" || (isUndecided(row) && !needsApproval(row)),
    fields: () => [field("result", t("Result"), "longtext", { required: true })],
    run: (row, values) => act("POST /service/v1/requests/{}/complete", row.id, "complete", values),
  },
  {
    key: "retry",
    label: NC_("verb", "Carry out again"),
    policy: "request:request:retry",
    isAllowed: (row) => row.state === "failed",
    run: (row) => act("POST /service/v1/requests/{}/retry", row.id),
  },
];

/* the answer begins as the kind's closing text says */
const verbsFor = (kind: RequestKind | undefined) =>
  VERBS.map((verb) => (verb.key === "complete" && kind?.closing ? { ...verb, draft: () => ({ result: kind.closing ? both(kind.closing, "title") : "" }) } : verb));

function Checklist({ kind }: { kind: RequestKind | undefined }) {
  return kind?.checklist?.length ? (
    <Card title={t("What a person does for it")}>
      <ol>
        {kind.checklist.map((step) => (
          <li key={step.title_en}>{both(step, "title")}</li>
        ))}
      </ol>
    </Card>
  ) : null;
}

export function RequestPage({ id }: { id: string }) {
  const queries = useQueryClient();
  const kinds = useRequestKinds().data;
  const refresh = () => queries.invalidateQueries({ queryKey: ["operator", "requests"] });
  const parent = { href: "/requests", title: t("Requests") };
  const kindOf = (row: ServiceRequest) => kinds?.find((kind) => kind.kind === row.kind);
  return (
    <One name="requests" id={id} read={showRequest} parent={parent} title={t("Request")}>
      {(row) => (
        <Detail
          title={row.title}
          parent={parent}
          status={<StateLabel kind="request" value={row.state} />}
          actions={<Verbs row={row} name={row.number} verbs={verbsFor(kindOf(row))} refresh={[["operator", "requests"], ["operator", "overview"]]} />}
          notice={<WhyNot request={row} />}
          main={
            <>
              <Card title={t("What was asked")}>
                <Fields request={row} kind={kindOf(row)} />
              </Card>
              {isOpen(row) ? <Checklist kind={kindOf(row)} /> : null}
              <Card title={t("Messages")}>
                <Thread
                  messages={row.messages ?? []}
                  onSend={
                    isOpen(row)
                      ? async (text) => {
                          await addMessage(row.id, text);
                          await refresh();
                        }
                      : undefined
                  }
                />
              </Card>
            </>
          }
          side={
            <>
              <Card title={t("Where it stands")}>
                <Facts
                  facts={[
                    [t("Deadline"), isOpen(row) ? <Clock key="due" due={row.due_at} isOverdue={row.overdue} /> : null],
                    [t("Number"), row.number],
                    [t("Kind"), titleOf(kinds, row)],
                    [t("Customer"), row.customer_name],
                    [t("Submitted by"), row.created_by],
                    [t("Submitted at"), moment(row.created_at)],
                    [t("Handled by"), row.assignee],
                    [t("Approvals"), t("{n} of {all}", { n: row.approvals?.filter((one) => one.decision.startsWith("approve") && (one.revision ?? 1) === (row.revision ?? 1)).length ?? 0, all: row.approvals_needed ?? 0 })],
                    [t("Result"), row.result ? <span key="result" className="ak-text">{row.result}</span> : null],
                  ]}
                />
              </Card>
              <Decisions request={row} />
              <Card title={t("Files")}>
                <Attachments request={row} onChange={refresh} />
              </Card>
            </>
          }
        />
      )}
    </One>
  );
}
