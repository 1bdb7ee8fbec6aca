import type { Trouble } from "./trouble.ts";

/** A reading that is sent twice, as overlapping polls do. */
export const duplicate: Trouble = {
  name: "duplicate",
  kinds: ["household", "well", "channel", "kettle"],
  chance: 0.2,
  steps: [1, 1],
  single: "way",
  delivery({ random, stepUs }, { atUs, extras }) {
    extras.push({ is: "duplicate", atUs: atUs + random().between(0, 5) * stepUs + Math.floor(stepUs / 3) });
  },
};
