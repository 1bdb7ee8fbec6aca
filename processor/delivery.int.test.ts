import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CaudalError, hasCode, pointIdOf, systemScope, topics, type EventLog, type LogRecord } from "@caudal/core";
import { createProcessor, processorSettings } from "./index.ts";
import { factsOf, reading, until, withStation } from "./test-station.ts";
import { parseSettings, residualOf } from "@caudal/runtime";

/** The log, with publishes to a topic that fail as they are told to: before or after the records are there. */
function logThat(log: EventLog, publish: (topic: string, records: readonly LogRecord[]) => Promise<void>): EventLog {
  return {
    declareTopics: log.declareTopics.bind(log), consume: log.consume.bind(log), read: log.read.bind(log), bounds: log.bounds.bind(log), lag: log.lag.bind(log),
    groups: log.groups.bind(log), trimBefore: log.trimBefore.bind(log), setOffset: log.setOffset.bind(log), advanceTo: log.advanceTo.bind(log), close: async () => undefined, publish,
  };
}

describe("whatever happens on the way", { concurrency: 4 }, () => {
  withStation("a long memory: what was sent days of readings ago is known after a restart, from its shelves", async (station) => {
    const sent = Array.from({ length: 700 }, (_, at) => reading("w-07", at * 60, { flow: at, nivel: at / 100 }));
    const first = await station.start();
    await station.send(...sent);
    await station.settled();
    const shelves = await station.documents.collection<{ seq: number }>({ name: "mapping-shelves", tenant: true });
    assert.equal(await shelves.count(systemScope), 2);
    await first.stop(2000);
    const second = await station.start();
    await station.send(...sent.slice(0, 50), ...sent.slice(300, 350), ...sent.slice(-50), reading("w-07", 30, { flow: 1 }), { ...sent[3]!, samples: [{ ...sent[3]!.samples[0]!, value: 99 }] });
    await station.settled();
    const { out } = second.status().tallies.mapping;
    assert.deepEqual(out, { mapped: 1402, "dropped duplicate": 300 });
    assert.equal((await factsOf(station.hot, "acme", pointIdOf("acme", "w-07"))).length, 1401);
  });

  withStation("outputs that the log refused, or took without an answer, are sent again and count once", async (station) => {
    let fail: "before" | "after" | "never" = "never";
    let failures = 0;
    const log = logThat(station.log, async (topic, records) => {
      if (topic === topics.points && fail === "before") { failures++; fail = "after"; throw new CaudalError("unavailable", "down"); }
      await station.log.publish(topic, records);
      if (topic === topics.points && fail === "after") { failures++; fail = "never"; throw new CaudalError("timeout", "no answer"); }
    });
    const processor = await station.start({ log });
    await station.send(reading("w-07", 0, { flow: 1 }));
    await station.settled();
    fail = "before";
    await station.send(...Array.from({ length: 20 }, (_, at) => reading("w-07", 60 + at * 60, { flow: at })));
    await until("both failures were met", () => failures === 2);
    await station.settled();
    assert.equal((await factsOf(station.hot, "acme", pointIdOf("acme", "w-07"))).length, 21);
    assert.equal((await station.measurements()).length, 21, "what was published again is dropped by judging");
    const { mapping, judging } = processor.status().tallies;
    assert.deepEqual(mapping, { in: 21, out: { mapped: 21 } });
    assert.equal(residualOf(judging), 0);
    assert.ok((judging.out["dropped duplicate"] ?? 0) > 0);
  });

  withStation("members that come and go share the partitions, and every reading is judged once", async (station) => {
    const first = await station.start();
    const sent = Array.from({ length: 200 }, (_, at) => reading(`d${at % 8}`, Math.floor(at / 8) * 60, { flow: at }));
    await station.send(...sent.slice(0, 70));
    const second = await station.start();
    await station.send(...sent.slice(70, 140));
    await until("both own a partition", () => [first, second].every((one) => one.status().consumers.every(({ owned }) => owned.length === 1)));
    await first.stop(2000);
    await station.send(...sent.slice(140));
    await station.settled();
    const measurements = await station.measurements();
    assert.equal(new Set(measurements.map(({ eventId }) => eventId)).size, 200);
    for (let at = 0; at < 8; at++) assert.equal((await factsOf(station.warm, "acme", pointIdOf("acme", `d${at}`))).length, 25);
    const revisions = new Map<string, number>();
    for (const { eventId, knownAtUs } of measurements) {
      assert.equal(revisions.get(eventId) ?? knownAtUs, knownAtUs);
      revisions.set(eventId, knownAtUs);
    }
  });

  withStation("a topic that is all rubbish stops the group until somebody looked", async (station) => {
    const processor = await station.start();
    await station.publish(topics.readings, ...Array.from({ length: 300 }, () => ({ key: "acme/w-07", value: Buffer.from("rubbish") })));
    await until("mapping is held", () => processor.status().consumers.some(({ group, state }) => group === "processor-mapping" && state === "held"));
    assert.equal((await station.parked()).length, 0);
    assert.equal(processor.resetBreaker("processor-mapping"), true);
    assert.equal(processor.resetBreaker("business-devices"), false);
  });

  withStation("a processor that cannot start leaves nothing behind", async (station) => {
    const log = logThat(station.log, station.log.publish.bind(station.log));
    let consumers = 0;
    const failing: EventLog = {
      ...log,
      consume: async (options) => {
        if (options.group === "processor-judging") throw new CaudalError("unavailable", "no more members");
        consumers++;
        const consumption = await station.log.consume(options);
        return { ...consumption, group: options.group, topic: options.topic, owned: () => consumption.owned(), pause: () => consumption.pause(), resume: () => consumption.resume(), close: async (ms) => { consumers--; await consumption.close(ms); } };
      },
    };
    await assert.rejects(station.start({ log: failing }), (error) => hasCode(error, "unavailable"));
    assert.equal(consumers, 0);
  });
});

test("settings: auto unless somebody says ask", () => {
  assert.deepEqual(parseSettings(processorSettings, { env: {}, flags: {} }), { adopt: "auto" });
  assert.deepEqual(parseSettings(processorSettings, { env: { CAUDAL_ADOPT: "ask" }, flags: {} }), { adopt: "ask" });
  assert.equal(typeof createProcessor, "function");
});
