import { groups, type PartitionHandler } from "@caudal/core";
import { decodeBatch, type Clock, type Logger } from "@caudal/runtime";
import type { Codec, Measurement } from "@caudal/schemas";
import type { Feed, Obra } from "../obras/obra.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import { slotInstants } from "../slots/schedule.ts";
import { scheduleOf } from "../slots/slot-book.ts";
import { windowOf } from "./selection.ts";
import type { Touch, Touches } from "./touches.ts";

export interface TouchHandlerParts {
  readonly obras: Pick<ObraBook, "all">;
  readonly touches: Pick<Touches, "put">;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Fed {
  readonly obra: Obra;
  readonly variables: ReadonlySet<string>;
}

const MINUTE_US = 60_000_000;

/**
 * Handler of `caudal.measurements` for the group `compliance`: says of each slot whose window a fact of its feeds lies in that it must be looked at, durable before the batch is acknowledged. What
 * came of it is decided by a round, from the tier: a redelivery is looked at once more and changes nothing.
 */
export function touchHandler({ obras, touches, codec, clock, logger }: TouchHandlerParts): PartitionHandler {
  const index = new FeedIndex();
  return {
    async handle(batch) {
      const { good, parked } = await decodeBatch("Measurement", batch, { codec, group: groups.compliance });
      // The cold tier's group parks these; replayed to it they reach the tier, and the next look sees them.
      if (parked.length > 0) logger.warn("compliance.unreadable", { partition: batch.partition, records: parked.length, reason: parked[0]?.reason });
      const byPoint = index.of(await obras.all());
      const nowUs = clock.nowUs();
      const found = new Map<string, Touch>();
      for (const { value } of good) for (const fed of byPoint.get(value.point) ?? []) touch(value, fed, { nowUs, found });
      await touches.put([...found.values()]);
    },
  };
}

function touch({ client, point, instantUs, knownAtUs, facts }: Measurement, { obra, variables }: Fed, { nowUs, found }: { readonly nowUs: number; readonly found: Map<string, Touch> }): void {
  if (client !== obra.client || !facts.some(({ variable }) => variables.has(variable))) return;
  const { fromUs, toUs } = windowOf(obra, instantUs);
  const span = { fromUs: Math.max(fromUs, obra.submitFromUs), toUs: Math.min(toUs + 1, obra.endsUs ?? Infinity) };
  if (span.fromUs >= span.toUs) return;
  for (const slotUs of slotInstants(scheduleOf(obra), span)) {
    const key = `${obra.work}/${slotUs}/${point}`;
    const newestUs = Math.max(knownAtUs, found.get(key)?.knownAtUs ?? 0);
    const dueUs = slotUs + Math.round(obra.settleMinutes * MINUTE_US);
    found.set(key, { client, work: obra.work, slotUs, point, knownAtUs: newestUs, dueUs, sinceUs: nowUs });
  }
}

/** Which works a point feeds; made anew when the works are others. */
class FeedIndex {
  #obras: readonly Obra[] | undefined;
  #byPoint = new Map<string, Fed[]>();

  of(obras: readonly Obra[]): ReadonlyMap<string, readonly Fed[]> {
    if (obras === this.#obras) return this.#byPoint;
    this.#byPoint = new Map();
    for (const obra of obras) {
      for (const [point, feeds] of Map.groupBy(obra.feeds, (feed: Feed) => feed.point)) {
        const fed = { obra, variables: new Set(feeds.map(({ variable }) => variable)) };
        const known = this.#byPoint.get(point);
        if (known === undefined) this.#byPoint.set(point, [fed]);
        else known.push(fed);
      }
    }
    this.#obras = obras;
    return this.#byPoint;
  }
}
