// SPDX-License-Identifier: Apache-2.0
import type { Server } from "../../api/compute";
import { listServerEvents } from "../../api/protect";
import { useVerb } from "../../auth/me";
import { t } from "../../i18n";
import { EventList } from "../../ui/EventList";
import { usePaged } from "../../ui/paged";
import { VerbNotice } from "../verbs";

export function ServerEvents({ server }: { server: Server }) {
  const mode = useVerb("eventlog");
  const list = usePaged(["events", server.id], (query) => listServerEvents(server.id, query), { isEnabled: mode === "self" });
  return mode === "self" ? <EventList list={list} label={t("Event log")} withObject={false} /> : <VerbNotice verb="eventlog" withRole />;
}
