import { maskOf } from "./reason-mask.ts";
import { notEvaluated, suspect, type Rule } from "./rule.ts";

const CLOCK_AHEAD = maskOf("clock-ahead");
const ahead = suspect("clock-ahead");

/** Mapping compares source time and received time; a sample from the future is suspect, because its instant is. */
export const future: Rule = {
  name: "future",
  judge: ({ mapped }) => ((mapped & CLOCK_AHEAD) !== 0 ? ahead : notEvaluated),
};
