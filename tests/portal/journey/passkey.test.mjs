// SPDX-License-Identifier: Apache-2.0
// A passkey from its making to its loss, by Chromium's own WebAuthn with a virtual authenticator, against a real akashid: what
// the browser signs is what the server verifies, and what somebody else signs it refuses.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { DESKTOP, inspect, launch, logIn, openPage } from "../lib/browser.mjs";
import { customerUrl } from "../lib/cloud.mjs";
import { openAdmin } from "../lib/stack.mjs";
import { wordsIn } from "../lib/words.mjs";

/* browsers make passkeys for names, not for addresses */
const BASE = customerUrl().replace("127.0.0.1", "localhost");
const say = wordsIn("en");
const verb = wordsIn("en", "verb");
const account = { user: `passkey-${Date.now().toString(36)}`, password: "three unrelated words", domain: "Default" };

let browser;
let admin;
let userId;
before(async () => {
  browser = await launch();
  admin = await openAdmin();
  const { projects } = await admin.call("GET", "/identity/v3/projects?name=alpha");
  const { roles } = await admin.call("GET", "/identity/v3/roles?name=member");
  const { user } = await admin.call("POST", "/identity/v3/users", { user: { name: account.user, password: account.password, domain_id: "default", default_project_id: projects[0].id } });
  userId = user.id;
  await admin.call("PUT", `/identity/v3/projects/${projects[0].id}/users/${userId}/roles/${roles[0].id}`);
});
after(async () => {
  await admin?.call("DELETE", `/identity/v3/users/${userId}`);
  await admin?.close();
  await browser?.close();
});

const button = (scope, name) => scope.getByRole("button", { name, exact: true });
const heading = (page, text) => page.getByRole("heading", { level: 1, name: say(text), exact: true }).waitFor();

/** An authenticator as that of a phone: it knows its user by a finger, and says yes at once. */
async function addAuthenticator(session) {
  const cdp = await session.context.newCDPSession(session.page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    credentials: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    knowsItsUser: (isUserVerified) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    /** the same passkey by name, number and user, with another secret: what a forger has */
    forge: async (credential) => {
      const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
      await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
      await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, privateKey, signCount: credential.signCount + 10 } });
    },
    restore: async (credential) => {
      await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
      await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount: credential.signCount + 20 } });
    },
  };
}

async function logOut(page) {
  await page.evaluate(() => sessionStorage.clear());
  await page.goto("/login");
  await button(page, say("Log in with a passkey")).waitFor();
}

async function isRefused(page, text) {
  await button(page, say("Log in with a passkey")).click();
  await page.getByRole("alert").getByText(say("You could not be logged in.")).waitFor();
  await page.getByRole("alert").getByText(text).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("akashi.session")), null);
  /* one can try again */
  await page.waitForFunction((name) => [...document.querySelectorAll("button")].some((one) => one.textContent?.includes(name) && !one.disabled), say("Log in with a passkey"));
}

test("a passkey is made, logs in, and nobody else's signature does", async () => {
  const session = await openPage(browser, BASE, { language: "en", viewport: DESKTOP, allowed: [/Failed to load resource/] });
  const { page } = session;
  const device = await addAuthenticator(session);
  await page.goto("/login");
  await logIn(page, { ...account, language: "en" });
  await heading(page, "Overview");
  await page.goto("/security");
  await button(page, say("Add a passkey")).click();
  await page.getByRole("dialog").getByLabel(say("Name of the device")).fill("my phone");
  await button(page.getByRole("dialog"), say("Add")).click();

  /* the first factor comes with recovery codes, shown once */
  const codes = page.getByRole("dialog", { name: say("Your recovery codes"), exact: true });
  await codes.waitFor();
  const recovery = await codes.locator("code").allInnerTexts();
  assert.equal(new Set(recovery).size, 10);
  await inspect(page, "passkey-recovery-codes-en");
  await button(codes, verb("Close")).click();
  await page.getByText("my phone", { exact: true }).waitFor();
  const [credential] = await device.credentials();
  assert.equal(credential.rpId, "localhost");
  assert.ok(credential.isResidentCredential);

  await logOut(page);
  await button(page, say("Log in with a passkey")).click();
  await heading(page, "Overview");
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("akashi.session")).token);
  const { sessions } = await (await page.request.get("/service/v1/me/sessions", { headers: { "X-Auth-Token": token } })).json();
  assert.deepEqual(sessions.find((one) => one.current).methods, ["passkey"]);

  /* a device that does not know who holds it signs nothing */
  await logOut(page);
  await device.knowsItsUser(false);
  await isRefused(page, say("No passkey was chosen."));
  await device.knowsItsUser(true);

  /* the browser is content with a forged one, the server is not */
  const [kept] = await device.credentials();
  await device.forge(kept);
  await isRefused(page, /request id|req-/i);
  await device.restore(kept);
  await button(page, say("Log in with a passkey")).click();
  await heading(page, "Overview");

  /* the password alone is not enough any more; with a recovery code it is */
  await logOut(page);
  await logIn(page, { ...account, language: "en" });
  await heading(page, "Second step");
  await page.getByRole("textbox", { name: say("Code"), exact: true }).fill(recovery[0]);
  await button(page, verb("Log in")).click();
  await heading(page, "Overview");
  await session.close();
});
