import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Documents } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { createHeldClock, silentLogger } from "@caudal/runtime";
import { connectAsync, type MqttClient } from "mqtt";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { ShareMembers } from "./share-members.ts";
import { startBroker, usualBroker, type OutsideBroker } from "../test-parts/outside-broker.ts";

const skip = usualBroker() === "mosquitto" ? false : "no Mosquitto here, and aedes shares no subscriptions: apt-get install mosquitto";

describe("several collectors on one broker", { skip }, () => {
  let broker: OutsideBroker;
  let meter: MqttClient;
  let sent = 0;
  let folder: string;
  let documents: Documents;
  const open = (name: string): Promise<Harness> => openHarness({ documents, env: { CAUDAL_MQTT: broker.url, CAUDAL_MQTT_CLIENT_ID: name, CAUDAL_MQTT_SHARE: "caudal" } });
  const connected = (harness: Harness): Promise<unknown> => eventually(() => harness.collector.status().bridges[0]?.state === "connected");
  const values = async (harness: Harness): Promise<number[]> => (await harness.read("Reading")).map(({ samples }) => Number(samples[0]?.value));
  const publish = (count: number): Promise<unknown> => Promise.all(Array.from({ length: count }, () => meter.publishAsync("caudal/acme/meter/readings", String(sent++), { qos: 1 })));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-share-"));
    documents = await openEmbeddedDocuments({ directory: folder });
    broker = await startBroker("mosquitto");
    meter = await connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 0 });
  });
  after(async () => {
    await meter.endAsync(true);
    await broker.close();
    await documents.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("trap 16: they divide the messages; one that leaves under load gives its part back, and nothing is lost or taken twice", async () => {
    const [first, second] = await Promise.all([open("one"), open("two")]);
    await Promise.all([connected(first), connected(second)]);
    await publish(1000);
    await eventually(async () => (await values(first)).length + (await values(second)).length === 1000);
    assert.ok((await values(first)).length > 100 && (await values(second)).length > 100, "each had its part");
    const flowing = publish(3000);
    await second.collector.stop(5000);
    await flowing;
    await publish(500);
    const all = await eventually(async () => {
      const found = [...(await values(first)), ...(await values(second))];
      return found.length >= sent && found;
    });
    assert.deepEqual(all.sort((a, b) => a - b), Array.from({ length: sent }, (_, n) => n));
    await second.close();
    // It left no session behind that would take messages for somebody who never comes back.
    const before = (await values(first)).length;
    await publish(10);
    await eventually(async () => (await values(first)).length === before + 10);
    // The last one leaves its own with the broker, so that what comes while nobody is there waits for it.
    await first.close();
    await publish(10);
    const again = await open("one");
    await connected(again);
    await publish(10);
    await eventually(async () => (await values(again)).length === 20);
    assert.deepEqual((await values(again)).sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => sent - 20 + n));
    await again.close();
  });

  test("two that leave at once leave nothing to nobody", async () => {
    const clock = createHeldClock();
    const members = ["one", "two", "three"].map((name) => new ShareMembers({ documents, clock, logger: silentLogger, share: "at-once", name }));
    for (const member of members) await member.start();
    const [first, second, third] = members;
    const answers = await Promise.all([first!.leave(), second!.leave()]);
    assert.deepEqual(answers, [true, true]);
    assert.equal(await third!.leave(), false);
    assert.equal(await third!.leave(), false);
    const late = new ShareMembers({ documents, clock, logger: silentLogger, share: "at-once", name: "killed" });
    await late.start();
    const other = new ShareMembers({ documents, clock, logger: silentLogger, share: "at-once", name: "one" });
    await other.start();
    await late.stop();
    assert.equal(await other.leave(), false);
  });

  test("two under one name are told so, and what to do", async () => {
    const first = await open("same");
    await connected(first);
    const second = await open("same");
    const told = (): boolean => [first, second].some(({ collector }) => collector.status().bridges.some(({ problem }) => /another client may use the name same, which CAUDAL_MQTT_CLIENT_ID/.test(problem ?? "")));
    await eventually(told);
    await Promise.all([first.close(), second.close()]);
  });
});
