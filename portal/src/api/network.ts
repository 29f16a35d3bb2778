// SPDX-License-Identifier: Apache-2.0
/* Neutron v2.0. Spec: https://docs.openstack.org/api-ref/network/v2/ */
import { call, get } from "./client";

export interface Network {
  id: string;
  name: string;
  subnets: string[];
  shared: boolean;
  project_id?: string;
  status?: string;
  created_at?: string;
  "router:external"?: boolean;
}

export interface Subnet {
  id: string;
  network_id: string;
  cidr: string;
  name?: string;
  gateway_ip?: string | null;
  enable_dhcp?: boolean;
  dns_nameservers?: string[];
}

/** The networks that a server can be joined to: own or shared, with at least one subnet. */
export async function listNetworks(): Promise<Network[]> {
  const body = await get<{ networks: Network[] }>("/network/v2.0/networks");
  return body.networks.filter((network) => network.subnets.length > 0 && !network["router:external"]);
}

export async function listSubnets(): Promise<Subnet[]> {
  return (await get<{ subnets: Subnet[] }>("/network/v2.0/subnets")).subnets;
}

export interface NetworkPage<T> {
  rows: T[];
  next: string | null;
}

type PageQuery = { limit: number; marker?: string | undefined; name?: string | undefined };

async function page<T extends { id: string }>(kind: string, query: PageQuery): Promise<NetworkPage<T>> {
  const body = await get<Record<string, unknown>>(`/network/v2.0/${kind.replaceAll("_", "-")}`, {
    query: { ...query, sort_key: "name", sort_dir: "asc" },
  });
  const rows = (body[kind] ?? []) as T[];
  const links = (body[`${kind}_links`] ?? []) as { rel: string }[];
  return { rows, next: links.some(({ rel }) => rel === "next") ? (rows.at(-1)?.id ?? null) : null };
}

/** One page of all networks, those without a subnet and the outer ones too. */
export const pageNetworks = (query: PageQuery) => page<Network>("networks", query);

export async function createNetwork(name: string): Promise<Network> {
  return (await get<{ network: Network }>("/network/v2.0/networks", { method: "POST", body: { network: { name } } })).network;
}

export async function deleteNetwork(id: string): Promise<void> {
  await call(`/network/v2.0/networks/${id}`, { method: "DELETE" });
}

export interface NewSubnet {
  network_id: string;
  name: string;
  cidr: string;
  ip_version: 4 | 6;
  enable_dhcp: boolean;
  dns_nameservers?: string[];
}

export async function createSubnet(subnet: NewSubnet): Promise<Subnet> {
  return (await get<{ subnet: Subnet }>("/network/v2.0/subnets", { method: "POST", body: { subnet } })).subnet;
}

export async function deleteSubnet(id: string): Promise<void> {
  await call(`/network/v2.0/subnets/${id}`, { method: "DELETE" });
}

/* -- security groups -- */

export interface Rule {
  id: string;
  direction: "ingress" | "egress";
  ethertype: "IPv4" | "IPv6";
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  description?: string | null;
}

export interface SecurityGroup {
  id: string;
  name: string;
  description: string | null;
  security_group_rules: Rule[];
}

export const pageSecurityGroups = (query: PageQuery) => page<SecurityGroup>("security_groups", query);

export async function showSecurityGroup(id: string): Promise<SecurityGroup> {
  return (await get<{ security_group: SecurityGroup }>(`/network/v2.0/security-groups/${id}`)).security_group;
}

export async function createSecurityGroup(name: string, description: string): Promise<SecurityGroup> {
  const body = { security_group: { name, description } };
  return (await get<{ security_group: SecurityGroup }>("/network/v2.0/security-groups", { method: "POST", body })).security_group;
}

export async function deleteSecurityGroup(id: string): Promise<void> {
  await call(`/network/v2.0/security-groups/${id}`, { method: "DELETE" });
}

export type NewRule = Omit<Rule, "id"> & { security_group_id: string };

export async function createRule(rule: NewRule): Promise<void> {
  await call("/network/v2.0/security-group-rules", { method: "POST", body: { security_group_rule: rule } });
}

export async function deleteRule(id: string): Promise<void> {
  await call(`/network/v2.0/security-group-rules/${id}`, { method: "DELETE" });
}
