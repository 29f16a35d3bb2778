// SPDX-License-Identifier: Apache-2.0
// A customer's work on a running akashi, through nginx: nothing here is made up.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { becomes, DESKTOP, inspect, launch, logIn, openPage, PHONE, screenshot, until } from "../lib/browser.mjs";
import { account, customerUrl } from "../lib/cloud.mjs";

const BASE = customerUrl();
const ALPHA = account();
const JOB_MS = Number(process.env.AKASHI_JOB_MS ?? 120_000);
const FIRST_PAGE_BYTES = 300_000;
const REFUSALS = { allowed: [/Failed to load resource/] };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function loggedIn(options = {}) {
  const session = await openPage(browser, BASE, options);
  await session.page.goto("/servers");
  await logIn(session.page, { ...ALPHA, language: options.language ?? "ja" });
  await chooseProject(session.page, ALPHA);
  const title = options.language === "en" ? "Servers" : "サーバ";
  await session.page.getByRole("heading", { level: 1, name: title }).waitFor();
  return session;
}

/* an account without a default project is asked for one */
async function chooseProject(page, { project }) {
  const choice = page.locator(".ak-projects").getByRole("button", { name: project, exact: true });
  await choice.or(page.locator(".ak-shell")).first().waitFor();
  if (await choice.isVisible()) {
    await choice.click();
  }
}

/** The API as the page's own session calls it. */
async function api(page, method, path, body, headers = {}) {
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("akashi.session") ?? "null")?.token);
  const response = await page.request.fetch(path, { method, headers: { "X-Auth-Token": token, ...headers }, ...(body ? { data: body } : {}) });
  return { status: response.status(), body: await response.json().catch(() => null) };
}

async function findServer(page) {
  const { body } = await api(page, "GET", "/compute/v2.1/servers/detail");
  const name = process.env.AKASHI_SERVER ?? "first";
  const server = body.servers.find((s) => s.name === name && s.status === "ACTIVE");
  assert.ok(server, `${ALPHA.user} has no running server ${name}`);
  return server;
}

/* A blinking cursor is some 16 pixels; a line of text is hundreds. */
const BLINK = 60;

const canvasState = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector(".ak-screen__target canvas");
    if (!canvas?.width || !canvas.height) {
      return { width: 0, height: 0, lit: 0 };
    }
    const { width, height } = canvas;
    const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let lit = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      lit += pixels[i] + pixels[i + 1] + pixels[i + 2] > 120 ? 1 : 0;
    }
    return { width, height, lit };
  });

async function untilCanvas(page, wanted, what) {
  let state;
  try {
    await until(`the screen shows ${what}`, async () => wanted((state = await canvasState(page))));
    return state;
  } catch (error) {
    await screenshot(page, "e2e-console-failed");
    throw new Error(`the screen never showed ${what}: ${JSON.stringify(state)}`, { cause: error });
  }
}

test("the first page is small, quick, and under a policy without unsafe-inline", async () => {
  const session = await openPage(browser, BASE);
  const response = await session.page.goto("/");
  const policy = response.headers()["content-security-policy"] ?? "";
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  await session.page.getByRole("textbox", { name: "ユーザ名" }).waitFor();
  const { bytes, ms } = await session.page.evaluate(() => ({
    bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((sum, e) => sum + e.encodedBodySize, 0),
    ms: performance.now(),
  }));
  console.log(`# first page: ${bytes} bytes, login ready ${Math.round(ms)} ms after the navigation started`);
  assert.ok(bytes > 0 && bytes < FIRST_PAGE_BYTES, `${bytes} bytes`);
  await session.close();
});

test("a wrong password is refused in Japanese and in English", async () => {
  for (const [language, pattern] of [["ja", /[ぁ-んァ-ヶ一-龠]/], ["en", /[a-z]/]]) {
    const session = await openPage(browser, BASE, { language, ...REFUSALS });
    await session.page.goto("/login");
    await logIn(session.page, { ...ALPHA, user: `nobody-${Date.now()}`, password: "wrong", language });
    const text = await session.page.locator(".pf-v6-c-alert__description").innerText();
    assert.match(text.replace(/\(.*req-.*$/, ""), pattern);
    assert.match(text, /req-[0-9a-f-]{36}/);
    await screenshot(session.page, `e2e-refused-${language}`);
    await session.close();
  }
});

for (const [language, width, viewport, theme] of [
  ["ja", "desktop", DESKTOP, "light"],
  ["ja", "phone", PHONE, "light"],
  ["ja", "desktop", DESKTOP, "dark"],
  ["en", "desktop", DESKTOP, "light"],
  ["en", "phone", PHONE, "dark"],
]) {
  describe(`pages, ${language} ${width} ${theme}`, () => {
    const shot = (name) => `e2e-${name}-${language}-${width}-${theme}`;
    let session;
    let server;
    before(async () => {
      session = await loggedIn({ language, viewport, theme });
      server = await findServer(session.page);
    });
    after(() => session.context.close());

    const pages = [
      ["servers", () => "/servers", (page) => page.getByRole("link", { name: server.name, exact: true })],
      ["server", () => `/servers/${server.id}`, (page) => page.getByRole("heading", { level: 1, name: server.name })],
      ["log", () => `/servers/${server.id}/log`, (page) => page.getByRole("log")],
      ["history", () => `/servers/${server.id}/history`, (page) => page.getByText(/req-[0-9a-f]{8}/).first()],
      ["create", () => "/servers/new", (page) => page.getByRole("radio").first()],
      ["images", () => "/images", (page) => page.getByText("debian-12")],
      ["networks", () => "/networks", (page) => page.getByText("10.0.0.0/24")],
      ["keypairs", () => "/keypairs", (page) => page.getByRole("heading", { level: 1 })],
    ];
    for (const [name, path, ready] of pages) {
      test(name, async () => {
        await session.page.goto(path());
        await ready(session.page).waitFor();
        await inspect(session.page, shot(name));
      });
    }
    test("no console error", () => session.close());
  });
}

/** The screen once it has text and has stopped changing. */
async function settledCanvas(page) {
  let last = await untilCanvas(page, (s) => s.width >= 320 && s.lit > 100, "any text");
  for (;;) {
    await page.waitForTimeout(1000);
    const next = await canvasState(page);
    if (Math.abs(next.lit - last.lit) < BLINK) {
      return next;
    }
    last = next;
  }
}

test("the console shows the guest's screen, and typing changes it", async () => {
  const session = await loggedIn();
  const { page } = session;
  const server = await findServer(page);
  await page.goto(`/servers/${server.id}`);
  await page.getByRole("link", { name: "コンソールを開く" }).click();
  await page.getByText("接続中").waitFor();
  const idle = await settledCanvas(page);
  await page.waitForFunction(() => document.activeElement?.tagName === "CANVAS");
  await page.keyboard.type("akashi", { delay: 60 });
  await untilCanvas(page, (s) => s.lit > idle.lit + BLINK, "what was typed");
  await inspect(page, "e2e-console-ja-desktop-light");
  const typed = await settledCanvas(page);
  await page.getByRole("button", { name: "テキストを送信" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "テキスト" }).fill("\n");
  await page.getByRole("dialog").getByRole("button", { name: "送信" }).click();
  await untilCanvas(page, (s) => Math.abs(s.lit - typed.lit) > BLINK, "the answer to the line sent as text");
  await session.close();
});

test("a console address of the API opens without a login, once", async () => {
  const session = await loggedIn();
  const server = await findServer(session.page);
  const { status, body } = await api(
    session.page, "POST", `/compute/v2.1/servers/${server.id}/remote-consoles`,
    { remote_console: { protocol: "vnc", type: "novnc" } }, { "OpenStack-API-Version": "compute 2.6" },
  );
  assert.equal(status, 200);
  await session.close();
  const url = new URL(body.remote_console.url);
  const stranger = await openPage(browser, BASE, { allowed: [/WebSocket/, /Failed when connecting/] });
  await stranger.page.goto(url.pathname + url.search);
  await stranger.page.getByText("接続中").waitFor();
  await settledCanvas(stranger.page);
  await inspect(stranger.page, "e2e-window-ja-desktop-light");
  await stranger.page.goto(url.pathname + url.search);
  await stranger.page.getByText("このアドレスは一度だけ有効です。", { exact: false }).waitFor();
  await stranger.close();
});

test("a server is created, stopped, started, rebooted and deleted in the browser", async () => {
  const session = await loggedIn();
  const { page } = session;
  page.setDefaultTimeout(JOB_MS);
  const name = `portal-${Date.now().toString(36)}`;
  await page.getByRole("link", { name: "サーバを作成" }).click();
  await page.getByRole("textbox", { name: "名前", exact: true }).fill(name);
  const tiny = page.getByRole("radio", { name: process.env.AKASHI_IMAGE ?? /^tiny/ });
  await tiny.first().check();
  await page.getByRole("button", { name: "サーバを作成" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  const state = page.locator(".ak-head .ak-status__label");
  await screenshot(page, "e2e-creating-ja-desktop-light");
  await state.getByText("稼働中").waitFor();
  const act = async (item) => {
    await page.getByRole("button", { name: `${name} の操作` }).click();
    await page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  await page.getByRole("button", { name: "停止", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "停止" }).click();
  await state.getByText("停止", { exact: true }).waitFor();
  await page.getByRole("button", { name: "起動", exact: true }).click();
  await state.getByText("稼働中").waitFor();
  await act("再起動");
  await page.getByRole("radio", { name: "リセット" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "再起動" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await state.getByText("稼働中").waitFor();
  await page.getByRole("tab", { name: "操作履歴" }).click();
  for (const action of ["作成", "停止", "起動", "再起動"]) {
    await page.getByRole("rowheader", { name: action, exact: true }).waitFor();
  }
  await screenshot(page, "e2e-history-full-ja-desktop-light");
  await act("削除");
  await page.getByRole("dialog").getByRole("button", { name: "削除" }).click();
  await page.getByRole("heading", { level: 1, name: "サーバ", exact: true }).waitFor();
  await until(`${name} is gone`, async () => !(await api(page, "GET", "/compute/v2.1/servers/detail")).body.servers.some((server) => server.name === name), JOB_MS);
  /* the list that the page keeps from before knows nothing of the server: only a fresh one says that it is gone */
  await page.goto("/servers");
  await page.getByRole("link", { name: process.env.AKASHI_SERVER ?? "first", exact: true }).waitFor();
  await page.getByRole("link", { name }).waitFor({ state: "detached" });
  await session.close();
});

test("another customer's server is not found", async () => {
  const session = await loggedIn();
  const server = await findServer(session.page);
  await session.close();
  const beta = account("beta");
  const other = await openPage(browser, BASE, REFUSALS);
  await other.page.goto(`/servers/${server.id}`);
  await logIn(other.page, beta);
  await chooseProject(other.page, beta);
  await other.page.getByRole("heading", { name: "サーバが見つかりません" }).waitFor();
  await other.close();
});

test("logging out revokes the token", async () => {
  const session = await loggedIn();
  const { page } = session;
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("akashi.session")).token);
  await page.getByRole("button", { name: `アカウント: ${ALPHA.user}` }).click();
  await page.getByRole("menuitem", { name: "ログアウト" }).click();
  await page.getByRole("heading", { name: "ログイン" }).waitFor();
  /* the page is left before the server has answered */
  await becomes(async () => (await page.request.get("/compute/v2.1/servers", { headers: { "X-Auth-Token": token } })).status(), 401);
  await session.close();
});
