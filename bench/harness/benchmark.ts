import type { EngineName } from "../../tools/engines/engine.ts";
import type { Spread } from "./statistics.ts";

/** One side of a comparison: ours, or what it is measured against. It is opened before and closed after by the benchmark. */
export interface Contender {
  /** As the table names it: "ours", "bare kafkajs". */
  readonly name: string;
  /**
   * Does one batch of work and gives how many operations that was. Called again and again until the slice's time is over; 0 says that nothing is
   * left and ends the slice.
   */
  batch(): Promise<number>;
  /** Batches in flight at once; 1 unless said. */
  readonly inFlight?: number;
  /** Before each slice, outside the measured time: fills what will be read, say. */
  before?(): Promise<void> | void;
  /** At the end of each slice, inside the measured time: waits until what `batch` began is done. May give operations more. */
  settle?(): Promise<number | void>;
}

export interface Comparison {
  readonly name: string;
  /** What is counted, in plural: "records", "rows". */
  readonly unit: string;
  readonly ours: Contender;
  readonly baseline: Contender;
  /** Measured in the same turns and printed with its ratio to the baseline; not judged. */
  readonly beside?: readonly Contender[];
  /** Least ratio of our rate to the baseline's; without it the comparison is told, not judged. */
  readonly leastRatio?: number;
  /** Servers whose CPU time is counted too; all that the benchmark needs unless said. */
  readonly servers?: readonly EngineName[];
  /** Rounds of ABAB…, after one that is not counted; 9 unless said. */
  readonly rounds?: number;
}

/** A number of its own beside its limit: a latency, cores, bytes. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `value` must lie below `atMost`, or not below `atLeast`; with neither it is told, not judged. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Counts that say more beside each other than one by one: a confusion matrix, a row for each kind of fault. */
export interface Table {
  readonly name: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A real server that a benchmark speaks to. */
export interface EngineServer {
  readonly name: EngineName;
  /** As Caudal's settings take it. */
  readonly url: string;
  /** Processes that serve it, where they can be found on this machine. */
  readonly pids: readonly number[];
}

/** What a benchmark measures with. */
export interface BenchContext {
  /** Seconds that one comparison takes, all turns together; a benchmark without comparisons takes them as its own length. */
  readonly seconds: number;
  engine(name: EngineName): EngineServer;
  /** Measures the contenders in turns and keeps the result for the table. */
  compare(comparison: Comparison): Promise<ComparisonResult>;
  figure(figure: Figure): void;
  /** A table of its own under its name; told, not judged. */
  table(table: Table): void;
  /** A sentence below the tables: what was measured, what else bears on it. */
  note(text: string): void;
  /** Runs when the benchmark ends, also by an error; last given first. */
  closing(close: () => Promise<unknown> | void): void;
  /** Shows progress. */
  print(line: string): void;
}

export interface Benchmark {
  /** Kebab-case; the section's heading and what `npm run bench -- NAME` takes. */
  readonly name: string;
  /** One or two sentences: what is compared with what, over which data. */
  readonly about: string;
  /** Engines without which it is left out. */
  readonly needs: readonly EngineName[];
  /** Default of `BenchContext.seconds`; 20 unless said, 0 where nothing is timed. */
  readonly seconds?: number;
  /** Runs only when it is named: it takes minutes, or the whole machine. */
  readonly onlyByName?: boolean;
  run(context: BenchContext): Promise<void>;
}

export interface ContenderResult {
  readonly name: string;
  /** Operations a second, a number a round. */
  readonly rates: readonly number[];
  readonly rate: Spread;
  /** CPU microseconds of this process an operation. */
  readonly cpuUs: number;
  /** CPU microseconds of each server an operation; only servers whose process was found. */
  readonly serverCpuUs: Readonly<Partial<Record<EngineName, number>>>;
  /** CPU microseconds an operation, servers included, a number a round. */
  readonly roundCpuUs: readonly number[];
  /** Ratio to the baseline's rate, paired by round. */
  readonly ratio: Spread;
  /** The baseline's CPU time an operation, servers included, over this one's: what the ratio would be if nothing but CPU were waited for. */
  readonly cpuRatio: number;
}

export interface ComparisonResult {
  readonly name: string;
  readonly unit: string;
  /** Ours, the baseline, and what was measured beside them. */
  readonly contenders: readonly ContenderResult[];
  readonly leastRatio?: number;
  readonly ok: boolean;
}

/** Gives the benchmark back; the place where its types are checked. */
export function defineBenchmark(benchmark: Benchmark): Benchmark {
  return benchmark;
}

/** Whether a figure keeps its limit. */
export function keepsLimit({ value, atMost, atLeast }: { readonly value: number; readonly atMost?: number | undefined; readonly atLeast?: number | undefined }): boolean {
  if (Number.isNaN(value)) return atMost === undefined && atLeast === undefined;
  return (atMost === undefined || value < atMost) && (atLeast === undefined || value >= atLeast);
}
