// SPDX-License-Identifier: Apache-2.0
import type { Server } from "../../api/compute";
import { StatusLabel } from "../../ui/StatusLabel";
import { stateText, STATES, taskName, taskText } from "./states";

export function ServerStatus({ server }: { server: Server }) {
  const task = taskName(server);
  return (
    <StatusLabel
      tone={STATES[server.status]?.tone ?? "attention"}
      text={stateText(server)}
      task={task === null ? undefined : { name: task, text: taskText(task) }}
    />
  );
}
