import { randomUUID } from "node:crypto";
import { openRedisTier } from "@caudal/redis";
import type { Measurement } from "@caudal/schemas";
import { Redis } from "ioredis";
import { removeKeys } from "../../adapters/redis/test-keys.ts";
import { defineBenchmark, type Contender } from "../harness/benchmark.ts";
import { writeHashes, writePrepared } from "./bare-writes.ts";
import { loadGuarded, writeGuarded } from "./guarded-writes.ts";
import { bytesOfPoints } from "./memory.ts";
import { PARTITION_POINTS, Traffic } from "./traffic.ts";

const START_US = Date.UTC(2026, 2, 1, 0, 40) * 1000;
const DAY_MS = 86_400_000;
const VARIABLES_A_ROW = 3;

export const benchmark = defineBenchmark({
  name: "redis-write",
  about:
    "The hot tier's writes against bare ioredis that does the same: each fact taken only at a greater revision, counted, the newest kept, by one script a point in a pipeline, a hash an hour. "
    + "Beside them, without looking at what is there: as many bytes to the same keys as the tier sends, prepared beforehand, and JSON rows in hashes. Three facts a row; appendfsync everysec.",
  needs: ["redis"],
  async run(context) {
    const { url } = context.engine("redis");
    const prefix = `caudal-bench-${randomUUID()}`;
    const redis = new Redis(url);
    context.closing(() => redis.disconnect());
    context.closing(() => removeKeys(url, prefix));
    const tier = await openRedisTier({ url: `${url}?prefix=${prefix}`, name: "hot", retentionMs: 3 * DAY_MS });
    context.closing(() => tier.close());
    await loadGuarded(redis);
    const mustStore = (stored: number, batch: readonly Measurement[]): number => {
      if (stored !== batch.length * VARIABLES_A_ROW) throw new Error(`${stored} facts of ${batch.length} rows stored`);
      return batch.length;
    };
    let streams = 0;
    /** One stream for all rounds: points are new once, and hours pass as they do. */
    const contender = (name: string, rows: number, write: (batch: Measurement[]) => Promise<number>): Contender => {
      const traffic = new Traffic(`client-${streams++}`, START_US);
      return { name, inFlight: 4, batch: () => write(traffic.next(rows)) };
    };
    for (const { name, rows, bytes } of [{ name: "one new row a point", rows: 1, bytes: 123 }, { name: "twelve new rows a point", rows: 12, bytes: 360 }]) {
      const prepared = { state: Buffer.alloc(189, 7), chunk: Buffer.alloc(bytes, 7) };
      await context.compare({
        name: `${name}, ${PARTITION_POINTS} points a batch`, unit: "rows", leastRatio: 0.8,
        ours: contender("ours", rows, async (batch) => mustStore((await tier.write(batch)).stored, batch)),
        baseline: contender("bare ioredis", rows, async (batch) => mustStore(await writeGuarded(redis, `${prefix}:guarded`, batch), batch)),
        beside: [
          contender("bare, prepared bytes", rows, (batch) => writePrepared(redis, `${prefix}:bare`, batch, prepared)),
          contender("bare, unguarded JSON", rows, (batch) => writeHashes(redis, `${prefix}:json`, batch)),
        ],
      });
    }
    const sizes = { traffic: new Traffic("sizes", START_US - 40 * 60_000_000), rows: 0 };
    for (let i = 0; i < 6 * 18; i++) {
      const batch = sizes.traffic.next(20);
      await tier.write(batch);
      await writeGuarded(redis, `${prefix}:guarded`, batch);
      sizes.rows += batch.length;
    }
    for (const [name, root] of [["ours", `${prefix}:hot:{sizes/`], ["bare ioredis", `${prefix}:guarded:{sizes/`]] as const) {
      context.figure({ name: `memory of Redis a row, ${name}`, value: (await bytesOfPoints(redis, root)) / sizes.rows, unit: "bytes" });
    }
    context.note("All contenders make their measurements within the measured time: the same generator for each, about a microsecond a row.");
    context.note("Memory is that of whole keys, the point's own included, of two hours of a row every 20 s, the second still being written.");
  },
});
