import { defineBenchmark } from "../harness/benchmark.ts";
import { measureCassandra } from "./cassandra-size.ts";
import { measureEmbedded } from "./embedded-size.ts";
import { measureMongo } from "./mongo-size.ts";
import { realMeasurements } from "./real-measurements.ts";

const MOST_COPIES = 5;
const SECONDS_A_COPY = 20;

export const benchmark = defineBenchmark({
  name: "bytes-per-measurement",
  about:
    "Bytes on disk a measurement of three values (total, volume, average flow), flags, reasons and revisions included: a year of hourly readings of twelve real households' meters, mapped, judged and counted by the " +
    "processor's own functions, written through each tier, read back whole, and settled. In DuckDB such data took 4.5 bytes and in VictoriaMetrics 2.0, without flags and revisions.",
  needs: ["mongo", "cassandra"],
  seconds: 100,
  async run(context) {
    const copies = Math.max(1, Math.min(MOST_COPIES, Math.floor(context.seconds / SECONDS_A_COPY)));
    const real = realMeasurements(copies);
    context.figure({ name: "measurements of three values", value: real.measurements, unit: "" });
    context.figure({ name: "measurements sent, revisions included", value: real.sent, unit: "" });
    context.print(`  ${real.points.length} points, ${Math.round(real.measurements).toLocaleString("en-US")} measurements`);
    for (const [name, measure] of [["embedded", measureEmbedded], ["MongoDB", measureMongo], ["Cassandra", measureCassandra]] as const) {
      const began = performance.now();
      await measure(context, real);
      context.print(`  ${name} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    }
    context.note(`Each meter is there ${copies === 1 ? "once" : `${copies} times, as points of their own that lie a week apart`}, so that what a file costs by itself does not count; every store packs a point by itself. The files do not say when a row arrived: 1 to 4 s after its hour by chance, to the millisecond.`);
  },
});
