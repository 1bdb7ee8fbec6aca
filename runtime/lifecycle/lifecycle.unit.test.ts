import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError } from "@caudal/core";
import { silentLogger } from "../log/logger.ts";
import { createLifecycle, type Component } from "./lifecycle.ts";
import { settleWithin } from "./settle-within.ts";

function part(name: string, events: string[], over: Partial<Component> = {}): Component {
  return {
    name,
    start: async () => void events.push(`start ${name}`),
    stop: async () => void events.push(`stop ${name}`),
    ...over,
  };
}

test("opens in order, quiesces all, closes in reverse order", async () => {
  const events: string[] = [];
  const lifecycle = createLifecycle(silentLogger);
  lifecycle.add(part("store", events));
  lifecycle.add(part("service", events));
  lifecycle.add(part("edge", events, { quiesce: async () => void events.push("quiesce edge") }));
  await lifecycle.start();
  assert.deepEqual(lifecycle.running(), ["store", "service", "edge"]);
  const report = await lifecycle.stop(1000);
  assert.deepEqual(events, ["start store", "start service", "start edge", "quiesce edge", "stop edge", "stop service", "stop store"]);
  assert.deepEqual([report.exceeded, report.failed], [[], []]);
  assert.deepEqual(lifecycle.running(), []);
});

test("a failed start closes what was open, in reverse order, and says the failure itself", async () => {
  const events: string[] = [];
  const lifecycle = createLifecycle(silentLogger);
  const failure = new CaudalError("in-use", "port 8000 is taken");
  lifecycle.add(part("a", events));
  lifecycle.add(part("b", events));
  lifecycle.add(part("c", events, { start: () => Promise.reject(failure) }));
  lifecycle.add(part("d", events));
  await assert.rejects(lifecycle.start(), failure);
  assert.deepEqual(events, ["start a", "start b", "stop b", "stop a"]);
  await lifecycle.stop(100);
  assert.equal(events.length, 4);
});

test("a component that hangs is left behind with its time, and the others still close", async () => {
  const events: string[] = [];
  const lifecycle = createLifecycle(silentLogger);
  lifecycle.add(part("store", events));
  lifecycle.add(part("hangs", events, { stop: () => new Promise(() => {}) }));
  lifecycle.add(part("fails", events, { stop: () => Promise.reject(new Error("no")) }));
  await lifecycle.start();
  const report = await lifecycle.stop(250);
  assert.deepEqual(report.exceeded.map(({ name }) => name), ["hangs"]);
  assert.ok((report.exceeded[0]?.afterMs ?? 0) >= 100);
  assert.deepEqual(report.failed.map(({ name }) => name), ["fails"]);
  assert.equal(events.at(-1), "stop store");
  assert.ok(report.tookMs < 2000);
});

test("each component is told the milliseconds it has", async () => {
  const allowed: number[] = [];
  const lifecycle = createLifecycle(silentLogger, { nowUs: () => 0, monotonicMs: () => 0 });
  for (const name of ["a", "b", "c"]) lifecycle.add(part(name, [], { stop: async (ms) => void allowed.push(ms) }));
  await lifecycle.start();
  await lifecycle.stop(1000);
  assert.deepEqual(allowed, [800, 900, 1000]);
});

test("a stop while starting lets no further component open", async () => {
  const events: string[] = [];
  const lifecycle = createLifecycle(silentLogger);
  const slow = Promise.withResolvers<void>();
  lifecycle.add(part("slow", events, { start: () => slow.promise }));
  lifecycle.add(part("never", events));
  const starting = lifecycle.start();
  const stopping = lifecycle.stop(1000);
  slow.resolve();
  await assert.rejects(starting, (error) => error instanceof CaudalError && error.code === "closed");
  await stopping;
  assert.deepEqual(events, ["stop slow"]);
});

test("starting and stopping twice does it once; adding after the start throws", async () => {
  const events: string[] = [];
  const lifecycle = createLifecycle(silentLogger);
  lifecycle.add(part("a", events));
  await Promise.all([lifecycle.start(), lifecycle.start()]);
  assert.throws(() => lifecycle.add(part("b", events)), /after the start/);
  await Promise.all([lifecycle.stop(100), lifecycle.stop(100)]);
  assert.deepEqual(events, ["start a", "stop a"]);
});

test("settleWithin says done, failed or late, and never rejects", async () => {
  assert.deepEqual(await settleWithin(() => 3, 1000), { kind: "done", value: 3 });
  const error = new Error("x");
  assert.deepEqual(await settleWithin(() => { throw error; }, 1000), { kind: "failed", error });
  assert.deepEqual(await settleWithin(() => new Promise(() => {}), 1), { kind: "late" });
});
