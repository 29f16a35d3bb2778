// SPDX-License-Identifier: Apache-2.0
/* What the fields of a request's form choose from, read only when a field asks for it. */
import { useQuery } from "@tanstack/react-query";
import { listUsers } from "../../api/account";
import { listServers } from "../../api/compute";
import { pageNetworks } from "../../api/network";
import { listRequestKinds, type Field } from "../../api/request";
import type { FieldLists } from "../../ui/FormFromFields";

const MOST = 100;
const STALE_MS = 60_000;

export function useRequestKinds(enabled = true) {
  return useQuery({ queryKey: ["request-kinds"], queryFn: listRequestKinds, staleTime: STALE_MS, enabled });
}

export function useFieldLists(fields: Field[]): FieldLists {
  const has = (type: string) => fields.some((field) => field.type === type);
  const servers = useQuery({ queryKey: ["servers", "names"], queryFn: () => listServers({ limit: MOST }), enabled: has("server"), staleTime: STALE_MS });
  const networks = useQuery({ queryKey: ["networks", "names"], queryFn: () => pageNetworks({ limit: MOST }), enabled: has("network"), staleTime: STALE_MS });
  const users = useQuery({ queryKey: ["users", "names"], queryFn: () => listUsers({ limit: MOST }), enabled: has("user"), staleTime: STALE_MS });
  return {
    server: servers.data?.servers.map(({ id, name }) => ({ value: id, label: name })) ?? [],
    network: networks.data?.rows.map(({ id, name }) => ({ value: id, label: name || id })) ?? [],
    user: users.data?.rows.map(({ id, name }) => ({ value: id, label: name })) ?? [],
  };
}
