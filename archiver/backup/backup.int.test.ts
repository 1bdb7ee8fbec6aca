import assert from "node:assert/strict";
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CaudalError, groups, pointIdOf, systemScope, topics, topicSpecs, type EventLog } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import fc from "fast-check";
import { BackupFolder } from "./backup-folder.ts";
import { retain } from "./retention.ts";
import { backUp, CLIENT, documentsIn, factsIn, folderFor, openEmbedded, PARTITIONS, portsFor, restore, start, T0_US } from "./test-installation.ts";

const DEVICES = ["w-1", "w-2", "w-3"];
const all = Object.values(topics);

async function offsetsIn(log: EventLog): Promise<unknown> {
  const offsets: unknown[] = [];
  for (const topic of all) {
    offsets.push([topic, (await log.bounds(topic)).map(({ endOffset }) => endOffset)]);
    for (const group of await log.groups(topic)) offsets.push([topic, group, (await log.lag(topic, group)).map(({ committedOffset }) => committedOffset)]);
  }
  return offsets;
}

describe("backup and restore", { concurrency: 2 }, () => {
  test("an installation comes back with its digests, documents, offsets, archive and revisions, and goes on as the one before", async (context) => {
    const folder = await folderFor(context);
    const original = await portsFor(context, join(folder, "a"));
    const first = await start(original);
    for (let at = 0; at < 40; at += 1) for (const device of DEVICES) await first.send(device, [at * 60, { flow: at, level: at / 10 }]);
    await first.settled();
    // A correction by a person, a withdrawn fact, something parked, and configuration.
    const point = pointIdOf(CLIENT, "w-1");
    const known: Omit<Measurement, "instantUs" | "facts" | "authority" | "knownAtUs"> = {
      eventId: "c", client: CLIENT, point, device: "w-1", channel: "", source: "person", transport: "http", observedAtUs: T0_US, receivedAtUs: T0_US, causeId: "c", labels: {},
    };
    const corrections: readonly Measurement[] = [
      { ...known, instantUs: T0_US, authority: 1, knownAtUs: T0_US + 9e9, facts: [{ variable: "flow", value: 99, flag: 1, reasons: [] }] },
      { ...known, instantUs: T0_US + 60_000_000, authority: 1, knownAtUs: T0_US + 9e9, facts: [{ variable: "flow", value: null, flag: 4, reasons: ["withdrawn"] }] },
    ];
    await first.publish(topics.measurements, corrections.map((one) => ({ key: point, value: first.codec.encode("Measurement", one) })));
    await first.publish(topics.readings, [{ key: `${CLIENT}/broken`, value: Buffer.from("no record") }]);
    const extra = await original.documents.collection<{ client: string; n: number }>({ name: "extra", tenant: true });
    await extra.insert(systemScope, { id: "e", body: { client: CLIENT, n: 1 }, blob: new Uint8Array(70_000).fill(3) });
    for (let version = 1; version < 5; version += 1) await extra.replace(systemScope, { id: "e", body: { client: CLIENT, n: version }, blob: Uint8Array.of(version) }, version);
    await first.settled();
    await first.stop();

    const store = new BackupFolder(join(folder, "store"));
    const { manifest, copiedSegments } = await backUp(original, store);
    assert.ok(manifest.facts.revisions > manifest.facts.facts, "lesser revisions are in it");
    assert.ok(copiedSegments > 0 && copiedSegments === manifest.archive.segments);
    const into = await portsFor(context, join(folder, "b"));
    const restored = await restore(store, into);
    assert.deepEqual(restored.differences, []);
    assert.equal(restored.revisions, manifest.facts.revisions);
    assert.deepEqual(await documentsIn(into.documents), await documentsIn(original.documents));
    assert.deepEqual(await offsetsIn(into.log), await offsetsIn(original.log));
    assert.deepEqual(await into.archive.list(""), await original.archive.list(""));
    for (const device of DEVICES) for (const tier of ["hot", "warm", "cold"] as const) assert.deepEqual(await factsIn(into[tier], device), await factsIn(original[tier], device), `${device} in ${tier}`);
    for (const tier of ["hot", "warm", "cold"] as const) assert.equal(await into[tier].floor(systemScope, { client: CLIENT, point }), await original[tier].floor(systemScope, { client: CLIENT, point }), tier);

    // Both go on: the same readings again, late ones, and new ones.
    const later: readonly (readonly [number, Record<string, number>])[] = [[39 * 60, { flow: 39, level: 3.9 }], [100, { flow: 7 }], [41 * 60, { flow: 41, level: 5 }], [42 * 60, { flow: 1000 }]];
    const both = await Promise.all([start(original), start(into)]);
    for (const device of [...DEVICES, "new"]) for (const row of later) {
      const before = await original.log.bounds(topics.readings);
      await both[0].send(device, row);
      // The very same record, received at the same time.
      for (const { partition, endOffset } of before) {
        const { records } = await original.log.read({ topic: topics.readings, partition, fromOffset: endOffset });
        if (records.length > 0) await into.log.publish(topics.readings, records.map(({ key, value }) => ({ key, value })));
      }
    }
    await Promise.all(both.map((one) => one.settled()));
    for (const device of [...DEVICES, "new"]) for (const tier of ["hot", "warm", "cold"] as const) assert.deepEqual(await factsIn(into[tier], device), await factsIn(original[tier], device), `${device} in ${tier} afterwards`);
    await Promise.all(both.map((one) => one.stop()));
  });

  test("a backup under load is what a crash would have left: the restored one makes all of it from the log again", async (context) => {
    const folder = await folderFor(context);
    const original = await portsFor(context, join(folder, "a"));
    const running = await start(original);
    const stop = new AbortController();
    let sent = 0;
    const load = (async () => {
      for (; !stop.signal.aborted; sent += 1) {
        await running.send(DEVICES[sent % 3] ?? "w-1", [sent * 20, { flow: sent % 97, level: sent / 100 }]);
        if (sent % 25 === 24) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const store = new BackupFolder(join(folder, "store"));
    for (let at = 0; at < 3; at += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await backUp(original, store);
    }
    stop.abort();
    await load;
    await running.settled();
    await running.stop();
    for (const [index, name] of (await store.names()).entries()) {
      const into = await portsFor(context, join(folder, `b${index}`));
      assert.deepEqual((await restore(store, into, name)).differences, []);
      const manifest = await store.manifest(name);
      const again = await start(into);
      await again.settled();
      await again.stop();
      // All readings of the backed-up log are facts, equal to the original's for the same instants.
      const readings = manifest.topics.find(({ topic }) => topic === topics.readings)?.partitions.reduce((sum, { endOffset }) => sum + endOffset, 0) ?? 0;
      assert.ok(readings > 0);
      for (const tier of ["hot", "warm", "cold"] as const) {
        let instants = 0;
        for (const device of DEVICES) {
          const [mine, theirs] = [await factsIn(into[tier], device), await factsIn(original[tier], device)];
          const known = new Set(theirs.map((fact) => JSON.stringify(fact)));
          for (const fact of mine) assert.ok(known.has(JSON.stringify(fact)), `${tier} ${device}: ${JSON.stringify(fact)} is not the original's`);
          instants += new Set(mine.map((fact) => (fact as number[])[0])).size;
        }
        assert.equal(instants, readings, `${tier} of ${name}`);
      }
      await into.close();
    }
  });

  test("random documents, records, offsets and revisions come back as they were", async (context) => {
    const folder = await folderFor(context);
    let round = 0;
    const fact = fc.record({
      minute: fc.integer({ min: -3000, max: 3000 }), variable: fc.constantFrom("flow", "level", "total"), value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { nil: null }),
      flag: fc.constantFrom(1, 2, 3, 4), reasons: fc.uniqueArray(fc.constantFrom("late", "withdrawn", "gap"), { maxLength: 2 }), authority: fc.constantFrom(0, 1), knownAt: fc.integer({ min: 1, max: 50 }),
    });
    const record = fc.record({ topic: fc.constantFrom(...all), key: fc.string({ maxLength: 8 }), value: fc.uint8Array({ maxLength: 300 }), headers: fc.option(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string({ maxLength: 5 })), { nil: undefined }) });
    const property = fc.asyncProperty(
      fc.array(fact, { maxLength: 60 }), fc.array(record, { maxLength: 40 }), fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 9 })), { maxLength: 20 }), fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 20 }),
      async (facts, records, documents, startsAt, behind) => {
        round += 1;
        const [a, b] = [await openEmbedded(join(folder, `a${round}`)), await openEmbedded(join(folder, `b${round}`))];
        try {
          await a.log.declareTopics(topicSpecs(PARTITIONS));
          await a.log.advanceTo(topics.readings, 0, startsAt);
          for (const { topic, key, value, headers } of records) await a.log.publish(topic, [{ key, value, ...(headers === undefined ? {} : { headers }) }]);
          for (const [topic, group] of [[topics.readings, groups.mapping], [topics.readings, groups.archiveReadings], [topics.measurements, groups.cold]] as const) {
            for (const { partition, startOffset, endOffset } of await a.log.bounds(topic)) await a.log.setOffset(topic, group, partition, Math.max(startOffset, endOffset - behind));
          }
          const [plain, points] = [await a.documents.collection<object>({ name: "plain", tenant: false }), await a.documents.collection<object>({ name: "points", tenant: true })];
          await plain.restoreMany(systemScope, documents.map(([id, version]) => ({ id, version, body: { id, deep: { version } }, ...(version % 2 === 0 ? { blob: Buffer.from(id) } : {}) })));
          await points.insert(systemScope, { id: "p", body: { client: CLIENT, point: "p" } });
          for (const { minute, variable, value, flag, reasons, authority, knownAt } of facts) {
            const instantUs = T0_US + minute * 60_000_000;
            const measurement: Measurement = {
              eventId: "e", client: CLIENT, point: "p", device: "d", channel: "", source: "s", transport: "t", instantUs, observedAtUs: instantUs, receivedAtUs: T0_US, authority, knownAtUs: knownAt,
              causeId: "c", facts: [{ variable, value: reasons.includes("withdrawn") ? null : value, flag, reasons }], labels: {},
            };
            for (const tier of [a.hot, a.warm, a.cold]) await tier.write([measurement]);
          }
          const store = new BackupFolder(join(folder, `store${round}`));
          await backUp(a, store);
          assert.deepEqual((await restore(store, b)).differences, []);
          assert.deepEqual(await documentsIn(b.documents), await documentsIn(a.documents));
          assert.deepEqual(await offsetsIn(b.log), await offsetsIn(a.log));
          for (const tier of ["hot", "warm", "cold"] as const) {
            const read = async (from: typeof a): Promise<unknown[]> => {
              const rows = [];
              for await (const block of from[tier].read(systemScope, { client: CLIENT, point: "p", fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true, allRevisions: true })) rows.push(block);
              return rows;
            };
            assert.deepEqual(await read(b), await read(a), tier);
          }
        } finally {
          await Promise.all([a.close(), b.close()]);
        }
      },
    );
    await fc.assert(property, { numRuns: 6 });
  });

  test("a backup is not begun on top of data, and not out of a damaged one: the file is named", async (context) => {
    const folder = await folderFor(context);
    const original = await portsFor(context, join(folder, "a"));
    const running = await start(original);
    await running.send("w-1", [0, { flow: 1 }], [60, { flow: 2 }]);
    await running.settled();
    await running.stop();
    const store = new BackupFolder(join(folder, "store"));
    const { manifest } = await backUp(original, store);
    await assert.rejects(restore(store, original), { code: "in-use" });
    const path = store.pathOf(manifest.name);
    const never = await portsFor(context, join(folder, "never"));
    const damaged = async (file: string, change: (bytes: Buffer) => Buffer | undefined, named: RegExp): Promise<void> => {
      const whole = await readFile(file);
      const changed = change(Buffer.from(whole));
      if (changed === undefined) await rm(file);
      else await writeFile(file, changed);
      await assert.rejects(restore(store, never), (error) => error instanceof CaudalError && error.code === "corrupt" && named.test(error.message));
      assert.deepEqual(await never.documents.collections(), [], "nothing was written");
      await writeFile(file, whole);
    };
    const flip = (bytes: Buffer): Buffer => {
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    };
    for (const file of await readdir(path)) {
      await damaged(join(path, file), flip, new RegExp(file.replaceAll(".", "\\.")));
      await damaged(join(path, file), () => undefined, new RegExp(file.replaceAll(".", "\\.")));
    }
    const [segment = ""] = await original.archive.list("");
    await damaged(join(store.archive, segment), flip, new RegExp(segment));
    await damaged(join(store.archive, segment), () => undefined, new RegExp(segment));
    assert.deepEqual((await restore(store, await portsFor(context, join(folder, "good")))).differences, []);
  });

  test("what a crash leaves is no backup and goes with the next one; retention removes the oldest, and segments that none names", async (context) => {
    const folder = await folderFor(context);
    const original = await portsFor(context, join(folder, "a"));
    const running = await start(original);
    await running.send("w-1", [0, { flow: 1 }]);
    await running.settled();
    await running.stop();
    const store = new BackupFolder(join(folder, "store"));
    const { path } = await store.begin(Date.now() * 1000);
    await appendFile(join(path, "documents.zst"), "half");
    assert.deepEqual(await store.list(), []);
    const aborted = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(backUp(original, store, { signal: aborted }), /stopped/);
    assert.deepEqual(await readdir(join(store.directory, "backups")), [], "neither the crash nor the abort left anything");
    const names: string[] = [];
    for (let at = 0; at < 4; at += 1) names.push((await backUp(original, store)).manifest.name);
    assert.equal((await backUp(original, store)).copiedSegments, 0, "segments are shared");
    for (const name of await original.archive.list("")) await original.archive.remove(name);
    const last = (await backUp(original, store)).manifest.name;
    const retained = await retain(store, 1);
    assert.deepEqual(await store.names(), [last]);
    assert.ok(retained.removedSegments > 0 && names.every((name) => retained.removed.includes(name)));
    await appendFile(join(store.pathOf(last), "manifest.json"), "x");
    await backUp(original, store);
    await retain(store, 1);
    assert.equal((await store.names()).length, 2, "a damaged one is left for a person, and is none to keep");
  });
});
