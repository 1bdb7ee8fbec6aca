import assert from "node:assert/strict";
import { describe } from "node:test";
import { configurationBody, pointIdOf, systemScope, topics, type FeedChange } from "@caudal/core";
import type { PointEvent, Reading } from "@caudal/schemas";
import { eventKinds } from "./events.ts";
import type { Processor } from "./index.ts";
import { heldFacts } from "./replay/held-facts.ts";
import { withBench, type Bench } from "./replay/test-replay.ts";
import { reading, S, T0, until } from "./test-station.ts";

const wells = ["w-1", "w-2", "w-3"];
const MINUTES = 240;
const EVERY = 10;
const MINUTE_S = 60;
const feed = (well: string, more: Partial<FeedChange> = {}): FeedChange => ({ key: "aire", point: pointIdOf("acme", well), variable: "barometric_pressure", ...more });
const word = (bench: Bench, ...changes: readonly FeedChange[]): Promise<unknown> => bench.station.directory.setFeeds("acme", "baro", changes, { scope: systemScope, by: "Ana", atUs: Date.now() * 1000 });

const airKpa = (minute: number): number => 95 + (Math.floor(minute / EVERY) * EVERY) / 50;
const probeKpa = (well: string, minute: number): number => 140 + wells.indexOf(well) + minute / 100;
const air: readonly Reading[] = Array.from({ length: MINUTES / EVERY }, (_, at) => reading("baro", at * EVERY * MINUTE_S, { aire: airKpa(at * EVERY) }));
const probes = (well: string): Reading[] => Array.from({ length: MINUTES }, (_, minute) => reading(well, minute * MINUTE_S, { sonda: probeKpa(well, minute) }));
const levels = (well: string, from = 0): [number, number][] => Array.from({ length: MINUTES - from }, (_, at) => [at + from, Number(((probeKpa(well, at + from) - airKpa(at + from)) / 9.80665).toFixed(6))]);

async function open(bench: Bench): Promise<Processor> {
  const { station } = bench;
  for (const [device, key, variable] of [["baro", "aire", "barometric_pressure"], ...wells.map((well) => [well, "sonda", "pressure"])] as [string, string, string][]) {
    await station.directory.adopt("acme", device, { by: "person", keys: [{ key, unit: "kPa" }], labels: {}, atUs: T0 });
    await station.directory.configure(pointIdOf("acme", device), { variables: [{ key, variable, unit: "kPa" }] }, { scope: systemScope, by: "Ana", atUs: T0 });
  }
  const body = configurationBody({ variables: {}, settings: [{ validFromUs: null, values: { levelKind: "pressure", barometer: "point", sensorDepthM: 80, barometerWindowS: 1200 }, changedAtUs: T0, changedBy: "Ana" }] });
  await station.publish(topics.points, ...wells.map((well) => ({
    key: pointIdOf("acme", well),
    value: station.codec.encode("PointEvent", {
      eventId: `config-${well}`, client: "acme", point: pointIdOf("acme", well), kind: eventKinds.configuration, device: well, channel: "", source: "", transport: "", observedAtUs: null, receivedAtUs: T0, causeId: "Ana",
      causePartition: -1, causeOffset: -1, samples: [], withdrawn: [], body, labels: {},
    } satisfies PointEvent),
  })));
  return station.start({ cold: bench.cold, recountRest: { quietMs: 60, mostMs: 2000 } });
}

async function held(bench: Bench, well: string): Promise<[number, number][]> {
  const found: [number, number][] = [];
  for await (const { variable, instantUs, value, reasons } of heldFacts(bench.cold, { client: "acme", point: pointIdOf("acme", well), fromUs: -Infinity, toUs: Infinity })) {
    if (variable === "water_column" && value !== null && !reasons.includes("withdrawn")) found.push([(instantUs - T0) / S / MINUTE_S, Number(value.toFixed(6))]);
  }
  return found;
}

async function whole(bench: Bench, processor: Processor): Promise<void> {
  await bench.settled();
  await until("nothing waits to be computed again", () => processor.status().remapping === 0 && processor.status().recounting.points === 0, 60_000);
  await bench.settled();
}

describe("levels further back than judging remembers", { concurrency: 2 }, () => {
  withBench("a barometer whose hours come after those of the wells gives each of them its levels", async (bench) => {
    const processor = await open(bench);
    await word(bench, ...wells.map((well) => feed(well)));
    for (const well of wells) await bench.station.send(...probes(well));
    await whole(bench, processor);
    assert.deepEqual(await held(bench, "w-1"), []);
    await bench.station.send(...air.toReversed());
    await whole(bench, processor);
    for (const well of wells) await until(`${well} has its levels`, async () => JSON.stringify(await held(bench, well)) === JSON.stringify(levels(well)), 20_000).catch(async () => assert.deepEqual(await held(bench, well), levels(well)));
  });

  withBench("a well that is fed later has the levels of all the past that it names, and a barometer that is taken away takes them along", async (bench) => {
    const processor = await open(bench);
    for (const well of wells) await bench.station.send(...probes(well));
    await bench.station.send(...air);
    await whole(bench, processor);
    await word(bench, feed("w-1"), feed("w-2", { validFromUs: T0 + 100 * MINUTE_S * S }));
    await until("w-1 has its levels", async () => (await held(bench, "w-1")).length === MINUTES, 30_000);
    await whole(bench, processor);
    assert.deepEqual(await held(bench, "w-1"), levels("w-1"));
    assert.deepEqual(await held(bench, "w-2"), levels("w-2", 100));
    assert.deepEqual(await held(bench, "w-3"), []);
    await word(bench, feed("w-1", { removed: true }));
    await until("w-1 has none", async () => (await held(bench, "w-1")).length === 0, 30_000);
    await whole(bench, processor);
    assert.deepEqual(await held(bench, "w-2"), levels("w-2", 100));
    const { changes, digestsEqual } = await bench.replay();
    assert.deepEqual([changes, digestsEqual], [0, true], "a replay of everything changes nothing");
  });
});
