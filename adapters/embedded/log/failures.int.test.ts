import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { CaudalError, hasCode, type EventLog, type LogRecord, type RecordBatch } from "@caudal/core";
import { openEmbeddedLog, type EmbeddedLogOptions } from "./open.ts";

const topic = "t";

async function withLog(options: Partial<EmbeddedLogOptions>, body: (log: EventLog, directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-log-"));
  const log = await openEmbeddedLog({ directory, drainWithinMs: 200, ...options });
  try {
    await log.declareTopics([{ name: topic, partitions: 1, retentionMs: null }]);
    await body(log, directory);
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const kilobytes = (count: number): { key: string; value: Uint8Array }[] => Array.from({ length: count }, (_, i) => ({ key: "k", value: new Uint8Array(1024).fill(i) }));

/** Changes the file behind the log's back. */
function damage(directory: string, sql: string): void {
  const db = new DatabaseSync(join(directory, "log.db"));
  db.exec(sql);
  db.close();
}

test("a full disk refuses a publish, which may be tried again, and the log goes on when there is room", async () => {
  await withLog({ maxFileBytes: 400 * 1024 }, async (log, directory) => {
    const full = await log.publish(topic, kilobytes(1000)).then(() => undefined, (error: unknown) => error);
    assert.ok(full instanceof CaudalError && full.code === "storage-full" && full.retry === "yes", String(full));
    assert.equal((await log.bounds(topic))[0]?.endOffset, 0, "nothing of a refused publish is there");
    await log.publish(topic, kilobytes(200));
    await assert.rejects(log.publish(topic, kilobytes(300)), (error) => hasCode(error, "storage-full"));
    await log.trimBefore(topic, 0, 200);
    // The room comes back when the rows have been deleted behind the scenes.
    const deadline = performance.now() + 5000;
    for (;;) {
      const failed = await log.publish(topic, kilobytes(200)).then(() => undefined, (error: unknown) => error);
      if (failed === undefined) break;
      assert.ok(hasCode(failed, "storage-full") && performance.now() < deadline, String(failed));
    }
    await log.close();
    const again = await openEmbeddedLog({ directory });
    assert.deepEqual(await again.bounds(topic), [{ partition: 0, startOffset: 200, endOffset: 400 }]);
    await again.close();
  });
});

test("too much at once is refused: one record, one call, and all that waits", async () => {
  await withLog({ maxInFlightBytes: 100 * 1024 }, async (log) => {
    await assert.rejects(log.publish(topic, kilobytes(101)), (error) => hasCode(error, "too-large"));
    await assert.rejects(log.publish(topic, [{ key: "k", value: new Uint8Array(65 * 1024 * 1024) }]), (error) => hasCode(error, "too-large"));
    await assert.rejects(log.publish(topic, [{ key: "k" } as unknown as LogRecord]));
    const all = await Promise.allSettled(Array.from({ length: 150 }, () => log.publish(topic, kilobytes(1))));
    const refused = all.filter((each) => each.status === "rejected");
    assert.ok(refused.length > 40 && refused.length < 60, `${refused.length} refused`);
    assert.ok(refused.every(({ reason }) => reason instanceof CaudalError && reason.code === "unavailable" && reason.retry === "yes" && (reason.afterMs ?? 0) > 0));
    assert.equal((await log.bounds(topic))[0]?.endOffset, 150 - refused.length);
    await log.publish(topic, kilobytes(90));
  });
});

test("a record whose bytes changed on the disk is corrupt for readers and consumers, who get all before it", async () => {
  const told: CaudalError[] = [];
  await withLog({ tailCacheBytes: 0, onCorruption: (error) => told.push(error) }, async (log, directory) => {
    await log.publish(topic, kilobytes(40));
    damage(directory, "UPDATE records_1 SET frame = zeroblob(1033) WHERE offset = 7; DELETE FROM records_1 WHERE offset = 20");
    const first = await log.read({ topic, partition: 0, fromOffset: 0 });
    assert.equal(first.nextOffset, 7);
    await assert.rejects(log.read({ topic, partition: 0, fromOffset: 7 }), (error) => hasCode(error, "corrupt") && /t\/0@7/.test(String(error)));
    assert.equal((await log.read({ topic, partition: 0, fromOffset: 8 })).nextOffset, 20, "a record that is gone is never a silent hole");
    await assert.rejects(log.read({ topic, partition: 0, fromOffset: 20 }), (error) => hasCode(error, "corrupt") && /t\/0@20/.test(String(error)));
    const batches: RecordBatch[] = [];
    const errors: unknown[] = [];
    const failed = new Promise<void>((resolve) => {
      void log.consume({
        topic, group: "g", handler: { handle: async (batch) => void batches.push(batch) },
        onHandlerError: (error) => {
          errors.push(error);
          if (errors.length === 2) resolve();
          return 1;
        },
      });
    });
    await failed;
    assert.deepEqual(batches.map(({ nextOffset }) => nextOffset), [7]);
    assert.ok(errors.every((error) => hasCode(error, "corrupt")));
    assert.ok(told.length >= 4 && told.every((error) => error.code === "corrupt"));
  });
});

test("a corrupt end of a partition is found at open", async () => {
  await withLog({}, async (log, directory) => {
    await log.publish(topic, [...kilobytes(30), { key: "k", value: new Uint8Array(3), headers: { a: "b" } }]);
    await log.close();
    damage(directory, "UPDATE records_1 SET frame = CAST(replace(CAST(frame AS TEXT), '\"b\"', '\"c\"') AS BLOB) WHERE offset = 30");
    await assert.rejects(openEmbeddedLog({ directory }), (error) => hasCode(error, "corrupt") && /t\/0@30/.test(String(error)));
    const told: string[] = [];
    const again = await openEmbeddedLog({ directory, onCorruption: (error) => told.push(error.message) });
    assert.equal(told.length, 1);
    assert.equal((await again.bounds(topic))[0]?.endOffset, 31);
    await again.close();
  });
});

test("a file that is no log is refused by name", async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-log-"));
  await writeFile(join(directory, "log.db"), "this is a text and not a database, whatever its name says ".repeat(40));
  await assert.rejects(openEmbeddedLog({ directory }), (error) => hasCode(error, "corrupt") && /log\.db/.test(String(error)));
  await rm(directory, { recursive: true });
});

test("rows below a start that were not deleted before the end of the process are deleted after the next open", async () => {
  await withLog({}, async (log, directory) => {
    await log.publish(topic, kilobytes(30));
    await log.close();
    damage(directory, "UPDATE partitions SET start_offset = 25");
    const again = await openEmbeddedLog({ directory });
    assert.deepEqual(await again.bounds(topic), [{ partition: 0, startOffset: 25, endOffset: 30 }]);
    const count = (): number => {
      const db = new DatabaseSync(join(directory, "log.db"), { readOnly: true });
      const rows = Number(db.prepare("SELECT count(*) AS n FROM records_1").get()?.["n"]);
      db.close();
      return rows;
    };
    const deadline = performance.now() + 5000;
    while (count() > 5) {
      assert.ok(performance.now() < deadline, "rows are still there");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await again.close();
  });
});
