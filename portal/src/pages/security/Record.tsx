// SPDX-License-Identifier: Apache-2.0
/* What was done on our objects, by us and by the provider's operators. */
import { useState } from "react";
import { listEvents } from "../../api/access";
import { t } from "../../i18n";
import { EventList } from "../../ui/EventList";
import { SearchFilter } from "../../ui/filters";
import { usePaged } from "../../ui/paged";

export function RecordTab() {
  const [text, setText] = useState("");
  const list = usePaged(["events"], listEvents, { filters: { q: text || undefined } });
  return (
    <>
      <p className="ak-lead">{t("Everything that the provider's operators did on your objects is here; so is what your own users did.")}</p>
      <EventList
        label={t("Record of operations")}
        list={list}
        filters={<SearchFilter label={t("Find in the record")} value={text} onChange={setText} />}
      />
    </>
  );
}
