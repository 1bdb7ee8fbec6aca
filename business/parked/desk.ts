import { hasCode, systemScope, type DocumentCollection, type Page, type Principal, type Scope, type StoredDocument } from "@caudal/core";
import { type Logger, Problem, siftPage } from "@caudal/runtime";
import { indexedBy, sieveOf, type ParkedFilter } from "./filter.ts";
import { isComplete, type ParkedRecord } from "./parked-record.ts";
import { replayParked, type ReplayOptions } from "./replay.ts";
import { waitingIn } from "./waiting.ts";

export interface ReplayTally {
  readonly replayed: number;
  /** Still cannot be used, or cannot be read. */
  readonly stillParked: number;
}

export interface ParkedDeskOptions extends ReplayOptions {
  readonly records: DocumentCollection<ParkedRecord>;
  readonly logger: Logger;
  readonly nowUs: () => number;
}

type Stored = StoredDocument<ParkedRecord>;

const PAGE = 200;
/** Bytes that are in memory at once; an event larger than this goes alone. */
const MAX_BYTES_AT_ONCE = 8 * 1024 * 1024;
const TRIES = 8;

/** Where a person decides what becomes of parked events. */
export class ParkedDesk {
  readonly #options: ParkedDeskOptions;

  constructor(options: ParkedDeskOptions) {
    this.#options = options;
  }

  /** Newest first. Throws Problem "invalid-cursor". */
  list(scope: Scope, filter: ParkedFilter, paging: { limit: number; cursor?: string | undefined }): Promise<Page<Stored>> {
    const { records } = this.#options;
    return siftPage({ ...paging, fits: sieveOf(filter) }, (at) => records.find(scope, { where: indexedBy(filter), orderBy: "receivedAtUs", descending: true, ...at }));
  }

  /** Publishes first and marks after: a crash between the two replays once more, which changes nothing. Throws Problem when it cannot be replayed. */
  async replay(who: Principal, stored: Stored): Promise<ReplayTally> {
    if (stored.body.state === "discarded") throw alreadyDecided(stored.body);
    const [outcome] = await this.#replayed(who, [stored]);
    if (outcome?.kind === "unreadable") throw outcome.error;
    return outcome?.kind === "replayed" ? { replayed: 1, stillParked: 0 } : { replayed: 0, stillParked: 1 };
  }

  /**
   * Replays what is parked now and fits, oldest first: what is parked while this runs is left for another time. An event that cannot be read is
   * told in the log and passed over. Stops between two lots when `signal` says so.
   */
  async replayAll(who: Principal, scope: Scope, { filter, signal }: { filter: ParkedFilter; signal?: AbortSignal }): Promise<ReplayTally> {
    const { records } = this.#options;
    const wanted: ParkedFilter = { ...filter, state: "parked" };
    const query = { where: indexedBy(wanted), orderBy: "receivedAtUs" };
    const fits = sieveOf(wanted) ?? (() => true);
    const { items: [newest] } = await records.find(scope, { ...query, descending: true, limit: 1 });
    if (newest === undefined) return { replayed: 0, stillParked: 0 };
    const range = { field: "receivedAtUs", to: newest.body.receivedAtUs + 1 };
    let [replayed, stillParked] = [0, 0];
    let cursor: string | undefined;
    do {
      // A cursor is a place among times and ids: what leaves the filter below it moves nothing that is above.
      const page: Page<Stored> = await records.find(scope, { ...query, range, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const lot of lotsOf(page.items.filter(fits))) {
        if (signal?.aborted === true) return { replayed, stillParked };
        const outcomes = await this.#replayed(who, lot);
        const done = outcomes.filter(({ kind }) => kind === "replayed").length;
        replayed += done;
        stillParked += outcomes.length - done;
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return { replayed, stillParked };
  }

  /** Replays those of these that are whole and that nobody has decided. */
  async replayThese(who: Principal, ids: readonly string[]): Promise<void> {
    const stored = await this.#options.records.getMany(systemScope, ids);
    for (const lot of lotsOf(stored.filter(({ body }) => body.state === "parked" && isComplete(body)))) await this.#replayed(who, lot);
  }

  /** Throws Problem "state-conflict" when somebody decided already. */
  async discard(who: Principal, stored: Stored, note: string): Promise<Stored> {
    const after = await this.#change(stored, (body) => {
      if (body.state !== "parked") throw alreadyDecided(body);
      return this.#decided(who, body, "discarded", note);
    });
    return after ?? stored;
  }

  /** Events that nobody has decided on. */
  waiting(): Promise<number> {
    return waitingIn(this.#options.records);
  }

  /** Events of a device that are kept until somebody adopts it. */
  kept(scope: Scope, { client, device }: { client: string; device: string }): Promise<number> {
    return this.#options.records.count(scope, { state: "parked", reason: "unknown-device", client, device });
  }

  async #replayed(who: Principal, lot: readonly Stored[]): Promise<ReturnType<typeof replayParked>> {
    const outcomes = await replayParked(this.#options, lot.map(({ body }) => body));
    await Promise.all(outcomes.map(async (outcome, at) => {
      const stored = lot[at] as Stored;
      if (outcome.kind === "unreadable") this.#options.logger.warn("parked.unreadable", { id: stored.id, error: outcome.error });
      else await this.#change(stored, (body) => (outcome.kind === "replayed" ? this.#decided(who, body, "replayed", "") : stillBad(body, outcome)));
    }));
    return outcomes;
  }

  #decided(who: Principal, body: ParkedRecord, state: "replayed" | "discarded", note: string): ParkedRecord {
    return { ...body, state, note, decidedAtUs: this.#options.nowUs(), decidedBy: who.name };
  }

  /** Changes by compare and set, from what is there now; undefined when it is gone. */
  async #change(stored: Stored, change: (body: ParkedRecord) => ParkedRecord): Promise<Stored | undefined> {
    const { records } = this.#options;
    let current: Stored | undefined = stored;
    for (let attempt = 1; current !== undefined; attempt++) {
      const body = change(current.body);
      if (body === current.body) return current;
      try {
        return await records.replace(systemScope, { id: stored.id, body }, current.version);
      } catch (error) {
        if (!hasCode(error, "version-conflict") || attempt >= TRIES) throw error;
        current = await records.get(systemScope, stored.id);
      }
    }
    return undefined;
  }
}

function stillBad(body: ParkedRecord, { reason, detail }: { readonly reason: string; readonly detail: string }): ParkedRecord {
  return body.reason === reason && body.detail === detail ? body : { ...body, reason, detail };
}

/** Lots whose bytes fit into memory together. */
function lotsOf(stored: readonly Stored[]): Stored[][] {
  const lots: Stored[][] = [];
  let bytes = Infinity;
  for (const one of stored) {
    if (bytes + one.body.bytes > MAX_BYTES_AT_ONCE) {
      lots.push([]);
      bytes = 0;
    }
    lots.at(-1)?.push(one);
    bytes += one.body.bytes;
  }
  return lots;
}

function alreadyDecided({ state }: ParkedRecord): Problem {
  return new Problem("state-conflict", { detail: { en: `the event was ${state} already`, es: `el evento ya fue ${state === "replayed" ? "reprocesado" : "descartado"}` } });
}
