import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationBody, deviceKey, groups, pointIdOf, replayRecords, topics } from "@caudal/core";
import { openFileSegments } from "@caudal/embedded";
import { createParker, silentLogger, systemClock } from "@caudal/runtime";
import type { PointEvent, Reading } from "@caudal/schemas";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openScene } from "../../analytics/test-scene.ts";
import { createProcessor } from "../index.ts";
import { until } from "../test-station.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const HALF_HOUR = 1_800_000_000;
const point = pointIdOf("acme", "well");
let serial = 0;

function rowsOf(from: string, to: string, countOf: (index: number) => number): Reading[] {
  return Array.from({ length: (us(to) - us(from)) / HALF_HOUR }, (_, index) => {
    const timeUs = us(from) + index * HALF_HOUR;
    return {
      eventId: `r${++serial}`, client: "acme", device: "well", source: "mqtt", transport: "mqtt", origin: "test", observedAtUs: timeUs, receivedAtUs: timeUs + 1_000_000 + serial,
      samples: [{ key: "pulses", value: countOf(index), unit: null, timeUs }], contentType: "application/json", raw: Buffer.from("{}"), rawSha256: Buffer.alloc(32), labels: {},
    };
  });
}

test("three months that come late, before and in the middle of a live point and with a reset in them, are in the rollups of their days and months, and move those after them", async (context) => {
  const scene = await openScene({ nowUs: us("2026-05-01T12:00:00Z"), hotDays: 1000, warmDays: 1000 });
  const folder = await mkdtemp(join(tmpdir(), "caudal-recount-"));
  const segments = await openFileSegments(folder);
  const { log, codec, metrics } = scene;
  const processor = createProcessor({
    ...scene, parker: createParker({ log, codec, metrics }), logger: silentLogger, clock: systemClock, settings: { adopt: "auto" }, pace: { everyMs: 20, everyRecords: 1000 }, lookEveryMs: 100, recountRest: { quietMs: 100, mostMs: 3000 },
    past: (partition, fromOffset, toOffset) => replayRecords({ segments, log, topic: topics.readings, partition, fromOffset, toOffset }),
  });
  context.after(async () => {
    await processor.stop(2000);
    await scene.close();
    await segments.close();
    await rm(folder, { recursive: true, force: true });
  });
  const send = async (rows: readonly Reading[]): Promise<void> => log.publish(topics.readings, rows.map((row) => ({ key: deviceKey("acme", "well"), value: codec.encode("Reading", row) })));
  const whole = async (): Promise<void> => {
    for (let round = 0; round < 2; round++) {
      await until("all is judged", async () => (await log.lag(topics.readings, groups.mapping)).every(({ lag }) => lag === 0) && (await log.lag(topics.points, groups.judging)).every(({ lag }) => lag === 0), 60_000);
      await until("nothing waits to be recounted", () => processor.status().recounting.points === 0, 60_000);
    }
    await scene.settled();
    await scene.rolledUp();
  };
  const consumed = async (resolution: string): Promise<Map<string, number>> => {
    const { items } = await scene.json<{ items: { time: string; volume: { consumption: number } }[] }>(`/api/v1/analytics/points/${point}/history?from=2026-01-01&to=2026-05-01&zone=UTC&variables=volume&resolution=${resolution}`);
    return new Map(items.map(({ time, volume }) => [time.slice(0, resolution === "1d" ? 10 : 7), volume.consumption]));
  };

  await processor.start();
  const settings: PointEvent = {
    eventId: "settings", client: "acme", point, kind: "configuration", device: "", channel: "", source: "business", transport: "", observedAtUs: null, receivedAtUs: us("2026-01-01"), causeId: "", causePartition: -1, causeOffset: -1,
    samples: [], withdrawn: [], labels: {}, body: configurationBody({ variables: {}, settings: [{ validFromUs: null, values: { pulseFactorL: 1000 }, changedAtUs: us("2026-01-01"), changedBy: "Ana" }] }),
  };
  await log.publish(topics.points, [{ key: point, value: codec.encode("PointEvent", settings) }]);
  // April, two m3 each half hour from 10,000 on; its tenth day is missing.
  const april = rowsOf("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", (index) => 10_000 + 2 * index);
  await send([...april.slice(0, 9 * 48), ...april.slice(10 * 48)]);
  await whole();
  assert.equal((await consumed("1mo")).get("2026-04"), 2 * (april.length - 1));
  // January to March: three m3 each half hour, begun anew at the first of March.
  const past = rowsOf("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", (index) => (index < 59 * 48 ? 3 * index : 3 * (index - 59 * 48) + 1));
  await send([...past, ...april.slice(9 * 48, 10 * 48)]);
  await whole();
  const months = await consumed("1mo");
  const days = await consumed("1d");
  // A bucket's consumption begins with the last count before it; April's first count is 5537 above the last of March.
  const jump = 10_000 - (3 * (31 * 48 - 1) + 1);
  assert.deepEqual([...months], [["2026-01", 3 * (31 * 48 - 1)], ["2026-02", 3 * 28 * 48], ["2026-03", 3 * 31 * 48 - 2], ["2026-04", 2 * (april.length - 1) + jump]]);
  assert.equal(days.size, 120);
  assert.deepEqual([days.get("2026-02-14"), days.get("2026-04-10"), days.get("2026-04-20")], [144, 96, 96]);
  assert.equal([...days.values()].reduce((sum, consumption) => sum + consumption, 0), [...months.values()].reduce((sum, consumption) => sum + consumption, 0));
});
