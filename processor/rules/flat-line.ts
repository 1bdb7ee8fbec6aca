import { notEvaluated, pass, suspect, type Rule } from "./rule.ts";

const US_PER_S = 1_000_000;
/** QARTOD asks for several repeats before a flat line is one: daily readings that agree twice are none. */
const MIN_REPEATS = 5;
const flat = suspect("flat-line");

/** QARTOD flat line: the very same value for `flatLineS` seconds and at least five samples is suspect: a frozen sensor. */
export const flatLine: Rule = {
  name: "flat-line",
  judge: ({ value, timeUs, sinceUs, run, limits: { flatLineS, zeroMayStay } }) => {
    if (flatLineS === undefined || Number.isNaN(value) || run < 2) return notEvaluated;
    if (value === 0 && zeroMayStay) return pass;
    return run >= MIN_REPEATS && timeUs - sinceUs >= flatLineS * US_PER_S ? flat : pass;
  },
};
