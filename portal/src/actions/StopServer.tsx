// SPDX-License-Identifier: Apache-2.0
import { stopServer, type Server } from "../api/compute";
import { NC_, t, tc } from "../i18n";
import { taskName } from "../pages/servers/states";
import { ConfirmDialog } from "../ui/dialogs";
import type { Action } from "./action";

export const stopServerAction: Action<Server> = {
  key: "stop",
  label: NC_("verb", "Stop"),
  isAllowed: (server) => (server.status === "ACTIVE" || server.status === "ERROR") && taskName(server) === null,
  run: (server, { openDialog, refresh }) => {
    openDialog(
      <ConfirmDialog
        title={t("Stop {name}?", { name: server.name })}
        action={tc("verb", "Stop")}
        failure={t("{name} could not be stopped.", { name: server.name })}
        work={async () => {
          await stopServer(server.id);
          await refresh();
        }}
      >
        {t("The server is shut down. Its disk and addresses are kept, and it can be started again.")}
      </ConfirmDialog>,
    );
  },
};
