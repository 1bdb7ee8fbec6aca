import { notEvaluated, pass, suspect, type Rule } from "./rule.ts";

/** Facts 6.2: four equal totals while flow > 0. */
const LEAST_COUNTS = 4;
/** A dial wobbles by so much (see totaliser/terms.ts), and a flow sensor drifts at rest: less water is no proof. */
const LEAST_M3 = 0.05;
/** One count may be due at once and the next be nearly due; the flow sensor reads too much. */
const COUNTS_WORTH = 2;
/** What the last digit of a register stands for, m3. */
const DIGITS_M3 = [100, 10, 1, 0.1, 0.01, 0.001];
const stuck = suspect("stuck-totaliser");

/**
 * A count that stands still for four samples or more while the point's flow is above zero all the time is suspect, once more water passed by that flow (m3, and never more
 * than it can have been: see judging/standing.ts) than the register can have kept to itself: two pulses, or two units of the last digit that a total shows.
 */
export const stuckTotaliser: Rule = {
  name: "stuck-totaliser",
  beside: { variable: "flow", of: ["pulses", "total"] },
  judge: ({ value, standing, passedM3, limits: { kind, countM3, stuckM3 } }) => {
    if (kind !== "total" || !(standing >= LEAST_COUNTS) || Number.isNaN(value) || countM3 === undefined) return notEvaluated;
    return passedM3 > (stuckM3 ?? Math.max(LEAST_M3, COUNTS_WORTH * (countM3 === "shown" ? lastDigitM3(value) : countM3))) ? stuck : pass;
  },
};

/** What the last digit of a total that is not zero stands for: 12.30 shows tenths, 4500 may be of a register that counts by hundreds. */
function lastDigitM3(value: number): number {
  return value === 0 ? 1 : (DIGITS_M3.find((digit) => Math.abs(value / digit - Math.round(value / digit)) < 1e-6) ?? 0);
}
