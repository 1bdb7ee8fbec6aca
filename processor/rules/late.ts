import { informs, notEvaluated, type Rule } from "./rule.ts";

/** A sample this much older than the newest of its variable came late: longer than a usual burst of a logger out of order. */
export const LATE_AFTER_US = 3600 * 1_000_000;
const late = informs("late");

/** Says that a sample came late. Its value is as good as any, so its flag stays. */
export const past: Rule = {
  name: "past",
  judge: ({ timeUs, newestUs }) => (newestUs - timeUs > LATE_AFTER_US ? late : notEvaluated),
};
