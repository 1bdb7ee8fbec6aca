import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { groups, parseSegmentName, pointIdOf, segmentName, segmentPrefix, sha256Hex, systemScope, topics, type PointKey, type SeriesTier, type TierName } from "@caudal/core";
import { Codec, decodeContainer, encodeContainer, type ArchivedRecord, type Measurement, type Reading } from "@caudal/schemas";
import { packTable, unpackTable, type BucketTable } from "../../../analytics/rollups/bucket-table.ts";
import { parkedCollection, type ParkedRecord } from "../../../business/parked/parked-record.ts";
import type { ReadingVerdict } from "../auditor/verdict.ts";
import { directoryPoints } from "./directory-evidence.ts";
import type { Staged } from "./test-scene.ts";

/** Ways to spoil the stores of an installation that stands still. */

/** What a fact is written by, for a point of the fleet. */
export function measurement(key: PointKey, fact: { instantUs: number; knownAtUs: number; variable: string; value: number | null; flag?: number; reasons?: readonly string[] }): Measurement {
  const { instantUs, knownAtUs, variable, value, flag = 1, reasons = [] } = fact;
  return {
    ...key, eventId: `planted-${instantUs}`, device: "", channel: "", source: "", transport: "", instantUs, observedAtUs: null, receivedAtUs: knownAtUs, authority: 0, knownAtUs, causeId: "",
    facts: [{ variable, value, flag, reasons }], labels: {},
  };
}

/** All that a tier holds, as measurements of one fact each. */
async function everything(tier: SeriesTier, points: AsyncIterable<PointKey>): Promise<Measurement[]> {
  const found: Measurement[] = [];
  for await (const key of points) {
    for await (const block of tier.read(systemScope, { ...key, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true })) {
      for (const { variable, values, flags, reasons, knownAtUs } of block.columns) {
        for (let row = 0; row < block.rows; row++) {
          if (flags[row] === 0) continue;
          const value = Number.isNaN(values[row]!) ? null : values[row]!;
          found.push(measurement(key, { instantUs: block.timesUs[row]!, knownAtUs: knownAtUs[row]!, variable, value, flag: flags[row]!, reasons: reasons.get(row) ?? [] }));
        }
      }
    }
  }
  return found;
}

/** Writes a tier's file anew, each fact as `change` gives it back; undefined leaves it out. */
export async function rewriteTier(staged: Staged, name: TierName, change: (fact: Measurement) => Measurement | undefined): Promise<void> {
  const facts = await staged.ports([name, "documents"], (ports) => everything(ports[name] as SeriesTier, directoryPoints(ports.documents)));
  for (const end of ["", "-wal", "-shm"]) await rm(join(staged.data, "tiers", `${name}.sqlite${end}`), { force: true });
  const kept = facts.map(change).filter((one) => one !== undefined);
  await staged.ports([name], async (ports) => {
    for (let at = 0; at < kept.length; at += 2000) await (ports[name] as SeriesTier).write(kept.slice(at, at + 2000));
  });
}

export function isFactOf(reading: PlantedReading): (fact: Measurement) => boolean {
  return ({ point, instantUs, facts }) => point === reading.key.point && instantUs === reading.timeUs && facts[0]?.variable === reading.variable;
}

/** A reading to spoil, with what it means. */
export interface PlantedReading extends Omit<ReadingVerdict, "key"> {
  readonly key: PointKey;
  readonly sourceKey: string;
  readonly variable: string;
}

/** One of the newest readings with this outcome, of a key whose values change; another one for each number. */
export async function readingOf(staged: Staged, verdicts: string, { outcome, number = 0 }: { readonly outcome: string; readonly number?: number }): Promise<PlantedReading> {
  const lines = (await readFile(verdicts, "utf8")).trim().split("\n").map((line) => JSON.parse(line) as ReadingVerdict);
  const fits = lines.filter((line) => line.outcome === outcome && (outcome !== "stored" || line.key === "depth_m"));
  const found = fits.toSorted((a, b) => a.timeUs - b.timeUs).at(-3 - number * 5) ?? fits.at(-1);
  if (found === undefined) throw new Error(`no reading is ${outcome}`);
  const { client, devices } = JSON.parse(await readFile(join(staged.truth, "fleet.json"), "utf8")) as { client: string; devices: { device: string; keys: { key: string; variable: string }[] }[] };
  const variable = devices.find(({ device }) => device === found.device)?.keys.find(({ key }) => key === found.key)?.variable ?? "";
  return { ...found, sourceKey: found.key, variable, key: { client, point: pointIdOf(client, found.device) } };
}

/** Adds a message to the truth that nobody ever sent, and says that it was acknowledged. */
export async function addToTruth(staged: Staged, message: { readonly seq: number; readonly device: string; readonly samples: readonly object[]; readonly expect?: string; readonly raw?: string }): Promise<void> {
  await appendFile(join(staged.truth, "sent.ndjson"), `${JSON.stringify({ transport: "mqtt", atUs: 0, kinds: [], expect: "stored", ...message })}\n`);
  await appendFile(join(staged.truth, "acknowledged.ndjson"), `${JSON.stringify({ seq: message.seq, outcome: "acknowledged", attempts: 1, atUs: 0 })}\n`);
}

/** Writes the segments of a partition with readings anew; undefined takes the segment away, and leaves what the group committed. */
export async function rewriteSegment(staged: Staged, change: (readings: readonly Reading[]) => readonly Reading[] | undefined): Promise<void> {
  await staged.ports(["archive", "registry"], async ({ archive, registry }) => {
    const codec = await Codec.open(registry);
    for (let partition = 0; ; partition++) {
      const [name] = await archive.list(segmentPrefix(topics.readings, partition));
      if (name === undefined) continue;
      const span = parseSegmentName(name)!;
      const records = await decodeContainer((await archive.get(name))!);
      const readings = records.map(({ value }) => codec.decode("Reading", value)).map((one) => (one.ok ? one.value : undefined)!);
      await archive.remove(name);
      const changed = change(readings);
      if (changed !== undefined) {
        const written = changed.map((reading, at): ArchivedRecord => ({ ...records[Math.min(at, records.length - 1)]!, offset: records[0]!.offset + at, value: codec.encode("Reading", reading) }));
        const bytes = await encodeContainer(written, {});
        await archive.put(segmentName({ ...span, sha256: sha256Hex(bytes) }), bytes);
      }
      return;
    }
  });
}

/** Changes the first parked event that stands in the list. */
export async function spoilParked(staged: Staged, spoil: (record: ParkedRecord) => { readonly id?: string; readonly body: ParkedRecord } | undefined): Promise<void> {
  await staged.ports(["documents"], async ({ documents }) => {
    const records = await documents.collection<ParkedRecord>(parkedCollection);
    const { items: [first] } = await records.find(systemScope, { where: { state: "parked" }, limit: 1, orderBy: "receivedAtUs" });
    if (first === undefined) throw new Error("nothing is parked");
    const spoiled = spoil(first.body);
    if (spoiled === undefined) await records.remove(systemScope, first.id);
    else await records.putMany(systemScope, [{ id: spoiled.id ?? first.id, body: spoiled.body }]);
  });
}

/** Parks bytes that nobody sent, as a group would. */
export async function parkInvented(staged: Staged, device: string): Promise<void> {
  await staged.ports(["documents", "log", "registry"], async ({ documents, log, registry }) => {
    const codec = await Codec.open(registry);
    const records = await documents.collection<ParkedRecord>(parkedCollection);
    const { items: [first] } = await records.find(systemScope, { where: { state: "parked" }, limit: 1, orderBy: "receivedAtUs" });
    const { logPartition, offsets } = first!.body;
    const { records: [stored] } = await log.read({ topic: topics.parked, partition: logPartition, fromOffset: offsets[0]!, maxRecords: 1, waitMs: 0 });
    const decoded = codec.decode("Parked", stored!.value);
    if (!decoded.ok) throw new Error("what is parked cannot be decoded");
    const value = Buffer.from("nobody sent this");
    const before = await log.bounds(topics.parked);
    await log.publish(topics.parked, [{ key: stored!.key, value: codec.encode("Parked", { ...decoded.value, eventId: "invented", device, group: groups.mapping, value, wholeSha256: Buffer.from(sha256Hex(value), "hex") }) }]);
    const body = { ...first!.body, device, group: groups.mapping, offsets: [before[logPartition]!.endOffset], firstOffset: before[logPartition]!.endOffset };
    await records.putMany(systemScope, [{ id: "invented", body }]);
  });
}

/** Changes a stored table of buckets of a point; undefined removes it. */
export async function spoilRollup(staged: Staged, id: (id: string) => boolean, change: (table: BucketTable) => BucketTable | undefined): Promise<void> {
  await staged.ports(["documents"], async ({ documents }) => {
    const records = await documents.collection<{ client: string }>({ name: "rollups", tenant: true, indexes: [["client"]] });
    const { items } = await records.find(systemScope, { limit: 1000 });
    const stored = items.find((item) => id(item.id));
    if (stored?.blob === undefined) throw new Error(`no such rollup among ${items.map((item) => item.id).join(" ")}`);
    const table = change(unpackTable(stored.blob));
    if (table === undefined) await records.remove(systemScope, stored.id);
    else await records.putMany(systemScope, [{ id: stored.id, body: stored.body, blob: packTable(table) }]);
  });
}

/** Changes the lines of what the live stream showed. */
export async function spoilLive(staged: Staged, change: (lines: readonly string[]) => readonly string[]): Promise<void> {
  const lines = (await readFile(staged.live.file, "utf8")).trim().split("\n");
  await writeFile(staged.live.file, `${change(lines).join("\n")}\n`);
}
