# SPDX-License-Identifier: Apache-2.0
"""The customers with contracts that ./run makes beside alpha and beta: one of each service class, with what a provider's days bring.
Everything goes through the APIs; what is there already is kept. Used by tools/demo."""
import datetime
import http.client
import json
import os
import secrets
import ssl
import time
from urllib.parse import urlsplit

JST = datetime.timezone(datetime.timedelta(hours=9))
WAIT_S = 180

# cloud: customer, contract. The cloud's name is also the name in clouds.yaml.
CUSTOMERS = {
    "biglink": {
        "customer": {"name": "株式会社みなと精機", "name_kana": "カブシキガイシャミナトセイキ", "name_en": "Minato Seiki Co., Ltd.",
                     "sector": "manufacturing"},
        "class_name": "biglink-iaas", "title": "生産管理システム基盤", "cidr": "192.168.10.0/24",
        "items": [("VMS", "仮想サーバ（小）", 4), ("BK", "バックアップ領域 100 GB", 2)],
        "contacts": [("business", "情報システム部 高橋 由美", "takahashi@minato-seiki.example.jp", "045-555-0101"),
                     ("technical", "情報システム部 木村 健", "kimura@minato-seiki.example.jp", "045-555-0102")]},
    "zep": {
        "customer": {"name": "株式会社はなまる商店", "name_kana": "カブシキガイシャハナマルショウテン", "name_en": "Hanamaru Stores Inc.",
                     "sector": "retail"},
        "class_name": "zep-c1", "title": "店舗受発注システム", "cidr": "192.168.20.0/24",
        "items": [("VMM", "仮想サーバ（中）", 6)],
        "contacts": [("business", "店舗システム課 中村 さくら", "nakamura@hanamaru.example.jp", "06-5555-0201"),
                     ("emergency", "夜間当番", "oncall@hanamaru.example.jp", "06-5555-0299")]},
    "tic": {
        "customer": {"name": "株式会社あおば情報システム", "name_kana": "カブシキガイシャアオバジョウホウシステム",
                     "name_en": "Aoba Information Systems Co., Ltd.", "sector": "software"},
        "class_name": "tic", "title": "自社 SaaS 開発・検証環境", "cidr": "192.168.30.0/24",
        "items": [("TINY", "仮想サーバ（極小）", 10), ("VMS", "仮想サーバ（小）", 10)],
        "contacts": [("technical", "開発部 佐藤 大輔", "sato@aoba-is.example.jp", "03-5555-0301"),
                     ("security", "CSIRT", "csirt@aoba-is.example.jp", "03-5555-0399")]},
    "tic-dedicated": {
        "customer": {"name": "ひばり信用組合", "name_kana": "ヒバリシンヨウクミアイ", "name_en": "Hibari Credit Union",
                     "sector": "finance"},
        "class_name": "tic-dedicated", "title": "インターネットバンキング検証環境", "cidr": "192.168.40.0/24",
        "items": [("VML", "仮想サーバ（大）", 4)],
        "contacts": [("business", "事務部 小林 誠", "kobayashi@hibari-cu.example.jp", "052-555-0401"),
                     ("security", "リスク管理部 渡辺 恵", "watanabe@hibari-cu.example.jp", "052-555-0402")]},
    "tic-lgov": {
        "customer": {"name": "青空市", "name_kana": "アオゾラシ", "name_en": "Aozora City", "sector": "municipality"},
        "class_name": "tic-lgov", "title": "自治体情報システム（LGWAN 接続系）", "cidr": "192.168.50.0/24",
        "items": [("VMS", "仮想サーバ（小）", 8)],
        "contacts": [("business", "総務部情報政策課 山田 太郎", "yamada@city.aozora.example.jp", "0265-55-0501"),
                     ("technical", "総務部情報政策課 鈴木 一郎", "suzuki@city.aozora.example.jp", "0265-55-0502")]},
    "tic-hypervisor": {
        "customer": {"name": "株式会社北斗データサービス", "name_kana": "カブシキガイシャホクトデータサービス",
                     "name_en": "Hokuto Data Services Co., Ltd.", "sector": "software"},
        "class_name": "tic-hypervisor", "title": "再販用専有基盤", "cidr": "192.168.60.0/24",
        "items": [("HV", "専有ホスト", 2)],
        "contacts": [("technical", "基盤技術部 吉田 翔", "yoshida@hokuto-ds.example.jp", "011-555-0601")]},
}


def day(days):
    return (datetime.datetime.now(JST) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def moment(days, hour):
    at = (datetime.datetime.now(JST) + datetime.timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status} {text}")
        self.status = status


class Caller:
    """A login on one of the listeners; paths are below it."""

    def __init__(self, base, authority, user, password, domain, project):
        self.base, self.token = base, None
        self.context = ssl.create_default_context(cafile=authority)
        answer, headers = self.send("POST", "/identity/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "domain": {"name": domain}, "password": password}}},
            "scope": {"project": {"name": project, "domain": {"name": domain}}}}})
        self.token = headers["X-Subject-Token"]
        self.user, self.project = answer["token"]["user"]["id"], answer["token"]["project"]["id"]

    def send(self, method, path, body=None):
        parts = urlsplit(self.base)
        headers = {"Accept": "application/json", "Content-Type": "application/json", "OpenStack-API-Version": "compute 2.1"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        for _ in range(60):
            connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=self.context, timeout=300)
            try:
                connection.request(method, path, body=None if body is None else json.dumps(body).encode(), headers=headers)
                answer = connection.getresponse()
                text = answer.read().decode()
            finally:
                connection.close()
            if answer.status != 429:
                break
            time.sleep(0.5)  # nginx limits the rate of logins
        if answer.status >= 400:
            raise Refused(answer.status, f"{method} {path}: {text.strip()}")
        return (json.loads(text) if text else None), answer.headers

    def get(self, path):
        return self.send("GET", path)[0]

    def post(self, path, body=None):
        return self.send("POST", path, body)[0]


class Book:
    """Numbers and passwords of the contracts, kept beside clouds.yaml."""

    def __init__(self, path):
        self.path, self.rows = path, {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                self.rows = json.load(text)

    def put(self, name, **row):
        self.rows.setdefault(name, {}).update(row)
        with open(os.open(self.path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(self.rows, out, indent=1)
        os.replace(self.path + ".new", self.path)


class Contracts:
    def __init__(self, demo):
        self.demo, self.book = demo, Book(f"{demo.FOLDER}/contracts.json")
        self.admin = Caller(demo.listener_url("MANAGEMENT"), demo.AUTHORITY, "admin", demo.passwords()["admin"], "Default", "admin")

    def customer_of(self, row):
        known = self.admin.get("/service/v1/customers")["customers"]
        found = next((c for c in known if c["name"] == row["customer"]["name"]), None)
        return found or self.admin.post("/service/v1/customers", {"customer": row["customer"]})["customer"]

    def draft(self, row, **more):
        return self.admin.post("/service/v1/contracts", {"contract": {
            "customer_id": self.customer_of(row)["id"], "class_name": row["class_name"], "title": row["title"],
            "starts_on": day(0), "ends_on": day(365 * 2), "network_cidr": row["cidr"], "notes": "デモンストレーション",
            "items": [{"code": c, "title": t, "quantity": n} for c, t, n in row["items"]],
            "contacts": [{"kind": k, "name": n, "email": e, "phone": p} for k, n, e, p in row["contacts"]],
            **more}})["contract"]

    def contract(self, row):
        known = self.admin.get("/service/v1/contracts")["contracts"]
        return next((c for c in known if c["title"] == row["title"]), None) or self.draft(row)

    def login(self, name, password):
        row = self.book.rows[name]
        return Caller(self.demo.listener_url("CUSTOMER"), self.demo.AUTHORITY, "master", password, row["number"], row["number"])

    def master(self, name):
        """Logs in as the master user; the one-time password is changed at the first time."""
        row = self.book.rows[name]
        try:
            return self.login(name, row["password"])
        except Refused as error:
            if error.status != 401:
                raise
        first = self.login(name, row["initial"])
        first.post(f"/identity/v3/users/{first.user}/password", {"user": {
            "original_password": row["initial"], "password": row["password"]}})
        return self.login(name, row["password"])

    def activate(self, name, row):
        contract = self.contract(row)
        if contract["state"] == "draft":
            contract = self.admin.post(f"/service/v1/contracts/{contract['id']}/activate")["contract"]
            self.book.put(name, number=contract["number"], initial=contract["initial_password"],
                          password=self.book.rows.get(name, {}).get("password") or secrets.token_urlsafe(15))
        if name not in self.book.rows:
            self.demo.die(f"contract {contract['number']} is there, but {self.book.path} does not know it; ./run --remove starts anew")
        master = self.master(name)
        if not contract["consent"]:
            terms = master.get("/service/v1/contract/terms")["terms"]
            master.post("/service/v1/contract/consent", {"consent": {"terms_hash": terms["hash"]}})
        self.demo.log(f"{name}: {row['customer']['name']}, contract {contract['number']} ({row['class_name']})")
        return contract, master

    def others(self):
        """A draft, and a contract that is about to end."""
        known = {c["title"]: c for c in self.admin.get("/service/v1/contracts")["contracts"]}
        if "営業支援システム（新規）" not in known:
            self.draft({**CUSTOMERS["zep"], "title": "営業支援システム（新規）", "class_name": "tic", "cidr": "192.168.70.0/24"})
        ending = {**CUSTOMERS["biglink"], "title": "旧図面管理システム", "class_name": "tic", "cidr": "192.168.80.0/24"}
        contract = self.contract(ending)
        if contract["state"] == "draft":
            self.activate("minato-old", ending)
            self.admin.post(f"/service/v1/contracts/{contract['id']}/cancel", {"cancel": {
                "ends_on": day(21), "reason": "新システムへの移行完了のため"}})


def once(caller, kind, title, body, member="title"):
    """An object of a list with that title; (object, whether it is new)."""
    listed = caller.get(f"/service/v1/{kind}s")[f"{kind}s"]
    found = next((o for o in listed if o[member] == title), None)
    if found:
        return found, False
    return caller.post(f"/service/v1/{kind}s", {kind: body})[kind], True


def wait_server(caller, server_id, status):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        server = caller.get(f"/compute/v2.1/servers/{server_id}")["server"]
        if server["status"] in (status, "ERROR") and not server.get("OS-EXT-STS:task_state"):
            return server["status"] == status
        time.sleep(0.3)
    return False


def servers(contracts, masters):
    """In tic by itself: one that runs, one that is off; in biglink by request."""
    demo, master = contracts.demo, masters["tic"]
    flavor = next(f["id"] for f in master.get("/compute/v2.1/flavors")["flavors"] if f["name"] == "tiny")
    image = next((i["id"] for i in master.get("/image/v2/images?name=tiny")["images"]), None)
    if not image:
        demo.log("no image 'tiny': no servers of the contracts")
        return
    there = {s["name"] for s in master.get("/compute/v2.1/servers")["servers"]}
    for name, stop in (("web01", False), ("batch01", True)):
        if name in there:
            continue
        made = master.post("/compute/v2.1/servers", {"server": {"name": name, "imageRef": image, "flavorRef": flavor}})["server"]
        good = wait_server(master, made["id"], "ACTIVE")
        if good and stop:
            master.post(f"/compute/v2.1/servers/{made['id']}/action", {"os-stop": None})
        demo.log(f"tic: server {name} {'is there' if good else 'did not start'}")
    network = masters["biglink"].get("/network/v2.0/networks?name=default&router:external=false")["networks"][0]["id"]
    made, new = once(masters["biglink"], "request", "生産管理 DB サーバの追加", {
        "kind": "server-add", "title": "生産管理 DB サーバの追加", "fields": {
            "name": "seisan-db01", "flavor": "tiny", "image": image, "network": network}})
    if new:
        contracts.admin.post(f"/service/v1/requests/{made['id']}/approve", {"approve": {"comment": "構成を確認しました。"}})
        demo.log("biglink: a server was asked for, approved and is being made")


def requests_of(contracts, masters):
    asked = (
        ("biglink", "firewall-change", "本社 VPN からの HTTPS 許可", {"action": "add", "group": "default", "direction": "ingress",
                                                                  "protocol": "tcp", "port_min": 443, "remote": "203.0.113.0/28",
                                                                  "reason": "拠点追加"}),
        ("zep", "visit", "データセンター見学のお願い", {"visit_on": day(20), "visitors": 3, "names": "中村 さくら、ほか 2 名",
                                            "purpose": "監査法人との現地確認"}),
        ("tic", "firewall-change", "検証用ポートの開放", {"action": "add", "group": "default", "direction": "ingress",
                                                   "protocol": "tcp", "port_min": 8443, "remote": "198.51.100.10/32",
                                                   "reason": "負荷試験のため"}),
    )
    for cloud, kind, title, fields in asked:
        try:
            made, new = once(masters[cloud], "request", title, {"kind": kind, "title": title, "fields": fields})
            if new and cloud == "zep":
                contracts.admin.post(f"/service/v1/requests/{made['id']}/take")
                contracts.admin.post(f"/service/v1/requests/{made['id']}/ask", {"ask": {
                    "text": "ほか 2 名の方のお名前をお知らせください。"}})
        except Refused as error:  # what a class does not offer is no reason to stop
            contracts.demo.log(f"{cloud}: request {kind} was refused: {error}")


def notices(contracts):
    wanted = (
        {"kind": "maintenance", "title_ja": "ストレージ装置ファームウェア更新のお知らせ", "title_en": "Firmware update of the storage",
         "body_ja": "ストレージ装置のファームウェアを更新します。作業中、ディスクの応答が数秒遅くなることがあります。",
         "body_en": "The firmware of the storage is updated. Disks may answer some seconds late meanwhile.",
         "impact": "degraded", "starts_at": moment(45, 1), "ends_at": moment(45, 5), "everyone": True, "needs_ack": True},
        {"kind": "service_change", "title_ja": "ポータルへのパスキーログイン追加", "title_en": "Passkeys for the portal",
         "body_ja": "ポータルのログインでパスキーをご利用いただけるようになりました。「アカウント」画面から登録できます。",
         "body_en": "Passkeys can be used to log in to the portal. Register yours on the page Account.",
         "impact": "none", "starts_at": moment(60, 10), "everyone": True},
        {"kind": "information", "title_ja": "年末年始の受付時間について", "title_en": "Reception hours at the turn of the year",
         "body_ja": "12 月 29 日から 1 月 3 日まで、申請の受付は翌営業日の扱いとなります。障害のご連絡は通常どおり 24 時間受け付けます。",
         "body_en": "From 29 December to 3 January requests count as of the next business day. Incidents are taken at any time.",
         "impact": "none", "everyone": True},
    )
    for body in wanted:
        notice, _new = once(contracts.admin, "notice", body["title_ja"], body, member="title_ja")
        if notice["state"] == "draft":
            contracts.admin.post(f"/service/v1/notices/{notice['id']}/publish")


def incidents(contracts, made, masters):
    title = "一部のお客様環境でのネットワーク遅延"
    found, new = once(contracts.admin, "incident", title, {
        "title": title, "text": "コアスイッチの片系でパケットの破棄が増加し、外部との通信に遅延が生じました。", "severity": "medium",
        "cause": "provider", "project_ids": [made["tic"]["project_id"], made["zep"]["project_id"]]})
    if new:
        own = f"/service/v1/incidents/{found['id']}"
        contracts.admin.post(own + "/confirm", {"confirm": {"text": "監視で検知し、事象を確認しました。"}})
        contracts.admin.post(own + "/notify", {"notify": {"text": "外部との通信に遅延が生じています。原因を調査しています。"}})
        contracts.admin.post(own + "/mitigate", {"mitigate": {"text": "該当系を切り離し、遅延は解消しました。"}})
    title = "不審なログイン試行の調査依頼"
    once(masters["zep"], "incident", title, {
        "title": title, "text": "深夜に海外の IP アドレスから受発注サーバへのログイン試行が多数記録されています。調査をお願いします。",
        "severity": "high"})


AREAS = {"work-area": ("作業エリア", "Work area"), "municipal-area": ("自治体専用エリア", "Municipal area")}
NEAR = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128"]


def areas(contracts):
    """Where consoles, metrics and guides may be reached from: this machine and private networks, for a demonstration."""
    for area in contracts.admin.get("/service/v1/areas")["areas"]:
        if area["slug"] in AREAS and not area["cidrs"]:
            name_ja, name_en = AREAS[area["slug"]]
            contracts.admin.send("PATCH", f"/service/v1/areas/{area['id']}", {"area": {
                "name_ja": name_ja, "name_en": name_en, "cidrs": NEAR}})


def make(demo):
    contracts = Contracts(demo)
    made, masters = {}, {}
    for name, row in CUSTOMERS.items():
        made[name], masters[name] = contracts.activate(name, row)
    contracts.others()
    areas(contracts)
    servers(contracts, masters)
    requests_of(contracts, masters)
    notices(contracts)
    incidents(contracts, made, masters)
    demo.log("requests, notices and incidents are there")
    demo.passwords()  # writes clouds.yaml with the new clouds


def clouds(folder):
    """name: (number, password) of the contracts' master users that have one."""
    return {name: (row["number"], row["password"]) for name, row in Book(f"{folder}/contracts.json").rows.items() if name in CUSTOMERS}
