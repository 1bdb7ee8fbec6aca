import { CaudalError, topics, systemScope, type DocumentCollection, type EventLog, type Page, type Principal, type Scope, type StoredDocument } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import { readParked } from "./bytes.ts";
import type { ParkedRecord } from "./parked-record.ts";
import { replayParked, type Redecode } from "./replay.ts";

export interface ParkedFilter {
  readonly client?: string | undefined;
  readonly group?: string | undefined;
  readonly reason?: string | undefined;
  readonly device?: string | undefined;
  readonly state?: ParkedRecord["state"] | undefined;
}

export interface ReplayTally {
  readonly replayed: number;
  readonly stillParked: number;
}

export interface ParkedDeskOptions {
  readonly records: DocumentCollection<ParkedRecord>;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly redecode: Redecode;
  readonly nowUs: () => number;
}

const PAGE = 200;

/** The fields that a query goes by: the index knows state, then one more. The rest is sifted. */
function indexed({ client, group, reason, device, state }: ParkedFilter): Record<string, string> {
  const first: Record<string, string> = state === undefined ? {} : { state };
  if (state !== undefined && reason !== undefined && client !== undefined && device !== undefined) return { state, reason, client, device };
  if (state !== undefined && reason !== undefined) return { ...first, reason };
  if (state !== undefined && group !== undefined) return { ...first, group };
  if (client !== undefined) return { ...first, client };
  return first;
}

function fits(record: ParkedRecord, { client, group, reason, device, state }: ParkedFilter): boolean {
  const same = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
  return same(device, record.device) && same(client, record.client) && same(group, record.group) && same(reason, record.reason) && same(state, record.state);
}

/** Where a person decides what becomes of parked events. */
export class ParkedDesk {
  readonly #options: ParkedDeskOptions;

  constructor(options: ParkedDeskOptions) {
    this.#options = options;
  }

  /** Newest first. Sifts page by page where no index answers the whole filter, so a page may hold fewer than asked while `next` goes on. */
  async list(scope: Scope, filter: ParkedFilter, page: { limit: number; cursor?: string }): Promise<Page<StoredDocument<ParkedRecord>>> {
    const found = await this.#options.records.find(scope, { where: indexed(filter), orderBy: "receivedAtUs", descending: true, ...page });
    const items = found.items.filter(({ body }) => fits(body, filter));
    return found.next === undefined ? { items } : { items, next: found.next };
  }

  /** Publishes first and marks after: a crash between the two replays once more, which changes nothing. */
  async replay(who: Principal, stored: StoredDocument<ParkedRecord>): Promise<ReplayTally> {
    if (stored.body.state === "discarded") throw new CaudalError("version-conflict", "the event was discarded");
    const parked = await readParked(this.#options.log, this.#options.codec, stored.body);
    const outcome = await replayParked(this.#options.log, this.#options.redecode, parked);
    if ("stillBad" in outcome) {
      await this.#replace(stored, { ...stored.body, reason: outcome.stillBad, detail: outcome.detail });
      return { replayed: 0, stillParked: 1 };
    }
    await this.#decide(who, stored, "replayed", "");
    return { replayed: 1, stillParked: 0 };
  }

  async replayAll(who: Principal, scope: Scope, filter: ParkedFilter): Promise<ReplayTally> {
    let [replayed, stillParked] = [0, 0];
    let cursor: string | undefined;
    do {
      const page: Page<StoredDocument<ParkedRecord>> = await this.list(scope, { ...filter, state: "parked" }, cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
      for (const stored of page.items) {
        const tally = await this.replay(who, stored);
        replayed += tally.replayed;
        stillParked += tally.stillParked;
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return { replayed, stillParked };
  }

  async discard(who: Principal, stored: StoredDocument<ParkedRecord>, note: string): Promise<StoredDocument<ParkedRecord>> {
    if (stored.body.state !== "parked") throw new CaudalError("version-conflict", `the event was ${stored.body.state} already`);
    return this.#decide(who, stored, "discarded", note);
  }

  /** Events that nobody has decided on. */
  waiting(): Promise<number> {
    return this.#options.records.count(systemScope, { state: "parked" });
  }

  /** Lets the log go of what stands below the first event that nobody has decided, in each partition. */
  async trimDecided(): Promise<void> {
    for (const { partition, startOffset, endOffset } of await this.#options.log.bounds(topics.parked)) {
      if (startOffset === endOffset) continue;
      const { items: [first] } = await this.#options.records.find(systemScope, { where: { state: "parked", logPartition: partition }, orderBy: "firstOffset", limit: 1 });
      const below = first?.body.firstOffset ?? (await this.#lastDecided(partition)) + 1;
      if (below > startOffset) await this.#options.log.trimBefore(topics.parked, partition, below);
    }
  }

  async #lastDecided(partition: number): Promise<number> {
    let last = -1;
    for (const state of ["replayed", "discarded"] as const) {
      const { items } = await this.#options.records.find(systemScope, { where: { state, logPartition: partition }, orderBy: "firstOffset", descending: true, limit: 1 });
      last = Math.max(last, ...(items[0]?.body.offsets ?? []));
    }
    return last;
  }

  #decide(who: Principal, stored: StoredDocument<ParkedRecord>, state: "replayed" | "discarded", note: string): Promise<StoredDocument<ParkedRecord>> {
    return this.#replace(stored, { ...stored.body, state, note, decidedAtUs: this.#options.nowUs(), decidedBy: who.name });
  }

  #replace(stored: StoredDocument<ParkedRecord>, body: ParkedRecord): Promise<StoredDocument<ParkedRecord>> {
    return this.#options.records.replace(systemScope, { id: stored.id, body }, stored.version);
  }
}
