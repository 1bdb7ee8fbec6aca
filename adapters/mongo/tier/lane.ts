import { CaudalError, hasCode, type PointKey, type Tell, type Words } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { FactCounts } from "./batch-draft.ts";
import { fold } from "./fold.ts";
import { textOf } from "./keys.ts";
import type { KnownPoint } from "./known-point.ts";
import { LaneLog } from "./lane-log.ts";
import { LaneState } from "./lane-state.ts";
import type { LogStore } from "./log-store.ts";
import { encodeEntry, type PointEntry } from "./log-entry.ts";
import type { SeriesSource } from "./series-reader.ts";
import type { TierStore } from "./tier-store.ts";
import { draftJobs, takeJobs, type WriteJob } from "./write-jobs.ts";

export interface LaneOptions {
  readonly store: TierStore;
  /** Of all lanes of the tier. */
  readonly logs: LogStore;
  readonly words: Words;
  readonly lane: number;
  readonly retentionUs: number;
  /** The lane is folded when it has as many facts, or entries, or changed points, that are not. */
  readonly foldAfter: { readonly facts: number; readonly entries: number; readonly points: number };
  /** Points of the lane that are kept in memory. */
  readonly maxKnownPoints: number;
  readonly tell: Tell;
}

/** A point as it is shown to who reads it. */
export interface ReadPoint {
  readonly point: KnownPoint;
  readonly source: SeriesSource;
}

/** Others may be first as often as this. */
const ATTEMPTS = 500;
/** Folds that fail hold writes up only when there is this much more than a fold should take. */
const OVERFULL = 4;
const FOLD_PAUSE_MS = 1000;

/**
 * A part of the tier's points, with a log of its own. What this process knows of it is brought up to date before it is used; one thing is done at a time.
 * Writes that wait are written together.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #log: LaneLog;
  readonly #state: LaneState;
  readonly #waiting: WriteJob[] = [];
  #isKnown = false;
  #last: Promise<unknown> = Promise.resolve();
  #following: Promise<void> | undefined;
  #foldAgainMs = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#log = new LaneLog(options.store, options.logs, options.lane);
    this.#state = new LaneState(options.store, options.words);
  }

  /** Counts of a batch whose measurements can all be stored and have facts. */
  write(batch: readonly Measurement[]): Promise<FactCounts> {
    const counts = new Promise<FactCounts>((resolve, reject) => {
      this.#waiting.push({ batch, facts: batch.reduce((sum, { facts }) => sum + facts.length, 0), resolve, reject });
    });
    void this.#alone(() => this.#writeWaiting());
    return counts;
  }

  /** Shows what everybody wrote of points before this was called; `look` must not wait for anything. Points that nobody saw are not `exists`. */
  async look<T>(keys: readonly PointKey[], look: (points: readonly ReadPoint[]) => T): Promise<T> {
    await this.#followOnce();
    return this.#alone(async () => {
      await this.#ready();
      const texts = keys.map(textOf);
      await this.#state.know(texts);
      const result = look(texts.map((text) => readPoint(this.#state, text)));
      this.#state.shrink(this.#options.maxKnownPoints);
      return result;
    });
  }

  raiseFloor(key: PointKey, floorUs: number): Promise<void> {
    const text = textOf(key);
    const raised = this.#alone(() => this.#appendUntilFirst(async () => {
      await this.#state.know([text]);
      const point = this.#state.point(text)!;
      if (point.exists && floorUs <= point.floorUs) return { entries: [], value: undefined };
      return { entries: [{ text, floorUs }], value: undefined };
    }));
    void this.#alone(() => this.#foldIfFull());
    return raised;
  }

  /** Removes all of a client; gives how many points it had. */
  eraseClient(client: string): Promise<number> {
    return this.#alone(async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        await this.#bringUpToDate();
        const points = await this.#state.countPoints(client, this.#options.lane);
        if (points === 0 && !this.#state.erased.has(client)) return 0;
        const { outcome, isFolded } = await this.#append({ k: "", e: client });
        if (outcome !== "written") continue;
        this.#state.eraseClient(client);
        this.#isKnown = !isFolded;
        await this.#foldSurely();
        return points;
      }
      throw this.#crowded();
    });
  }

  async #writeWaiting(): Promise<void> {
    const jobs = takeJobs(this.#waiting);
    if (jobs.length === 0) return;
    try {
      await this.#makeRoom();
      const counts = await this.#appendUntilFirst(() => draftJobs(jobs, this.#state, this.#options));
      jobs.forEach((job, i) => job.resolve(counts[i]!));
    } catch (error) {
      for (const { reject } of jobs) reject(error);
      return;
    }
    await this.#foldIfFull();
    this.#state.shrink(this.#options.maxKnownPoints);
  }

  /** Appends what `draft` makes of the lane's state, again and again until nobody else was first; then it is part of the state. */
  async #appendUntilFirst<T>(draft: () => Promise<{ readonly entries: readonly PointEntry[]; readonly value: T }>): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt === 0) await this.#ready();
      else await this.#bringUpToDate();
      const looks = this.#state.places.looks;
      const { entries, value } = await draft();
      // What was found in buckets holds only if nobody folded meanwhile.
      if (this.#state.places.looks > looks && (await this.#log.head()).turn !== this.#state.turn) {
        this.#isKnown = false;
        continue;
      }
      if (entries.length === 0) {
        if (await this.#isUpToDate()) return value;
        continue;
      }
      const { outcome, isFolded } = await this.#append(encodeEntry(entries, this.#options.words));
      if (outcome === "written") {
        this.#state.apply(entries);
        if (isFolded) this.#isKnown = false;
        return value;
      }
      if (outcome === "stale") this.#isKnown = false;
    }
    throw this.#crowded();
  }

  /** Until an answer says otherwise, nobody knows whether the entry is there. */
  async #append(body: Parameters<LaneLog["append"]>[0]): ReturnType<LaneLog["append"]> {
    const wasKnown = this.#isKnown;
    this.#isKnown = false;
    const answer = await this.#log.append(body, this.#state);
    this.#isKnown = wasKnown;
    return answer;
  }

  /** True when the state is still the end of the log, so that what changes nothing needs no entry. */
  async #isUpToDate(): Promise<boolean> {
    const before = this.#state.last;
    const turn = this.#state.turn;
    await this.#bringUpToDate();
    return this.#state.last === before && this.#state.turn === turn;
  }

  async #ready(): Promise<void> {
    if (this.#isKnown) return;
    await this.#log.load(this.#state);
    this.#isKnown = true;
  }

  async #bringUpToDate(): Promise<void> {
    if (!this.#isKnown) return this.#ready();
    this.#isKnown = false;
    if (!(await this.#log.follow(this.#state))) await this.#log.load(this.#state);
    this.#isKnown = true;
  }

  /** Readers that ask at one time share one look at the log. */
  #followOnce(): Promise<void> {
    this.#following ??= this.#alone(() => {
      this.#following = undefined;
      return this.#bringUpToDate();
    });
    return this.#following;
  }

  async #makeRoom(): Promise<void> {
    await this.#ready();
    if (this.#isFull(OVERFULL)) await this.#foldSurely();
  }

  #isFull(times: number): boolean {
    const { facts, entries, points } = this.#options.foldAfter;
    const { pendingFacts, entries: unfolded, dirtyPoints } = this.#state;
    return pendingFacts >= facts * times || unfolded >= entries * times || dirtyPoints >= points * times;
  }

  /** What is not folded is only slower to read; so writes go on, and the next try waits a little. */
  async #foldIfFull(): Promise<void> {
    if (!this.#isFull(1) || performance.now() < this.#foldAgainMs) return;
    try {
      await this.#foldSurely();
    } catch (error) {
      this.#foldAgainMs = performance.now() + FOLD_PAUSE_MS;
      if (!hasCode(error, "closed")) this.#options.tell("tier.fold.failed", { lane: this.#options.lane, why: error instanceof Error ? error.message : String(error) });
    }
  }

  async #foldSurely(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.#ready();
      try {
        return await this.#fold();
      } catch (error) {
        // Memory and store may differ now; the next one begins from what the store says.
        this.#isKnown = false;
        if (!(error instanceof CaudalError) || !["version-conflict", "unavailable"].includes(error.code) || attempt === 3) throw error;
      }
    }
  }

  async #fold(): Promise<void> {
    const { store, words, lane } = this.#options;
    const state = this.#state;
    if (state.entries === 0) return;
    const points = Array.from(state.points()).filter(({ isDirty }) => isDirty);
    const { places, turn, folded, last, erased } = state;
    state.markFolded(await fold({ store, words, places, lane, turn, folded, last, points, erased }));
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #crowded(): CaudalError {
    return new CaudalError("unavailable", `${this.#options.store.connection.place}: other writers were first ${ATTEMPTS} times in lane ${this.#options.lane}`);
  }
}

function readPoint(state: LaneState, text: string): ReadPoint {
  const point = state.point(text)!;
  return { point, source: state.source(point) };
}
