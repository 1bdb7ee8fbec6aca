import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseBaseline, type Baseline } from "../harness/baseline.ts";
import { baselineFolder } from "../harness/baseline-file.ts";

/** A number of the computation, and where it comes from. */
export interface Measured {
  readonly value: number;
  /** Which baseline, or why there is none. */
  readonly source: string;
  readonly isMeasured: boolean;
}

export type Baselines = ReadonlyMap<string, Baseline>;

/** The baselines of these benchmarks that were kept. */
export function readBaselines(names: Iterable<string>, folder = baselineFolder): Baselines {
  const found = new Map<string, Baseline>();
  for (const name of names) {
    const path = join(folder, `${name}.json`);
    if (existsSync(path)) found.set(name, parseBaseline(readFileSync(path, "utf8")));
  }
  return found;
}

/** Takes its number out of a baseline; undefined where that has it not. */
export interface Place {
  readonly benchmark: string;
  readonly what: string;
  take(baseline: Baseline): number | undefined;
}

/** A figure by its name. */
export function figure(benchmark: string, name: string): Place {
  return { benchmark, what: name, take: ({ figures }) => figures.find((one) => one.name === name)?.value ?? undefined };
}

/** CPU microseconds an operation of our side of a comparison: of the benchmark's process (`client`) or of a server. */
export function cpuOfOurs(benchmark: string, comparison: string, who: string): Place {
  return {
    benchmark, what: `${comparison}, CPU of ${who}`,
    take: ({ comparisons }) => comparisons.find(({ name }) => name === comparison)?.contenders[0]?.cpuUs[who],
  };
}

export interface Otherwise {
  readonly value: number;
  /** Said in the table while no baseline has it. */
  readonly source: string;
}

/** What the baselines have, else the plain number that stands in the script with its source. */
export function measured(baselines: Baselines, place: Place | undefined, otherwise: Otherwise): Measured {
  const baseline = place === undefined ? undefined : baselines.get(place.benchmark);
  const value = baseline === undefined ? undefined : place?.take(baseline);
  // A server that the benchmark could not find cost nothing there.
  if (baseline === undefined || place === undefined || value === undefined || value <= 0) return { ...otherwise, isMeasured: false };
  return { value, source: `${place.benchmark}: ${place.what} (${baseline.date})`, isMeasured: true };
}
