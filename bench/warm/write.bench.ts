import { openMongoTier } from "@caudal/mongo";
import type { Measurement } from "@caudal/schemas";
import { defineBenchmark, type Contender } from "../harness/benchmark.ts";
import { makeCollection, openDatabase } from "./database.ts";
import { toPlain, type PlainDocument } from "./plain-documents.ts";
import { backfillBatch, liveBatch, RETENTION_MS } from "./traffic.ts";

const BACKFILL = 1000;

export const benchmark = defineBenchmark({
  name: "warm-write",
  about: "Warm tier writes (merged by revision, counted exactly, folded into buckets) against the bare driver inserting the same measurements as plain documents without looking. Majority and journal on both sides.",
  needs: ["mongo"],
  async run(context) {
    const { database, url } = await openDatabase(context, "write");
    const plain = await makeCollection<PlainDocument>(database, "plain");
    const tier = await openMongoTier({ url, name: "warm", retentionMs: RETENTION_MS });
    context.closing(() => tier.close());
    const ours = (next: () => Measurement[]): Contender => contender("the tier", next, async (batch) => {
      const { failed, stored } = await tier.write(batch);
      if (failed.length > 0 || stored !== batch.length * 3) throw new Error(`${stored} facts stored, ${failed.length} measurements failed`);
    });
    const bare = (next: () => Measurement[]): Contender => contender("bare insertMany", next, async (batch) => {
      await plain.insertMany(batch.map(toPlain), { ordered: false });
    });
    const live = (): (() => Measurement[]) => {
      let step = 0;
      return () => liveBatch(step++);
    };
    const backfill = (): (() => Measurement[]) => {
      let batches = 0;
      return () => backfillBatch(10_000 + Math.floor(batches / 50), (batches++ % 50) * BACKFILL, BACKFILL);
    };
    await context.compare({ name: "a reading of each of 1,000 points a batch", unit: "measurements", ours: ours(live()), baseline: bare(live()), leastRatio: 0.8 });
    await context.compare({ name: "long runs of one point, 1,000 a batch", unit: "measurements", ours: ours(backfill()), baseline: bare(backfill()), leastRatio: 0.8 });
  },
});

function contender(name: string, next: () => Measurement[], write: (batch: readonly Measurement[]) => Promise<void>): Contender {
  return {
    name, inFlight: 2,
    async batch() {
      const batch = next();
      await write(batch);
      return batch.length;
    },
  };
}
