// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "wouter";
import { createFeed, listNotices, showFeed, type Notice } from "../../api/notice";
import { both, formatDay, formatWhen, localDay, t, tc } from "../../i18n";
import { Copyable } from "../../ui/Copyable";
import { ConfirmDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { SelectFilter } from "../../ui/filters";
import { BellIcon, CalendarAltIcon } from "../../ui/icons";
import { useNotify } from "../../ui/notify";
import { useOneAtATime } from "../../ui/oneAtATime";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { StateLabel } from "../../ui/StateLabel";
import { StatusLabel } from "../../ui/StatusLabel";
import { Ago } from "../../ui/times";
import { word, wordOptions } from "../../ui/words";

export function Acknowledged({ notice }: { notice: Pick<Notice, "needs_ack" | "acknowledged_at"> }) {
  if (!notice.needs_ack) {
    return <span className="ak-muted">{t("Not needed")}</span>;
  }
  return notice.acknowledged_at ? (
    <StatusLabel tone="good" text={tc("state", "Acknowledged")} />
  ) : (
    <StatusLabel tone="attention" text={t("Please acknowledge")} />
  );
}

function columnsOf(): Column<Notice>[] {
  return [
    {
      key: "title",
      label: t("Notice"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          <Link href={`/notices/${row.id}`}>{both(row, "title")}</Link>
          <span className="ak-list__sub">
            {row.number} {row.emergency ? t("Emergency") : null}
          </span>
        </>
      ),
    },
    { key: "kind", label: t("Kind"), modifier: "nowrap", render: (row) => word("noticeKind", row.kind) },
    { key: "state", label: t("State"), render: (row) => <StateLabel kind="notice" value={row.state} /> },
    {
      key: "when",
      label: t("Time of the work"),
      render: (row) => (formatWhen(row) ? <span className="ak-when">{formatWhen(row)}</span> : <span className="ak-muted">–</span>),
    },
    { key: "ack", label: t("Acknowledgement"), render: (row) => <Acknowledged notice={row} /> },
    { key: "published", label: t("Published"), modifier: "nowrap", render: (row) => (row.published_at ? <Ago at={row.published_at} /> : null) },
  ];
}

function CalendarButton() {
  const openDialog = useDialog();
  const notify = useNotify();
  const make = async () => {
    const { url } = await createFeed();
    openDialog(
      <InfoDialog title={t("Calendar of the notices")}>
        <p className="ak-lead">{t("Subscribe to this address in your calendar: planned work appears there by itself. Whoever knows the address can read your notices, so keep it to yourselves.")}</p>
        <p className="ak-break"><Copyable value={url} /></p>
      </InfoDialog>,
    );
  };
  /* the address is shown only when it is made: who has one already is asked first */
  const open = useOneAtATime(async () => {
    const feed = await showFeed().catch(() => null);
    if (feed === null) {
      await make().catch((error: unknown) => notify.failure(t("The address of the calendar could not be made."), error));
      return;
    }
    openDialog(
      <ConfirmDialog
        title={t("Make a new address of the calendar?")}
        action={t("Make a new address")}
        failure={t("The address of the calendar could not be made.")}
        work={make}
      >
        {t("You subscribed on {day}. That address is not shown again; a new one replaces it, and calendars with the old one stop.", { day: formatDay(localDay(feed.created_at)) })}
      </ConfirmDialog>,
    );
  });
  return (
    <Button variant="secondary" icon={<CalendarAltIcon />} onClick={open}>
      {t("Subscribe to the calendar")}
    </Button>
  );
}

export function NoticeListPage() {
  const [kind, setKind] = useState("");
  const list = usePaged(["notices"], listNotices, { filters: { kind: kind || undefined } });
  const isPristine = list.rows?.length === 0 && !kind && !list.paging.hasPrevious;
  return (
    <>
      <PageHead title={t("Notices")} actions={<CalendarButton />} />
      <ResourceList
        label={t("Notices")}
        columns={columnsOf()}
        {...list}
        rowKey={(row) => row.id}
        errorTitle={t("The notices could not be read.")}
        filters={
          isPristine ? null : <SelectFilter label={t("Kind")} value={kind} onChange={setKind} all={t("All kinds")} options={wordOptions("noticeKind")} />
        }
        empty={
          <EmptyPanel title={kind ? t("No notice is of this kind.") : t("No notices yet")} headingLevel="h2" icon={BellIcon}>
            {kind ? null : t("Maintenance and changes that touch you are announced here, and by mail to your contacts.")}
          </EmptyPanel>
        }
      />
    </>
  );
}
