import { setTimeout as wait } from "node:timers/promises";
import { openMongoTier } from "@caudal/mongo";
import type { Db } from "mongodb";
import type { Measurement } from "@caudal/schemas";
import type { BenchContext } from "../harness/benchmark.ts";
import { bytesOnDisk, openDatabase } from "../warm/database.ts";
import { RETENTION_MS } from "../warm/traffic.ts";
import { writeAll, type RealMeasurements } from "./real-measurements.ts";

const MOST_LIVE_BYTES = 20;
const MOST_PACKED_BYTES = 12;
const HISTORY = "minSnapshotHistoryWindowInSeconds";
const SETTLING_TURNS = 3;
const PAUSE_MS = 1500;
const DATA = ["warm_log", "warm_buckets", "warm_points"];

/** The warm tier on MongoDB: as it stands while readings come, and with its log folded into buckets. */
export async function measureMongo(context: BenchContext, real: RealMeasurements): Promise<void> {
  const { database, url } = await openDatabase(context, "size");
  const live = await openMongoTier({ url, name: "warm", retentionMs: RETENTION_MS });
  try {
    await writeAll(live, real);
  } finally {
    await live.close();
  }
  const bytes = await bytesOnDisk(database, "warm_");
  const logBytes = await bytesOnDisk(database, "warm_log");
  await foldAll(url, real);
  const left = await database.collection("warm_log").countDocuments({ f: { $exists: true } });
  await settle(database);
  const packed = await bytesOnDisk(database, "warm_");
  const count = real.measurements;
  context.figure({ name: "MongoDB live, log and buckets as they stand", value: bytes / count, unit: "bytes", atMost: MOST_LIVE_BYTES });
  context.figure({ name: "of these, in the log", value: logBytes / count, unit: "bytes" });
  context.figure({ name: "MongoDB packed, all folded into buckets", value: packed / count, unit: "bytes", atMost: MOST_PACKED_BYTES });
  context.figure({ name: "MongoDB packed, with what its files keep free", value: (await fileBytes(database)) / count, unit: "bytes" });
  context.note(`MongoDB: sizes of collStats after a checkpoint, indexes included, without space that the files keep free. Live is the moment when the last reading had come: each of six lanes folds its log when 49,152 facts wait there. Packed: folded, with no history kept, compacted; ${left} log entries left.`);
}

/**
 * Until the files hold what there is and not what was: the server keeps what was removed or replaced for five minutes of history (here for none, and as it was afterwards), then
 * a checkpoint lets it go, and compaction moves the rest together.
 */
async function settle(database: Db): Promise<void> {
  const admin = database.admin();
  const before = (await admin.command({ getParameter: 1, [HISTORY]: 1 }))[HISTORY] as number;
  await admin.command({ setParameter: 1, [HISTORY]: 0 });
  try {
    for (let turn = 0; turn < SETTLING_TURNS; turn++) {
      // What is kept reaches back to the newest write that a majority has.
      await database.collection("settling").insertOne({ turn });
      await wait(PAUSE_MS);
      await admin.command({ fsync: 1 });
      for (const compact of DATA) await database.command({ compact, force: true });
    }
  } finally {
    await admin.command({ setParameter: 1, [HISTORY]: before });
  }
}

/** A process that folds at once meets what waits in each lane, and folds it with the next write there. */
async function foldAll(url: string, real: RealMeasurements): Promise<void> {
  const tier = await openMongoTier({ url, name: "warm", retentionMs: RETENTION_MS, foldAfter: { facts: 1, entries: 1, points: 1 } });
  try {
    const last = new Map<string, Measurement>();
    for (const batch of real.batches()) for (const measurement of batch) last.set(measurement.point, measurement);
    await tier.write([...last.values()]);
    await real.mustHold(tier);
  } finally {
    await tier.close();
  }
}

async function fileBytes(database: Db): Promise<number> {
  let bytes = 0;
  for (const collStats of DATA) {
    const { storageSize, totalIndexSize } = (await database.command({ collStats })) as Record<string, number>;
    bytes += (storageSize ?? 0) + (totalIndexSize ?? 0);
  }
  return bytes;
}
