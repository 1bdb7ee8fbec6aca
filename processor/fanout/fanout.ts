import { groups, topics, type Documents, type EventLog, type SeriesTier } from "@caudal/core";
import { createParkBreaker, createTierSink, keepLedger, LINGER_MS, type Clock, type Findings, type LedgerPace, type Logger, type Metrics, type Parker } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { BATCH, type ConsumerPlan } from "../consumer-plan.ts";

export interface FanoutOptions {
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly findings: Findings;
  readonly logger: Logger;
  readonly ledgerPace?: LedgerPace;
}

/** The tiers that measurements are fanned into from here. One is added by its group in core and a row. Hot is what people look at; nobody waits for warm. */
const sinks = [
  { group: groups.hot, tier: (options: FanoutOptions) => options.hot, lingerMs: 0 },
  { group: groups.warm, tier: (options: FanoutOptions) => options.warm, lingerMs: LINGER_MS },
] as const;

/** One group a tier: a store that is down delays itself alone. */
export function openFanout(options: FanoutOptions): ConsumerPlan[] {
  const { codec, parker, clock, ledgerPace: pace } = options;
  return sinks.map(({ group, tier, lingerMs }) => {
    const breaker = createParkBreaker({ group, clock });
    const handler = keepLedger({ ...options, group, handler: createTierSink({ group, tier: tier(options), codec, parker, breaker }), ...(pace === undefined ? {} : { pace }) });
    return { group, topic: topics.measurements, handler, breaker, lingerMs, ...BATCH };
  });
}
