import { settledLimits, type Configuration, type PointPeriod } from "@caudal/core";
import { termsAt } from "../totaliser/terms.ts";
import type { PointState, VariableState } from "./point-state.ts";
import type { SampleJudge } from "./sample-judge.ts";

const DIGITS = 15;
/** What counters give, and what people may set limits of as of any variable. */
const FLOW = "flow_average";

/**
 * Takes in a point's configuration. Settings and limits hold from their instants on, so what is remembered is judged, counted and read again, and what is no
 * longer remembered is noted as behind. What is as it was changes nothing. Limits of an event from before they had instants hold for what comes after it.
 */
export function reconfigure(state: PointState, { variables, periods, limits }: Configuration, judge: SampleJudge): void {
  const settingsFromUs = changedFrom(state.periods, periods);
  const limitsChanged = (name: string): number => (limits === undefined ? NaN : limitsFrom(settledLimits(state.config[name], state.limits, name), settledLimits(variables[name], limits, name)));
  const flowFromUs = limitsChanged(FLOW);
  const before = [...state.variables.values()].map((variable) => ({ variable, factorM3: factorAt(variable), fromUs: earliest(settingsFromUs, limitsChanged(variable.name)) }));
  if (!Number.isNaN(settingsFromUs)) for (const { variable } of before) judge.levels.gone(variable, settingsFromUs);
  state.configure(variables, periods, limits);
  for (const { variable, factorM3, fromUs } of before) {
    rescale(variable, factorM3);
    if (!Number.isNaN(fromUs)) judge.judgeAgain(variable, fromUs);
  }
  for (const { variable, fromUs } of before) {
    if (!Number.isNaN(fromUs)) {
      judge.countAgain(variable, fromUs);
      judge.levels.again(variable, fromUs);
    }
    if (!Number.isNaN(flowFromUs)) judge.derivedAgain(variable, flowFromUs);
  }
}

/** The earlier of two instants, either of which may be none. */
function earliest(a: number, b: number): number {
  return a <= b || Number.isNaN(b) ? a : b;
}

/** The earliest instant from which other limits hold; NaN when none do. */
function limitsFrom(before: ReturnType<typeof settledLimits>, after: ReturnType<typeof settledLimits>): number {
  const at = (settled: typeof before, timeUs: number): string => JSON.stringify(Object.entries(settled.findLast(({ fromUs }) => fromUs <= timeUs)?.given ?? {}).sort());
  const differ = [...before, ...after].map(({ fromUs }) => fromUs).filter((timeUs) => at(before, timeUs) !== at(after, timeUs));
  return differ.length === 0 ? NaN : Math.max(Math.min(...differ), Number.MIN_SAFE_INTEGER);
}

/** The earliest instant from which the settings differ; NaN when they do not. */
function changedFrom(before: readonly PointPeriod[], after: readonly PointPeriod[]): number {
  const values = (periods: readonly PointPeriod[]): Map<number, string> => new Map(periods.map((period) => [period.validFromUs ?? Number.MIN_SAFE_INTEGER, JSON.stringify(Object.entries(period.values).sort())]));
  const [old, now] = [values(before), values(after)];
  let fromUs = NaN;
  for (const timeUs of new Set([...old.keys(), ...now.keys()])) if (old.get(timeUs) !== now.get(timeUs) && !(fromUs <= timeUs)) fromUs = timeUs;
  return fromUs;
}

function factorAt({ counter }: VariableState): number {
  return counter === undefined ? 1 : termsAt(counter.rules.terms, counter.base.baselineUs).factorM3;
}

/** What was counted before anything that is remembered is taken to have been counted by one factor, until a recount has gone over it. */
function rescale({ counter }: VariableState, factorM3: number): void {
  if (counter === undefined || Number.isNaN(counter.base.baseline)) return;
  const now = termsAt(counter.rules.terms, counter.base.baselineUs).factorM3;
  if (now !== factorM3) counter.base.offsetM3 = Number(((counter.base.offsetM3 / factorM3) * now).toPrecision(DIGITS));
}
