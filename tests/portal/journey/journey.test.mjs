// SPDX-License-Identifier: Apache-2.0
// A contract from its draft to the proof of its deletion, by the people who live it: two operators in the console of the
// management listener, and the customer's master user in the portal. Once by a class whose customers wait for the provider
// (in English), once by one whose customers act themselves (in Japanese). The chapters build on each other.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DESKTOP, inspect, launch, logIn, openPage, screenshot } from "../lib/browser.mjs";
import { customerUrl } from "../lib/cloud.mjs";
import { mailTo, moveClock, openAdmin, openApi, openScreen, OPERATOR_URL, run, stackNow, tokyo, totpCode } from "../lib/stack.mjs";
import { wordsIn } from "../lib/words.mjs";

/* until work of the worker, or a page that asks every 15 seconds, is seen */
const WORK_MS = 45_000;
/* of the class tic */
const GRACE_DAYS = 10;
/* the command akashi reads as the account akashi */
const folder = mkdtempSync(join(tmpdir(), "akashi-journey-"));
chmodSync(folder, 0o755);

let browser;
let admin;
const operators = [];

before(async () => {
  browser = await launch();
  admin = await openAdmin();
  await addImage("debian-12");
  operators.push(await addOperator("sato", "operator"), await addOperator("suzuki", "privileged"));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await admin?.close();
  await browser?.close();
});

async function addImage(name) {
  const image = await admin.call("POST", "/image/v2/images", { name, disk_format: "raw", container_format: "bare", visibility: "public" });
  await admin.call("PUT", `/image/v2/images/${image.id}/file`, Buffer.alloc(1 << 20), { "Content-Type": "application/octet-stream" });
}

/** The addresses of an area that classes name. */
async function setArea(slug, cidrs) {
  const { areas } = await admin.call("GET", "/service/v1/areas");
  await admin.call("PATCH", `/service/v1/areas/${areas.find((area) => area.slug === slug).id}`, { area: { cidrs } });
}

/** One of the staff, with the second factor that the staff must have. */
async function addOperator(name, role) {
  const password = `${name}-of-the-provider-1`;
  const { project } = admin.whoami;
  const body = { name, password, domain_id: "default", default_project_id: project.id };
  const { user } = await admin.call("POST", "/identity/v3/users", { user: body });
  const { roles } = await admin.call("GET", `/identity/v3/roles?name=${role}`);
  await admin.call("PUT", `/identity/v3/projects/${project.id}/users/${user.id}/roles/${roles[0].id}`);
  const account = { user: name, password, domain: "Default", project: project.name };
  const own = await openApi(OPERATOR_URL, account);
  const { totp } = await own.call("POST", "/service/v1/me/totp", {});
  await own.call("POST", "/service/v1/me/totp/confirm", { totp: { passcode: totpCode(totp.secret) } });
  await own.close();
  return { ...account, secret: totp.secret };
}

/* -- people at their screens -- */

const exactly = (name) => ({ name, exact: true });

class Person {
  constructor(session, language) {
    Object.assign(this, session, { say: wordsIn(language), verb: wordsIn(language, "verb"), language });
  }

  static async at(url, language) {
    /* pages say in their own words what was refused */
    return new Person(await openPage(browser, url, { language, viewport: DESKTOP, allowed: [/Failed to load resource/] }), language);
  }

  go(path) {
    return this.page.goto(path);
  }

  press(text, scope = this.page) {
    return scope.getByRole("button", exactly(this.verb(text))).click();
  }

  heading(text, level = 1) {
    return this.page.getByRole("heading", { level, ...exactly(text) }).waitFor();
  }

  /** The state beside the title, once it is 'text'. */
  state(text) {
    return this.page.locator(".ak-head .ak-status__label").getByText(this.say(text), { exact: true }).waitFor({ timeout: WORK_MS });
  }

  sees(text, scope = this.page) {
    return scope.getByText(text).first().waitFor({ timeout: WORK_MS });
  }

  /** Fills in fields by the portal's label, or, after "=", by a label as it is. */
  async fill(values, scope = this.page) {
    for (const [text, value] of Object.entries(values)) {
      const name = exactly(text.startsWith("=") ? text.slice(1) : this.say(text));
      const field = scope.getByRole("textbox", name).or(scope.getByRole("combobox", name)).or(scope.getByRole("checkbox", name));
      const type = await field.evaluate((element) => element.type);
      if (type === "select-one") {
        const option = field.locator("option").filter({ hasText: value.with });
        await field.selectOption(value.with ? await option.getAttribute("value") : value);
      } else if (type === "checkbox") {
        await field.setChecked(value);
      } else {
        await field.fill(value);
      }
    }
  }

  /** A verb of the page: its button, its dialog, done. */
  async act(verb, values = {}, { opener = verb } = {}) {
    await this.press(opener);
    const dialog = this.page.getByRole("dialog");
    await this.fill(values, dialog);
    await this.press(verb, dialog);
    return dialog;
  }

  async done(verb, values, how) {
    const dialog = await this.act(verb, values, how);
    await dialog.waitFor({ state: "detached", timeout: WORK_MS });
  }

  fact(label) {
    return this.page.locator(".pf-v6-c-description-list__group").filter({ has: this.page.getByText(this.say(label), { exact: true }) }).locator("dd");
  }

  /** What the page calls, as the page's own session. */
  async read(path) {
    const token = await this.page.evaluate(() => JSON.parse(sessionStorage.getItem("akashi.session")).token);
    const answer = await this.page.request.get(path, { headers: { "X-Auth-Token": token } });
    assert.equal(answer.status(), 200, await answer.text());
    return answer.json();
  }
}

/** An operator at the console: password, then the code of the app. */
async function operatorAt(index, language) {
  const account = operators[index];
  const person = await Person.at(OPERATOR_URL, language);
  await person.go("/");
  await logIn(person.page, { ...account, language });
  await person.heading(person.say("Second step"));
  moveClock(31); /* each code is good once */
  await person.fill({ Code: totpCode(account.secret) });
  await person.press("Log in");
  await person.heading(person.say("Overview"));
  return person;
}

async function masterAt(account, language) {
  const person = await Person.at(customerUrl(), language);
  await person.go("/");
  await logIn(person.page, { ...account, language });
  await person.heading(person.say("Overview"));
  return person;
}

/** A request by its form; fields by the names that the API gives them. */
async function ask(person, kind, values) {
  const { request_kinds: kinds } = await person.read("/service/v1/request-kinds");
  const { fields } = kinds.find((one) => one.kind === kind);
  await person.go(`/requests/new?kind=${kind}`);
  const label = (name) => `=${fields.find((field) => field.name === name)[`title_${person.language}`]}`;
  await person.page.getByRole("button", exactly(person.say("Submit the request"))).waitFor();
  await person.fill(Object.fromEntries(Object.entries(values).map(([name, value]) => [label(name), value])));
  await person.press("Submit the request");
  await person.page.waitForURL(/\/requests\/[0-9a-f-]{36}$/);
  return new URL(person.page.url()).pathname;
}

const idOf = (path) => path.split("/").pop();

const CASES = [
  {
    className: "biglink-iaas",
    language: "en",
    isSelf: false,
    customer: { name: "青葉県", name_en: "Aoba Prefecture" },
    subject: "Mail system of the prefecture",
  },
  {
    className: "tic",
    language: "ja",
    isSelf: true,
    customer: { name: "青空市", name_en: "Aozora City" },
    subject: "基幹業務システム",
  },
];

for (const { className, language, isSelf, customer, subject } of CASES) {
  describe(`${className}, ${language}`, () => {
    const say = wordsIn(language);
    const both = (ja, en) => (language === "ja" ? ja : en);
    const contact = `${className}@akashi.test`;
    const shot = (person, name) => inspect(person.page, `journey-${className}-${name}`);
    const show = async () => (await admin.call("GET", `/service/v1/contracts/${contractId}`)).contract;
    const inventory = () => run("akashi", "inventory");
    let first; // the operator who takes things up
    let second; // the one who decides
    let master;
    let account;
    let contractId;
    let serverId;

    before(async () => {
      first = await operatorAt(0, language);
      second = await operatorAt(1, language);
    });
    after(async () => {
      for (const person of [first, second, master]) {
        await person?.close();
      }
    });

    let hasFailed = false;
    const chapter = (name, work) =>
      test(name, async (context) => {
        if (hasFailed) {
          context.skip("an earlier chapter failed");
          return;
        }
        hasFailed = true;
        try {
          await work();
          hasFailed = false;
        } finally {
          for (const [who, person] of hasFailed ? Object.entries({ first, second, master }) : []) {
            await (person && screenshot(person.page, `journey-${className}-failed-${who}`).catch(() => undefined));
          }
        }
      });

    chapter("an operator enters the customer and drafts and activates the contract", async () => {
      await first.go("/customers");
      await first.done("Add", { Name: customer.name, "Name in English": customer.name_en, Sector: "municipality" }, { opener: "Add a customer" });
      await first.sees(customer.name);
      await first.go("/contracts");
      await first.page.getByRole("heading", { level: 1 }).waitFor();
      await first.press("Draft a contract");
      const dialog = first.page.getByRole("dialog");
      await first.fill({ Customer: { label: customer.name }, Service: className, Subject: subject, Language: language, "Master user": "master" }, dialog);
      await first.fill({ Contact: "山田 太郎", "Mail address": contact, Servers: "3" }, dialog);
      await shot(first, "draft");
      await first.press("Save the draft", dialog);
      await first.heading(subject);
      await first.state("contract|Draft");
      contractId = idOf(first.page.url());
      await first.act("Activate");
      await first.page.getByRole("dialog", exactly(say("One-time password"))).waitFor();
      const password = await first.page.locator(".ak-secret code").innerText();
      await shot(first, "one-time-password");
      await first.press("Close");
      await first.state("contract|Active");
      account = { user: "master", password, domain: await first.fact("Contract number").innerText() };
    });

    chapter("the master user chooses a password and agrees to the terms", async () => {
      master = await Person.at(customerUrl(), language);
      await master.go("/");
      await logIn(master.page, { ...account, language });
      await master.heading(say("Choose a password of your own"));
      await shot(master, "first-password");
      const password = `${className} is at home here`;
      for (const [name, value] of [["old-password", account.password], ["new-password", password], ["new-password-again", password]]) {
        await master.page.locator(`input[name=${name}]`).fill(value);
      }
      await master.press("Change password");
      account.password = password;
      await master.heading(say("Overview"));
      await master.go("/contract/terms");
      await master.fill({ "I have read the terms and agree to them for my organisation.": true });
      await shot(master, "terms");
      await master.press("Agree");
      await master.sees(say("Your consent is recorded. Thank you."));
      const { contract } = await master.read("/service/v1/contract");
      assert.equal(contract.consent.user_name, "master");
    });

    chapter(isSelf ? "the customer creates a server" : "the customer asks for a server; one operator takes it over, another approves", async () => {
      const name = "web01";
      await master.go("/servers/new");
      if (isSelf) {
        await master.fill({ Name: name });
        await master.page.getByRole("radio", { name: /^debian-12/ }).check();
        await shot(master, "server-new");
        await master.press("Create server");
      } else {
        await master.sees(say("Your contract provides for a request. The provider carries it out and answers here."));
        const { networks } = await master.read("/network/v2.0/networks?router:external=false");
        const path = await ask(master, "server-add", { name, flavor: { with: /^tiny/ }, image: { with: /^debian-12/ }, network: networks[0].id });
        await first.go(path);
        await first.done("Take over");
        await first.state("request|In review");
        await shot(first, "request-taken");
        await second.go(path);
        await second.done("Approve", { Comment: "Within the quota." });
        await second.state("request|Done");
        await shot(second, "request-approved");
        await master.go(path);
        await master.state("request|Done");
        await shot(master, "request-done");
        await master.go("/servers");
        await master.page.getByRole("link", exactly(name)).click();
      }
      await master.heading(name);
      await master.page.locator(".ak-head .ak-status__label").getByText(say("state|Running"), { exact: true }).waitFor({ timeout: WORK_MS });
      serverId = idOf(master.page.url());
      assert.ok(inventory().includes(serverId));
      await shot(master, "server");
    });

    chapter(isSelf ? "the console shows the server's screen" : "the console is not offered, and the page says so", async () => {
      if (isSelf) {
        const screen = await openScreen(serverId);
        await master.page.getByRole("link", exactly(say("Open the console"))).click();
        await master.sees("work-area"); /* the contract opens consoles from there only, and this is not there yet */
        await shot(master, "console-refused");
        await setArea("work-area", ["127.0.0.0/8"]);
        await master.press("Connect again");
        await master.sees(say("Connected"));
        await master.page.waitForFunction(() => document.querySelector(".ak-screen__target canvas")?.width === 640);
        await shot(master, "console");
        await master.go("/overview");
        screen.close();
      } else {
        await master.go(`/servers/${serverId}/console`);
        await master.sees(say("Your contract does not include it."));
        await shot(master, "console");
      }
    });

    chapter("a change of the shared firewall is asked for, approved and in force", async () => {
      const { security_groups: groups } = await master.read("/network/v2.0/security-groups");
      const group = groups.find((one) => one.name === "default");
      const path = await ask(master, "firewall-change", {
        action: "add", group: { with: /^default/ }, direction: "ingress", protocol: "tcp", port_min: "443", port_max: "443", remote: "198.51.100.0/24",
        reason: both("公開するサイトのため", "For the public site"),
      });
      await shot(master, "firewall-request");
      await first.go(path);
      await first.sees("198.51.100.0/24");
      await first.done("Approve");
      await first.state("request|Done");
      await master.go(`/firewall/${group.id}`);
      await master.sees("198.51.100.0/24");
      await shot(master, "firewall");
    });

    chapter("maintenance is announced, mailed, and acknowledged", async () => {
      const title = both("仮想化基盤の定期保守", "Regular maintenance of the platform");
      await first.go("/notices");
      await first.press("Draft a notice");
      const dialog = first.page.getByRole("dialog");
      await first.fill({
        Kind: "maintenance", "Title in Japanese": both(title, "定期保守"), "Title in English": both("Maintenance", title),
        "Text in Japanese": "ホストを更新します。サーバは停止しません。", "Text in English": "The hosts are updated. Servers go on running.",
        Begin: tokyo(40), End: tokyo(40.1), "Customers are to acknowledge it": true,
      }, dialog);
      const { hosts } = await admin.call("GET", "/service/v1/hosts");
      await first.fill({ [`=${hosts[0].name}`]: true }, dialog);
      await shot(first, "notice-draft");
      await first.press("Save the draft", dialog);
      await first.heading(title);
      await first.sees(customer.name);
      await shot(first, "notice-preview");
      await first.done("Publish");
      await first.state("notice|Announced");
      const mail = await mailTo(contact, title);
      assert.match(mail.text, both(/サーバは停止しません/, /Servers go on running/));
      const path = new URL(first.page.url()).pathname;
      await master.go("/notices");
      await master.page.getByRole("link", exactly(title)).click();
      await master.press("Acknowledge");
      await master.sees(say("The notice is acknowledged."));
      await shot(master, "notice");
      await first.go(path);
      const row = first.page.getByRole("row").filter({ hasText: customer.name });
      await row.locator("time").waitFor();
      await shot(first, "notice-acknowledged");
    });

    chapter("an incident is reported, confirmed, notified, and followed to its report", async () => {
      const title = both("Web サーバの応答が遅い", "The web server answers slowly");
      await master.go("/incidents/new");
      await master.fill({ "In one line": title, "What happens, and since when?": both("10 時から 5 秒以上かかります。", "More than 5 seconds since 10 o'clock.") });
      await master.page.getByRole("checkbox", exactly("web01")).check();
      await master.page.locator("input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from("10:00 slow") });
      await shot(master, "incident-report");
      await master.press("Report");
      await master.heading(title);
      const path = new URL(master.page.url()).pathname;
      await first.go("/incidents");
      await first.page.getByRole("link", exactly(title)).click();
      await first.heading(title);
      await first.sees("log.txt");
      await first.done("Confirm", { Severity: "high", Cause: "provider", Text: both("ディスク装置の遅延を確認しました。", "The storage is slow.") });
      await first.state("incident|Confirmed");
      const told = both("原因を特定しました。本日中に復旧します。", "We know the cause. It will be mended today.");
      await first.done("Notify the customers", { Text: told });
      await shot(first, "incident-notified");
      const mail = await mailTo(contact, told);
      assert.ok(mail.subject.includes(title));
      await master.go(path);
      await master.state("incident|Confirmed");
      await master.sees(told);
      await shot(master, "incident-tracked");
      await first.done("Resolved");
      await first.state("incident|Resolved");
      const report = Object.fromEntries(["root_cause", "impact", "response", "prevention"].flatMap((part) => ["Japanese", "English"].map((tongue) =>
        [`=${say(`{part} (${tongue})`, { part: say(`report|${PARTS[part]}`) })}`, `${part} ${tongue}`])));
      await first.done("Close with a report", report);
      await first.state("incident|Closed");
      await master.go(path);
      await master.state("incident|Closed");
      await master.sees(both("root_cause Japanese", "root_cause English"));
      await shot(master, "incident-closed");
    });

    chapter("the customer cancels, and keeps looking until the end", async () => {
      await master.go("/contract/end");
      await master.press("Cancel the contract…");
      const dialog = master.page.getByRole("dialog");
      await master.fill({
        "Last day": tokyo(isSelf ? 2 : 31).slice(0, 10), Reason: both("次期システムへ移行するため", "We move to the next system."),
        "I have taken along what I need, and know that everything is deleted.": true,
      }, dialog);
      await shot(master, "cancel");
      await master.press("Cancel the contract", dialog);
      await master.state("contract|Terminating");
      await shot(master, "cancelled");
      const { ends_on: endsOn } = await show();
      await untilTime(Date.parse(`${endsOn}T00:00:00+09:00`) / 1000 + 1);
      await until("the end of the contract", async () => (await show()).ended_at);
      await master.close();
      master = await masterAt(account, language);
      await master.go(`/servers/${serverId}`);
      await master.heading("web01");
      await shot(master, "ended");
    });

    chapter(isSelf ? "a second before the end of the grace all is there, after it all is gone" : "the operator deletes, and all is gone", async () => {
      const before = await show();
      for (const person of [first, second, master]) {
        await person.close();
      }
      if (isSelf) {
        const deleteAt = Date.parse(before.delete_at) / 1000;
        assert.equal(deleteAt, Date.parse(`${before.ends_on}T00:00:00+09:00`) / 1000 + GRACE_DAYS * 86_400);
        await untilTime(deleteAt - 1);
        assert.ok(inventory().includes(serverId));
        assert.equal((await show()).deleting_at, null);
        first = await operatorAt(0, language);
        second = await operatorAt(1, language);
      } else {
        assert.equal(before.delete_at, null);
        first = await operatorAt(0, language);
        second = await operatorAt(1, language);
        await second.go(`/contracts/${contractId}`);
        await second.done("Delete everything now");
      }
      await second.go(`/contracts/${contractId}`);
      await second.state("contract|Closed");
      await shot(second, "closed");
      const closed = await show();
      assert.ok(!isSelf || Date.parse(closed.deleting_at) >= Date.parse(before.delete_at), "deleted before its time");
      assert.ok(!inventory().includes(serverId));
      master = await Person.at(customerUrl(), language);
      await master.go("/");
      await logIn(master.page, { ...account, language });
      await master.sees(say("You could not be logged in."));
    });

    chapter("the operator downloads the deletion record, and it proves itself", async () => {
      await second.go("/records");
      const { number } = await show();
      const row = second.page.getByRole("row").filter({ hasText: number });
      await shot(second, "records");
      const saved = second.page.waitForEvent("download");
      await row.getByRole("button", { name: wordsIn(language, "verb")("Download") }).click();
      const file = join(folder, `${number}.json`);
      await (await saved).saveAs(file);
      chmodSync(file, 0o644);
      const record = JSON.parse(run("cat", file));
      assert.equal(record.contract.number, number);
      const gone = record.objects.find((object) => object.id === serverId);
      assert.ok(gone?.removed_at);
      assert.match(run("akashi", "record", "verify", file), /valid/);
      const forged = join(folder, "forged.json");
      writeFileSync(forged, run("cat", file).replace(serverId, serverId.replace(/^./, (c) => (c === "0" ? "1" : "0"))));
      assert.throws(() => run("akashi", "record", "verify", forged));
    });
  });
}

const PARTS = { root_cause: "Root cause", impact: "Impact", response: "What was done", prevention: "Prevention" };

const untilTime = (seconds) => moveClock(seconds - stackNow());

async function until(what, check) {
  const end = Date.now() + WORK_MS;
  for (let value = await check(); ; value = await check()) {
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `${what}: not within ${WORK_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
