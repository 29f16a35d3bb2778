// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { rebootServer, type Server } from "../api/compute";
import { NC_, t, tc } from "../i18n";
import { taskName } from "../pages/servers/states";
import { ChoiceCards } from "../ui/ChoiceCards";
import { FormDialog } from "../ui/dialogs";
import type { Action } from "./action";

const SOFT_STATES = ["ACTIVE"];
const HARD_STATES = ["ACTIVE", "SHUTOFF", "ERROR", "PAUSED", "SUSPENDED"];

function RebootDialog({ server, refresh }: { server: Server; refresh: () => Promise<void> }) {
  const canSoft = SOFT_STATES.includes(server.status);
  const [type, setType] = useState<"SOFT" | "HARD">(canSoft ? "SOFT" : "HARD");
  return (
    <FormDialog
      title={t("Reboot {name}?", { name: server.name })}
      action={tc("verb", "Reboot")}
      failure={t("{name} could not be rebooted.", { name: server.name })}
      work={async () => {
        await rebootServer(server.id, type);
        await refresh();
      }}
    >
      <ChoiceCards
        legend={t("How")}
        name="reboot-type"
        value={type}
        onChange={(value) => setType(value === "HARD" ? "HARD" : "SOFT")}
        choices={[
          {
            value: "SOFT",
            title: t("Normal reboot"),
            detail: t("The operating system shuts down and starts again."),
            isDisabled: !canSoft,
          },
          {
            value: "HARD",
            title: t("Reset"),
            detail: t("As if the power were cut. Unsaved data is lost."),
          },
        ]}
      />
    </FormDialog>
  );
}

export const rebootServerAction: Action<Server> = {
  key: "reboot",
  label: NC_("verb", "Reboot"),
  isAllowed: (server) => HARD_STATES.includes(server.status) && taskName(server) === null,
  run: (server, { openDialog, refresh }) => {
    openDialog(<RebootDialog server={server} refresh={refresh} />);
  },
};
