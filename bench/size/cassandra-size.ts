import { setTimeout as wait } from "node:timers/promises";
import { openCassandraTier } from "@caudal/cassandra";
import type { SeriesTier } from "@caudal/core";
import type { BenchContext } from "../harness/benchmark.ts";
import { bareClient, dropKeyspace, freshKeyspace, keyspaceUrl } from "../cold/series.ts";
import { findLocalCassandra } from "./nodetool.ts";
import { writeAll, type RealMeasurements } from "./real-measurements.ts";

const KEYSPACE = "bench_size";
const TABLES = ["cold_facts", "cold_chunks", "cold_points", "cold_spans", "cold_clients"];
const MOST_BYTES = 8;
const PACKERS = 8;
/** Compactions at most until so much of the rows is left. */
const TURNS = 6;
const LEFT = 0.05;
const PAUSE_MS = 1500;

/** The cold tier on Cassandra: as rows, and with every day packed and its rows gone. */
export async function measureCassandra(context: BenchContext, real: RealMeasurements): Promise<void> {
  const { url, pids } = context.engine("cassandra");
  const server = await findLocalCassandra(pids);
  if (server === undefined) return context.note("Cassandra is left out: its server is not one of this machine whose files can be looked at; --own starts one.");
  const client = await bareClient(url);
  try {
    await freshKeyspace(client, KEYSPACE);
    const tier = await openCassandraTier({ url: keyspaceUrl(url, KEYSPACE), name: "cold" });
    try {
      await writeAll(tier, real);
      const settle = async (): Promise<void> => {
        await server.nodetool("flush", KEYSPACE);
        await server.nodetool("compact", KEYSPACE);
      };
      await settle();
      const rows = await server.bytes(KEYSPACE);
      // What removals leave behind is kept ten days; here it goes at once, so that what is measured is what stays.
      for (const table of TABLES) await client.execute(`ALTER TABLE ${KEYSPACE}.${table} WITH gc_grace_seconds = 0`, [], { prepare: false });
      const { days, seconds } = await packAll(tier, real);
      // A removal goes when it is older than the second of the compaction, and not in one that another compaction has under way.
      let left = rows;
      for (let turn = 0; turn < TURNS && left > LEFT * rows; turn++) {
        await wait(PAUSE_MS);
        await settle();
        left = await server.bytes(KEYSPACE, "cold_facts");
      }
      const packed = await server.bytes(KEYSPACE);
      const chunks = await server.bytes(KEYSPACE, "cold_chunks");
      await real.mustHold(tier);
      const count = real.measurements;
      context.figure({ name: "Cassandra as rows, before packing", value: rows / count, unit: "bytes" });
      context.figure({ name: "Cassandra packed, all files of all tables", value: packed / count, unit: "bytes", atMost: MOST_BYTES });
      context.figure({ name: "of these, packed days", value: chunks / count, unit: "bytes" });
      context.figure({ name: "of these, rows that their removal has left", value: left / count, unit: "bytes" });
      context.figure({ name: "days packed", value: days / seconds, unit: "days/s" });
      context.note(`Cassandra: files of the sstables after flush and major compaction (nodetool), indexes included; ${days.toLocaleString("en-US")} days of a point packed by the tier. One copy: a replication factor of three holds three times this.`);
    } finally {
      await tier.close();
    }
  } finally {
    await dropKeyspace(client, KEYSPACE);
    await client.shutdown();
  }
}

/** Packs every day that has rows; throws where one stays. */
async function packAll(tier: SeriesTier, { points }: RealMeasurements): Promise<{ readonly days: number; readonly seconds: number }> {
  const began = performance.now();
  const waiting = points.values();
  let days = 0;
  const packer = async (): Promise<void> => {
    for (const point of waiting) {
      const key = { client: "bench", point };
      for (let fromUs = -Infinity; ;) {
        const dayUs = await tier.unpackedDay!(key, fromUs, Infinity);
        if (dayUs === undefined) break;
        const { left } = await tier.pack!(key, dayUs);
        if (left > 0) throw new Error(`${left} facts of ${point} stay rows`);
        days += 1;
        fromUs = dayUs + 86_400_000_000;
      }
    }
  };
  await Promise.all(Array.from({ length: PACKERS }, packer));
  return { days, seconds: (performance.now() - began) / 1000 };
}
