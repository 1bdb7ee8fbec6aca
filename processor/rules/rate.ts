import { noNeighbour, notEvaluated, pass, suspect, type Rule } from "./rule.ts";

const US_PER_S = 1_000_000;
const tooFast = suspect("rate");

/** QARTOD rate of change: a step from the last usable sample that is faster than the limit, in stored units a second, is suspect; a jump is never blocked. Counters are the totaliser's. */
export const rate: Rule = {
  name: "rate",
  judge: ({ value, timeUs, previousValue, previousUs, limits: { kind, maxRatePerS, minRateSpanS } }) => {
    if (maxRatePerS === undefined || kind === "total" || Number.isNaN(value)) return notEvaluated;
    if (Number.isNaN(previousUs)) return noNeighbour;
    const spanS = Math.max((timeUs - previousUs) / US_PER_S, minRateSpanS);
    return Math.abs(value - previousValue) > maxRatePerS * spanS ? tooFast : pass;
  },
};
