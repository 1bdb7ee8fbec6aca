import { CaudalError, hasCode, OwnWrites, systemScope, type Assignment, type Documents, type EventLog } from "@caudal/core";
import { Checkpoints } from "./checkpoints.ts";
import { ledgerCollection, type LedgerBody, type Ledgers } from "./line.ts";
import { Tally } from "./tally.ts";

export function openLedgers(documents: Documents): Promise<Ledgers> {
  return documents.collection<LedgerBody>(ledgerCollection);
}

const TRIES = 5;

/** What is added to a ledger at once: a batch, or a segment. */
export interface Entry {
  /** Everything below it is handled. */
  readonly nextOffset: number;
  readonly tally: Tally;
  readonly records: number;
  /** Of each record that counts for all who read the topic: its offset and its facts, in order. */
  readonly offsets: readonly number[];
  readonly facts: readonly number[];
  /** Offsets of records that could not be decoded. */
  readonly unread: readonly number[];
  readonly trimmed?: number;
  readonly holes?: number;
}

/**
 * The ledger of one partition while it is owned: what was handled, what became of it, and the offset that both reflect, in one document. Whoever
 * claims it later makes the writes of the owner before fail with "stale-generation".
 */
export class PartitionLedger {
  readonly #ledgers: Ledgers;
  #writes: OwnWrites<LedgerBody>;
  readonly #id: string;
  readonly #tally: Tally;
  readonly #checkpoints: Checkpoints;
  #body: LedgerBody;
  #storing: Promise<void> = Promise.resolve();
  #changed = false;
  #stale: unknown;
  /** True when there was a ledger and the log had nothing of where it stood. */
  readonly restarted: boolean;

  private constructor(parts: { ledgers: Ledgers; id: string; body: LedgerBody; version: number; restarted: boolean }) {
    this.#ledgers = parts.ledgers;
    this.#writes = new OwnWrites(parts.ledgers, parts.id, parts.version);
    this.#id = parts.id;
    this.#body = parts.body;
    this.restarted = parts.restarted;
    this.#tally = new Tally(parts.body.tally);
    this.#checkpoints = new Checkpoints(parts.body.offset, parts.body.checkpoints);
  }

  /** Claims the ledger of the partition; a new one begins at the group's committed offset. */
  static async claim(ledgers: Ledgers, log: EventLog, assignment: Assignment): Promise<PartitionLedger> {
    const { group, topic, partition, generation } = assignment;
    const id = `${group}.${partition}`;
    for (;;) {
      const lag = (await log.lag(topic, group)).find((each) => each.partition === partition);
      const found = await ledgers.get(systemScope, id);
      const known = found !== undefined && found.body.offset <= (lag?.endOffset ?? 0);
      const offset = lag?.committedOffset ?? 0;
      const body: LedgerBody = known
        ? { ...found.body, generation }
        : { group, topic, partition, generation, offset, beganOffset: offset, records: 0, trimmed: 0, holes: 0, tally: { in: 0, out: {} } };
      // One that lost the partition meanwhile must not take the ledger from whoever has it now.
      assignment.signal.throwIfAborted();
      try {
        const stored = found === undefined ? await ledgers.insert(systemScope, { id, body }) : await ledgers.replace(systemScope, { id, body }, found.version);
        return new PartitionLedger({ ledgers, id, body, version: stored.version, restarted: found !== undefined && !known });
      } catch (error) {
        if (!hasCode(error, "duplicate-key") && !hasCode(error, "version-conflict")) throw error;
        assignment.signal.throwIfAborted();
      }
    }
  }

  /** Everything below it is handled and counted; what is stored may be behind it. */
  get offset(): number {
    return this.#body.offset;
  }

  get body(): LedgerBody {
    return { ...this.#body, tally: this.#tally.body(), checkpoints: this.#checkpoints.body() };
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Throws "stale-generation" once another owner claimed the ledger. */
  mustOwn(): void {
    if (this.#stale !== undefined) throw new CaudalError("stale-generation", `${this.#id} has another owner`, { cause: this.#stale });
  }

  add(entry: Entry): void {
    const { nextOffset, tally, records, offsets, facts, unread, trimmed = 0, holes = 0 } = entry;
    if (nextOffset <= this.#body.offset) return;
    this.#tally.add(tally);
    // Others may have counted what the log let go of here.
    if (trimmed > 0) this.#checkpoints.restart(Math.max(this.#body.offset, offsets[0] ?? nextOffset));
    let bad = 0;
    for (let index = 0; index < offsets.length; index += 1) {
      const offset = offsets[index]!;
      while (bad < unread.length && unread[bad]! < offset) this.#checkpoints.add(unread[bad++]!, 0, 1);
      this.#checkpoints.add(offset, facts[index]!);
    }
    while (bad < unread.length) this.#checkpoints.add(unread[bad++]!, 0, 1);
    this.#checkpoints.advance(nextOffset);
    const body = this.#body;
    this.#body = { ...body, offset: nextOffset, records: body.records + records, trimmed: body.trimmed + trimmed, holes: body.holes + holes };
    this.#changed = true;
  }

  /** Stores what was added; durable when it resolves. One write at a time. Fails with "stale-generation" when another owner claimed it. */
  store(resting = false): Promise<void> {
    const storing = this.#storing.then(() => this.#store(resting));
    this.#storing = storing.catch(() => undefined);
    return storing;
  }

  async #store(resting: boolean): Promise<void> {
    this.mustOwn();
    if (!this.#changed) return;
    if (resting) this.#checkpoints.rest();
    const { body } = this;
    this.#changed = false;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#writes.replace(body);
        return;
      } catch (error) {
        this.#changed = true;
        if (!hasCode(error, "version-conflict")) throw error;
        if (attempt < TRIES && (await this.#takenBack())) continue;
        this.#stale = error;
        this.mustOwn();
      }
    }
  }

  /** From an owner of an older generation that claimed, slowly or after it slept, what it had lost. All that it counts is counted here too. */
  async #takenBack(): Promise<boolean> {
    const found = await this.#ledgers.get(systemScope, this.#id);
    if (found === undefined || found.body.generation >= this.#body.generation) return false;
    this.#writes = new OwnWrites(this.#ledgers, this.#id, found.version);
    this.#changed = false;
    return true;
  }
}
