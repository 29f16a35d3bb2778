// SPDX-License-Identifier: Apache-2.0
// What a user does, and every way it can fail, against the mock cloud. Controls are found by role and name, so one
// without a label fails; the main flow is done with the keyboard alone.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { becomes, inspect, launch, logIn, openPage, screenshot, until } from "../lib/browser.mjs";
import { CSP, startMock } from "../mock/server.mjs";
import { newServer } from "../mock/world.mjs";

const ALPHA = { user: "alpha", password: "correct horse", domain: "alpha" };

let browser;
let mock;
let session;
let page;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  mock = await startMock();
});
afterEach(async () => {
  await session.close().finally(() => mock.close());
});

/* 4xx and 5xx answers that a test provokes are console errors of the browser's own */
const REFUSALS = { allowed: [/Failed to load resource/] };

async function open(path, options = {}) {
  session = await openPage(browser, mock.url, options);
  page = session.page;
  await page.goto(path);
}

async function openAs(path, options = {}) {
  await open("/servers", options);
  await logIn(page, { ...ALPHA, language: options.language ?? "ja" });
  await page.getByRole("heading", { level: 1, name: options.language === "en" ? "Servers" : "サーバ" }).waitFor();
  if (path !== "/servers") {
    await page.goto(path);
  }
}

const row = (name) => page.getByRole("row").filter({ hasText: name });
const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
/** The heading of the page has come, and has the focus. */
const arrivesAt = (title) =>
  page.waitForFunction((text) => document.activeElement?.tagName === "H1" && document.activeElement.textContent === text, title);
const state = (text) => page.locator(".ak-head .ak-status__label").getByText(text, { exact: true }).waitFor();
const requestsOf = (method, path) => mock.world.requests.filter((r) => r.method === method && r.path === path);

/** Requests of 'method' to 'pattern' wait until the function that it gives is called. */
async function hold(method, pattern) {
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  await page.route(pattern, async (route) => {
    await (route.request().method() === method ? gate : undefined);
    await route.fallback();
  });
  return open;
}

async function choose(server, item) {
  await page.getByRole("button", { name: `${server} の操作` }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

test("a wrong password is refused, and the name stays", async () => {
  await open("/login", REFUSALS);
  await logIn(page, { ...ALPHA, password: "wrong" });
  const alert = page.getByRole("alert");
  await alert.getByText("ユーザ名、パスワード、ドメインのいずれかが正しくありません。").waitFor();
  await alert.getByText(/req-/).waitFor();
  await becomes(() => page.getByLabel("パスワード").inputValue(), "");
  assert.equal(await page.getByRole("textbox", { name: "ユーザ名" }).inputValue(), "alpha");
  assert.equal(requestsOf("POST", "/identity/v3/auth/tokens")[0].headers["accept-language"], "ja");
  await inspect(page, "login-refused-ja");
});

test("an empty form says what is missing and goes there", async () => {
  await open("/login");
  await page.getByRole("button", { name: "ログイン", exact: true }).click();
  await page.getByText("ユーザ名を入力してください。").waitFor();
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute("name")), "username");
  await inspect(page, "login-empty-ja");
});

test("a user of several projects chooses one, and can change it", async () => {
  await open("/login");
  await logIn(page, { ...ALPHA, user: "many" });
  await page.getByRole("heading", { name: "プロジェクトを選択" }).waitFor();
  await inspect(page, "projects-ja");
  await page.getByRole("button", { name: "alpha-staging" }).click();
  await page.getByRole("button", { name: "プロジェクト: alpha-staging" }).click();
  await page.getByRole("menuitem", { name: "alpha", exact: true }).click();
  await page.getByRole("button", { name: "プロジェクト: alpha", exact: true }).waitFor();
});

test("a user of one project without a default is not asked", async () => {
  await open("/servers");
  await logIn(page, { ...ALPHA, user: "single" });
  await page.getByRole("link", { name: "web1" }).waitFor();
});

test("a user of no project is told so", async () => {
  await open("/login");
  await logIn(page, { ...ALPHA, user: "nobody" });
  await page.getByRole("heading", { name: "プロジェクトがありません" }).waitFor();
  await inspect(page, "no-project-ja");
});

test("tokens stay in this tab; logging out revokes all of them", async () => {
  await open("/servers");
  await logIn(page, { ...ALPHA, user: "single" });
  await page.getByRole("link", { name: "web1" }).waitFor();
  const issued = [...mock.world.tokens.keys()];
  assert.equal(issued.length, 2);
  const stored = await page.evaluate(() => [JSON.stringify(localStorage), document.cookie]);
  assert.ok(!stored.join("").includes("token-"), "a token left the tab");
  await page.getByRole("button", { name: "アカウント: single" }).click();
  await page.getByRole("menuitem", { name: "ログアウト" }).click();
  await page.getByRole("heading", { name: "ログイン" }).waitFor();
  await page.waitForFunction(() => sessionStorage.length === 0);
  await becomes(() => [...mock.world.revoked].sort(), issued.sort());
});

test("a session that the server ends leads to the login, and back to the page", async () => {
  await openAs("/images", REFUSALS);
  await page.getByText("tiny-linux").waitFor();
  /* of this page's requests alone: another one that is under way would end the session before the link is pressed */
  mock.world.failures.set("GET /network/v2.0/networks", { status: 401, body: { error: { code: 401, title: "Unauthorized", message: "認証が必要です。" } } });
  await page.getByRole("link", { name: "ネットワーク" }).click();
  await page.getByText("セッションが終了しました。もう一度ログインしてください。").waitFor();
  mock.world.failures.clear();
  await logIn(page, ALPHA);
  await page.getByRole("heading", { name: "ネットワーク" }).waitFor();
});

test("a reload keeps the session and the page", async () => {
  await openAs("/servers");
  await page.getByRole("link", { name: "db1" }).click();
  await page.getByRole("heading", { name: "db1" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "db1" }).waitFor();
});

test("a page that comes has the focus on its heading, and a link keeps it while the page reads again", async () => {
  await openAs("/servers");
  for (const room of ["イメージ", "ネットワーク", "サーバ"]) {
    await page.getByRole("link", { name: room, exact: true }).click();
    await arrivesAt(room);
  }
  /* the heading of a page that is loading is not yet that of the page */
  const answer = await hold("GET", "**/compute/v2.1/servers/*");
  await page.getByRole("link", { name: "db1" }).click();
  await arrivesAt("サーバ");
  answer();
  await arrivesAt("db1");
  await page.getByRole("navigation", { name: "メイン" }).getByRole("link", { name: "サーバ", exact: true }).click();
  await arrivesAt("サーバ");
  const create = page.getByRole("link", { name: "サーバを作成" });
  await create.focus();
  const element = await create.elementHandle();
  mock.world.servers.unshift(newServer("seen-later", "BUILD"));
  await page.getByRole("link", { name: "seen-later" }).waitFor();
  assert.ok(await element.evaluate((link) => link.isConnected && document.activeElement === link));
});

test("a server is created with the keyboard alone, and its job's states are shown until it runs", async () => {
  await open("/servers");
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "username");
  await page.keyboard.type("alpha");
  await page.keyboard.press("Tab");
  await page.keyboard.type("correct horse");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("alpha");
  await page.keyboard.press("Enter");
  const create = page.getByRole("link", { name: "サーバを作成" });
  await create.waitFor();
  await page.keyboard.press("Tab");
  await becomes(focused, "本文へ移動");
  await page.keyboard.press("Enter");
  await becomes(() => page.evaluate(() => document.activeElement?.id), "main");
  await page.keyboard.press("Tab");
  await becomes(() => create.evaluate((link) => document.activeElement === link), true);
  await page.keyboard.press("Enter");
  const name = page.getByRole("textbox", { name: "名前", exact: true });
  await name.waitFor();
  await arrivesAt("サーバを作成");
  await page.keyboard.press("Tab");
  await becomes(() => name.evaluate((input) => document.activeElement === input), true);
  await page.keyboard.type("web2");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("radio", { name: "medium", checked: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "web2" }).waitFor();
  for (const task of ["scheduling", "networking", "spawning"]) {
    await page.getByText(task, { exact: true }).waitFor();
    await screenshot(page, "creating-ja");
    mock.step();
  }
  await state("稼働中");
  await page.getByText("10.0.0.99").waitFor();
  const [{ body }] = requestsOf("POST", "/compute/v2.1/servers");
  assert.deepEqual(body, { server: { name: "web2", imageRef: "i-debian", flavorRef: "f-medium", networks: [{ uuid: "n-alpha" }] } });
});

test("a name is asked for, and a flavor too small for the image cannot be chosen", async () => {
  await openAs("/servers/new");
  await page.getByRole("radio", { name: "受注システム 2026-11 版" }).click();
  await page.getByRole("radio", { name: "small", disabled: true }).waitFor();
  await page.getByRole("radio", { name: "medium", checked: true }).waitFor();
  await page.getByRole("button", { name: "サーバを作成" }).click();
  await page.getByText("名前を入力してください。").waitFor();
  await inspect(page, "create-incomplete-ja");
  assert.equal(requestsOf("POST", "/compute/v2.1/servers").length, 0);
});

test("key pair and user data reach the server as Nova wants them", async () => {
  await openAs("/servers/new");
  await page.getByRole("textbox", { name: "名前", exact: true }).fill("秘書");
  await page.getByRole("button", { name: "公開鍵を追加" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "名前" }).fill("laptop");
  await dialog.getByRole("textbox", { name: "公開鍵" }).fill("not a key");
  await dialog.getByText("OpenSSH の公開鍵ではありません。").waitFor();
  await inspect(page, "keypair-dialog-ja");
  await dialog.getByRole("textbox", { name: "公開鍵" }).fill(`ssh-ed25519 ${"A".repeat(68)} hanako@laptop`);
  await dialog.getByRole("button", { name: "追加" }).click();
  await dialog.waitFor({ state: "detached" });
  await becomes(() => page.getByRole("combobox", { name: "キーペア (任意)" }).inputValue(), "laptop");
  await page.getByRole("button", { name: "詳細設定" }).click();
  await page.getByRole("textbox", { name: "ユーザデータ (任意)" }).fill("#cloud-config\nhostname: 秘書\n");
  await page.getByRole("button", { name: "サーバを作成" }).click();
  await page.getByRole("heading", { level: 1, name: "秘書" }).waitFor();
  const { server } = requestsOf("POST", "/compute/v2.1/servers")[0].body;
  assert.equal(server.key_name, "laptop");
  assert.equal(Buffer.from(server.user_data, "base64").toString(), "#cloud-config\nhostname: 秘書\n");
});

test("a refused creation keeps the form and tells why, with the request id", async () => {
  const message = "クォータを超えています: メモリは残り 512 MiB です。";
  mock.world.failures.set("POST /compute/v2.1/servers", { status: 403, body: { forbidden: { code: 403, message } } });
  await openAs("/servers/new", REFUSALS);
  await page.getByRole("textbox", { name: "名前", exact: true }).fill("too-much");
  await page.getByRole("button", { name: "サーバを作成" }).click();
  await page.getByRole("alert").getByText(message).waitFor();
  await page.getByRole("alert").getByText(/req-/).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "名前", exact: true }).inputValue(), "too-much");
  await inspect(page, "create-refused-ja");
});

test("stopping asks first, shows the job, and gives the focus back", async () => {
  await openAs("/servers");
  await choose("web1", "停止");
  const dialog = page.getByRole("dialog", { name: "web1 を停止しますか?" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await becomes(focused, "web1 の操作");
  await choose("web1", "停止");
  await dialog.getByRole("button", { name: "停止" }).click();
  await row("web1").getByText("powering-off").waitFor();
  mock.step();
  mock.step();
  await row("web1").getByText("停止", { exact: true }).waitFor();
  await becomes(focused, "web1 の操作");
  assert.deepEqual(requestsOf("POST", `/compute/v2.1/servers/${mock.world.servers[0].id}/action`)[0].body, { "os-stop": null });
  await choose("web1", "起動");
  await row("web1").getByText("powering-on").waitFor();
  mock.step();
  mock.step();
  await row("web1").getByText("稼働中").waitFor();
});

test("a reset is another reboot", async () => {
  await openAs("/servers");
  await choose("web1", "再起動");
  await page.getByRole("radio", { name: "リセット" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "再起動" }).click();
  await row("web1").getByText("rebooting_hard").waitFor();
  assert.deepEqual(requestsOf("POST", `/compute/v2.1/servers/${mock.world.servers[0].id}/action`)[0].body, { reboot: { type: "HARD" } });
});

test("a deleted server leaves the list, and the focus goes to the heading", async () => {
  await openAs("/servers");
  await choose("db1", "削除");
  await page.getByRole("dialog").getByRole("button", { name: "削除" }).click();
  await row("db1").getByText("deleting").waitFor();
  mock.step();
  mock.step();
  await row("db1").waitFor({ state: "detached" });
  await arrivesAt("サーバ");
});

test("a refused action stays in its dialog and can be tried again", async () => {
  await openAs("/servers", REFUSALS);
  const path = `/compute/v2.1/servers/${mock.world.servers[0].id}/action`;
  mock.world.failures.set(`POST ${path}`, { status: 409, body: { conflictingRequest: { code: 409, message: "別の操作が進行中です。" } } });
  await choose("web1", "停止");
  await page.getByRole("dialog").getByRole("button", { name: "停止" }).click();
  await page.getByRole("dialog").getByText("別の操作が進行中です。").waitFor();
  await inspect(page, "stop-refused-ja");
  mock.world.failures.clear();
  await page.getByRole("dialog").getByRole("button", { name: "停止" }).click();
  await row("web1").getByText("powering-off").waitFor();
});

test("renaming changes the list", async () => {
  await openAs("/servers");
  await choose("web1", "名前を変更");
  await page.getByRole("dialog").getByRole("textbox", { name: "名前" }).fill("front");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "front" }).waitFor();
});

test("HTML in names is text", async () => {
  const name = '<img src=x onerror="document.title=1"><b>bold</b>';
  mock.world.servers.unshift(newServer(name, "ACTIVE"));
  await openAs("/servers");
  await page.getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await becomes(() => page.title(), `${name} – akashi`);
});

test("many servers are paged by the API, found by name and filtered by state", async () => {
  mock.world.servers = Array.from({ length: 120 }, (_, i) => newServer(`node-${String(i).padStart(3, "0")}`, i % 4 === 3 ? "SHUTOFF" : "ACTIVE"));
  await openAs("/servers");
  await page.getByRole("link", { name: "node-049" }).waitFor();
  assert.equal(await page.getByRole("row").count(), 51);
  /* a second press while the page is on its way means the same */
  const answer = await hold("GET", "**/servers/detail?*marker=*");
  await page.getByRole("button", { name: "次のページ" }).click();
  await page.getByRole("button", { name: "前のページ", disabled: false }).waitFor();
  await page.getByRole("button", { name: "次のページ" }).click();
  answer();
  await page.getByRole("link", { name: "node-099" }).waitFor();
  assert.equal(new Set(requestsOf("GET", "/compute/v2.1/servers/detail").map((one) => one.query).filter((query) => query.includes("marker="))).size, 1);
  await page.getByRole("button", { name: "前のページ" }).click();
  await page.getByRole("link", { name: "node-000" }).waitFor();
  await page.getByRole("button", { name: "次のページ" }).click();
  await page.getByRole("link", { name: "node-099" }).waitFor();
  await page.getByRole("button", { name: "次のページ" }).click();
  await page.getByRole("link", { name: "node-119" }).waitFor();
  await page.getByRole("button", { name: "次のページ", disabled: true }).waitFor();
  await page.getByRole("button", { name: "前のページ" }).click();
  await page.getByRole("link", { name: "node-099" }).waitFor();
  await page.getByRole("combobox", { name: "状態" }).selectOption("SHUTOFF");
  await page.getByRole("link", { name: "node-003" }).waitFor();
  await page.getByRole("searchbox", { name: "名前で検索" }).or(page.getByRole("textbox", { name: "名前で検索" })).fill("node-11[");
  await page.getByText("該当するサーバはありません。").waitFor();
  await page.getByRole("button", { name: "条件を消す" }).click();
  await page.getByRole("link", { name: "node-000" }).waitFor();
});

test("an empty project invites to create a server", async () => {
  mock.world.servers = [];
  await openAs("/servers");
  await page.getByRole("heading", { name: "サーバはまだありません" }).waitFor();
  await inspect(page, "empty-ja");
  await page.getByRole("link", { name: "サーバを作成" }).click();
  await page.getByRole("radio", { name: "debian-12" }).waitFor();
});

test("a list that cannot be read says so, and comes back by itself", async () => {
  await openAs("/images", REFUSALS);
  mock.world.failures.set("GET /compute/v2.1/servers/detail", { status: 503, body: { serviceUnavailable: { code: 503, message: "データベースに接続できません。" } } });
  await page.getByRole("link", { name: "サーバ", exact: true }).click();
  await page.getByRole("alert").getByText("データベースに接続できません。").waitFor();
  await inspect(page, "servers-failed-ja");
  /* in this order: it is asked again all the time, and without a failure there is no button */
  await page.getByRole("button", { name: "再試行" }).click();
  mock.world.failures.clear();
  await page.getByRole("link", { name: "web1" }).waitFor();
});

test("a server of somebody else is not found", async () => {
  await openAs("/servers/3f0c8bb4-1111-4222-8333-444455556666", REFUSALS);
  await page.getByRole("heading", { name: "サーバが見つかりません" }).waitFor();
  await inspect(page, "server-missing-ja");
});

test("the language changes at once, and is remembered", async () => {
  await openAs("/servers");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { level: 1, name: "Servers" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  await page.reload();
  const before = mock.world.requests.length;
  await page.getByRole("heading", { level: 1, name: "Servers" }).waitFor();
  await until("a request in English", () => mock.world.requests.slice(before).some((request) => request.headers["accept-language"] === "en"));
});

test("the theme can be chosen against the system's", async () => {
  await openAs("/servers");
  await page.getByRole("button", { name: "アカウント: alpha" }).click();
  await page.getByRole("menuitem", { name: "ダーク" }).click();
  await page.waitForFunction(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
  await page.reload();
  await page.waitForFunction(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
});

test("typing in the console reaches the server, text is sent as keys, Ctrl+Alt+Home leaves it", async () => {
  await openAs(`/servers`);
  await page.getByRole("link", { name: "web1" }).click();
  await page.getByRole("link", { name: "コンソールを開く" }).click();
  await page.getByText("接続中").waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "CANVAS");
  await page.keyboard.type("ls");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const typed = async (count) => {
    await until(`${count} keys`, () => mock.world.typed.length >= count);
    return mock.world.typed.splice(0);
  };
  assert.deepEqual(await typed(4), [0x6c, 0x73, 0xff0d, 0xff09]);
  await page.keyboard.press("Control+Alt+Home");
  await becomes(() => page.evaluate(() => document.activeElement?.tagName), "BUTTON");
  await typed(2);
  await page.getByRole("button", { name: "テキストを送信" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "テキスト" }).fill("あA");
  await page.getByText("US キーボードで入力できない文字があります: あ").waitFor();
  await page.getByRole("dialog").getByRole("textbox", { name: "テキスト" }).fill("A/\n");
  await page.getByRole("dialog").getByRole("button", { name: "送信" }).click();
  assert.deepEqual(await typed(4), [0xffe1, 0x41, 0x2f, 0xff0d]);
  await page.getByRole("button", { name: "Ctrl+Alt+Del" }).click();
  assert.deepEqual(await typed(3), [0xffe3, 0xffe9, 0xffff]);
});

test("a link that looks like a button can be read under the pointer", async () => {
  await openAs("/servers");
  const button = page.getByRole("link", { name: "サーバを作成" });
  await button.hover();
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running"));
  const [text, ground] = await button.evaluate((node) => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]);
  assert.notEqual(text, ground);
  assert.equal(text, "rgb(255, 255, 255)");
});

test("a lost screen says so and connects again with a new token", async () => {
  await openAs("/servers");
  await page.getByRole("link", { name: "web1" }).click();
  await page.getByRole("tab", { name: "コンソール", exact: true }).click();
  await page.getByText("接続中").waitFor();
  mock.dropScreens();
  await page.getByText("画面との接続が終了しました。").waitFor();
  await inspect(page, "console-lost-ja");
  await page.getByRole("button", { name: "再接続" }).click();
  await page.getByText("接続中").waitFor();
});

test("the console has a window of its own", async () => {
  await openAs("/servers");
  await page.getByRole("link", { name: "web1" }).click();
  await page.getByRole("tab", { name: "コンソール", exact: true }).click();
  await page.getByText("接続中").waitFor();
  const popup = page.waitForEvent("popup");
  await page.getByRole("button", { name: "別ウィンドウ" }).click();
  const own = await popup;
  await own.getByText("接続中").waitFor();
  assert.equal(new URL(own.url()).search, "", "the token stayed in the address");
});

test("a console address works once", async () => {
  mock.world.consoleTokens.add("once");
  await open("/console?token=once", { allowed: [/WebSocket/, /Failed when connecting/] });
  await page.getByText("接続中").waitFor();
  await page.goto("/console?token=once");
  await page.getByText("このアドレスは一度だけ有効です。サーバ一覧からコンソールを開き直してください。").waitFor();
  await inspect(page, "console-used-ja");
});

test("a stopped server has no screen", async () => {
  await openAs(`/servers`);
  await page.getByRole("link", { name: "db1" }).click();
  await page.getByRole("tab", { name: "コンソール", exact: true }).click();
  await page.getByRole("heading", { name: "サーバは稼働していません。" }).waitFor();
  await inspect(page, "console-stopped-ja");
});

test("a hidden log of colours is plain text, and is followed", async () => {
  await openAs("/servers");
  await page.getByRole("link", { name: "web1" }).click();
  await page.getByRole("tab", { name: "コンソールログ" }).click();
  await page.getByText("[  OK  ] Started ssh.service - OpenBSD Secure Shell server.").waitFor();
  mock.world.log += "hanako\r\nLast login: Sun Nov 22\r\n";
  await page.getByText("Last login: Sun Nov 22").waitFor();
});

test("the content security policy has no unsafe-inline, and nothing offends it", async () => {
  assert.ok(!CSP.includes("unsafe"));
  await openAs("/servers/new");
  await page.evaluate(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.getByRole("button", { name: "アカウント: alpha" }).click();
  await page.getByRole("menuitem", { name: "ログアウト" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "サーバ", exact: true }).first().click();
  await page.getByRole("link", { name: "web1" }).click();
  await page.getByRole("tab", { name: "コンソール", exact: true }).click();
  await page.getByText("接続中").waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
});

test("a second factor is asked for after the password, and a wrong code is explained", async () => {
  await open("/login", REFUSALS);
  await logIn(page, { ...ALPHA, user: "careful" });
  const code = page.getByRole("textbox", { name: "コード" });
  await code.fill("000000");
  await page.keyboard.press("Enter");
  await page.getByText("コードが正しくないか、使用済みです。").waitFor();
  await inspect(page, "login-second-ja");
  await code.fill("123 456");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "概要" }).waitFor();
});

test("a one-time password is changed before anything else", async () => {
  mock.world.service.me.must_change_password = true;
  await open("/login");
  await logIn(page, ALPHA);
  await page.getByRole("heading", { level: 1, name: "新しいパスワードの設定" }).waitFor();
  await inspect(page, "login-first-ja");
  await page.getByLabel("一時パスワード").fill("correct horse");
  await page.getByLabel("新しいパスワード", { exact: false }).first().fill("紅葉の山とみかん 2026");
  await page.getByLabel("新しいパスワード（確認）").fill("紅葉の山とみかん 2026");
  mock.world.users.alpha.password = "紅葉の山とみかん 2026";
  await page.getByRole("button", { name: "パスワードを変更" }).click();
  await page.getByRole("heading", { level: 1, name: "概要" }).waitFor();
});

test("what the class keeps to the provider leads to the request form, which says what is missing", async () => {
  mock.world.service.me.verbs["server.create"] = "request";
  await open("/servers");
  await logIn(page, ALPHA);
  await page.getByRole("link", { name: "サーバを申請" }).click();
  await page.getByRole("heading", { level: 1, name: "サーバの追加" }).waitFor();
  await page.getByRole("button", { name: "申請する" }).click();
  await page.getByText("入力してください。").first().waitFor();
  await page.getByRole("textbox", { name: "サーバ名" }).fill("web9");
  await page.getByRole("combobox", { name: "フレーバ" }).selectOption("small");
  await page.getByRole("combobox", { name: "ネットワーク" }).selectOption("n-alpha");
  await page.getByRole("button", { name: "申請する" }).click();
  await state("受付済み");
  assert.deepEqual(mock.world.service.requests[0].fields, { name: "web9", flavor: "small", network: "n-alpha" });
});

test("a newer text of the terms is agreed to anew, and the history says when it came", async () => {
  const { service } = mock.world;
  service.contract.consent = null;
  service.me.consent_needed = true;
  service.changes.unshift({ id: "ch3", contract_id: service.contract.id, at: "2026-11-20T01:00:00Z", changes: { class_version: { from: 2, to: 3 }, consent: { from: { user_name: "山田 花子" }, to: null } } });
  await openAs("/contract");
  await page.getByText("利用規約が改定されました。改めて同意が必要です。").waitFor();
  await inspect(page, "contract-consent-anew-ja");
  await page.getByRole("tab", { name: "変更履歴" }).click();
  await page.getByText("改めて必要").waitFor();
  await page.locator(".ak-notice").getByRole("link", { name: "規約を読む" }).click();
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "同意する" }).click();
  await becomes(() => service.me.consent_needed, false);
  await page.goto("/contract");
  await page.getByText("TIC-NET-G").first().waitFor();
  assert.equal(await page.getByText("改めて同意が必要です。", { exact: false }).count(), 0);
});

test("the class's notice keeps a cancellation from an earlier day; a kit without room says so, one being made how far it is", async () => {
  await openAs("/contract/end");
  await page.getByText("予告期間は 30 日です。", { exact: false }).waitFor();
  await page.getByText("空き容量が足りません", { exact: false }).waitFor();
  await page.getByRole("checkbox", { name: "サーバのディスクを含める" }).check();
  await page.getByRole("button", { name: "エクスポートキットを作成" }).click();
  await page.getByText("ディスク 6 個中 2 個").waitFor();
  await inspect(page, "contract-end-kits-ja");
  await page.getByRole("button", { name: "契約を解約…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("契約終了日").fill(new Date().toISOString().slice(0, 10));
  await dialog.getByText("予告期間は 30 日です。", { exact: false }).waitFor();
  await dialog.getByLabel("理由").fill("移行のため");
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "契約を解約する", disabled: true }).waitFor();
  await inspect(page, "contract-cancel-ja");
});

/* the proof's dialog stands over what asked for it */
const proofDialog = () => page.getByRole("dialog", { name: "本人確認", exact: true });

async function cancelTheContract() {
  await page.getByRole("button", { name: "契約を解約…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("理由").fill("移行のため");
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "契約を解約する" }).click();
  await proofDialog().waitFor();
}

test("a login of some time ago proves who is there before it cancels the contract, and nothing is lost by a wrong password", async () => {
  mock.world.service.isOldLogin = true;
  await openAs("/contract/end", REFUSALS);
  await cancelTheContract();
  await inspect(page, "proof-ja");
  await proofDialog().getByLabel("パスワード").fill("not this one");
  await proofDialog().getByRole("button", { name: "確認", exact: true }).click();
  await proofDialog().getByText("確認できませんでした。").waitFor();
  await proofDialog().getByLabel("パスワード").fill(mock.world.service.password);
  await proofDialog().getByRole("button", { name: "確認", exact: true }).click();
  await page.getByText("解約の申し出").waitFor();
  assert.equal(mock.world.service.contract.state, "terminating");
  const asked = requestsOf("POST", "/service/v1/contract/cancel");
  assert.equal(asked.length, 2);
  assert.deepEqual(asked[1].body, asked[0].body);
});

test("who gives no proof has cancelled nothing", async () => {
  mock.world.service.isOldLogin = true;
  await openAs("/contract/end", REFUSALS);
  await cancelTheContract();
  await proofDialog().getByRole("button", { name: "キャンセル" }).click();
  await proofDialog().waitFor({ state: "detached" });
  await page.getByRole("dialog").getByText("契約を解約できませんでした。").waitFor();
  assert.equal(mock.world.service.contract.state, "active");
  assert.equal(requestsOf("POST", "/service/v1/contract/cancel").length, 1);
});

test("consent to the terms asks a login of some time ago who is there", async () => {
  const { service } = mock.world;
  Object.assign(service, { isOldLogin: true, contract: { ...service.contract, consent: null }, me: { ...service.me, consent_needed: true } });
  await openAs("/contract/terms", REFUSALS);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "同意する" }).click();
  await proofDialog().getByLabel("パスワード").fill(service.password);
  await proofDialog().getByRole("button", { name: "確認", exact: true }).click();
  await becomes(() => service.me.consent_needed, false);
});

test("a request made from a server names it already", async () => {
  const [web1] = mock.world.servers;
  await openAs(`/requests/new?kind=server-change&server=${web1.id}`);
  await becomes(() => page.getByRole("combobox", { name: "対象のサーバ" }).inputValue(), web1.id);
  await page.getByRole("combobox", { name: "変更後のフレーバ" }).selectOption("large");
  await page.getByRole("button", { name: "申請する" }).click();
  await state("受付済み");
  assert.deepEqual(mock.world.service.requests[0].fields, { server: web1.id, flavor: "large" });
});

test("a server is started once, however often the button is pressed", async () => {
  const { id } = mock.world.servers[2];
  await openAs(`/servers/${id}`);
  const answer = await hold("POST", "**/action");
  const start = page.getByRole("button", { name: "起動", exact: true });
  await start.click();
  await start.click();
  answer();
  await page.getByText("powering-on").waitFor();
  assert.equal(requestsOf("POST", `/compute/v2.1/servers/${id}/action`).length, 1);
});

test("the one-time password of a new user takes the place of the form, and the focus comes back to the button", async () => {
  await openAs("/users");
  await page.getByRole("button", { name: "ユーザを追加" }).click();
  const form = page.getByRole("dialog", { name: "ユーザを追加" });
  await form.getByRole("textbox", { name: "ユーザ名" }).fill("yamada");
  await form.getByRole("button", { name: "追加", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "yamada を追加しました" });
  await dialog.getByText("amber-kelp-4821-drift").waitFor();
  await form.waitFor({ state: "detached" });
  await inspect(page, "user-added-ja");
  await dialog.getByRole("button", { name: "閉じる" }).click();
  await dialog.waitFor({ state: "detached" });
  await becomes(focused, "ユーザを追加");
});

test("what is written while a message is on its way stays", async () => {
  await openAs("/requests/00000000-0000-4000-8000-000000000016");
  const answer = await hold("POST", "**/messages");
  const box = page.getByRole("textbox", { name: "メッセージ" });
  await box.fill("図面を添付しました。");
  await page.getByRole("button", { name: "送信" }).click();
  await box.fill("もう一点、");
  answer();
  await page.getByRole("listitem").getByText("図面を添付しました。").waitFor();
  await page.getByRole("button", { name: "送信", disabled: false }).waitFor();
  assert.equal(await box.inputValue(), "もう一点、");
});

test("a page whose code cannot be loaded says so, and others still can", async () => {
  await openAs("/servers", REFUSALS);
  await page.route("**/assets/List-*.js", (route) => route.abort());
  session.errors.length = 0;
  await page.getByRole("link", { name: "イメージ", exact: true }).click();
  await arrivesAt("このページを表示できません");
  await inspect(page, "broken-ja");
  await page.getByRole("link", { name: "サーバ", exact: true }).click();
  await page.getByRole("link", { name: "web1" }).waitFor();
  await page.getByRole("link", { name: "イメージ", exact: true }).click();
  await page.unroute("**/assets/List-*.js");
  await page.getByRole("button", { name: "読み込み直す" }).click();
  await page.getByText("tiny-linux").waitFor();
  /* the browser and React tell it, too */
  assert.ok(session.errors.every((error) => /Failed to fetch dynamically imported module|Failed to load/.test(error)), session.errors.join("\n"));
  session.errors.length = 0;
});
