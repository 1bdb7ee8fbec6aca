import assert from "node:assert/strict";
import { test } from "node:test";
import { withBench } from "../../processor/replay/test-replay.ts";
import { settle, start, values, whole } from "../../processor/recount/test-recounts.ts";
import { reading, S, T0 } from "../../processor/test-station.ts";
import { missingShared } from "./data-folder.ts";
import { handFiles, handSetUp, readHandReadings, replayHandReadings } from "./hand-readings.ts";
import { replaySeries } from "./replayed-series.ts";

const skip = missingShared(...handFiles);

test("dials read by hand over decades: each changed meter is told, and between them the volume is last minus first", { skip }, () => {
  const { households, rows, changes, toldAsReset, mistaken, stretches, wrong } = replayHandReadings();
  assert.ok(households >= 15 && rows > 1000 && changes > 20 && stretches > 35, JSON.stringify({ households, rows, changes, stretches }));
  assert.deepEqual({ toldAsReset, mistaken, wrong }, { toldAsReset: changes, mistaken: 0, wrong: 0 });
});

const newestFirst = "the newest reading first, as the file has them: once recounted the volumes are those of the order of time";
if (skip !== false) test(newestFirst, { skip }, () => undefined);
else {
  withBench(newestFirst, async (bench) => {
    const [, file] = [...readHandReadings()].find(([key]) => key.startsWith("4f41cd39"))!;
    const processor = await start(bench);
    await settle(bench, { counter: "total" });
    for (const { timeUs, m3 } of file) await bench.station.send(reading("well", 0, { total: m3 }, { observedAtUs: timeUs, samples: [{ key: "total", value: m3, unit: "m3", timeUs }], receivedAtUs: T0 }));
    await whole(bench, processor);
    const ordered = replaySeries([...file].sort((a, b) => a.timeUs - b.timeUs).map(({ timeUs, m3 }) => ({ timeUs, values: { total: m3 } })), handSetUp);
    const held = await values(bench.cold, "volume");
    assert.ok(held.length > 90);
    assert.deepEqual(held, ordered.of("volume").map(({ timeUs, value }) => [(timeUs - T0) / S, value]));
  });
}
