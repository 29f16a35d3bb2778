// SPDX-License-Identifier: Apache-2.0
/* From where one may come, and the provider's wish to look into what is ours: to consent or to refuse. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { decideBreakGlass, listAreas, listBreakGlass, showAllowList, type BreakGlass } from "../../api/access";
import { useMay, useMe } from "../../auth/me";
import { both, formatMinute, t, tc } from "../../i18n";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { TextAreaField } from "../../ui/fields";
import { LockIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { usePaged } from "../../ui/paged";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card } from "../../ui/ResourceDetail";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { StateLabel } from "../../ui/StateLabel";
import { Moment } from "../../ui/times";
import { word } from "../../ui/words";

function AllowListCard() {
  const query = useQuery({ queryKey: ["allow-list"], queryFn: showAllowList });
  const source = useMe().data?.source;
  if (query.data === undefined) {
    return (
      <Card title={t("Allowed sources")}>
        {query.error ? <ErrorPanel title={t("The allowed sources could not be read.")} error={query.error} /> : <LoadingPanel />}
      </Card>
    );
  }
  const { cidrs, updated_at } = query.data;
  const isAnywhere = query.data.anywhere ?? cidrs.length === 0;
  return (
    <Card title={t("Allowed sources")}>
      {isAnywhere ? (
        <p>{t("You may come from everywhere.")}</p>
      ) : (
        <>
          <p className="ak-lead">{t("The portal and the API answer only to these addresses.")}</p>
          <ul className="ak-codes">
            {cidrs.map((cidr) => (
              <li key={cidr}>
                <code>{cidr}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="ak-hint">
        {updated_at ? t("Changed at {time}.", { time: formatMinute(updated_at) }) : null} {source ? t("You come from {source}.", { source }) : null}
      </p>
      <LinkButton href="/requests/new?kind=access-restriction" variant="link" isInline>
        {t("Request a change")}
      </LinkButton>
    </Card>
  );
}

function AreaCard() {
  const query = useQuery({ queryKey: ["areas"], queryFn: listAreas });
  const mine = useMe().data?.areas ?? [];
  const rows = query.data ?? [];
  return (
    <Card title={t("Areas")}>
      <p className="ak-lead">{t("Some things can be used only from agreed places, such as your office.")}</p>
      {query.data && rows.length === 0 ? <p className="ak-muted">{t("No area is agreed.")}</p> : null}
      {rows.length > 0 ? (
        <SmallTable
          label={t("Areas")}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              key: "name",
              label: t("Area"),
              isRowHeader: true,
              render: (row) => (
                <>
                  {both(row, "name")}
                  <span className="ak-list__sub ak-wrap">
                    <code>{row.cidrs.join(", ")}</code>
                  </span>
                  {mine.includes(row.slug) ? <span className="ak-list__sub">{t("You are there now")}</span> : null}
                </>
              ),
            },
            { key: "use", label: t("Needed for"), render: (row) => <span className="ak-addresses">{row.used_for.map((use) => <span key={use} className="ak-nowrap">{word("use", use)}</span>)}</span> },
          ]}
        />
      ) : null}
    </Card>
  );
}

function DecideDialog({ item, decision }: { item: BreakGlass; decision: "consent" | "refuse" }) {
  const [comment, setComment] = useState("");
  const queries = useQueryClient();
  const isConsent = decision === "consent";
  return (
    <FormDialog
      isDanger={isConsent}
      title={isConsent ? t("Consent to break-glass access?") : t("Refuse break-glass access?")}
      action={isConsent ? tc("verb", "Consent") : tc("verb", "Do not consent")}
      failure={t("Your decision could not be recorded.")}
      work={async () => {
        await decideBreakGlass(item.id, decision, comment.trim());
        await Promise.all([queries.invalidateQueries({ queryKey: ["break-glass"] }), queries.invalidateQueries({ queryKey: ["overview"] })]);
      }}
    >
      <p>
        {isConsent
          ? t("{name} can then open the console and read the disk of the server until the time is over. Everything done is recorded and shown to you.", { name: item.requested_by })
          : t("{name} cannot look into the server. The work may take longer.", { name: item.requested_by })}
      </p>
      <TextAreaField label={t("Comment (optional)")} value={comment} onChange={setComment} rows={3} maxLength={10_000} />
    </FormDialog>
  );
}

function BreakGlassList() {
  const list = usePaged(["break-glass"], listBreakGlass);
  const may = useMay();
  const openDialog = useDialog();
  const columns: Column<BreakGlass>[] = [
    {
      key: "reason",
      label: t("Reason"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          {row.reason}
          <span className="ak-list__sub">{row.ticket}</span>
        </>
      ),
    },
    { key: "who", label: t("Who"), modifier: "nowrap", render: (row) => row.requested_by },
    { key: "server", label: t("Server"), modifier: "nowrap", render: (row) => (row.server_id ? <Link href={`/servers/${row.server_id}`}>{t("Show the server")}</Link> : t("All servers")) },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="breakGlass" value={row.state} /> },
    { key: "until", label: t("Until"), modifier: "nowrap", render: (row) => (row.expires_at ? <Moment at={row.expires_at} /> : "–") },
    {
      key: "decide",
      label: t("Your decision"),
      render: (row) =>
        row.state === "requested" && may("access:break_glass:consent") ? (
          <span className="ak-row-actions">
            <Button variant="secondary" size="sm" onClick={() => openDialog(<DecideDialog item={row} decision="consent" />)}>
              {tc("verb", "Consent")}
            </Button>
            <Button variant="secondary" size="sm" onClick={() => openDialog(<DecideDialog item={row} decision="refuse" />)}>
              {tc("verb", "Do not consent")}
            </Button>
          </span>
        ) : (
          <span className="ak-muted">–</span>
        ),
    },
  ];
  return (
    <div className="ak-section">
      <h2>{t("Break-glass access")}</h2>
      <p className="ak-lead">{t("The provider's operators cannot open your consoles or read your disks. When it must be, they ask here, or two of them approve in an emergency; you see both.")}</p>
      <ResourceList
        label={t("Break-glass access")}
        columns={columns}
        {...list}
        rowKey={(row) => row.id}
        errorTitle={t("The list could not be read.")}
        empty={<EmptyPanel title={t("Nobody has asked to look into your servers.")} headingLevel="h3" icon={LockIcon} />}
      />
    </div>
  );
}

export function AccessTab() {
  return (
    <>
      <div className="ak-cards">
        <AllowListCard />
        <AreaCard />
      </div>
      <BreakGlassList />
    </>
  );
}
