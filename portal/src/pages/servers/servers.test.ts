// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Flavor, Server } from "../../api/compute";
import type { Image } from "../../api/image";
import { consoleToken } from "./Console";
import { encodeUserData, isLargeEnough, newServerOf } from "./Create";
import { plainText } from "./Log";
import { addressesOf, flavorOf, pollEvery } from "./queries";
import { isBusy, stateText, taskText } from "./states";

const server = (part: Partial<Server>): Server => ({
  id: "s1", name: "web1", status: "ACTIVE", created: "2026-11-20T00:00:00Z", updated: "2026-11-20T00:00:00Z",
  addresses: {}, image: { id: "i1" }, flavor: { id: "f1" }, key_name: null, ...part,
});
const small: Flavor = { id: "f1", name: "small", vcpus: 1, ram: 512, disk: 5 };
const image: Image = {
  id: "i1", name: "debian", status: "active", visibility: "public", size: 1, min_disk: 4, min_ram: 512, disk_format: "qcow2",
};

describe("polling", () => {
  test("is quick while a job runs and calm otherwise", () => {
    const calm = pollEvery([server({})]);
    expect(pollEvery([server({}), server({ "OS-EXT-STS:task_state": "powering-off" })])).toBeLessThan(calm);
    expect(pollEvery([server({ status: "BUILD" })])).toBeLessThan(calm);
    expect(pollEvery(undefined)).toBe(calm);
  });

  test("an error is not a job", () => {
    expect(isBusy(server({ status: "ERROR" }))).toBe(false);
  });
});

test("states and tasks that the portal does not know keep the API's word", () => {
  expect(stateText(server({ status: "NEW_STATE" }))).toBe("NEW_STATE");
  expect(taskText("new_task")).toBe("new_task");
});

test("the flavor is found by id, or taken from the server itself", () => {
  expect(flavorOf(server({}), [small])?.name).toBe("small");
  expect(flavorOf(server({ flavor: { original_name: "old", vcpus: 2, ram: 1, disk: 1 } }), [small])?.name).toBe("old");
  expect(flavorOf(server({ flavor: { id: "gone" } }), [small])).toBeNull();
});

test("addresses of all networks are listed", () => {
  const addresses = { a: [{ addr: "10.0.0.1", version: 4 as const }], b: [{ addr: "fd00::1", version: 6 as const }] };
  expect(addressesOf(server({ addresses }))).toEqual(["10.0.0.1", "fd00::1"]);
});

describe("creating", () => {
  const draft = { name: " web1 ", image: "i1", flavor: "f1", network: "n1", keypair: "", userData: "  " };

  test("optional parts are left out when they are empty", () => {
    expect(newServerOf(draft)).toEqual({ name: "web1", imageRef: "i1", flavorRef: "f1", networks: [{ uuid: "n1" }] });
  });

  test("user data is base64 of UTF-8", () => {
    expect(encodeUserData("証")).toBe("6Ki8");
    expect(newServerOf({ ...draft, keypair: "k", userData: "証" })).toMatchObject({ key_name: "k", user_data: "6Ki8" });
  });

  test("a flavor must have the image's memory and disk; disk 0 means the image's own size", () => {
    expect(isLargeEnough(small, image)).toBe(true);
    expect(isLargeEnough(small, { ...image, min_ram: 1024 })).toBe(false);
    expect(isLargeEnough(small, { ...image, min_disk: 6 })).toBe(false);
    expect(isLargeEnough({ ...small, disk: 0 }, { ...image, min_disk: 6 })).toBe(true);
    expect(isLargeEnough(small, undefined)).toBe(true);
  });
});

test("the log loses a terminal's colours and controls, and keeps its lines", () => {
  expect(plainText("\u001b[0;32m  OK  \u001b[0m started\r\n\u001b[2J\u001b[1;1Hlogin: \u0007")).toBe("  OK   started\nlogin: ");
  expect(plainText("\u001b]0;title\u0007text")).toBe("text");
});

test("the token is taken from any console URL", () => {
  expect(consoleToken("https://cloud.example/console?token=a%2Fb")).toBe("a/b");
  expect(consoleToken("https://cloud.example/console")).toBe("");
});
