// SPDX-License-Identifier: Apache-2.0
/* The table of actions on a server, in the order of the menu. */
import { useLocation } from "wouter";
import type { Server } from "../api/compute";
import type { Policy } from "../api/routes";
import type { Verb } from "../api/service";
import { useMay, useVerbs } from "../auth/me";
import { t, tr } from "../i18n";
import { useRefreshServers } from "../pages/servers/queries";
import { requestPath } from "../pages/verbs";
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

/* which verb of the class an action is, or which policy where the class says nothing of it */
const VERBS: Record<string, Verb> = {
  start: "server.power",
  stop: "server.power",
  reboot: "server.power",
  delete: "server.delete",
};

const POLICIES: Record<string, Policy> = { rename: "compute:server:update" };

/** The actions bound to a server, as menu items. What the class keeps to the provider leads to the request form; what it
 *  does not offer, and what one's role does not allow, is not there. */
export function useServerActions(): (server: Server) => MenuAction[] {
  const openDialog = useDialog();
  const notify = useNotify();
  const refresh = useRefreshServers();
  const [, navigate] = useLocation();
  const may = useMay();
  const verbMode = useVerbs();
  const canAsk = may("request:message:create") && may("compute:server:update");
  const context = { openDialog, notify, refresh, navigate };
  const modeOf = (key: string) => {
    const verb = VERBS[key];
    const policy = POLICIES[key];
    if (verb === undefined) {
      return policy === undefined || may(policy) ? "self" : "none";
    }
    const mode = verbMode(verb);
    return mode === "self" || (mode === "request" && canAsk) ? mode : "none";
  };
  return (server) =>
    SERVER_ACTIONS.filter((action) => modeOf(action.key) !== "none").map((action) => {
      const verb = VERBS[action.key];
      return verb !== undefined && modeOf(action.key) === "request"
        ? {
            key: action.key,
            label: t("Request: {action}", { action: tr(action.label) }),
            isDisabled: !action.isAllowed(server),
            onSelect: () => navigate(`${requestPath(verb)}&server=${server.id}`),
          }
        : {
            key: action.key,
            label: tr(action.label),
            isDanger: action.isDanger ?? false,
            isDisabled: !action.isAllowed(server),
            onSelect: () => action.run(server, context),
          };
    });
}
