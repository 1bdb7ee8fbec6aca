import type { Trouble } from "./trouble.ts";

/** Another meter in the old one's place, which has run elsewhere. */
export const swap: Trouble = {
  name: "swap",
  kinds: ["household", "well", "kettle"],
  chance: 0.03,
  steps: [1, 1],
  single: "meter",
  meter({ random, beforeUs, atUs, tell }, meter, { kind, kinds }) {
    const before = meter.register;
    meter.register = random().between(0, Math.min(50_000, meter.modulus - 1));
    kinds.push("swap");
    tell({ what: "swap", fromUs: beforeUs, toUs: atUs, key: kind.meter?.key ?? "", before, after: meter.register });
  },
};
