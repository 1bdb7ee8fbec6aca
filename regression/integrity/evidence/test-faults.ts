import { deviceKey, systemScope } from "@caudal/core";
import { emptyBucket } from "../../../analytics/buckets/bucket.ts";
import { deviceCollection, type DeviceRecord } from "../../../core/directory/records.ts";
import type { FindingKind } from "../auditor/finding-kinds.ts";
import { addToTruth, isFactOf, measurement, parkInvented, rewriteSegment, rewriteTier, spoilLive, spoilParked, spoilRollup, type PlantedReading } from "./test-plants.ts";
import type { Staged } from "./test-scene.ts";

const LATER_US = 1_000_000;
const FAR_SEQ = 1_000_000;

/** A fault, how it is planted in the stores, and what must be found of it. */
export interface Planted {
  readonly fault: string;
  readonly plant: (staged: Staged, stored: PlantedReading) => Promise<void>;
  /** Where each kind must be found; no other kind may be. */
  readonly finds: Partial<Record<FindingKind, readonly string[]>>;
  /** What the finding must say, where other faults of the row are of its kind. */
  readonly says?: RegExp;
  /** Readings by an outcome that they must have now; by their number. */
  readonly outcomes?: Readonly<Record<string, number>>;
}

/** One bit of the value is another. */
function flipped(value: number): number {
  const bits = new BigUint64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value;
  bits[0] = bits[0]! ^ 1n;
  return double[0];
}

const everyTier = ["hot", "warm", "cold"] as const;

/** Writes a fact into every tier, as the pipeline would. */
export const writeAll = (staged: Staged, planted: ReturnType<typeof measurement>): Promise<void> => staged.ports(everyTier, async (ports) => {
  for (const tier of everyTier) await ports[tier].write([planted]);
});

export const nowUs = (): number => Date.now() * 1000;

const goneFrom = (tier: (typeof everyTier)[number]): Planted => ({
    fault: `a fact is gone from ${tier}`,
    plant: (staged, stored) => rewriteTier(staged, tier, (fact) => (isFactOf(stored)(fact) ? undefined : fact)),
    finds: { lost: [tier], "digest-differs": [], ...(tier === "cold" ? { "live-missing": [], "rollup-differs": [] } : {}) }, outcomes: { lost: 1 },
  });

const bucketOf = (level: "15m" | "1h" | "1d"): Planted => ({
    fault: `a stored bucket of ${level} says otherwise`,
    plant: (staged, { key: { point }, variable }) => spoilRollup(staged, (id) => id.startsWith(`${point}:${level}:`), (table) => {
      const bucket = table.get(variable)!.find((one) => one !== undefined && one.count > 0)!;
      bucket.max = flipped(bucket.max);
      return table;
    }),
    finds: { "rollup-differs": ["rollups"] }, says: new RegExp(`^${level}: max`),
  });

/** Faults that do not touch each other: those of a row are planted in one copy. */
export const rows: readonly (readonly Planted[])[] = [
  [
    goneFrom("hot"),
    { fault: "a segment is gone from the raw archive", plant: (staged) => rewriteSegment(staged, () => undefined), finds: { "not-archived": ["archive"] } },
    { fault: "a parked event is gone from the list", plant: (staged) => spoilParked(staged, () => undefined), finds: { "not-parked": ["parked"] }, outcomes: { lost: 1 } },
    bucketOf("15m"),
    { fault: "the live stream swallowed events", plant: (staged) => spoilLive(staged, (lines) => lines.slice(0, -20)), finds: { "live-missing": ["live"] } },
    {
    fault: "a key means another variable",
    plant: (staged, { device, sourceKey, key: { client } }) => staged.ports(["documents"], async ({ documents }) => {
      const devices = await documents.collection<DeviceRecord>(deviceCollection);
      const stored = (await devices.get(systemScope, deviceKey(client, device)))!;
      const entries = stored.body.entries.map((entry) => (entry.key === sourceKey ? { ...entry, variable: "level" } : entry));
      await devices.putMany(systemScope, [{ id: stored.id, body: { ...stored.body, entries } }]);
    }),
    finds: { misdirected: ["directory"] },
  },
  ],
  [
    goneFrom("warm"),
    { fault: "a reading is gone from a segment", plant: (staged) => rewriteSegment(staged, (readings) => readings.slice(0, -1)), finds: { "not-archived": ["archive"] } },
    { fault: "an event is parked twice", plant: (staged) => spoilParked(staged, (body) => ({ id: "again", body })), finds: { "parked-doubled": ["parked"] } },
    bucketOf("1h"),
    { fault: "the live stream showed an event twice", plant: (staged) => spoilLive(staged, (lines) => [...lines, lines.at(-5)!]), finds: { "live-doubled": ["live"] } },
  ],
  [
    goneFrom("cold"),
    {
    fault: "the raw bytes of an archived reading were changed",
    plant: (staged) => rewriteSegment(staged, (readings) => readings.map((reading, at) => (at === 0 ? { ...reading, raw: Buffer.concat([reading.raw, Buffer.from(" ")]) } : reading))),
    finds: { "archive-damaged": ["archive"] },
  },
    { fault: "an event is parked for another reason", plant: (staged) => spoilParked(staged, (body) => ({ body: { ...body, reason: "too-large" } })), finds: { "parked-otherwise": ["parked"] } },
    bucketOf("1d"),
    {
    fault: "the live stream showed a value that nobody sent",
    // The newest: what was shown before a reset of the stream, as a slow machine has one, is not asked for.
    plant: (staged) => spoilLive(staged, (lines) => [...lines.slice(0, -10), ...lines.slice(-10).map((line) => line.replace(/\\"value\\":(-?[\d.]+),/, (_, value: string) => `\\"value\\":${Number(value) + 1},`))]),
    finds: { "live-invented": ["live"], "live-missing": ["live"] },
  },
  ],
  [
    {
    fault: "a reading stands a second time, a millisecond later",
    plant: (staged, { key, variable, value, timeUs }) => writeAll(staged, measurement(key, { instantUs: timeUs + 1000, knownAtUs: nowUs(), variable, value })),
    finds: { doubled: [...everyTier], "rollup-differs": ["rollups"] },
  },
    {
    fault: "the archive holds a reading that nobody sent",
    plant: (staged) => rewriteSegment(staged, (readings) => [...readings, { ...readings[0]!, samples: readings[0]!.samples.map((sample) => ({ ...sample, value: 4242.5 })) }]),
    finds: { "archive-invented": ["archive"] },
  },
    { fault: "something is parked that nobody sent", plant: (staged, { device }) => parkInvented(staged, device), finds: { "parked-invented": ["parked"] } },
    {
    fault: "the consumption of a bucket says otherwise",
    plant: (staged, { key: { point } }) => spoilRollup(staged, (id) => id.startsWith(`${point}:1d:`), (table) => {
      table.get("total")!.find((one) => one !== undefined && one.consumption > 0)!.consumption += 0.001;
      return table;
    }),
    finds: { "rollup-differs": ["rollups"] },
  },
    {
    fault: "facts of the fleet stand under another client",
    plant: (staged, { key, variable, value, timeUs }) => staged.ports(["warm"], async ({ warm }) => {
      await warm.write([measurement({ client: "stranger", point: key.point }, { instantUs: timeUs, knownAtUs: nowUs(), variable, value })]);
    }),
    finds: { foreign: ["warm"] },
  },
  ],
  [
    {
    fault: "a fact that nobody sent",
    plant: (staged, { key, variable, timeUs }) => writeAll(staged, measurement(key, { instantUs: timeUs + 1000, knownAtUs: nowUs(), variable, value: 987.5 })),
    finds: { invented: [...everyTier], "rollup-differs": ["rollups"] },
  },
    {
    fault: "the flag of a fact differs in hot",
    plant: (staged, stored) => rewriteTier(staged, "hot", (fact) => (isFactOf(stored)(fact) ? { ...fact, facts: [{ ...fact.facts[0]!, flag: 3, reasons: ["rate"] }] } : fact)),
    finds: { "tiers-differ": ["hot"], "digest-differs": ["hot"] },
  },
    { fault: "the buckets of a day are gone", plant: (staged, { key: { point } }) => spoilRollup(staged, (id) => id.startsWith(`${point}:15m:`), () => undefined), finds: { "rollup-missing": ["rollups"] } },
    {
    fault: "the client has a point that no device explains",
    plant: (staged, { key, variable, value, timeUs }) => staged.ports(["cold"], async ({ cold }) => {
      await cold.write([measurement({ client: key.client, point: "nobodys-point" }, { instantUs: timeUs, knownAtUs: nowUs(), variable, value })]);
    }),
    finds: { invented: ["cold"] },
  },
    {
    fault: "a floor hides what hot must still hold",
    plant: (staged, { key, timeUs }) => staged.ports(["hot"], ({ hot }) => hot.raiseFloor(systemScope, key, timeUs)),
    finds: { "floor-too-high": ["hot"] },
  },
  ],
  [
    {
    fault: "an acknowledged reading is nowhere",
    plant: (staged, { device, timeUs, sourceKey }) => addToTruth(staged, { seq: FAR_SEQ, device, samples: [{ key: sourceKey, timeUs: timeUs + 1_000_000, value: 7.25 }] }),
    finds: { lost: [...everyTier], "not-archived": ["archive"], "rollup-differs": [] }, outcomes: { lost: 1 },
  },
    {
    fault: "one bit of a value differs in warm",
    plant: (staged, stored) => rewriteTier(staged, "warm", (fact) => (isFactOf(stored)(fact) ? { ...fact, facts: [{ ...fact.facts[0]!, value: flipped(fact.facts[0]!.value!) }] } : fact)),
    finds: { altered: ["warm"], "tiers-differ": ["warm"], "digest-differs": [] }, outcomes: { altered: 1 },
  },
    {
    fault: "a bucket without facts",
    plant: (staged, { key: { point } }) => spoilRollup(staged, (id) => id.startsWith(`${point}:15m:`), (table) => table.set("ph", [{ ...emptyBucket(), count: 3, min: 7, max: 7, first: 7, last: 7 }])),
    finds: { "rollup-invented": ["rollups"] },
  },
  ],
  [
    {
    fault: "a value was altered in every tier",
    plant: async (staged, { key, variable, value, timeUs }) => writeAll(staged, measurement(key, { instantUs: timeUs, knownAtUs: nowUs(), variable, value: flipped(value!) })),
    finds: { altered: [...everyTier], "live-missing": ["live"] }, outcomes: { altered: 1 },
  },
    {
    fault: "the revision of a fact differs in hot",
    plant: (staged, stored) => rewriteTier(staged, "hot", (fact) => (isFactOf(stored)(fact) ? { ...fact, knownAtUs: fact.knownAtUs + LATER_US } : fact)),
    finds: { "tiers-differ": ["hot"] },
  },
    {
    fault: "a fact was taken back in cold alone, and is still shown by hot and warm",
    plant: (staged, { key, variable, timeUs }) => staged.ports(["cold"], async ({ cold }) => {
      await cold.write([measurement(key, { instantUs: timeUs, knownAtUs: nowUs(), variable, value: null, flag: 2, reasons: ["withdrawn"] })]);
    }),
    finds: { "withdrawn-visible": ["hot", "warm"], lost: ["cold"], "digest-differs": [], "rollup-differs": ["rollups"], "rollup-invented": [] }, outcomes: { lost: 1 },
  },
  ],
];
