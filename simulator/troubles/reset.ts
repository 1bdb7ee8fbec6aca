import type { Trouble } from "./trouble.ts";

/** A meter that lost its count, and begins at nothing. */
export const reset: Trouble = {
  name: "reset",
  kinds: ["household", "well", "kettle"],
  chance: 0.04,
  steps: [1, 1],
  single: "meter",
  meter({ beforeUs, atUs, tell }, meter, { kind, kinds }) {
    const before = meter.register;
    meter.register = 0;
    kinds.push("reset");
    tell({ what: "reset", fromUs: beforeUs, toUs: atUs, key: kind.meter?.key ?? "", before, after: 0 });
  },
};
