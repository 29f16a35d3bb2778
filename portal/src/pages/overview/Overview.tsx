// SPDX-License-Identifier: Apache-2.0
/* What runs, and what needs me. */
import { Link } from "wouter";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMay, useMe, useVerb } from "../../auth/me";
import { listKeypairs, listServers } from "../../api/compute";
import { listNotices } from "../../api/notice";
import { customerOf, type Me, type Need } from "../../api/service";
import { both, formatNumber, formatSpan, t, tn, tr } from "../../i18n";
import { CheckCircleIcon, ServerIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { Message } from "../../ui/Message";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card, Facts } from "../../ui/ResourceDetail";
import { StateLabel } from "../../ui/StateLabel";
import { StatusLabel } from "../../ui/StatusLabel";
import { Clock } from "../../ui/times";
import { word } from "../../ui/words";
import { useOverview } from "../Frame";
import { requestPath } from "../verbs";
import { STATES } from "../servers/states";

/* the overview's words for Nova's states */
const STATE_NAMES: Record<string, string> = { building: "BUILD", stopped: "SHUTOFF" };

/** Where one does what is asked. */
export function needPath(need: Pick<Need, "kind" | "id">): string {
  const at = (root: string) => (need.id ? `${root}/${need.id}` : root);
  const kind = need.kind.replaceAll("_", "-");
  if (kind.startsWith("request")) {
    return at("/requests");
  }
  if (kind.startsWith("notice")) {
    return at("/notices");
  }
  if (kind.startsWith("incident")) {
    return at("/incidents");
  }
  if (kind.startsWith("document")) {
    return at("/documents");
  }
  if (kind.startsWith("consent") || kind.startsWith("terms")) {
    return "/contract/terms";
  }
  if (kind.startsWith("break-glass")) {
    return "/security/access";
  }
  if (kind === "termination") {
    return "/contract/end";
  }
  return kind.startsWith("contract") || kind === "legal-hold" ? "/contract" : "/security";
}

function Needs({ needs }: { needs: Need[] }) {
  if (needs.length === 0) {
    return (
      <p className="ak-done">
        <CheckCircleIcon aria-hidden="true" />
        {t("Nothing waits for you.")}
      </p>
    );
  }
  return (
    <ul className="ak-needs">
      {needs.map((need, index) => (
        <li key={`${need.kind}-${need.id ?? index}`}>
          <Link href={needPath(need)}>{both(need, "title")}</Link>
          {need.due_at ? <Clock due={need.due_at} /> : null}
        </li>
      ))}
    </ul>
  );
}

function Count({ n, children }: { n: number; children: ReactNode }) {
  return (
    <li className="ak-count">
      <span className="ak-count__n">{formatNumber(n)}</span>
      {children}
    </li>
  );
}

function Servers({ counts }: { counts: Record<string, number> }) {
  const states = Object.entries(counts).filter(([name, n]) => n > 0 && name !== "total");
  if (states.length === 0) {
    return <EmptyPanel title={t("No servers yet")} headingLevel="h3" icon={ServerIcon} />;
  }
  return (
    <ul className="ak-counts">
      {states.map(([name, n]) => {
        const state = STATES[STATE_NAMES[name] ?? name.toUpperCase()];
        return (
          <Count key={name} n={n}>
            <StatusLabel tone={state?.tone ?? "attention"} text={state ? tr(state.text) : name} />
          </Count>
        );
      })}
    </ul>
  );
}

interface Step {
  key: string;
  text: string;
  href: string;
  isDone: boolean;
}

/** The way to the first server, by what the class leaves to the customer and what one's role allows. */
function useFirstSteps(me: Me): Step[] {
  const mode = useVerb("server.create");
  const may = useMay();
  const hasKeys = mode === "self" && may("compute:keypair:manage");
  const keypairs = useQuery({ queryKey: ["keypairs"], queryFn: listKeypairs, enabled: hasKeys }).data;
  const steps: (Step | false)[] = [
    may("service:own:decide") && { key: "terms", text: t("Read the terms and agree to them"), href: "/contract/terms", isDone: me.consent_needed === false },
    { key: "factor", text: t("Protect your login with a second factor"), href: "/security", isDone: Boolean(me.mfa?.totp) || (me.mfa?.passkeys ?? 0) > 0 },
    hasKeys && { key: "key", text: t("Add your public SSH key"), href: "/keypairs", isDone: (keypairs?.length ?? 0) > 0 },
    mode === "self" && { key: "server", text: t("Create the first server"), href: "/servers/new", isDone: false },
    mode === "request" && { key: "server", text: t("Ask the provider for the first server"), href: requestPath("server.create"), isDone: false },
    { key: "guide", text: t("Find the guide among the documents"), href: "/documents", isDone: false },
  ];
  return steps.filter((step) => step !== false);
}

function FirstSteps({ me }: { me: Me }) {
  const steps = useFirstSteps(me);
  const next = steps.find((step) => !step.isDone);
  return (
    <Card title={t("First steps")}>
      <ol className="ak-first">
        {steps.map((step) => (
          <li key={step.key} className={step.isDone ? "ak-first__done" : ""} {...(step === next ? { "aria-current": "step" as const } : {})}>
            {step.isDone ? <CheckCircleIcon aria-hidden="true" /> : <span className="ak-first__dot" aria-hidden="true" />}
            <Link href={step.href}>{step.text}</Link>
            {step.isDone ? <span className="ak-muted">{t("Done")}</span> : null}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function UpcomingNotices() {
  const query = useQuery({ queryKey: ["notices", "upcoming"], queryFn: () => listNotices({ limit: 4 }) });
  const rows = query.data?.rows ?? [];
  return (
    <Card title={t("Latest notices")} actions={<Link href="/notices">{t("All notices")}</Link>}>
      {query.data && rows.length === 0 ? <p className="ak-muted">{t("There is no notice.")}</p> : null}
      <ul className="ak-needs">
        {rows.map((notice) => (
          <li key={notice.id}>
            <Link href={`/notices/${notice.id}`}>{both(notice, "title")}</Link>
            <span className="ak-muted">
              {word("noticeKind", notice.kind)}
              {notice.starts_at && notice.ends_at ? <span className="ak-list__sub">{formatSpan(notice.starts_at, notice.ends_at)}</span> : null}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/* a project without a contract: what it has, from the compute API alone */
function PlainOverview() {
  const query = useQuery({ queryKey: ["servers", "count"], queryFn: () => listServers({ limit: 1000 }) });
  const counts: Record<string, number> = {};
  for (const server of query.data?.servers ?? []) {
    counts[server.status] = (counts[server.status] ?? 0) + 1;
  }
  return (
    <>
      <PageHead title={t("Overview")} />
      <Card title={t("Servers")} actions={<Link href="/servers">{t("To the servers")}</Link>}>
        {query.isPending ? <LoadingPanel /> : <Servers counts={counts} />}
      </Card>
    </>
  );
}

export function OverviewPage() {
  const me = useMe();
  const query = useOverview();
  if (me.isPending) {
    return (
      <>
        <PageHead title={t("Overview")} />
        <LoadingPanel />
      </>
    );
  }
  if (!me.data?.contract_id) {
    return <PlainOverview />;
  }
  const { data } = me;
  const counts = query.data;
  return (
    <>
      <PageHead title={t("Overview")}>{customerOf(data)}</PageHead>
      {data.consent_needed ? (
        <Message
          kind="warning"
          className="ak-notice"
          title={t("Please read the terms of the service and agree to them.")}
          action={<LinkButton href="/contract/terms" variant="link" isInline>{t("Read the terms")}</LinkButton>}
        >
          {t("New servers can be created after that.")}
        </Message>
      ) : null}
      {query.error ? <ErrorPanel title={t("The overview could not be read.")} error={query.error} retry={() => void query.refetch()} /> : null}
      <div className="ak-cards">
        <div className="ak-cards__column">
          {counts?.servers["total"] === 0 && data.state === "active" && !data.ended ? <FirstSteps me={data} /> : null}
          <Card title={t("What needs you")}>{counts ? <Needs needs={counts.needs} /> : <LoadingPanel />}</Card>
          <UpcomingNotices />
        </div>
        <div className="ak-cards__column">
          <Card title={t("What runs")} actions={<Link href="/servers">{t("To the servers")}</Link>}>
            {counts ? <Servers counts={counts.servers} /> : <LoadingPanel />}
          </Card>
          <Card title={t("At the service desk")}>
            <ul className="ak-counts">
              <Count n={counts?.open_requests ?? 0}>
                <Link href="/requests">{tn("open request", "open requests", counts?.open_requests ?? 0)}</Link>
              </Count>
              <Count n={counts?.unread_notices ?? 0}>
                <Link href="/notices">{tn("unread notice", "unread notices", counts?.unread_notices ?? 0)}</Link>
              </Count>
              <Count n={counts?.open_incidents ?? 0}>
                <Link href="/incidents">{tn("open incident", "open incidents", counts?.open_incidents ?? 0)}</Link>
              </Count>
            </ul>
          </Card>
          <Card title={t("Contract")} actions={<Link href="/contract">{t("To the contract")}</Link>}>
            <Facts
              facts={[
                [t("Contract number"), data.contract_number],
                [t("Service"), both({ title_ja: data.class_title_ja, title_en: data.class_title_en }, "title")],
                [t("State"), data.state ? <StateLabel key="state" kind="contract" value={data.state} /> : null],
                [t("Your role"), word("role", data.role)],
              ]}
            />
          </Card>
        </div>
      </div>
    </>
  );
}

