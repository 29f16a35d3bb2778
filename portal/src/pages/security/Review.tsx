// SPDX-License-Identifier: Apache-2.0
/* The periodic review of access rights: its result for our users. */
import { useQuery } from "@tanstack/react-query";
import { listAccessReviews, showAccessReview, type ReviewItem } from "../../api/access";
import { formatDay, localDay, t } from "../../i18n";
import { CheckCircleIcon } from "../../ui/icons";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card } from "../../ui/ResourceDetail";
import type { Column } from "../../ui/ResourceList";
import { SmallTable } from "../../ui/SmallTable";
import { StateLabel } from "../../ui/StateLabel";
import { word } from "../../ui/words";

function columnsOf(): Column<ReviewItem>[] {
  return [
    { key: "user", label: t("User"), isRowHeader: true, modifier: "breakWord", render: (row) => row.user_name },
    { key: "role", label: t("Role"), render: (row) => word("role", row.role) },
    { key: "scope", label: t("Scope"), modifier: "breakWord", render: (row) => row.scope },
    { key: "decision", label: t("Decision"), render: (row) => (row.decision ? word("decision", row.decision) : t("Not decided yet")) },
    { key: "by", label: t("Decided by"), render: (row) => row.decided_by ?? "–" },
  ];
}

const SHOWN = 4;

/* the newest ones, with the entries of our project */
async function readReviews() {
  const { rows } = await listAccessReviews({ limit: SHOWN });
  return Promise.all(rows.map((row) => showAccessReview(row.id)));
}

export function ReviewTab() {
  const query = useQuery({ queryKey: ["access-reviews"], queryFn: readReviews });
  if (query.data === undefined) {
    return query.error ? (
      <ErrorPanel title={t("The access reviews could not be read.")} error={query.error} retry={() => void query.refetch()} />
    ) : (
      <LoadingPanel />
    );
  }
  if (query.data.length === 0) {
    return (
      <EmptyPanel title={t("No access review yet")} headingLevel="h2" icon={CheckCircleIcon}>
        {t("From time to time all access rights are looked at again. What comes out is shown here.")}
      </EmptyPanel>
    );
  }
  return (
    <div className="ak-cards__column">
      {query.data.map((review) => (
        <Card key={review.id} title={review.title} actions={<StateLabel kind="review" value={review.state} />}>
          {review.due_at ? <p className="ak-lead">{t("Due by {day}", { day: formatDay(localDay(review.due_at)) })}</p> : null}
          <SmallTable label={review.title} columns={columnsOf()} rows={review.items} rowKey={(row, index) => row.id ?? String(index)} />
        </Card>
      ))}
    </div>
  );
}
