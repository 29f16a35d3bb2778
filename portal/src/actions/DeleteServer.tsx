// SPDX-License-Identifier: Apache-2.0
import { deleteServer, type Server } from "../api/compute";
import { NC_, t, tc } from "../i18n";
import { taskName } from "../pages/servers/states";
import { ConfirmDialog } from "../ui/dialogs";
import type { Action } from "./action";

export const deleteServerAction: Action<Server> = {
  key: "delete",
  label: NC_("verb", "Delete"),
  isDanger: true,
  isAllowed: (server) => taskName(server) !== "deleting" && server.status !== "DELETED",
  run: (server, { openDialog, notify, refresh, navigate }) => {
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Delete {name}?", { name: server.name })}
        action={tc("verb", "Delete")}
        failure={t("{name} could not be deleted.", { name: server.name })}
        work={async () => {
          await deleteServer(server.id);
          notify.success(t("{name} is being deleted.", { name: server.name }));
          navigate("/servers");
          await refresh(server.id);
        }}
      >
        {t("The server and everything on its disk are deleted. This cannot be undone.")}
      </ConfirmDialog>,
    );
  },
};
