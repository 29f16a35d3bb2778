// SPDX-License-Identifier: Apache-2.0
// The operator console on a running akashi, through the management listener: every page, and an operator's day in short.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DESKTOP, inspect, launch, logIn, openPage, PHONE, settled } from "../lib/browser.mjs";
import { account, customerUrl, managementUrl } from "../lib/cloud.mjs";

const BASE = managementUrl();
const ADMIN = account("admin");

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function loggedIn(options = {}) {
  const session = await openPage(browser, BASE, options);
  await session.page.goto("/login");
  await logIn(session.page, { ...ADMIN, language: options.language ?? "ja" });
  const choice = session.page.locator(".ak-projects").getByRole("button", { name: "admin", exact: true });
  await choice.or(session.page.locator(".ak-shell")).first().waitFor();
  if (await choice.isVisible()) {
    await choice.click();
  }
  await session.page.locator(".ak-shell").waitFor();
  return session;
}

/** The API as the page's own session calls it. */
async function api(page, method, path, body) {
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("akashi.session")).token);
  const response = await page.request.fetch(path, { method, headers: { "X-Auth-Token": token }, ...(body ? { data: body } : {}) });
  return { status: response.status(), body: await response.json().catch(() => null) };
}

const first = async (page, path, name) => (await api(page, "GET", path)).body[name][0];

const LISTS = ["overview", "requests", "incidents", "notices", "documents", "mails", "customers", "contracts", "records", "classes", "hosts", "jobs",
  "access", "access/break-glass", "access/areas", "access/reviews", "audit", "security"];
const ONES = [
  ["request", "/service/v1/requests", "requests", "id"],
  ["incident", "/service/v1/incidents", "incidents", "id"],
  ["notice", "/service/v1/notices", "notices", "id"],
  ["contract", "/service/v1/contracts", "contracts", "id"],
  ["class", "/service/v1/classes", "classes", "name"],
  ["review", "/service/v1/access-reviews", "access_reviews", "id"],
];
const HOMES = { request: "requests", incident: "incidents", notice: "notices", contract: "contracts", class: "classes", review: "access/reviews" };

for (const [language, width, viewport, theme] of [["ja", "desktop", DESKTOP, "light"], ["en", "phone", PHONE, "dark"]]) {
  describe(`operator console, ${language} ${width} ${theme}`, () => {
    const shot = (name) => `operator-${name.replaceAll("/", "-")}-${language}-${width}-${theme}`;
    let session;
    before(async () => {
      session = await loggedIn({ language, viewport, theme });
    });
    after(() => session.context.close());
    const look = async (path, name) => {
      await session.page.goto(path);
      await settled(session.page);
      assert.equal(await session.page.locator(".pf-v6-c-alert.pf-m-danger").count(), 0, `an error is shown at ${path}`);
      await inspect(session.page, shot(name));
    };
    for (const name of LISTS) {
      test(name, () => look(`/${name}`, name));
    }
    for (const [name, path, envelope, key] of ONES) {
      test(name, async () => {
        const row = await first(session.page, path, envelope);
        assert.ok(row, `${path} is empty`);
        await look(`/${HOMES[name]}/${row[key]}`, name);
      });
    }
    test("contract-changes", async () => {
      const row = await first(session.page, "/service/v1/contracts", "contracts");
      await look(`/contracts/${row.id}/changes`, "contract-changes");
    });
    test("no console error on any of them", () => session.close());
  });
}

test("a notice is drafted, its reach shown, and called off", async () => {
  const session = await loggedIn();
  const { page } = session;
  const title = `試験 ${Date.now().toString(36)}`;
  await page.goto("/notices");
  await page.getByRole("button", { name: "お知らせを起案する" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("種類").selectOption("information");
  await dialog.getByLabel("日本語の件名").fill(title);
  await dialog.getByLabel("英語の件名").fill(`Trial ${title}`);
  await dialog.getByLabel("日本語の本文").fill("<b>試験</b>です。");
  await dialog.getByLabel("英語の本文").fill("<b>A trial.</b>");
  await dialog.getByLabel("すべてのお客様を対象とする").check();
  await inspect(page, "operator-notice-dialog-ja-desktop-light");
  await dialog.getByRole("button", { name: "下書きを保存する" }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  await page.getByText("<b>試験</b>です。").waitFor();
  await page.getByRole("grid", { name: "影響を受けるお客様" }).waitFor();
  await page.getByRole("button", { name: "中止する" }).click();
  await page.getByRole("dialog").getByLabel("理由").fill("試験のため");
  await page.getByRole("dialog").getByRole("button", { name: "中止する" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator(".ak-head .ak-status__label").getByText("中止").waitFor();
  await session.close();
});

test("a mail is read, and the audit log searched by day and customer", async () => {
  const session = await loggedIn();
  const { page } = session;
  await page.goto("/mails");
  await page.getByRole("rowheader").getByRole("button").first().click();
  await page.getByRole("dialog").getByText("宛先").waitFor();
  await inspect(page, "operator-mail-ja-desktop-light");
  await page.getByRole("dialog").getByRole("button", { name: "閉じる" }).click();
  await page.goto("/audit");
  await page.locator("tbody tr").first().waitFor();
  await page.getByLabel("開始日").fill("2099-01-01");
  await page.getByText("記録はありません").waitFor();
  await page.getByLabel("開始日").fill("2020-01-01");
  await page.locator("tbody tr").first().waitFor();
  const contract = await first(page, "/service/v1/contracts?state=active", "contracts");
  await page.getByLabel("お客様", { exact: true }).selectOption(contract.project_id);
  await page.locator("tbody tr").first().waitFor();
  await session.close();
});

test("the console is not on the customer listener, nor the portal on this one", async () => {
  const session = await openPage(browser, customerUrl());
  const status = async (base, path) => (await session.page.request.get(`${base}${path}`)).status();
  assert.equal(await status(customerUrl(), "/operator.html"), 404);
  assert.equal(await status(customerUrl(), "/operator"), 404);
  assert.equal(await status(BASE, "/index.html"), 404);
  assert.match(await (await session.page.request.get(`${BASE}/overview`)).text(), /operator/);
  assert.doesNotMatch(await (await session.page.request.get(`${customerUrl()}/overview`)).text(), /operator/);
  await session.close();
});
