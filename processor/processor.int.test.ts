import assert from "node:assert/strict";
import { describe } from "node:test";
import { CaudalError, pointIdOf, REPLAY_HEADER, systemScope, topics, TRACE_HEADER, type CollectionSpec, type DocumentCollection, type Documents, type SeriesTier } from "@caudal/core";
import { residualOf } from "@caudal/runtime";
import { factsOf, reading, S, T0, until, withStation } from "./test-station.ts";

/** Documents whose writes of these collections fail while `down`: what a process that dies before its snapshot leaves. */
function failing(documents: Documents, lost: readonly string[], down: () => boolean): Documents {
  return {
    close: () => documents.close(),
    collections: () => documents.collections(),
    collection: async <T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>> => {
      const real = await documents.collection<T>(spec);
      if (!lost.includes(spec.name)) return real;
      const guard = (): void => { if (down()) throw new CaudalError("unavailable", "down"); };
      return {
        insert: (scope, one) => real.insert(scope, one),
        get: (scope, id) => real.get(scope, id),
        getMany: (scope, ids) => real.getMany(scope, ids),
        remove: (scope, id, version) => real.remove(scope, id, version),
        find: (scope, query) => real.find(scope, query),
        count: (scope, where) => real.count(scope, where),
        restoreMany: (scope, list) => real.restoreMany(scope, list),
        putMany: async (scope, list) => (guard(), real.putMany(scope, list)),
        replace: async (scope, one, version) => (guard(), real.replace(scope, one, version)),
      };
    },
  };
}

function tierThat(tier: SeriesTier, write: SeriesTier["write"]): SeriesTier {
  return { name: tier.name, capabilities: tier.capabilities, write, read: tier.read.bind(tier), latest: tier.latest.bind(tier), digest: tier.digest.bind(tier), floor: tier.floor.bind(tier), raiseFloor: tier.raiseFloor.bind(tier), eraseClient: tier.eraseClient.bind(tier), close: async () => undefined };
}

describe("readings to facts", { concurrency: 4 }, () => {
  withStation("a reading of an unknown device becomes a point with guessed variables, and its facts stand in both tiers", async (station) => {
    const processor = await station.start();
    await station.send(reading("my-meter", 0, { caudal: "3.5", totalizador: 1200, status: "ok" }), reading("my-meter", 60, { caudal: 3.6, totalizador: 1201 }));
    await station.settled();
    const point = pointIdOf("acme", "my-meter");
    const expected = [["flow", 0, 3.5, 1], ["flow", 60, 3.6, 1], ["total", 0, 1200, 1, "no-neighbour"], ["total", 60, 1201, 1]];
    assert.deepEqual(await factsOf(station.hot, "acme", point), expected);
    assert.deepEqual(await factsOf(station.warm, "acme", point), expected);
    const device = (await station.directory.device("acme", "my-meter"))?.body;
    assert.deepEqual(device?.entries.map(({ key, variable, guessed }) => [key, variable, guessed]), [["caudal", "flow", true], ["totalizador", "total", true]]);
    const record = (await station.directory.collections.points.get(systemScope, point))?.body;
    assert.deepEqual([record?.name, record?.adoptedBy], ["My meter", "auto"]);
    const { tallies } = processor.status();
    assert.deepEqual(tallies.mapping, { in: 5, out: { mapped: 4, "dropped not-numeric": 1 } });
    assert.deepEqual(tallies.judging, { in: 4, out: { judged: 4 } });
    assert.equal(await station.metrics.sum("caudal_samples_out_total", { group: "processor-mapping", outcome: "mapped" }), 4);
    assert.equal(await station.metrics.sum("caudal_facts_out_total", { group: "processor-hot", outcome: "stored" }), 4);
  });

  withStation("a new key of a known device is learned, and a trace goes on through every topic", async (station) => {
    await station.start();
    await station.send(reading("w-07", 0, { flow: 1 }));
    await station.settled();
    const next = reading("w-07", 60, { flow: 1, ph: 7.1 });
    await station.publish(topics.readings, { key: "acme/w-07", value: station.codec.encode("Reading", next), headers: { [TRACE_HEADER]: "00-ab-cd-01" } });
    await station.settled();
    assert.deepEqual(await factsOf(station.hot, "acme", pointIdOf("acme", "w-07")), [["flow", 0, 1, 1], ["flow", 60, 1, 1], ["ph", 60, 7.1, 1]]);
    for (const topic of [topics.points, topics.measurements]) {
      assert.equal((await station.records(topic)).filter(({ headers }) => headers[TRACE_HEADER] === "00-ab-cd-01").length, 1, topic);
    }
  });

  withStation("the same readings again, before and after a restart, make no new revision", async (station) => {
    const first = await station.start();
    const sent = Array.from({ length: 30 }, (_, at) => reading("w-07", at * 60, { flow: at / 10 }));
    await station.send(...sent);
    await station.send(...sent.slice(10, 20));
    await station.settled();
    await first.stop(2000);
    const second = await station.start();
    await station.send(...sent.map((one) => ({ ...one, eventId: `again-${one.eventId}` })));
    await station.settled();
    assert.equal((await station.measurements()).length, 30);
    assert.deepEqual(second.status().tallies.mapping, { in: 70, out: { mapped: 30, "dropped duplicate": 40 } });
  });


  for (const [what, lost] of [["states", ["processor-heads", "mapping-devices", "judging-points"]], ["the head alone", ["processor-heads"]]] as const) withStation(`a crash before a snapshot of ${what} adds no fact and changes no revision`, async (station) => {
    let down = false;
    const first = await station.start({ documents: failing(station.documents, lost, () => down) });
    await station.send(reading("w-07", 0, { flow: 1 }), reading("w-08", 0, { flow: 1 }));
    await station.settled();
    down = true;
    await station.send(...Array.from({ length: 20 }, (_, at) => reading(at % 2 === 0 ? "w-07" : "w-08", 60 + at, { flow: at })));
    await until("all of it is published", async () => (await station.measurements()).length === 22);
    await first.stop(500);
    const before = await station.measurements();
    const second = await station.start();
    await station.send(reading("w-07", 900, { flow: 5 }));
    await station.settled();
    // What was not stored is published again, the very same: a tier takes it as a duplicate.
    const after = new Map<string, unknown>();
    for (const measurement of await station.measurements()) {
      assert.deepEqual(measurement, after.get(measurement.eventId) ?? measurement);
      after.set(measurement.eventId, measurement);
    }
    assert.equal(after.size, 23);
    assert.deepEqual(before.map(({ eventId }) => after.get(eventId)), before);
    assert.equal(await station.metrics.sum("caudal_facts_out_total", { group: "processor-warm", outcome: "stored" }), 23);
    assert.equal(await station.metrics.sum("caudal_facts_out_total", { group: "processor-warm", outcome: "superseded" }), 0);
    const { mapping, judging } = second.status().tallies;
    assert.deepEqual([residualOf(mapping), residualOf(judging)], [0, 0]);
  });

  withStation("ask: an unknown device's readings are kept and listed; after its adoption a replay maps them, once", async (station) => {
    const ask = { settings: { adopt: "ask" } } as const;
    const processor = await station.start(ask);
    await station.send(reading("new", 0, { flow: 1 }), reading("new", 60, { flow: 2, ph: 7 }), reading("other", 0, { flow: 9 }));
    await station.settled();
    const parked = (await station.parked()).filter(({ device }) => device === "new");
    assert.deepEqual(parked.map(({ reason, group, topic }) => [reason, group, topic]), Array(2).fill(["unknown-device", "processor-mapping", topics.readings]));
    const waiting = (await station.directory.device("acme", "new"))?.body;
    assert.deepEqual([waiting?.state, waiting?.keysSeen], ["waiting", ["flow", "ph"]]);
    assert.deepEqual(processor.status().tallies.mapping, { in: 4, out: { "parked unknown-device": 4 } });
    await station.directory.adopt("acme", "new", { by: "person", keys: [], labels: {}, atUs: T0 + 500 * S });
    const replays = parked.map(({ key, value }) => ({ key, value, headers: { [REPLAY_HEADER]: "processor-mapping" } }));
    await station.publish(topics.readings, ...replays, ...replays);
    await station.publish(topics.readings, { key: "acme/new", value: replays[0]!.value, headers: { [REPLAY_HEADER]: "archiver-readings" } });
    await station.settled();
    assert.deepEqual(await factsOf(station.hot, "acme", pointIdOf("acme", "new")), [["flow", 0, 1, 1], ["flow", 60, 2, 1], ["ph", 60, 7, 1]]);
    assert.equal((await station.measurements()).length, 2);
    assert.equal((await station.directory.device("acme", "other"))?.body.state, "waiting");
  });

  withStation("what is no event of ours is parked with its reason, and its neighbours go on", async (station) => {
    await station.start();
    const good = station.codec.encode("Reading", reading("w-07", 0, { flow: 1 }));
    const unknown = Buffer.from(good);
    unknown.writeUInt32BE(4711, 1);
    await station.publish(topics.readings,
      { key: "acme/w-07", value: Buffer.from("hello world") }, { key: "acme/w-07", value: unknown }, { key: "acme/w-07", value: Buffer.from(good).subarray(0, 40) },
      { key: "acme/w-07", value: good });
    await station.settled();
    assert.deepEqual((await station.parked()).map(({ reason, client, device, offset }) => [reason, client, device, offset]), [
      ["wrong-magic", "acme", "w-07", 0], ["unknown-schema", "acme", "w-07", 1], ["corrupt-record", "acme", "w-07", 2],
    ]);
    assert.equal((await station.measurements()).length, 1);
  });

  withStation("point events: configuration is taken in, and what cannot be used is parked by judging", async (station) => {
    await station.start();
    await station.send(reading("w-07", 0, { flow: 50 }));
    await station.settled();
    const [event] = await station.points();
    assert.ok(event !== undefined);
    const config = { ...event, eventId: "c1", kind: "configuration", samples: [], device: "", causePartition: -1, causeOffset: -1, body: JSON.stringify({ flow: { max: 40 } }) };
    const encode = (value: typeof event): Uint8Array => station.codec.encode("PointEvent", value);
    await station.publish(topics.points, { key: event.point, value: encode({ ...config, body: "{" }) }, { key: event.point, value: encode(config) }, { key: event.point, value: encode({ ...event, kind: "segment" }) });
    await station.send(reading("w-07", 60, { flow: 50 }));
    await station.settled();
    assert.deepEqual(await factsOf(station.hot, "acme", event.point), [["flow", 0, 50, 1], ["flow", 60, 50, 4, "above-range"]]);
    assert.deepEqual((await station.parked()).map(({ reason, group }) => [reason, group]), [["malformed-json", "processor-judging"], ["unsupported-format", "processor-judging"]]);
  });

  withStation("a tier that is down delays itself alone; what it refuses for good is parked", async (station) => {
    let down = true;
    const refused = pointIdOf("acme", "w-08");
    const hot = tierThat(station.hot, async (batch) => {
      if (down) throw new CaudalError("unavailable", "hot is down");
      const failed = [...batch.entries()].filter(([, { point }]) => point === refused).map(([index]) => ({ index, error: new CaudalError("bad-request", "no such row") }));
      const result = await station.hot.write(batch.filter(({ point }) => point !== refused));
      return { ...result, failed };
    });
    await station.start({ hot });
    await station.send(reading("w-07", 0, { flow: 1 }), reading("w-08", 0, { flow: 2 }));
    await until("warm has both", async () => (await factsOf(station.warm, "acme", refused)).length === 1 && (await factsOf(station.warm, "acme", pointIdOf("acme", "w-07"))).length === 1);
    assert.equal((await factsOf(station.hot, "acme", pointIdOf("acme", "w-07"))).length, 0);
    down = false;
    await station.settled();
    assert.equal((await factsOf(station.hot, "acme", pointIdOf("acme", "w-07"))).length, 1);
    assert.deepEqual((await station.parked()).map(({ reason, group }) => [reason, group]), [["rejected-by-store", "processor-hot"]]);
  });
});
