import type { EngineName } from "../../tools/engines/engine.ts";
import type { Comparison, ComparisonResult, Contender, ContenderResult, EngineServer } from "./benchmark.ts";
import { cpuOfUs } from "./process-cpu.ts";
import { pairedRatio, spreadOf } from "./statistics.ts";

/** Many short ones: what else the machine does comes in bursts, and a burst then touches few of the rounds. */
const DEFAULT_ROUNDS = 9;

interface Slice {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly cpuUs: number;
  readonly serverCpuUs: ReadonlyMap<EngineName, number>;
}

export interface CompareOptions {
  /** All counted rounds together. */
  readonly seconds: number;
  readonly servers: readonly EngineServer[];
  readonly print: (line: string) => void;
}

/**
 * Runs the contenders in turns, ABAB…, each for an equal slice of the time, in this process. The first round warms everything up and is not counted.
 * Throws when a contender does nothing in a slice.
 */
export async function compare(comparison: Comparison, { seconds, servers, print }: CompareOptions): Promise<ComparisonResult> {
  const { name, unit, ours, baseline, beside = [], leastRatio, rounds = DEFAULT_ROUNDS } = comparison;
  const contenders = [ours, baseline, ...beside];
  const sliceMs = (seconds * 1000) / (rounds * contenders.length);
  for (const contender of contenders) await runSlice(contender, sliceMs, servers);
  const slices = contenders.map((): Slice[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) slices[index]?.push(await runSlice(contender, sliceMs, servers));
    print(`  ${name}: round ${round + 1} of ${rounds}: ${contenders.map((contender, index) => `${contender.name} ${Math.round(rateOf(slices[index]?.at(-1)))} ${unit}/s`).join(", ")}`);
  }
  const baselineRates = (slices[1] ?? []).map(rateOf);
  const measured = contenders.map((contender, index) => resultOf(contender, slices[index] ?? [], baselineRates));
  const baselineCpuUs = totalCpuUs(measured[1]);
  const results = measured.map((result) => ({ ...result, cpuRatio: baselineCpuUs / totalCpuUs(result) }));
  const ok = leastRatio === undefined || (results[0]?.ratio.median ?? 0) >= leastRatio;
  return { name, unit, contenders: results, ...(leastRatio === undefined ? {} : { leastRatio }), ok };
}

async function runSlice(contender: Contender, sliceMs: number, servers: readonly EngineServer[]): Promise<Slice> {
  await contender.before?.();
  const serversBefore = servers.map(({ pids }) => cpuOfUs(pids));
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  let operations = 0;
  let left = true;
  const worker = async (): Promise<void> => {
    while (left) {
      const done = await contender.batch();
      operations += done;
      if (done === 0 || performance.now() - startedMs >= sliceMs) left = false;
    }
  };
  await Promise.all(Array.from({ length: contender.inFlight ?? 1 }, worker));
  operations += (await contender.settle?.()) ?? 0;
  const elapsedMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  const serverCpuUs = new Map(servers.map(({ name, pids }, index) => [name, cpuOfUs(pids) - (serversBefore[index] ?? 0)]));
  if (operations === 0) throw new Error(`"${contender.name}" did nothing in its slice`);
  return { operations, elapsedMs, cpuUs: cpu.user + cpu.system, serverCpuUs };
}

function rateOf(slice: Slice | undefined): number {
  return slice === undefined ? Number.NaN : (slice.operations * 1000) / slice.elapsedMs;
}

function resultOf({ name }: Contender, slices: readonly Slice[], baselineRates: readonly number[]): Omit<ContenderResult, "cpuRatio"> {
  const rates = slices.map(rateOf);
  const operations = slices.reduce((sum, slice) => sum + slice.operations, 0);
  const perOperation = (us: (slice: Slice) => number): number => slices.reduce((sum, slice) => sum + us(slice), 0) / operations;
  const servers = [...(slices[0]?.serverCpuUs.keys() ?? [])];
  return {
    name, rates, rate: spreadOf(rates), cpuUs: perOperation(({ cpuUs }) => cpuUs),
    serverCpuUs: Object.fromEntries(servers.map((server) => [server, perOperation(({ serverCpuUs }) => serverCpuUs.get(server) ?? 0)])),
    roundCpuUs: slices.map((slice) => (slice.cpuUs + [...slice.serverCpuUs.values()].reduce((sum, us) => sum + us, 0)) / slice.operations),
    ratio: pairedRatio(rates, baselineRates),
  };
}

/** Of this process and the servers. */
function totalCpuUs(result: Omit<ContenderResult, "cpuRatio"> | undefined): number {
  return result === undefined ? Number.NaN : Object.values(result.serverCpuUs).reduce((sum, us) => sum + us, result.cpuUs);
}
