import { CaudalError, type PartitionHandler, type SeriesTier, type StoredRecord, type WriteResult } from "@caudal/core";
import type { Codec, Measurement } from "@caudal/schemas";
import type { Metrics } from "../metrics/metrics.ts";
import type { ParkBreaker } from "../parking/breaker.ts";
import type { ParkItem } from "../parking/park-item.ts";
import type { Parker } from "../parking/parker.ts";
import { policyOf } from "../retry/backoff.ts";
import { decodeBatch, RECORD_CONTENT_TYPE } from "./decode-batch.ts";

export interface TierSinkOptions {
  readonly group: string;
  readonly tier: SeriesTier;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly metrics: Metrics;
  readonly breaker?: ParkBreaker;
}

type Good = { readonly record: StoredRecord; readonly value: Measurement };

/**
 * Writes caudal.measurements into one tier, batch by batch. What the store refuses for good is parked as `rejected-by-store`; any other
 * failure rejects the batch, which is then written again whole: a tier takes a fact twice without harm. Facts are counted in and out.
 */
export function createTierSink(options: TierSinkOptions): PartitionHandler {
  const { group, tier, codec, parker, metrics, breaker } = options;
  const factsIn = metrics.counter("caudal_facts_in_total");
  const factsOut = metrics.counter("caudal_facts_out_total");

  function count(good: readonly Good[], result: WriteResult, refused: readonly Good[]): void {
    factsIn.inc({ group }, factsOf(good));
    factsOut.inc({ group, outcome: "stored", reason: "" }, result.stored);
    factsOut.inc({ group, outcome: "superseded", reason: "" }, result.superseded);
    factsOut.inc({ group, outcome: "duplicate", reason: "" }, result.duplicate);
    factsOut.inc({ group, outcome: "below-floor", reason: "" }, result.belowFloor);
    factsOut.inc({ group, outcome: "parked", reason: "rejected-by-store" }, factsOf(refused));
  }

  return {
    handle: async (batch) => {
      const { good, parked } = await decodeBatch("Measurement", batch, { codec, group });
      const result = await tier.write(good.map(({ value }) => value));
      const refused: Good[] = [];
      const items: ParkItem[] = [...parked];
      for (const { index, error } of result.failed) {
        const one = good[index];
        if (policyOf(error) !== "no" || !(error instanceof CaudalError) || one === undefined) throw error;
        refused.push(one);
        items.push(rejected(one, error, { group, topic: batch.topic, partition: batch.partition }));
      }
      if (items.length > 0) {
        breaker?.admit(batch.records.length, items);
        await parker.park(items);
      }
      count(good, result, refused);
    },
  };
}

function factsOf(good: readonly Good[]): number {
  return good.reduce((total, { value }) => total + value.facts.length, 0);
}

function rejected({ record, value }: Good, error: CaudalError, place: { group: string; topic: string; partition: number }): ParkItem {
  return {
    ...place,
    client: value.client,
    device: value.device,
    source: value.source,
    transport: value.transport,
    reason: "rejected-by-store",
    detail: `${error.code}: ${error.message}`,
    value: record.value,
    contentType: RECORD_CONTENT_TYPE,
    key: record.key,
    offset: record.offset,
    origin: `${place.topic}/${place.partition}/${record.offset}`,
    receivedAtUs: value.receivedAtUs,
    observedAtUs: value.observedAtUs,
    headers: record.headers,
    labels: value.labels,
  };
}
