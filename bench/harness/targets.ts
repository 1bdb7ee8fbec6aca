import { keepsBaselineLimit } from "./against-baseline.ts";
import type { Baseline } from "./baseline.ts";
import { amount, limitsText, renderTable } from "./report.ts";

/** What was measured beside a limit, as it was kept last. */
export interface Target {
  readonly benchmark: string;
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly kept: boolean;
  readonly date: string;
}

/** Where a missed target's reason stands, a heading a benchmark. */
export const REASONS_FILE = "MISSED.md";

/** Every limit of a kept baseline, beside what was measured. */
export function targetsOf({ benchmark, date, comparisons, figures }: Baseline): readonly Target[] {
  const ratios = comparisons.flatMap(({ name, contenders: [ours, other], leastRatio }) => {
    if (leastRatio === undefined || ours === undefined) return [];
    const ratio = ours.ratio ?? Number.NaN;
    return [{ benchmark, date, what: `${name}, to ${other?.name ?? "nothing"}`, measured: `${ratio.toFixed(2)} ×`, limit: `≥ ${leastRatio} ×`, kept: ratio >= leastRatio }];
  });
  const judged = figures.flatMap((figure) => {
    const limit = limitsText(figure);
    return limit === "" ? [] : [{ benchmark, date, what: figure.name, measured: `${amount(figure.value ?? Number.NaN)} ${figure.unit}`, limit, kept: keepsBaselineLimit(figure) }];
  });
  return [...ratios, ...judged];
}

/** The section of all limits, those that are missed with a link to why. */
export function renderTargets(baselines: readonly Baseline[]): string {
  const targets = baselines.flatMap(targetsOf);
  const missed = targets.filter(({ kept }) => !kept).length;
  const rows = targets.map(({ benchmark, what, measured, limit, kept, date }, at) => [
    targets[at - 1]?.benchmark === benchmark ? "" : `[${benchmark}](#${benchmark})`, what, measured, limit, kept ? "ok" : `[MISSED](${REASONS_FILE}#${benchmark})`, date,
  ]);
  return [
    "## Targets",
    `What was kept last of every benchmark that has a limit: ${targets.length - missed} of ${targets.length} kept, ${missed} missed. Why, and where the time goes instead, stands in [${REASONS_FILE}](${REASONS_FILE}).`,
    renderTable(["benchmark", "what", "measured", "target", "", "on"], rows),
  ].join("\n\n");
}

/** Benchmarks of which the text has a heading: those whose misses it explains. */
export function explainedIn(text: string): readonly string[] {
  return [...text.matchAll(/^## (\S+)$/gm)].map(([, name = ""]) => name);
}
