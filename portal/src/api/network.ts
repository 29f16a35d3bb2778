// SPDX-License-Identifier: Apache-2.0
/* Neutron v2.0. Spec: https://docs.openstack.org/api-ref/network/v2/ */
import { get } from "./client";

export interface Network {
  id: string;
  name: string;
  subnets: string[];
  shared: boolean;
  "router:external"?: boolean;
}

export interface Subnet {
  id: string;
  network_id: string;
  cidr: string;
}

/** The networks that a server can be joined to: own or shared, with at least one subnet. */
export async function listNetworks(): Promise<Network[]> {
  const body = await get<{ networks: Network[] }>("/network/v2.0/networks");
  return body.networks.filter((network) => network.subnets.length > 0 && !network["router:external"]);
}

export async function listSubnets(): Promise<Subnet[]> {
  return (await get<{ subnets: Subnet[] }>("/network/v2.0/subnets")).subnets;
}
