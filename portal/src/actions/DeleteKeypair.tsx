// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { deleteKeypair, type Keypair } from "../api/compute";
import { t, tc } from "../i18n";
import { ConfirmDialog } from "../ui/dialogs";

export function deleteKeypairDialog(keypair: Keypair, refresh: () => Promise<void>): ReactNode {
  return (
    <ConfirmDialog
      isDanger
      title={t("Delete {name}?", { name: keypair.name })}
      action={tc("verb", "Delete")}
      failure={t("{name} could not be deleted.", { name: keypair.name })}
      work={async () => {
        await deleteKeypair(keypair.name);
        await refresh();
      }}
    >
      {t("New servers can no longer be given this key. Servers that have it keep it.")}
    </ConfirmDialog>
  );
}
