import { maskOf } from "./reason-mask.ts";
import { bad, notEvaluated, type Rule } from "./rule.ts";

const SENTINEL = maskOf("sentinel");
const invalid = bad("sentinel");
const noNumber = bad("not-a-number");

/** A sample without a value is bad: mapping met the source's code for "no reading" (see mapping/sentinel.ts), or no number at all. */
export const sentinel: Rule = {
  name: "sentinel",
  judge: ({ mapped, value }) => {
    if ((mapped & SENTINEL) !== 0) return invalid;
    return Number.isNaN(value) ? noNumber : notEvaluated;
  },
};
