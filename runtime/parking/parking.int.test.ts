import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { topics } from "@caudal/core";
import * as embedded from "@caudal/embedded";
import type { Parked } from "@caudal/schemas";
import { openScene, type Scene } from "../test-parts/scene.ts";
import { createParker } from "./parker.ts";
import type { ParkItem } from "./park-item.ts";
import { PART_BYTES } from "./to-records.ts";

const item: ParkItem = {
  client: "acme", group: "collector", reason: "malformed-json", detail: "not JSON at line 1", value: Buffer.from("{"), device: "meter-1",
  origin: "caudal/acme/meter-1/readings", source: "mqtt", transport: "mqtt", receivedAtUs: 1_700_000_000_000_000,
};

async function parked({ all, codec }: Scene): Promise<{ key: string; event: Parked }[]> {
  return (await all(topics.parked)).map(({ key, value }) => {
    const decoded = codec.decode("Parked", value);
    return decoded.ok ? { key, event: decoded.value } : assert.fail(decoded.why);
  });
}

test("what is parked is durable, whole, and counted by group and reason", async (t) => {
  const scene = await openScene(t, embedded);
  await createParker(scene).park([item, { ...item, group: "processor-mapping", reason: "unknown-device", topic: topics.readings, partition: 1, offset: 7, headers: { a: "b" }, labels: { c: "d" }, observedAtUs: 5 }]);
  const found = await parked(scene);
  assert.equal(found.length, 2);
  const edge = found.find(({ event }) => event.group === "collector");
  assert.equal(edge?.key, "acme/meter-1");
  assert.deepEqual([edge.event.topic, edge.event.partition, edge.event.offset, edge.event.parts, edge.event.contentType], ["", -1, -1, 1, "application/octet-stream"]);
  assert.equal(Buffer.from(edge.event.value).toString(), "{");
  const mapped = found.find(({ event }) => event.group === "processor-mapping")?.event;
  assert.deepEqual([mapped?.topic, mapped?.partition, mapped?.offset, mapped?.observedAtUs, mapped?.headers, mapped?.labels], [topics.readings, 1, 7, 5, { a: "b" }, { c: "d" }]);
  assert.equal(await scene.metrics.sum("caudal_parked_total", { group: "processor-mapping", reason: "unknown-device" }), 1);
});

test("a value of 8 MiB goes in parts that stay in order and make the whole", async (t) => {
  const scene = await openScene(t, embedded);
  const value = Buffer.alloc(8 * 1024 * 1024);
  for (let index = 0; index < value.length; index += 4) value.writeUInt32LE((index * 2654435761) >>> 0, index);
  await createParker(scene).park([{ ...item, reason: "too-large", value }]);
  const parts = (await parked(scene)).map(({ event }) => event);
  assert.equal(parts.length, Math.ceil(value.length / PART_BYTES));
  assert.deepEqual(parts.map(({ part }) => part), parts.map((_, index) => index));
  assert.equal(new Set(parts.map(({ eventId }) => eventId)).size, 1);
  const whole = Buffer.concat(parts.map((part) => part.value));
  assert.ok(whole.equals(value));
  assert.ok(parts.every((part) => Buffer.from(part.wholeSha256).equals(createHash("sha256").update(whole).digest()) && part.parts === parts.length));
});

test("a redelivery carries the same event id, an edge's second message another", async (t) => {
  const scene = await openScene(t, embedded);
  const parker = createParker(scene);
  const inLog = { ...item, topic: topics.readings, partition: 0, offset: 3 };
  await parker.park([inLog]);
  await parker.park([inLog]);
  await parker.park([item, item, { ...item, eventId: "given" }]);
  await parker.park([]);
  const ids = (await parked(scene)).map(({ event }) => event.eventId);
  assert.equal(ids.length, 5);
  assert.equal(new Set(ids).size, 4);
  assert.ok(ids.includes("given"));
});

test("details hold no credentials and are cut; without a device the origin is the key", async (t) => {
  const scene = await openScene(t, embedded);
  const { device: _, ...nowhere } = item;
  await createParker(scene).park([{ ...nowhere, detail: `from mqtt://u:hunter2@broker.test ${"x".repeat(1000)}` }, { ...nowhere, key: "k", value: new Uint8Array() }]);
  const found = await parked(scene);
  assert.deepEqual(found.map(({ key }) => key).sort(), ["acme/caudal/acme/meter-1/readings", "k"]);
  const { detail } = found.find(({ key }) => key !== "k")?.event ?? assert.fail();
  assert.equal(detail.length, 500);
  assert.doesNotMatch(detail, /hunter2/);
});
