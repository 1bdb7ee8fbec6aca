import { randomUUID } from "node:crypto";
import { decodeBucket, rowsOf, selectRows, systemScope, Words, type FactRun, type LatestFact, type PointKey } from "@caudal/core";
import { openRedisTier } from "@caudal/redis";
import { Redis } from "ioredis";
import { removeKeys } from "../../adapters/redis/test-keys.ts";
import { defineBenchmark } from "../harness/benchmark.ts";
import { quantile } from "../harness/statistics.ts";
import { writeHashes } from "./bare-writes.ts";
import { PARTITION_POINTS, PARTITIONS, Traffic } from "./traffic.ts";

const DAY_MS = 86_400_000;
const DAY_START_US = Date.UTC(2026, 2, 1) * 1000;
const ROWS_A_DAY = 4320;
const HOURS = 24;
const HEADER_BYTES = 5;
const POINTS = 1000;
const CLIENT = "reads";

export const benchmark = defineBenchmark({
  name: "redis-read",
  about:
    "The hot tier's reads against bare ioredis that fetches the same bytes of the same keys and unpacks them into the same rows; beside it, rows as JSON in hashes. "
    + "Then the newest facts of 1,000 points against one MGET of 1,000 JSON texts, parsed into the same objects.",
  needs: ["redis"],
  async run(context) {
    const { url } = context.engine("redis");
    const prefix = `caudal-bench-${randomUUID()}`;
    const redis = new Redis(url);
    context.closing(() => redis.disconnect());
    context.closing(() => removeKeys(url, prefix));
    const tier = await openRedisTier({ url: `${url}?prefix=${prefix}`, name: "hot", retentionMs: 3 * DAY_MS });
    context.closing(() => tier.close());
    await tier.recovery!.refilled((await tier.recovery!.loss())!);

    // A day and a first row of the next, so that the day's last hour is written whole: of six points, one a partition.
    const traffic = new Traffic(CLIENT, DAY_START_US);
    for (let step = 0; step <= ROWS_A_DAY; step += 48) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const batch = traffic.next(step + 48 > ROWS_A_DAY ? 1 : 48).filter(({ point }) => step === ROWS_A_DAY || Number(point.slice(6)) % PARTITION_POINTS === 0);
        await tier.write(batch);
        await writeHashes(redis, `${prefix}:json`, batch);
      }
    }
    const [fromUs, toUs] = [DAY_START_US, DAY_START_US + DAY_MS * 1000];
    const hours = Array.from({ length: HOURS }, (_, i) => DAY_START_US / 3_600_000_000 + i);
    let turn = 0;
    const nextPoint = (): string => `point-${(turn++ % PARTITIONS) * PARTITION_POINTS}`;
    const isWhole = (rows: number): number => {
      if (rows !== ROWS_A_DAY) throw new Error(`${rows} rows instead of ${ROWS_A_DAY}`);
      return rows;
    };
    await context.compare({
      name: "a day of a point, a row every 20 s", unit: "rows", leastRatio: 0.8,
      ours: {
        name: "ours", inFlight: 2, batch: async () => {
          let rows = 0;
          for await (const block of tier.read(systemScope, { client: CLIENT, point: nextPoint(), fromUs, toUs })) rows += block.rows;
          return isWhole(rows);
        },
      },
      baseline: {
        name: "bare ioredis", inFlight: 2, batch: async () => {
          const name = `${prefix}:hot:{${CLIENT}/${nextPoint()}}`;
          return isWhole(unpack((await redis.mgetBuffer(hours.map((hour) => `${name}:${hour}`))) as Buffer[], fromUs, toUs));
        },
      },
      beside: [{
        name: "bare, JSON in hashes", inFlight: 2, batch: async () => {
          const name = `${prefix}:json:{${CLIENT}/${nextPoint()}}`;
          const pipeline = redis.pipeline();
          for (const hour of hours) pipeline.hgetall(`${name}:${hour}`);
          return isWhole(parse((await pipeline.exec()) ?? []));
        },
      }],
    });

    const keys: PointKey[] = Array.from({ length: PARTITIONS * PARTITION_POINTS }, (_, i) => ({ client: CLIENT, point: `point-${i}` })).slice(0, POINTS);
    const names = (): string[] => keys.map(({ client, point }) => `${prefix}:json:{${client}/${point}}`);
    const took: number[] = [];
    await context.compare({
      name: `newest facts of ${keys.length} points`, unit: "points", leastRatio: 0.8,
      ours: {
        name: "ours", batch: async () => {
          const beganMs = performance.now();
          const latest = await tier.latest(systemScope, keys);
          took.push(performance.now() - beganMs);
          if (latest.length !== keys.length * 3) throw new Error(`${latest.length} newest facts`);
          return keys.length;
        },
      },
      baseline: { name: "bare ioredis", batch: async () => parseLatest(await redis.mget(names()), keys).length / 3 },
    });
    context.figure({ name: `newest facts of ${keys.length} points, p50`, value: quantile(took, 0.5), unit: "ms" });
    context.figure({ name: `newest facts of ${keys.length} points, p99`, value: quantile(took, 0.99), unit: "ms" });
  },
});

/** Rows of hours that are one bucket each, after the tier's own header. */
function unpack(values: readonly Buffer[], fromUs: number, toUs: number): number {
  const words = new Words();
  const runs = values.map((bytes): FactRun => {
    const facts = decodeBucket(bytes.subarray(HEADER_BYTES, HEADER_BYTES + bytes.readUInt32LE(0)), words);
    return { facts, start: 0, end: facts.length };
  });
  const { facts, rows } = selectRows(runs, words, { fromUs, toUs, descending: false, maxRows: 8192, variables: undefined, asOfUs: undefined });
  return rowsOf(facts, rows, words).rows;
}

function parse(answers: readonly [Error | null, unknown][]): number {
  const rows: [number, [string, number, number][]][] = [];
  for (const [error, hour] of answers) {
    if (error !== null) throw error;
    for (const [instant, row] of Object.entries(hour as Record<string, string>)) rows.push([Number(instant), JSON.parse(row) as [string, number, number][]]);
  }
  return rows.sort(([a], [b]) => a - b).length;
}

function parseLatest(texts: readonly (string | null)[], keys: readonly PointKey[]): LatestFact[] {
  return texts.flatMap((text, i) => {
    const [instantUs, row] = JSON.parse(text!) as [number, [string, number, number, number, number, string[]][]];
    return row.map(([variable, value, flag, authority, knownAtUs, reasons]) => ({ ...keys[i]!, variable, instantUs, value, flag, reasons, authority, knownAtUs }));
  });
}
