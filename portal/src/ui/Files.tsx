// SPDX-License-Identifier: Apache-2.0
/* Files that belong to an object: saved by a button, attached by another. Nothing of them is ever shown in the page. */
import { Button, FormGroup, FormHelperText, HelperText, HelperTextItem } from "@patternfly/react-core";
import { useId, useRef, useState } from "react";
import { formatBytes, t, tc } from "../i18n";
import { saveFile } from "./download";
import { DownloadIcon, PaperclipIcon } from "./icons";
import { useNotify } from "./notify";

export interface FileRow {
  id: string;
  name: string;
  size: number;
  note?: string | undefined;
}

function FileLine({ file, path }: { file: FileRow; path: string }) {
  const notify = useNotify();
  const save = () => {
    saveFile(path, file.name).catch((error: unknown) => notify.failure(t("The file could not be downloaded."), error));
  };
  return (
    <li>
      <Button variant="link" isInline icon={<DownloadIcon />} onClick={save} aria-label={t("Download {name}", { name: file.name })}>
        {file.name}
      </Button>
      <span className="ak-muted">{[formatBytes(file.size), file.note].filter(Boolean).join(" · ")}</span>
    </li>
  );
}

/** A button that lets one choose a file, and refuses what is too large before it is sent. */
function AttachButton({ max, onFile }: { max: number; onFile: (file: File) => Promise<void> }) {
  const notify = useNotify();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const send = async (file: File) => {
    if (file.size > max) {
      notify.failure(t("The file could not be attached."), new Error(t("The file is larger than {size}.", { size: formatBytes(max) })));
      return;
    }
    setBusy(true);
    try {
      await onFile(file);
      notify.success(t("{name} was attached.", { name: file.name }));
    } catch (error) {
      notify.failure(t("The file could not be attached."), error);
    }
    setBusy(false);
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) {
            void send(file);
          }
        }}
      />
      <Button variant="secondary" icon={<PaperclipIcon />} isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")} onClick={() => input.current?.click()}>
        {tc("verb", "Attach a file")}
      </Button>
    </>
  );
}

interface FilesProps {
  files: FileRow[];
  path: (id: string) => string;
  max: number;
  /** undefined: nothing more can be attached */
  onFile?: ((file: File) => Promise<void>) | undefined;
}

export function Files({ files, path, max, onFile }: FilesProps) {
  return (
    <>
      {files.length === 0 ? <p className="ak-muted">{t("No files.")}</p> : null}
      <ul className="ak-files">
        {files.map((file) => (
          <FileLine key={file.id} file={file} path={path(file.id)} />
        ))}
      </ul>
      {onFile ? <AttachButton max={max} onFile={onFile} /> : null}
    </>
  );
}

/** In a form: files that are attached once the form is sent. What is too large is not taken, and named. */
export function FilesField({ label, max, files, onChange }: { label: string; max: number; files: File[]; onChange: (files: File[]) => void }) {
  const id = useId();
  const [large, setLarge] = useState<string[]>([]);
  return (
    <FormGroup label={label} fieldId={id}>
      <input
        id={id}
        type="file"
        multiple
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])];
          setLarge(chosen.filter((file) => file.size > max).map((file) => file.name));
          onChange(chosen.filter((file) => file.size <= max));
        }}
      />
      <FormHelperText>
        <HelperText id={`${id}-help`}>
          <HelperTextItem variant={large.length > 0 ? "error" : "default"}>
            {large.length > 0
              ? t("Too large, and not attached: {names}", { names: large.join(", ") })
              : t("At most {size} each. {count} chosen.", { size: formatBytes(max), count: String(files.length) })}
          </HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
