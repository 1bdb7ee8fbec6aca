import { pointIdOf } from "@caudal/core";
import { defineBenchmark, type BenchContext, type Contender } from "../harness/benchmark.ts";
import { cpuOfUs } from "../harness/process-cpu.ts";
import { quantile } from "../harness/statistics.ts";
import { duckdb } from "../peers/duckdb.ts";
import { HttpCaller } from "../promise/http-call.ts";
import { startOneProcess } from "../promise/installation.ts";
import { dailyOf, rawOf, sameDaily, sameRaw } from "./answers.ts";
import { CountedCaller } from "./counted-call.ts";
import { fillYear } from "./fill-year.ts";
import { startTable } from "./start-table.ts";
import { dailyTruth, rawTruth } from "./truth.ts";
import { DAY_MS, DAYS, deviceOf, firstMsOf, POINTS, ROWS } from "./year.ts";

const CHECKED_POINTS = [0, 3, POINTS - 1];
const DAILY_MS = 4;
const RAW_ROWS_PER_S = 1_000_000;
const NANOSECONDS = 1000;

/** Whoever is asked, and what it took from first to last. */
interface Side {
  readonly name: string;
  readonly pid: number;
  readonly daily: (point: number) => string;
  readonly raw: (point: number) => string;
}

export const benchmark = defineBenchmark({
  name: "history",
  about:
    `The year of one point of ten over HTTP, ${ROWS.toLocaleString("en")} instants of three values, 5 minutes apart: its daily buckets as JSON, and its raw rows as CSV. Ours is \`caudal up\` with nothing but itself, which was sent the year by HTTP and has ` +
    "settled it into its tiers and rollups as it does with every day. Against the same SELECT over a plain SQLite table clustered by point and time, and over one of DuckDB, each behind a bare HTTP server in Node that writes the same text. Each side is a process of its own; the ten points are asked in turn.",
  needs: [],
  seconds: 20,
  onlyByName: true,
  async run(context) {
    const firstMs = firstMsOf(Date.now());
    const sides = await openSides(context, firstMs);
    const http = new HttpCaller();
    context.closing(() => http.close());
    for (const side of sides) await check(side, http, firstMs);
    const caller = new CountedCaller();
    context.closing(() => caller.close());
    await measure(context, { sides, kind: "daily", caller });
    await measure(context, { sides, kind: "raw", caller });
    context.note("A row is an instant with its three values, as a table has it: 1 M rows/s are 105 ms a year. Ours adds to a day what tables do not keep: means weighted by time, first and last, consumption, coverage; and to the CSV its head, which says how much of the year is there.");
    context.note(`Before anything is timed all sides are held against what was sent, at ${CHECKED_POINTS.length} points: every daily least, mean, greatest and count, and the time and values of every row.`);
    context.note("The CPU columns are the client's, the same for all sides; what the serving processes took is told as figures.");
  },
});

async function openSides(context: BenchContext, firstMs: number): Promise<Side[]> {
  const installation = await startOneProcess();
  context.closing(() => installation.stop());
  const http = new HttpCaller();
  context.closing(() => http.close());
  const startedMs = performance.now();
  await fillYear(firstMs, { addresses: installation.addresses, http, print: context.print });
  context.figure({ name: "readings taken until tiers and rollups had them", value: (POINTS * ROWS * 1000) / (performance.now() - startedMs), unit: "readings/s" });
  const [from, to] = [new Date(firstMs).toISOString(), new Date(firstMs + DAYS * DAY_MS).toISOString()];
  const history = (point: number, query: string): string => new URL(`/api/v1/analytics/points/${pointIdOf("default", deviceOf(point))}/history?from=${from}&to=${to}&${query}`, installation.addresses.analytics).href;
  const sides: Side[] = [{
    name: "ours", pid: [...installation.pids.values()][0] ?? 0,
    daily: (point) => history(point, "resolution=1d"), raw: (point) => history(point, "resolution=raw&format=csv"),
  }];
  const here = duckdb.here();
  if (here === undefined) context.note("DuckDB is left out, it is not here: node bench/peers/main.ts fetch duckdb");
  else context.note(`DuckDB is @duckdb/node-api ${duckdb.version} from ${duckdb.from}, with as many threads as it takes itself.`);
  for (const [name, plan] of [["SQLite", { store: "sqlite", firstMs }], ...(here === undefined ? [] : [["DuckDB", { store: "duckdb", firstMs, module: here.path }] as const])] as const) {
    const { url, pid, stop } = await startTable(plan);
    context.closing(stop);
    const asked = (path: string) => (point: number): string => `${url}/${path}?point=${point}&from=${firstMs}&to=${firstMs + DAYS * DAY_MS}`;
    sides.push({ name, pid, daily: asked("daily"), raw: asked("raw") });
  }
  return sides;
}

async function check(side: Side, http: HttpCaller, firstMs: number): Promise<void> {
  for (const point of CHECKED_POINTS) {
    const [daily, raw] = [await http.call(side.daily(point)), await http.call(side.raw(point))];
    for (const { status, body } of [daily, raw]) if (status !== 200) throw new Error(`${side.name}: ${status} ${body.slice(0, 300)}`);
    sameDaily(side.name, dailyOf(daily.body), dailyTruth(point, firstMs));
    sameRaw(side.name, rawOf(raw.body), rawTruth(point, firstMs));
  }
}

async function measure(context: BenchContext, { sides, kind, caller }: { readonly sides: readonly Side[]; readonly kind: "daily" | "raw"; readonly caller: CountedCaller }): Promise<void> {
  const [what, unit] = kind === "daily" ? ["daily buckets", "answers"] : ["raw CSV", "rows"];
  const asked = sides.map((side) => contenderOf(side, kind, caller));
  const [ours, baseline, ...beside] = asked.map(({ contender }) => contender) as [Contender, Contender, ...Contender[]];
  const result = await context.compare({ name: what, unit, ours, baseline, beside });
  for (const [index, { tookMs, cpuUs }] of asked.entries()) {
    const { name } = sides[index]!;
    const isOurs = index === 0;
    context.figure({ name: `${what}, ${name}, p50`, value: quantile(tookMs, 0.5), unit: "ms", ...(isOurs && kind === "daily" ? { atMost: DAILY_MS } : {}) });
    context.figure({ name: `${what}, ${name}, p99`, value: quantile(tookMs, 0.99), unit: "ms" });
    if (kind === "raw") context.figure({ name: `${what}, ${name}`, value: result.contenders[index]!.rate.median, unit: "rows/s", ...(isOurs ? { atLeast: RAW_ROWS_PER_S } : {}) });
    context.figure({ name: `${what}, ${name}: CPU of its process ${kind === "raw" ? "a row" : "an answer"}`, value: kind === "raw" ? (cpuUs() * NANOSECONDS) / ROWS : cpuUs(), unit: kind === "raw" ? "ns" : "µs" });
  }
}

/** Asks the points in turn; an answer that is not as long as the point's first one fails. */
function contenderOf(side: Side, kind: "daily" | "raw", caller: CountedCaller): { readonly contender: Contender; readonly tookMs: readonly number[]; cpuUs(): number } {
  const lengths = new Map<number, number>();
  const tookMs: number[] = [];
  let turn = 0;
  let [cpuUs, beganUs] = [0, 0];
  return {
    tookMs, cpuUs: () => cpuUs / tookMs.length,
    contender: {
      name: side.name,
      before: () => void (beganUs = cpuOfUs([side.pid])),
      async batch() {
        const point = turn++ % POINTS;
        const answer = await caller.call(side[kind](point));
        // Means that are summed by several threads differ in their last digit.
        if (kind === "raw" && answer.bytes !== (lengths.get(point) ?? answer.bytes)) throw new Error(`${side.name} gave ${answer.bytes} bytes where it gave ${lengths.get(point)} before`);
        lengths.set(point, answer.bytes);
        tookMs.push(answer.tookMs);
        return kind === "raw" ? ROWS : 1;
      },
      settle: () => {
        cpuUs += cpuOfUs([side.pid]) - beganUs;
        return Promise.resolve();
      },
    },
  };
}
