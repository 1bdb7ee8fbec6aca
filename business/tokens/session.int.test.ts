import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock, createToken } from "@caudal/runtime";
import { openScene } from "../test-scene.ts";

test("a token typed once becomes a cookie that scripts cannot read, and ends with it or with the token", async (context) => {
  const scene = await openScene();
  context.after(() => scene.close());
  const { token, view } = await scene.tokens.create({ name: "Ana", role: "viewer", clients: ["acme"], createdBy: "test" });
  const ana = { name: "Ana", role: "viewer", clients: ["acme"] };
  const opened = await scene.call("POST", "/api/v1/session", { body: { token: ` ${token}\n` } });
  assert.deepEqual([opened.status, opened.body], [200, ana]);
  const set = opened.headers.get("set-cookie") ?? "";
  assert.equal(set, `caudal_session=${token}; Path=/; HttpOnly; SameSite=Strict`);
  const headers = { cookie: set.split(";")[0] ?? "" };
  assert.deepEqual((await scene.call("GET", "/api/v1/session", { headers })).body, ana);
  assert.equal((await scene.call("GET", "/api/v1/tokens", { headers })).status, 403, "the cookie is who signed in, not whoever sits at the machine");
  const closed = await scene.call("DELETE", "/api/v1/session", { headers });
  assert.deepEqual([closed.status, closed.headers.get("set-cookie")?.includes("caudal_session=;"), closed.headers.get("set-cookie")?.includes("Max-Age=0")], [204, true, true]);
  await scene.tokens.revoke(view.id);
  assert.equal((await scene.call("GET", "/api/v1/session", { headers })).body.name, "local");
  assert.equal((await scene.call("POST", "/api/v1/session", { body: { token } })).body.code, "invalid-token");
  assert.equal((await scene.call("POST", "/api/v1/session", { body: { token: "" } })).body.field, "body.token");
  const foreign = await scene.call("POST", "/api/v1/session", { body: { token }, headers: { origin: "https://evil.example" } });
  assert.equal(foreign.status, 403);
});

test("who guesses waits, whatever they guess next; time lets them try again", async (context) => {
  const clock = createHeldClock();
  const scene = await openScene({ clock });
  context.after(() => scene.close());
  const { token } = await scene.tokens.create({ name: "Ana", role: "viewer", clients: "all", createdBy: "test" });
  const sign = (guess: string): ReturnType<typeof scene.call> => scene.call("POST", "/api/v1/session", { body: { token: guess } });
  for (let at = 0; at < 30; at++) {
    const wrong = await sign(createToken().token);
    assert.deepEqual([wrong.status, wrong.body.code, wrong.body.field, wrong.headers.get("set-cookie")], [401, "invalid-token", "body.token", null]);
  }
  const waits = await sign(token);
  assert.deepEqual([waits.status, waits.body.code, waits.headers.get("retry-after")], [429, "too-many-requests", "2"]);
  await clock.advance(2000);
  assert.equal((await sign(token)).status, 200);
});
