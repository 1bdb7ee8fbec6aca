import type { Trouble } from "./trouble.ts";

/** A reading whose source says one of its values anew. */
export const corrected: Trouble = {
  name: "corrected",
  kinds: ["household", "well", "channel", "kettle"],
  chance: 0.15,
  steps: [1, 1],
  single: "way",
  delivery({ random, stepUs }, { atUs, extras, draft }) {
    const numbers = random();
    const place = draft.values.length - 1;
    const value = (draft.values[place] ?? 0) + numbers.between(1, 9);
    extras.push({ is: "corrected", atUs: atUs + numbers.between(1, 6) * stepUs + Math.floor(stepUs / 4), place, value });
  },
};
