// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { deleteKeypairDialog } from "../../actions/DeleteKeypair";
import { useImportKeypair } from "../../actions/ImportKeypair";
import { listKeypairs, type Keypair } from "../../api/compute";
import { t, tc } from "../../i18n";
import { ActionsMenu } from "../../ui/ActionsMenu";
import { useDialog } from "../../ui/dialogs";
import { KeyIcon, PlusCircleIcon } from "../../ui/icons";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { useVerb } from "../../auth/me";
import { VerbAction, VerbNotice } from "../verbs";

export function KeypairListPage() {
  const query = useQuery({ queryKey: ["keypairs"], queryFn: listKeypairs });
  const queries = useQueryClient();
  const openDialog = useDialog();
  const importKeypair = useImportKeypair();
  const refresh = () => queries.invalidateQueries({ queryKey: ["keypairs"] });
  const columns: Column<Keypair>[] = [
    { key: "name", label: t("Name"), isRowHeader: true, modifier: "breakWord", render: (keypair) => keypair.name },
    { key: "fingerprint", label: t("Fingerprint"), modifier: "breakWord", render: (keypair) => <code>{keypair.fingerprint}</code> },
  ];
  const canChange = useVerb("keypair") === "self";
  const isEmpty = query.data?.length === 0;
  return (
    <>
      <PageHead
        title={t("Key pairs")}
        actions={
          isEmpty && canChange ? null : (
            <VerbAction verb="keypair" request={t("Request a change")}>
              <Button icon={<PlusCircleIcon />} onClick={importKeypair}>
                {t("Add a public key")}
              </Button>
            </VerbAction>
          )
        }
      />
      <VerbNotice verb="keypair" />
      <ResourceList
        label={t("Key pairs")}
        columns={columns}
        rows={query.data}
        rowKey={(keypair) => keypair.name}
        error={query.error}
        errorTitle={t("The key pairs could not be read.")}
        retry={() => void query.refetch()}
        {...(!canChange ? {} : { rowActions: (keypair: Keypair) => (
          <ActionsMenu
            label={t("Actions for {name}", { name: keypair.name })}
            actions={[
              {
                key: "delete",
                label: tc("verb", "Delete"),
                isDanger: true,
                onSelect: () => openDialog(deleteKeypairDialog(keypair, refresh)),
              },
            ]}
          />
        ) })}
        empty={
          <EmptyPanel
            title={t("No key pairs yet")}
            headingLevel="h2"
            icon={KeyIcon}
            action={canChange ? <Button onClick={importKeypair}>{t("Add a public key")}</Button> : null}
          >
            {canChange ? t("Add your public SSH key, and new servers let you in with it.") : null}
          </EmptyPanel>
        }
      />
    </>
  );
}
