import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { hasCode } from "@caudal/core";
import { openEmbeddedLog } from "./open.ts";
import { logMigrations } from "./tables.ts";

const [firstStep] = logMigrations;

/** A log as it was written before a record was one piece: three records, of which one has lost its bytes. */
async function partedLog(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-log-"));
  const db = new DatabaseSync(join(directory, "log.db"));
  db.exec(`PRAGMA journal_mode=WAL; ${String(firstStep)} PRAGMA user_version=1;
    INSERT INTO topics VALUES (1, 't', 1, NULL); INSERT INTO partitions VALUES (1, 1, 0, 4); INSERT INTO group_offsets VALUES (1, 'g', 5);
    CREATE TABLE records_1 (offset INTEGER PRIMARY KEY, appended_at_us INTEGER NOT NULL, crc INTEGER NOT NULL, key BLOB NOT NULL, headers BLOB, value BLOB NOT NULL) STRICT`);
  const put = (offset: number, key: string, headers: string | null, value: number[]): void => {
    const parts = { key: Buffer.from(key), headers: headers === null ? null : Buffer.from(headers), value: Uint8Array.from(value) };
    const crc = crc32(Buffer.concat([parts.key, parts.headers ?? Buffer.alloc(0), parts.value]));
    db.prepare("INSERT INTO records_1 VALUES (?, ?, ?, ?, ?, ?)").run(offset, 1000 + offset, crc, parts.key, parts.headers, parts.value);
  };
  put(4, "a", null, [1, 2, 3]);
  put(5, "ñ", '{"h":"w"}', []);
  put(6, "c", null, [7]);
  for (let offset = 7; offset < 30; offset += 1) put(offset, "k", null, [offset]);
  db.exec("UPDATE records_1 SET value = x'08' WHERE offset = 6");
  db.close();
  return directory;
}

test("a log whose records lay in parts is brought up to one piece a record; one that was damaged stays so", async () => {
  const directory = await partedLog();
  try {
    const log = await openEmbeddedLog({ directory });
    assert.deepEqual(await log.bounds("t"), [{ partition: 0, startOffset: 4, endOffset: 30 }]);
    assert.equal((await log.lag("t", "g"))[0]?.committedOffset, 5);
    const { records } = await log.read({ topic: "t", partition: 0, fromOffset: 4 });
    assert.deepEqual(records.map(({ offset, appendedAtUs, key, headers, value }) => ({ offset, appendedAtUs, key, headers: { ...headers }, value: [...value] })), [
      { offset: 4, appendedAtUs: 1004, key: "a", headers: {}, value: [1, 2, 3] }, { offset: 5, appendedAtUs: 1005, key: "ñ", headers: { h: "w" }, value: [] },
    ]);
    await assert.rejects(log.read({ topic: "t", partition: 0, fromOffset: 6 }), (error) => hasCode(error, "corrupt") && /t\/0@6/.test(String(error)));
    assert.equal((await log.read({ topic: "t", partition: 0, fromOffset: 7 })).nextOffset, 30);
    await log.publish("t", [{ key: "new", value: new Uint8Array([9]) }]);
    assert.equal((await log.bounds("t"))[0]?.endOffset, 31);
    await log.close();
    const again = await openEmbeddedLog({ directory });
    assert.equal((await again.read({ topic: "t", partition: 0, fromOffset: 30 })).records[0]?.key, "new");
    await again.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
