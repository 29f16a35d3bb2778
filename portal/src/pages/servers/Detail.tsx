// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useServerActions } from "../../actions/servers";
import { ApiError } from "../../api/client";
import type { Server } from "../../api/compute";
import { formatMib, formatNumber, formatTime, t } from "../../i18n";
import { ActionsMenu } from "../../ui/ActionsMenu";
import { Copyable } from "../../ui/Copyable";
import { DesktopIcon, PlayIcon, PowerOffIcon } from "../../ui/icons";
import { LinkButton } from "../../ui/links";
import { Message } from "../../ui/Message";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card, Facts, ResourceDetail } from "../../ui/ResourceDetail";
import { VerbNotice } from "../verbs";
import { useMay, useVerb } from "../../auth/me";
import { ServerConsole } from "./Console";
import { ServerEvents } from "./Events";
import { ServerHistory } from "./History";
import { LabelCard } from "./Labels";
import { ServerLog } from "./Log";
import { ServerMetrics } from "./Metrics";
import { flavorOf, imageName, useFlavors, useImages, useServer, useStateAnnouncements } from "./queries";
import { ServerStatus } from "./ServerStatus";

function Overview({ server }: { server: Server }) {
  const flavors = useFlavors().data;
  const images = useImages().data;
  const flavor = flavorOf(server, flavors);
  return (
    <div className="ak-cards">
      <Card title={t("Specification")}>
        <Facts
          facts={[
            [t("Flavor"), flavor?.name],
            [t("vCPU"), flavor ? formatNumber(flavor.vcpus) : null],
            [t("Memory"), flavor ? formatMib(flavor.ram) : null],
            [t("Disk"), flavor ? `${formatNumber(flavor.disk)} GiB` : null],
            [t("Image"), imageName(server, images)],
            [t("Key pair"), server.key_name ?? t("None")],
          ]}
        />
      </Card>
      <div className="ak-cards__column">
        <Card title={t("Network")}>
          <Addresses server={server} />
        </Card>
        <Card title={t("Management")}>
          <Facts
            facts={[
              [t("Identifier"), <Copyable key="id" value={server.id} />],
              [t("Created"), formatTime(server.created)],
              [t("Last changed"), formatTime(server.updated)],
              [t("Availability zone"), server["OS-EXT-AZ:availability_zone"]],
            ]}
          />
        </Card>
        <LabelCard server={server} />
      </div>
    </div>
  );
}

/* the console, where the class leaves it to the customer */
function ConsoleTab({ server }: { server: Server }) {
  return useVerb("console") === "self" ? <ServerConsole server={server} /> : <VerbNotice verb="console" withRole />;
}

function LogTab({ server }: { server: Server }) {
  return useMay()("compute:console:output") ? <ServerLog server={server} /> : <VerbNotice verb="console" withRole />;
}

function Addresses({ server }: { server: Server }) {
  const networks = Object.entries(server.addresses);
  if (networks.length === 0) {
    return <p className="ak-muted">{t("No address yet.")}</p>;
  }
  const groups = new Set(server.security_groups?.map((group) => group.name));
  return (
    <>
      {networks.map(([network, addresses]) => (
        <div key={network} className="ak-network">
          <h3>{network}</h3>
          <ul>
            {addresses.map((address) => (
              <li key={address.addr}>
                <Copyable value={address.addr} />
                <span className="ak-muted">{address["OS-EXT-IPS-MAC:mac_addr"]}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {groups.size > 0 ? <Facts facts={[[t("Security groups"), [...groups].join(", ")]]} /> : null}
    </>
  );
}

function HeadActions({ server }: { server: Server }) {
  const actions = useServerActions()(server);
  const hasConsole = useVerb("console") === "self";
  const find = (key: string) => actions.find((action) => action.key === key);
  const power = find("start")?.isDisabled ? find("stop") : find("start");
  return (
    <>
      {hasConsole ? (
        <LinkButton
          href={`/servers/${server.id}/console`}
          variant="primary"
          icon={<DesktopIcon />}
          isDisabled={server.status !== "ACTIVE"}
        >
          {t("Open the console")}
        </LinkButton>
      ) : null}
      {power ? (
        <Button
          variant="secondary"
          icon={power.key === "start" ? <PlayIcon /> : <PowerOffIcon />}
          isDisabled={power.isDisabled ?? false}
          onClick={power.onSelect}
        >
          {power.label}
        </Button>
      ) : null}
      <ActionsMenu
        label={t("Actions for {name}", { name: server.name })}
        actions={actions.filter((action) => action !== power && action.key !== "start" && action.key !== "stop")}
      />
    </>
  );
}

/* Nova's own words for the fault that customers meet */
const faultText = (message: string): string =>
  message.startsWith("No valid host was found") ? t("No host has room for it now, by size and by what your contract demands of the place. Please try later, or ask the provider.") : message;

function Fault({ server }: { server: Server }) {
  return server.fault === undefined ? null : (
    <Message kind="danger" title={t("The server has failed.")} className="ak-notice">
      {t("{message} ({time})", { message: faultText(server.fault.message), time: formatTime(server.fault.created) })}
    </Message>
  );
}

export function ServerDetailPage({ id, tab }: { id: string; tab: string }) {
  const query = useServer(id);
  const server = query.data;
  useStateAnnouncements(server && [server]);
  const parent = { href: "/servers", title: t("Servers") };
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <>
        <PageHead title={t("Server not found")} parent={parent} />
        <EmptyPanel
          title={t("This server does not exist, or no longer.")}
          headingLevel="h2"
          action={<LinkButton href="/servers" variant="primary">{t("To the servers")}</LinkButton>}
        />
      </>
    );
  }
  if (server === undefined) {
    return (
      <>
        <PageHead title={t("Server")} parent={parent} />
        {query.error ? (
          <ErrorPanel title={t("The server could not be read.")} error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingPanel />
        )}
      </>
    );
  }
  return (
    <ResourceDetail
      head={
        <PageHead
          title={server.name}
          parent={parent}
          status={<ServerStatus server={server} />}
          actions={<HeadActions server={server} />}
        />
      }
      notice={<Fault server={server} />}
      base={`/servers/${server.id}`}
      current={tab}
      tabsLabel={t("Sections of the server")}
      tabs={[
        { path: "", title: t("Overview"), render: () => <Overview server={server} /> },
        { path: "console", title: t("Console"), render: () => <ConsoleTab server={server} /> },
        { path: "metrics", title: t("Metrics"), render: () => <ServerMetrics server={server} /> },
        { path: "events", title: t("Event log"), render: () => <ServerEvents server={server} /> },
        { path: "log", title: t("Console log"), render: () => <LogTab server={server} /> },
        { path: "history", title: t("History"), render: () => <ServerHistory server={server} /> },
      ]}
    />
  );
}
