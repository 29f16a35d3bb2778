// SPDX-License-Identifier: Apache-2.0
// Chromium for the tests: contexts by language, width and theme; checks that hold on every page.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { slowDown } from "./slow.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const DESKTOP = { width: 1280, height: 860 };
export const PHONE = { width: 390, height: 844 };

/** How long a step may take at most. It is a limit and no wait, so it is long: a machine may stand still for a while. */
export const STEP_MS = Number(process.env.AKASHI_TIMEOUT_MS ?? 120_000);

/** Where screenshots go; none are taken when it is not set. */
const shotsDir = process.env.AKASHI_SHOTS ?? "";

const LOOK_MS = 100;

/** The value of 'check' once it is true; it is asked again and again. */
export async function until(what, check, withinMs = STEP_MS) {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await check();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Fails unless 'read' gives 'wanted' in the end: a page shows what it knows a moment after it knows it. */
export async function becomes(read, wanted) {
  let last;
  await until("", async () => isDeepStrictEqual((last = await read()), wanted)).catch(() => assert.deepEqual(last, wanted));
}

/* page → its requests that have no answer yet */
const underWay = new WeakMap();

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    /* root, as in CI, cannot have Chromium's own sandbox */
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}

/** A page on 'baseURL' that remembers every console error and failed script. */
export async function openPage(browser, baseURL, options = {}) {
  const { language = "ja", viewport = DESKTOP, theme = "light", allowed = [] } = options;
  const context = await browser.newContext({
    baseURL,
    viewport,
    locale: language === "ja" ? "ja-JP" : "en-GB",
    timezoneId: "Asia/Tokyo",
    colorScheme: theme,
    reducedMotion: "reduce",
    ignoreHTTPSErrors: true,
    permissions: ["clipboard-read", "clipboard-write"],
    hasTouch: viewport.width < 600,
  });
  context.setDefaultTimeout(STEP_MS);
  await slowDown(context);
  const errors = [];
  context.on("page", (page) => {
    page.on("console", (message) => {
      if (message.type() === "error" && !allowed.some((pattern) => pattern.test(message.text()))) {
        errors.push(message.text());
      }
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    const requests = new Set();
    underWay.set(page, requests);
    page.on("request", (request) => requests.add(request));
    page.on("requestfinished", (request) => requests.delete(request));
    page.on("requestfailed", (request) => requests.delete(request));
  });
  const page = await context.newPage();
  return {
    page,
    context,
    errors,
    close: async () => {
      await context.close();
      assert.deepEqual(errors, [], "console errors");
    },
  };
}

/** Fails on anything that axe finds. Left out: the picture of the pointer that noVNC puts into <body> for touch screens. */
export async function checkAccessibility(page, where) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (tags) => {
    const result = await globalThis.axe.run({ exclude: ["body > canvas"] }, { runOnly: tags });
    return result.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(" ")).join("; ")}`);
  }, AXE_TAGS);
  assert.deepEqual(violations, [], `axe on ${where}`);
}

/** Fails when the page is wider than the window: something does not fit. */
export async function checkFits(page, where) {
  const wide = await page.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    return document.documentElement.scrollWidth > limit + 1 ? [document.documentElement.scrollWidth, limit] : null;
  });
  assert.equal(wide, null, `${where} is wider than the window`);
}

export async function screenshot(page, name) {
  if (shotsDir) {
    mkdirSync(shotsDir, { recursive: true });
    await page.screenshot({ path: join(shotsDir, `${name}.png`) });
  }
}

/** Waits until a page is there as a whole: nothing is asked for or loading, nothing moves. */
export async function settled(page) {
  const isStill = () =>
    document.querySelector("main") !== null && document.querySelector("h1") !== null && document.querySelector(".ak-loading") === null &&
    document.getAnimations().every((a) => a.playState !== "running" || a.effect?.getTiming().iterations === Infinity);
  await until(`${page.url()} is there as a whole`, async () => underWay.get(page)?.size === 0 && (await page.evaluate(isStill)));
}

/** The checks of every page, once it is there, and its screenshot. */
export async function inspect(page, name) {
  await settled(page);
  await screenshot(page, name);
  await checkFits(page, name);
  await checkAccessibility(page, name);
}

const WORDS = {
  ja: { user: "ユーザ名", password: "パスワード", domain: "ドメイン", login: "ログイン" },
  en: { user: "User name", password: "Password", domain: "Domain", login: "Log in" },
};

export async function logIn(page, { user, password, domain, language = "ja" }) {
  const words = WORDS[language];
  await page.getByRole("textbox", { name: words.user }).fill(user);
  await page.getByLabel(words.password).fill(password);
  await page.getByRole("textbox", { name: words.domain }).fill(domain);
  await page.getByRole("button", { name: words.login, exact: true }).click();
}
