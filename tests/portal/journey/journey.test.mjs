// SPDX-License-Identifier: Apache-2.0
// A contract from its draft to the proof of its deletion, by the people who live it: two operators in the console of the
// management listener, and the customer's master user in the portal. Every class lives it by its own way, in both languages:
// AKASHI_JOURNEY=all is the whole product, else each class once and the languages in turn. The chapters build on each other;
// within one all contracts are worked on side by side, so that the clock, which is everybody's, moves between chapters only.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DESKTOP, inspect, launch, logIn, openPage, screenshot, until } from "../lib/browser.mjs";
import { customerUrl } from "../lib/cloud.mjs";
import { mailTo, moveClock, nextTotpCode, openAdmin, openApi, openScreen, OPERATOR_URL, run, stackNow, tokyo } from "../lib/stack.mjs";
import { wordsIn } from "../lib/words.mjs";

/* of the classes that delete by themselves */
const GRACE_DAYS = 10;
/* a login older than this is asked who is there (identity_fresh_s) */
const FRESH_S = 901;
/* contracts that are worked on at the same time: two processors do not serve more browsers */
const ABREAST = 3;
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
  await addHosts();
  operators.push(await addOperator("sato", "operator"), await addOperator("suzuki", "privileged"));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await admin?.close();
  await browser?.close();
});

const ADD_HOSTS = `
import sqlite3, sys, uuid
db = sqlite3.connect('/var/lib/akashi/akashi.db', timeout=30)
rows = db.execute('SELECT * FROM compute_host')
names = [column[0] for column in rows.description]
first = dict(zip(names, rows.fetchone()))
for name, zone in (text.split(':') for text in sys.argv[1:]):
    number = db.execute('SELECT max(number) FROM compute_host').fetchone()[0] + 1
    row = {**first, 'id': str(uuid.uuid4()), 'number': number, 'name': name, 'placement_zone': zone, 'seen_us': first['seen_us'] + 365 * 86400 * 10**6}
    db.execute(f"INSERT INTO compute_host ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", [row[column] for column in names])
db.commit()
`;

/** Hosts in the zones that classes demand: one for all municipalities, and one for each customer of dedicated hosts. Only the
 *  database knows them, as seen for a year; the simulated engines serve every host. */
async function addHosts() {
  await until("the first host", async () => (await admin.call("GET", "/service/v1/hosts")).hosts.length > 0);
  const dedicated = CASES.filter(({ zone }) => zone === "dedicated").map((_one, index) => `dedicated-${index}:dedicated`);
  run("setpriv", "--reuid", "akashi", "--regid", "akashi", "--clear-groups", "/usr/bin/python3", "-c", ADD_HOSTS, "municipal:municipal", ...dedicated);
}

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
  await own.call("POST", "/service/v1/me/totp/confirm", { totp: { passcode: nextTotpCode(totp.secret) } });
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
    return this.page.locator(".ak-head .ak-status__label").getByText(this.say(text), { exact: true }).waitFor();
  }

  sees(text, scope = this.page) {
    return scope.getByText(text).filter({ visible: true }).first().waitFor();
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
    await dialog.waitFor({ state: "detached" });
  }

  /** The dialog that asks an old login who is there. */
  async proves(password) {
    const dialog = this.page.getByRole("dialog", exactly(this.say("Confirm that it is you")));
    await this.fill({ "Your password": password }, dialog);
    await this.press("Confirm", dialog);
    await dialog.waitFor({ state: "detached" });
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
  await person.fill({ Code: nextTotpCode(account.secret) });
  await person.press("Log in");
  await person.heading(person.say("Overview"));
  return person;
}

/* language → the two operators, logged in; after the clock has moved by days they do it again */
const desks = {};

async function openDesks() {
  for (const language of new Set(CASES.map((one) => one.language))) {
    for (const person of desks[language] ?? []) {
      await person.close();
    }
    desks[language] = [await operatorAt(0, language), await operatorAt(1, language)];
  }
}

/** The same operator in another window: sessions are the window's. */
async function windowOf(person) {
  const session = await person.page.evaluate(() => sessionStorage.getItem("akashi.session"));
  const page = await person.context.newPage();
  await page.addInitScript((text) => sessionStorage.setItem("akashi.session", text), session);
  return Object.assign(Object.create(Person.prototype), person, { page, close: () => page.close() });
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

const CUSTOMERS = {
  "biglink-iaas": { zone: "general", customer: { name: "青葉県", name_en: "Aoba Prefecture" }, subject: ["県庁メール基盤", "Mail system of the prefecture"] },
  "zep-c1": { zone: "general", customer: { name: "若草町", name_en: "Wakakusa Town" }, subject: ["町立図書館システム", "System of the library"] },
  tic: { zone: "private", isSelf: true, area: "work-area", customer: { name: "青空市", name_en: "Aozora City" }, subject: ["基幹業務システム", "Core system"] },
  "tic-dedicated": { zone: "dedicated", isSelf: true, area: "work-area", customer: { name: "白樺信用金庫", name_en: "Shirakaba Bank" }, subject: ["勘定系検証環境", "Trial of the ledger"] },
  "tic-lgov": { zone: "municipal", isSelf: true, area: "municipal-area", customer: { name: "紅葉市", name_en: "Momiji City" }, subject: ["住民情報システム", "Register of residents"] },
  "tic-hypervisor": { zone: "dedicated", isSelf: true, area: "work-area", customer: { name: "銀河情報株式会社", name_en: "Ginga Data" }, subject: ["再販用基盤", "Platform for resale"] },
};

const isWhole = process.env.AKASHI_JOURNEY === "all";
/* each class once, the languages in turn so that both ways are gone in both */
const COVER = { "biglink-iaas": ["en"], "zep-c1": ["ja"], tic: ["ja"], "tic-dedicated": ["en"], "tic-lgov": ["ja"], "tic-hypervisor": ["en"] };

const CASES = Object.entries(CUSTOMERS).flatMap(([className, { customer, subject, ...rest }]) =>
  (isWhole ? ["ja", "en"] : COVER[className]).map((language, index) => ({
    className,
    language,
    ...rest,
    customer: index === 0 ? customer : { name: `${customer.name}（英語窓口）`, name_en: `${customer.name_en} II` },
    subject: subject[language === "ja" ? 0 : 1],
  })),
);

/** What a contract's people know of it. */
class Life {
  constructor(one) {
    Object.assign(this, one);
    this.title = `${this.className}, ${this.language}`;
    this.say = wordsIn(this.language);
    this.contact = `${this.className}-${this.language}@akashi.test`;
  }

  both(ja, en) {
    return this.language === "ja" ? ja : en;
  }

  async show() {
    return (await admin.call("GET", `/service/v1/contracts/${this.contractId}`)).contract;
  }

  /** The operator who takes things up, and the one who decides. */
  async desk() {
    this.first = await windowOf(desks[this.language][0]);
    this.second = await windowOf(desks[this.language][1]);
  }

  async leave() {
    await this.first?.close();
    await this.second?.close();
  }

  /** A picture of every contract; the checks of a page once in each language. */
  async shot(person, name) {
    const key = `${name}-${this.language}-${this.isSelf ? "self" : "request"}`;
    if (inspected.has(key)) {
      await screenshot(person.page, `journey-${this.className}-${this.language}-${name}`);
    } else {
      inspected.add(key);
      await inspect(person.page, `journey-${this.className}-${this.language}-${name}`);
    }
  }
}

const inspected = new Set();
const inventory = () => run("akashi", "inventory");
const lives = CASES.map((one) => new Life(one));

/** A chapter of every life, side by side; 'prepare' before it, for the clock and the desks. */
function chapter(name, work, { only = () => true, prepare } = {}) {
  describe(name, { concurrency: ABREAST }, () => {
    before(async () => {
      await prepare?.();
    });
    for (const life of lives.filter(only)) {
      test(life.title, async (context) => {
        if (life.hasFailed) {
          context.skip("an earlier chapter failed");
          return;
        }
        life.hasFailed = true;
        try {
          await life.desk();
          await work(life);
          life.hasFailed = false;
        } finally {
          for (const who of life.hasFailed ? ["first", "second", "master"] : []) {
            await (life[who] && screenshot(life[who].page, `journey-failed-${life.className}-${life.language}-${who}`).catch(() => undefined));
          }
          await life.leave();
        }
      });
    }
  });
}

after(async () => {
  for (const person of [...Object.values(desks).flat(), ...lives.map((life) => life.master)]) {
    await person?.close();
  }
});

const isSelf = (life) => Boolean(life.isSelf);
const isByRequest = (life) => !life.isSelf;
const midnight = (day) => `${day}T00:00:00+09:00`;
const healthy = (only) => lives.filter((life) => only(life) && !life.hasFailed);

/** The moments at which contracts that end by themselves are deleted, in seconds. */
async function deletions() {
  const contracts = await Promise.all(healthy(isSelf).map((life) => life.show()));
  return contracts.map((contract) => Date.parse(contract.delete_at) / 1000);
}

async function untilEnds(only) {
  const contracts = await Promise.all(healthy(only).map((life) => life.show()));
  untilTime(Math.max(...contracts.map((contract) => Date.parse(midnight(contract.ends_on)) / 1000)) + 1);
}

chapter("an operator enters the customer and drafts and activates the contract", async (life) => {
  await life.first.go("/customers");
  await life.first.done("Add", { Name: life.customer.name, "Name in English": life.customer.name_en, Sector: "municipality" }, { opener: "Add a customer" });
  await life.first.sees(life.customer.name);
  await life.first.go("/contracts");
  await life.first.page.getByRole("heading", { level: 1 }).waitFor();
  await life.first.press("Draft a contract");
  const dialog = life.first.page.getByRole("dialog");
  await life.first.fill({ Customer: { label: life.customer.name }, Service: life.className, Subject: life.subject, Language: life.language, "Master user": "master" }, dialog);
  await life.first.fill({ Contact: "山田 太郎", "Mail address": life.contact, "Servers at most": "3" }, dialog);
  await life.shot(life.first, "draft");
  await life.first.press("Save the draft", dialog);
  await life.first.heading(life.subject);
  await life.first.state("contract|Draft");
  life.contractId = idOf(life.first.page.url());
  await life.first.act("Activate");
  await life.first.page.getByRole("dialog", exactly(life.say("One-time password"))).waitFor();
  const password = await life.first.page.locator(".ak-secret code").innerText();
  await life.shot(life.first, "one-time-password");
  await life.first.press("Close");
  await life.first.state("contract|Active");
  life.account = { user: "master", password, domain: await life.first.fact("Contract number").innerText() };
}, { prepare: openDesks });

chapter("the master user chooses a password and agrees to the terms", async (life) => {
  life.master = await Person.at(customerUrl(), life.language);
  await life.master.go("/");
  await logIn(life.master.page, { ...life.account, language: life.language });
  await life.master.heading(life.say("Choose a password of your own"));
  await life.shot(life.master, "first-password");
  const password = `${life.className} is at home here`;
  for (const [name, value] of [["old-password", life.account.password], ["new-password", password], ["new-password-again", password]]) {
    await life.master.page.locator(`input[name=${name}]`).fill(value);
  }
  await life.master.press("Change password");
  life.account.password = password;
  await life.master.heading(life.say("Overview"));
  await life.master.go("/contract/terms");
  await life.master.fill({ "I have read the terms and agree to them for my organisation.": true });
  await life.shot(life.master, "terms");
  await life.master.press("Agree");
  const consent = await until("the consent", async () => (await life.master.read("/service/v1/contract")).contract.consent);
  assert.equal(consent.user_name, "master");
});

chapter("the first server: made by the customer; or asked for, taken over by one operator and approved by another", async (life) => {
  const name = "web01";
  await life.master.go("/servers/new");
  if (life.isSelf) {
    await life.master.fill({ Name: name });
    await life.master.page.getByRole("radio", { name: /^debian-12/ }).check();
    await life.shot(life.master, "server-new");
    await life.master.press("Create server");
  } else {
    await life.master.sees(life.say("Done by the provider on request: {verb}", { verb: life.say("Create servers") }));
    const { networks } = await life.master.read("/network/v2.0/networks?router:external=false");
    const path = await ask(life.master, "server-add", { name, flavor: { with: /^tiny/ }, image: { with: /^debian-12/ }, network: networks[0].id });
    await life.first.go(path);
    await life.first.done("Take over");
    await life.first.state("request|In review");
    await life.shot(life.first, "request-taken");
    await life.second.go(path);
    await life.second.done("Approve", { Comment: "Within the quota." });
    await life.second.state("request|Done");
    await life.shot(life.second, "request-approved");
    await life.master.go(path);
    await life.master.state("request|Done");
    await life.shot(life.master, "request-done");
    await life.master.go("/servers");
    await life.master.page.getByRole("link", exactly(name)).click();
  }
  await life.master.heading(name);
  await life.master.state("state|Running");
  life.serverId = idOf(life.master.page.url());
  assert.ok(inventory().includes(life.serverId));
  await life.shot(life.master, "server");
});

chapter("the console is not offered, and the page says so", async (life) => {
  await life.master.go(`/servers/${life.serverId}/console`);
  await life.master.sees(life.say("Not offered: {verb}", { verb: life.say("Consoles of servers") }));
  await life.shot(life.master, "console");
}, { only: isByRequest });

chapter("the console is refused outside of the area that the contract names", async (life) => {
  await life.master.go(`/servers/${life.serverId}`);
  await life.master.page.getByRole("link", exactly(life.say("Open the console"))).click();
  await life.master.sees(life.area);
  await life.shot(life.master, "console-refused");
}, { only: isSelf });

chapter("the console shows the server's screen", async (life) => {
  const screen = await openScreen(life.serverId);
  await life.master.press("Connect again");
  await life.master.page.locator(".ak-screen__state--connected").waitFor();
  await life.master.page.waitForFunction(() => document.querySelector(".ak-screen__target canvas")?.width === 640);
  await life.shot(life.master, "console");
  await life.master.go("/overview");
  screen.close();
}, {
  only: isSelf,
  prepare: async () => {
    await setArea("work-area", ["127.0.0.0/8"]);
    await setArea("municipal-area", ["127.0.0.0/8"]);
  },
});

chapter("a change of the firewall is asked for, approved and in force; or made where the class leaves it to the customer", async (life) => {
  const { security_groups: groups } = await life.master.read("/network/v2.0/security-groups");
  const group = groups.find((one) => one.name === "default");
  const { me } = await life.master.read("/service/v1/me");
  if (me.verbs.firewall === "self") {
    /* nothing to ask for: the class leaves it to the customer */
    await life.master.go(`/firewall/${group.id}`);
    await life.master.press("Add a rule");
    const dialog = life.master.page.getByRole("dialog");
    await life.master.fill({ "Other side": "198.51.100.0/24" }, dialog);
    await dialog.getByRole("button", exactly(life.say("Add"))).click();
    await dialog.waitFor({ state: "detached" });
    await life.master.sees("198.51.100.0/24");
    await life.shot(life.master, "firewall-self");
    return;
  }
  const path = await ask(life.master, "firewall-change", {
    action: "add", group: { with: /^default/ }, direction: "ingress", protocol: "tcp", port_min: "443", port_max: "443", remote: "198.51.100.0/24",
    reason: life.both("公開するサイトのため", "For the public site"),
  });
  await life.shot(life.master, "firewall-request");
  await life.first.go(path);
  await life.first.sees("198.51.100.0/24");
  await life.first.done("Approve");
  await life.first.state("request|Done");
  await life.master.go(`/firewall/${group.id}`);
  await life.master.sees("198.51.100.0/24");
  await life.shot(life.master, "firewall");
});

chapter("maintenance is announced, mailed, and acknowledged", async (life) => {
  const title = `${life.both("仮想化基盤の定期保守", "Regular maintenance of the platform")}: ${life.title}`;
  await life.first.go("/notices");
  await life.first.press("Draft a notice");
  const dialog = life.first.page.getByRole("dialog");
  await life.first.fill({
    Kind: "maintenance", "Title in Japanese": life.both(title, "定期保守"), "Title in English": life.both("Maintenance", title),
    "Text in Japanese": "ホストを更新します。サーバは停止しません。", "Text in English": "The hosts are updated. Servers go on running.",
    Begin: tokyo(40), End: tokyo(40.1), "Customers are to acknowledge it": true,
  }, dialog);
  const { server } = await admin.call("GET", `/compute/v2.1/servers/${life.serverId}`);
  await life.first.fill({ [`=${server["OS-EXT-SRV-ATTR:host"]}`]: true }, dialog);
  await life.shot(life.first, "notice-draft");
  await life.first.press("Save the draft", dialog);
  await life.first.heading(title);
  await life.first.sees(life.customer.name);
  await life.shot(life.first, "notice-preview");
  await life.first.done("Publish");
  await life.first.state("notice|Announced");
  const mail = await mailTo(life.contact, title);
  assert.match(mail.text, life.both(/サーバは停止しません/, /Servers go on running/));
  const path = new URL(life.first.page.url()).pathname;
  await life.master.go("/notices");
  await life.master.page.getByRole("link", exactly(title)).click();
  await life.master.press("Acknowledge");
  await life.master.fact("Acknowledged").waitFor();
  await life.shot(life.master, "notice");
  await life.first.go(path);
  const row = life.first.page.getByRole("row").filter({ hasText: life.customer.name });
  await row.locator("time").waitFor();
  await life.shot(life.first, "notice-acknowledged");
});

chapter("an incident is reported, confirmed, notified, and followed to its report", async (life) => {
  const title = `${life.both("Web サーバの応答が遅い", "The web server answers slowly")}: ${life.title}`;
  await life.master.go("/incidents/new");
  await life.master.fill({ "In one line": title, "What happens, and since when?": life.both("10 時から 5 秒以上かかります。", "More than 5 seconds since 10 o'clock.") });
  await life.master.page.getByRole("checkbox", exactly("web01")).check();
  await life.master.page.locator("input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from("10:00 slow") });
  await life.shot(life.master, "incident-report");
  await life.master.press("Report");
  await life.master.heading(title);
  const path = new URL(life.master.page.url()).pathname;
  await life.first.go("/incidents");
  await life.first.page.getByRole("link", exactly(title)).click();
  await life.first.heading(title);
  await life.first.sees("log.txt");
  await life.first.done("Confirm", { Severity: "high", Cause: "provider", Text: life.both("ディスク装置の遅延を確認しました。", "The storage is slow.") });
  await life.first.state("incident|Confirmed");
  const told = `${life.both("原因を特定しました。本日中に復旧します。", "We know the cause. It will be mended today.")} ${life.title}`;
  await life.first.done("Notify the customers", { Text: told });
  await life.shot(life.first, "incident-notified");
  const mail = await mailTo(life.contact, told);
  assert.ok(mail.subject.includes(title));
  await life.master.go(path);
  await life.master.state("incident|Confirmed");
  await life.master.sees(told);
  await life.shot(life.master, "incident-tracked");
  await life.first.done("Resolved");
  await life.first.state("incident|Resolved");
  const report = Object.fromEntries(["root_cause", "impact", "response", "prevention"].flatMap((part) => ["Japanese", "English"].map((tongue) =>
    [`=${life.say(`{part} (${tongue})`, { part: life.say(`report|${PARTS[part]}`) })}`, `${part} ${tongue}`])));
  await life.first.done("Close with a report", report);
  await life.first.state("incident|Closed");
  await life.master.go(path);
  await life.master.state("incident|Closed");
  await life.master.sees(life.both("root_cause Japanese", "root_cause English"));
  await life.shot(life.master, "incident-closed");
});

chapter("the customer cancels", async (life) => {
  await life.master.go("/contract/end");
  await life.master.press("Cancel the contract…");
  const dialog = life.master.page.getByRole("dialog");
  await life.master.fill({
    "Last day": tokyo(life.isSelf ? 2 : 31).slice(0, 10), Reason: life.both("次期システムへ移行するため", "We move to the next system."),
    "I have taken along what I need, and know that everything is deleted.": true,
  }, dialog);
  await life.shot(life.master, "cancel");
  await life.master.press("Cancel the contract", dialog);
  await life.master.proves(life.account.password);
  await life.master.state("contract|Terminating");
  await life.shot(life.master, "cancelled");
}, { prepare: () => moveClock(FRESH_S) });

async function looksAfterTheEnd(life) {
  await until("the end of the contract", async () => (await life.show()).ended_at);
  await life.master.close();
  life.master = await masterAt(life.account, life.language);
  await life.master.go(`/servers/${life.serverId}`);
  await life.master.heading("web01");
  /* everybody reads only: nothing is offered that would be refused */
  await life.master.sees(life.say("Identifier"));
  for (const verb of ["Open the console", "Stop"]) {
    const offered = life.master.page.getByRole("button", exactly(life.master.verb(verb))).or(life.master.page.getByRole("link", exactly(life.master.verb(verb))));
    assert.equal(await offered.count(), 0, verb);
  }
  await life.shot(life.master, "ended");
}

chapter("after the last day the customer looks, and is offered nothing else", looksAfterTheEnd, { only: isSelf, prepare: () => untilEnds(isSelf) });

chapter("ten minutes before the end of the grace all is there", async (life) => {
  const { delete_at: deleteAt, ends_on: endsOn, deleting_at: deletingAt } = await life.show();
  assert.equal(Date.parse(deleteAt), Date.parse(midnight(endsOn)) + GRACE_DAYS * 86_400_000);
  assert.ok(inventory().includes(life.serverId));
  assert.equal(deletingAt, null);
  life.deleteAt = deleteAt;
}, { only: isSelf, prepare: async () => untilTime(Math.min(...(await deletions())) - 600) });

chapter("on the day of the deletion all is gone", async (life) => {
  await life.second.go(`/contracts/${life.contractId}`);
  await life.second.state("contract|Closed");
  await life.shot(life.second, "closed");
  const closed = await life.show();
  assert.ok(Date.parse(closed.deleting_at) >= Date.parse(life.deleteAt), "deleted before its time");
  assert.ok(!inventory().includes(life.serverId));
  await life.master.close();
  life.master = await Person.at(customerUrl(), life.language);
  await life.master.go("/");
  await logIn(life.master.page, { ...life.account, language: life.language });
  await life.master.sees(life.say("You could not be logged in."));
}, {
  only: isSelf,
  prepare: async () => {
    await untilTime(Math.max(...(await deletions())) + 1);
    await openDesks();
  },
});

chapter("after the last day the customer looks, where the provider deletes", looksAfterTheEnd, { only: isByRequest, prepare: () => untilEnds(isByRequest) });

chapter("the operator deletes, and all is gone", async (life) => {
  await life.second.go(`/contracts/${life.contractId}`);
  await life.second.done("Delete everything now");
  await life.second.state("contract|Closed");
  await life.shot(life.second, "closed");
  assert.ok(!inventory().includes(life.serverId));
  await life.master.close();
  life.master = await Person.at(customerUrl(), life.language);
  await life.master.go("/");
  await logIn(life.master.page, { ...life.account, language: life.language });
  await life.master.sees(life.say("You could not be logged in."));
}, { only: isByRequest, prepare: openDesks });

chapter("the operator downloads the deletion record, and it proves itself", async (life) => {
  await life.second.go("/records");
  const { number } = await life.show();
  const row = life.second.page.getByRole("row").filter({ hasText: number });
  await row.waitFor();
  await life.shot(life.second, "records");
  const saved = life.second.page.waitForEvent("download");
  await row.getByRole("button", { name: wordsIn(life.language)("Download the deletion record of {number}", { number }) }).click();
  const file = join(folder, `${number}.json`);
  await (await saved).saveAs(file);
  chmodSync(file, 0o644);
  const record = JSON.parse(run("cat", file));
  assert.equal(record.contract.number, number);
  const gone = record.objects.find((object) => object.id === life.serverId);
  assert.ok(gone?.removed_at);
  assert.match(run("akashi", "record", "verify", file), /valid/);
  const forged = join(folder, `forged-${number}.json`);
  writeFileSync(forged, run("cat", file).replace(life.serverId, life.serverId.replace(/^./, (c) => (c === "0" ? "1" : "0"))));
  assert.throws(() => run("akashi", "record", "verify", forged));
});

const PARTS = { root_cause: "Root cause", impact: "Impact", response: "What was done", prevention: "Prevention" };

const untilTime = (seconds) => moveClock(seconds - stackNow());
