import { bad, notEvaluated, pass, type Rule } from "./rule.ts";

const cannot = bad("impossible-level");

/** Facts 6.4: water below the probe, or above the surface from which the probe's depth was measured, is impossible (or that depth is wrong): bad, the value is kept. */
export const impossible: Rule = {
  name: "impossible-level",
  judge: ({ value, limits: { possibleMin, possibleMax } }) => {
    if (Number.isNaN(value) || (possibleMin === undefined && possibleMax === undefined)) return notEvaluated;
    return (possibleMin !== undefined && value < possibleMin) || (possibleMax !== undefined && value > possibleMax) ? cannot : pass;
  },
};
