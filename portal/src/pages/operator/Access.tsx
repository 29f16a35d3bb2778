// SPDX-License-Identifier: Apache-2.0
/* Who may what, until when, from where: privileges, break-glass, areas, reviews of rights. */
import { Button } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { listAccessReviews, listAreas, listBreakGlass, showAccessReview, type AccessReview, type Area, type BreakGlass, type Privilege, type ReviewItem } from "../../api/access";
import { act, decideItem, listPrivileges } from "../../api/operator";
import { own, type Route } from "../../api/own";
import type { Field } from "../../api/request";
import { useMay } from "../../auth/me";
import { both, N_, NC_, t, tc } from "../../i18n";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { FormFromFields, problemsOf, valuesOf, type Draft } from "../../ui/FormFromFields";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { ResourceDetail } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { ShortId } from "../../ui/ShortId";
import { StateLabel } from "../../ui/StateLabel";
import { word, wordOptions } from "../../ui/words";
import { choices, dash, field, IfMay, moment, One, Room, useProjects, type Values, type Verb, Verbs, wordsOf } from "./kit";

interface AskProps {
  title: string;
  fields: Field[];
  route: Route;
  envelope: string;
  name: string;
  first?: Draft;
  body?: (values: Values) => Record<string, unknown>;
}

/* A form that makes one object: POST with its envelope. */
function AskDialog({ title, fields, route, envelope, name, first = {}, body = (values) => values }: AskProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState<Draft>(first);
  return (
    <FormDialog
      title={title}
      action={title}
      failure={t("It could not be done.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0}
      work={async () => {
        await own(route, [], { body: { [envelope]: body(valuesOf(fields, draft)) } });
        notify.success(t("Done: {verb}", { verb: title }));
        await queries.invalidateQueries({ queryKey: ["operator", name] });
      }}
    >
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
    </FormDialog>
  );
}

const comment = () => [field("comment", t("Comment"), "longtext")];
const hours = () => field("hours", t("Hours"), "integer", { required: true, help: t("At most 72, from the approval on.") });
const reason = (help?: string) => field("reason", t("Reason"), "longtext", { required: true, ...(help ? { help } : {}) });
const ticket = () => field("ticket", t("Ticket"), "text", { help: t("Number of the request, change or incident behind it.") });

const GLASS_POLICIES = {
  privileges: ["access:privilege:decide", "access:privilege:decide"],
  "break-glass": ["access:break_glass:approve", "access:break_glass:end"],
} as const;

/* The decisions on a wish for access: privileges and break-glass have the same paths and states. */
const decisionVerbs = <T extends { id: string; state: string }>(root: "privileges" | "break-glass"): Verb<T>[] =>
  (
    [
      ["approve", NC_("verb", "Approve"), "requested"],
      ["refuse", NC_("verb", "Refuse"), "requested"],
      ["revoke", NC_("verb", "End it now"), "active"],
    ] as const
  ).map(([key, label, state]) => ({
    key,
    label,
    isPrimary: key === "approve",
    policy: GLASS_POLICIES[root][key === "approve" ? 0 : 1],
    isAllowed: (row) => row.state === state,
    fields: comment,
    run: (row, values) => act(`POST /service/v1/${root}/{}/${key}`, row.id, "decision", values),
  }));

/* ---- Privileges -------------------------------------------------------------------------------- */

const PRIVILEGE_VERBS = decisionVerbs<Privilege>("privileges");

function Privileges() {
  const openDialog = useDialog();
  const title = tc("verb", "Ask for a privilege");
  const fields = [
    field("role", t("Role"), "choice", { required: true, choices: choices(wordOptions("role", ["operator", "privileged", "officer", "auditor", "analyst"])) }),
    hours(),
    reason(),
    ticket(),
  ];
  const columns: Column<Privilege>[] = [
    { key: "who", label: t("Who"), isRowHeader: true, render: (row) => row.user_name },
    { key: "role", label: t("Role"), render: (row) => word("role", row.role) },
    { key: "reason", label: t("Reason"), modifier: "breakWord", width: 30, render: (row) => row.reason },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="privilege" value={row.state} /> },
    { key: "by", label: t("Approved by"), render: (row) => dash(row.approved_by) },
    { key: "until", label: t("Until"), modifier: "nowrap", render: (row) => moment(row.expires_at) ?? "–" },
  ];
  return (
    <>
      <div className="ak-actions">
        <IfMay policy="access:privilege:create">
          <Button variant="primary" onClick={() => openDialog(<AskDialog title={title} fields={fields} route="POST /service/v1/privileges" envelope="privilege" name="privileges" />)}>
            {title}
          </Button>
        </IfMay>
      </div>
      <Room
        isPart
        title={t("Privileges")}
        name="privileges"
        read={listPrivileges}
        rowKey={(row) => row.id}
        columns={columns}
        rowActions={(row) => <Verbs isMenu row={row} name={row.user_name} verbs={PRIVILEGE_VERBS} refresh={[["operator", "privileges"], ["operator", "overview"]]} />}
        empty={t("Nobody has asked for a privilege.")}
      />
    </>
  );
}

/* ---- Break-glass ------------------------------------------------------------------------------- */

const GLASS_VERBS = decisionVerbs<BreakGlass>("break-glass");

function Glasses() {
  const openDialog = useDialog();
  const title = tc("verb", "Ask for break-glass access");
  const projects = useProjects();
  const fields = [
    field("project_id", t("Customer"), "choice", { required: true, choices: choices(projects) }),
    field("server_id", t("Server"), "text", { help: t("Identifier; empty: all of the project.") }),
    hours(),
    reason(t("The customer reads it.")),
    ticket(),
  ];
  const columns: Column<BreakGlass>[] = [
    { key: "who", label: t("Who"), isRowHeader: true, render: (row) => row.requested_by },
    { key: "reason", label: t("Reason"), modifier: "breakWord", width: 30, render: (row) => row.reason },
    { key: "project", label: t("Customer"), modifier: "breakWord", render: (row) => projects.find((one) => one.value === row.project_id)?.label ?? <ShortId value={row.project_id} /> },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="breakGlassStaff" value={row.state} /> },
    { key: "by", label: t("Decisions"), modifier: "breakWord", render: (row) => row.approvals.map((one) => `${one.user_name}: ${word("decision", one.decision)}`).join("、") || "–" },
    { key: "until", label: t("Until"), modifier: "nowrap", render: (row) => moment(row.expires_at) ?? "–" },
  ];
  return (
    <>
      <div className="ak-actions">
        <IfMay policy="access:break_glass:create">
          <Button variant="primary" onClick={() => openDialog(<AskDialog title={title} fields={fields} route="POST /service/v1/break-glass" envelope="break_glass" name="glasses" />)}>
            {title}
          </Button>
        </IfMay>
      </div>
      <Room
        isPart
        title={t("Break-glass access")}
        name="glasses"
        read={listBreakGlass}
        rowKey={(row) => row.id}
        columns={columns}
        rowActions={(row) => <Verbs isMenu row={row} name={row.requested_by} verbs={GLASS_VERBS} refresh={[["operator", "glasses"], ["operator", "overview"]]} />}
        empty={t("Nobody has asked for it.")}
      />
    </>
  );
}

/* ---- Areas and allow-lists --------------------------------------------------------------------- */

const cidrs = () => field("cidrs", t("Addresses"), "longtext", { help: t("Addresses or ranges, with commas or lines between them.") });

const AREA_VERBS: Verb<Area>[] = [
  {
    key: "change",
    label: NC_("verb", "Change"),
    policy: "access:area:manage",
    isAllowed: () => true,
    fields: () => [field("name_ja", t("Name in Japanese"), "text", { required: true }), field("name_en", t("Name in English"), "text", { required: true }), cidrs()],
    draft: (row) => ({ name_ja: row.name_ja, name_en: row.name_en, cidrs: row.cidrs.join("\n") }),
    run: (row, values) => own("PATCH /service/v1/areas/{}", [row.id], { body: { area: { ...values, cidrs: wordsOf(values["cidrs"]) } } }),
  },
  {
    key: "delete",
    label: NC_("verb", "Delete"),
    isDanger: true,
    policy: "access:area:manage",
    isAllowed: () => true,
    run: (row) => own("DELETE /service/v1/areas/{}", [row.id]),
  },
];

function Areas() {
  const openDialog = useDialog();
  const add = tc("verb", "Add an area");
  const limit = tc("verb", "Set an allow-list");
  const columns: Column<Area>[] = [
    {
      key: "name",
      label: t("Area"),
      isRowHeader: true,
      render: (row) => (
        <>
          {both(row, "name")}
          <span className="ak-list__sub">{row.slug}</span>
        </>
      ),
    },
    { key: "cidrs", label: t("Addresses"), modifier: "breakWord", render: (row) => (row.cidrs.length > 0 ? row.cidrs.join(", ") : t("None: nobody is inside")) },
  ];
  return (
    <>
      <div className="ak-actions">
        <IfMay policy="access:area:manage">
          <Button
            variant="primary"
            onClick={() =>
              openDialog(
                <AskDialog
                  title={add}
                  fields={[
                    field("slug", t("Short name"), "text", { required: true, help: t("As service classes name it: small letters and hyphens.") }),
                    field("name_ja", t("Name in Japanese"), "text", { required: true }),
                    field("name_en", t("Name in English"), "text", { required: true }),
                    cidrs(),
                  ]}
                  route="POST /service/v1/areas"
                  envelope="area"
                  name="areas"
                  body={(values) => ({ ...values, cidrs: wordsOf(values["cidrs"]) })}
                />,
              )
            }
          >
            {add}
          </Button>
        </IfMay>
        <IfMay policy="access:sources:update">
          <Button variant="secondary" onClick={() => openDialog(<AllowListDialog title={limit} />)}>
            {limit}
          </Button>
        </IfMay>
      </div>
      <Room
        isPart
        title={t("Areas")}
        name="areas"
        read={async () => ({ rows: await listAreas(), next: null })}
        rowKey={(row) => row.id}
        columns={columns}
        rowActions={(row) => <Verbs isMenu row={row} name={both(row, "name")} verbs={AREA_VERBS} refresh={[["operator", "areas"]]} />}
        empty={t("There is no area yet.")}
      />
    </>
  );
}

function AllowListDialog({ title }: { title: string }) {
  const notify = useNotify();
  const projects = useProjects();
  const [draft, setDraft] = useState<Draft>({});
  const fields = [
    field("project_id", t("Customer"), "choice", { required: true, choices: choices(projects) }),
    field("cidrs", t("Addresses"), "longtext", { help: t("Addresses or ranges the portal and the API serve this customer from. Empty: from anywhere.") }),
  ];
  return (
    <FormDialog
      title={title}
      action={title}
      failure={t("It could not be done.")}
      isValid={Object.keys(problemsOf(fields, draft)).length === 0}
      work={async () => {
        const list = wordsOf(draft["cidrs"]);
        await own("PUT /service/v1/allow-list/{}", [(draft["project_id"] ?? "").trim()], {
          body: { allow_list: list.length > 0 ? { cidrs: list } : { anywhere: true } },
        });
        notify.success(t("Done: {verb}", { verb: title }));
      }}
    >
      <FormFromFields fields={fields} draft={draft} onChange={setDraft} problems={{}} lists={{}} />
    </FormDialog>
  );
}

/* ---- Reviews ----------------------------------------------------------------------------------- */

function Reviews() {
  const openDialog = useDialog();
  const title = tc("verb", "Open a review");
  const columns: Column<AccessReview>[] = [
    { key: "title", label: t("Review"), isRowHeader: true, modifier: "breakWord", render: (row) => <Link href={`/access/reviews/${row.id}`}>{row.title}</Link> },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="review" value={row.state} /> },
    { key: "left", label: t("Undecided"), render: (row) => String(row.undecided ?? 0) },
    { key: "due", label: t("Deadline"), modifier: "nowrap", render: (row) => moment(row.due_at) ?? "–" },
  ];
  return (
    <>
      <div className="ak-actions">
        <IfMay policy="access:review:decide">
          <Button
            variant="primary"
            onClick={() => openDialog(<AskDialog title={title} fields={[field("title", t("Title"), "text", { required: true })]} route="POST /service/v1/access-reviews" envelope="access_review" name="reviews" />)}
          >
            {title}
          </Button>
        </IfMay>
      </div>
      <Room isPart title={t("Access reviews")} name="reviews" read={listAccessReviews} rowKey={(row) => row.id} columns={columns} empty={t("There is no review yet.")} />
    </>
  );
}

const REVIEW_VERBS: Verb<AccessReview>[] = [
  {
    key: "close",
    label: NC_("verb", "Complete the review"),
    isPrimary: true,
    text: N_("What is marked for removal is taken away now."),
    policy: "access:review:decide",
    isAllowed: (row) => row.state === "open",
    run: (row) => act("POST /service/v1/access-reviews/{}/close", row.id),
  },
];

function Decide({ review, item }: { review: AccessReview; item: ReviewItem }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const may = useMay();
  const decide = (decision: "keep" | "remove") => async () => {
    try {
      await decideItem(review.id, item.id ?? "", decision);
      await queries.invalidateQueries({ queryKey: ["operator", "reviews"] });
    } catch (error) {
      notify.failure(t("It could not be done."), error);
    }
  };
  if (review.state !== "open" || !may("access:review:decide")) {
    return <>{item.decision ? word("decision", item.decision) : "–"}</>;
  }
  return (
    <span className="ak-actions">
      <Button variant={item.decision === "keep" ? "primary" : "secondary"} size="sm" aria-pressed={item.decision === "keep"} aria-label={t("{verb}: {role}, {name}", { verb: tc("verb", "Keep"), role: word("role", item.role), name: item.user_name })} onClick={() => void decide("keep")()}>
        {tc("verb", "Keep")}
      </Button>
      <Button variant={item.decision === "remove" ? "danger" : "secondary"} size="sm" aria-pressed={item.decision === "remove"} aria-label={t("{verb}: {role}, {name}", { verb: tc("verb", "Remove"), role: word("role", item.role), name: item.user_name })} onClick={() => void decide("remove")()}>
        {tc("verb", "Remove")}
      </Button>
    </span>
  );
}

export function ReviewPage({ id }: { id: string }) {
  const parent = { href: "/access/reviews", title: t("Access reviews") };
  return (
    <One name="reviews" id={id} read={showAccessReview} parent={parent} title={t("Review")}>
      {(row) => (
        <>
          <PageHead title={row.title} parent={parent} status={<StateLabel kind="review" value={row.state} />} actions={<Verbs row={row} name={row.title} verbs={REVIEW_VERBS} refresh={[["operator", "reviews"]]} />} />
          <section className="ak-card ak-card__pad">
            <SmallTable
              label={t("Rights")}
              rows={row.items}
              rowKey={(item, index) => item.id ?? String(index)}
              columns={[
                { key: "who", label: t("Who"), isRowHeader: true, render: (item) => item.user_name },
                { key: "role", label: t("Role"), render: (item) => word("role", item.role) },
                { key: "scope", label: t("Project"), render: (item) => item.scope },
                { key: "by", label: t("Decided by"), render: (item) => dash(item.decided_by) },
                { key: "decision", label: t("Decision"), render: (item) => <Decide review={row} item={item} /> },
              ]}
            />
          </section>
        </>
      )}
    </One>
  );
}

export function AccessRoom({ tab }: { tab: string }) {
  const [location] = useLocation();
  return (
    <ResourceDetail
      key={location}
      base="/access"
      current={tab}
      tabsLabel={t("Access rights")}
      head={<PageHead title={t("Access rights")} />}
      tabs={[
        { path: "", title: t("Privileges"), render: () => <Privileges /> },
        { path: "break-glass", title: t("Break-glass access"), render: () => <Glasses /> },
        { path: "areas", title: t("Areas and allow-lists"), render: () => <Areas /> },
        { path: "reviews", title: t("Access reviews"), render: () => <Reviews /> },
      ]}
    />
  );
}
