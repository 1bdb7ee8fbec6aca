import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "./gate.ts";

test("lets so many through at once, the others in order", async () => {
  const gate = new Gate(3);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 5000 }, async (_, i) => {
    await gate.enter();
    most = Math.max(most, ++inside);
    order.push(i);
    await Promise.resolve();
    inside -= 1;
    gate.leave();
  }));
  assert.equal(most, 3);
  assert.deepEqual(order, Array.from({ length: 5000 }, (_, i) => i));
  for (let i = 0; i < 3; i++) assert.equal(gate.enter(), undefined, "all places are free again");
  const fourth = gate.enter();
  assert.ok(fourth instanceof Promise);
  gate.leave();
  await fourth;
});
