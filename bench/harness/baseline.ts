import { z } from "zod";
import type { ComparisonResult, ContenderResult } from "./benchmark.ts";
import type { BenchmarkReport } from "./report.ts";
import { middleHalf } from "./statistics.ts";

const contenderSchema = z.object({
  name: z.string(),
  /** Operations a second: told, for machines differ. */
  rate: z.number().nullable(),
  ratio: z.number().nullable(),
  /** How wide the middle half of the rounds is, as a share of its median. */
  ratioSpread: z.number(),
  /** Microseconds an operation: `client` is the benchmark's process, the others are servers. */
  cpuUs: z.record(z.string(), z.number()),
  cpuSpread: z.number(),
  /** The other side's CPU time over this one's. */
  cpuRatio: z.number().nullable(),
});

const baselineSchema = z.object({
  benchmark: z.string(),
  date: z.string(),
  machine: z.string(),
  seconds: z.number(),
  comparisons: z.array(z.object({ name: z.string(), unit: z.string(), leastRatio: z.number().optional(), contenders: z.array(contenderSchema) })),
  figures: z.array(z.object({ name: z.string(), value: z.number().nullable(), unit: z.string(), atMost: z.number().optional(), atLeast: z.number().optional() })),
});

/** What a benchmark gave when it was last kept, as `regression/performance/<benchmark>.json` holds it. Numbers have four figures; null is none. */
export type Baseline = z.infer<typeof baselineSchema>;
export type BaselineContender = z.infer<typeof contenderSchema>;

/** Throws with what does not fit. */
export function parseBaseline(text: string): Baseline {
  return baselineSchema.parse(JSON.parse(text));
}

export function baselineOf({ name, machine, seconds, comparisons, figures }: BenchmarkReport): Baseline {
  const [date = "", ...where] = machine.split(", ");
  return {
    benchmark: name, date, machine: where.join(", "), seconds, comparisons: comparisons.map(comparisonOf),
    figures: figures.map(({ name: figure, value, unit, atMost, atLeast }) => ({
      name: figure, value: rounded(value), unit, ...(atMost === undefined ? {} : { atMost }), ...(atLeast === undefined ? {} : { atLeast }),
    })),
  };
}

function comparisonOf({ name, unit, contenders, leastRatio }: ComparisonResult): Baseline["comparisons"][number] {
  const baselineRates = contenders[1]?.rates ?? [];
  return { name, unit, ...(leastRatio === undefined ? {} : { leastRatio }), contenders: contenders.map((contender) => contenderOf(contender, baselineRates)) };
}

function contenderOf({ name, rates, rate, ratio, cpuUs, serverCpuUs, roundCpuUs, cpuRatio }: ContenderResult, baselineRates: readonly number[]): BaselineContender {
  const ratios = rates.map((each, round) => each / (baselineRates[round] ?? Number.NaN));
  const cpu = Object.entries({ client: cpuUs, ...serverCpuUs }).flatMap(([who, us]) => (Number.isFinite(us) ? [[who, Number(us.toPrecision(4))] as const] : []));
  return {
    name, rate: rounded(rate.median), ratio: rounded(ratio.median), ratioSpread: rounded(middleHalf(ratios)) ?? 0,
    cpuUs: Object.fromEntries(cpu), cpuSpread: rounded(middleHalf(roundCpuUs)) ?? 0, cpuRatio: rounded(cpuRatio),
  };
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
