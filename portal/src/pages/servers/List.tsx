// SPDX-License-Identifier: Apache-2.0
import { Button, SearchInput, ToolbarItem } from "@patternfly/react-core";
import { useEffect, useId, useState } from "react";
import { Link } from "wouter";
import { useServerActions } from "../../actions/servers";
import type { Server } from "../../api/compute";
import { formatAgo, formatMib, formatTime, t, tc, tr } from "../../i18n";
import { ActionsMenu } from "../../ui/ActionsMenu";
import { LinkButton } from "../../ui/links";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { PlusCircleIcon, SearchIcon, ServerIcon } from "../../ui/icons";
import { VerbAction, VerbNotice } from "../verbs";
import { useVerb } from "../../auth/me";
import { addressesOf, flavorOf, imageName, useFlavors, useImages, useServers, useStateAnnouncements } from "./queries";
import { ServerStatus } from "./ServerStatus";
import { STATES } from "./states";

const PAGE_SIZE = 50;
const FILTER_STATES = ["ACTIVE", "SHUTOFF", "BUILD", "ERROR"];
const TYPING_PAUSE_MS = 300;

function useFilters() {
  const [text, setText] = useState("");
  const [name, setName] = useState("");
  const [status, setStatus] = useState("");
  /* the last servers of the pages before this one: Nova pages forward only */
  const [markers, setMarkers] = useState<string[]>([]);
  useEffect(() => {
    if (text.trim() === name) {
      return undefined;
    }
    const timer = setTimeout(() => {
      setName(text.trim());
      setMarkers([]);
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [name, text]);
  const chooseStatus = (next: string) => {
    setStatus(next);
    setMarkers([]);
  };
  return { text, setText, name, status, chooseStatus, markers, setMarkers };
}

type Filters = ReturnType<typeof useFilters>;

function FilterBar({ filters }: { filters: Filters }) {
  const id = useId();
  return (
    <>
      <ToolbarItem className="ak-list__search">
        <SearchInput
          value={filters.text}
          placeholder={t("Find by name")}
          aria-label={t("Find by name")}
          resetButtonLabel={t("Clear")}
          onChange={(_event, value) => filters.setText(value)}
          onClear={() => filters.setText("")}
        />
      </ToolbarItem>
      <ToolbarItem>
        <label className="ak-visually-hidden" htmlFor={id}>
          {t("State")}
        </label>
        <span className="ak-select">
          <select id={id} value={filters.status} onChange={(event) => filters.chooseStatus(event.target.value)}>
            <option value="">{t("All states")}</option>
            {FILTER_STATES.map((status) => (
              <option key={status} value={status}>
                {tr(STATES[status]?.text ?? status)}
              </option>
            ))}
          </select>
        </span>
      </ToolbarItem>
    </>
  );
}

function useColumns(): Column<Server>[] {
  const flavors = useFlavors().data;
  const images = useImages().data;
  return [
    {
      key: "name",
      label: t("Name"),
      isRowHeader: true,
      modifier: "breakWord",
      width: 20,
      render: (server) => <Link href={`/servers/${server.id}`}>{server.name}</Link>,
    },
    { key: "status", label: t("State"), render: (server) => <ServerStatus server={server} /> },
    {
      key: "addresses",
      label: t("Addresses"),
      render: (server) => <span className="ak-addresses">{addressesOf(server).map((a) => <code key={a}>{a}</code>)}</span>,
    },
    {
      key: "flavor",
      label: t("Flavor"),
      render: (server) => {
        const flavor = flavorOf(server, flavors);
        return flavor === null ? null : (
          <>
            {flavor.name}
            <span className="ak-list__sub">{t("{n} vCPU, {ram}", { n: flavor.vcpus, ram: formatMib(flavor.ram) })}</span>
          </>
        );
      },
    },
    { key: "image", label: t("Image"), modifier: "breakWord", render: (server) => imageName(server, images) },
    {
      key: "created",
      label: t("Created"),
      modifier: "nowrap",
      render: (server) => (
        <time dateTime={server.created} title={formatTime(server.created)}>
          {formatAgo(server.created)}
        </time>
      ),
    },
  ];
}

function Empty({ filters }: { filters: Filters }) {
  const mode = useVerb("server.create");
  if (filters.name || filters.status) {
    const clear = () => {
      filters.setText("");
      filters.chooseStatus("");
    };
    return (
      <EmptyPanel
        title={t("No server matches.")}
        headingLevel="h2"
        icon={SearchIcon}
        action={
          <Button variant="link" onClick={clear}>
            {t("Clear the filters")}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyPanel
      title={t("No servers yet")}
      headingLevel="h2"
      icon={ServerIcon}
      action={
        mode === "self" ? (
          <LinkButton href="/servers/new" variant="primary">
            {t("Create a server")}
          </LinkButton>
        ) : null
      }
    >
      {mode === "self"
        ? t("Choose an image and a size, and a server of your own runs within minutes.")
        : mode === "request"
          ? t("Ask for one with its size and image; the provider sets it up and tells you here.")
          : null}
    </EmptyPanel>
  );
}

export function ServerListPage() {
  const filters = useFilters();
  const marker = filters.markers.at(-1);
  const { name, status } = filters;
  const query = useServers({ limit: PAGE_SIZE, marker, name: name || undefined, status: status || undefined });
  const columns = useColumns();
  const actionsOf = useServerActions();
  const servers = query.data?.servers;
  useStateAnnouncements(servers);
  const mode = useVerb("server.create");
  const isPristine = servers?.length === 0 && !name && !status;
  return (
    <>
      <PageHead
        title={t("Servers")}
        actions={
          isPristine && mode === "self" ? null : (
            <VerbAction verb="server.create" request={t("Request a server")}>
              <LinkButton href="/servers/new" variant="primary" icon={<PlusCircleIcon />}>
                {tc("verb", "Create server")}
              </LinkButton>
            </VerbAction>
          )
        }
      />
      <VerbNotice verb="server.create" />
      <ResourceList
        label={t("Servers")}
        columns={columns}
        rows={servers}
        rowKey={(server) => server.id}
        error={query.error}
        errorTitle={t("The servers could not be read.")}
        retry={() => void query.refetch()}
        empty={<Empty filters={filters} />}
        filters={isPristine ? null : <FilterBar filters={filters} />}
        rowActions={(server) => (
          <ActionsMenu label={t("Actions for {name}", { name: server.name })} actions={actionsOf(server)} />
        )}
        paging={{
          hasPrevious: filters.markers.length > 0,
          hasNext: query.data?.hasNext ?? false,
          onPrevious: () => filters.setMarkers((list) => list.slice(0, -1)),
          onNext: () => {
            const last = servers?.at(-1);
            /* the last one of the page before, while the next one is on its way, leads nowhere new */
            if (last && !query.isPlaceholderData) {
              filters.setMarkers((list) => [...list, last.id]);
            }
          },
        }}
      />
    </>
  );
}
