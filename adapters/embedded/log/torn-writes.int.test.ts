import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { hasCode, type StoredRecord } from "@caudal/core";
import fc from "fast-check";
import { anyDamage, damageFile } from "../test-parts/damage.ts";
import { killedWriter, type KilledWriter } from "../test-parts/killed-writer.ts";
import { PER_COMMIT, textOf } from "../test-parts/torn-stores.ts";
import type { FetchReply } from "./calls.ts";
import { LogReader } from "./reader.ts";
import { SlabReader } from "./slab.ts";
import { LogWriter } from "./writer.ts";

/* The log's real files after a kill -9, torn at drawn places: what is read is what was written, from the start on, or a refusal by name. */

const COMMITS = 120;
const PLACES = Number(process.env["CAUDAL_TORN_PLACES"] ?? 50);

/** Whole commits that are read back, "refused" at open, or the offset that reading was refused at. Fails on anything else. */
function readBack(directory: string): { readonly end: number; readonly refusedAt?: number } | "refused" {
  const path = join(directory, "log.db");
  let writer: LogWriter | undefined;
  let reader: LogReader | undefined;
  let offset = 0;
  let end = 0;
  try {
    writer = new LogWriter(path, undefined);
    const state = writer.state();
    if (state.corruptTails.length > 0) return "refused";
    const partition = state.partitions[0];
    if (partition === undefined) return { end: 0 };
    assert.equal(partition.startOffset, 0);
    end = partition.endOffset;
    reader = new LogReader(path);
    while (offset < end) {
      const fetched: FetchReply = reader.fetch({ partitionId: partition.id, topic: "torn", partition: 0, fromOffset: offset, endOffset: end, maxRecords: 200, maxBytes: 1e6 });
      const records: SlabReader = new SlabReader(fetched.slab);
      assert.ok(records.count > 0);
      for (let at = 0; at < records.count; at += 1, offset += 1) {
        const { value, headers }: StoredRecord = records.record(at, offset, 0);
        const [n, i] = [Math.floor(offset / PER_COMMIT), offset % PER_COMMIT];
        assert.equal(Buffer.from(value).toString(), textOf(n, i));
        assert.equal(headers["n"], String(n));
      }
    }
    return { end };
  } catch (error) {
    if (!hasCode(error, "corrupt")) throw error;
    return writer === undefined || reader === undefined ? "refused" : { end, refusedAt: offset };
  } finally {
    reader?.close();
    writer?.close();
  }
}

suite("torn writes of the log", () => {
  let written: KilledWriter;
  before(async () => {
    written = await killedWriter("log", COMMITS);
  });
  after(() => written?.remove());

  test("a torn write-ahead log: all commits before the place, and no part of one", () => {
    fc.assert(fc.property(anyDamage, (damage) => {
      const directory = written.copy();
      const place = damageFile(join(directory, "log.db-wal"), damage);
      const found = readBack(directory);
      assert.ok(found !== "refused" && found.refusedAt === undefined, "the checksums of the write-ahead log find the place");
      assert.equal(found.end % PER_COMMIT, 0, "no part of a commit");
      const least = written.walBytes.filter((bytes) => bytes <= place).length;
      assert.ok(found.end >= least * PER_COMMIT, `${found.end} records where ${least} commits were acknowledged before byte ${place}`);
      rmSync(directory, { recursive: true });
    }), { numRuns: PLACES });
  });

  test("a torn file: what is read is what was written, or it is refused by name", () => {
    const settled = written.copy();
    const end = readBack(settled);
    assert.ok(end !== "refused" && end.end >= COMMITS * PER_COMMIT);
    const seen = { refused: 0, partly: 0, whole: 0 };
    fc.assert(fc.property(anyDamage, (damage) => {
      const directory = written.copy(settled);
      damageFile(join(directory, "log.db"), damage);
      const found = readBack(directory);
      if (found === "refused") seen.refused += 1;
      else if (found.refusedAt === undefined) {
        assert.equal(found.end, end.end, "no record vanishes in silence");
        seen.whole += 1;
      } else seen.partly += 1;
      rmSync(directory, { recursive: true });
    }), { numRuns: PLACES });
    assert.ok(seen.refused + seen.partly > 0, JSON.stringify(seen));
  });
});
