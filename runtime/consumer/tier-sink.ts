import { CaudalError, type SeriesTier, type StoredRecord, type WriteResult } from "@caudal/core";
import type { Codec, Measurement } from "@caudal/schemas";
import { countsOf } from "../conservation/counts.ts";
import type { CountedHandler } from "../conservation/keep-ledger.ts";
import { Tally } from "../conservation/tally.ts";
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
  readonly breaker?: ParkBreaker;
}

type Good = { readonly record: StoredRecord; readonly value: Measurement };

/**
 * Writes caudal.measurements into one tier, batch by batch. What the store refuses for good is parked as `rejected-by-store`; any other
 * failure rejects the batch, which is then written again whole: a tier takes a fact twice without harm. Facts are counted in from the log and out by
 * what the tier says of them, so that a tier that loses count is found.
 */
export function createTierSink(options: TierSinkOptions): CountedHandler {
  const { group, tier, codec, parker, breaker } = options;

  return {
    handle: async (batch) => {
      const { good, parked, skipped } = await decodeBatch("Measurement", batch, { codec, group });
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
      const tally = tallyOf(good, result, refused);
      return { tally, records: good.length + parked.length + skipped, ...countsOf(good, parked, ({ facts }) => facts.length) };
    },
  };
}

function tallyOf(good: readonly Good[], result: WriteResult, refused: readonly Good[]): Tally {
  const tally = new Tally();
  tally.came(factsOf(good));
  tally.went("stored", result.stored);
  tally.went("superseded", result.superseded);
  tally.went("duplicate", result.duplicate);
  tally.went("below-floor", result.belowFloor);
  tally.went("parked", factsOf(refused), "rejected-by-store");
  return tally;
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
