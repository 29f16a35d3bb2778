// SPDX-License-Identifier: Apache-2.0
/* The signed record of a deletion, and its supplement: signed once that has gone which the record had to leave. Whether
 * there is one, only the asking tells. */
import { Button } from "@patternfly/react-core";
import { ApiError } from "../api/client";
import { deletionRecordPath, supplementPath } from "../api/service";
import { t } from "../i18n";
import { saveFile } from "./download";
import { DownloadIcon } from "./icons";
import { useNotify } from "./notify";

export function DeletionRecordButtons({ id, number }: { id: string; number: string }) {
  const notify = useNotify();
  const save = (path: string, name: string, missing?: string) => {
    saveFile(path, name).catch((error: unknown) =>
      notify.failure(
        t("The file could not be downloaded."),
        missing !== undefined && error instanceof ApiError && error.status === 404 ? new ApiError(404, "no-supplement", missing, error.requestId) : error,
      ),
    );
  };
  return (
    <span className="ak-row-actions">
      <Button variant="link" isInline icon={<DownloadIcon />} aria-label={t("Download the deletion record of {number}", { number })} onClick={() => save(deletionRecordPath(id), `deletion-record-${number}.json`)}>
        {t("Record")}
      </Button>
      <Button
        variant="link"
        isInline
        icon={<DownloadIcon />}
        aria-label={t("Download the supplement to the deletion record of {number}", { number })}
        onClick={() => save(supplementPath(id), `deletion-record-${number}-supplement.json`, t("There is no supplement to this record: nothing was left over, or it has not gone yet."))}
      >
        {t("Supplement")}
      </Button>
    </span>
  );
}
