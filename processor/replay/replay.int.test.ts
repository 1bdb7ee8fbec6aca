import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe } from "node:test";
import { groups, pointIdOf, REPLAY_HEADER, systemScope, topics, type DirectoryEntry } from "@caudal/core";
import { createLiveChannel } from "@caudal/embedded";
import { judgeEvent } from "../judging/judge-event.ts";
import { reading, S, T0, until } from "../test-station.ts";
import type { ChangeText } from "./findings.ts";
import { allFacts, digests, ended, openShadow, replant, WHOLE, withBench, type Bench } from "./test-replay.ts";

const key = { client: "acme", point: pointIdOf("acme", "well") };
const flows = (count: number, device = "well"): ReturnType<typeof reading>[] => Array.from({ length: count }, (_, at) => reading(device, at * 60, { flow: 1 + at % 7, total: 100 + at }));
const brief = (changes: readonly ChangeText[]): unknown[] =>
  changes.map(({ time, variable, reason, before, after }) => [(Date.parse(time) * 1000 - T0) / S, variable, reason, before?.value ?? null, after?.value ?? null]);
const week = { fromUs: T0 - 86_400_000_000, toUs: T0 + 3 * 86_400_000_000 };

async function filled(bench: Bench, count = 20): Promise<void> {
  await bench.station.start();
  await bench.station.send(...flows(count));
  await bench.settled();
}

describe("replay", { concurrency: 3 }, () => {
  withBench("of everything changes nothing", async (bench) => {
    await filled(bench, 50);
    const before = await allFacts(bench.cold, "acme", key.point);
    assert.equal(before.length, 100);
    const result = await bench.replay();
    assert.deepEqual([result.changes, result.compared, result.digestsEqual, result.otherRevisions, result.asMapped, result.refused], [0, 100, true, 0, 0, 0]);
    const days = await digests(bench.cold, "acme", key.point, week);
    assert.deepEqual((await bench.replay({ apply: true })).applied, { facts: 0, left: 0 });
    assert.deepEqual(await allFacts(bench.cold, "acme", key.point), before);
    assert.deepEqual(await digests(bench.cold, "acme", key.point, week), days);
  });

  withBench("names rows that somebody deleted by SQL, and brings them back with the revisions they had", async (bench) => {
    await filled(bench);
    const before = await allFacts(bench.cold, "acme", key.point);
    await bench.betweenOpenings(async () => {
      const [file = ""] = (await readdir(bench.coldFolder)).filter((name) => name.endsWith(".db") || name.endsWith(".sqlite"));
      const database = new DatabaseSync(join(bench.coldFolder, file));
      database.exec("DELETE FROM incoming; DELETE FROM blocks;");
      database.close();
    });
    const kept = new Set(await allFacts(bench.cold, "acme", key.point));
    assert.ok(kept.size < before.length);
    const found = await bench.replay();
    assert.deepEqual(found.byReason, { lost: before.length - kept.size, altered: 0, unconfirmed: 0, appears: 0, disappears: 0 });
    assert.equal(found.applied, null);
    assert.equal((await allFacts(bench.cold, "acme", key.point)).length, kept.size, "a replay that only looks changes nothing");
    assert.deepEqual((await bench.replay({ apply: true })).applied, { facts: before.length - kept.size, left: 0 });
    assert.deepEqual(await allFacts(bench.cold, "acme", key.point), before);
  });

  withBench("names exactly the fact that was lost and the one that was altered, in a file as well, and mends both", async (bench) => {
    await filled(bench);
    const before = await digests(bench.cold, "acme", key.point, week);
    await replant(bench, key, (fact) => {
      const at = (fact.instantUs - T0) / S;
      if (at === 300 && fact.variable === "flow") return undefined;
      return at === 600 && fact.variable === "total" ? { ...fact, value: 999, flag: 3 } : fact;
    });
    const replays = bench.replays();
    const view = await ended(replays, replays.begin(WHOLE).id);
    const result = view.result as { examples: ChangeText[]; byPoint: unknown; days: number; equalDays: number; findings: string };
    const expected = [[300, "flow", "lost", null, 6], [600, "total", "altered", 999, 110]];
    assert.deepEqual(brief(result.examples), expected);
    assert.deepEqual([result.days - result.equalDays, result.byPoint], [1, [{ ...key, changes: 2, lost: 1, altered: 1, unconfirmed: 0, appears: 0, disappears: 0 }]]);
    const lines = (await readFile(join(bench.replayFolder, result.findings, "changes.ndjson"), "utf8")).trim().split("\n").map((line) => JSON.parse(line) as ChangeText);
    assert.deepEqual(brief(lines), expected);
    assert.deepEqual((await bench.replay({ apply: true })).applied, { facts: 2, left: 0 });
    assert.deepEqual(await digests(bench.cold, "acme", key.point, week), before);
    const again = await bench.replay();
    assert.deepEqual([again.changes, again.digestsEqual, again.otherRevisions], [0, true, 1], "the altered one holds by the replay's revision");
    assert.equal(await bench.station.metrics.sum("caudal_replay_changes_total", { reason: "altered" }), 2);
  });

  withBench("of some instants, or of one point, speaks of these alone", async (bench) => {
    await filled(bench);
    await bench.station.send(...flows(10, "other"));
    await bench.settled();
    await replant(bench, key, (fact) => (fact.variable === "flow" ? undefined : fact));
    const other = pointIdOf("acme", "other");
    const lost = async (request: Parameters<Bench["replay"]>[0]): Promise<number> => (await bench.replay(request)).byReason.lost;
    assert.equal(await lost({ fromUs: T0 + 60 * S, toUs: T0 + 240 * S, point: key.point }), 3);
    assert.equal(await lost({ client: "acme", device: "well" }), 20);
    assert.equal(await lost({ point: other }), 20, "the other point went with the files");
    assert.equal(await lost({ client: "nobody" }), 0);
    await assert.rejects(bench.replay({ point: "none" }), /none/);
    await assert.rejects(bench.replay({ client: "acme", device: "none" }), /acme\/none/);
  });

  withBench("a fact that nothing gives is named, and taken back only when that is asked for; what a person said stands", async (bench) => {
    await filled(bench);
    await replant(bench, key, (fact) => fact, [
      { instantUs: T0 + 90 * S, variable: "flow", value: 5, flag: 1, reasons: [], authority: 0, knownAtUs: T0 + 95 * S },
      { instantUs: T0 + 120 * S, variable: "flow", value: 77, flag: 1, reasons: [], authority: 1, knownAtUs: T0 + 125 * S },
    ]);
    const found = await bench.replay({ apply: true });
    assert.deepEqual([brief(found.examples), found.applied], [[[90, "flow", "unconfirmed", 5, null]], { facts: 0, left: 1 }]);
    assert.deepEqual((await bench.replay({ apply: true, withdraw: true })).applied, { facts: 1, left: 0 });
    const facts = await allFacts(bench.cold, "acme", key.point);
    assert.ok(facts.some((fact) => fact.includes("withdrawn")) && facts.some((fact) => fact.includes("77")));
    assert.equal((await bench.replay()).changes, 0);
  });

  withBench("another rule names exactly the facts that it judges otherwise, and they hold once that is applied", async (bench) => {
    await filled(bench);
    const stricter: typeof judgeEvent = (state, event, replayed) => {
      const outcome = judgeEvent(state, event, replayed);
      if (outcome.kind !== "keep") return outcome;
      const measurements = outcome.value.measurements.map((one) => ({ ...one, facts: one.facts.map((fact) => (fact.variable === "flow" && fact.value === 7 ? { ...fact, flag: 3, reasons: ["rate"] } : fact)) }));
      return { ...outcome, value: { ...outcome.value, measurements } };
    };
    const found = await bench.replay({}, { judge: stricter });
    assert.deepEqual(brief(found.examples), [[360, "flow", "altered", 7, 7], [780, "flow", "altered", 7, 7]]);
    const then = Date.now() * 1000;
    assert.deepEqual((await bench.replay({ apply: true }, { judge: stricter })).applied, { facts: 2, left: 0 });
    assert.equal((await bench.replay({}, { judge: stricter })).changes, 0);
    const flags = async (asOfUs: number): Promise<number> => {
      for await (const block of bench.cold.read(systemScope, { ...key, fromUs: T0 + 360 * S, toUs: T0 + 361 * S, variables: ["flow"], asOfUs })) return block.columns[0]!.flags[0]!;
      return 0;
    };
    assert.deepEqual([await flags(then), await flags(Infinity)], [1, 3], "before the replay the old judgement was what was known");
    await bench.station.send(reading("well", 360, { flow: 6.5 }));
    await bench.settled();
    assert.equal(await flags(Infinity), 1, "what comes after the replay is known later, and wins");
  });

  withBench("another unit in the mapping in force names the values of that key alone", async (bench) => {
    const processor = await bench.station.start();
    await bench.station.send(...flows(5));
    await bench.settled();
    await processor.stop(2000);
    const states = await bench.station.documents.collection<{ client: string; mapping: { version: number; entries: DirectoryEntry[] } }>({ name: "mapping-devices", tenant: true });
    const state = (await states.get(systemScope, "acme/well"))!;
    const entries = state.body.mapping.entries.map((entry) => (entry.key === "flow" ? { ...entry, unit: "m3/h", guessed: false } : entry));
    await states.replace(systemScope, { id: state.id, body: { ...state.body, mapping: { ...state.body.mapping, entries } }, ...(state.blob === undefined ? {} : { blob: state.blob }) }, state.version);
    const found = await bench.replay();
    assert.deepEqual([found.remapped, found.changes, found.byReason.altered], [5, 5, 5]);
    assert.deepEqual(brief(found.examples)[3], [180, "flow", "altered", 4, 1.11111111111111]);
  });

  withBench("after a remap, a configuration and a replay of a parked event it still changes nothing", async (bench) => {
    const { station } = bench;
    await station.start({ live: createLiveChannel() });
    await station.send(...flows(6));
    await bench.settled();
    await station.directory.configure(key.point, { variables: [{ key: "flow", unit: "m3/h", max: 1 }] }, { scope: systemScope, by: "Ana", atUs: Date.now() * 1000 });
    await until("the past is in the new unit", async () => (await allFacts(bench.cold, "acme", key.point)).some((fact) => fact.includes("0.2777")));
    const [event] = await station.points();
    await station.publish(topics.points, { key: key.point, value: station.codec.encode("PointEvent", { ...event!, eventId: "c", kind: "configuration", causeOffset: -1, samples: [], body: '{"flow":{"max":0.5}}' }) });
    await station.send(reading("well", 400, { flow: 5, total: 300 }), reading("well", 120, { flow: 9, total: 102 }));
    await bench.settled();
    const [first] = await station.records(topics.points);
    await station.publish(topics.points, { key: first!.key, value: first!.value, headers: { [REPLAY_HEADER]: groups.judging } });
    await bench.settled();
    // Known later than what was replayed, so that cold is compared up to here.
    await station.send(reading("well", 460, { flow: 5, total: 301 }, { receivedAtUs: Date.now() * 1000 }));
    await bench.settled();
    await bench.archiver.flush();
    const result = await bench.replay();
    assert.deepEqual([result.changes, result.otherRevisions, result.digestsEqual, result.remapped], [0, 0, true, 0]);
  });

  withBench("of points that were erased brings nothing back", async (bench) => {
    await filled(bench);
    await bench.station.directory.collections.points.remove(systemScope, key.point);
    const result = await bench.replay({ apply: true });
    assert.deepEqual([result.erased, result.events, result.changes], [20, 0, 0]);
  });

  withBench("that is cancelled or crashes leaves nothing behind", async (bench) => {
    await filled(bench);
    let reached = (): void => undefined;
    const there = new Promise<void>((resolve) => (reached = resolve));
    const replays = bench.replays({
      openShadow: async (folder) => {
        const shadow = await openShadow(folder);
        reached();
        return shadow;
      },
      past: async function* (_topic, _partition, { signal }) {
        // A past that never comes, as a store that hangs.
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("told to stop"))));
        yield [];
      },
    });
    const { id } = replays.begin(WHOLE);
    assert.throws(() => replays.begin(WHOLE), /replay/);
    await there;
    await until("it reads the past", () => replays.jobs.get(id)?.progress?.unit === "events");
    assert.equal((await readdir(bench.replayFolder)).length, 1);
    replays.jobs.cancel(id);
    assert.equal((await ended(replays, id)).state, "cancelled");
    assert.deepEqual(await readdir(bench.replayFolder), []);
    // What a killed process leaves goes with the next start.
    await openShadow(join(bench.replayFolder, "left")).then((shadow) => shadow.close());
    await bench.replays().start();
    assert.deepEqual(await readdir(bench.replayFolder), []);
    assert.equal((await bench.replay()).changes, 0);
  });
});
