import assert from "node:assert/strict";
import { systemScope, decisionCollection, type DecisionRecord } from "@caudal/core";
import { faultyDocuments, faultyEventLog } from "@caudal/runtime";
import { withBench } from "../replay/test-replay.ts";
import { S, T0, until } from "../test-station.ts";
import { counts, FIVE_MIN, point, record, say, settle, start, values, whole } from "./test-recounts.ts";

const RESET_S = 30 * FIVE_MIN;
/** Where the process ends: at the so-many-th arrival since the word was said. */
const ends: readonly (readonly [step: string, arrival: number])[] = [
  ["documents.putMany(recounts)/before", 1], ["documents.putMany(judging-points)/after", 1], ["log.publish(caudal.points)/before", 1], ["log.publish(caudal.points)/after", 1], ["log.publish(caudal.measurements)/before", 1],
  ["log.publish(caudal.measurements)/after", 1], ["documents.replace(totaliser-decisions)/after", 1], ["documents.putMany(judging-points)/before", 2], ["documents.putMany(recounts)/before", 2],
];

withBench("a process that ends at any step of a recount leaves it to the next, and nothing is lost or counted twice", async (bench) => {
  const { station } = bench;
  let processor = await start(bench);
  await settle(bench, { pulseFactorL: 1000 });
  await station.send(...counts(0, 160, { at: 100, reset: 30 }));
  await whole(bench, processor);
  const before = await values(bench.cold, "volume");
  await processor.stop(2000);
  let said = false;
  let reached = 0;
  for (const [step, arrival] of ends) {
    said = !said;
    let left = Infinity;
    let isGone = false;
    const faults = {
      reach: (name: string): Promise<void> | void => {
        if (name === `processor/${step}` && --left === 0) isGone = true;
        if (isGone) return new Promise(() => undefined);
      },
    };
    processor = await start(bench, { log: faultyEventLog(station.log, "processor", faults), documents: faultyDocuments(station.documents, "processor", faults) });
    await whole(bench, processor);
    left = arrival;
    await say(bench, { variable: "pulses", timeUs: T0 + RESET_S * S, author: "Ana", reason: "seen", ...(said ? { verdict: "swap", finalCount: 1158, initialCount: 1 } : { verdict: null }) });
    await until(`it ends at ${step} (${arrival}), or is done`, async () => isGone || ((await record(bench))?.state === "done" && (await shifted()) === said), 20_000);
    if (isGone) reached += 1;
    // One that is gone answers nobody: only its place in the groups is given up.
    const stopped = processor.stop(isGone ? 50 : 2000);
    if (!isGone) await stopped;
    const next = await start(bench);
    await until("the next one has done it", async () => (await shifted()) === said, 20_000);
    await whole(bench, next);
    const volumes = await values(bench.cold, "volume");
    assert.deepEqual(volumes, before.map(([at, volume]) => [at, volume! + (said && at >= RESET_S ? 999 : 0)]), step);
    assert.deepEqual(await values(station.warm, "volume"), volumes, step);
    assert.deepEqual(await standing(), [`${said ? "swap" : "reset"} ${RESET_S}`], step);
    await next.stop(2000);
  }
  assert.ok(reached >= ends.length - 1, `only ${reached} of ${ends.length} ends were reached`);
  const { changes, digestsEqual } = await bench.replay();
  assert.deepEqual([changes, digestsEqual], [0, true]);

  async function shifted(): Promise<boolean> {
    return (await values(bench.cold, "volume")).at(-1)![1] !== before.at(-1)![1];
  }
  async function standing(): Promise<string[]> {
    const decisions = await station.documents.collection<DecisionRecord>(decisionCollection);
    return (await decisions.find(systemScope, { where: { point }, orderBy: "instantUs" })).items.filter(({ body }) => body.state === "made").map(({ body }) => `${body.kind} ${(body.instantUs - T0) / S}`);
  }
});
