// SPDX-License-Identifier: Apache-2.0
// A mock of the OpenStack endpoints, for tests of the portal's UI states only (every state a server can show, every
// failure). What the portal does with a real cloud is tested by ../e2e against a running akashi.
// Serves the built portal as nginx does: same routes, same headers.
import { createServer } from "node:http";
import { readFileSync, existsSync, statSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join, extname, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { serveRfb } from "./rfb.mjs";
import { SERVICE_ROUTES } from "./service.mjs";
import { FLAVORS, newServer, newWorld } from "./world.mjs";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "portal", "dist");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

class Fault extends Error {
  constructor(status, body) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

const later = (world, steps, run) => world.jobs.push({ steps, run });

function issueToken(world, user, projectName) {
  const id = `token-${randomUUID()}`;
  const [name, account] = user;
  const domain = { id: `d-${account.domain}`, name: account.domain };
  const body = {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    user: { id: account.id, name, domain },
    ...(projectName ? { project: { id: `p-${projectName}`, name: projectName, domain } } : {}),
  };
  world.tokens.set(id, { user, body });
  return { status: 201, headers: { "X-Subject-Token": id }, body: { token: body } };
}

function authenticate(world, { auth }) {
  const scope = auth.scope?.project?.id?.replace(/^p-/, "");
  if (auth.identity.methods[0] === "token") {
    const parent = world.tokens.get(auth.identity.token.id);
    if (!parent) {
      throw new Fault(401, { error: { code: 401, title: "Unauthorized", message: "認証が必要です。" } });
    }
    return issueToken(world, parent.user, scope);
  }
  const { name, password, domain } = auth.identity.password.user;
  const account = world.users[name];
  if (!account || account.password !== password || account.domain !== domain.name) {
    throw new Fault(401, { error: { code: 401, title: "Unauthorized", message: "ユーザ名、パスワード、またはドメインが違います。" } });
  }
  if (account.passcode && auth.identity.totp?.user.passcode !== account.passcode) {
    const fault = new Fault(401, { error: { code: 401, title: "Unauthorized", message: "認証が必要です。" } });
    fault.headers = auth.identity.totp ? {} : { "Openstack-Auth-Receipt": `receipt-${randomUUID()}` };
    throw fault;
  }
  return issueToken(world, [name, account], scope ?? account.defaultProject);
}

function findServer(world, id) {
  const server = world.servers.find((s) => s.id === id);
  if (!server) {
    throw new Fault(404, { itemNotFound: { code: 404, message: `インスタンス ${id} が見つかりませんでした。` } });
  }
  return server;
}

function remember(world, server, action) {
  const list = world.actions.get(server.id) ?? [];
  list.push({ action, request_id: `req-${randomUUID()}`, start_time: new Date().toISOString(), user_id: server.user_id, message: null, instance_uuid: server.id });
  world.actions.set(server.id, list);
}

function createMockServer(world, { server: wanted }) {
  const server = newServer(wanted.name, "BUILD", { minutes: 0, flavor: wanted.flavorRef, image: wanted.imageRef, task: "scheduling", address: "" });
  server.key_name = wanted.key_name ?? null;
  world.servers.unshift(server);
  remember(world, server, "create");
  later(world, 1, () => (server["OS-EXT-STS:task_state"] = "networking"));
  later(world, 2, () => (server["OS-EXT-STS:task_state"] = "spawning"));
  later(world, 3, () => {
    const network = world.networks.find((n) => n.id === wanted.networks[0].uuid);
    Object.assign(server, { status: "ACTIVE", "OS-EXT-STS:task_state": null });
    server.addresses = { [network.name]: [{ addr: "10.0.0.99", version: 4, "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:99" }] };
  });
  return { status: 202, body: { server: { id: server.id } } };
}

function actOn(world, server, body) {
  const job = (action, task, status) => {
    remember(world, server, action);
    server["OS-EXT-STS:task_state"] = task;
    later(world, 2, () => Object.assign(server, { status, "OS-EXT-STS:task_state": null }));
    return { status: 202 };
  };
  if ("os-start" in body) {
    return job("start", "powering-on", "ACTIVE");
  }
  if ("os-stop" in body) {
    return job("stop", "powering-off", "SHUTOFF");
  }
  if ("reboot" in body) {
    server.status = body.reboot.type === "HARD" ? "HARD_REBOOT" : "REBOOT";
    return job("reboot", body.reboot.type === "HARD" ? "rebooting_hard" : "rebooting", "ACTIVE");
  }
  return { status: 200, body: { output: world.log } };
}

function listServers(world, query) {
  const limit = Number(query.get("limit") ?? 1000);
  const name = new RegExp(query.get("name") ?? "");
  const status = query.get("status");
  const all = world.servers.filter((s) => name.test(s.name) && (!status || s.status === status));
  const start = query.get("marker") ? all.findIndex((s) => s.id === query.get("marker")) + 1 : 0;
  const servers = all.slice(start, start + limit);
  const links = start + limit < all.length ? { servers_links: [{ rel: "next", href: "…" }] } : {};
  return { status: 200, body: { servers, ...links } };
}

function listImages(world, query) {
  const status = query.get("status");
  const visibility = query.get("visibility");
  return { status: 200, body: { images: world.images.filter((i) => (!status || i.status === status) && (!visibility || i.visibility === visibility)) } };
}

/* list, show, create and delete of one kind of Neutron's objects */
function network(kind, name, defaults) {
  const path = kind.replaceAll("_", "-");
  const all = new RegExp(`^/network/v2\\.0/${path}$`);
  const single = new RegExp(`^/network/v2\\.0/${path}/([^/]+)$`);
  return [
    ["GET", all, (w) => ({ status: 200, body: { [kind]: w[kind] } })],
    ["GET", single, (w, m) => {
      const object = w[kind].find((o) => o.id === m[1]);
      return object ? { status: 200, body: { [name]: object } } : { status: 404, body: { NeutronError: { type: "NotFound", message: "見つかりませんでした。" } } };
    }],
    ["POST", all, (w, _m, body) => {
      const made = { id: randomUUID(), ...defaults, ...body[name] };
      w[kind].push(made);
      w.networks.find((n) => n.id === made.network_id)?.subnets.push(made.id);
      return { status: 201, body: { [name]: made } };
    }],
    ["DELETE", single, (w, m) => {
      w[kind] = w[kind].filter((o) => o.id !== m[1]);
      return { status: 204 };
    }],
  ];
}

const ROUTES = [
  ["POST", /^\/identity\/v3\/auth\/tokens$/, (w, _m, body) => authenticate(w, body)],
  ["DELETE", /^\/identity\/v3\/auth\/tokens$/, (w, _m, _b, request) => {
    const token = request.headers["x-subject-token"];
    w.tokens.delete(token);
    w.revoked.push(token);
    return { status: 204 };
  }],
  ["GET", /^\/identity\/v3\/auth\/projects$/, (_w, _m, _b, request) => ({
    status: 200,
    body: { projects: request.account.user[1].projects.map((name) => ({ id: `p-${name}`, name, enabled: true })) },
  })],
  ["GET", /^\/compute\/v2\.1\/servers\/detail$/, (w, _m, _b, request) => listServers(w, request.query)],
  ["POST", /^\/compute\/v2\.1\/servers$/, (w, _m, body) => createMockServer(w, body)],
  ["GET", /^\/compute\/v2\.1\/servers\/([^/]+)$/, (w, m) => ({ status: 200, body: { server: findServer(w, m[1]) } })],
  ["PUT", /^\/compute\/v2\.1\/servers\/([^/]+)$/, (w, m, body) => {
    findServer(w, m[1]).name = body.server.name;
    return { status: 200, body: { server: findServer(w, m[1]) } };
  }],
  ["DELETE", /^\/compute\/v2\.1\/servers\/([^/]+)$/, (w, m) => {
    const server = findServer(w, m[1]);
    server["OS-EXT-STS:task_state"] = "deleting";
    later(w, 2, () => w.servers.splice(w.servers.indexOf(server), 1));
    return { status: 204 };
  }],
  ["POST", /^\/compute\/v2\.1\/servers\/([^/]+)\/action$/, (w, m, body) => actOn(w, findServer(w, m[1]), body)],
  ["POST", /^\/compute\/v2\.1\/servers\/([^/]+)\/remote-consoles$/, (w, m, _b, request) => {
    findServer(w, m[1]);
    if (request.headers["openstack-api-version"] !== "compute 2.6") {
      throw new Fault(404, { itemNotFound: { code: 404, message: "microversion 2.6 is needed" } });
    }
    const token = randomUUID();
    w.consoleTokens.add(token);
    return { status: 200, body: { remote_console: { protocol: "vnc", type: "novnc", url: `https://cloud.example/console?token=${token}` } } };
  }],
  ["GET", /^\/compute\/v2\.1\/servers\/([^/]+)\/os-instance-actions$/, (w, m) => ({
    status: 200,
    body: { instanceActions: w.actions.get(m[1]) ?? [{ action: "create", request_id: "req-5f1c7e4e-8a3d-4b7c-9f2e-000000000001", start_time: "2026-11-20T01:02:03.000000", user_id: "u-alpha", message: null }] },
  })],
  ["GET", /^\/compute\/v2\.1\/flavors\/detail$/, () => ({ status: 200, body: { flavors: [...FLAVORS].reverse() } })],
  ["GET", /^\/compute\/v2\.1\/os-keypairs$/, (w) => ({ status: 200, body: { keypairs: w.keypairs.map((keypair) => ({ keypair })) } })],
  ["POST", /^\/compute\/v2\.1\/os-keypairs$/, (w, _m, { keypair }) => {
    w.keypairs.push({ name: keypair.name, fingerprint: "11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00" });
    return { status: 200, body: { keypair } };
  }],
  ["DELETE", /^\/compute\/v2\.1\/os-keypairs\/(.+)$/, (w, m) => {
    w.keypairs = w.keypairs.filter((k) => k.name !== decodeURIComponent(m[1]));
    return { status: 202 };
  }],
  ["GET", /^\/image\/v2\/images$/, (w, _m, _b, request) => listImages(w, request.query)],
  ["POST", /^\/image\/v2\/images$/, (w, _m, body) => {
    const image = { id: randomUUID(), status: "queued", visibility: "private", owner: "p-alpha", size: null, ...body };
    w.images.push(image);
    return { status: 201, body: image };
  }],
  ["PUT", /^\/image\/v2\/images\/([^/]+)\/file$/, (w, m, _b, request) => {
    Object.assign(w.images.find((i) => i.id === m[1]), { status: "active", size: request.size });
    return { status: 204 };
  }],
  ["DELETE", /^\/image\/v2\/images\/([^/]+)$/, (w, m) => {
    w.images = w.images.filter((i) => i.id !== m[1]);
    return { status: 204 };
  }],
  ...network("networks", "network", { subnets: [], shared: false, status: "ACTIVE", project_id: "p-alpha" }),
  ...network("subnets", "subnet", {}),
  ...network("security_groups", "security_group", { description: "", security_group_rules: [] }),
  ["POST", /^\/network\/v2\.0\/security-group-rules$/, (w, _m, { security_group_rule: rule }) => {
    const made = { id: randomUUID(), ...rule };
    w.security_groups.find((g) => g.id === rule.security_group_id).security_group_rules.push(made);
    return { status: 201, body: { security_group_rule: made } };
  }],
  ["DELETE", /^\/network\/v2\.0\/security-group-rules\/([^/]+)$/, (w, m) => {
    for (const group of w.security_groups) {
      group.security_group_rules = group.security_group_rules.filter((r) => r.id !== m[1]);
    }
    return { status: 204 };
  }],
  ...SERVICE_ROUTES,
];

function answer(world, request, path, body) {
  const failure = world.failures.get(`${request.method} ${path}`);
  if (failure) {
    return failure;
  }
  const isLogin = request.method === "POST" && path === "/identity/v3/auth/tokens";
  request.account = world.tokens.get(request.headers["x-auth-token"]);
  if (!isLogin && !request.account) {
    throw new Fault(401, { error: { code: 401, title: "Unauthorized", message: "認証が必要です。" } });
  }
  for (const [method, pattern, handler] of ROUTES) {
    const match = pattern.exec(path);
    if (match && method === request.method) {
      return handler(world, match, body, request);
    }
  }
  throw new Fault(404, { itemNotFound: { code: 404, message: `no such route: ${path}` } });
}

function serveFile(response, path) {
  const isFile = (file) => existsSync(file) && statSync(file).isFile();
  let file = path === "/console" ? join(DIST, "console.html") : join(DIST, path);
  if (!file.startsWith(DIST) || !isFile(file)) {
    file = path.startsWith("/assets/") ? "" : join(DIST, "index.html");
  }
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  });
  response.end(readFileSync(file));
}

async function handle(world, request, response) {
  const url = new URL(request.url, "http://mock");
  if (!/^\/(identity|compute|image|network|service)\//.test(url.pathname)) {
    serveFile(response, url.pathname);
    return;
  }
  request.query = url.searchParams;
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  request.size = bytes.length;
  const isJson = bytes.length > 0 && (request.headers["content-type"] ?? "").startsWith("application/json");
  const body = isJson ? JSON.parse(bytes.toString()) : undefined;
  world.requests.push({ method: request.method, path: url.pathname, query: url.search, headers: request.headers, body });
  let result;
  try {
    result = answer(world, request, url.pathname, body);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    result = error;
  }
  response.writeHead(result.status, {
    "Content-Type": "application/json",
    "x-openstack-request-id": `req-${randomUUID()}`,
    ...result.headers,
  });
  response.end(result.file ?? (result.body === undefined ? undefined : JSON.stringify(result.body)));
}

/** Starts a mock cloud on a free port of loopback. */
export async function startMock(port = 0) {
  const world = newWorld();
  const server = createServer((request, response) => {
    handle(world, request, response).catch((error) => response.destroy(error));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has("binary") ? "binary" : false) });
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url, "http://mock");
    const isKnown = url.pathname === "/compute/console" && world.consoleTokens.delete(url.searchParams.get("token"));
    if (!isKnown) {
      socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => serveRfb(ws, (keysym) => world.typed.push(keysym)));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    world,
    /** every job goes one step on; none does by itself, so that no state passes by before somebody has looked */
    step: () => {
      const due = world.jobs.filter((job) => --job.steps <= 0);
      world.jobs = world.jobs.filter((job) => job.steps > 0);
      due.forEach((job) => job.run());
    },
    /** cuts every console connection, as a network does */
    dropScreens: () => sockets.clients.forEach((client) => client.terminate()),
    close: () => {
      for (const client of sockets.clients) {
        client.terminate();
      }
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock(Number(process.env.PORT ?? 8480));
  setInterval(mock.step, 700);
  console.log(`mock cloud on ${mock.url} (user alpha, password "correct horse", domain alpha)`);
}
