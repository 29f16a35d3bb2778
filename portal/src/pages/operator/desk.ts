// SPDX-License-Identifier: Apache-2.0
/* What is open at the service desk, for all customers: one call for requests and one for incidents, shared by the overview
 * and the numbers in the navigation. */
import { useQuery } from "@tanstack/react-query";
import { listAllRequests, listOperatorIncidents, type OperatorIncident } from "../../api/operator";
import type { Page } from "../../api/own";
import type { ServiceRequest } from "../../api/request";
import { useMay } from "../../auth/me";
import { t, tn } from "../../i18n";
import type { NavigationItem } from "../../ui/Shell";

export const DESK_MS = 30_000;
const LIMIT = 100;

/** The first of the rows is the most urgent. */
export const byDue = <T>(page: Page<T>, due: (row: T) => string | null): Page<T> => ({
  ...page,
  rows: [...page.rows].sort((a, b) => (due(a) ?? "9").localeCompare(due(b) ?? "9")),
});

/** What is owed to the customers next. */
export const incidentDue = (row: OperatorIncident): string | null => (row.notified_at ? null : row.notify_due_at) ?? row.update_due_at ?? row.report_due_at ?? null;
const isLate = (row: OperatorIncident) => Boolean((row.overdue && !row.notified_at) || row.update_overdue_at || row.report_overdue_at);

/** Those that wait for an operator. */
export const readOpenRequests = async () =>
  byDue(await listAllRequests({ state: ["submitted", "in_review", "approved", "failed"], limit: LIMIT }), (row) => row.due_at);
export const readOpenIncidents = async () =>
  byDue(await listOperatorIncidents({ state: ["received", "triage", "confirmed", "mitigated", "resolved"], limit: LIMIT }), incidentDue);

function badgeOf<T>(page: Page<T> | undefined, late: (row: T) => boolean): NavigationItem["badge"] {
  const count = page?.rows.length ?? 0;
  const n = page?.rows.filter(late).length ?? 0;
  return {
    count,
    isMore: Boolean(page?.next),
    isLate: n > 0,
    text: n > 0 ? t("{n} open, {late} overdue", { n: String(count), late: String(n) }) : tn("{n} open", "{n} open", count),
  };
}

/** By the address of the room; nothing for who may not see them. */
export function useDeskBadges(isLoggedIn: boolean): Record<string, NavigationItem["badge"]> {
  const may = useMay();
  const options = { refetchInterval: DESK_MS, staleTime: DESK_MS / 2 };
  const requests = useQuery({ queryKey: ["operator", "overview", "requests"], queryFn: readOpenRequests, enabled: isLoggedIn && may("request:request:list"), ...options });
  const incidents = useQuery({ queryKey: ["operator", "overview", "incidents"], queryFn: readOpenIncidents, enabled: isLoggedIn && may("incident:incident:list_all"), ...options });
  return {
    "/requests": badgeOf<ServiceRequest>(requests.data, (row) => row.overdue),
    "/incidents": badgeOf(incidents.data, isLate),
  };
}
