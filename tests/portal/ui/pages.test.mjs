// SPDX-License-Identifier: Apache-2.0
// Every page, in both languages, both widths, both themes: axe, fit, no console error, a screenshot.
import { after, before, describe, test } from "node:test";
import { DESKTOP, inspect, launch, logIn, openPage, PHONE } from "../lib/browser.mjs";
import { startMock } from "../mock/server.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const SERVERS = { ja: "サーバ", en: "Servers" };

const text = (words) => (page) => page.getByText(words).first().waitFor();
const R = "00000000-0000-4000-8000-0000000000";
const N = "10000000-0000-4000-8000-00000000000";
const I = "20000000-0000-4000-8000-00000000000";

/* page name → how to get there, and what must be seen before the checks. Two of the eight (Japanese on a desktop in light,
 * English on a phone in dark) walk all of them; the other six those marked as core, which have every kind of element. */
const CORE = true;
const PAGES = [
  ["overview", "/overview", text("C-2026-0012"), CORE],
  ["servers", "/servers", (page) => page.getByRole("link", { name: "web1" }).waitFor(), CORE],
  ["create", "/servers/new", (page) => page.getByRole("radio", { name: "medium" }).waitFor(), CORE],
  ["server", "/servers/{id}", (page) => page.getByText("TIC-0012-VMM-0001-K").waitFor(), CORE],
  ["server-error", "/servers/{failed}", (page) => page.getByText("メモリが不足しています。").waitFor()],
  ["console", "/servers/{id}/console", (page) => page.locator(".ak-screen__state--connected").waitFor()],
  ["metrics", "/servers/{id}/metrics", (page) => page.locator(".ak-chart").nth(3).waitFor(), CORE],
  ["events", "/servers/{id}/events", text("server.console.open")],
  ["log", "/servers/{id}/log", (page) => page.getByText("web1 login:").waitFor()],
  ["history", "/servers/{id}/history", (page) => page.getByText("req-5f1c7e4e").waitFor()],
  ["images", "/images", (page) => page.getByText("tiny-linux").waitFor()],
  ["networks", "/networks", (page) => page.getByText("10.0.0.0/24").waitFor()],
  ["firewall", "/firewall", (page) => page.getByRole("link", { name: "web", exact: true }).waitFor()],
  ["firewall-group", "/firewall/g-web", text("198.51.100.0/24")],
  ["keypairs", "/keypairs", (page) => page.getByText("9d:3b").waitFor()],
  ["requests", "/requests", text("R-2026-00016"), CORE],
  ["request-kinds", "/requests/new", (page) => page.locator(".ak-kind").nth(5).waitFor()],
  ["request-form", "/requests/new?kind=firewall-change", (page) => page.locator("textarea").waitFor(), CORE],
  ["request", `/requests/${R}16`, text("配送センター接続図.pdf"), CORE],
  ["request-correct", `/requests/${R}16/correct`, (page) => page.locator("textarea").first().waitFor()],
  ["request-done", `/requests/${R}12`, text("初期パスワードは")],
  ["notices", "/notices", text("N-2026-0042")],
  ["notice", `/notices/${N}1`, (page) => page.getByRole("link", { name: "web1" }).waitFor(), CORE],
  ["notice-emergency", `/notices/${N}2`, text("N-2026-0043")],
  ["incidents", "/incidents", text("I-2026-0007")],
  ["incident-new", "/incidents/new", (page) => page.getByRole("checkbox", { name: "web1" }).waitFor()],
  ["incident", `/incidents/${I}1`, text("I-2026-0007"), CORE],
  ["incident-closed", `/incidents/${I}2`, text("予備ディスク")],
  ["documents", "/documents", (page) => page.getByRole("button").filter({ hasText: /開く|Open/ }).first().waitFor()],
  ["users", "/users", text("ichiro.suzuki"), CORE],
  ["contract", "/contract", text("TIC-NET-G"), CORE],
  ["contract-service", "/contract/service", async (page) => {
    await page.locator(".ak-matrix tbody tr").nth(15).waitFor();
    await page.getByText(/akashi では実施していません|not run by akashi/).nth(3).waitFor();
    await page.getByText(/追記のみで|Appended to/).waitFor();
  }, CORE],
  ["contract-codes", "/contract/codes", text("TIC-0012-VMM-0005-3")],
  ["contract-changes", "/contract/changes", (page) => page.locator(".ak-changes li").nth(3).waitFor()],
  ["contract-end", "/contract/end", (page) => page.locator(".ak-steps li").nth(3).waitFor()],
  ["terms", "/contract/terms", text("sha256:")],
  ["security", "/security", (page) => page.getByText("業務用ノート PC").waitFor(), CORE],
  ["security-access", "/security/access", text("I-2026-0007")],
  ["security-record", "/security/record", text("server.live_migrate")],
  ["security-review", "/security/review", text("kansa-2026")],
  ["missing", "/nowhere", (page) => page.getByRole("main").getByRole("heading", { level: 2 }).waitFor()],
];
const FULL = ["ja-desktop-light", "en-phone-dark"];

/* AKASHI_ONLY=ja-desktop-light limits the run to one of the eight */
const only = process.env.AKASHI_ONLY ?? "";
for (const language of ["ja", "en"]) {
  for (const [width, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    for (const theme of ["light", "dark"].filter((name) => `${language}-${width}-${name}`.includes(only))) {
      describe(`${language} ${width} ${theme}`, () => {
        const shot = (name) => `${name}-${language}-${width}-${theme}`;
        let mock;
        let session;
        before(async () => {
          mock = await startMock();
          session = await openPage(browser, mock.url, { language, viewport, theme });
        });
        after(() => mock.close());

        test("login", async () => {
          const { page } = session;
          await page.goto("/login");
          await page.getByRole("textbox", { name: language === "ja" ? "ユーザ名" : "User name" }).waitFor();
          await inspect(page, shot("login"));
        });

        test("logging in", async () => {
          const { page } = session;
          await page.goto("/servers");
          await logIn(page, { user: "alpha", password: "correct horse", domain: "alpha", language });
          await page.getByRole("heading", { level: 1, name: SERVERS[language] }).waitFor();
        });

        const isFull = FULL.includes(`${language}-${width}-${theme}`);
        for (const [name, path, ready] of PAGES.filter(([, , , isCore]) => isFull || isCore)) {
          test(name, async () => {
            const { page } = session;
            const [web1, , , , , failed] = mock.world.servers;
            await page.goto(path.replace("{id}", web1.id).replace("{failed}", failed.id));
            await ready(page);
            await inspect(page, shot(name));
          });
        }

        test("dialogs", async () => {
          const { page } = session;
          await page.goto("/servers");
          const menu = language === "ja" ? "web1 の操作" : "Actions for web1";
          await page.getByRole("button", { name: menu }).click();
          await page.getByRole("menuitem").first().waitFor();
          await inspect(page, shot("menu"));
          await page.getByRole("menuitem").last().click();
          await page.getByRole("dialog").waitFor();
          await inspect(page, shot("delete"));
          await page.keyboard.press("Escape");
          await page.getByRole("dialog").waitFor({ state: "detached" });
          await page.getByRole("button", { name: menu }).click();
          await page.getByRole("menuitem").nth(2).click();
          await page.getByRole("radio").first().waitFor();
          await inspect(page, shot("reboot"));
          await page.keyboard.press("Escape");
        });

        test("console window", async () => {
          const { page } = session;
          mock.world.consoleTokens.add("once");
          await page.goto("/console?token=once&name=web1");
          await page.locator(".ak-screen__state--connected").waitFor();
          await inspect(page, shot("window"));
        });

        test("no console error on any of them", () => session.close());
      });
    }
  }
}
