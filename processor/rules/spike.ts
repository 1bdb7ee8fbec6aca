import { notEvaluated, pass, suspect, type Rule } from "./rule.ts";

const stands = suspect("spike");

/**
 * QARTOD spike by differences, not by the neighbours' mean: a value that stands above both the usable one before it and the next one, or below both, by more than
 * the limit is suspect. So neither the good neighbours of a spike nor the two sides of a true step are. Says nothing until the next one came.
 */
export const spike: Rule = {
  name: "spike",
  judge: ({ value, previousValue, nextValue, limits: { spike: limit } }) => {
    if (limit === undefined || Number.isNaN(value + previousValue + nextValue)) return notEvaluated;
    const [before, after] = [value - previousValue, value - nextValue];
    return before * after > 0 && Math.min(Math.abs(before), Math.abs(after)) > limit ? stands : pass;
  },
};
