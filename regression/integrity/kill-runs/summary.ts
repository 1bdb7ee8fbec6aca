import type { Catalogue, Mode } from "./catalogue.ts";
import { isGood, type RunResult } from "./kill-run.ts";

/** What a series of runs showed. */
export interface Summary {
  readonly mode: Mode;
  readonly series: string;
  readonly runs: number;
  readonly good: number;
  /** Seeds of runs that found something, with what. */
  readonly findings: readonly { readonly seed: string; readonly what: readonly string[] }[];
  /** Runs whose point was not reached, so that a moment took its place. */
  readonly missed: number;
  readonly kills: number;
  /** Kills by the point that they came at, or "moment". */
  readonly killsByPoint: Readonly<Record<string, number>>;
  /** Points of the catalogue that no process came to in any run, as far as those tell that told at all. */
  readonly neverReached: readonly string[];
  /** Points at which no run was killed. */
  readonly neverKilledAt: readonly string[];
  readonly pointsReached: number;
  readonly readySeconds: Spread;
  readonly drainedSeconds: Spread;
  readonly sent: number;
  readonly sentAgain: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Readings by what became of them, of all verdicts. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly auditFindings: Readonly<Record<string, number>>;
  readonly tookSeconds: number;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export function summarize(given: { mode: Mode; series: string; results: readonly RunResult[]; catalogue: Catalogue; reached: ReadonlySet<string>; tookMs: number }): Summary {
  const { mode, series, results, catalogue, reached, tookMs } = given;
  const kills = results.flatMap((result) => result.kills);
  const killsByPoint = counts(kills.map(({ at }) => at.replace(/@\d+$/, "")));
  const total = (of: (result: RunResult) => number | undefined): number => results.reduce((sum, result) => sum + (of(result) ?? 0), 0);
  return {
    mode, series, runs: results.length, good: results.filter(isGood).length,
    findings: results.filter((result) => !isGood(result)).map((result) => ({ seed: result.seed, what: whatOf(result) })),
    missed: results.filter(({ isMissed }) => isMissed).length, kills: kills.length, killsByPoint,
    neverReached: Object.keys(catalogue).filter((point) => !reached.has(point)).sort(),
    neverKilledAt: Object.keys(catalogue).filter((point) => killsByPoint[point] === undefined).sort(),
    pointsReached: reached.size,
    readySeconds: spread(kills.map(({ readyMs }) => readyMs / 1000)),
    drainedSeconds: spread(results.filter((result) => result.kills.length > 0).map(({ drainedMs }) => drainedMs / 1000)),
    sent: total(({ feed }) => feed?.sent), sentAgain: total(({ feed }) => feed?.sentAgain), acknowledged: total(({ feed }) => feed?.acknowledged),
    refused: total(({ feed }) => feed?.refused), unknown: total(({ feed }) => feed?.unknown),
    outcomes: added(results.map(({ verdict }) => verdict?.outcomes ?? {})), auditFindings: added(results.map(({ verdict }) => verdict?.findings ?? {})),
    tookSeconds: Math.round(tookMs / 1000),
  };
}

export function whatOf({ verdict, problems }: RunResult): readonly string[] {
  return [...problems, ...Object.entries(verdict?.findings ?? {}).map(([kind, count]) => `${kind}: ${count}`), ...(verdict?.examples ?? []).slice(0, 3).map((example) => JSON.stringify(example))];
}

function counts(names: readonly string[]): Record<string, number> {
  return added(names.map((name) => ({ [name]: 1 })));
}

function added(records: readonly Readonly<Partial<Record<string, number>>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const record of records) for (const [name, count] of Object.entries(record)) sums.set(name, (sums.get(name) ?? 0) + (count ?? 0));
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
