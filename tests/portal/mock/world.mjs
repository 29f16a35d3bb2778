// SPDX-License-Identifier: Apache-2.0
// The made-up cloud behind the mock server: accounts, images, servers in many states.
import { randomUUID } from "node:crypto";
import { newService } from "./service.mjs";

const MINUTE = 60_000;
const ago = (minutes) => new Date(Date.now() - minutes * MINUTE).toISOString().replace(/\.\d+Z$/, "Z");

const LOG = `[    0.000000] Linux version 6.1.0-28-cloud-amd64 (debian-kernel@lists.debian.org)
[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz-6.1.0-28-cloud-amd64 root=UUID=0c1f console=tty0 console=ttyS0
[    1.204811] virtio_net virtio0 enp1s0: renamed from eth0
[\u001b[0;32m  OK  \u001b[0m] Started \u001b[0;1;39mssh.service\u001b[0m - OpenBSD Secure Shell server.
[\u001b[0;32m  OK  \u001b[0m] Reached target \u001b[0;1;39mcloud-init.target\u001b[0m - Cloud-init target.
[   14.881523] cloud-init[512]: Cloud-init v. 22.4.2 finished. Datasource DataSourceConfigDrive. Up 14.87 seconds

Debian GNU/Linux 12 web1 ttyS0

web1 login: `;

export const FLAVORS = [
  { id: "f-small", name: "small", vcpus: 1, ram: 512, disk: 5 },
  { id: "f-medium", name: "medium", vcpus: 2, ram: 2048, disk: 20 },
  { id: "f-large", name: "large", vcpus: 4, ram: 8192, disk: 80 },
];

const IMAGES = [
  { id: "i-debian", name: "debian-12", status: "active", visibility: "public", size: 398_458_880, min_disk: 4, min_ram: 512, disk_format: "qcow2" },
  { id: "i-tiny", name: "tiny-linux", status: "active", visibility: "public", size: 9_437_184, min_disk: 0, min_ram: 0, disk_format: "qcow2" },
  { id: "i-own", name: "受注システム 2026-11 版", status: "active", visibility: "private", owner: "p-alpha", size: 2_684_354_560, min_disk: 20, min_ram: 2048, disk_format: "qcow2" },
];

const NETWORKS = [
  { id: "n-alpha", name: "alpha-net", subnets: ["s-alpha"], shared: false, status: "ACTIVE" },
  { id: "n-backup", name: "バックアップ用", subnets: ["s-backup"], shared: false, status: "ACTIVE" },
  { id: "n-ext", name: "external", subnets: ["s-ext"], project_id: "p-provider", shared: true, "router:external": true, status: "ACTIVE" },
];

const SUBNETS = [
  { id: "s-alpha", network_id: "n-alpha", cidr: "10.0.0.0/24", name: "alpha-subnet", gateway_ip: "10.0.0.1", enable_dhcp: true, dns_nameservers: ["10.0.0.2"] },
  { id: "s-backup", network_id: "n-backup", cidr: "192.168.40.0/24", name: "バックアップ", gateway_ip: null, enable_dhcp: true, dns_nameservers: [] },
];

const rule = (id, direction, protocol, min, max, prefix, group = null, ethertype = "IPv4") => ({
  id, direction, ethertype, protocol, port_range_min: min, port_range_max: max, remote_ip_prefix: prefix, remote_group_id: group, description: "",
});
const GROUPS = [
  {
    id: "g-default", name: "default", description: "Default security group",
    security_group_rules: [
      rule("r-1", "ingress", null, null, null, null, "g-default"),
      rule("r-2", "egress", null, null, null, null),
      rule("r-3", "egress", null, null, null, null, null, "IPv6"),
    ],
  },
  {
    id: "g-web", name: "web", description: "受注 Web サーバ用",
    security_group_rules: [
      rule("r-4", "ingress", "tcp", 443, 443, "0.0.0.0/0"),
      rule("r-5", "ingress", "tcp", 22, 22, "198.51.100.0/24"),
      rule("r-6", "ingress", "icmp", null, null, "10.0.0.0/24"),
      rule("r-7", "egress", null, null, null, null),
    ],
  },
];

export function newServer(name, status, options = {}) {
  const { minutes = 60, flavor = "f-small", image = "i-debian", task = null, address = "10.0.0.11", fault } = options;
  return {
    id: randomUUID(),
    name,
    status,
    created: ago(minutes),
    updated: ago(Math.min(minutes, 5)),
    user_id: "u-alpha",
    image: { id: image },
    flavor: { id: flavor },
    key_name: "hanako",
    addresses: address
      ? { "alpha-net": [{ addr: address, version: 4, "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:5c:01:0b" }] }
      : {},
    security_groups: [{ name: "default" }],
    "OS-EXT-STS:task_state": task,
    "OS-EXT-STS:vm_state": status === "ACTIVE" ? "active" : "stopped",
    "OS-EXT-STS:power_state": status === "ACTIVE" ? 1 : 4,
    "OS-EXT-AZ:availability_zone": "nova",
    ...(fault ? { fault: { code: 500, message: fault, created: ago(3) } } : {}),
  };
}

/** A fresh world; tests change it as they like. */
export function newWorld() {
  const world = emptyWorld();
  world.service = newService(world.servers);
  return world;
}

function emptyWorld() {
  return {
    /* name → password, id, domain, projects, default project */
    users: {
      alpha: { id: "u-alpha", password: "correct horse", domain: "alpha", projects: ["alpha"], defaultProject: "alpha" },
      many: { id: "u-many", password: "correct horse", domain: "alpha", projects: ["alpha", "alpha-staging"] },
      single: { id: "u-single", password: "correct horse", domain: "alpha", projects: ["alpha"] },
      careful: { id: "u-careful", password: "correct horse", domain: "alpha", projects: ["alpha"], defaultProject: "alpha", passcode: "123456" },
      nobody: { id: "u-nobody", password: "correct horse", domain: "alpha", projects: [] },
    },
    tokens: new Map(),
    revoked: [],
    servers: [
      newServer("web1", "ACTIVE", { minutes: 12, flavor: "f-medium" }),
      newServer("受注システム-本番", "ACTIVE", { minutes: 60 * 24 * 40, flavor: "f-large", image: "i-own", address: "10.0.0.12" }),
      newServer("db1", "SHUTOFF", { minutes: 60 * 30, flavor: "f-medium", address: "10.0.0.13" }),
      newServer("worker-03", "BUILD", { minutes: 0, task: "networking", address: "" }),
      newServer("batch", "ACTIVE", { minutes: 60 * 5, task: "powering-off", address: "10.0.0.14" }),
      newServer("test-run", "ERROR", { minutes: 90, address: "", fault: "条件を満たすホストがありません。メモリが不足しています。" }),
    ],
    images: structuredClone(IMAGES),
    networks: NETWORKS.map((n) => ({ project_id: "p-alpha", ...structuredClone(n) })),
    subnets: structuredClone(SUBNETS),
    security_groups: structuredClone(GROUPS),
    keypairs: [{ name: "hanako", fingerprint: "9d:3b:5b:9c:f4:21:63:1a:08:3f:0a:6e:52:c1:77:d0" }],
    actions: new Map(),
    log: LOG,
    consoleTokens: new Set(),
    /** keysyms that reached a screen */
    typed: [],
    /** what happens after so many steps */
    jobs: [],
    /** "METHOD path" → { status, body } answered instead */
    failures: new Map(),
    /** every request: { method, path, headers, body } */
    requests: [],
  };
}
