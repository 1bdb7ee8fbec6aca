import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openEmbeddedLog } from "@caudal/embedded";
import type { EventLog } from "@caudal/core";
import { defineBenchmark, type Contender } from "../harness/benchmark.ts";
import { readings } from "./readings.ts";

const PARTITIONS = 6;
const BATCH = 500;
const FILL = 300_000;
const TOPIC = "publish";

type Value = { readonly key: string; readonly value: Uint8Array };

export const benchmark = defineBenchmark({
  name: "embedded-log",
  about:
    "Records of 150 bytes, 500 a batch: the embedded log of 6 partitions, durable when it answers, against node:sqlite that inserts the same blobs in the same batches into one table, " +
    "a durable transaction each, and reads them back in order. Both write ahead with synchronous=FULL.",
  needs: [],
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), "caudal-bench-log-"));
    context.closing(() => rm(folder, { recursive: true, force: true }));
    const log = await openEmbeddedLog({ directory: folder, maxInFlightBytes: 256 * 1024 * 1024 });
    context.closing(() => log.close());
    await log.declareTopics([TOPIC, "filled"].map((name) => ({ name, partitions: PARTITIONS, retentionMs: 3_600_000 })));
    const values = readings(20_000);
    const next = feeder(values);
    const table = openTable(join(folder, "plain.db"));
    context.closing(() => table.close());

    await context.compare({
      name: "append, 500 records a call, four calls at once", unit: "records", leastRatio: 0.6,
      ours: { name: "ours", inFlight: 4, batch: () => publish(log, TOPIC, next()) },
      baseline: { name: "node:sqlite", batch: async () => table.insert("plain", next()) },
      beside: [{ name: "ours, one call at a time", batch: () => publish(log, TOPIC, next()) }],
    });
    for (let done = 0; done < FILL; done += BATCH) {
      const batch = next();
      await publish(log, "filled", batch);
      table.insert("filled", batch);
    }
    await context.compare({
      name: "consume, in batches of up to 500", unit: "records", leastRatio: 0.6,
      ours: consuming(log),
      baseline: { name: "node:sqlite", batch: async () => table.readAll("filled") },
    });
    context.note("Ours writes in a thread of its own, with a checksum a record, and consumers read in another one; node:sqlite does all of it in the caller's.");
  },
});

function feeder(values: readonly Value[]): () => readonly Value[] {
  let at = 0;
  return () => {
    const batch = values.slice(at, at + BATCH);
    at = (at + BATCH) % values.length;
    return batch;
  };
}

async function publish(log: EventLog, topic: string, records: readonly Value[]): Promise<number> {
  await log.publish(topic, records);
  return records.length;
}

/** Every record of the filled topic, by a new group a slice's turn. */
function consuming(log: EventLog): Contender {
  return {
    name: "ours",
    async batch() {
      const all = Promise.withResolvers<void>();
      let count = 0;
      const handler = {
        handle: async ({ records }: { readonly records: readonly unknown[] }): Promise<void> => {
          count += records.length;
          if (count >= FILL) all.resolve();
        },
      };
      const consumption = await log.consume({ topic: "filled", group: randomUUID(), maxBatchRecords: BATCH, handler });
      await all.promise;
      await consumption.close();
      return count;
    },
  };
}

interface PlainTable {
  insert(table: string, records: readonly Value[]): number;
  readAll(table: string): number;
  close(): void;
}

function openTable(path: string): PlainTable {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  for (const name of ["plain", "filled"]) db.exec(`CREATE TABLE ${name} (at INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL)`);
  return {
    insert(table, records) {
      const statement = db.prepare(`INSERT INTO ${table} (key, value) VALUES (?, ?)`);
      db.exec("BEGIN IMMEDIATE");
      for (const { key, value } of records) statement.run(key, value);
      db.exec("COMMIT");
      return records.length;
    },
    readAll(table) {
      const page = db.prepare(`SELECT at, key, value FROM ${table} WHERE at > ? ORDER BY at LIMIT ${BATCH}`);
      let [after, count] = [0, 0];
      for (;;) {
        const rows = page.all(after);
        if (rows.length === 0) return count;
        count += rows.length;
        after = Number(rows.at(-1)?.["at"]);
      }
    },
    close: () => db.close(),
  };
}
