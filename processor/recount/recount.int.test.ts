import assert from "node:assert/strict";
import { describe } from "node:test";
import { decisionCollection, systemScope, type DecisionRecord } from "@caudal/core";
import { withBench, type Bench } from "../replay/test-replay.ts";
import { reading, S, T0, until } from "../test-station.ts";
import { counts, FIVE_MIN, point, record, REST, say, settle, start, values, whole } from "./test-recounts.ts";

const decisions = async (bench: Bench): Promise<string[]> => (await (await bench.station.documents.collection<DecisionRecord>(decisionCollection)).find(systemScope, { where: { point }, orderBy: "instantUs" })).items
  .filter(({ body }) => body.state === "made").map(({ body }) => `${body.kind} ${(body.instantUs - T0) / S}`);

async function replaysAsHeld(bench: Bench): Promise<void> {
  const { changes, digestsEqual, compared } = await bench.replay();
  assert.deepEqual([changes, digestsEqual], [0, true], "a replay of everything changes nothing");
  assert.ok(compared > 0);
}

describe("recounts", { concurrency: 2 }, () => {
  withBench("a past that comes before and in the middle of a live point, with a reset in it, moves the volumes after it, and a replay agrees", async (bench) => {
    const processor = await start(bench);
    await settle(bench, { pulseFactorL: 1000 });
    // A day live: 600 pulses and more. The hour from 6 h on is missing.
    const live = counts(0, 288, { at: 5000 });
    await bench.station.send(...live.slice(0, 72), ...live.slice(84));
    await whole(bench, processor);
    assert.equal((await values(bench.cold, "volume")).at(-1)?.[1], 5574);
    // Five days before it, with a reset after three: 1726 m3 more than the counter shows.
    await bench.station.send(...counts(-5 * 86_400, 1440, { reset: 864 }));
    await bench.station.send(...live.slice(72, 84));
    await whole(bench, processor);
    const volumes = await values(bench.cold, "volume");
    assert.equal(volumes.length, 1728);
    assert.equal(volumes.at(-1)?.[1], 5574 + 1726);
    assert.ok(volumes.every(([, volume], index) => index === 0 || volume! >= volumes[index - 1]![1]!), "volumes never go back");
    assert.deepEqual(await values(bench.station.warm, "volume"), volumes, "every tier hears of it");
    assert.ok((await decisions(bench)).includes(`reset ${-5 * 86_400 + 864 * FIVE_MIN}`), JSON.stringify(await decisions(bench)));
    const { state, causes, days, facts, decisionsMade } = (await record(bench))!;
    assert.deepEqual([state, causes, decisionsMade > 0], ["done", ["samples"], true]);
    assert.ok(days >= 6 && facts > 1700, JSON.stringify({ days, facts }));
    // What comes now goes on from there.
    await bench.station.send(reading("well", 288 * FIVE_MIN, { pulses: 5576 }));
    await whole(bench, processor);
    assert.equal((await values(bench.cold, "volume")).at(-1)?.[1], 5576 + 1726);
    await replaysAsHeld(bench);
  });

  withBench("a reset of long ago is undone by a word while cold is away, and done again when the word is taken back", async (bench) => {
    const processor = await start(bench);
    await settle(bench, { pulseFactorL: 1000 });
    await bench.station.send(...counts(0, 400, { at: 100, reset: 30 }));
    await whole(bench, processor);
    const before = await values(bench.cold, "volume");
    const resetS = 30 * FIVE_MIN;
    assert.deepEqual(await decisions(bench), [`reset ${resetS}`]);
    const about = { variable: "pulses", timeUs: T0 + resetS * S, author: "Ana", reason: "seen" } as const;
    await bench.archiver.stop(2000);
    // What comes while cold takes nothing is judged, and not held up.
    await bench.station.send(...counts(0, 440, { at: 100, reset: 30 }).slice(400));
    await say(bench, { ...about, verdict: "swap", finalCount: 1158, initialCount: 1 });
    await bench.station.settled();
    await until("it waits", () => processor.status().recounting.points === 1);
    await new Promise((resolve) => setTimeout(resolve, 4 * REST.quietMs));
    assert.equal(processor.status().recounting.points, 1);
    assert.equal((await record(bench))?.state, "waiting");
    await bench.betweenOpenings(() => processor.stop(2000));
    const second = await start(bench);
    await whole(bench, second);
    assert.deepEqual(await decisions(bench), [`swap ${resetS}`]);
    const shifted = await values(bench.cold, "volume");
    assert.deepEqual(shifted.slice(0, 30), before.slice(0, 30));
    assert.ok(shifted.slice(30, 400).every(([, volume], index) => volume === before[index + 30]![1]! + 999), "all that follows moved");
    await say(bench, { ...about, verdict: null });
    await whole(bench, second);
    assert.deepEqual((await values(bench.cold, "volume")).slice(0, 400), before);
    await replaysAsHeld(bench);
  });
});
