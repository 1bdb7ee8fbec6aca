import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnsweredBody } from "../index.ts";
import { got, opened, secretOf } from "../test-parts/opened.ts";

test("whoever keeps evidence is told of each body as it leaves, and of how many requests are in hand", async (context) => {
  const bodies: AnsweredBody[] = [];
  const { sandbox, account, device } = await opened(context, { quirks: { all: { "half-json": 1 } }, latencyMs: 20, hangMs: 20, answered: (body) => bodies.push(body) });
  const ask = (): ReturnType<typeof got> => got(`${account("tagoio").baseUrl}/data?variable=caudal&query=last_value`, { "device-token": secretOf(device("tagoio"), "token") });
  const asked = ask();
  while (sandbox.inHand() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const half = await asked;
  while (sandbox.inHand() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(bodies.map(({ bytes, path, entry }) => [Buffer.from(bytes).toString(), path, entry.number, entry.quirks]), [[half.text, "/data", 1, ["half-json"]]]);
  sandbox.quirks.clear();
  const whole = await ask();
  assert.equal(Buffer.from(bodies[1]!.bytes).toString(), whole.text);
  sandbox.quirks.set("all", "hang", 1);
  await assert.rejects(ask());
  assert.equal(bodies.length, 2, "what is never answered has no body");
});
