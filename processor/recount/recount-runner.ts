import { setImmediate as nextTurn } from "node:timers/promises";
import { topics, type Assignment, type DecisionRecord, type DocumentCollection, type Erasures, type EventLog, type LogRecord, type RecountCause, type SeriesTier } from "@caudal/core";
import { Tally, type Logger, type Metrics } from "@caudal/runtime";
import type { Codec, PointEvent } from "@caudal/schemas";
import type { JudgingCounts } from "../judging/judging-counts.ts";
import type { PointStateBody } from "../judging/point-form.ts";
import type { PointState } from "../judging/point-state.ts";
import type { Partition } from "../state/partition.ts";
import { coldHolds } from "./cold-holds.ts";
import { pastIn } from "./held-past.ts";
import { foundMeasurements, markEvent } from "./mark.ts";
import { Recount, type Recounted } from "./recount.ts";
import { decideAgain } from "./recount-decisions.ts";
import type { RecountNotes, RecountRest, Waiting } from "./recount-notes.ts";
import type { RecountTotals } from "./recount-totals.ts";

export type JudgingPartition = Partition<PointState, PointStateBody, JudgingCounts>;

export interface RecountParts {
  readonly cold: SeriesTier;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly decisions: DocumentCollection<DecisionRecord>;
  readonly erasures: Erasures;
  readonly notes: RecountNotes;
  readonly rest: RecountRest;
  readonly nowUs: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The partition while this process owns it. */
  readonly partition: (partition: number) => JudgingPartition | undefined;
}

/** Points that wait to be recounted, and since when the first of them does (UTC microseconds). */
export interface RecountStatus {
  readonly points: number;
  readonly sinceUs: number | null;
}

const causes: readonly RecountCause[] = ["samples", "configuration", "decision", "correction", "remap"];
const RECORDS_AT_ONCE = 500;

/** A recount whose mark is on its way. */
interface Marked {
  readonly id: string;
  readonly state: PointState;
  readonly recount: Recount;
  readonly met: (outcome: { readonly done: Recounted | undefined; readonly event: PointEvent; readonly knownAtUs: number }) => void;
}

/**
 * Recounts the points that fell behind, one at a time and in slices between the partition's batches. It reads beside the state what is held, puts a mark on
 * caudal.points, takes in at the mark what came meanwhile, and publishes what is otherwise with the mark's knownAt. A crash at any step leaves `behindUs`, and it begins again.
 */
export class RecountRunner {
  readonly #parts: RecountParts;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #marked: Marked | undefined;

  constructor(parts: RecountParts) {
    this.#parts = parts;
  }

  /** The partition is this process's: what waits in it was noted by whoever had it before. */
  async opened(partition: number): Promise<void> {
    await this.#parts.notes.open(partition, (await this.#parts.log.bounds(topics.points)).length);
  }

  closed({ partition, generation }: Assignment): void {
    const owned = this.#parts.partition(partition);
    if (owned === undefined || owned.assignment.generation === generation) this.#parts.notes.close(partition);
  }

  /** After an event that left the state behind: it is recounted once the point is quiet. */
  after(partition: number, state: PointState, kind: string): void {
    this.#parts.notes.noticed(state, partition, causes.find((cause) => cause === kind));
  }

  /** Points that wait, and since when the first of them does. */
  status(): RecountStatus {
    const { notes } = this.#parts;
    return { points: notes.count, sinceUs: notes.sinceUs ?? null };
  }

  /** A mark was judged: what was prepared for it is joined with the state. One that nobody waits for says nothing. */
  met(state: PointState, event: PointEvent): void {
    const marked = this.#marked;
    if (marked === undefined || marked.id !== event.eventId) return;
    this.#marked = undefined;
    const done = marked.state === state && state.spill === marked.recount.spill ? marked.recount.join() : undefined;
    marked.met({ done, event, knownAtUs: state.knownAtUs ?? event.receivedAtUs });
  }

  /** Begins what is due, unless one is under way. */
  tick(): void {
    const { notes, rest, metrics } = this.#parts;
    metrics.gauge("caudal_recounts_waiting").set({}, notes.count);
    if (this.#running !== undefined || this.#stop.signal.aborted) return;
    const waiting = notes.due(rest);
    if (waiting !== undefined) this.#running = this.#one(waiting).finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing of it runs. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #one(waiting: Waiting): Promise<void> {
    const { notes, logger, metrics, erasures, partition: owned } = this.#parts;
    const partition = owned(waiting.partition);
    if (partition === undefined) return notes.close(waiting.partition);
    const signal = AbortSignal.any([this.#stop.signal, partition.assignment.signal]);
    try {
      for (let outcome: Outcome = "part"; outcome === "part"; ) {
        outcome = await this.#recount(waiting, partition, signal);
        metrics.counter("caudal_recounts_total").inc({ outcome });
        if (outcome === "again") return notes.again(waiting);
        if (outcome === "gone" || (await erasures.clients()).has(waiting.client)) {
          waiting.madeUp = waiting.times;
          return await notes.done(waiting);
        }
      }
      const { point, client, behindUs, sinceUs } = waiting;
      const result = waiting.totals.result();
      logger.info("judging.recounted", { point, client, behindUs, waitedS: Math.round((this.#parts.nowUs() - sinceUs) / 1e6), causes: [...waiting.causes].join(","), ...result });
      await notes.done(waiting, result);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn("judging.recount-retry", { point: waiting.point, client: waiting.client, error });
      notes.again(waiting);
    }
  }

  /** done: nothing is behind. part: the next one goes on behind it. again: something came that it has not seen. gone: the point is no more, or behind nothing. */
  async #recount(waiting: Waiting, partition: JudgingPartition, signal: AbortSignal): Promise<Outcome> {
    const { point, client, totals, partition: number } = waiting;
    const { cold, log, codec, decisions, erasures, nowUs, notes } = this.#parts;
    // A tier that is away would only make the spill grow.
    await coldHolds(log, point, signal);
    const begun = await partition.turns.run(async () => {
      signal.throwIfAborted();
      await partition.settle();
      await partition.states.load([point]);
      const state = partition.states.get(point);
      if (state === undefined || Number.isNaN(state.behindUs) || (await erasures.clients()).has(client)) return undefined;
      return { state, recount: new Recount(state, pastIn(cold, { client, point }, state.knownAtUs)) };
    });
    if (begun === undefined) return "gone";
    const { state, recount } = begun;
    const release = (): void => {
      if (state.spill === recount.spill) state.spill = undefined;
    };
    try {
      await coldHolds(log, point, signal);
      const pause = async (): Promise<void> => {
        await nextTurn();
        if (recount.spill.isBroken) throw new Overtaken();
      };
      await recount.read({ signal, pause });
      const mark = markEvent({ client, point, nowUs: nowUs() });
      const { done, event, knownAtUs } = await this.#joined({ mark, state, recount, signal }, () => log.publish(topics.points, [{ key: point, value: codec.encode("PointEvent", mark) }]));
      if (done === undefined) return "again";
      await this.#publish(partition, { signal, client, records: this.#records(done, event, knownAtUs, totals) });
      totals.decided(await decideAgain(decisions, point, done, { knownAtUs, causeId: event.eventId }));
      return await partition.turns.run(async (): Promise<Outcome> => {
        signal.throwIfAborted();
        await partition.settle();
        // A part moves on: what is behind it still is.
        const behind = [recount.spill.behindUs, done.toUs].filter((timeUs) => timeUs < Infinity);
        release();
        state.behindUs = behind.length === 0 ? NaN : Math.min(...behind);
        partition.states.changed(state);
        partition.touch();
        if (behind.length === 0) {
          waiting.times = waiting.madeUp = state.behindTimes;
          // An owner whose partition was taken must not write over the state of the next one.
          await partition.assignment.heartbeat();
          await partition.states.write([state]);
          return "done";
        }
        notes.noticed(state, number);
        return done.toUs < Infinity ? "part" : "again";
      });
    } catch (error) {
      if (error instanceof Overtaken) return "again";
      throw error;
    } finally {
      if (this.#marked?.recount === recount) this.#marked = undefined;
      release();
    }
  }

  async #joined({ mark, state, recount, signal }: { mark: PointEvent; state: PointState; recount: Recount; signal: AbortSignal }, publish: () => Promise<unknown>): Promise<Parameters<Marked["met"]>[0]> {
    const { promise, resolve, reject } = Promise.withResolvers<Parameters<Marked["met"]>[0]>();
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    try {
      this.#marked = { id: mark.eventId, state, recount, met: resolve };
      // Whoever waits for the mark hears of a failure first.
      promise.catch(() => undefined);
      await publish();
      return await promise;
    } finally {
      signal.removeEventListener("abort", aborted);
    }
  }

  *#records({ found }: Recounted, event: PointEvent, knownAtUs: number, totals: RecountTotals): Generator<readonly [LogRecord, number]> {
    for (const measurement of foundMeasurements(found, event, knownAtUs)) {
      totals.told(measurement.instantUs, measurement.facts.length);
      yield [{ key: event.point, value: this.#parts.codec.encode("Measurement", measurement) }, measurement.facts.length];
    }
  }

  async #publish(partition: JudgingPartition, { signal, client, records }: { readonly signal: AbortSignal; readonly client: string; readonly records: Generator<readonly [LogRecord, number]> }): Promise<void> {
    const { log, erasures, metrics } = this.#parts;
    for (let next = records.next(); next.done !== true; ) {
      const [part, facts]: [LogRecord[], number[]] = [[], []];
      for (; next.done !== true && part.length < RECORDS_AT_ONCE; next = records.next()) {
        part.push(next.value[0]);
        facts.push(next.value[1]);
      }
      await partition.turns.run(async () => {
        signal.throwIfAborted();
        await partition.settle();
        if ((await erasures.clients()).has(client)) throw new Overtaken();
        const send = async (): Promise<void> => {
          await log.publish(topics.measurements, part);
          partition.counts?.sent(part, facts);
        };
        await partition.step(() => ({ nextOffset: partition.handledTo, tally: new Tally(), send }));
      });
      metrics.counter("caudal_recount_facts_total").inc({}, facts.reduce((sum, count) => sum + count, 0));
      await nextTurn();
    }
  }
}

type Outcome = "done" | "part" | "again" | "gone";

/** Something came that the recount under way cannot follow. */
class Overtaken extends Error {}
