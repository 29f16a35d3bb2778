// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setLanguage } from "../i18n";
import { ApiError, call, faultOf, get, setToken, setUnauthorizedHandler } from "./client";

const fetchMock = vi.fn<typeof fetch>();

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  fetchMock.mockResolvedValueOnce(new Response(body === undefined ? null : JSON.stringify(body), { status, headers }));
}

beforeEach(async () => {
  await setLanguage("en");
  vi.stubGlobal("fetch", fetchMock);
  setToken("t-1");
});
afterEach(() => {
  fetchMock.mockReset();
  vi.unstubAllGlobals();
  setUnauthorizedHandler(() => undefined);
});

describe("faults of every dialect", () => {
  test.each([
    ["Nova", { itemNotFound: { code: 404, message: "gone" } }, "itemNotFound"],
    ["Keystone", { error: { code: 401, title: "Unauthorized", message: "gone" } }, "Unauthorized"],
    ["Neutron", { NeutronError: { type: "NetworkNotFound", message: "gone", detail: "" } }, "NetworkNotFound"],
    ["RFC 9457", { type: "https://akashi.example/errors/quota", title: "Quota", detail: "gone" }, "quota"],
  ])("%s", (_dialect, body, slug) => {
    expect(faultOf(body)).toEqual({ slug, message: "gone" });
  });

  test("something else is no fault", () => {
    expect(faultOf(null)).toBeNull();
    expect(faultOf("text")).toBeNull();
    expect(faultOf({ servers: [] })).toBeNull();
  });
});

test("token and language go with each request, and an empty filter does not", async () => {
  answer(200, { ok: true });
  await get("/compute/v2.1/servers/detail", { query: { limit: 5, name: "", marker: undefined } });
  const [url, init] = fetchMock.mock.calls[0] ?? [];
  expect(url).toBe("/compute/v2.1/servers/detail?limit=5");
  expect(init?.headers).toMatchObject({ "X-Auth-Token": "t-1", "Accept-Language": "en" });
  expect(init?.credentials).toBe("omit");
});

test("a refusal becomes an ApiError with the request id", async () => {
  answer(409, { conflictingRequest: { code: 409, message: "busy" } }, { "x-openstack-request-id": "req-7" });
  const error = await get("/x").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 409, slug: "conflictingRequest", message: "busy", requestId: "req-7" });
});

test("a refusal that is not JSON still has words", async () => {
  fetchMock.mockResolvedValueOnce(new Response("<html>bad gateway</html>", { status: 502 }));
  await expect(get("/x")).rejects.toMatchObject({ status: 502, message: expect.stringContaining("not available") as string });
});

test("no answer at all is status 0", async () => {
  fetchMock.mockRejectedValueOnce(new TypeError("failed"));
  await expect(get("/x")).rejects.toMatchObject({ status: 0, slug: "no-answer" });
});

test("401 ends the session, except for a login", async () => {
  const ended = vi.fn();
  setUnauthorizedHandler(ended);
  answer(401, { error: { message: "no" } });
  await expect(call("/identity/v3/auth/tokens", { method: "POST", token: null, body: {} })).rejects.toMatchObject({ status: 401 });
  expect(ended).not.toHaveBeenCalled();
  answer(401, { error: { message: "no" } });
  await expect(get("/x")).rejects.toMatchObject({ status: 401 });
  expect(ended).toHaveBeenCalledOnce();
});

test("an empty body is undefined", async () => {
  answer(204, undefined);
  expect((await call("/x", { method: "DELETE" })).body).toBeUndefined();
});
