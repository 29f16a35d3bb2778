// SPDX-License-Identifier: Apache-2.0
/* The signed record of a deletion, and its supplement: signed once that has gone which the record had to leave. */
import { Button } from "@patternfly/react-core";
import { deletionRecordPath, supplementPath } from "../api/service";
import { t, tn } from "../i18n";
import { saveFile } from "./download";
import { DownloadIcon } from "./icons";
import { useNotify } from "./notify";

/** 'kept': things that the record had to leave and that have not gone yet. */
export function DeletionRecordButtons({ id, number, supplementAt, kept = 0 }: { id: string; number: string; supplementAt: string | null | undefined; kept?: number | undefined }) {
  const notify = useNotify();
  const save = (path: string, name: string) => {
    saveFile(path, name).catch((error: unknown) => notify.failure(t("The file could not be downloaded."), error));
  };
  return (
    <span className="ak-row-actions">
      <Button variant="link" isInline icon={<DownloadIcon />} aria-label={t("Download the deletion record of {number}", { number })} onClick={() => save(deletionRecordPath(id), `deletion-record-${number}.json`)}>
        {t("Record")}
      </Button>
      {supplementAt ? (
        <Button
          variant="link"
          isInline
          icon={<DownloadIcon />}
          aria-label={t("Download the supplement to the deletion record of {number}", { number })}
          onClick={() => save(supplementPath(id), `deletion-record-${number}-supplement.json`)}
        >
          {t("Supplement")}
        </Button>
      ) : null}
      {kept > 0 ? <span>{tn("{n} thing was left over; a supplement follows", "{n} things were left over; a supplement follows", kept)}</span> : null}
    </span>
  );
}
