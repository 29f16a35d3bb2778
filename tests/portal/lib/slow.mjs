// SPDX-License-Identifier: Apache-2.0
// A slow network and a slow machine on purpose, to find what hurries: with AKASHI_SLOW=1 every request and answer waits for up to
// AKASHI_SLOW_MS, AKASHI_SLOW=6 slows Chromium's processor down six times, too. The delays follow from AKASHI_SLOW_SEED, which is printed.
import { createHash } from "node:crypto";

const FACTOR = Number(process.env.AKASHI_SLOW ?? 0);
const LONGEST_MS = Number(process.env.AKASHI_SLOW_MS ?? 1500);
const SEED = process.env.AKASHI_SLOW_SEED ?? String(Date.now() % 100_000);

if (FACTOR > 0) {
  console.log(`# slow: processor / ${FACTOR}, requests and answers up to ${LONGEST_MS} ms, AKASHI_SLOW_SEED=${SEED}`);
}

/** The same for the n-th request of an address in every run of one seed. */
function delayOf(counts, what) {
  const n = (counts.get(what) ?? 0) + 1;
  counts.set(what, n);
  return (createHash("sha256").update(`${SEED} ${what} ${n}`).digest().readUInt32BE() / 2 ** 32) * LONGEST_MS;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function delay(route, counts) {
  const request = route.request();
  const { pathname } = new URL(request.url());
  const isRead = request.method() === "GET" && request.resourceType() !== "document";
  await pause(delayOf(counts, `${request.method()} ${pathname}`));
  if (isRead) {
    const response = await route.fetch();
    await pause(delayOf(counts, `answer ${pathname}`));
    await route.fulfill({ response });
  } else {
    await route.continue();
  }
}

/** Makes every page of 'context' slow, when the run is to be. */
export async function slowDown(context) {
  if (FACTOR === 0) {
    return;
  }
  const counts = new Map();
  /* a page that goes away takes its requests along */
  await context.route("**/*", (route) => delay(route, counts).catch(() => undefined));
  context.on("page", (page) => {
    context
      .newCDPSession(page)
      .then((session) => session.send("Emulation.setCPUThrottlingRate", { rate: FACTOR }))
      .catch(() => undefined);
  });
}
