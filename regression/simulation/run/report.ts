import type { Summary } from "./summary.ts";

export interface ReportHead {
  readonly command: string;
  readonly seed: string;
  readonly tookS: number;
}

/** The figures of many runs, as Markdown. */
export function reportOf(summary: Summary, { command, seed, tookS }: ReportHead): string {
  const { runs, failed, messages, readings, kills, turns, virtualMs, cpuMs, outcomes, findings, reached } = summary;
  const count = (value: number): string => Math.round(value).toLocaleString("en");
  const of = (kinds: readonly string[]): number => kinds.reduce((sum, kind) => sum + (findings[kind] ?? 0), 0);
  const points = Object.entries(reached).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    "# Deterministic simulation: figures", "",
    `Written by \`${command}\`. What a run is and what it checks: docs/adr/0015-deterministic-simulation.md.`, "",
    "| | |", "|---|---|",
    `| runs | ${count(runs)}, seeds ${seed}-0 to ${seed}-${runs - 1} |`,
    `| failed | ${failed.length} |`,
    `| lost | ${of(["lost", "not-archived", "withdrawn-visible", "rollup-missing"])} |`,
    `| doubled | ${of(["doubled", "invented", "archive-invented", "rollup-invented"])} |`,
    `| otherwise wrong (value, tiers, digests, rollups, conservation) | ${Object.values(findings).reduce((sum, some) => sum + some, 0) - of(["lost", "not-archived", "withdrawn-visible", "rollup-missing", "doubled", "invented", "archive-invented", "rollup-invented"])} |`,
    `| messages sent | ${count(messages)} |`,
    `| readings judged | ${count(readings)} |`,
    ...Object.entries(outcomes).sort(([a], [b]) => (a < b ? -1 : 1)).map(([outcome, some]) => `| … ${outcome} | ${count(some)} |`),
    `| processes ended without warning | ${count(kills)} |`,
    `| fault points reached | ${points.length} names, ${count(points.reduce((sum, [, some]) => sum + some, 0))} times |`,
    `| virtual time | ${count(virtualMs / 3_600_000)} h, ${(virtualMs / runs / 1000).toFixed(1)} s a run |`,
    `| turns of virtual time | ${count(turns)}, ${count(turns / runs)} a run |`,
    `| pace | ${(runs / tookS).toFixed(1)} runs/s (${count((60 * runs) / tookS)} a minute), ${(cpuMs / runs).toFixed(0)} ms of CPU a run |`, "",
    ...(failed.length === 0 ? [] : ["## Failing seeds", "", ...failed.flatMap(({ seed: each, failures }) => [`- \`node regression/simulation/main.ts --only ${each}\``, ...failures.map((failure) => `  - ${failure.split("\n")[0]?.slice(0, 300) ?? ""}`)]), ""]),
    "## Fault points", "",
    "| point | reached |", "|---|---|", ...points.map(([point, some]) => `| ${point} | ${count(some)} |`), "",
  ].join("\n");
}
