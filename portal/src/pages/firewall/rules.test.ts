// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { etherOf, portsOf, ruleOf } from "./rules";

test("ports are one, a range, or all; nothing else", () => {
  expect(portsOf("443")).toEqual([443, 443]);
  expect(portsOf("8000-8100")).toEqual([8000, 8100]);
  expect(portsOf("")).toEqual([null, null]);
  expect(portsOf("0")).toBeNull();
  expect(portsOf("70000")).toBeNull();
  expect(portsOf("90-80")).toBeNull();
  expect(portsOf("http")).toBeNull();
});

test("the family is the address's", () => {
  expect(etherOf("192.0.2.0/24")).toBe("IPv4");
  expect(etherOf("2001:db8::/32")).toBe("IPv6");
  expect(etherOf("")).toBe("IPv4");
  expect(etherOf("192.0.2.300")).toBeNull();
  expect(etherOf("example.com")).toBeNull();
});

test("a rule without ports has none, whatever was typed before", () => {
  expect(ruleOf("g", { direction: "ingress", protocol: "icmp", ports: "443", remote: "" })).toMatchObject({ protocol: "icmp", port_range_min: null, remote_ip_prefix: null });
  expect(ruleOf("g", { direction: "ingress", protocol: "tcp", ports: "x", remote: "" })).toBeNull();
});
