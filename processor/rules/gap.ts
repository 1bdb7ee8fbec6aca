import { informs, notEvaluated, type Rule } from "./rule.ts";

/** Facts: an interval above three nominal periods counts as a gap. */
const PERIODS = 3;
const gapBefore = informs("gap-before");

/** QARTOD gap: says that readings are missing before this one. That is no fault of this one, so its flag stays. */
export const gap: Rule = {
  name: "gap",
  judge: ({ timeUs, beforeUs, periodUs }) => (timeUs - beforeUs > PERIODS * periodUs ? gapBefore : notEvaluated),
};
