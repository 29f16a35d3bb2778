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

/* page name → how to get there, and what must be seen before the checks */
const PAGES = [
  ["servers", "/servers", (page) => page.getByRole("link", { name: "web1" }).waitFor()],
  ["create", "/servers/new", (page) => page.getByRole("radio", { name: "medium" }).waitFor()],
  ["server", "/servers/{id}", (page) => page.getByRole("heading", { name: "web1" }).waitFor()],
  ["server-error", "/servers/{failed}", (page) => page.getByText("メモリが不足しています。").waitFor()],
  ["console", "/servers/{id}/console", (page) => page.locator(".ak-screen__state--connected").waitFor()],
  ["log", "/servers/{id}/log", (page) => page.getByText("web1 login:").waitFor()],
  ["history", "/servers/{id}/history", (page) => page.getByText("req-5f1c7e4e").waitFor()],
  ["images", "/images", (page) => page.getByText("tiny-linux").waitFor()],
  ["networks", "/networks", (page) => page.getByText("10.0.0.0/24").waitFor()],
  ["keypairs", "/keypairs", (page) => page.getByText("9d:3b").waitFor()],
  ["missing", "/nowhere", (page) => page.getByRole("main").getByRole("heading", { level: 2 }).waitFor()],
];

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

        for (const [name, path, ready] of PAGES) {
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
