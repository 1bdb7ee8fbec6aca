import {
  CaudalError, groups, REPLAY_HEADER, topics, type Assignment, type EventLog, type PointKey, type RecordBatch, type StoredRecord,
} from "@caudal/core";
import { countsOf, decodeBatch, Tally, type CountedHandler, type Handled, type Logger } from "@caudal/runtime";
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
export class Marker implements CountedHandler {
  readonly #options: MarkerOptions;
  readonly #partitions = new Map<number, MarkedPoints>();
  /** Of each partition's owner here: one that lost it may be told so only after it came back. */
  readonly #generations = new Map<number, number>();

  constructor(options: MarkerOptions) {
    this.#options = options;
  }

  async assigned({ partition, generation }: Assignment, startOffset: number): Promise<void> {
    const { log, store } = this.#options;
    const lags = await log.lag(topics.measurements, groups.rollups);
    const points = await MarkedPoints.load(store, partition, Math.max(lags[partition]?.committedOffset ?? 0, startOffset));
    if ((this.#generations.get(partition) ?? generation) > generation) return;
    this.#partitions.set(partition, points);
    this.#generations.set(partition, generation);
  }

  async handle(batch: RecordBatch): Promise<Handled> {
    const { codec, logger, onMarked } = this.#options;
    const { good, parked, skipped } = await decodeBatch("Measurement", forRollups(batch), { codec, group: groups.rollups });
    // The cold tier's group parks these; once replayed to it they come by here again.
    if (parked.length > 0) logger.warn("rollups.unreadable", { partition: batch.partition, records: parked.length, reason: parked[0]?.reason });
    const touches = touchesOf(good.map(({ record, value }) => ({ client: value.client, point: value.point, quarter: quarterOf(value.instantUs), offset: record.offset })));
    const points = this.#partitions.get(batch.partition);
    // Passed over in silence, these buckets would never be computed anew.
    if (points === undefined) throw new CaudalError("stale-generation", `${groups.rollups} does not own partition ${batch.partition} any more`);
    await points.touch(touches, batch.nextOffset);
    onMarked(touches);
    const facts = good.reduce((sum, { value }) => sum + value.facts.length, 0);
    const tally = new Tally();
    tally.came(facts);
    tally.went("marked", facts);
    const replayed = new Set(batch.records.filter(({ headers }) => headers[REPLAY_HEADER] !== undefined).map(({ offset }) => offset));
    return { tally, records: good.length + parked.length + skipped, ...countsOf(good.filter(({ record }) => !replayed.has(record.offset)), parked, ({ facts: list }) => list.length) };
  }

  async revoked({ partition, generation }: Assignment): Promise<void> {
    if (this.#generations.get(partition) !== generation) return;
    this.#partitions.delete(partition);
    this.#generations.delete(partition);
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
