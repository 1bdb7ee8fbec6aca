import type { RunResult } from "./run-one.ts";

/** What many runs came to; plain, so that workers can send theirs. */
export interface Summary {
  runs: number;
  failed: { readonly seed: string; readonly failures: readonly string[] }[];
  messages: number;
  readings: number;
  kills: number;
  turns: number;
  virtualMs: number;
  cpuMs: number;
  outcomes: Record<string, number>;
  findings: Record<string, number>;
  reached: Record<string, number>;
}

const SHOWN_FAILURES = 5;

export function emptySummary(): Summary {
  return { runs: 0, failed: [], messages: 0, readings: 0, kills: 0, turns: 0, virtualMs: 0, cpuMs: 0, outcomes: {}, findings: {}, reached: {} };
}

export function addRun(summary: Summary, run: RunResult, cpuMs: number): void {
  summary.runs += 1;
  if (run.failures.length > 0) summary.failed.push({ seed: run.seed, failures: run.failures.slice(0, SHOWN_FAILURES) });
  for (const field of ["messages", "readings", "kills", "turns", "virtualMs"] as const) summary[field] += run[field];
  summary.cpuMs += cpuMs;
  addCounts(summary.outcomes, run.outcomes);
  for (const { kind } of run.findings) summary.findings[kind] = (summary.findings[kind] ?? 0) + 1;
  addCounts(summary.reached, Object.fromEntries(run.reached));
}

export function addSummary(into: Summary, other: Summary): void {
  into.failed.push(...other.failed);
  for (const field of ["runs", "messages", "readings", "kills", "turns", "virtualMs", "cpuMs"] as const) into[field] += other[field];
  addCounts(into.outcomes, other.outcomes);
  addCounts(into.findings, other.findings);
  addCounts(into.reached, other.reached);
}

function addCounts(into: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) into[name] = (into[name] ?? 0) + count;
}
