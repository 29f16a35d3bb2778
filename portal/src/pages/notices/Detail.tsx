// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { acknowledgeNotice, showNotice, type Notice } from "../../api/notice";
import { both, formatWhen, t, tc } from "../../i18n";
import { CheckIcon } from "../../ui/icons";
import { Message } from "../../ui/Message";
import { NotFoundPage } from "../../ui/NotFound";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { LoadingPanel } from "../../ui/panels";
import { Card, Facts } from "../../ui/ResourceDetail";
import { StateLabel } from "../../ui/StateLabel";
import { Moment } from "../../ui/times";
import { word } from "../../ui/words";

const parent = () => ({ href: "/notices", title: t("Notices") });

function AckButton({ notice }: { notice: Notice }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  if (!notice.needs_ack || notice.acknowledged_at) {
    return null;
  }
  const run = async () => {
    setBusy(true);
    try {
      await acknowledgeNotice(notice.id);
      await Promise.all([queries.invalidateQueries({ queryKey: ["notices"] }), queries.invalidateQueries({ queryKey: ["overview"] })]);
      notify.success(t("The notice is acknowledged."));
    } catch (error) {
      notify.failure(t("The notice could not be acknowledged."), error);
    }
    setBusy(false);
  };
  return (
    <Button variant="primary" icon={<CheckIcon />} isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")} onClick={() => void run()}>
      {tc("verb", "Acknowledge")}
    </Button>
  );
}

function Servers({ servers }: { servers: NonNullable<Notice["servers"]> }) {
  if (servers.length === 0) {
    return <p className="ak-muted">{t("None of your servers is affected.")}</p>;
  }
  return (
    <ul className="ak-needs">
      {servers.map((server) => {
        const { id, name } = typeof server === "string" ? { id: server, name: server } : server;
        return (
          <li key={id}>
            <Link href={`/servers/${id}`}>{name}</Link>
          </li>
        );
      })}
    </ul>
  );
}

export function NoticeDetailPage({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["notices", "one", id], queryFn: () => showNotice(id) });
  const notice = query.data;
  if (notice === undefined) {
    return query.error ? (
      <NotFoundPage error={query.error} retry={() => void query.refetch()} parent={parent()} title={t("Notice")} failure={t("The notice could not be read.")} />
    ) : (
      <>
        <PageHead title={t("Notice")} parent={parent()} />
        <LoadingPanel />
      </>
    );
  }
  return (
    <>
      <PageHead title={both(notice, "title")} parent={parent()} status={<StateLabel kind="notice" value={notice.state} />} actions={<AckButton notice={notice} />} />
      {notice.emergency ? (
        <Message kind="warning" className="ak-notice" title={t("This was urgent work, announced without the agreed lead time.")} />
      ) : null}
      <div className="ak-cards ak-cards--main">
        <Card title={t("Content")}>
          <p className="ak-text">{both(notice, "body")}</p>
        </Card>
        <div className="ak-cards__column">
          <Card title={t("Particulars")}>
            <Facts
              facts={[
                [t("Number"), notice.number],
                [t("Kind"), word("noticeKind", notice.kind)],
                [t("Time of the work"), formatWhen(notice)],
                [t("Impact"), notice.impact ? word("impact", notice.impact) : null],
                [t("Published"), notice.published_at ? <Moment key="p" at={notice.published_at} /> : null],
                [t("Acknowledged"), notice.acknowledged_at ? <Moment key="a" at={notice.acknowledged_at} /> : null],
              ]}
            />
          </Card>
          {notice.kind === "maintenance" || (notice.servers?.length ?? 0) > 0 ? (
            <Card title={t("Your affected servers")}>
              <Servers servers={notice.servers ?? []} />
            </Card>
          ) : null}
        </div>
      </div>
    </>
  );
}
