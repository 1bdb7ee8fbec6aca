import type { Trouble } from "./trouble.ts";

/** A reading that arrives after later ones. */
export const late: Trouble = {
  name: "late",
  kinds: ["household", "well", "channel", "kettle"],
  chance: 0.15,
  steps: [1, 1],
  single: "way",
  delivery({ random, stepUs }, delivery) {
    delivery.atUs += random().between(2, 12) * stepUs + Math.floor(stepUs / 2);
    delivery.draft.kinds.push("late");
  },
};
