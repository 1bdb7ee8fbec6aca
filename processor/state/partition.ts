import { CaudalError, type Assignment } from "@caudal/core";
import { Tally, type Clock, type LineBody } from "@caudal/runtime";
import type { PartitionHead } from "./partition-head.ts";
import { Serial } from "./serial.ts";
import type { Kept, StateCache } from "./state-cache.ts";

/** What a batch made, to be durable before its partition moves on. */
export interface Outputs {
  /** Durable when it resolves; may be called again after a rejection. */
  send(): Promise<void>;
  /** Offset behind the last record that the outputs reflect. */
  readonly nextOffset: number;
  readonly tally: Tally;
}

/** Counts that are compared with those of others, kept in the head beside the tally. */
export interface LineCounts {
  /** There is something to compare that no record would make be stored. */
  readonly due: boolean;
  /** Sending failed and is done again. */
  failed(): void;
  /** What to store, while nothing is being sent. */
  line(): Promise<Pick<LineBody, "published" | "handedOver" | "takenFrom">>;
}

export interface SnapshotPace {
  /** Milliseconds after which what changed is stored. */
  readonly everyMs: number;
  /** Records after which it is stored sooner. */
  readonly everyRecords: number;
}

/** When so many snapshots' worth of records is not stored, the partition waits: memory has a bound while the store is away. */
const MOST_SNAPSHOTS_BEHIND = 10;

/** Snapshots take at most this share of a partition's time, whatever the pace asks … */
const SNAPSHOT_SHARE = 0.1;
/** … but none waits for more than so many of the pace's: one that hung with its store would put the next off for minutes, and the offset with it. */
const MOST_WAITS = 5;

/**
 * One partition while it is owned: its states, how far it is, and what of it is stored. Outputs become durable first, then the states
 * that reflect them, then the head, then the committed offset; a crash between any two repeats work and loses none.
 */
export class Partition<S extends Kept, B extends object, C extends LineCounts = LineCounts> {
  readonly assignment: Assignment;
  readonly states: StateCache<S, B>;
  readonly turns = new Serial();
  readonly counts: C | undefined;
  /** Offset that is handled up to: durable, and reflected by the states in memory. */
  handledTo: number;
  /** Directory changes up to it were seen; mapping alone uses it. */
  directoryUs: number;
  /** What stands below it may have been published by an owner before this one, from states that it could not store; mapping alone uses it. */
  repeatTo = 0;
  readonly #head: PartitionHead;
  readonly #clock: Clock;
  readonly #pace: SnapshotPace;
  readonly #tally: Tally;
  /** Outputs whose sending failed: the states reflect them already, so they are sent before anything else. */
  #unsent: Outputs | undefined;
  #broken: unknown;
  #storedMs: number;
  #recordsSince = 0;
  #changed = false;
  #nextAfterMs: number;
  #failedMs = -Infinity;

  constructor(parts: { assignment: Assignment; states: StateCache<S, B>; head: PartitionHead; clock: Clock; pace: SnapshotPace; counts?: C }) {
    this.assignment = parts.assignment;
    this.states = parts.states;
    this.counts = parts.counts;
    this.#head = parts.head;
    this.#clock = parts.clock;
    this.#pace = parts.pace;
    this.handledTo = parts.head.body.offset;
    this.directoryUs = parts.head.body.directoryUs;
    this.#tally = new Tally(parts.head.body.tally);
    this.#storedMs = parts.clock.monotonicMs();
    this.#nextAfterMs = parts.pace.everyMs;
  }

  tally(): Tally {
    return this.#tally;
  }

  /**
   * Runs a step that changes states and gives outputs, and sends them. A step that throws leaves states that nobody can trust: from then
   * on every call throws, until the partition is assigned anew and starts from what is stored.
   */
  step(work: () => Outputs): Promise<void> {
    try {
      this.#unsent = work();
    } catch (error) {
      this.#broken = error;
      throw error;
    }
    return this.settle();
  }

  /** Sends what an earlier try could not. Before any other work of a turn. */
  async settle(): Promise<void> {
    if (this.#broken !== undefined) {
      const { group, partition } = this.assignment;
      throw new CaudalError("unavailable", `${group} cannot trust its state of partition ${partition} and must begin anew`, { cause: this.#broken, retry: "unknown" });
    }
    const outputs = this.#unsent;
    if (outputs === undefined) return;
    try {
      await outputs.send();
    } catch (error) {
      this.counts?.failed();
      throw error;
    }
    this.#unsent = undefined;
    this.#recordsSince += Math.max(0, outputs.nextOffset - this.handledTo);
    this.#changed = true;
    this.handledTo = Math.max(this.handledTo, outputs.nextOffset);
    this.#tally.add(outputs.tally);
  }

  /** Says that there is something to store although no record was handled. */
  touch(): void {
    this.#changed = true;
  }

  get due(): boolean {
    if (!this.#changed || this.#broken !== undefined || this.#unsent !== undefined) return false;
    const { everyMs, everyRecords } = this.#pace;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#failedMs < everyMs) return this.#recordsSince >= MOST_SNAPSHOTS_BEHIND * everyRecords;
    return this.#recordsSince >= everyRecords || nowMs - this.#storedMs >= this.#nextAfterMs;
  }

  /** Stores states, then head, then offset. Outputs that are not sent stay unstored: they will be made again. */
  async snapshot(): Promise<void> {
    if (!this.#changed || this.#broken !== undefined || this.#unsent !== undefined) return;
    const beganMs = this.#clock.monotonicMs();
    try {
      await this.#store();
    } catch (error) {
      this.#failedMs = this.#clock.monotonicMs();
      throw error;
    }
    this.#storedMs = this.#clock.monotonicMs();
    const { everyMs } = this.#pace;
    this.#nextAfterMs = Math.min(MOST_WAITS * everyMs, Math.max(everyMs, (this.#storedMs - beganMs) / SNAPSHOT_SHARE));
  }

  async #store(): Promise<void> {
    // An owner whose partition was taken must not write over the states of the next one.
    await this.assignment.heartbeat();
    await this.states.write();
    await this.#head.store({ offset: this.handledTo, tally: this.#tally.body(), directoryUs: this.directoryUs, ...(await this.counts?.line()) });
    await this.assignment.commit(this.handledTo);
    this.#changed = false;
    this.#recordsSince = 0;
    await this.states.evict();
  }
}
