// SPDX-License-Identifier: Apache-2.0
/* What was done with the server, when, by whom: Nova's instance actions. */
import { useQuery } from "@tanstack/react-query";
import { listInstanceActions, type InstanceAction, type Server } from "../../api/compute";
import { useSession } from "../../auth/session";
import { formatTime, NC_, parseTime, t, tr } from "../../i18n";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { isBusy } from "./states";

const ACTIONS: Record<string, string> = {
  create: NC_("history", "Created"),
  delete: NC_("history", "Deleted"),
  start: NC_("history", "Started"),
  stop: NC_("history", "Stopped"),
  reboot: NC_("history", "Rebooted"),
  rebuild: NC_("history", "Rebuilt"),
  resize: NC_("history", "Resized"),
  pause: NC_("history", "Paused"),
  unpause: NC_("history", "Unpaused"),
  suspend: NC_("history", "Suspended"),
  resume: NC_("history", "Resumed"),
  shelve: NC_("history", "Shelved"),
  unshelve: NC_("history", "Unshelved"),
  createImage: NC_("history", "Image created"),
};

export function ServerHistory({ server }: { server: Server }) {
  const { session } = useSession();
  const query = useQuery({
    queryKey: ["servers", "history", server.id],
    queryFn: () => listInstanceActions(server.id),
    refetchInterval: isBusy(server) ? 3000 : false,
  });
  const who = (userId: string | null) => {
    if (userId === null) {
      return t("The system");
    }
    return userId === session?.user.id ? session.user.name : <code>{userId}</code>;
  };
  const columns: Column<InstanceAction>[] = [
    {
      key: "action",
      label: t("Action"),
      isRowHeader: true,
      render: (row) => (ACTIONS[row.action] ? tr(ACTIONS[row.action] ?? "") : row.action),
    },
    { key: "time", label: t("Time"), render: (row) => formatTime(row.start_time) },
    { key: "user", label: t("User"), modifier: "breakWord", render: (row) => who(row.user_id) },
    { key: "result", label: t("Result"), render: (row) => row.message ?? t("No error") },
    { key: "request", label: t("Request id"), modifier: "breakWord", render: (row) => <code>{row.request_id}</code> },
  ];
  const rows = query.data?.slice().sort((a, b) => parseTime(b.start_time).getTime() - parseTime(a.start_time).getTime());
  return (
    <ResourceList
      label={t("History")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.request_id}
      error={query.error}
      errorTitle={t("The history could not be read.")}
      retry={() => void query.refetch()}
      empty={<EmptyPanel title={t("Nothing has been done yet.")} headingLevel="h2" />}
    />
  );
}
