import { openMongoTier } from "@caudal/mongo";
import { defineBenchmark, type BenchContext, type Contender } from "../harness/benchmark.ts";
import { bytesOnDisk, makeCollection, openDatabase, type BenchDatabase } from "./database.ts";
import { packedBuckets, pointChunks, slotBuckets, type Layout } from "./other-layouts.ts";
import { toPlain, type PlainDocument } from "./plain-documents.ts";
import { backfillBatch, liveBatch, POINTS, RETENTION_MS } from "./traffic.ts";
import type { Measurement } from "@caudal/schemas";

/** About a day of every point, for the bytes. */
const SIZED_STEPS = 600;
const BACKFILL = 1000;

/** Batches of one contender: its own steps, so that each writes what is new to it. */
type NextBatch = () => Measurement[];

export const benchmark = defineBenchmark({
  name: "warm-layouts",
  about: "How facts may lie in MongoDB: a log of batches folded into packed buckets (what the tier does) against plain documents, and the others beside. Batches of 1,000 measurements of three values, majority and journal.",
  needs: ["mongo"],
  seconds: 40,
  async run(context) {
    const target = await openDatabase(context, "layouts");
    const live = (): NextBatch => {
      let step = 0;
      return () => liveBatch(step++);
    };
    await compareWrites(context, target, "a reading of each of 1,000 points a batch", live);
    let point = 0;
    const backfill = (): NextBatch => {
      const mine = 10_000 * ++point;
      let batches = 0;
      return () => backfillBatch(mine + Math.floor(batches / 50), (batches++ % 50) * BACKFILL, BACKFILL);
    };
    await compareWrites(context, target, "long runs of one point", backfill);
    await tellBytes(context, target);
  },
});

async function compareWrites(context: BenchContext, target: BenchDatabase, name: string, batches: () => NextBatch): Promise<void> {
  const contenders: Contender[] = [];
  for (const layout of await openLayouts(context, target)) {
    const next = batches();
    contenders.push({
      name: layout.name,
      async batch() {
        const batch = next();
        await layout.write(batch);
        return batch.length;
      },
    });
  }
  const [ours, baseline, ...beside] = contenders;
  await context.compare({ name, unit: "measurements", ours: ours!, baseline: baseline!, beside });
}

async function openLayouts(context: BenchContext, { database, url }: BenchDatabase): Promise<Layout[]> {
  const plain = await makeCollection<PlainDocument>(database, "plain");
  const tier = await openMongoTier({ url, name: "warm", retentionMs: RETENTION_MS });
  context.closing(() => tier.close());
  return [
    {
      name: "log and packed buckets (the tier)",
      async write(batch) {
        await tier.write(batch);
      },
    },
    {
      name: "plain documents, insertMany",
      async write(batch) {
        await plain.insertMany(batch.map(toPlain), { ordered: false });
      },
    },
    await slotBuckets(database), await packedBuckets(database), await pointChunks(database),
  ];
}

/** What a measurement takes on disk in each layout after the same traffic. */
async function tellBytes(context: BenchContext, target: BenchDatabase): Promise<void> {
  const collections: Readonly<Record<string, string>> = { 0: "warm_", 1: "plain", 2: "slots", 3: "packed", 4: "chunks" };
  await target.database.dropDatabase();
  for (const [i, layout] of (await openLayouts(context, target)).entries()) {
    // The others are only told; they need less to be seen.
    const steps = i === 0 ? SIZED_STEPS : SIZED_STEPS / 5;
    for (let step = 0; step < steps; step++) await layout.write(liveBatch(step));
    const bytes = await bytesOnDisk(target.database, collections[i]!);
    context.figure({ name: `bytes a measurement of three values: ${layout.name}`, value: bytes / (steps * POINTS), unit: "bytes", ...(i === 0 ? { atMost: 20 } : {}) });
    if (i === 0) {
      const packed = await bytesOnDisk(target.database, "warm_buckets");
      context.figure({ name: "of these, packed in buckets", value: packed / (steps * POINTS), unit: "bytes", atMost: 12 });
    }
  }
}
