// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { renameServer, type Server } from "../api/compute";
import { NC_, t, tc } from "../i18n";
import { FormDialog } from "../ui/dialogs";
import { TextField } from "../ui/fields";
import type { Action } from "./action";

function RenameDialog({ server, refresh }: { server: Server; refresh: () => Promise<void> }) {
  const [name, setName] = useState(server.name);
  return (
    <FormDialog
      title={t("Rename {name}", { name: server.name })}
      action={tc("verb", "Rename")}
      failure={t("{name} could not be renamed.", { name: server.name })}
      isValid={name.trim() !== ""}
      work={async () => {
        await renameServer(server.id, name.trim());
        await refresh();
      }}
    >
      <TextField label={t("Name")} value={name} onChange={setName} isRequired maxLength={255} />
    </FormDialog>
  );
}

export const renameServerAction: Action<Server> = {
  key: "rename",
  label: NC_("verb", "Rename"),
  isAllowed: () => true,
  run: (server, { openDialog, refresh }) => {
    openDialog(<RenameDialog server={server} refresh={refresh} />);
  },
};
