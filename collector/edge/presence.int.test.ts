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
