import { CaudalError, hasCode, systemScope, type DocumentCollection, type Documents, type Page, type Scope } from "@caudal/core";
import type { EntryBody, LedgerEntry } from "../ledger/entry.ts";
import { ledgerCollection, type Ledger, type LedgerRecord } from "../ledger/ledger.ts";
import { LedgerReader } from "../ledger/ledger-reader.ts";
import { obraCollection, type Obra } from "../obras/obra.ts";
import { projectedRow } from "./projected-row.ts";
import { changeRow, entriesWithin, rowsOf, ROWS_AT_ONCE, writeRow, type RowParts, type SlotOwner } from "./row-store.ts";
import { slotInstants, type Schedule } from "./schedule.ts";
import { findQueryOf, type SlotQuery } from "./slot-query.ts";
import { slotCollection, slotId, type SlotRow } from "./slot-row.ts";
import type { SlotState } from "./slot-state.ts";

/** How far a work's rows are known to tell its entries: document `work`. */
interface SlotMark {
  readonly seq: number;
}

const markCollection = { name: "slot_marks", tenant: false } as const;

/** Entries before the mark that are looked at again by each process: a backup's copies of marks and rows are of different moments. */
const LOOKED_AT_AGAIN = 64;

export interface SlotBookOptions {
  /** Told when an entry is durable and its row could not be written: the row is stale until `catchUp`. */
  readonly onStaleRow?: (stale: { readonly work: string; readonly slotUs: number; readonly error: unknown }) => void;
}

/** What `note` says of a slot; what is absent stays as it was. */
export interface SlotNote {
  /** Why nothing was there. Of a slot that is not "expected" the ledger says why, and this is passed over. */
  readonly reasons?: readonly string[] | undefined;
  readonly lookedAtUs?: number | undefined;
  readonly lateFailure?: boolean | undefined;
}

interface Append<S> {
  readonly by: string;
  readonly decide: (state: S) => EntryBody | undefined;
}

/** Slots of all works: rows for people and for those who look what is due, and the one way to append to a work's chain, so that rows follow entries. */
export class SlotBook {
  readonly #parts: RowParts;
  readonly #marks: DocumentCollection<SlotMark>;
  readonly #obras: DocumentCollection<Obra>;
  readonly #options: SlotBookOptions;
  /** Works that this process caught up with before. */
  readonly #caughtUp = new Set<string>();

  private constructor(parts: RowParts, stores: { readonly marks: DocumentCollection<SlotMark>; readonly obras: DocumentCollection<Obra> }, options: SlotBookOptions) {
    this.#parts = parts;
    this.#marks = stores.marks;
    this.#obras = stores.obras;
    this.#options = options;
  }

  static async open(documents: Documents, ledger: Ledger, options: SlotBookOptions = {}): Promise<SlotBook> {
    const reader = new LedgerReader(await documents.collection<LedgerRecord>(ledgerCollection));
    const rows = await documents.collection<SlotRow>(slotCollection);
    const marks = await documents.collection<SlotMark>(markCollection);
    return new SlotBook({ rows, reader, ledger }, { marks, obras: await documents.collection<Obra>(obraCollection) }, options);
  }

  /**
   * Makes the rows of a work's slots with fromUs <= instant < toUs (and from its first instant to its end) that are not there; says how many. Rows that are there stay as they are, and
   * one that had been lost tells again what the ledger holds of it.
   */
  async ensure(obra: Obra, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): Promise<number> {
    const span = { fromUs: Math.max(fromUs, obra.submitFromUs), toUs: Math.min(toUs, obra.endsUs ?? Infinity) };
    if (span.fromUs >= span.toUs) return 0;
    let made = 0;
    let some: number[] = [];
    for (const slotUs of slotInstants(scheduleOf(obra), span)) {
      some.push(slotUs);
      if (some.length < ROWS_AT_ONCE) continue;
      made += await this.#make(obra, some);
      some = [];
    }
    return made + (await this.#make(obra, some));
  }

  async #make({ client, work }: SlotOwner, slots: readonly number[]): Promise<number> {
    const { rows, reader } = this.#parts;
    const there = new Set((await rows.getMany(systemScope, slots.map((slotUs) => slotId(work, slotUs)))).map(({ body }) => body.slotUs));
    const missing = slots.filter((slotUs) => !there.has(slotUs));
    const [fromUs, lastUs] = [missing[0], missing.at(-1)];
    if (fromUs === undefined || lastUs === undefined) return 0;
    const entries = await entriesWithin(reader, work, { fromUs, toUs: lastUs + 1 });
    const made = await Promise.all(missing.map(async (slotUs) => {
      try {
        await rows.insert(systemScope, { id: slotId(work, slotUs), body: projectedRow({ client, work, slotUs }, entries.get(slotUs) ?? []) });
        return 1;
      } catch (error) {
        if (hasCode(error, "duplicate-key")) return 0;
        throw error;
      }
    }));
    return made.reduce<number>((sum, each) => sum + each, 0);
  }

  /** Appends to the work's chain (see `WorkChain.append`), then writes the slot's row. Resolves when the entry is durable, whatever became of the row. */
  async append({ client, work }: SlotOwner, slotUs: number, given: Append<SlotState>): Promise<LedgerEntry | undefined> {
    const chain = await this.#parts.ledger.chain(work);
    const entry = await chain.append(slotUs, given);
    if (entry === undefined) return undefined;
    try {
      await writeRow(this.#parts, { client, work }, slotUs);
    } catch (error) {
      this.#options.onStaleRow?.({ work, slotUs, error });
    }
    return entry;
  }

  /** Stops or resumes a work (see `WorkChain.appendToWork`). */
  async appendToWork({ work }: Pick<SlotOwner, "work">, given: Append<string | undefined>): Promise<LedgerEntry | undefined> {
    return (await this.#parts.ledger.chain(work)).appendToWork(given);
  }

  async row(work: string, slotUs: number, scope: Scope = systemScope): Promise<SlotRow | undefined> {
    return (await this.#parts.rows.get(scope, slotId(work, slotUs)))?.body;
  }

  /** Rows that are open (see `SlotRow.open`) with instant < toUs, oldest first. */
  openRows(work: string, { toUs }: { readonly toUs: number }): AsyncIterable<SlotRow> {
    return rowsOf(this.#parts.rows, work, { toUs, open: 1 });
  }

  /** A page of what the scope may see. */
  async find(scope: Scope, query: SlotQuery): Promise<Page<SlotRow>> {
    const asked = findQueryOf(scope, query);
    if (asked === undefined) return { items: [] };
    const { items, next } = await this.#parts.rows.find(asked.scope, asked.find);
    return { items: items.map(({ body }) => body), ...(next === undefined ? {} : { next }) };
  }

  /** A slot of the work that holds this voucher, other than that at `notUs`; undefined where none does. Vouchers are opaque: equal or not. */
  async holderOf(work: string, voucher: string, notUs: number): Promise<number | undefined> {
    const { items } = await this.#parts.rows.find(systemScope, { where: { work, voucher }, limit: 2 });
    return items.find(({ body }) => body.slotUs !== notUs)?.body.slotUs;
  }

  /** Writes what is known of a slot beside the ledger. "not-found" without a row. */
  async note(work: string, slotUs: number, note: SlotNote): Promise<SlotRow> {
    const { row } = await changeRow(this.#parts.rows, slotId(work, slotUs), async (before) => {
      if (before === undefined) throw new CaudalError("not-found", `${work} has no slot ${slotUs}`);
      const noted = before.standing === "expected" ? (note.reasons ?? before.noted) : before.noted;
      const notes = { ...(noted === undefined ? {} : { noted }), lookedAtUs: note.lookedAtUs ?? before.lookedAtUs, lateFailure: note.lateFailure ?? before.lateFailure };
      // What was accepted late stays late when a failure is taken back: the ledger knows.
      if (notes.lateFailure !== before.lateFailure) return projectedRow({ client: before.client, work, slotUs, notes }, await this.#parts.ledger.entriesOf(work, slotUs));
      return { ...before, ...notes, ...(before.standing === "expected" ? { reasons: noted ?? [] } : {}) };
    });
    return row;
  }

  /** Writes rows that tell less than the ledger holds, as a crash between an entry and its row leaves them; says how many. Reads only what was appended since the last time, and a little more the first time. */
  async catchUp({ client, work }: SlotOwner): Promise<number> {
    const { rows, ledger } = this.#parts;
    const mark = (await this.#marks.get(systemScope, work))?.body.seq ?? 0;
    let seq = mark;
    let repaired = 0;
    let newest = new Map<number, number>();
    const repair = async (): Promise<void> => {
      const told = new Map((await rows.getMany(systemScope, [...newest.keys()].map((slotUs) => slotId(work, slotUs)))).map(({ body }) => [body.slotUs, body.seq]));
      const stale = [...newest].filter(([slotUs, wanted]) => (told.get(slotUs) ?? -1) < wanted);
      for (const { changed } of await Promise.all(stale.map(([slotUs]) => writeRow(this.#parts, { client, work }, slotUs)))) repaired += Number(changed);
      newest = new Map();
    };
    for await (const entry of ledger.entries(work, this.#caughtUp.has(work) ? mark : Math.max(0, mark - LOOKED_AT_AGAIN))) {
      seq = entry.seq;
      if ("slotUs" in entry.body) newest.set(entry.body.slotUs, entry.seq);
      if (newest.size >= ROWS_AT_ONCE) await repair();
    }
    if (newest.size > 0) await repair();
    this.#caughtUp.add(work);
    // An older mark over a newer one costs a second look, and nothing else.
    if (seq > mark) await this.#marks.putMany(systemScope, [{ id: work, body: { seq } }]);
    return repaired;
  }

  /**
   * Makes all rows of a work anew from its chain, also those that are gone; what was noted of a slot stays with its row. Says how many rows there are and how many were not what
   * they had to be. "not-found" for a work that nobody configured and that has no rows.
   */
  async rebuild(work: string): Promise<{ readonly rows: number; readonly changed: number }> {
    const { rows, ledger } = this.#parts;
    const slots = new Set<number>();
    let client: string | undefined;
    for await (const row of rowsOf(rows, work, {})) {
      slots.add(row.slotUs);
      client ??= row.client;
    }
    for await (const { body } of ledger.entries(work, 0)) if ("slotUs" in body) slots.add(body.slotUs);
    const obra = (await this.#obras.get(systemScope, work))?.body;
    client = obra?.client ?? client;
    if (client === undefined) throw new CaudalError("not-found", `${work} is no work`);
    const owner = { client, work };
    const all = [...slots].sort((a, b) => a - b);
    let changed = 0;
    for (let at = 0; at < all.length; at += ROWS_AT_ONCE) {
      const written = await Promise.all(all.slice(at, at + ROWS_AT_ONCE).map((slotUs) => writeRow(this.#parts, owner, slotUs)));
      changed += written.filter((each) => each.changed).length;
    }
    const newest = all.at(-1);
    const made = obra === undefined || newest === undefined ? 0 : await this.ensure(obra, { fromUs: obra.submitFromUs, toUs: newest + 1 });
    return { rows: all.length + made, changed: changed + made };
  }
}

/** When a work's slots are. A custom standard without minutes is a RangeError. */
export function scheduleOf({ standard, everyMinutes }: Pick<Obra, "standard" | "everyMinutes">): Schedule {
  if (standard !== "custom") return { standard };
  if (everyMinutes === undefined) throw new RangeError("a custom standard says how many minutes lie between its slots");
  return { standard, everyMinutes };
}
