import type { EngineName } from "../../tools/engines/engine.ts";
import type { BenchContext, Benchmark, ComparisonResult, EngineServer, Figure, Table } from "./benchmark.ts";
import { compare } from "./compare.ts";
import { machineLine } from "./machine.ts";
import type { BenchmarkReport } from "./report.ts";

const DEFAULT_SECONDS = 20;

export interface RunOptions {
  /** Starts or finds the servers that the benchmark needs. */
  readonly open: () => Promise<ReadonlyMap<EngineName, EngineServer>>;
  readonly seconds?: number;
  readonly print: (line: string) => void;
}

/** Runs one benchmark to its end, closes what it opened and gives what it measured; an error becomes the report's `failure`. */
export async function runBenchmark(benchmark: Benchmark, { open, print, seconds = benchmark.seconds ?? DEFAULT_SECONDS }: RunOptions): Promise<BenchmarkReport> {
  const comparisons: ComparisonResult[] = [];
  const figures: Figure[] = [];
  const tables: Table[] = [];
  const notes: string[] = [];
  const closers: (() => Promise<unknown> | void)[] = [];
  let servers: ReadonlyMap<EngineName, EngineServer> = new Map();
  const engine = (name: EngineName): EngineServer => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`"${benchmark.name}" asks for ${name} without naming it in \`needs\``);
    return server;
  };
  const context: BenchContext = {
    seconds, engine, print,
    async compare(comparison) {
      const result = await compare(comparison, { seconds, print, servers: (comparison.servers ?? benchmark.needs).map(engine) });
      comparisons.push(result);
      return result;
    },
    figure: (figure) => void figures.push(figure),
    table: (table) => void tables.push(table),
    note: (text) => void notes.push(text),
    closing: (close) => void closers.push(close),
  };
  const failures: string[] = [];
  try {
    servers = await open();
    await benchmark.run(context);
  } catch (error) {
    failures.push(reasonOf(error));
  }
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(`on closing: ${reasonOf(error)}`);
    }
  }
  return {
    name: benchmark.name, about: benchmark.about, machine: machineLine(), seconds, comparisons, figures, tables, notes,
    ...(failures.length === 0 ? {} : { failure: failures.join("; ") }),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
