// SPDX-License-Identifier: Apache-2.0
// What tests/with-stack gives beside the pages: the management API as the account admin, the clock, the mails that arrived,
// the command akashi, and a screen for the consoles of simulated servers.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { request } from "playwright-core";
import { serveRfb } from "../mock/rfb.mjs";
import { until } from "./browser.mjs";
import { account } from "./cloud.mjs";

const TOP = process.env.AKASHI_TOP;
export const OPERATOR_URL = process.env.AKASHI_OPERATOR_URL ?? "https://127.0.0.1:9443";

export const run = (command, ...args) => execFileSync(command, args, { encoding: "utf8" });

/** The API of one account: call(method, path, body) gives the body of the answer. */
export async function openApi(baseURL, { user, password, domain, project }) {
  const context = await request.newContext({ baseURL, ignoreHTTPSErrors: true });
  let token = "";
  const logIn = async () => {
    const auth = {
      identity: { methods: ["password"], password: { user: { name: user, domain: { name: domain }, password } } },
      scope: { project: { name: project, domain: { name: domain } } },
    };
    const answer = await context.post("/identity/v3/auth/tokens", { data: { auth } });
    assert.equal(answer.status(), 201, await answer.text());
    token = answer.headers()["x-subject-token"];
    return (await answer.json()).token;
  };
  const fetch = (method, path, data, headers) =>
    context.fetch(path, { method, headers: { "X-Auth-Token": token, ...headers }, ...(data === undefined ? {} : { data }) });
  const whoami = await logIn();
  return {
    whoami,
    close: () => context.dispose(),
    call: async (method, path, data, headers = {}) => {
      let answer = await fetch(method, path, data, headers);
      if (answer.status() === 401) {
        /* the clock was moved beyond the token's time */
        await logIn();
        answer = await fetch(method, path, data, headers);
      }
      const text = await answer.text();
      assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text.slice(0, 500)}`);
      return text === "" ? null : JSON.parse(text);
    },
  };
}

export const openAdmin = () => openApi(OPERATOR_URL, account("admin"));

/* -- the clock of api and worker -- */

export const moveClock = (seconds) => run(join(TOP, "tests/move-clock"), seconds < 0 ? String(seconds) : `+${seconds}`);
export const stackNow = () => Date.now() / 1000 + Number(readFileSync(process.env.AKASHI_TEST_CLOCK).readBigInt64LE()) / 1e6;
/** The time of Tokyo, days ahead, as "YYYY-MM-DD HH:MM". */
export const tokyo = (days = 0) => new Date((stackNow() + 9 * 3600 + days * 86_400) * 1000).toISOString().slice(0, 16).replace("T", " ");

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const STEP_S = 30;

/** The six digits that an authenticator app shows next (RFC 6238): each are good once, and a minute from their beginning on. */
export function nextTotpCode(secret) {
  moveClock(STEP_S - (stackNow() % STEP_S) + 0.1);
  return totpCode(secret);
}

function totpCode(secret) {
  const bits = [...secret].map((c) => BASE32.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(stackNow() / STEP_S)));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/* -- mails -- */

const READ_MAILS = `
import email, email.policy, glob, json, sys
mails = []
for path in glob.glob(sys.argv[1] + '/new/*'):
    with open(path, 'rb') as f:
        mail = email.message_from_binary_file(f, policy=email.policy.default)
    mails.append({'to': mail['Envelope-to'], 'subject': mail['Subject'], 'text': mail.get_body(('plain',)).get_content()})
print(json.dumps(mails))
`;
const readMails = async () => {
  const mailbox = run(join(TOP, "tests/mail-server"), "maildir").trim();
  return JSON.parse((await promisify(execFile)("/usr/bin/python3", ["-c", READ_MAILS, mailbox], { maxBuffer: 1 << 26 })).stdout);
};

/** The first mail to 'address' whose subject or text has 'words'; waits for it. */
export async function mailTo(address, words) {
  return until(`a mail to ${address} with "${words}"`, async () =>
    (await readMails()).find((mail) => mail.to === address && (mail.subject.includes(words) || mail.text.includes(words))));
}

/** A screen where QEMU would have one; simulated servers have none. */
export async function openScreen(serverId) {
  const dir = "/run/akashi/console";
  const path = join(dir, `${serverId}.sock`);
  mkdirSync(dir, { recursive: true });
  const server = createServer((socket) =>
    serveRfb({ send: (bytes) => socket.write(bytes), on: (event, f) => socket.on(event === "message" ? "data" : event, f) }, () => undefined));
  await new Promise((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o666);
  return server;
}
