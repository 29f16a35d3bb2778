// SPDX-License-Identifier: Apache-2.0
/* What was done on our objects, by us and by the provider's operators. */
import { useState } from "react";
import { listEvents } from "../../api/access";
import { t } from "../../i18n";
import { EventList } from "../../ui/EventList";
import { SelectFilter } from "../../ui/filters";
import { usePaged } from "../../ui/paged";
import { wordOptions } from "../../ui/words";

export function RecordTab() {
  const [who, setWho] = useState("operator");
  const list = usePaged(["events"], listEvents, { filters: { actor_kind: who || undefined } });
  return (
    <>
      <p className="ak-lead">{t("Everything that the provider's operators did on your objects is here; so is what your own users did.")}</p>
      <EventList
        label={t("Record of operations")}
        list={list}
        filters={<SelectFilter label={t("Who")} value={who} onChange={setWho} all={t("Everybody")} options={wordOptions("author")} />}
      />
    </>
  );
}
