import assert from "node:assert/strict";
import { test } from "node:test";
import { hashToken } from "@caudal/runtime";
import { openScene } from "../test-scene.ts";

test("a token may speak for named devices only, or for ids that begin alike; other roles for none", async (context) => {
  const scene = await openScene();
  context.after(() => scene.close());
  const create = (body: unknown): ReturnType<typeof scene.call> => scene.call("POST", "/api/v1/tokens", { body });
  const made = await create({ name: "gateway", role: "device", clients: ["acme"], devices: ["W-*", "gw-1"] });
  assert.deepEqual([made.status, made.body.devices], [201, ["W-*", "gw-1"]]);
  const found = await scene.tokens.lookup(hashToken(made.body.token));
  assert.deepEqual([found?.principal.devices, found?.principal.scope], [["W-*", "gw-1"], { clients: ["acme"] }]);
  const whole = await create({ name: "fleet", role: "device", clients: ["acme"] });
  assert.equal((await scene.tokens.lookup(hashToken(whole.body.token)))?.principal.devices, undefined);
  assert.deepEqual((await scene.get("/api/v1/tokens")).body.items.map(({ devices }: { devices?: string[] }) => devices), [["W-*", "gw-1"], undefined]);
  for (const [devices, role] of [[[], "device"], [["*"], "device"], [["a/b"], "device"], [["W-*-1"], "device"], [["W-1"], "operator"]] as const) {
    assert.equal((await create({ name: "x", role, clients: ["acme"], devices })).status, 400, JSON.stringify([devices, role]));
  }
});
