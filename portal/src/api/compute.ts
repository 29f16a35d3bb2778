// SPDX-License-Identifier: Apache-2.0
/* Nova v2.1. Spec: https://docs.openstack.org/api-ref/compute/ */
import { call, get } from "./client";

const ROOT = "/compute/v2.1";

export interface Address {
  addr: string;
  version: 4 | 6;
  "OS-EXT-IPS:type"?: "fixed" | "floating";
  "OS-EXT-IPS-MAC:mac_addr"?: string;
}

export interface Server {
  id: string;
  name: string;
  status: string;
  created: string;
  updated: string;
  addresses: Record<string, Address[]>;
  /** "" for a server that boots from a volume */
  image: { id: string } | "";
  flavor: { id?: string; original_name?: string; vcpus?: number; ram?: number; disk?: number };
  key_name: string | null;
  user_id?: string;
  progress?: number;
  fault?: { code: number; message: string; created: string };
  security_groups?: { name: string }[];
  "OS-EXT-STS:task_state"?: string | null;
  "OS-EXT-STS:vm_state"?: string;
  "OS-EXT-STS:power_state"?: number;
  "OS-EXT-AZ:availability_zone"?: string;
}

export interface Flavor {
  id: string;
  name: string;
  vcpus: number;
  /** MiB */
  ram: number;
  /** GiB */
  disk: number;
}

export interface Keypair {
  name: string;
  fingerprint: string;
  public_key?: string;
}

export interface InstanceAction {
  action: string;
  request_id: string;
  start_time: string;
  user_id: string | null;
  message: string | null;
}

export interface ServerQuery {
  limit: number;
  marker?: string | undefined;
  name?: string | undefined;
  status?: string | undefined;
}

export interface ServerPage {
  servers: Server[];
  hasNext: boolean;
}

export interface NewServer {
  name: string;
  imageRef: string;
  flavorRef: string;
  networks: { uuid: string }[];
  key_name?: string;
  /** base64 */
  user_data?: string;
}

/** One page, newest first. A name is matched as a substring (Nova takes a regular expression). */
export async function listServers(query: ServerQuery, signal?: AbortSignal): Promise<ServerPage> {
  const { name, ...rest } = query;
  const escaped = name?.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const body = await get<{ servers: Server[]; servers_links?: { rel: string }[] }>(`${ROOT}/servers/detail`, {
    query: { ...rest, name: escaped },
    ...(signal ? { signal } : {}),
  });
  return {
    servers: body.servers,
    hasNext: body.servers_links?.some((link) => link.rel === "next") ?? false,
  };
}

export async function showServer(id: string): Promise<Server> {
  return (await get<{ server: Server }>(`${ROOT}/servers/${id}`)).server;
}

export async function createServer(server: NewServer): Promise<{ id: string }> {
  return (await get<{ server: { id: string } }>(`${ROOT}/servers`, { method: "POST", body: { server } })).server;
}

export async function renameServer(id: string, name: string): Promise<void> {
  await call(`${ROOT}/servers/${id}`, { method: "PUT", body: { server: { name } } });
}

async function act(id: string, action: Record<string, unknown>): Promise<void> {
  await call(`${ROOT}/servers/${id}/action`, { method: "POST", body: action });
}

export const startServer = (id: string) => act(id, { "os-start": null });
export const stopServer = (id: string) => act(id, { "os-stop": null });
export const rebootServer = (id: string, type: "SOFT" | "HARD") => act(id, { reboot: { type } });

export async function deleteServer(id: string): Promise<void> {
  await call(`${ROOT}/servers/${id}`, { method: "DELETE" });
}

/** The last 'lines' lines of the serial console. */
export async function consoleLog(id: string, lines: number): Promise<string> {
  const body = await get<{ output: string }>(`${ROOT}/servers/${id}/action`, {
    method: "POST",
    body: { "os-getConsoleOutput": { length: lines } },
  });
  return body.output;
}

/** A URL with a single-use token for the screen of the server. */
export async function remoteConsole(id: string): Promise<string> {
  const body = await get<{ remote_console: { url: string } }>(`${ROOT}/servers/${id}/remote-consoles`, {
    method: "POST",
    headers: { "OpenStack-API-Version": "compute 2.6", "X-OpenStack-Nova-API-Version": "2.6" },
    body: { remote_console: { protocol: "vnc", type: "novnc" } },
  });
  return body.remote_console.url;
}

export async function listInstanceActions(id: string): Promise<InstanceAction[]> {
  const body = await get<{ instanceActions: InstanceAction[] }>(`${ROOT}/servers/${id}/os-instance-actions`);
  return body.instanceActions;
}

export async function listFlavors(): Promise<Flavor[]> {
  const flavors = (await get<{ flavors: Flavor[] }>(`${ROOT}/flavors/detail`)).flavors;
  return flavors.sort((a, b) => a.vcpus - b.vcpus || a.ram - b.ram || a.disk - b.disk);
}

export async function listKeypairs(): Promise<Keypair[]> {
  const body = await get<{ keypairs: { keypair: Keypair }[] }>(`${ROOT}/os-keypairs`);
  return body.keypairs.map(({ keypair }) => keypair);
}

export async function importKeypair(name: string, publicKey: string): Promise<Keypair> {
  const keypair = { name, public_key: publicKey };
  return (await get<{ keypair: Keypair }>(`${ROOT}/os-keypairs`, { method: "POST", body: { keypair } })).keypair;
}

export async function deleteKeypair(name: string): Promise<void> {
  await call(`${ROOT}/os-keypairs/${encodeURIComponent(name)}`, { method: "DELETE" });
}
