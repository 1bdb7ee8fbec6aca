import { setTimeout as pause } from "node:timers/promises";
import { CaudalError } from "@caudal/core";
import { afterEntry, expectedSlot, type SlotState } from "../slots/slot-state.ts";
import { FIRST_PREVIOUS, hashOf, nextEntry, type EntryBody, type LedgerEntry } from "./entry.ts";
import type { EntryWriter } from "./entry-writer.ts";
import { slotOf, WHOLE_WORK } from "./ledger-record.ts";
import type { LedgerReader } from "./ledger-reader.ts";
import type { LastAttempt, WorkChain } from "./ledger.ts";

/** Slots whose states a chain remembers; others are folded again when they are asked for. */
const SLOTS_KEPT = 128;
/** Every lost race is somebody else's entry; so many in a row are no race any more. */
const MOST_RACES = 1000;
const READ_ON_MS = 10;
const MOST_READS_ON = 500;

export interface ChainParts {
  readonly reader: LedgerReader;
  readonly writer: EntryWriter;
  readonly nowUs: () => number;
}

/** A work's chain over a store. Calls run one after the other. */
export class StoredChain implements WorkChain {
  readonly work: string;
  readonly #parts: ChainParts;
  readonly #slots = new Map<number, { readonly state: SlotState; readonly seq: number }>();
  #head: { readonly seq: number; readonly hash: string };
  #stopped: { readonly reason: string; readonly by: string; readonly atUs: number } | undefined;
  #last: LastAttempt | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(work: string, parts: ChainParts, { head, said, last }: { readonly head: LedgerEntry | undefined; readonly said: LedgerEntry | undefined; readonly last: LastAttempt | undefined }) {
    this.work = work;
    this.#parts = parts;
    this.#head = { seq: head?.seq ?? 0, hash: head?.hash ?? FIRST_PREVIOUS };
    this.#last = last;
    this.#stopped = said?.body.kind === "stopped" ? { reason: said.body.reason, by: said.by, atUs: said.atUs } : undefined;
  }

  /** Reads the head, whether the work is stopped and its newest attempt, and nothing else. */
  static async open(work: string, parts: ChainParts): Promise<StoredChain> {
    const head = await parts.reader.newest(work);
    if (head === undefined) return new StoredChain(work, parts, { head, said: undefined, last: undefined });
    mustBeWhole(work, head);
    return new StoredChain(work, parts, { head, said: await parts.reader.newestOf(work, WHOLE_WORK), last: await lastAttemptOf(work, parts.reader, head.seq) });
  }

  get head(): { readonly seq: number; readonly hash: string } {
    return this.#head;
  }

  get stopped(): string | undefined {
    return this.#stopped?.reason;
  }

  get stoppedBy(): { readonly by: string; readonly atUs: number } | undefined {
    return this.#stopped;
  }

  get lastAttempt(): LastAttempt | undefined {
    return this.#last;
  }

  catchUp(): Promise<void> {
    return this.#inTurn(async () => void (await this.#readOn()));
  }

  slot(slotUs: number): Promise<SlotState> {
    return this.#inTurn(() => this.#stateOf(slotUs));
  }

  append(slotUs: number, { by, decide }: { readonly by: string; readonly decide: (state: SlotState) => EntryBody | undefined }): Promise<LedgerEntry | undefined> {
    return this.#inTurn(() => this.#append(by, async (atUs) => {
      const state = await this.#stateOf(slotUs);
      const body = decide(state);
      if (body === undefined) return undefined;
      if (slotOf({ body }) !== slotUs) throw new RangeError(`${body.kind} is not about slot ${slotUs} of ${this.work}`);
      afterEntry(state, { body, atUs });
      return body;
    }));
  }

  appendToWork({ by, decide }: { readonly by: string; readonly decide: (stopped: string | undefined) => EntryBody | undefined }): Promise<LedgerEntry | undefined> {
    return this.#inTurn(() => this.#append(by, async () => {
      const body = decide(this.#stopped?.reason);
      if (body === undefined) return undefined;
      if (body.kind !== "stopped" && body.kind !== "resumed") throw new RangeError(`${body.kind} is not about the work ${this.work} as a whole`);
      if (body.kind === "resumed" && this.#stopped === undefined) throw new RangeError(`resumed may not follow: the work ${this.work} is not stopped`);
      return body;
    }));
  }

  async #append(by: string, propose: (atUs: number) => Promise<EntryBody | undefined>): Promise<LedgerEntry | undefined> {
    for (let race = 1; race <= MOST_RACES; race++) {
      const atUs = Math.trunc(this.#parts.nowUs());
      let body: EntryBody | undefined;
      try {
        body = await propose(atUs);
      } catch (error) {
        // It may not follow what is known here; perhaps it may follow what others wrote meanwhile.
        if (error instanceof RangeError && (await this.#readOn())) continue;
        throw error;
      }
      if (body === undefined) {
        if (await this.#readOn()) continue;
        return undefined;
      }
      const entry = nextEntry(this.#head, { work: this.work, atUs, by, body });
      if (await this.#parts.writer.write(entry)) {
        this.#follow(entry);
        return entry;
      }
      await this.#readWinner();
    }
    throw new CaudalError("unavailable", `${MOST_RACES} others were first at the chain of ${this.work}`);
  }

  /** A store may refuse a number before it shows to readers who has it. */
  async #readWinner(): Promise<void> {
    for (let reads = 1; !(await this.#readOn()); reads++) {
      if (reads >= MOST_READS_ON) throw new CaudalError("unavailable", `entry ${this.#head.seq + 1} of ${this.work} is taken, and cannot be read`);
      await pause(READ_ON_MS);
    }
  }

  /** True when others had appended. */
  async #readOn(): Promise<boolean> {
    const before = this.#head.seq;
    for await (const entry of this.#parts.reader.entries(this.work, before)) {
      mustBeWhole(this.work, entry);
      if (entry.seq !== this.#head.seq + 1 || entry.previous !== this.#head.hash) throw new CaudalError("corrupt", `the chain of ${this.work} is broken: entry ${entry.seq} does not follow entry ${this.#head.seq}`);
      this.#follow(entry);
    }
    return this.#head.seq > before;
  }

  #follow(entry: LedgerEntry): void {
    const slotUs = slotOf(entry);
    const known = this.#slots.get(slotUs);
    if (known !== undefined && known.seq < entry.seq) this.#keep(slotUs, { state: folded(known.state, entry), seq: entry.seq });
    const { body, by, atUs } = entry;
    if (body.kind === "stopped") this.#stopped = { reason: body.reason, by, atUs };
    if (body.kind === "resumed") this.#stopped = undefined;
    if (body.kind === "attempt") this.#last = { slotUs, atUs, isOpen: true, sentByUs: atUs };
    else if (slotUs === this.#last?.slotUs) this.#last = ended(this.#last, entry);
    this.#head = { seq: entry.seq, hash: entry.hash };
  }

  async #stateOf(slotUs: number): Promise<SlotState> {
    const known = this.#slots.get(slotUs);
    if (known !== undefined) {
      this.#keep(slotUs, known);
      return known.state;
    }
    let state = expectedSlot(slotUs);
    // Only as far as the head: what stands behind it is met when the chain reads on.
    for await (const entry of this.#parts.reader.entriesOf(this.work, slotUs, this.#head.seq)) state = folded(state, entry);
    this.#keep(slotUs, { state, seq: this.#head.seq });
    return state;
  }

  #keep(slotUs: number, known: { readonly state: SlotState; readonly seq: number }): void {
    this.#slots.delete(slotUs);
    this.#slots.set(slotUs, known);
    if (this.#slots.size > SLOTS_KEPT) for (const oldest of this.#slots.keys()) return void this.#slots.delete(oldest);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

async function lastAttemptOf(work: string, reader: LedgerReader, toSeq: number): Promise<LastAttempt | undefined> {
  const attempt = await reader.newestAttempt(work);
  if (attempt === undefined || attempt.seq > toSeq) return undefined;
  const slotUs = slotOf(attempt);
  let last: LastAttempt = { slotUs, atUs: attempt.atUs, isOpen: true, sentByUs: attempt.atUs };
  for await (const entry of reader.entriesOf(work, slotUs, toSeq)) if (entry.seq > attempt.seq) last = ended(last, entry);
  return last;
}

/** The newest attempt after an entry of its slot: the first that ends it says how long it took. */
function ended(last: LastAttempt, { body, atUs }: LedgerEntry): LastAttempt {
  if (!last.isOpen || (body.kind !== "outcome" && body.kind !== "imported")) return last;
  const tookUs = body.kind === "outcome" ? (body.tookMs ?? 0) * 1000 : 0;
  return { ...last, isOpen: false, sentByUs: body.kind === "outcome" ? Math.max(last.atUs, atUs - tookUs) : last.atUs };
}

/** `afterEntry` for an entry that is written: one that may not follow is no caller's fault. */
export function folded(state: SlotState, entry: LedgerEntry): SlotState {
  try {
    return afterEntry(state, entry);
  } catch (error) {
    throw new CaudalError("corrupt", `entry ${entry.seq} of ${entry.work}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function mustBeWhole(work: string, entry: LedgerEntry): void {
  if (entry.work !== work || hashOf(entry) !== entry.hash) throw new CaudalError("corrupt", `entry ${entry.seq} of ${work} is not what was written`);
}
