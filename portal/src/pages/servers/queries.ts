// SPDX-License-Identifier: Apache-2.0
/* What the server pages read, and how often: every 1.5 s while a job runs, every 15 s otherwise, not at all in a
 * hidden tab, and at once after an action. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ApiError } from "../../api/client";
import { listFlavors, listServers, showServer, type Flavor, type Server, type ServerQuery } from "../../api/compute";
import { listImages, type Image } from "../../api/image";
import { t } from "../../i18n";
import { useNotify } from "../../ui/notify";
import { isBusy, stateText } from "./states";

const BUSY_MS = 1500;
const CALM_MS = 15000;

export function pollEvery(servers: Server[] | undefined): number {
  return servers?.some(isBusy) ? BUSY_MS : CALM_MS;
}

export function useServers(query: ServerQuery) {
  return useQuery({
    queryKey: ["servers", "list", query],
    queryFn: ({ signal }) => listServers(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pollEvery(state.data?.servers),
  });
}

export function useServer(id: string) {
  return useQuery({
    queryKey: ["servers", "one", id],
    queryFn: () => showServer(id),
    refetchInterval: ({ state }) =>
      state.error instanceof ApiError && state.error.status === 404 ? false : pollEvery(state.data && [state.data]),
  });
}

/** Reads the servers again at once: an action has been accepted. 'gone' is one that is being deleted, and not asked for again:
 *  its page is still there for a moment, the server perhaps no longer. */
export function useRefreshServers(): (gone?: string) => Promise<void> {
  const queries = useQueryClient();
  return (gone) =>
    queries.invalidateQueries({ queryKey: ["servers"], predicate: ({ queryKey }) => gone === undefined || !queryKey.includes(gone) });
}

export function useFlavors() {
  return useQuery({ queryKey: ["flavors"], queryFn: listFlavors, staleTime: 300_000 });
}

export function useImages() {
  return useQuery({ queryKey: ["images"], queryFn: listImages, staleTime: 60_000 });
}

/** Newer microversions put the flavor into the server, older ones only its id. */
export function flavorOf(server: Server, flavors: Flavor[] | undefined): Flavor | null {
  const own = server.flavor;
  const known = flavors?.find((flavor) => flavor.id === own.id);
  if (known) {
    return known;
  }
  return own.original_name === undefined
    ? null
    : { id: own.id ?? "", name: own.original_name, vcpus: own.vcpus ?? 0, ram: own.ram ?? 0, disk: own.disk ?? 0 };
}

export function imageName(server: Server, images: Image[] | undefined): string | null {
  if (server.image === "") {
    return t("Boots from a volume");
  }
  const id = server.image.id;
  return images?.find((image) => image.id === id)?.name ?? id;
}

export const addressesOf = (server: Server): string[] =>
  Object.values(server.addresses).flatMap((list) => list.map((address) => address.addr));

/** Says aloud (to screen readers) when a server that is on the page changes its state. */
export function useStateAnnouncements(servers: Server[] | undefined): void {
  const notify = useNotify();
  const known = useRef(new Map<string, string>());
  useEffect(() => {
    const changes: string[] = [];
    for (const server of servers ?? []) {
      const before = known.current.get(server.id);
      if (before !== undefined && before !== server.status) {
        changes.push(t("{name}: {state}", { name: server.name, state: stateText(server) }));
      }
      known.current.set(server.id, server.status);
    }
    if (changes.length > 0) {
      notify.announce(changes.join("\n"));
    }
  }, [notify, servers]);
}
