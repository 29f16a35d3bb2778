// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { importKeypair } from "../api/compute";
import { t } from "../i18n";
import { FormDialog, useDialog } from "../ui/dialogs";
import { TextAreaField, TextField } from "../ui/fields";

const PUBLIC_KEY = /^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]{40,}( .*)?$/;

function ImportDialog({ onImported }: { onImported: (name: string) => Promise<void> }) {
  const [name, setName] = useState("");
  const [key, setKey] = useState("");
  const isKey = PUBLIC_KEY.test(key.trim());
  return (
    <FormDialog
      title={t("Add a public key")}
      action={t("Add")}
      failure={t("The key could not be added.")}
      isValid={name.trim() !== "" && isKey}
      work={async () => {
        const keypair = await importKeypair(name.trim(), key.trim());
        await onImported(keypair.name);
      }}
    >
      <TextField label={t("Name")} value={name} onChange={setName} isRequired maxLength={255} />
      <TextAreaField
        label={t("Public key")}
        value={key}
        onChange={setKey}
        isRequired
        isMonospace
        help={t("One line, as in ~/.ssh/id_ed25519.pub.")}
        error={key.trim() !== "" && !isKey ? t("This is not a public key of OpenSSH.") : undefined}
      />
    </FormDialog>
  );
}

/** Returns the function that opens the dialog; 'onImported' gets the new key's name. */
export function useImportKeypair(onImported?: (name: string) => void): () => void {
  const openDialog = useDialog();
  const queries = useQueryClient();
  const done = async (name: string) => {
    await queries.invalidateQueries({ queryKey: ["keypairs"] });
    onImported?.(name);
  };
  return () => openDialog(<ImportDialog onImported={done} />);
}
