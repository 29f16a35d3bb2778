// SPDX-License-Identifier: Apache-2.0
// The portal on a running akashi with 10,000 rows a list (bench/lists.py starts it): weight and time of the first page, and how long
// a page of a list takes until it is drawn. Prints; asserts nothing.
import { launch, logIn, openPage } from "../tests/portal/lib/browser.mjs";
import { account, customerUrl } from "../tests/portal/lib/cloud.mjs";

const LISTS = { servers: "サーバ", requests: "申請", notices: "お知らせ" };
const TURNS = 5;

const ms = (n) => `${Math.round(n)} ms`;
const verdict = (met) => (met ? "met" : "MISSED");

async function firstPage(browser) {
  const { page, close } = await openPage(browser, customerUrl());
  await page.goto("/");
  await page.getByRole("textbox", { name: "ユーザ名" }).waitFor();
  const { bytes, ready } = await page.evaluate(() => ({
    bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((sum, e) => sum + e.encodedBodySize, 0),
    ready: performance.now(),
  }));
  await close();
  console.log(`portal, first page: ${Math.round(bytes / 1000)} KB compressed (<= 300 KB: ${verdict(bytes <= 300_000)}), ready after ${ms(ready)} (<= 1500 ms: ${verdict(ready <= 1500)})`);
}

const firstRow = (page) => page.locator("table tbody tr").first().innerText();

/** From the click to the new rows. */
async function turn(page) {
  const before = await firstRow(page);
  const begin = Date.now();
  await page.getByRole("button", { name: "次のページ" }).click();
  await page.waitForFunction((text) => {
    const row = document.querySelector("table tbody tr");
    return row !== null && row.innerText !== text && row.querySelector(".pf-v6-c-skeleton") === null;
  }, before);
  return Date.now() - begin;
}

async function list(page, path) {
  const begin = Date.now();
  await page.goto(`/${path}`);
  await page.locator("table tbody tr td").first().waitFor();
  const opened = Date.now() - begin;
  const rows = await page.locator("table tbody tr").count();
  const turns = [];
  for (let i = 0; i < TURNS; i++) {
    turns.push(await turn(page));
  }
  turns.sort((a, b) => a - b);
  console.log(`portal, ${path} of 10,000: opened in ${ms(opened)}, ${rows} rows a page, next page in ${ms(turns[TURNS >> 1])}`);
}

const browser = await launch();
try {
  await firstPage(browser);
  const { page, context } = await openPage(browser, customerUrl());
  await page.goto("/servers");
  await logIn(page, { ...account(), language: "ja" });
  await page.getByRole("heading", { level: 1, name: LISTS.servers }).waitFor();
  for (const path of Object.keys(LISTS)) {
    await list(page, path);
    if (process.env.AKASHI_SHOTS) {
      await page.screenshot({ path: `${process.env.AKASHI_SHOTS}/bench-${path}.png` });
    }
  }
  await context.close();
} finally {
  await browser.close();
}
