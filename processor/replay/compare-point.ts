import { DigestBuilder, type PointKey, type SeriesTier } from "@caudal/core";
import { isWithdrawn, sameContent, type Change, type ChangeReason, type HeldFact } from "./change.ts";
import { heldFacts } from "./held-facts.ts";

export interface CompareOptions {
  readonly shadow: SeriesTier;
  readonly cold: SeriesTier;
  readonly fromUs: number;
  readonly toUs: number;
  /** knownAt of the newest event of the point that was replayed: what cold learned later is left out. */
  readonly knownUntilUs: number;
  /** True where the shadow was judged by rules that are tried. */
  readonly trial?: boolean;
  readonly onChange: (change: Change) => Promise<void> | void;
}

/** What came of comparing a point. */
export interface Comparison {
  readonly facts: number;
  /** Facts that agree, but by another revision. */
  readonly otherRevisions: number;
  /** UTC days with facts, and those among them whose digests are equal. */
  readonly days: number;
  readonly equalDays: number;
}

const DAY_US = 86_400_000_000;

/** Compares what a replay gives with what cold holds, fact by fact, and the digests of each UTC day. */
export async function comparePoint(key: PointKey, options: CompareOptions): Promise<Comparison> {
  const { shadow, cold, fromUs, toUs, knownUntilUs, trial = false, onChange } = options;
  const days = new Days();
  let facts = 0;
  let otherRevisions = 0;
  for await (const [wanted, held] of joined(heldFacts(shadow, { ...key, fromUs, toUs }), heldFacts(cold, { ...key, fromUs, toUs, asOfUs: knownUntilUs }))) {
    // What a person said stands, and what was taken back for want of a source is as good as absent.
    if (held !== undefined && held.authority > (wanted?.authority ?? 0)) continue;
    if (wanted === undefined && held !== undefined && isWithdrawn(held)) continue;
    if (trial && wanted !== undefined && held === undefined && isWithdrawn(wanted)) continue;
    facts += 1;
    days.add(wanted, held);
    const reason = reasonOf(wanted, held, trial);
    if (reason === undefined) {
      if (wanted?.knownAtUs !== held?.knownAtUs) otherRevisions += 1;
      continue;
    }
    const { instantUs, variable } = (wanted ?? held)!;
    await onChange({ ...key, instantUs, variable, reason, before: stateOf(held), after: stateOf(wanted) });
  }
  return { facts, otherRevisions, ...days.finish() };
}

function reasonOf(wanted: HeldFact | undefined, held: HeldFact | undefined, trial: boolean): ChangeReason | undefined {
  if (held === undefined) return trial ? "appears" : "lost";
  if (wanted === undefined) return trial ? "disappears" : "unconfirmed";
  if (sameContent(wanted, held)) return undefined;
  if (trial) return isWithdrawn(wanted) ? "disappears" : isWithdrawn(held) ? "appears" : "altered";
  return held.knownAtUs < wanted.knownAtUs ? "lost" : "altered";
}

function stateOf(fact: HeldFact | undefined): Change["before"] {
  if (fact === undefined) return null;
  const { value, flag, reasons, authority, knownAtUs } = fact;
  return { value, flag, reasons, authority, knownAtUs };
}

/** Both sides' facts side by side, in order of (instant, variable). */
async function* joined(left: AsyncGenerator<HeldFact>, right: AsyncGenerator<HeldFact>): AsyncGenerator<readonly [HeldFact | undefined, HeldFact | undefined]> {
  let a = await left.next();
  let b = await right.next();
  try {
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : compare(a.value, b.value);
      const [mine, other] = [order <= 0 && a.done !== true ? a.value : undefined, order >= 0 && b.done !== true ? b.value : undefined];
      yield [mine, other];
      if (mine !== undefined) a = await left.next();
      if (other !== undefined) b = await right.next();
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
}

function compare(a: HeldFact, b: HeldFact): number {
  return a.instantUs - b.instantUs || (a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : 0);
}

/** The digests of both sides, day by day. */
class Days {
  #day = NaN;
  #left = new DigestBuilder();
  #right = new DigestBuilder();
  #days = 0;
  #equal = 0;

  add(left: HeldFact | undefined, right: HeldFact | undefined): void {
    const day = Math.floor((left ?? right)!.instantUs / DAY_US);
    if (day !== this.#day) this.#close();
    this.#day = day;
    if (left !== undefined) this.#left.add(left);
    if (right !== undefined) this.#right.add(right);
  }

  finish(): { readonly days: number; readonly equalDays: number } {
    this.#close();
    return { days: this.#days, equalDays: this.#equal };
  }

  #close(): void {
    if (Number.isNaN(this.#day)) return;
    this.#days += 1;
    const [left, right] = [this.#left.finish(), this.#right.finish()];
    if (left.facts === right.facts && left.hash === right.hash) this.#equal += 1;
    this.#left = new DigestBuilder();
    this.#right = new DigestBuilder();
    this.#day = NaN;
  }
}
