import { readFileSync } from "node:fs";
import { cpuOfMachineUs, cpuOfUs } from "../harness/process-cpu.ts";
import { quantile } from "../harness/statistics.ts";

const EVERY_MS = 1000;
/** The busiest stretch that is told, as long as a burst. */
const STRETCH_S = 10;

export interface CpuUse {
  /** CPU time over wall time: 1 is one core all the time. */
  readonly cores: number;
  readonly coresInBusiestStretch: number;
  readonly residentMiB: number;
  /** Of all together, every second. */
  readonly resident: readonly ResidentSample[];
}

export interface ResidentSample {
  readonly atMs: number;
  readonly mib: number;
}

interface Sample {
  readonly atMs: number;
  readonly cpuUs: number;
}

/** Watches the CPU time and memory of some processes until it is ended. */
export class CpuWatch {
  readonly #pids: readonly number[];
  readonly #samples: Sample[] = [];
  readonly #resident: ResidentSample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), EVERY_MS);
  }

  end(): CpuUse {
    clearInterval(this.#timer);
    this.#sample();
    const [first, last] = [this.#samples[0]!, this.#samples.at(-1)!];
    const cores = (from: Sample, to: Sample): number => (to.cpuUs - from.cpuUs) / ((to.atMs - from.atMs) * 1000);
    const stretches = this.#samples.slice(STRETCH_S).map((to, index) => cores(this.#samples[index]!, to));
    return { cores: cores(first, last), coresInBusiestStretch: stretches.length === 0 ? cores(first, last) : quantile(stretches, 1), residentMiB: Math.max(...this.#resident.map(({ mib }) => mib)), resident: this.#resident };
  }

  #sample(): void {
    const atMs = performance.now();
    this.#samples.push({ atMs, cpuUs: cpuOfUs(this.#pids) });
    this.#resident.push({ atMs, mib: this.#pids.reduce((sum, pid) => sum + residentMiB(pid), 0) });
  }
}

/** Watches what programs that have nothing to do with the measurement take of the machine: `end` gives their cores. */
export function watchOthers(ours: readonly number[]): () => number {
  const now = (): Sample => ({ atMs: performance.now(), cpuUs: cpuOfMachineUs() - cpuOfUs(ours) });
  const first = now();
  return () => {
    const last = now();
    return Math.max(0, last.cpuUs - first.cpuUs) / ((last.atMs - first.atMs) * 1000);
  };
}

function residentMiB(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
