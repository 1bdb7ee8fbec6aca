import { bad, notEvaluated, pass, type Rule } from "./rule.ts";

const below = bad("below-range");
const above = bad("above-range");

/**
 * QARTOD gross range: a value outside what the quantity or the sensor can be is bad; it is kept. The point's own limits stand in place
 * of the variable's (facts: range check on the processed value, minimum 0 for flow and total).
 */
export const range: Rule = {
  name: "range",
  judge: ({ value, limits: { min, max } }) => {
    if (Number.isNaN(value) || (min === undefined && max === undefined)) return notEvaluated;
    if (min !== undefined && value < min) return below;
    return max !== undefined && value > max ? above : pass;
  },
};
