import { systemScope, type Page } from "@caudal/core";
import { monthOf } from "../ledger/regulator-day.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { countSlot, noCounts, type MonthCounts } from "./month-counts.ts";


export interface AcceptedSlot {
  readonly slotUs: number;
  readonly acceptedUs: number;
  readonly voucher: string | null;
}

export interface Tallied {
  readonly counts: MonthCounts;
  /** The newest slot of the month that the regulator has. */
  readonly accepted: AcceptedSlot | undefined;
}

/** The part of a month before `throughUs`, in which no slot changes by itself any more. */
interface Settled extends Tallied {
  readonly month: string;
  readonly throughUs: number;
  readonly atUs: number;
}

const PAGE = 1000;
const MOST_WORKS = 5000;
/** A closed slot changes when somebody verifies it once more. */
const KEPT_US = 600_000_000;

/** Counts of the running month a work. The closed slots at the month's beginning are counted once in ten minutes and remembered; all others are read each time. */
export class MonthTally {
  readonly #slots: Pick<SlotBook, "find">;
  readonly #settled = new Map<string, Settled>();

  constructor(slots: Pick<SlotBook, "find">) {
    this.#slots = slots;
  }

  async of(work: string, nowUs: number): Promise<Tallied> {
    const month = monthOf(nowUs);
    const kept = this.#settled.get(work);
    const from: Settled = kept?.month === month && Math.abs(nowUs - kept.atUs) < KEPT_US ? kept : { month, throughUs: 0, atUs: nowUs, counts: noCounts, accepted: undefined };
    let { counts, accepted } = from;
    let settled = from;
    let isSettling = true;
    for await (const row of this.#rows(work, month, { fromUs: from.throughUs, toUs: nowUs + 1 })) {
      counts = countSlot(counts, row, nowUs);
      if (row.state.acceptedUs !== undefined) accepted = { slotUs: row.slotUs, acceptedUs: row.state.acceptedUs, voucher: row.state.voucher };
      isSettling &&= row.open === 0;
      if (isSettling) settled = { month, throughUs: row.slotUs + 1, atUs: from.atUs, counts, accepted };
    }
    this.#keep(work, settled);
    return { counts, accepted };
  }

  async *#rows(work: string, month: string, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): AsyncGenerator<SlotRow> {
    let cursor: string | undefined;
    do {
      const page: Page<SlotRow> = await this.#slots.find(systemScope, { work, month, fromUs, toUs, limit: PAGE, cursor });
      yield* page.items;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  #keep(work: string, settled: Settled): void {
    this.#settled.delete(work);
    this.#settled.set(work, settled);
    const oldest = this.#settled.size > MOST_WORKS ? this.#settled.keys().next().value : undefined;
    if (oldest !== undefined) this.#settled.delete(oldest);
  }
}
