import { groups, topics, type SeriesTier } from "@caudal/core";
import { createParkBreaker, createTierSink, type Clock, type Metrics, type Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { BATCH, type ConsumerPlan } from "../consumer-plan.ts";

export interface FanoutOptions {
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** The tiers that measurements are fanned into from here. One is added by its group in core and a row. */
const sinks = [
  { group: groups.hot, tier: (options: FanoutOptions) => options.hot },
  { group: groups.warm, tier: (options: FanoutOptions) => options.warm },
] as const;

/** One group a tier: a store that is down delays itself alone. */
export function openFanout(options: FanoutOptions): ConsumerPlan[] {
  const { codec, parker, metrics, clock } = options;
  return sinks.map(({ group, tier }) => {
    const breaker = createParkBreaker({ group, clock });
    const handler = createTierSink({ group, tier: tier(options), codec, parker, metrics, breaker });
    return { group, topic: topics.measurements, handler, breaker, ...BATCH };
  });
}
