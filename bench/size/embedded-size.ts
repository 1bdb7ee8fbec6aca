import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openEmbeddedTier } from "@caudal/embedded";
import type { BenchContext } from "../harness/benchmark.ts";
import { writeAll, type RealMeasurements } from "./real-measurements.ts";

const MOST_BYTES = 6;
const STRETCH_BYTES = 4;
const NOBODY = "nobody";

/** The cold tier of one process: every revision, in blocks of a SQLite file. */
export async function measureEmbedded(context: BenchContext, real: RealMeasurements): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-size-"));
  try {
    const tier = await openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all" });
    try {
      await writeAll(tier, real);
      // Folds what waits, as the facts that come after them would, and brings the write-ahead log into the file.
      await tier.eraseClient(NOBODY);
      await real.mustHold(tier);
    } finally {
      await tier.close();
    }
    const path = join(directory, "cold.sqlite");
    const { size } = await stat(path);
    const { usedBytes, blockBytes, blocks } = look(path);
    const count = real.measurements;
    context.figure({ name: "embedded cold, all pages in use", value: usedBytes / count, unit: "bytes", atMost: MOST_BYTES });
    context.figure({ name: "embedded cold, blocks alone", value: blockBytes / count, unit: "bytes" });
    context.figure({ name: "embedded cold, whole file with its free pages", value: size / count, unit: "bytes" });
    const reached = usedBytes / count < STRETCH_BYTES ? "reached" : "not reached";
    context.note(`Embedded: ${blocks.toLocaleString("en-US")} blocks; the stretch of ${STRETCH_BYTES} bytes is ${reached}. Free pages are those that blocks left when they were merged; later blocks take them.`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function look(path: string): { readonly usedBytes: number; readonly blockBytes: number; readonly blocks: number } {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const number = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    const waiting = number("SELECT count(*) FROM incoming");
    if (waiting > 0) throw new Error(`${waiting} batches are not folded`);
    return {
      usedBytes: (number("PRAGMA page_count") - number("PRAGMA freelist_count")) * number("PRAGMA page_size"), blockBytes: number("SELECT sum(length(data)) FROM blocks"), blocks: number("SELECT count(*) FROM blocks"),
    };
  } finally {
    database.close();
  }
}
