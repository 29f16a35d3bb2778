// SPDX-License-Identifier: Apache-2.0
/* Rules of a security group as people read and choose them. */
import type { NewRule, Rule } from "../../api/network";
import { N_, t } from "../../i18n";

/** What a group is for; Neutron's own text for the first one is not the customer's. */
export const purposeOf = (group: { name: string; description: string | null }): string =>
  group.name === "default" && group.description === "Default security group" ? t("Holds for every server that names no other group.") : (group.description ?? "");

export interface Preset {
  key: string;
  /** marked with N_() */
  label: string;
  protocol: string | null;
  ports: string;
}

export const PRESETS: Preset[] = [
  { key: "https", label: N_("HTTPS (TCP 443)"), protocol: "tcp", ports: "443" },
  { key: "http", label: N_("HTTP (TCP 80)"), protocol: "tcp", ports: "80" },
  { key: "ssh", label: N_("SSH (TCP 22)"), protocol: "tcp", ports: "22" },
  { key: "rdp", label: N_("Remote desktop (TCP 3389)"), protocol: "tcp", ports: "3389" },
  { key: "ping", label: N_("Ping (ICMP)"), protocol: "icmp", ports: "" },
  { key: "all", label: N_("Everything"), protocol: null, ports: "" },
];

/** "443" or "8000-8100" → first and last port; null: not ports; "" is every port. */
export function portsOf(text: string): [number | null, number | null] | null {
  if (text.trim() === "") {
    return [null, null];
  }
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text.trim());
  if (match === null) {
    return null;
  }
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first >= 1 && last <= 65535 && first <= last ? [first, last] : null;
}

const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3})(\/(\d|[12]\d|3[0-2]))?$/;
const ADDRESS6 = /^[0-9a-f:]*:[0-9a-f:]*(\/(\d{1,2}|1[01]\d|12[0-8]))?$/i;

/** IPv4 or IPv6, by the address; null: not an address. "" is everywhere, by IPv4. */
export function etherOf(prefix: string): "IPv4" | "IPv6" | null {
  const text = prefix.trim();
  if (text === "" || (ADDRESS.test(text) && text.split("/")[0]?.split(".").every((n) => Number(n) <= 255))) {
    return "IPv4";
  }
  return ADDRESS6.test(text) ? "IPv6" : null;
}

export interface RuleDraft {
  direction: "ingress" | "egress";
  protocol: string;
  ports: string;
  remote: string;
}

/** The body for a filled-in form; null when it is not right yet. */
export function ruleOf(groupId: string, draft: RuleDraft): NewRule | null {
  const hasPorts = draft.protocol === "tcp" || draft.protocol === "udp";
  const ports = hasPorts ? portsOf(draft.ports) : ([null, null] as const);
  const ethertype = etherOf(draft.remote);
  if (ports === null || ethertype === null) {
    return null;
  }
  return {
    security_group_id: groupId,
    direction: draft.direction,
    ethertype,
    protocol: draft.protocol === "" ? null : draft.protocol,
    port_range_min: ports[0],
    port_range_max: ports[1],
    remote_ip_prefix: draft.remote.trim() === "" ? null : draft.remote.trim(),
    remote_group_id: null,
  };
}

export function directionText(rule: Pick<Rule, "direction">): string {
  return rule.direction === "ingress" ? t("Incoming") : t("Outgoing");
}

export function protocolText(rule: Rule): string {
  return rule.protocol === null ? t("All protocols") : rule.protocol.toUpperCase();
}

export function portText(rule: Rule): string {
  if (rule.port_range_min === null) {
    return t("All");
  }
  return rule.port_range_min === rule.port_range_max ? String(rule.port_range_min) : `${rule.port_range_min}–${rule.port_range_max ?? ""}`;
}

/** 'groupName' of the remote group, when there is one. */
export function remoteText(rule: Rule, groupName: string | undefined): string {
  if (rule.remote_group_id !== null) {
    return t("Servers of the group {name}", { name: groupName ?? rule.remote_group_id });
  }
  return rule.remote_ip_prefix ?? t("Everywhere ({ethertype})", { ethertype: rule.ethertype });
}
