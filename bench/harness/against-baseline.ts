import { keepsLimit } from "./benchmark.ts";
import type { Baseline, BaselineContender } from "./baseline.ts";

/** Beside each other: what the baseline had and what there is now. */
export interface Against {
  readonly what: string;
  readonly unit: string;
  /** null: it was not there, or was no number. */
  readonly was: number | null;
  readonly is: number | null;
  /** Share that it may be worse by; undefined where it is told and not judged. */
  readonly tolerance: number | undefined;
  readonly verdict: "worse" | "better" | "like it" | "told" | "new" | "gone";
}

/** Rounds that are steadier than this still meet another day, another kernel, other heat. */
const LEAST_TOLERANCE = 0.05;
/** However much the rounds differ: half as good is worse. */
const MOST_TOLERANCE = 0.5;
/** Figures are taken once and have no rounds to tell their spread. */
const FIGURE_TOLERANCE = 0.25;
/** Bytes and counts hardly change from run to run. */
const SIZE_TOLERANCE = 0.05;

/**
 * Holds a run against its baseline, both as baselines. Ratios to the other side and bytes are judged on any machine; CPU time an operation, and figures in times, cores and
 * memory, on the machine that the baseline names; counts where both measured as long. All else is told. A limit that the baseline kept and that is missed now is worse.
 */
export function againstBaseline(now: Baseline, before: Baseline): Against[] {
  const onSameMachine = now.machine === before.machine;
  const same: Same = { machine: onSameMachine, length: now.seconds === before.seconds };
  const rows: Against[] = [];
  for (const [key, { contender, unit, isOurs }] of contendersOf(now)) {
    const known = contendersOf(before).get(key)?.contender;
    rows.push(...contenderRows(key, { unit, is: contender, was: known, isOurs, onSameMachine }));
  }
  for (const key of contendersOf(before).keys()) if (!contendersOf(now).has(key)) rows.push({ what: key, unit: "", was: null, is: null, tolerance: undefined, verdict: "gone" });
  const figures = new Map(before.figures.map((figure) => [figure.name, figure]));
  for (const figure of now.figures) {
    const known = figures.get(figure.name);
    const pair = { what: figure.name, unit: figure.unit, was: known?.value ?? null, is: figure.value, isNew: known === undefined };
    const row = judged(pair, { tolerance: figureTolerance(figure, same), lowerIsBetter: isLowerBetter(figure) });
    const isLost = known !== undefined && onSameMachine && keepsBaselineLimit(known) && !keepsBaselineLimit(figure);
    rows.push(isLost ? { ...row, verdict: "worse" } : row);
    figures.delete(figure.name);
  }
  for (const { name, unit, value } of figures.values()) rows.push({ what: name, unit, was: value, is: null, tolerance: undefined, verdict: "gone" });
  return rows;
}

interface Same {
  readonly machine: boolean;
  /** Both were measured over as many seconds. */
  readonly length: boolean;
}

/** Whether a figure that was kept keeps its limit; one without a value keeps none. */
export function keepsBaselineLimit({ value, ...figure }: BaselineFigure): boolean {
  return keepsLimit({ ...figure, value: value ?? Number.NaN });
}

interface Side {
  readonly contender: BaselineContender;
  readonly unit: string;
  /** The first: what else was measured is told. */
  readonly isOurs: boolean;
}

function contendersOf({ comparisons }: Baseline): Map<string, Side> {
  return new Map(comparisons.flatMap(({ name, unit, contenders }) => contenders.map((contender, index) => [`${name}: ${contender.name}`, { contender, unit, isOurs: index === 0 }])));
}

interface Known {
  readonly unit: string;
  readonly is: BaselineContender;
  readonly was: BaselineContender | undefined;
  readonly isOurs: boolean;
  readonly onSameMachine: boolean;
}

function contenderRows(key: string, { unit, is, was, isOurs, onSameMachine }: Known): Against[] {
  const isNew = was === undefined;
  const ratioTolerance = isOurs ? spreadTolerance(is.ratioSpread, was?.ratioSpread) : undefined;
  const cpuTolerance = isOurs ? spreadTolerance(is.cpuSpread, was?.cpuSpread) : undefined;
  const told = { what: `${key}, rate`, unit: `${unit}/s`, was: was?.rate ?? null, is: is.rate, isNew };
  const cpu = { what: `${key}, CPU`, unit: "µs", was: isNew ? null : totalOf(was), is: totalOf(is), isNew };
  const rows = [judged(told, { tolerance: undefined, lowerIsBetter: false }), judged(cpu, { tolerance: onSameMachine ? cpuTolerance : undefined, lowerIsBetter: true })];
  // Of the baseline of the comparison itself both are one.
  if (is.ratio === 1 && is.ratioSpread === 0) return rows;
  return [
    judged({ what: `${key}, ratio`, unit: "", was: was?.ratio ?? null, is: is.ratio, isNew }, { tolerance: ratioTolerance, lowerIsBetter: false }),
    judged({ what: `${key}, ratio by CPU`, unit: "", was: was?.cpuRatio ?? null, is: is.cpuRatio, isNew }, { tolerance: cpuTolerance, lowerIsBetter: false }), ...rows,
  ];
}

function totalOf({ cpuUs }: BaselineContender): number {
  return Object.values(cpuUs).reduce((sum, us) => sum + us, 0);
}

/** The wider of both runs' middle halves: a difference that half of the rounds of one run show among themselves says nothing. */
function spreadTolerance(now: number, before = 0): number {
  return Math.min(MOST_TOLERANCE, Math.max(LEAST_TOLERANCE, now, before));
}

type BaselineFigure = Baseline["figures"][number];

/** Of a CPU time one need not say it. */
function isLowerBetter({ name, unit, atMost, atLeast }: BaselineFigure): boolean | undefined {
  if (atMost !== undefined) return true;
  if (atLeast !== undefined) return false;
  return unit === "µs" && name.includes("CPU") ? true : undefined;
}

function figureTolerance(figure: BaselineFigure, same: Same): number | undefined {
  const { unit } = figure;
  if (isLowerBetter(figure) === undefined || unit.endsWith("/s")) return undefined;
  if (/^(bytes|KiB|kB|MB)$/u.test(unit)) return SIZE_TOLERANCE;
  if (/^(µs|ms|s|cores|MiB|GiB)$/u.test(unit)) return same.machine ? FIGURE_TOLERANCE : undefined;
  return same.length ? SIZE_TOLERANCE : undefined;
}

interface Pair extends Pick<Against, "what" | "unit" | "was" | "is"> {
  readonly isNew: boolean;
}

function judged({ isNew, ...pair }: Pair, { tolerance, lowerIsBetter }: { readonly tolerance: number | undefined; readonly lowerIsBetter: boolean | undefined }): Against {
  if (isNew) return { ...pair, tolerance: undefined, verdict: "new" };
  const { was, is } = pair;
  if (tolerance === undefined || lowerIsBetter === undefined || was === null) return { ...pair, tolerance: undefined, verdict: "told" };
  // What was a number and is none any more was not reached.
  if (is === null) return { ...pair, tolerance, verdict: "worse" };
  const [worse, better] = lowerIsBetter ? [is > was * (1 + tolerance), is < was * (1 - tolerance)] : [is < was * (1 - tolerance), is > was * (1 + tolerance)];
  return { ...pair, tolerance, verdict: worse ? "worse" : better ? "better" : "like it" };
}
