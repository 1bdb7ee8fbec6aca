import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../provider.ts";
import { findProvider } from "../providers.ts";

const NOW_US = Date.UTC(2026, 2, 1, 12) * 1000;
const secrets = { username: "lector@example.test", password: "synthetic-password" };

function jwt(claims: unknown): string {
  return ["{}", JSON.stringify(claims), "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");
}

function answer(body: string): Answer {
  return { status: 200, headers: {}, body: Buffer.from(body) };
}

for (const [id, path, header] of [["tdata", "/tdata/v1/login", "Authorization"], ["thingsboard", "/api/auth/login", "X-Authorization"]] as const) {
  const provider = findProvider(id);
  assert.ok(provider?.login !== undefined);
  const { login } = provider;

  test(`${id}: logs in with user and password, and takes the token in its own header`, () => {
    assert.deepEqual(login.request({}, secrets), { method: "POST", path, json: secrets, timeoutMs: 5000 });
    const request = { method: "GET", path: "/x", headers: { accept: "application/json" } } as const;
    assert.deepEqual(login.apply(request, "t0k3n"), { ...request, headers: { accept: "application/json", [header]: "Bearer t0k3n" } });
  });

  test(`trap 24: ${id}: a token ends when its exp says, be that in half a minute`, () => {
    for (const seconds of [30, 300, 9000]) {
      const token = jwt({ sub: "lector", exp: NOW_US / 1e6 + seconds });
      assert.deepEqual(login.token(answer(JSON.stringify({ token, refreshToken: "r" })), NOW_US), { token, expiresAtUs: NOW_US + seconds * 1e6 });
    }
  });

  test(`${id}: a token that does not say when it ends is left to the collector`, () => {
    for (const token of ["opaque", "a.b.c", jwt({}), jwt([]), jwt({ exp: "soon" }), jwt({ exp: -5 }), jwt({ exp: 1e300 }), jwt(null)]) {
      assert.deepEqual(login.token(answer(JSON.stringify({ token })), NOW_US), { token, expiresAtUs: undefined });
    }
  });

  test(`trap 1: ${id}: a login without a token is a failure`, () => {
    for (const [body, kind] of [["{}", "auth_failed"], ['{"token":null}', "auth_failed"], ['{"token":" "}', "auth_failed"], ["[]", "bad_payload"], ["<html>", "bad_payload"], ["", "bad_payload"], ['{"token":', "bad_payload"]] as const) {
      const outcome = login.token(answer(body), NOW_US);
      assert.equal("kind" in outcome ? outcome.kind : "token", kind, body);
    }
  });
}

test("base URLs are the vendors', unless the settings name a region", () => {
  const urls = [["tdata", {}], ["thingsboard", {}], ["thethings-io", {}], ["tagoio", {}], ["tagoio", { region: "eu-w1" }]] as const;
  assert.deepEqual(urls.map(([id, settings]) => {
    const provider = findProvider(id);
    return provider?.baseUrl(provider.settings.parse(settings));
  }), ["https://api.twindimension.com", "https://thingsboard.cloud", "https://api.thethings.io", "https://api.tago.io", "https://api.eu-w1.tago.io"]);
});

test("a setting that nobody knows is refused, and so is a limit out of range", () => {
  for (const [id, settings] of [["tdata", { pagelimit: 5 }], ["tdata", { pageLimit: 0 }], ["thingsboard", { entityType: "TENANT" }], ["thethings-io", { pageLimit: 1.5 }], ["tagoio", { region: "mars" }]] as const) {
    assert.equal(findProvider(id)?.settings.safeParse(settings).success, false, JSON.stringify(settings));
  }
});
