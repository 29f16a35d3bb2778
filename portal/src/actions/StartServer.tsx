// SPDX-License-Identifier: Apache-2.0
import { startServer, type Server } from "../api/compute";
import { NC_, t } from "../i18n";
import { taskName } from "../pages/servers/states";
import type { Action } from "./action";

/* servers whose start was asked for, until the page knows of it: a second press means the same */
const underWay = new Set<string>();

export const startServerAction: Action<Server> = {
  key: "start",
  label: NC_("verb", "Start"),
  isAllowed: (server) => server.status === "SHUTOFF" && taskName(server) === null,
  run: (server, { notify, refresh }) => {
    if (underWay.has(server.id)) {
      return;
    }
    underWay.add(server.id);
    void startServer(server.id)
      .then(() => refresh(), (error: unknown) => notify.failure(t("{name} could not be started.", { name: server.name }), error))
      .finally(() => underWay.delete(server.id));
  },
};
