import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { configurationBody, DIRECTORY_CHANNEL, pointIdOf, systemScope, type LiveChannel } from "@caudal/core";
import { createLiveChannel } from "@caudal/embedded";
import type { Reading } from "@caudal/schemas";
import { deviceStateCollection, type DeviceStateBody } from "../mapping/device-form.ts";
import { reading, S, T0, until } from "../test-station.ts";
import { allFacts, openBench } from "./test-replay.ts";

const sample = fc.record({ minute: fc.integer({ min: 0, max: 60 }), flow: fc.integer({ min: 0, max: 40 }), total: fc.option(fc.integer({ min: 0, max: 500 })), again: fc.boolean(), skewS: fc.integer({ min: -600, max: 600 }) });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(sample, { minLength: 1, maxLength: 15 }).map((samples) => ({ kind: "send", samples }) as const) },
  { weight: 1, arbitrary: fc.constantFrom("m3/h", "L/s", "L/min").map((unit) => ({ kind: "unit", unit }) as const) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }).map((max) => ({ kind: "limit", max }) as const) },
  { weight: 1, arbitrary: fc.constantFrom("flow", "other_flow").map((variable) => ({ kind: "variable", variable }) as const) },
);

test("replaying everything changes nothing, whatever came late, again, corrected, remapped or configured", async (context) => {
  const bench = await openBench();
  context.after(() => bench.close());
  const live: LiveChannel = createLiveChannel();
  const { station } = bench;
  await station.start({ live });
  const states = await station.documents.collection<DeviceStateBody>(deviceStateCollection);
  let devices = 0;
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
    const device = `meter-${devices++}`;
    const point = pointIdOf("acme", device);
    await station.send(reading(device, 0, { flow: 1, total: 1 }));
    for (const one of steps) {
      if (one.kind === "send") {
        await station.send(...one.samples.flatMap(({ minute, flow, total, again, skewS }): Reading[] => {
          const timeUs = T0 + minute * 60 * S;
          const sent = reading(device, minute * 60, { flow, ...(total === null ? {} : { total }) }, { receivedAtUs: timeUs + skewS * S });
          return again ? [sent, { ...sent, eventId: `${sent.eventId}-again` }] : [sent];
        }));
        continue;
      }
      await bench.settled();
      const change = one.kind === "unit" ? { unit: one.unit } : one.kind === "limit" ? { max: one.max } : { variable: one.variable };
      const { point: record, device: changed } = await station.directory.configure(point, { variables: [{ key: "flow", ...change }] }, { scope: systemScope, by: "Ana", atUs: Date.now() * 1000 });
      if (one.kind === "limit") {
        const [event] = await station.points();
        const configuration = { ...event!, eventId: `c-${devices}-${one.max}`, client: "acme", point, device: "", kind: "configuration", causeId: "", causePartition: -1, causeOffset: -1, receivedAtUs: Date.now() * 1000, samples: [], body: configurationBody(record.body) };
        await station.publish("caudal.points", { key: point, value: station.codec.encode("PointEvent", configuration) });
      }
      await live.publish(DIRECTORY_CHANNEL, `acme/${device}`);
      await until("the past is mapped anew", async () => {
        const state = (await states.get(systemScope, `acme/${device}`))?.body;
        return state?.remap === null && state.mapping.version >= changed!.body.directoryVersion;
      });
    }
    await bench.settled();
    const before = await allFacts(bench.cold, "acme", point);
    const result = await bench.replay({ client: "acme", device });
    assert.deepEqual([result.changes, result.otherRevisions, result.digestsEqual, result.refused, result.remapped], [0, 0, true, 0, 0]);
    assert.equal(result.compared, before.length);
  }), { numRuns: 25, endOnFailure: true });
  const all = await bench.replay({ apply: true });
  assert.deepEqual([all.changes, all.otherRevisions, all.digestsEqual, all.applied], [0, 0, true, { facts: 0, left: 0 }]);
  assert.ok(all.compared > 300, `${all.compared} facts were compared`);
  await live.close();
});
