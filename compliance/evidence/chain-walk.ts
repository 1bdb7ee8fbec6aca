import { canonicalJson, type Plain } from "../ledger/canonical-json.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import { afterEntry, expectedSlot, type SlotState } from "../slots/slot-state.ts";

const HOUR_US = 3_600_000_000;

export interface Period {
  readonly fromUs: number;
  readonly toUs: number;
}

type AttemptLine = Record<string, Plain>;

/** Keeps of a chain, while it is written out, what the lists of a period are made from: so that they say exactly what that chain adds up to, whatever is appended meanwhile. */
export class ChainWalk {
  readonly #period: Period;
  readonly #states = new Map<number, SlotState>();
  readonly #attempts: AttemptLine[] = [];
  readonly #newest = new Map<number, AttemptLine>();
  #seq = 0;

  constructor(period: Period) {
    this.#period = period;
  }

  get seq(): number {
    return this.#seq;
  }

  /** The entry's line. */
  take(entry: LedgerEntry): string {
    this.#seq = entry.seq;
    const { body, atUs } = entry;
    if ("slotUs" in body && body.slotUs >= this.#period.fromUs && body.slotUs < this.#period.toUs) {
      this.#states.set(body.slotUs, afterEntry(this.#states.get(body.slotUs) ?? expectedSlot(body.slotUs), { body, atUs }));
      if (body.kind === "attempt") {
        const line: AttemptLine = { slotUs: body.slotUs, attempt: body.attempt, day: body.day, atUs, sha256: body.sha256, outcome: null, outcomeAtUs: null, by: null, code: null, message: null, httpStatus: null, voucher: null };
        this.#attempts.push(line);
        this.#newest.set(body.slotUs, line);
      } else if (body.kind === "outcome") {
        const { outcome, by, code, message, httpStatus, voucher } = body;
        const line = this.#newest.get(body.slotUs);
        if (line?.["attempt"] === body.attempt) Object.assign(line, { outcome, outcomeAtUs: atUs, by, code, message, httpStatus, voucher });
      }
    }
    return `${canonicalJson(entry as unknown as Plain)}\n`;
  }

  *attemptLines(): Generator<string> {
    for (const line of this.#attempts) yield `${canonicalJson(line)}\n`;
  }

  /** Instants of the period that the chain knows, in order. */
  slots(): number[] {
    return [...this.#states.keys()].sort((a, b) => a - b);
  }

  /** Where the slot stands, and whether it was sent, by us, more than an hour after its instant. */
  state(slotUs: number): SlotState & { readonly late: boolean } {
    const state = this.#states.get(slotUs) ?? expectedSlot(slotUs);
    return { ...state, late: state.acceptedUs !== undefined && state.attempts > 0 && state.acceptedUs - slotUs > HOUR_US };
  }
}
