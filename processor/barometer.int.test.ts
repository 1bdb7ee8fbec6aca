import assert from "node:assert/strict";
import { describe } from "node:test";
import { CaudalError, pointIdOf, systemScope, topics, type EventLog, type FeedChange, type LogRecord } from "@caudal/core";
import { disagreements, Findings, handoverDifferences, readLines, residualOf, silentLogger } from "@caudal/runtime";
import type { PointEvent } from "@caudal/schemas";
import { eventKinds } from "./events.ts";
import type { ProcessorOptions } from "./index.ts";
import type { Past } from "./mapping/remap-runner.ts";
import { factsOf, reading, T0, until, withStation, type Station } from "./test-station.ts";

const wells = ["w-1", "w-2", "w-3", "w-4"];
const points = new Map(wells.map((well) => [well, pointIdOf("acme", well)]));
const pointOf = (well: string): string => points.get(well) ?? assert.fail(well);
const quick: Partial<ProcessorOptions> = { auditEveryMs: 30, ledgerPace: { everyMs: 20 } };
const MINUTE_S = 60;

const feed = (well: string, more: Partial<FeedChange> = {}): FeedChange => ({ key: "aire", point: pointOf(well), variable: "barometric_pressure", ...more });
const word = (station: Station, ...changes: readonly FeedChange[]): Promise<unknown> => station.directory.setFeeds("acme", "baro", changes, { scope: systemScope, by: "Ana", atUs: Date.now() * 1000 });

const air = (minute: number): ReturnType<typeof reading> => reading("baro", minute * MINUTE_S, { aire: 100 + minute / 100 });
const probe = (well: string, minute: number): ReturnType<typeof reading> => reading(well, minute * MINUTE_S, { sonda: 149.03325 + wells.indexOf(well) });

/** Makes the devices known, their keys meant, and the wells' levels read from pressure less that of the air. */
async function open(station: Station): Promise<void> {
  for (const [device, key, variable] of [["baro", "aire", "barometric_pressure"], ...wells.map((well) => [well, "sonda", "pressure"])] as [string, string, string][]) {
    await station.directory.adopt("acme", device, { by: "person", keys: [{ key, unit: "kPa" }], labels: {}, atUs: T0 });
    await station.directory.configure(pointIdOf("acme", device), { variables: [{ key, variable, unit: "kPa" }] }, { scope: systemScope, by: "Ana", atUs: T0 });
  }
  const values = { levelKind: "pressure", barometer: "point", sensorDepthM: 40, barometerWindowS: 120 };
  const body = JSON.stringify({ $settings: { periods: [{ validFromUs: null, values, changedAtUs: T0, changedBy: "Ana" }] } });
  await station.publish(topics.points, ...wells.map((well) => ({
    key: pointOf(well),
    value: station.codec.encode("PointEvent", {
      eventId: `config-${well}`, client: "acme", point: pointOf(well), kind: eventKinds.configuration, device: well, channel: "", source: "", transport: "", observedAtUs: null, receivedAtUs: T0, causeId: "Ana",
      causePartition: -1, causeOffset: -1, samples: [], withdrawn: [], body, labels: {},
    } satisfies PointEvent),
  })));
}

/** Values by minute of a variable of a well. */
async function valuesOf({ hot }: Station, well: string, variable: string): Promise<Record<string, number | null>> {
  const rows = (await factsOf(hot, "acme", pointOf(well))) as readonly [string, number, number | null][];
  return Object.fromEntries(rows.filter(([name]) => name === variable).map(([, second, value]) => [second / MINUTE_S, value === null ? null : Number(value.toFixed(6))]));
}
const levelAt = (well: string, minute: number): number => Number(((149.03325 + wells.indexOf(well) - 100 - minute / 100) / 9.80665).toFixed(6));
const minutes = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
const levels = (well: string, from: number, to: number): Record<string, number> => Object.fromEntries(minutes(from, to).map((minute) => [minute, levelAt(well, minute)]));
const airs = (from: number, to: number): Record<string, number> => Object.fromEntries(minutes(from, to).map((minute) => [minute, 100 + minute / 100]));

async function balanced(station: Station): Promise<void> {
  const { documents, metrics } = station;
  const lines = await readLines(documents);
  assert.deepEqual([...disagreements(lines), ...handoverDifferences(lines, lines)], []);
  assert.deepEqual((await new Findings({ documents, metrics, logger: silentLogger }).open()).map(({ body }) => [body.check, body.group, body.missing, body.detail]), []);
}

describe("one barometer for many wells", { concurrency: 2 }, () => {
  withStation("a reading of the barometer gives a sample to each point that it feeds, and the counts hold", async (station) => {
    await open(station);
    await word(station, ...wells.map((well) => feed(well)));
    const processor = await station.start(quick);
    for (const minute of minutes(0, 12)) {
      // What stands in the log twice, and a well that is late, change nothing.
      const one = air(minute);
      await station.send(...(minute % 2 === 0 ? [one, one] : [one]), ...wells.filter((well) => well !== "w-3").map((well) => probe(well, minute)));
    }
    await station.send(...minutes(0, 12).map((minute) => probe("w-3", minute)));
    await station.settled();
    for (const well of wells) {
      assert.deepEqual(await valuesOf(station, well, "barometric_pressure"), airs(0, 12));
      assert.deepEqual(await valuesOf(station, well, "water_column"), levels(well, 0, 12));
    }
    const events = (await station.points()).filter(({ device, kind }) => device === "baro" && kind === eventKinds.samples);
    assert.equal(events.length, 12 * (wells.length + 1));
    assert.equal(new Set(events.map(({ eventId }) => eventId)).size, events.length);
    const { mapping } = processor.status().tallies;
    assert.deepEqual([mapping.fed, mapping.out["mapped"], mapping.out["dropped duplicate"]], [12 * wells.length, 12 * (wells.length + 1), 6]);
    assert.equal(residualOf(mapping), 0);
    await until("the ends are compared", async () => (await readLines(station.documents)).filter(({ handedOver }) => handedOver !== undefined).length === 2);
    await balanced(station);
  });

  withStation("a well that is added later has the levels of the past that it names, one that is taken away loses them, and nobody else's change", async (station) => {
    await open(station);
    await word(station, feed("w-1"));
    const processor = await station.start(quick);
    await station.send(...minutes(0, 10).flatMap((minute) => [air(minute), ...wells.map((well) => probe(well, minute))]));
    await station.settled();
    assert.deepEqual(await valuesOf(station, "w-2", "water_column"), Object.fromEntries(minutes(0, 10).map((minute) => [minute, null])));
    await word(station, feed("w-2"), feed("w-3", { validFromUs: T0 + 6 * MINUTE_S * 1e6 }));
    await until("w-2 has its levels", async () => JSON.stringify(await valuesOf(station, "w-2", "water_column")) === JSON.stringify(levels("w-2", 0, 10)));
    await until("the remap has ended", () => processor.status().remapping === 0);
    await station.settled();
    assert.deepEqual(await valuesOf(station, "w-3", "barometric_pressure"), airs(6, 10));
    assert.deepEqual(Object.entries(await valuesOf(station, "w-3", "water_column")).filter(([, value]) => value !== null), Object.entries(levels("w-3", 6, 10)));
    const remaps = (await station.points()).filter(({ kind }) => kind === eventKinds.remap);
    assert.deepEqual(new Set(remaps.map(({ point }) => point)), new Set([pointOf("w-2"), pointOf("w-3")]), "the others are not mapped anew");
    await station.send(...minutes(10, 12).flatMap((minute) => [air(minute), ...wells.map((well) => probe(well, minute))]));
    await station.settled();
    assert.deepEqual(await valuesOf(station, "w-2", "water_column"), levels("w-2", 0, 12));

    await word(station, feed("w-2", { removed: true, validFromUs: T0 + 8 * MINUTE_S * 1e6 }), feed("w-1", { removed: true }));
    await until("it is gone", async () => Object.keys(await valuesOf(station, "w-1", "barometric_pressure")).length === 0);
    await until("the remap has ended", () => processor.status().remapping === 0);
    await station.settled();
    assert.deepEqual(await valuesOf(station, "w-2", "barometric_pressure"), airs(0, 8));
    await station.send(air(12));
    await station.settled();
    assert.deepEqual(Object.keys(await valuesOf(station, "w-3", "barometric_pressure")), ["6", "7", "8", "9", "10", "11", "12"]);
    assert.equal((await valuesOf(station, "w-1", "barometric_pressure"))["12"], undefined);
    await balanced(station);
  });

  withStation("half of a publish that fails, and a remap that is cut off, repeat the same events and lose none", async (station) => {
    await open(station);
    await word(station, feed("w-1"), feed("w-2"));
    let broken = 1;
    const log: EventLog = new Proxy(station.log, {
      get: (target, name) => {
        if (name !== "publish") {
          const own: unknown = target[name as keyof EventLog];
          return typeof own === "function" ? own.bind(target) : own;
        }
        return async (topic: string, records: readonly LogRecord[]): Promise<void> => {
          if (topic !== topics.points || broken === 0 || records.length < 4) return target.publish(topic, records);
          broken--;
          await target.publish(topic, records.slice(0, records.length >> 1));
          throw new CaudalError("unavailable", "the log went away");
        };
      },
    });
    let reads = 0;
    const past: Past = async function* (partition, fromOffset, toOffset) {
      const batch = await station.log.read({ topic: topics.readings, partition, fromOffset, maxRecords: 7, waitMs: 0 });
      if (fromOffset < toOffset) yield batch.records.filter(({ offset }) => offset < toOffset);
      reads++;
      throw new Error("the archive is away");
    };
    const first = await station.start({ ...quick, log, past });
    await station.send(...minutes(0, 20).flatMap((minute) => [air(minute), ...wells.map((well) => probe(well, minute))]));
    await until("what failed was sent again", () => broken === 0);
    await station.settled();
    await word(station, feed("w-3"), feed("w-4"), feed("w-1", { removed: true }));
    await until("it stopped half way", () => reads >= 1);
    await first.stop(1000);
    await station.send(...minutes(20, 22).flatMap((minute) => [air(minute), ...wells.map((well) => probe(well, minute))]));
    const second = await station.start(quick);
    await until("all is mapped anew", async () => Object.keys(await valuesOf(station, "w-4", "barometric_pressure")).length === 22);
    await until("the remap has ended", () => second.status().remapping === 0);
    await station.settled();
    for (const well of ["w-2", "w-3", "w-4"]) assert.deepEqual(await valuesOf(station, well, "water_column"), levels(well, 0, 22), well);
    assert.deepEqual(await valuesOf(station, "w-1", "barometric_pressure"), {});
    assert.equal((await station.parked()).length, 0);
    await balanced(station);
  });
});
