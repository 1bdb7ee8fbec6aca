import { systemScope } from "@caudal/core";
import { openCassandraTier } from "../../adapters/cassandra/index.ts";
import { defineBenchmark } from "../harness/benchmark.ts";
import { bareClient, dropKeyspace, freshKeyspace, keyspaceUrl, measurementOf, MONTH_US } from "./series.ts";

const KEYSPACE = "bench_cold_read";
const POINTS = 4;
const ROWS = 20_000;
const MANY = 1000;
const DAY_US = 86_400_000_000;

export const benchmark = defineBenchmark({
  name: "cold-read",
  about: "Cold tier reads against the bare driver reading the same rows page by page. The tier also decodes them into columns, picks the greatest revision of each fact and leaves out what is withdrawn or below the floor; the bare driver's rows are left as they come.",
  needs: ["cassandra"],
  async run(context) {
    const { url } = context.engine("cassandra");
    const client = await bareClient(url);
    context.closing(() => client.shutdown());
    await freshKeyspace(client, KEYSPACE);
    context.closing(() => dropKeyspace(client, KEYSPACE));
    const tier = await openCassandraTier({ url: keyspaceUrl(url, KEYSPACE), name: "cold" });
    context.closing(() => tier.close());
    for (let p = 0; p < POINTS; p++) await tier.write(Array.from({ length: ROWS }, (_, i) => measurementOf(`p${p}`, i)));
    await tier.write(Array.from({ length: MANY }, (_, i) => measurementOf(`many${i}`, 1)));

    const select = `SELECT at, authority, known_at, variables, facts FROM ${KEYSPACE}.cold_facts WHERE client = ? AND point = ? AND span = ? AND at >= ? AND at < ?`;
    const bareRange = async (point: string, fromUs: number, toUs: number): Promise<number> => {
      let rows = 0;
      let pageState: string | undefined;
      do {
        const page = await client.execute(select, ["bench", point, "2026-03", BigInt(fromUs), BigInt(toUs)], { fetchSize: 4000, ...(pageState === undefined ? {} : { pageState }) });
        rows += page.rows.length;
        pageState = page.pageState ?? undefined;
      } while (pageState !== undefined);
      return rows;
    };
    const range = async (point: string, fromUs: number, toUs: number): Promise<number> => {
      let rows = 0;
      for await (const block of tier.read(systemScope, { client: "bench", point, fromUs, toUs })) rows += block.rows;
      return rows;
    };
    let [ours, bare] = [0, 0];
    await context.compare({
      name: "20,000 rows of a point", unit: "rows",
      ours: { name: "ours", inFlight: 2, batch: () => range(`p${ours++ % POINTS}`, MONTH_US, MONTH_US + 31 * DAY_US) },
      baseline: { name: "bare driver", inFlight: 2, batch: () => bareRange(`p${bare++ % POINTS}`, MONTH_US, MONTH_US + 31 * DAY_US) }, leastRatio: 0.8,
    });
    const day = (n: number): number => MONTH_US + (n % 12) * DAY_US;
    await context.compare({
      name: "a day of a point", unit: "rows",
      ours: { name: "ours", inFlight: 4, batch: () => range(`p${ours++ % POINTS}`, day(ours), day(ours) + DAY_US) },
      baseline: { name: "bare driver", inFlight: 4, batch: () => bareRange(`p${bare++ % POINTS}`, day(bare), day(bare) + DAY_US) },
    });
    const keys = Array.from({ length: MANY }, (_, i) => ({ client: "bench", point: `many${i}` }));
    const newest = `SELECT era, floor, begun, days_from, of_era, variable, newest FROM ${KEYSPACE}.cold_points WHERE client = ? AND point = ?`;
    await context.compare({
      name: "newest facts of 1,000 points", unit: "points",
      ours: { name: "ours", inFlight: 1, async batch() {
        if ((await tier.latest(systemScope, keys)).length !== MANY * 3) throw new Error("some are missing");
        return MANY;
      } },
      baseline: { name: "bare driver, 64 at once", inFlight: 1, async batch() {
        let next = 0;
        await Promise.all(Array.from({ length: 64 }, async () => {
          while (next < keys.length) await client.execute(newest, ["bench", keys[next++]!.point]);
        }));
        return MANY;
      } },
      leastRatio: 0.8,
    });
    context.note("A day costs the tier two small questions before its rows: the point's floor and its partitions. It is told and not judged.");
  },
});
