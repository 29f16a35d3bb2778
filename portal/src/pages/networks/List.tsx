// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { listNetworks, listSubnets, type Network } from "../../api/network";
import { t } from "../../i18n";
import { Copyable } from "../../ui/Copyable";
import { NetworkWiredIcon } from "../../ui/icons";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";

export function NetworkListPage() {
  const networks = useQuery({ queryKey: ["networks"], queryFn: listNetworks });
  const subnets = useQuery({ queryKey: ["subnets"], queryFn: listSubnets }).data;
  const rangesOf = (network: Network) => subnets?.filter((subnet) => subnet.network_id === network.id) ?? [];
  const columns: Column<Network>[] = [
    { key: "name", label: t("Name"), isRowHeader: true, modifier: "breakWord", render: (network) => network.name || network.id },
    {
      key: "ranges",
      label: t("Address ranges"),
      render: (network) => (
        <span className="ak-addresses">
          {rangesOf(network).map((subnet) => (
            <code key={subnet.id}>{subnet.cidr}</code>
          ))}
        </span>
      ),
    },
    { key: "shared", label: t("Visible to"), render: (network) => (network.shared ? t("Everyone") : t("This project")) },
    { key: "id", label: t("Identifier"), modifier: "breakWord", render: (network) => <Copyable value={network.id} /> },
  ];
  return (
    <>
      <PageHead title={t("Networks")} />
      <ResourceList
        label={t("Networks")}
        columns={columns}
        rows={networks.data}
        rowKey={(network) => network.id}
        error={networks.error}
        errorTitle={t("The networks could not be read.")}
        retry={() => void networks.refetch()}
        empty={<EmptyPanel title={t("No networks yet")} headingLevel="h2" icon={NetworkWiredIcon} />}
      />
    </>
  );
}
