import { noNeighbour, notEvaluated, pass, suspect, type Rule } from "./rule.ts";

const decreased = suspect("total-decreased");

/** A total only grows: one below the last usable is suspect (a reset, a swap, a truncated number). The next is compared with it, so that a reset is told once. */
export const totalDecreased: Rule = {
  name: "total-decreased",
  judge: ({ value, previousValue, previousUs, limits: { kind } }) => {
    if (kind !== "total" || Number.isNaN(value)) return notEvaluated;
    if (Number.isNaN(previousUs)) return noNeighbour;
    return value < previousValue ? decreased : pass;
  },
};
