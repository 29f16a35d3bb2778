// SPDX-License-Identifier: Apache-2.0
/* Images: those for everyone, and one's own, which are uploaded and deleted here. */
import { Button, Progress } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { deleteImage, pageImages, uploadImage, type Image } from "../../api/image";
import { useVerb } from "../../auth/me";
import { useSession } from "../../auth/session";
import { formatBytes, formatMib, formatNumber, t, tc } from "../../i18n";
import { ActionsMenu } from "../../ui/ActionsMenu";
import { ConfirmDialog, FormDialog, useDialog } from "../../ui/dialogs";
import { FileField, SelectField, TextField } from "../../ui/fields";
import { SelectFilter } from "../../ui/filters";
import { ImageIcon, UploadIcon } from "../../ui/icons";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { PAGE_SIZE, usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { StateLabel } from "../../ui/StateLabel";
import { VerbAction, VerbNotice } from "../verbs";

const POLL_MS = 15_000;

function visibilityText(image: Image): string {
  switch (image.visibility) {
    case "public":
      return t("Everyone");
    case "private":
      return t("This project");
    case "shared":
      return t("Chosen projects");
    case "community":
      return t("Community");
    default:
      return image.visibility;
  }
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["images"] });
}

/* "" is 0; anything else must be a number */
const numberOf = (text: string) => (/^\d{0,7}$/.test(text.trim()) ? Number(text.trim()) : null);

function UploadDialog() {
  const [name, setName] = useState("");
  const [format, setFormat] = useState<"qcow2" | "raw">("qcow2");
  const [disk, setDisk] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [part, setPart] = useState<number | null>(null);
  const abort = useRef(new AbortController());
  const refresh = useRefresh();
  const notify = useNotify();
  const minDisk = numberOf(disk);
  useEffect(() => {
    const { current } = abort;
    return () => current.abort();
  }, []);
  const choose = (next: File | null) => {
    setFile(next);
    if (next !== null) {
      setName((known) => known || next.name.replace(/\.(qcow2|img|raw)$/i, ""));
      setFormat(/\.raw$/i.test(next.name) ? "raw" : "qcow2");
    }
  };
  return (
    <FormDialog
      title={t("Upload an image")}
      action={tc("verb", "Upload")}
      failure={t("The image could not be uploaded.")}
      isValid={file !== null && name.trim() !== "" && minDisk !== null}
      work={async () => {
        if (file === null) {
          return;
        }
        setPart(0);
        try {
          await uploadImage({ name: name.trim(), disk_format: format, container_format: "bare", min_disk: minDisk ?? 0, min_ram: 0 }, file, setPart, abort.current.signal);
        } finally {
          setPart(null);
        }
        notify.success(t("{name} was uploaded.", { name: name.trim() }));
        await refresh();
      }}
    >
      <FileField label={t("File")} file={file} onChange={choose} accept=".qcow2,.img,.raw" isRequired help={t("A disk of a virtual machine in the format QCOW2 or raw.")} />
      <TextField label={t("Name")} value={name} onChange={setName} isRequired maxLength={255} />
      <SelectField
        label={t("Format")}
        value={format}
        onChange={(value) => setFormat(value === "raw" ? "raw" : "qcow2")}
        options={[
          { value: "qcow2", label: "QCOW2" },
          { value: "raw", label: "raw" },
        ]}
      />
      <TextField
        label={t("Smallest disk, in GiB (optional)")}
        value={disk}
        onChange={setDisk}
        inputMode="numeric"
        error={minDisk === null ? t("Enter a whole number.") : undefined}
      />
      {part === null ? null : (
        <Progress
          value={Math.round(part * 100)}
          title={t("Sent: {part} % of {size}", { part: Math.round(part * 100), size: formatBytes(file?.size ?? 0) })}
          measureLocation="none"
          aria-label={t("Progress of the upload")}
        />
      )}
    </FormDialog>
  );
}

function useDelete() {
  const openDialog = useDialog();
  const refresh = useRefresh();
  return (image: Image) => {
    const name = image.name ?? image.id;
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Delete {name}?", { name })}
        action={tc("verb", "Delete")}
        failure={t("{name} could not be deleted.", { name })}
        work={async () => {
          await deleteImage(image.id);
          await refresh();
        }}
      >
        {t("Servers that were made from this image go on running. No new one can be made from it.")}
      </ConfirmDialog>,
    );
  };
}

function columnsOf(): Column<Image>[] {
  return [
    { key: "name", label: t("Name"), isRowHeader: true, modifier: "breakWord", render: (image) => image.name ?? image.id },
    { key: "state", label: t("State"), render: (image) => <StateLabel kind="image" value={image.status} /> },
    { key: "visibility", label: t("Visible to"), render: visibilityText },
    { key: "format", label: t("Format"), render: (image) => image.disk_format },
    { key: "size", label: t("File size"), render: (image) => (image.size === null ? null : formatBytes(image.size)) },
    {
      key: "needs",
      label: t("Needs at least"),
      render: (image) =>
        image.min_ram === 0 && image.min_disk === 0
          ? t("Nothing special")
          : t("{ram} memory, {disk} GiB disk", { ram: formatMib(image.min_ram), disk: formatNumber(image.min_disk) }),
    },
  ];
}

export function ImageListPage() {
  const { session } = useSession();
  const openDialog = useDialog();
  const remove = useDelete();
  const [visibility, setVisibility] = useState("");
  const list = usePaged(
    ["images"],
    async (query) => {
      const page = await pageImages({ limit: PAGE_SIZE, marker: query.marker, visibility: visibility || undefined });
      return { rows: page.images, next: page.next };
    },
    { filters: { visibility: visibility || undefined }, refetchInterval: POLL_MS },
  );
  const canChange = useVerb("image") === "self";
  const isOwn = (image: Image) => image.owner === session?.project?.id && image.visibility !== "public" && !image.protected;
  return (
    <>
      <PageHead
        title={t("Images")}
        actions={
          <VerbAction verb="image" request={t("Request an image")}>
            <Button variant="primary" icon={<UploadIcon />} onClick={() => openDialog(<UploadDialog />)}>
              {t("Upload an image")}
            </Button>
          </VerbAction>
        }
      />
      <VerbNotice verb="image" />
      <ResourceList
        label={t("Images")}
        columns={columnsOf()}
        {...list}
        rowKey={(image) => image.id}
        errorTitle={t("The images could not be read.")}
        filters={
          <SelectFilter
            label={t("Visible to")}
            value={visibility}
            onChange={setVisibility}
            all={t("All images")}
            options={[
              { value: "public", label: t("Everyone") },
              { value: "private", label: t("This project") },
            ]}
          />
        }
        {...(canChange
          ? {
              rowActions: (image: Image) =>
                isOwn(image) ? (
                  <ActionsMenu label={t("Actions for {name}", { name: image.name ?? image.id })} actions={[{ key: "delete", label: tc("verb", "Delete"), isDanger: true, onSelect: () => remove(image) }]} />
                ) : null,
            }
          : {})}
        empty={
          <EmptyPanel title={t("No images yet")} headingLevel="h2" icon={ImageIcon}>
            {canChange ? t("Upload the disk of a virtual machine, and servers can be made from it.") : null}
          </EmptyPanel>
        }
      />
    </>
  );
}
