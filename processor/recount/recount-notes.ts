import { partitionOf, systemScope, type DocumentCollection, type RecountCause, type RecountRecord } from "@caudal/core";
import type { Clock } from "@caudal/runtime";
import type { PointState } from "../judging/point-state.ts";
import { RecountTotals } from "./recount-totals.ts";

/** How long a point must have been quiet before it is recounted, and how long it waits at most. */
export interface RecountRest {
  readonly quietMs: number;
  readonly mostMs: number;
}

/** A point that waits for a recount. */
export interface Waiting {
  readonly point: string;
  readonly client: string;
  readonly partition: number;
  readonly sinceUs: number;
  readonly causes: Set<RecountCause>;
  /** What its recounts came to so far. */
  readonly totals: RecountTotals;
  firstMs: number;
  lastMs: number;
  /** Times that the state fell behind, when it was looked at last, and up to when that was made up for. */
  times: number;
  madeUp: number;
  behindUs: number;
}

const PAGE = 500;

/** The points that wait for a recount, as documents as well, so that one survives whoever noticed it. */
export class RecountNotes {
  readonly #records: DocumentCollection<RecountRecord>;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  /** What stands in the documents of the points that wait. */
  readonly #written = new Map<string, string>();

  constructor(records: DocumentCollection<RecountRecord>, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Since when the longest of them waits; undefined when none does. */
  get sinceUs(): number | undefined {
    let oldest: number | undefined;
    for (const { sinceUs } of this.#waiting.values()) if (oldest === undefined || sinceUs < oldest) oldest = sinceUs;
    return oldest;
  }

  get(point: string): Waiting | undefined {
    return this.#waiting.get(point);
  }

  /** A state is behind after an event of this kind. */
  noticed({ id: point, client, behindUs, behindTimes: times }: PointState, partition: number, cause?: RecountCause): void {
    const nowMs = this.#clock.monotonicMs();
    let waiting = this.#waiting.get(point);
    if (waiting === undefined) {
      waiting = { point, client, partition, sinceUs: this.#clock.nowUs(), causes: new Set(), totals: new RecountTotals(), firstMs: nowMs, lastMs: nowMs, times: 0, madeUp: 0, behindUs };
      this.#waiting.set(point, waiting);
    }
    if (waiting.times === times) return;
    waiting.times = times;
    waiting.lastMs = nowMs;
    waiting.behindUs = behindUs;
    if (cause !== undefined) waiting.causes.add(cause);
  }

  /** Before states are written: a recount that one of them asks for must not be forgotten with this process. */
  async write(states: readonly PointState[]): Promise<void> {
    const records = states.flatMap(({ id }) => {
      const waiting = this.#waiting.get(id);
      return waiting === undefined ? [] : [{ id, body: recordOf(waiting) }];
    }).filter(({ id, body }) => this.#written.get(id) !== JSON.stringify(body));
    if (records.length === 0) return;
    await this.#records.putMany(systemScope, records);
    for (const { id, body } of records) this.#written.set(id, JSON.stringify(body));
  }

  /** The recounts that a former owner of the partition left. */
  async open(partition: number, partitionCount: number): Promise<void> {
    let cursor: string | undefined;
    const nowMs = this.#clock.monotonicMs();
    do {
      const page = await this.#records.find(systemScope, { where: { state: "waiting" }, orderBy: "sinceUs", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const { id, body: { client, sinceUs, causes, behindUs } } of page.items) {
        if (partitionOf(id, partitionCount) !== partition || this.#waiting.has(id)) continue;
        this.#waiting.set(id, { point: id, client, partition, sinceUs, causes: new Set(causes), totals: new RecountTotals(), firstMs: nowMs, lastMs: nowMs, times: 0, madeUp: 0, behindUs });
      }
      cursor = page.next;
    } while (cursor !== undefined);
  }

  close(partition: number): void {
    for (const [point, waiting] of this.#waiting) if (waiting.partition === partition) this.#forget(point);
  }

  /** The point that has waited longest of those whose time has come. */
  due({ quietMs, mostMs }: RecountRest): Waiting | undefined {
    const nowMs = this.#clock.monotonicMs();
    let found: Waiting | undefined;
    for (const waiting of this.#waiting.values()) {
      if (nowMs - waiting.lastMs < quietMs && nowMs - waiting.firstMs < mostMs) continue;
      if (found === undefined || waiting.lastMs < found.lastMs) found = waiting;
    }
    return found;
  }

  /** What it waited for is made up for, and what came of it stands; absent where nothing is left of the point. What fell behind since waits on. */
  async done(waiting: Waiting, result?: Omit<RecountRecord, "client" | "point" | "state" | "causes" | "behindUs" | "sinceUs" | "doneAtUs">): Promise<void> {
    const { point } = waiting;
    if (result !== undefined) await this.#records.putMany(systemScope, [{ id: point, body: { ...recordOf(waiting), ...result, state: "done", doneAtUs: this.#clock.nowUs() } }]);
    else await this.#records.remove(systemScope, point);
    if (waiting.times === waiting.madeUp) this.#forget(point);
    else this.#written.delete(point);
  }

  /** It has to begin again, once its point is quiet. */
  again(waiting: Waiting): void {
    waiting.firstMs = waiting.lastMs = this.#clock.monotonicMs();
  }

  #forget(point: string): void {
    this.#waiting.delete(point);
    this.#written.delete(point);
  }
}

function recordOf({ client, point, causes, behindUs, sinceUs }: Waiting): RecountRecord {
  return { client, point, state: "waiting", causes: [...causes].sort(), behindUs, sinceUs, doneAtUs: null, facts: 0, days: 0, firstUs: null, lastUs: null, decisionsMade: 0, decisionsGone: 0 };
}
