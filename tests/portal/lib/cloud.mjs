// SPDX-License-Identifier: Apache-2.0
// The running akashi that e2e/ tests: its address and accounts, from the environment or from ./run's clouds.yaml.
import { existsSync, readFileSync } from "node:fs";

const clouds = process.env.AKASHI_CLOUDS ?? "/var/lib/akashi/demo/clouds.yaml";

/** user_domain_id "default" is the domain with the name "Default", as in Keystone. */
const DOMAIN_NAMES = { default: "Default" };

/** The scalar members of one cloud of a clouds.yaml. */
function readCloud(name) {
  const text = existsSync(clouds) ? readFileSync(clouds, "utf8") : "";
  const part = text.split(/^ {2}(?=\S)/m).find((p) => p.startsWith(`${name}:`)) ?? "";
  return Object.fromEntries([...part.matchAll(/^\s+(\w+): (\S+)$/gm)].map((m) => [m[1], m[2]]));
}

export function account(name = process.env.AKASHI_CLOUD ?? "alpha") {
  const cloud = readCloud(name);
  const isMain = name === (process.env.AKASHI_CLOUD ?? "alpha");
  const from = (variable, value) => (isMain ? process.env[variable] : undefined) ?? value;
  const found = {
    user: from("AKASHI_USER", cloud.username),
    password: from("AKASHI_PASSWORD", cloud.password),
    domain: from("AKASHI_DOMAIN", DOMAIN_NAMES[cloud.user_domain_id] ?? cloud.user_domain_name ?? "Default"),
    project: cloud.project_name,
  };
  if (!found.user || !found.password) {
    throw new Error(`no account: set AKASHI_USER and AKASHI_PASSWORD, or AKASHI_CLOUDS (${clouds} has no cloud ${name})`);
  }
  return found;
}

export function customerUrl() {
  const { auth_url: url } = readCloud(process.env.AKASHI_CLOUD ?? "alpha");
  return process.env.AKASHI_URL ?? (url ? new URL(url).origin : "https://127.0.0.1:8443");
}

export function managementUrl() {
  const { auth_url: url } = readCloud("admin");
  return process.env.AKASHI_MANAGEMENT_URL ?? (url ? new URL(url).origin : "https://127.0.0.1:9443");
}
