import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { FleetMessage } from "../fleet/message.ts";
import type { Outcome } from "../senders/sender.ts";
import { folderFor, readTruth } from "../test-parts/truth-files.ts";
import { TruthFolderNotEmpty } from "../truth/truth-folder.ts";
import type { SimulationClock } from "./clock.ts";
import { runSimulation } from "./run-simulation.ts";

const fleet = { seed: "run", devices: 24, startUs: Date.UTC(2026, 2, 1) * 1000 };

/** A clock that goes on only while somebody waits. */
function heldClock(startUs: number): SimulationClock & { readonly nowMs: () => number } {
  let ms = 0;
  return {
    nowUs: () => startUs + ms * 1000, monotonicMs: () => ms, nowMs: () => ms,
    sleep: async (forMs) => {
      await new Promise((resolve) => setImmediate(resolve));
      ms += forMs;
    },
  };
}

describe("a run in this process", () => {
  test("writes what it sends before it sends it, and what became of it after", async (context) => {
    const truthDir = await folderFor(context);
    const got: FleetMessage[] = [];
    let written = 0;
    const result = await runSimulation({
      fleet, truthDir, messages: 1500,
      destinations: [{ over: "memory", batch: 100, deliver: (messages) => {
        const lines = readFileSync(join(truthDir, "sent.ndjson"), "utf8").split("\n").slice(0, -1).map((line) => (JSON.parse(line) as { seq: number }).seq);
        if (messages.every(({ seq }) => lines.includes(seq))) written += messages.length;
        got.push(...messages);
      } }],
    }).done;
    assert.deepEqual([result.sent, result.acknowledged, result.refused, result.unknown, result.sentAgain], [1500, 1500, 0, 0, 0]);
    assert.equal(written, 1500);
    const { fleet: file, sent, acknowledged, truth } = await readTruth(truthDir);
    assert.deepEqual([file.format, file.seed, file.client, file.startUs, file.devices.length], [1, "run", "simulation", fleet.startUs, 24]);
    assert.ok(sent.every(({ atUs, samples }) => atUs < file.endUs && samples.every(({ timeUs }) => timeUs >= file.startUs && timeUs < file.endUs)));
    assert.deepEqual(sent.map(({ seq }) => seq), Array.from({ length: 1500 }, (_, at) => at + 1));
    assert.deepEqual(sent.map(({ seq, samples, expect }) => ({ seq, samples, expect })), got.toSorted((a, b) => a.seq - b.seq).map(({ seq, samples, expect }) => ({ seq, samples, expect })));
    assert.deepEqual(acknowledged.map(({ seq, outcome, attempts }) => [seq, outcome, attempts]).sort((a, b) => Number(a[0]) - Number(b[0])), sent.map(({ seq }) => [seq, "acknowledged", 1]));
    assert.ok(truth.some(({ what }) => what === "daily-use"));
  });

  test("the same options write the same lines", async (context) => {
    const folders = [await folderFor(context), await folderFor(context)];
    for (const truthDir of folders) await runSimulation({ fleet, truthDir, messages: 800, destinations: [{ over: "memory", deliver: () => {} }] }).done;
    for (const name of ["fleet.json", "sent.ndjson", "truth.ndjson"]) assert.equal(readFileSync(join(folders[0]!, name), "utf8"), readFileSync(join(folders[1]!, name), "utf8"), name);
  });

  test("sends the unknown again under its number, and nothing that is about it before it is settled", async (context) => {
    const truthDir = await folderFor(context);
    const settled = new Set<number>();
    const tried = new Set<number>();
    let calls = 0;
    const early: number[] = [];
    const result = await runSimulation({
      fleet, truthDir, messages: 2000, clock: heldClock(Date.UTC(2026, 5, 1) * 1000), drainMs: Infinity,
      destinations: [{ over: "memory", lanes: 4, batch: 50, deliver: (messages) => {
        for (const { seq, repeats, corrects } of messages) if (!settled.has(repeats ?? corrects ?? seq) && (repeats ?? corrects) !== undefined) early.push(seq);
        if (++calls % 3 === 0) throw new Error("away");
        return messages.map(({ seq }): Outcome => {
          if (seq % 7 === 0 && !tried.has(seq) && tried.add(seq)) return { outcome: "unknown", why: "half a batch" };
          settled.add(seq);
          return { outcome: "acknowledged" };
        });
      } }],
    }).done;
    assert.deepEqual([result.acknowledged, result.unknown, early], [2000, 0, []]);
    assert.ok(result.sentAgain > 300, String(result.sentAgain));
    const { acknowledged, sent } = await readTruth(truthDir);
    assert.equal(acknowledged.reduce((sum, { attempts }) => sum + attempts - 1, 0), result.sentAgain);
    assert.ok(sent.filter(({ repeats, corrects }) => (repeats ?? corrects) !== undefined).length > 10);
  });

  test("what is never answered is unknown at the end, and a refusal that nobody expected is told", async (context) => {
    const truthDir = await folderFor(context);
    const result = await runSimulation({
      fleet: { ...fleet, troubles: [] }, truthDir, messages: 10, drainMs: 100,
      destinations: [{ over: "memory", batch: 1, lanes: 10, deliver: async ([message]) => (message!.seq === 3 ? new Promise(() => {}) : message!.seq === 4 ? [{ outcome: "refused", why: "no such client" }] : undefined) }],
    }).done;
    // The one after an unknown on its lane waits with it.
    assert.ok(result.unknown >= 1 && result.acknowledged + result.refused + result.unknown === 10);
    assert.deepEqual([result.refused, result.refusals], [1, ["no such client"]]);
    const { acknowledged } = await readTruth(truthDir);
    assert.deepEqual(acknowledged.filter(({ seq }) => seq === 3 || seq === 4).map(({ seq, outcome, why }) => [seq, outcome, why]).sort(), [[3, "unknown", "the run ended before it resolved"], [4, "refused", "no such client"]]);
    assert.equal(acknowledged.length, 10);
  });

  test("a folder that holds something stays as it is", async (context) => {
    const truthDir = await folderFor(context);
    await writeFile(join(truthDir, "sent.ndjson"), "kept\n");
    await assert.rejects(runSimulation({ fleet, truthDir, messages: 1, destinations: [{ over: "memory", deliver: () => {} }] }).done, (error) => error instanceof TruthFolderNotEmpty && error.folder === truthDir);
    assert.equal(readFileSync(join(truthDir, "sent.ndjson"), "utf8"), "kept\n");
    await assert.rejects(runSimulation({ fleet, destinations: [] }).done, RangeError);
  });
});

describe("the pace of a run", () => {
  test("no message is sent before its time", async () => {
    const clock = heldClock(fleet.startUs);
    const early: number[] = [];
    await runSimulation({ fleet, clock, messages: 200, destinations: [{ over: "memory", deliver: (messages) => void early.push(...messages.filter(({ atUs }) => atUs > clock.nowUs()).map(({ seq }) => seq)) }] }).done;
    assert.deepEqual(early, []);
    assert.ok(clock.nowMs() > 6 * 900_000, "eight steps take their time");
  });

  test("a rate is kept, and a time to end at", async () => {
    for (const [ratePerS, seconds] of [[50, 20], [5000, 5], [0.5, 200], [3, 60]] as const) {
      const clock = heldClock(Date.UTC(2026, 5, 1) * 1000);
      const { sent } = await runSimulation({ fleet, clock, ratePerS, forMs: seconds * 1000, destinations: [{ over: "memory", deliver: () => {} }] }).done;
      assert.ok(sent > ratePerS * seconds * 0.95 && sent <= ratePerS * (seconds + 0.2) + 1, `${sent} at ${ratePerS}/s`);
    }
  });

  test("what waits for an answer is bounded", async () => {
    let open = 0;
    let most = 0;
    const result = await runSimulation({
      fleet, messages: 600, maxOpen: 40,
      destinations: [{ over: "memory", lanes: 8, batch: 100, deliver: async (messages) => {
        most = Math.max(most, (open += messages.length));
        await new Promise((resolve) => setImmediate(resolve));
        open -= messages.length;
      } }],
    }).done;
    assert.equal(result.acknowledged, 600);
    assert.ok(most <= 40, String(most));
  });

  test("a stop sends nothing new and settles what is open; an end and a signal wait for nothing", async () => {
    const waiting: (() => void)[] = [];
    const deliver = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
    const stopped = runSimulation({ fleet, destinations: [{ over: "memory", batch: 10, deliver }] });
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stopped.stop();
    const before = stopped.counters().sent;
    const letGo = setInterval(() => waiting.splice(0).forEach((resolve) => resolve()), 1);
    const result = await stopped.done;
    clearInterval(letGo);
    assert.deepEqual([result.sent, result.acknowledged], [before, before]);

    const ended = runSimulation({ fleet, destinations: [{ over: "memory", deliver }] });
    while (ended.counters().sent === 0) await new Promise((resolve) => setImmediate(resolve));
    ended.end();
    assert.ok((await ended.done).unknown > 0);

    const over = new AbortController();
    const aborted = runSimulation({ fleet, signal: over.signal, destinations: [{ over: "memory", deliver }] });
    over.abort();
    assert.equal((await aborted.done).acknowledged, 0);
    assert.equal((await runSimulation({ fleet, signal: AbortSignal.abort(), destinations: [{ over: "memory", deliver }] }).done).sent, 0);
  });
});
