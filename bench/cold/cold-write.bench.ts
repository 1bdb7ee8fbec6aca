import { openCassandraTier } from "../../adapters/cassandra/index.ts";
import { encodeNewest } from "../../adapters/cassandra/series/newest-cell.ts";
import { defineBenchmark, type Contender } from "../harness/benchmark.ts";
import { otherLayouts, packedRow, type Layout } from "./layouts.ts";
import { bareClient, dropKeyspace, freshKeyspace, keyspaceUrl, measurementOf } from "./series.ts";

const KEYSPACE = "bench_cold_write";
const POINTS = 16;
const BATCH = 1000;
const IN_FLIGHT = 8;
const BATCH_ROWS = 128;
/** Of today: only writes of days that may be packed look whether they are. */
const LIVE_US = Math.floor(Date.now() / 86_400_000) * 86_400_000_000;

export const benchmark = defineBenchmark({
  name: "cold-write",
  about: "Cold tier writes against the bare driver writing the same rows: unlogged batches of 128 in one partition, as many at once, and nothing else. The tier also tells new facts from known ones, and keeps the newest facts and the list of partitions.",
  needs: ["cassandra"],
  async run(context) {
    const { url } = context.engine("cassandra");
    const client = await bareClient(url);
    context.closing(() => client.shutdown());
    await freshKeyspace(client, KEYSPACE);
    context.closing(() => dropKeyspace(client, KEYSPACE));
    const tier = await openCassandraTier({ url: keyspaceUrl(url, KEYSPACE), name: "cold" });
    context.closing(() => tier.close());
    /** Runs of one point each: what a consumer hands over when it has something to catch up with. */
    const runs = (prefix: string, size: number) => {
      let batches = 0;
      return () => {
        const [point, first] = [`${prefix}${batches % POINTS}`, Math.floor(batches++ / POINTS) * size];
        return Array.from({ length: size }, (_, i) => measurementOf(point, first + i));
      };
    };
    const bare = async (layout: Layout, name: string): Promise<Contender> => {
      const table = `${KEYSPACE}.${layout.table}`;
      await client.execute(`CREATE TABLE IF NOT EXISTS ${table} ${layout.definition}`, [], { prepare: false });
      const next = runs("p", BATCH);
      return { name, inFlight: IN_FLIGHT, async batch() {
        const statements = next().flatMap((measurement) => layout.statements(table, "2026-03", measurement));
        const batches = Array.from({ length: Math.ceil(statements.length / BATCH_ROWS) }, (_, i) => statements.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS));
        await Promise.all(batches.map((batch) => client.batch(batch, { logged: false })));
        return BATCH;
      } };
    };
    const written = async (batch: ReturnType<ReturnType<typeof runs>>): Promise<number> => {
      const { stored, failed } = await tier.write(batch);
      if (failed.length > 0 || stored !== batch.length * 3) throw new Error(`${stored} facts stored of ${batch.length * 3}`);
      return batch.length;
    };
    const next = runs("p", BATCH);
    await context.compare({
      name: "1,000 measurements of a point a batch", unit: "measurements",
      ours: { name: "ours", inFlight: IN_FLIGHT, batch: () => written(next()) },
      baseline: await bare(packedRow, "bare driver"), beside: await Promise.all(otherLayouts.map((layout) => bare(layout, `bare driver, ${layout.name}`))), leastRatio: 0.8,
    });
    let minute = 0;
    const live = (): ReturnType<typeof measurementOf>[] => {
      minute += 1;
      return Array.from({ length: 500 }, (_, i) => measurementOf(`live${i}`, minute, LIVE_US));
    };
    const table = `${KEYSPACE}.${packedRow.table}`;
    const newestTable = `${KEYSPACE}.bare_newest`;
    await client.execute(`CREATE TABLE IF NOT EXISTS ${newestTable} (client text, point text, variable text, newest blob, PRIMARY KEY ((client, point), variable))`, [], { prepare: false });
    const setNewest = `UPDATE ${newestTable} USING TIMESTAMP ? SET newest = ? WHERE client = ? AND point = ? AND variable = ?`;
    let bareMinute = 0;
    await context.compare({
      name: "500 points, one measurement each", unit: "measurements",
      ours: { name: "ours", inFlight: 1, batch: () => written(live()) },
      baseline: { name: "bare driver, rows and newest facts", inFlight: 1, async batch() {
        bareMinute += 1;
        await Promise.all(Array.from({ length: 500 }, async (_, i) => {
          const measurement = measurementOf(`live${i}`, bareMinute, LIVE_US);
          const [{ query, params }] = packedRow.statements(table, "2026-03", measurement) as [{ query: string; params: unknown[] }];
          await client.execute(query, params);
          const { client: tenant, point, instantUs, facts } = measurement;
          const newest = facts.map((fact) => ({ query: setNewest, params: [BigInt(instantUs), encodeNewest(fact, instantUs, measurement), tenant, point, fact.variable] }));
          await client.batch(newest, { logged: false });
        }));
        return 500;
      } },
      leastRatio: 0.8,
    });
    context.note("One row at a time costs a second write a point, of its newest facts. Rows alone, without these, the bare driver writes about twice as fast.");
    context.note("Bytes a fact after compaction, measured with nodetool: 7.7 packed (Zstd, 16 KiB), 7.3 (64 KiB), 10.2 (LZ4); 23.1 a row a fact; 15.3 in a map. See docs/adr/0010.");
  },
});
