import type { Trouble } from "./trouble.ts";

/** No network: the device keeps its messages and sends them in their order when it is back. */
export const outage: Trouble = {
  name: "outage",
  kinds: ["household", "well", "channel", "kettle"],
  chance: 0.05,
  steps: [3, 20],
  delivery({ window, step, atUs, stepUs }, delivery) {
    delivery.silentUntilUs = atUs + (window.end - step) * stepUs;
    delivery.draft.kinds.push("backfill");
  },
  end({ window, atUs, tell }, _draft, steps) {
    tell({ what: "outage", fromUs: window.fromUs, toUs: atUs, held: steps });
  },
};
