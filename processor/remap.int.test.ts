import assert from "node:assert/strict";
import { describe } from "node:test";
import { DIRECTORY_CHANNEL, pointIdOf, REPLAY_HEADER, systemScope, topics, type KeyChange } from "@caudal/core";
import { createLiveChannel } from "@caudal/embedded";
import type { Past } from "./mapping/remap-runner.ts";
import { factsOf, reading, until, withStation, type Station } from "./test-station.ts";

const point = pointIdOf("acme", "w-07");

/** A person's change, now. Gives its time. */
async function change(station: Station, ...variables: readonly KeyChange[]): Promise<number> {
  const { device } = await station.directory.configure(point, { variables }, { scope: systemScope, by: "Ana", atUs: Date.now() * 1000 });
  return device?.body.changedAtUs ?? NaN;
}

const flows = (device: string, fromS: number, count: number): ReturnType<typeof reading>[] =>
  Array.from({ length: count }, (_, at) => reading(device, fromS + at * 60, { caudal: 36, nivel: 2 + at / 100 }));

describe("a changed meaning maps the past anew", { concurrency: 4 }, () => {
  withStation("another unit maps the past anew: new values, the flags of before, nothing withdrawn", async (station) => {
    const processor = await station.start({ live: createLiveChannel() });
    await station.send(...flows("w-07", 0, 5), ...flows("w-08", 0, 3));
    await station.settled();
    const changedAtUs = await change(station, { key: "caudal", unit: "m3/h" });
    await until("the past is in the new unit", async () => (await factsOf(station.hot, "acme", point)).every((fact) => (fact as unknown[])[0] !== "flow" || (fact as unknown[])[2] === 10));
    await station.settled();
    await station.send(...flows("w-07", 300, 1));
    await station.settled();
    const facts = await factsOf(station.hot, "acme", point);
    assert.deepEqual(facts.filter((fact) => (fact as unknown[])[0] === "flow"), Array.from({ length: 6 }, (_, at) => ["flow", at * 60, 10, 1]));
    const remaps = (await station.points()).filter(({ kind }) => kind === "remap");
    assert.equal(remaps.length, 5);
    assert.ok(remaps.every(({ receivedAtUs, withdrawn, samples, device }) => receivedAtUs === changedAtUs && withdrawn.length === 0 && samples.length === 1 && device === "w-07"));
    assert.equal(processor.status().remapping, 0);
    assert.equal((await station.parked()).length, 0);
  });

  withStation("another variable withdraws the old facts, at once when it is told of the change", async (station) => {
    const live = createLiveChannel();
    await station.start({ live });
    await station.send(...flows("w-07", 0, 4));
    await station.settled();
    await change(station, { key: "nivel", variable: "depth" });
    await live.publish(DIRECTORY_CHANNEL, "acme/w-07");
    await until("the level is gone", async () => (await factsOf(station.hot, "acme", point)).every((fact) => (fact as unknown[])[0] !== "level"));
    await station.settled();
    const facts = await factsOf(station.warm, "acme", point);
    assert.deepEqual(facts.filter((fact) => (fact as unknown[])[0] === "depth").map((fact) => (fact as unknown[])[2]), [2, 2.01, 2.02, 2.03]);
    await live.close();
  });

  withStation("two keys that swap their variables keep no fact of the other's", async (station) => {
    await station.start();
    // Of each a reading of its own, so that neither stands in the other's place.
    for (let at = 0; at < 4; at++) await station.send(reading("w-07", at * 60, { caudal: 5 + at }), reading("w-07", at * 60 + 30, { nivel: 1 + at / 10 }));
    await station.settled();
    await change(station, { key: "caudal", variable: "level", unit: "m" }, { key: "nivel", variable: "flow", unit: "L/s" });
    await until("they are swapped", async () => JSON.stringify((await factsOf(station.hot, "acme", point)).map((fact) => (fact as unknown[]).slice(0, 3))) ===
      JSON.stringify([...[0, 1, 2, 3].map((at) => ["flow", at * 60 + 30, 1 + at / 10]), ...[0, 1, 2, 3].map((at) => ["level", at * 60, 5 + at])]));
    await station.settled();
  });

  withStation("a channel moves its key to a point of its own, and an ignored key's facts are taken back", async (station) => {
    await station.start();
    await station.send(...flows("w-07", 0, 3));
    await station.settled();
    await change(station, { key: "caudal", channel: "2" }, { key: "nivel", ignored: true });
    const other = pointIdOf("acme", "w-07", "2");
    await until("the flow is there", async () => (await factsOf(station.hot, "acme", other)).length === 3);
    await until("the old point is empty", async () => (await factsOf(station.hot, "acme", point)).length === 0);
    await station.settled();
    assert.equal((await station.directory.collections.points.get(systemScope, other))?.body.name, "w-07 2");
  });

  withStation("while a device's past is mapped anew its newer readings wait in order, and other devices go on", async (station) => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const past: Past = async function* (partition, fromOffset, toOffset) {
      await gate;
      const batch = await station.log.read({ topic: topics.readings, partition, fromOffset, maxRecords: 3, waitMs: 0 });
      for (let at = batch.records[0]?.offset ?? fromOffset; at < toOffset;) {
        const more = await station.log.read({ topic: topics.readings, partition, fromOffset: at, maxRecords: 3, waitMs: 0 });
        yield more.records.filter(({ offset }) => offset < toOffset);
        at = more.nextOffset;
      }
    };
    const processor = await station.start({ past });
    await station.send(...flows("w-07", 0, 10));
    await station.settled();
    await change(station, { key: "caudal", variable: "discharge", unit: "L/s" });
    await until("the remap is asked for", () => processor.status().remapping === 1);
    await until("it has begun", async () => {
      const states = await station.documents.collection<{ remap: unknown }>({ name: "mapping-devices", tenant: true });
      return (await states.get(systemScope, "acme/w-07"))?.body.remap !== null;
    });
    await station.send(...flows("w-07", 600, 3), ...["a", "b", "c", "d"].map((device) => reading(device, 0, { flow: 1 })), reading("w-07", 780, { caudal: 36, nivel: 2, temp: 11 }));
    for (const device of ["a", "b", "c", "d"]) await until(`${device} goes on`, async () => (await factsOf(station.hot, "acme", pointIdOf("acme", device))).length === 1);
    assert.equal((await factsOf(station.hot, "acme", point)).filter((fact) => (fact as unknown[])[0] === "level").length, 10);
    open();
    await until("nothing is left", () => processor.status().remapping === 0);
    await station.settled();
    const facts = await factsOf(station.hot, "acme", point);
    const times = (variable: string): unknown[] => facts.filter((fact) => (fact as unknown[])[0] === variable).map((fact) => (fact as unknown[])[1]);
    assert.deepEqual(times("discharge"), Array.from({ length: 14 }, (_, at) => at * 60));
    assert.deepEqual(times("level"), times("discharge"));
    assert.deepEqual([times("flow"), times("temperature")], [[], [780]]);
    assert.ok(facts.every((fact) => (fact as unknown[])[0] !== "level" || (fact as unknown[])[3] !== 3));
  });

  withStation("a remap that was cut off goes on after a restart, and says nothing twice that counts", async (station) => {
    const sent = flows("w-07", 0, 40);
    let reads = 0;
    const broken: Past = async function* (partition, fromOffset, toOffset) {
      const batch = await station.log.read({ topic: topics.readings, partition, fromOffset, maxRecords: 15, waitMs: 0 });
      if (fromOffset < toOffset) yield batch.records.filter(({ offset }) => offset < toOffset);
      reads++;
      throw new Error("the archive is away");
    };
    const first = await station.start({ past: broken });
    await station.send(...sent);
    await station.settled();
    await change(station, { key: "caudal", variable: "discharge", unit: "L/s" });
    await until("it stopped half way", () => reads >= 1);
    await first.stop(1000);
    assert.ok((await station.points()).some(({ kind }) => kind === "remap"));
    await station.send(...flows("w-07", 40 * 60, 2));
    const second = await station.start();
    await until("all is mapped anew", async () => (await factsOf(station.hot, "acme", point)).filter((fact) => (fact as unknown[])[0] === "discharge").length === 42);
    await until("nothing is left", () => second.status().remapping === 0);
    await station.settled();
    const facts = await factsOf(station.hot, "acme", point);
    assert.equal(facts.filter((fact) => (fact as unknown[])[0] === "flow").length, 0);
    assert.equal(facts.filter((fact) => (fact as unknown[])[0] === "level").length, 42);
  });

  withStation("a change made while the processor was down is found when it starts", async (station) => {
    const first = await station.start();
    await station.send(...flows("w-07", 0, 3));
    await station.settled();
    await first.stop(1000);
    await change(station, { key: "caudal", unit: "m3/h" });
    await station.start();
    await until("the past is in the new unit", async () => (await factsOf(station.hot, "acme", point)).filter((fact) => (fact as unknown[])[0] === "flow" && (fact as unknown[])[2] === 10).length === 3);
    await station.settled();
  });

  withStation("two changes in a row end in the second, and overlapping polls of the past make no further revisions", async (station) => {
    await station.start();
    const sent = flows("w-07", 0, 6);
    await station.send(...sent, ...sent.map((one) => ({ ...one, eventId: `again-${one.eventId}` })));
    await station.settled();
    await change(station, { key: "caudal", unit: "m3/h" });
    await change(station, { key: "caudal", variable: "discharge", unit: "L/min" });
    await until("the second holds", async () => (await factsOf(station.hot, "acme", point)).filter((fact) => (fact as unknown[])[0] === "discharge" && (fact as unknown[])[2] === 0.6).length === 6);
    await station.settled();
    assert.equal((await factsOf(station.hot, "acme", point)).filter((fact) => (fact as unknown[])[0] === "flow").length, 0);
    const last = (await station.points()).filter(({ causeId }) => causeId.endsWith("@3.map"));
    assert.equal(last.filter(({ samples }) => samples.length > 0).length, 6);
  });

  withStation("confirming a guess maps nothing anew", async (station) => {
    const processor = await station.start();
    await station.send(...flows("w-07", 0, 3));
    await station.settled();
    await change(station, { key: "caudal", variable: "flow", unit: "L/s" });
    await station.send(reading("w-07", 600, { caudal: 1 }));
    await station.settled();
    await until("the change was seen", async () => {
      const states = await station.documents.collection<{ mapping: { version: number } }>({ name: "mapping-devices", tenant: true });
      return (await states.get(systemScope, "acme/w-07"))?.body.mapping.version === 2;
    });
    assert.equal(processor.status().remapping, 0);
    assert.equal((await station.points()).filter(({ kind }) => kind === "remap").length, 0);
  });

  withStation("what was replayed to mapping is mapped anew once, from its original", async (station) => {
    await station.start({ settings: { adopt: "ask" } });
    await station.send(...flows("w-07", 0, 3));
    await station.settled();
    await station.directory.adopt("acme", "w-07", { by: "person", keys: [], labels: {}, atUs: Date.now() * 1000 });
    await station.publish(topics.readings, ...(await station.parked()).map(({ key, value }) => ({ key, value, headers: { [REPLAY_HEADER]: "processor-mapping" } })));
    await station.settled();
    await change(station, { key: "caudal", unit: "m3/h" });
    await until("the past is in the new unit", async () => (await factsOf(station.hot, "acme", point)).filter((fact) => (fact as unknown[])[0] === "flow" && (fact as unknown[])[2] === 10).length === 3);
    await station.settled();
    assert.equal((await station.points()).filter(({ kind }) => kind === "remap").length, 3);
  });
});
