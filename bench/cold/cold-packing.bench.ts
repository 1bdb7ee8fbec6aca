import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "cassandra-driver";
import { openCassandraTier } from "../../adapters/cassandra/index.ts";
import { systemScope } from "@caudal/core";
import { defineBenchmark } from "../harness/benchmark.ts";
import { bareClient, dropKeyspace, freshKeyspace, keyspaceUrl, measurementOf, MONTH_US } from "./series.ts";

const KEYSPACE = "bench_cold_packing";
const POINTS = 8;
const DAYS = 14;
const MINUTES = 1440;
const FACTS = POINTS * DAYS * MINUTES * 3;
const DAY_US = 86_400_000_000;
const PACKED = "packed";
const ROWS = "rows";

export const benchmark = defineBenchmark({
  name: "cold-packing",
  about: `Settled days of the cold tier packed, against the same days as rows, in one keyspace: ${POINTS} points of ${DAYS} days, a reading of three variables a minute with noise in the last digits, which lie twice, once packed day by day.`,
  needs: ["cassandra"],
  async run(context) {
    const { url, pids } = context.engine("cassandra");
    const client = await bareClient(url);
    context.closing(() => client.shutdown());
    await freshKeyspace(client, KEYSPACE);
    context.closing(() => dropKeyspace(client, KEYSPACE));
    const tier = await openCassandraTier({ url: keyspaceUrl(url, KEYSPACE), name: "cold" });
    context.closing(() => tier.close());
    for (const kind of [ROWS, PACKED]) {
      for (let p = 0; p < POINTS; p++) await tier.write(noisySeries(`${kind}${p}`));
    }
    const began = performance.now();
    const [sums, left] = [{ before: 0, after: 0 }, { facts: 0 }];
    for (let p = 0; p < POINTS; p++) {
      for (let day = 0; day < DAYS; day++) {
        const result = await tier.pack!({ client: "bench", point: `${PACKED}${p}` }, MONTH_US + day * DAY_US);
        sums.before += result.bytesBefore;
        sums.after += result.bytesAfter;
        left.facts += result.left;
      }
    }
    const packedS = (performance.now() - began) / 1000;
    if (left.facts > 0) throw new Error(`${left.facts} facts stay rows`);
    const read = async (point: string, fromUs: number, toUs: number): Promise<number> => {
      let rows = 0;
      for await (const block of tier.read(systemScope, { client: "bench", point, fromUs, toUs })) rows += block.rows;
      return rows;
    };
    for (const [name, days, inFlight] of [["a day of a point", 1, 4], ["14 days of a point", DAYS, 2]] as const) {
      const contender = (kind: string) => {
        let turn = 0;
        return { name: kind, inFlight, async batch() {
          const fromUs = MONTH_US + (days === DAYS ? 0 : turn % DAYS) * DAY_US;
          const rows = await read(`${kind}${turn++ % POINTS}`, fromUs, fromUs + days * DAY_US);
          if (rows !== days * MINUTES) throw new Error(`${rows} rows were read`);
          return rows;
        } };
      };
      await context.compare({ name, unit: "rows", ours: contender(PACKED), baseline: contender(ROWS) });
    }
    context.figure({ name: "content a fact, as rows", value: sums.before / FACTS, unit: "bytes" });
    context.figure({ name: "content a fact, packed", value: sums.after / FACTS, unit: "bytes" });
    context.figure({ name: "facts packed", value: FACTS / packedS, unit: "facts/s" });
    context.note(`A day was packed in ${((1000 * packedS) / (POINTS * DAYS)).toFixed(0)} ms, one after the other. Content is what is written, before what the server compresses itself.`);
    const [chunks, rows] = [await diskBytes(client, "cold_chunks", pids), await rowsOnDisk(client, pids)];
    if (chunks === undefined || rows === undefined) return context.note("The server's files were not found on this machine, so what it takes on disk is not told.");
    context.figure({ name: "on disk a fact, as rows", value: rows / FACTS, unit: "bytes" });
    context.figure({ name: "on disk a fact, packed", value: chunks / FACTS, unit: "bytes" });
    context.note("On disk: data files of the chunks, and of the same rows in a table of their own, compressed as the tier has it, both flushed. The rows that were packed go from the tier's table when their removal is compacted, ten days after at the earliest.");
  },
});

/** The readings of a logger whose last digits and arrival are by chance, from one seed: what repeats would pack to nothing. */
function noisySeries(point: string): ReturnType<typeof measurementOf>[] {
  let state = 7;
  const chance = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  let total = 1000;
  return Array.from({ length: DAYS * MINUTES }, (_, minute) => {
    const measurement = measurementOf(point, minute);
    const flow = Math.round(500 + Math.sin(minute / 90) * 180 + chance() * 40) / 100;
    const level = Math.round(2000 + Math.sin(minute / 500) * 200 + chance() * 6) / 100;
    total += Math.round(flow * 60 + chance()) / 1000;
    const values: Readonly<Record<string, number>> = { flow, level, total: Math.round(total * 1000) / 1000 };
    return {
      ...measurement, knownAtUs: measurement.instantUs + 1_000_000 + Math.floor(chance() * 2_000_000),
      facts: measurement.facts.map((fact) => ({ ...fact, value: values[fact.variable]! })),
    };
  });
}

/** Copies the rows that stay rows into a table of their own, laid out as the tier's, whose size nothing removed blurs. */
async function rowsOnDisk(client: Client, pids: readonly number[]): Promise<number | undefined> {
  await client.execute(`CREATE TABLE ${KEYSPACE}.alone (client text, point text, span text, at bigint, authority smallint, known_at bigint, variables text, facts blob, PRIMARY KEY ((client, point, span), at, authority, known_at, variables))
    WITH CLUSTERING ORDER BY (at ASC, authority DESC, known_at DESC, variables ASC) AND compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': '16'}`, [], { prepare: false });
  const insert = `INSERT INTO ${KEYSPACE}.alone (client, point, span, at, authority, known_at, variables, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
  for (let p = 0; p < POINTS; p++) {
    const batch: { query: string; params: unknown[] }[] = [];
    const select = `SELECT client, point, span, at, authority, known_at, variables, facts FROM ${KEYSPACE}.cold_facts WHERE client = ? AND point = ? AND span = ?`;
    for await (const row of await client.execute(select, ["bench", `${ROWS}${p}`, "2026-03"], { prepare: true, fetchSize: 2000 })) {
      batch.push({ query: insert, params: [row["client"], row["point"], row["span"], row["at"], row["authority"], row["known_at"], row["variables"], row["facts"]] });
      if (batch.length === 128) await client.batch(batch.splice(0), { logged: false });
    }
    if (batch.length > 0) await client.batch(batch, { logged: false });
  }
  return diskBytes(client, "alone", pids);
}

/** Bytes of a table's data files once the server has flushed it; undefined where its folder cannot be found on this machine. */
async function diskBytes(client: Client, table: string, pids: readonly number[]): Promise<number | undefined> {
  const folder = await dataFolder(pids);
  if (folder === undefined) return undefined;
  await client.execute(`ALTER TABLE ${KEYSPACE}.${table} WITH memtable_flush_period_in_ms = 1000`, [], { prepare: false });
  let [before, steady] = [0, 0];
  for (let look = 0; look < 60 && steady < 6; look++) {
    await wait(500);
    const bytes = await bytesOf(join(folder, "data", KEYSPACE), table);
    steady = bytes > 0 && bytes === before ? steady + 1 : 0;
    before = bytes;
  }
  return before === 0 ? undefined : before;
}

async function dataFolder(pids: readonly number[]): Promise<string | undefined> {
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const found = words.find((word) => word.startsWith("-Dcassandra.storagedir="));
    if (found !== undefined) return found.slice(found.indexOf("=") + 1);
  }
  return undefined;
}

async function bytesOf(keyspaceFolder: string, table: string): Promise<number> {
  const entries = await readdir(keyspaceFolder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter(({ name, parentPath }) => name.endsWith("-Data.db") && parentPath.includes(`/${table}-`));
  const sizes = await Promise.all(files.map(({ name, parentPath }) => stat(join(parentPath, name)).then(({ size }) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
