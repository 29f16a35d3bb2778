// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { acknowledgeDocument, documentContent, listDocuments, type Document } from "../../api/notice";
import { ApiError } from "../../api/client";
import { both, formatDay, language, localDay, t, tc } from "../../i18n";
import { ConfirmDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { saveBlob } from "../../ui/download";
import { SelectFilter } from "../../ui/filters";
import { BookIcon, DownloadIcon, LockIcon } from "../../ui/icons";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { word, wordOptions } from "../../ui/words";
import { Acknowledged } from "../notices/List";

const EXTENSIONS: Record<string, string> = {
  "application/pdf": "pdf",
  "text/html": "html",
  "text/markdown": "md",
  "text/plain": "txt",
};

export function fileName(doc: Pick<Document, "slug" | "version">, type: string, lang: string): string {
  const extension = EXTENSIONS[type.split(";")[0]?.trim() ?? ""] ?? "bin";
  return `${doc.slug}-${doc.version}-${lang}.${extension}`;
}

/* a text is read here, as text; anything else is a file */
export function useRead() {
  const openDialog = useDialog();
  const notify = useNotify();
  return async (doc: Document) => {
    const title = both(doc, "title");
    try {
      const blob = await documentContent(doc.id, language());
      const type = blob.type || doc.media_type;
      if (/^text\/(markdown|plain)/.test(type)) {
        const text = await blob.text();
        openDialog(
          <InfoDialog title={title} isLarge>
            <p className="ak-text">{text}</p>
          </InfoDialog>,
        );
      } else {
        saveBlob(blob, fileName(doc, type, language()));
      }
    } catch (error) {
      const isArea = error instanceof ApiError && error.status === 403 && doc.area !== null;
      notify.failure(
        t("{title} could not be opened.", { title }),
        isArea ? new ApiError(403, "area", t("This document can be read only from the area agreed with you ({area}). Connect from there and try again.", { area: doc.area ?? "" }), error.requestId) : error,
      );
    }
  };
}

function useAcknowledge() {
  const openDialog = useDialog();
  const queries = useQueryClient();
  return (doc: Document) => {
    const title = both(doc, "title");
    openDialog(
      <ConfirmDialog
        title={t("Acknowledge {title}?", { title })}
        action={tc("verb", "Acknowledge")}
        failure={t("The document could not be acknowledged.")}
        work={async () => {
          await acknowledgeDocument(doc.id);
          await Promise.all([queries.invalidateQueries({ queryKey: ["documents"] }), queries.invalidateQueries({ queryKey: ["overview"] })]);
        }}
      >
        {t("You confirm that you have read version {version}. Your name and the time are recorded.", { version: String(doc.version) })}
      </ConfirmDialog>,
    );
  };
}

export function DocumentListPage() {
  const [kind, setKind] = useState("");
  const list = usePaged(["documents"], listDocuments, { filters: { kind: kind || undefined } });
  const read = useRead();
  const acknowledge = useAcknowledge();
  const columns: Column<Document>[] = [
    {
      key: "title",
      label: t("Document"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 30,
      render: (row) => (
        <>
          {both(row, "title")}
          <span className="ak-list__sub">{t("Version {version}", { version: String(row.version) })}</span>
        </>
      ),
    },
    { key: "kind", label: t("Kind"), render: (row) => word("documentKind", row.kind) },
    {
      key: "area",
      label: t("Who may read it"),
      render: (row) =>
        row.area ? (
          <span className="ak-clock">
            <LockIcon aria-hidden="true" />
            <span>{t("Only from the area {area}", { area: row.area })}</span>
          </span>
        ) : (
          t("Everybody of yours")
        ),
    },
    { key: "ack", label: t("Acknowledgement"), render: (row) => <Acknowledged notice={row} /> },
    { key: "published", label: t("Published"), modifier: "nowrap", render: (row) => formatDay(localDay(row.published_at)) },
    {
      key: "do",
      label: t("Actions"),
      render: (row) => (
        <span className="ak-row-actions">
          <Button variant="secondary" size="sm" icon={<DownloadIcon />} aria-label={t("Open {title}", { title: both(row, "title") })} onClick={() => void read(row)}>
            {tc("verb", "Open")}
          </Button>
          {row.needs_ack && !row.acknowledged_at ? (
            <Button variant="primary" size="sm" aria-label={t("Acknowledge {title}", { title: both(row, "title") })} onClick={() => acknowledge(row)}>
              {tc("verb", "Acknowledge")}
            </Button>
          ) : null}
        </span>
      ),
    },
  ];
  return (
    <>
      <PageHead title={t("Documents")} />
      <ResourceList
        label={t("Documents")}
        columns={columns}
        {...list}
        rowKey={(row) => row.id}
        errorTitle={t("The documents could not be read.")}
        filters={<SelectFilter label={t("Kind")} value={kind} onChange={setKind} all={t("All kinds")} options={wordOptions("documentKind")} />}
        empty={<EmptyPanel title={t("No documents")} headingLevel="h2" icon={BookIcon} />}
      />
    </>
  );
}
