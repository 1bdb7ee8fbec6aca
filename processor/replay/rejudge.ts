import { setImmediate as nextTurn } from "node:timers/promises";
import { groups, REPLAY_HEADER, systemScope, topics, type DocumentCollection, type StoredRecord } from "@caudal/core";
import { decodeBatch } from "@caudal/runtime";
import type { Measurement, PointEvent, Reading } from "@caudal/schemas";
import { eventKinds } from "../events.ts";
import { judgeEvent } from "../judging/judge-event.ts";
import { pointForm, pointStateCollection, type PointStateBody } from "../judging/point-form.ts";
import { PointState } from "../judging/point-state.ts";
import { pastIn } from "../recount/held-past.ts";
import { foundMeasurements } from "../recount/mark.ts";
import { Recount } from "../recount/recount.ts";
import { StateCache } from "../state/state-cache.ts";
import { KnownStates } from "./known-states.ts";
import { isByMappingInForce, mappedAgain } from "./mapped-again.ts";
import { mergedByTime, type Slice } from "./merged.ts";
import type { ReplayOptions, Shadow } from "./options.ts";
import { ReadingWindow } from "./reading-window.ts";
import type { ReplayScope } from "./scope.ts";
import type { Ends } from "./settled-groups.ts";
import type { Trial } from "./trial.ts";

/** Counted while events are judged again. */
export interface RejudgeCounts {
  events: number;
  facts: number;
  /** Samples that the mapping in force maps otherwise than they were. */
  remapped: number;
  /** Events that were taken as they were mapped, because the reading behind them is not at hand or an older mapping made them. */
  asMapped: number;
  /** Records that cannot be decoded, events that judging parks, facts that no tier takes. */
  refused: number;
  /** Events of points that the directory does not have (any more). */
  erased: number;
}

const STATES = { maxStates: 20_000, maxBytes: 16 * 1024 * 1024 } as const;
const WRITE_MEASUREMENTS = 2000;

/** Maps and judges the past into a shadow, with states of its own: the facts that archive and log give, with the revisions they gave them. */
export class Rejudge {
  readonly counts: RejudgeCounts = { events: 0, facts: 0, remapped: 0, asMapped: 0, refused: 0, erased: 0 };
  readonly #options: ReplayOptions;
  readonly #shadow: Shadow;
  readonly #scope: ReplayScope;
  readonly #signal: AbortSignal;
  readonly #known: KnownStates;
  readonly #trial: Trial | undefined;
  readonly #states: DocumentCollection<PointStateBody>;
  readonly #caches = new Map<number, StateCache<PointState, PointStateBody>>();
  readonly #windows = new Map<string, ReadingWindow>();
  readonly #positions = new Map<number, number>();
  #pending: Measurement[] = [];

  private constructor(parts: { options: ReplayOptions; shadow: Shadow; scope: ReplayScope; signal: AbortSignal; known: KnownStates; trial?: Trial | undefined; states: DocumentCollection<PointStateBody> }) {
    this.#options = parts.options;
    this.#shadow = parts.shadow;
    this.#scope = parts.scope;
    this.#signal = parts.signal;
    this.#known = parts.known;
    this.#trial = parts.trial;
    this.#states = parts.states;
  }

  static async open(options: ReplayOptions, parts: { readonly shadow: Shadow; readonly scope: ReplayScope; readonly signal: AbortSignal; readonly trial?: Trial | undefined }): Promise<Rejudge> {
    const { directory } = parts.scope;
    const known = await KnownStates.open(options.documents, directory.collections.points);
    return new Rejudge({ ...parts, options, known, states: await parts.shadow.documents.collection<PointStateBody>(pointStateCollection) });
  }

  /** Goes on from where it is to these ends of caudal.points. */
  async runTo(ends: Ends, told: (records: number) => void): Promise<void> {
    const { past } = this.#options;
    const streams = new Map<number, AsyncIterable<readonly StoredRecord[]>>();
    for (const [partition, toOffset] of ends) {
      if (!this.#scope.partitions.has(partition)) continue;
      const fromOffset = this.#positions.get(partition) ?? 0;
      if (fromOffset < toOffset) streams.set(partition, past(topics.points, partition, { fromOffset, toOffset, signal: this.#signal }));
      this.#positions.set(partition, toOffset);
    }
    for await (const slice of mergedByTime(streams)) {
      this.#signal.throwIfAborted();
      await this.#slice(slice);
      told(slice.records.length);
    }
    await this.#flush();
    for (const cache of this.#caches.values()) await cache.write();
  }

  /** knownAt of the newest event of each of these points; undefined for those without any. */
  async knownUntil(points: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = await this.#states.getMany(systemScope, points);
    return new Map(found.flatMap(({ id, body }) => (body.knownAtUs === null ? [] : [[id, body.knownAtUs] as const])));
  }

  async close(): Promise<void> {
    for (const window of this.#windows.values()) await window.close();
  }

  async #slice({ partition, records }: Slice): Promise<void> {
    const { codec } = this.#options;
    const wanted = records.filter(({ key }) => this.#scope.mayHold(key));
    if (wanted.length === 0) return;
    const batch = { topic: topics.points, partition, records: wanted, nextOffset: 0, endOffset: 0 };
    const { good, parked } = await decodeBatch("PointEvent", batch, { codec, group: groups.judging });
    this.counts.refused += parked.length;
    await this.#known.load([...new Set(good.map(({ value }) => value.point))], good.map(({ value }) => value));
    const cache = this.#cacheOf(partition);
    cache.turn();
    await cache.load(new Set(good.map(({ value }) => value.point)));
    for (const { record, value } of good) {
      if (!this.#known.isKnown(value.point, value.client)) this.counts.erased += 1;
      else if (this.#scope.holds(value.client, value.point)) await this.#event(cache, record, value);
    }
    if (this.#pending.length >= WRITE_MEASUREMENTS) await this.#flush();
    await cache.evict();
  }

  async #event(cache: StateCache<PointState, PointStateBody>, record: StoredRecord, archived: PointEvent): Promise<void> {
    const { judge = judgeEvent } = this.#options;
    let state = cache.get(archived.point);
    if (state === undefined) {
      state = new PointState(archived.client, archived.point);
      if (this.#trial !== undefined) {
        const { variables, periods } = this.#trial.initial(archived.point);
        state.configure(variables, periods);
      }
      cache.add(state);
    }
    if (state.asOfOffset >= record.offset) return;
    this.counts.events += 1;
    const outcome = judge(state, await this.#again(archived), record.headers[REPLAY_HEADER] !== undefined);
    state.asOfOffset = record.offset;
    cache.changed(state);
    if (outcome.kind === "park") this.counts.refused += 1;
    if (outcome.kind !== "keep") return;
    // Also of instants that nobody asks for: what a recount gives hangs on them.
    this.#pending.push(...outcome.value.measurements);
    if (archived.kind === eventKinds.recount && !Number.isNaN(state.behindUs)) await this.#recount(state, archived);
  }

  /** The mark of a recount: what fell behind before it is counted again from what was replayed. Which marks came of nothing, since a process ended, makes no difference to what holds in the end. */
  async #recount(state: PointState, mark: PointEvent): Promise<void> {
    while (!Number.isNaN(state.behindUs)) {
      await this.#flush();
      const recount = new Recount(state, pastIn(this.#shadow.tier, { client: mark.client, point: mark.point }));
      await recount.read({ pause: () => nextTurn(), signal: this.#signal });
      const done = recount.join();
      state.spill = undefined;
      if (done === undefined) throw new Error(`a replay met the recount of ${mark.point} and could not count it again`);
      this.#pending.push(...foundMeasurements(done.found, mark, state.knownAtUs ?? mark.receivedAtUs));
      state.behindUs = done.toUs < Infinity ? done.toUs : NaN;
    }
  }

  /** The event as the mapping in force makes it of its reading. */
  async #again(event: PointEvent): Promise<PointEvent> {
    if (event.samples.length === 0) return this.#trial?.event(event) ?? event;
    const inForce = this.#known.mapping(event.client, event.device);
    const current = inForce !== undefined && isByMappingInForce(event, this.#known.progress(event.point, event.device));
    const reading = current ? await this.#readingOf(event) : undefined;
    if (inForce === undefined || reading === undefined) {
      this.counts.asMapped += 1;
      return event;
    }
    const again = mappedAgain(event, reading, inForce);
    this.counts.remapped += again.changed;
    return again.event;
  }

  async #readingOf({ kind, causePartition, causeOffset, client, device }: PointEvent): Promise<Reading | undefined> {
    // What is mapped anew begins again at the oldest reading, so it has a window of its own.
    const id = `${causePartition}.${kind}`;
    let window = this.#windows.get(id);
    if (window === undefined) this.#windows.set(id, (window = new ReadingWindow(this.#options.past, causePartition, this.#signal)));
    const record = await window.at(causeOffset);
    const decoded = record === undefined ? undefined : this.#options.codec.decode("Reading", record.value);
    return decoded?.ok === true && decoded.value.client === client && decoded.value.device === device ? decoded.value : undefined;
  }

  async #flush(): Promise<void> {
    const measurements = this.#pending;
    this.#pending = [];
    for (let at = 0; at < measurements.length; at += WRITE_MEASUREMENTS) {
      const part = measurements.slice(at, at + WRITE_MEASUREMENTS);
      const { failed, stored, superseded, duplicate } = await this.#shadow.tier.write(part);
      this.counts.facts += stored + superseded + duplicate;
      // What no tier takes was parked by each when it came.
      this.counts.refused += failed.length;
    }
  }

  #cacheOf(partition: number): StateCache<PointState, PointStateBody> {
    let cache = this.#caches.get(partition);
    if (cache === undefined) this.#caches.set(partition, (cache = new StateCache({ collection: this.#states, form: pointForm, ...STATES })));
    return cache;
  }
}

