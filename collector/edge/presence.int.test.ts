import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CaudalError, topics, topicSpecs, type EventLog } from "@caudal/core";
import { openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createHeldClock, silentLogger } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { Presence } from "./presence.ts";

test("a device is seen once a minute; what the log did not take is told later", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-presence-"));
  const log = await openEmbeddedLog({ directory });
  let away = true;
  const flaky = new Proxy(log, { get: (target, name: keyof EventLog) => name === "publish"
    ? async (...args: Parameters<EventLog["publish"]>) => (away ? Promise.reject(new CaudalError("unavailable", "away")) : target.publish(...args))
    : (target[name] as (...args: never[]) => unknown).bind(target) });
  try {
    await log.declareTopics(topicSpecs(1));
    const codec = await Codec.open(openFileRegistry());
    const clock = createHeldClock();
    const presence = new Presence({ log: flaky, codec, clock, logger: silentLogger });
    const heard = { client: "acme", device: "W-1", source: "mqtt", transport: "mqtt", observedAtUs: null, receivedAtUs: 1 };
    presence.seen(heard);
    presence.seen({ ...heard, receivedAtUs: 2 });
    await presence.flush();
    away = false;
    await clock.advance(59_000);
    presence.seen({ ...heard, receivedAtUs: 3 });
    await clock.advance(1000);
    presence.seen({ ...heard, receivedAtUs: 4 });
    presence.refused({ ...heard, device: "W-2", receivedAtUs: 5 }, "too large");
    await presence.close();
    const { records } = await log.read({ topic: topics.devices, partition: 0, fromOffset: 0 });
    const events = records.map(({ value }) => {
      const decoded = codec.decode("DevicePresence", value);
      return decoded.ok ? [decoded.value.kind, decoded.value.device, decoded.value.receivedAtUs, decoded.value.detail] : [];
    });
    assert.deepEqual(events, [["seen", "W-1", 1, ""], ["seen", "W-1", 4, ""], ["refused", "W-2", 5, "too large"]]);
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
});

test("the rows of one batch come oldest first: the newest of them is told too, once its minute is over or at the end", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-presence-"));
  const log = await openEmbeddedLog({ directory });
  try {
    await log.declareTopics(topicSpecs(1));
    const codec = await Codec.open(openFileRegistry());
    const clock = createHeldClock();
    const presence = new Presence({ log, codec, clock, logger: silentLogger });
    for (const observedAtUs of [10, 30, 20]) presence.seen({ client: "acme", device: "W-1", source: "poll", transport: "poll", observedAtUs, receivedAtUs: 100 });
    await presence.flush();
    await presence.close();
    const { records } = await log.read({ topic: topics.devices, partition: 0, fromOffset: 0 });
    assert.deepEqual(records.map(({ value }) => {
      const decoded = codec.decode("DevicePresence", value);
      return decoded.ok ? [decoded.value.kind, decoded.value.observedAtUs] : [];
    }), [["seen", 10], ["seen", 30]]);
    const again = new Presence({ log, codec, clock, logger: silentLogger });
    for (let at = 0; at < 100; at++) again.refused({ client: "acme", device: "W-2", source: "mqtt", transport: "mqtt", observedAtUs: null, receivedAtUs: at }, "why", "identity");
    await again.close();
    assert.equal((await log.read({ topic: topics.devices, partition: 0, fromOffset: 0 })).records.length, 3, "one word a minute of whoever is turned away");
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
});
