import { notEvaluated, pass, suspect, type Rule } from "./rule.ts";

const beyond = suspect("beyond-right");

/** A flow above the point's water right and its tolerance, L/s: suspect, since it is either too much water or a wrong number. Wells differ, so no limit stands in the code. */
export const beyondRight: Rule = {
  name: "beyond-right",
  judge: ({ value, limits: { right } }) => {
    if (right === undefined || Number.isNaN(value)) return notEvaluated;
    return value > right ? beyond : pass;
  },
};
