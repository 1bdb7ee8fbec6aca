import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Directory, elsewhereFindings, formatInstant, heldDevices, heldPage, pointIdOf, readSaid, systemScope, writeConfigurations, type SaidDevice, type SaidMeaning, type SaidPoint, type StatedPeriod } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import fc from "fast-check";
import { sayIn } from "../commandline/say.ts";
import { treeTarget } from "./export-tree.ts";
import { mergeDevice } from "./merge-device.ts";
import { readFiles, saidIn } from "./read-files.ts";
import { givenFiles } from "./yaml-files.ts";

const speaking = { say: sayIn("en"), language: "en" } as const;
let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "caudal-round-trip-"));
});
after(() => rm(folder, { recursive: true, force: true }));

let serial = 0;
async function freshDirectory(): Promise<{ directory: Directory; close(): Promise<void> }> {
  const documents = await openEmbeddedDocuments({ directory: join(folder, `documents-${++serial}`) });
  return { directory: await Directory.open(documents), close: () => documents.close() };
}

async function write(directory: Directory, said: readonly SaidDevice[]): Promise<readonly string[]> {
  const writes = await Promise.all(said.map(async (one) => ({ read: readSaid(one), seen: (await heldDevices(directory.collections, systemScope, [one]))[0]?.tag ?? null })));
  assert.deepEqual(writes.flatMap(({ read }) => read.findings), []);
  assert.deepEqual((await elsewhereFindings(directory.collections, writes.map(({ read }) => read), new Set())).flat(), []);
  const written = await writeConfigurations(directory.collections, writes, { by: "Ana", atUs: Date.now() * 1000, mayRemove: async () => false });
  return written.map(({ outcome }) => outcome);
}

/** The installation's files: their bytes by path. */
async function exported(directory: Directory): Promise<{ to: string; files: Readonly<Record<string, string>> }> {
  const to = join(folder, `tree-${++serial}`);
  const tree = treeTarget(to);
  let cursor: string | undefined;
  do {
    const page = await heldPage(directory.collections, systemScope, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    for (const { stated } of page.items) await tree.write(stated);
    cursor = page.next;
  } while (cursor !== undefined);
  const paths = (await readdir(to, { recursive: true })).filter((path) => path.endsWith(".yaml")).sort();
  return { to, files: Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await readFile(join(to, path), "utf8")]))) };
}

const awkward = fc.constantFrom("7001", "null", "true", "~", "- x", "a: b # c", "\"q\"", "1e3", "2024-05-01", "__proto__", "línea\u2028dos", "W-07", "w-07", "ñandú/é", "..", "client", "=", "0x1F", " edge ");
const word = fc.oneof(awkward, fc.string({ unit: "binary", minLength: 1, maxLength: 24 }).filter((text) => !/[\u0000-\u001f\u007f]/u.test(text) && text.isWellFormed()));
const start = fc.option(fc.integer({ min: -1e15, max: 4e15 }).map(formatInstant), { nil: undefined });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const periods = (values: fc.Arbitrary<Record<string, string | number | null | undefined>>): fc.Arbitrary<StatedPeriod[]> =>
  fc.uniqueArray(fc.tuple(start, values), { maxLength: 3, selector: ([from]) => from ?? "" })
    .map((list) => list.map(([validFrom, named]) => JSON.parse(JSON.stringify({ validFrom, ...named })) as StatedPeriod).filter((period) => Object.keys(period).some((name) => name !== "validFrom")));
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const settings = periods(fc.record({ pulseFactorL: optional(fc.oneof(fc.constant(null), fc.double({ min: 0.001, max: 1e5, noNaN: true }))), sensorDepthM: optional(fc.constantFrom(45, 46.5)), levelKind: optional(fc.constantFrom("current", "pressure", null)) }));
const limits = periods(fc.record({ max: optional(fc.integer({ min: 10, max: 20 })), min: optional(fc.oneof(fc.constant(null), fc.integer({ min: -5, max: 5 }))), spike: optional(fc.double({ min: 0.1, max: 9, noNaN: true })) }));
const channel = fc.constantFrom(undefined, "b", "canal 2");

const point = fc.record({ channel, name: word.filter((text) => text.trim() !== ""), periodS: optional(fc.double({ min: 0.1, max: 1e6, noNaN: true })), limits: fc.dictionary(fc.constantFrom("flow", "level", "x_1"), limits), settings })
  .map((each): SaidPoint => each);
const meaning = fc.record({ key: word, validFrom: start, channel, unit: fc.constantFrom("", "m", "L/s", "extraño"), guessed: fc.boolean(), ignored: fc.boolean() });

const device = fc.record({ client: fc.constantFrom("acme", "a", "a-b"), device: word, keys: fc.uniqueArray(meaning, { maxLength: 6, selector: ({ key, validFrom }) => JSON.stringify([key, validFrom]) }), points: fc.uniqueArray(point, { maxLength: 3, selector: (one) => one.channel ?? "" }) })
  // Each its own variable: two keys of a device that are the same are refused.
  .map(({ keys, ...rest }): SaidDevice => ({ ...rest, keys: keys.map((each, index): SaidMeaning => ({ ...each, variable: `v${index}` })) }));

/** Some keys feed points of the others as well. */
const devices = fc.tuple(fc.uniqueArray(device, { minLength: 1, maxLength: 4, selector: (one) => JSON.stringify([one.client, one.device]) }), fc.boolean(), finite).map(([list, feeds]) => {
  const [first, ...others] = list;
  const key = first?.keys?.find(({ ignored }) => ignored !== true)?.key;
  if (!feeds || first === undefined || key === undefined) return list;
  const fed = others.filter(({ client }) => client === first.client).map((other) => ({ key, point: pointIdOf(other.client, other.device), variable: "fed", validFrom: "2024-01-01T00:00:00Z", validUntil: "2025-01-01T00:00:00Z" }));
  return [{ ...first, feeds: fed }, ...others];
});

test("any configuration, written as files and applied to a fresh installation, is written as the same files again", { timeout: 200_000 }, async () => {
  await fc.assert(fc.asyncProperty(devices, async (said) => {
    const [one, two] = [await freshDirectory(), await freshDirectory()];
    try {
      assert.deepEqual(await write(one.directory, said), said.map(() => "applied"));
      const first = await exported(one.directory);
      const read = await readFiles((await givenFiles([first.to], speaking.say)).files, speaking);
      assert.deepEqual(read.told, []);
      assert.equal(read.devices.length, said.length);
      const files = read.devices.map((file) => saidIn(file, speaking));
      const held = await heldDevices(one.directory.collections, systemScope, files);
      for (const [index, { said: own, read: normal }] of files.entries()) {
        const now = held[index];
        assert.ok(now);
        const view = { document: now.stated, tag: now.tag, adopted: true, heard: true };
        assert.deepEqual(mergeDevice(own, normal, view, { prune: true }).changes, []);
        assert.deepEqual(mergeDevice(own, normal, view, { prune: false }).target.stated, now.stated);
      }
      await write(two.directory, files.map((file) => file.said));
      assert.deepEqual((await exported(two.directory)).files, first.files);
      assert.deepEqual(await write(two.directory, files.map((file) => file.said)), said.map(() => "unchanged"), "twice is once");
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  }), { numRuns: 12 });
});

test("whatever an installation has, merging any files over it without pruning keeps what they do not say, and what follows is what they say", async () => {
  await fc.assert(fc.asyncProperty(device, device, async (before, said) => {
    const held = readSaid({ ...before, client: said.client, device: said.device });
    const view = { document: held.stated, tag: "t", adopted: true, heard: true };
    const { target, changes } = mergeDevice(said, readSaid(said), view, { prune: false });
    if (target.findings.length > 0) return;
    const again = mergeDevice(said, readSaid(said), { ...view, document: target.stated }, { prune: false });
    assert.deepEqual(again.changes.filter(({ kind }) => kind !== "only-here"), [], "applied, there is nothing left to do");
    assert.deepEqual(again.target.stated, target.stated);
    for (const { key, validFrom } of held.stated.keys) assert.ok(target.stated.keys.some((each) => each.key === key && each.validFrom === validFrom));
    if (changes.length === 0) assert.deepEqual(target.stated, held.stated);
    const pruned = mergeDevice(said, readSaid(said), { ...view, heard: false }, { prune: true });
    if (pruned.target.findings.length === 0) assert.deepEqual(mergeDevice(said, readSaid(said), { ...view, document: pruned.target.stated, heard: false }, { prune: true }).changes.filter(({ kind }) => kind !== "kept"), []);
  }), { numRuns: 300 });
});
