import type { PointKey, RowBlock, SeriesTier, WriteResult } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { systemClock, type Clock } from "../clock/clock.ts";
import type { Metrics } from "./metrics.ts";
import { codeOf, timed } from "./timed.ts";

/** The same tier, with facts counted by what became of them, once a batch. */
export function observeTier(tier: SeriesTier, metrics: Metrics, clock: Clock = systemClock): SeriesTier {
  const facts = metrics.counter("caudal_tier_facts_total");
  const writeSeconds = metrics.histogram("caudal_tier_write_seconds");
  const readRows = metrics.counter("caudal_tier_read_rows_total");
  const errors = metrics.counter("caudal_tier_errors_total");
  const lastWrite = metrics.gauge("caudal_tier_last_write_timestamp_seconds");
  const name = tier.name;
  const failed = (call: string) => ({ failed: (code: string) => errors.inc({ tier: name, call, code }) });

  function count(batch: readonly Measurement[], result: WriteResult): void {
    const failedFacts = result.failed.reduce((total, { index }) => total + (batch[index]?.facts.length ?? 0), 0);
    facts.inc({ tier: name, outcome: "stored" }, result.stored);
    facts.inc({ tier: name, outcome: "superseded" }, result.superseded);
    facts.inc({ tier: name, outcome: "duplicate" }, result.duplicate);
    facts.inc({ tier: name, outcome: "below-floor" }, result.belowFloor);
    facts.inc({ tier: name, outcome: "failed" }, failedFacts);
    if (result.stored + result.superseded > 0) lastWrite.set({ tier: name }, clock.nowUs() / 1e6);
  }

  async function* counted(blocks: AsyncIterable<RowBlock>): AsyncIterable<RowBlock> {
    try {
      for await (const block of blocks) {
        readRows.inc({ tier: name }, block.rows);
        yield block;
      }
    } catch (error) {
      errors.inc({ tier: name, call: "read", code: codeOf(error) });
      throw error;
    }
  }

  return {
    name,
    capabilities: tier.capabilities,
    write: async (batch) => {
      const tell = { ...failed("write"), seconds: (seconds: number) => writeSeconds.observe({ tier: name }, seconds) };
      const result = await timed(() => tier.write(batch), tell);
      count(batch, result);
      return result;
    },
    read: (scope, query) => counted(tier.read(scope, query)),
    latest: (scope, points) => timed(() => tier.latest(scope, points), failed("latest")),
    digest: (scope, point, dayStartUs) => timed(() => tier.digest(scope, point, dayStartUs), failed("digest")),
    floor: (scope, point) => timed(() => tier.floor(scope, point), failed("floor")),
    raiseFloor: (scope, point, floorUs) => timed(() => tier.raiseFloor(scope, point, floorUs), failed("raiseFloor")),
    eraseClient: (client) => timed(() => tier.eraseClient(client), failed("eraseClient")),
    ...(tier.pack === undefined || tier.unpackedDay === undefined ? {} : {
      pack: (point: PointKey, dayStartUs: number) => timed(() => tier.pack!(point, dayStartUs), failed("pack")),
      unpackedDay: (point: PointKey, fromUs: number, toUs: number) => timed(() => tier.unpackedDay!(point, fromUs, toUs), failed("unpackedDay")),
    }),
    ...(tier.check === undefined ? {} : { check: (after?: string) => timed(() => tier.check!(after), failed("check")) }),
    ...(tier.discardDamaged === undefined ? {} : { discardDamaged: (point: PointKey) => timed(() => tier.discardDamaged!(point), failed("discardDamaged")) }),
    close: () => tier.close(),
    ...(tier.recovery === undefined ? {} : { recovery: tier.recovery }),
  };
}
