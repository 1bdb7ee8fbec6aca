import { randomBytes } from "node:crypto";
import { CaudalError } from "@caudal/core";
import { entryId, headId, sequenceOf } from "./keys.ts";
import type { LaneState } from "./lane-state.ts";
import type { LogStore } from "./log-store.ts";
import type { EntryDocument, HeadDocument, TierStore } from "./tier-store.ts";

/** Entries that are read in one query. */
const PAGE = 64;
const LOADS = 10;

/**
 * The log of one lane in the store. Entries are numbered without a gap, and who inserts a number first decides what stands there; so all that is known of
 * a lane is known in one order by everybody. Folding takes entries away from the front, after the lane's document says so.
 */
export class LaneLog {
  readonly lane: number;
  readonly #store: TierStore;
  readonly #logs: LogStore;
  readonly #writer = randomBytes(9);
  #written = 0;

  constructor(store: TierStore, logs: LogStore, lane: number) {
    this.#store = store;
    this.#logs = logs;
    this.lane = lane;
  }

  /**
   * Appends an entry after the last one that the state knows. "taken": somebody else was first. "stale": the place was free because what stood there is
   * folded already; nothing was written. "written" with `isFolded`: somebody folded meanwhile, so what is known of buckets does not hold any more.
   */
  async append(body: Omit<EntryDocument, "_id" | "w" | "n">, state: LaneState): Promise<{ readonly outcome: "written" | "taken" | "stale"; readonly isFolded: boolean }> {
    const sequence = state.last + 1;
    const entry: EntryDocument = { _id: entryId(this.lane, sequence), w: this.#writer, n: ++this.#written, ...body };
    const isWritten = await this.#logs.insert(entry);
    if (!isWritten) return { outcome: "taken", isFolded: false };
    const { folded, turn } = await this.head();
    if (folded < sequence) return { outcome: "written", isFolded: turn !== state.turn };
    await this.#logs.remove(entry);
    return { outcome: "stale", isFolded: true };
  }

  head(): Promise<HeadDocument> {
    return this.#logs.head(this.lane);
  }

  /** Brings the state to the end of the log; false when it must be loaded, because somebody else folded. */
  async follow(state: LaneState): Promise<boolean> {
    const { turn } = state;
    for (;;) {
      const page = await this.#page(state.last);
      const head = page.at(-1);
      const isEnd = head !== undefined && "folded" in head;
      for (const entry of isEnd ? page.slice(0, -1) : page) {
        // A gap: what is missing was folded while it was being read.
        if (sequenceOf(entry._id) !== state.last + 1) return false;
        await state.take(entry as EntryDocument);
      }
      if (isEnd) return head.turn === turn;
      if (page.length === 0) return false;
    }
  }

  /** Reads all of the log that is not folded. */
  async load(state: LaneState): Promise<void> {
    for (let attempt = 1; attempt <= LOADS; attempt++) {
      state.reset(await this.head());
      if (await this.follow(state)) return;
    }
    throw new CaudalError("unavailable", `${this.#store.connection.place}: lane ${this.lane} was folded ${LOADS} times while it was being read, or its log has a gap after entry ${state.last}`);
  }

  /** Some entries and, at the end of them, the lane's head. They are read in this order: a head that tells of no fold says that none took an entry away before. */
  #page(after: number): Promise<(EntryDocument | HeadDocument)[]> {
    const filter = { _id: { $gt: entryId(this.lane, after), $lte: headId(this.lane) } };
    return this.#store.connection.onceMore(() => this.#store.log.find<EntryDocument | HeadDocument>(filter).sort({ _id: 1 }).limit(PAGE).toArray());
  }
}
