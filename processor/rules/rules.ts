import { flags } from "@caudal/core";
import { beyondRight } from "./beyond-right.ts";
import { flatLine } from "./flat-line.ts";
import { future } from "./future.ts";
import { gap } from "./gap.ts";
import { impossible } from "./impossible-level.ts";
import { past } from "./late.ts";
import { range } from "./range.ts";
import { rate } from "./rate.ts";
import type { Rule, Trial } from "./rule.ts";
import { sentinel } from "./sentinel.ts";
import { spike } from "./spike.ts";
import { stuckTotaliser } from "./stuck-totaliser.ts";

/** Every quality test, each judging on its own. A new one is a file and a row here. */
export const rules: readonly Rule[] = [sentinel, range, impossible, rate, spike, flatLine, stuckTotaliser, beyondRight, future, past, gap];

const besides = new Map(rules.flatMap(({ beside }) => (beside === undefined ? [] : beside.of.map((variable) => [variable, beside.variable] as const))));
/** Variables that rules of others look at. */
export const variablesBeside: ReadonlySet<string> = new Set(besides.values());

/** The other variable of the point that a rule of this one looks at. */
export function besideOf(variable: string): string | undefined {
  return besides.get(variable);
}

/** Flag and reasons as one number: the lowest three bits are the flag, the others the mask of reasons. */
export function judgementOf(flag: number, reasons: number): number {
  return reasons * 8 + flag;
}
export const flagOf = (judgement: number): number => judgement & 7;
export const reasonMaskOf = (judgement: number): number => judgement >> 3;

/** What all rules together say: the worst flag; good when something was evaluated and nothing was found; else not evaluated. */
export function judge(trial: Trial): number {
  let worst: number = flags.good;
  let evaluated = false;
  let reasons = trial.mapped;
  for (const rule of rules) {
    const verdict = rule.judge(trial);
    reasons |= verdict.reasons;
    if (!verdict.evaluated) continue;
    evaluated = true;
    if (verdict.flag > worst) worst = verdict.flag;
  }
  return judgementOf(evaluated ? worst : flags.notEvaluated, reasons);
}

/** Both judgements of one sample: the worse flag, and the reasons of both. */
export function combined(judgement: number, other: number): number {
  const [flag, more] = [flagOf(judgement), flagOf(other)];
  const worse = more === flags.notEvaluated ? flag : flag === flags.notEvaluated ? more : Math.max(flag, more);
  return judgementOf(worse, reasonMaskOf(judgement) | reasonMaskOf(other));
}
