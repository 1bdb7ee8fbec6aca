import type { Metrics } from "@caudal/runtime";

const nothing = { inc: () => undefined, dec: () => undefined, set: () => undefined, remove: () => undefined, observe: () => undefined };

/** Metrics that nobody looks at: what a run proves stands in the stores. */
export const quietMetrics: Metrics = {
  counter: () => nothing, gauge: () => nothing, histogram: () => nothing, beforeScrape: () => () => undefined, sum: async () => 0, text: async () => "", contentType: "text/plain",
};
