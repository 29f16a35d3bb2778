// SPDX-License-Identifier: Apache-2.0
/* The table of actions on a server, in the order of the menu. */
import { useLocation } from "wouter";
import type { Server } from "../api/compute";
import { tr } from "../i18n";
import { useRefreshServers } from "../pages/servers/queries";
import type { MenuAction } from "../ui/ActionsMenu";
import { useDialog } from "../ui/dialogs";
import { useNotify } from "../ui/notify";
import type { Action } from "./action";
import { deleteServerAction } from "./DeleteServer";
import { rebootServerAction } from "./RebootServer";
import { renameServerAction } from "./RenameServer";
import { startServerAction } from "./StartServer";
import { stopServerAction } from "./StopServer";

export const SERVER_ACTIONS: Action<Server>[] = [
  startServerAction,
  stopServerAction,
  rebootServerAction,
  renameServerAction,
  deleteServerAction,
];

/** The actions bound to a server, as menu items. */
export function useServerActions(): (server: Server) => MenuAction[] {
  const openDialog = useDialog();
  const notify = useNotify();
  const refresh = useRefreshServers();
  const [, navigate] = useLocation();
  const context = { openDialog, notify, refresh, navigate };
  return (server) =>
    SERVER_ACTIONS.map((action) => ({
      key: action.key,
      label: tr(action.label),
      isDanger: action.isDanger ?? false,
      isDisabled: !action.isAllowed(server),
      onSelect: () => action.run(server, context),
    }));
}
