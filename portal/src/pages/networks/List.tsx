// SPDX-License-Identifier: Apache-2.0
/* Networks and their address ranges: one's own can be created and deleted, shared ones are only shown. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createNetwork, createSubnet, deleteNetwork, deleteSubnet, listSubnets, pageNetworks, type Network, type Subnet } from "../../api/network";
import { useVerb } from "../../auth/me";
import { useSession } from "../../auth/session";
import { t, tc } from "../../i18n";
import { ActionsMenu } from "../../ui/ActionsMenu";
import { Copyable } from "../../ui/Copyable";
import { ConfirmDialog, FormDialog, useDialog } from "../../ui/dialogs";
import { TextField } from "../../ui/fields";
import { NetworkWiredIcon, PlusCircleIcon } from "../../ui/icons";
import { PageHead } from "../../ui/PageHead";
import { PAGE_SIZE, usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { VerbAction, VerbNotice } from "../verbs";

const RANGE = /^\d{1,3}(\.\d{1,3}){3}\/([89]|1\d|2[0-9])$/;

function useRefresh() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["networks"] }), queries.invalidateQueries({ queryKey: ["subnets"] })]);
  };
}

interface RangeDraft {
  cidr: string;
  dns: string;
}

function RangeFields({ draft, onChange }: { draft: RangeDraft; onChange: (draft: RangeDraft) => void }) {
  const isWrong = draft.cidr.trim() !== "" && !RANGE.test(draft.cidr.trim());
  return (
    <>
      <TextField
        label={t("Address range")}
        value={draft.cidr}
        onChange={(cidr) => onChange({ ...draft, cidr })}
        isRequired
        help={t("A private range that is used nowhere else of yours, such as 192.168.10.0/24.")}
        error={isWrong ? t("Enter an address or a range, such as 192.0.2.0/24.") : undefined}
      />
      <TextField label={t("Name servers (optional)")} value={draft.dns} onChange={(dns) => onChange({ ...draft, dns })} help={t("Addresses, separated by commas. They are told to the servers by DHCP.")} />
    </>
  );
}

const subnetOf = (network: Network, draft: RangeDraft) => ({
  network_id: network.id,
  name: network.name,
  cidr: draft.cidr.trim(),
  ip_version: 4 as const,
  enable_dhcp: true,
  dns_nameservers: draft.dns.split(/[\s,、]+/).filter(Boolean),
});

function CreateDialog() {
  const [name, setName] = useState("");
  const [draft, setDraft] = useState<RangeDraft>({ cidr: "192.168.10.0/24", dns: "" });
  const refresh = useRefresh();
  return (
    <FormDialog
      title={t("Create a network")}
      action={t("Create")}
      failure={t("The network could not be created.")}
      isValid={name.trim() !== "" && RANGE.test(draft.cidr.trim())}
      work={async () => {
        const network = await createNetwork(name.trim());
        try {
          await createSubnet(subnetOf(network, draft));
        } catch (error) {
          await deleteNetwork(network.id).catch(() => undefined);
          throw error;
        }
        await refresh();
      }}
    >
      <TextField label={t("Name")} value={name} onChange={setName} isRequired maxLength={255} />
      <RangeFields draft={draft} onChange={setDraft} />
    </FormDialog>
  );
}

function AddRangeDialog({ network }: { network: Network }) {
  const [draft, setDraft] = useState<RangeDraft>({ cidr: "", dns: "" });
  const refresh = useRefresh();
  return (
    <FormDialog
      title={t("Add an address range to {name}", { name: network.name })}
      action={t("Add")}
      failure={t("The address range could not be added.")}
      isValid={RANGE.test(draft.cidr.trim())}
      work={async () => {
        await createSubnet(subnetOf(network, draft));
        await refresh();
      }}
    >
      <RangeFields draft={draft} onChange={setDraft} />
    </FormDialog>
  );
}

function useNetworkActions(rangesOf: (network: Network) => Subnet[]) {
  const openDialog = useDialog();
  const refresh = useRefresh();
  const confirm = (title: string, text: string, failure: string, work: () => Promise<void>) =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={title}
        action={tc("verb", "Delete")}
        failure={failure}
        work={async () => {
          await work();
          await refresh();
        }}
      >
        {text}
      </ConfirmDialog>,
    );
  return (network: Network) => [
    { key: "range", label: t("Add an address range"), onSelect: () => openDialog(<AddRangeDialog network={network} />) },
    ...rangesOf(network).map((subnet) => ({
      key: subnet.id,
      label: t("Delete the range {cidr}", { cidr: subnet.cidr }),
      isDanger: true,
      onSelect: () =>
        confirm(
          t("Delete the range {cidr}?", { cidr: subnet.cidr }),
          t("No server can get an address of it afterwards. A range that is in use cannot be deleted."),
          t("The address range could not be deleted."),
          () => deleteSubnet(subnet.id),
        ),
    })),
    {
      key: "delete",
      label: t("Delete the network"),
      isDanger: true,
      onSelect: () =>
        confirm(
          t("Delete {name}?", { name: network.name }),
          t("The network and its address ranges are deleted. A network that a server uses cannot be deleted."),
          t("{name} could not be deleted.", { name: network.name }),
          () => deleteNetwork(network.id),
        ),
    },
  ];
}

export function NetworkListPage() {
  const { session } = useSession();
  const openDialog = useDialog();
  const list = usePaged(["networks"], (query) => pageNetworks({ limit: PAGE_SIZE, marker: query.marker }));
  const subnets = useQuery({ queryKey: ["subnets"], queryFn: listSubnets }).data;
  const rangesOf = (network: Network) => subnets?.filter((subnet) => subnet.network_id === network.id) ?? [];
  const actionsOf = useNetworkActions(rangesOf);
  const canChange = useVerb("network") === "self";
  const isOwn = (network: Network) => network.project_id === session?.project?.id;
  const columns: Column<Network>[] = [
    { key: "name", label: t("Name"), isRowHeader: true, modifier: "breakWord", render: (network) => network.name || network.id },
    {
      key: "ranges",
      label: t("Address ranges"),
      render: (network) => rangesOf(network).length === 0 ? "–" : (
        <span className="ak-addresses">
          {rangesOf(network).map((subnet) => (
            <Copyable key={subnet.id} value={subnet.cidr} />
          ))}
        </span>
      ),
    },
    {
      key: "gateway",
      label: t("Gateway"),
      render: (network) => rangesOf(network).length === 0 ? "–" : (
        <span className="ak-addresses">
          {rangesOf(network).map((subnet) => (
            <code key={subnet.id}>{subnet.gateway_ip ?? "–"}</code>
          ))}
        </span>
      ),
    },
    {
      key: "kind",
      label: t("Kind"),
      render: (network) => (network["router:external"] ? t("Outer network") : network.shared && !isOwn(network) ? t("Shared by the provider") : t("Your own")),
    },
  ];
  return (
    <>
      <PageHead
        title={t("Networks")}
        actions={
          <VerbAction verb="network" request={t("Request a network")}>
            <Button variant="primary" icon={<PlusCircleIcon />} onClick={() => openDialog(<CreateDialog />)}>
              {t("Create a network")}
            </Button>
          </VerbAction>
        }
      />
      <VerbNotice verb="network" />
      <ResourceList
        label={t("Networks")}
        columns={columns}
        {...list}
        rowKey={(network) => network.id}
        errorTitle={t("The networks could not be read.")}
        {...(canChange
          ? { rowActions: (network: Network) => (isOwn(network) ? <ActionsMenu label={t("Actions for {name}", { name: network.name })} actions={actionsOf(network)} /> : null) }
          : {})}
        empty={
          <EmptyPanel title={t("No networks yet")} headingLevel="h2" icon={NetworkWiredIcon}>
            {t("Servers need a network to talk to one another. Create one with a private address range.")}
          </EmptyPanel>
        }
      />
    </>
  );
}
