import {
  groups, REPLAY_HEADER, topics, type Assignment, type EventLog, type PartitionHandler, type PointKey, type RecordBatch, type StoredRecord,
} from "@caudal/core";
import { decodeBatch, type Logger } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { HOLD_US } from "../buckets/fold.ts";
import { quarterUs } from "./level.ts";
import { MarkedPoints, quarterOf, type Touch } from "./marked-points.ts";
import type { MarkStore } from "./mark-store.ts";
import type { Mark } from "./marks.ts";

export interface MarkerOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly store: MarkStore;
  readonly logger: Logger;
  /** Told after each batch what it marked. */
  readonly onMarked: (touches: readonly Touch[]) => void;
}

const HELD_QUARTERS = Math.ceil(HOLD_US / quarterUs);

/** Handler of the group that marks buckets: one pass over a batch, and a write only for buckets that were not marked yet. */
export class Marker implements PartitionHandler {
  readonly #options: MarkerOptions;
  readonly #partitions = new Map<number, MarkedPoints>();

  constructor(options: MarkerOptions) {
    this.#options = options;
  }

  async assigned({ partition }: Assignment): Promise<undefined> {
    const { log, store } = this.#options;
    const lags = await log.lag(topics.measurements, groups.rollups);
    this.#partitions.set(partition, await MarkedPoints.load(store, partition, lags[partition]?.committedOffset ?? 0));
  }

  async handle(batch: RecordBatch): Promise<void> {
    const { codec, logger, onMarked } = this.#options;
    const { good, parked } = await decodeBatch("Measurement", forRollups(batch), { codec, group: groups.rollups });
    // The cold tier's group parks these; once replayed to it they come by here again.
    if (parked.length > 0) logger.warn("rollups.unreadable", { partition: batch.partition, records: parked.length, reason: parked[0]?.reason });
    const touches = touchesOf(good.map(({ record, value }) => ({ client: value.client, point: value.point, quarter: quarterOf(value.instantUs), offset: record.offset })));
    await this.#partitions.get(batch.partition)?.touch(touches, batch.nextOffset);
    onMarked(touches);
  }

  async revoked({ partition }: Assignment): Promise<void> {
    this.#partitions.delete(partition);
  }

  /** Partitions that are marked here, with their points. */
  owned(): ReadonlyMap<number, MarkedPoints> {
    return this.#partitions;
  }
}

/** What is replayed to the cold tier changes what rollups are made from. */
function forRollups(batch: RecordBatch): RecordBatch {
  if (!batch.records.some(({ headers }) => headers[REPLAY_HEADER] === groups.cold)) return batch;
  const records = batch.records.map((record): StoredRecord => {
    if (record.headers[REPLAY_HEADER] !== groups.cold) return record;
    const { [REPLAY_HEADER]: _, ...headers } = record.headers;
    return { ...record, headers };
  });
  return { ...batch, records };
}

interface Touched extends PointKey {
  readonly quarter: number;
  readonly offset: number;
}

function touchesOf(facts: readonly Touched[]): Touch[] {
  const byPoint = new Map<string, { readonly client: string; readonly quarters: Map<number, number> }>();
  for (const { client, point, quarter, offset } of facts) {
    let found = byPoint.get(point);
    if (found === undefined) byPoint.set(point, (found = { client, quarters: new Map() }));
    found.quarters.set(quarter, offset);
  }
  return Array.from(byPoint, ([point, { client, quarters }]) => ({ client, point, marks: runsOf(quarters) }));
}

/** Each quarter and those that its values may be held into; what overlaps or touches is one mark, with the greatest offset. */
function runsOf(quarters: ReadonlyMap<number, number>): Mark[] {
  const marks: Mark[] = [];
  for (const [quarter, offset] of [...quarters].sort(([a], [b]) => a - b)) {
    const last = marks.at(-1);
    const to = quarter + 1 + HELD_QUARTERS;
    if (last !== undefined && quarter <= last.to) marks[marks.length - 1] = { from: last.from, to, offset: Math.max(last.offset, offset) };
    else marks.push({ from: quarter, to, offset });
  }
  return marks;
}
