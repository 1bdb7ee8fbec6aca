import { flags } from "@caudal/core";
import type { Sheet } from "../judging/fact-sheet.ts";
import { maskOf } from "../rules/reason-mask.ts";
import { judgementOf, reasonMaskOf } from "../rules/rules.ts";
import type { PackedFacts } from "./packed-facts.ts";

const TAKEN_BACK = maskOf("withdrawn");
const WITHDRAWN = judgementOf(flags.notEvaluated, TAKEN_BACK);
/** What judging computes: what is held of these and nothing gives any more is taken back. */
const COMPUTED: ReadonlySet<string> = new Set(["volume", "flow_average", "water_column", "depth"]);

interface Entry {
  readonly variable: string;
  /** What is held, packed as judgements are; NaN where nothing is. */
  heldValue: number;
  held: number;
  /** A person said what is held. */
  isSaid: boolean;
  /** What the recount says; NaN where it says nothing. */
  value: number;
  judgement: number;
}

/** Facts side by side, as they are held and as a recount tells them, until nothing can tell them otherwise. */
export class PendingFacts implements Sheet {
  readonly facts = 0;
  readonly derived = 0;
  /** What is told of earlier instants is no part of the recount. */
  readonly fromUs: number;
  readonly #isSource: (variable: string) => boolean;
  readonly #byInstant = new Map<number, Entry[]>();

  constructor(fromUs: number, isSource: (variable: string) => boolean) {
    this.fromUs = fromUs;
    this.#isSource = isSource;
  }

  has(): boolean {
    return false;
  }

  set(timeUs: number, variable: string, value: number, judgement: number): void {
    if (timeUs < this.fromUs) return;
    const entry = this.#entry(timeUs, variable);
    entry.value = value;
    entry.judgement = judgement;
  }

  derive(timeUs: number, variable: string, value: number, judgement: number): void {
    this.set(timeUs, variable, value, judgement);
  }

  /** Notes what is held of an instant; `isSaid`: by a person, so that it stands. */
  hold(timeUs: number, variable: string, { value, judgement, isSaid = false }: { readonly value: number; readonly judgement: number; readonly isSaid?: boolean }): void {
    if (timeUs < this.fromUs) return;
    const entry = this.#entry(timeUs, variable);
    entry.heldValue = value;
    entry.held = judgement;
    entry.isSaid = isSaid;
  }

  /** What the point's state told last: held where nothing was when the recount began, and in doubt where that was something else. */
  retold(timeUs: number, variable: string, value: number, judgement: number): void {
    if (timeUs < this.fromUs) return;
    const entry = this.#entry(timeUs, variable);
    if (Number.isNaN(entry.held)) {
      entry.heldValue = value;
      entry.held = judgement;
    } else if (!entry.isSaid && (!Object.is(entry.heldValue, value) || entry.held !== judgement)) entry.held = NaN;
  }

  /** What is told of the instant is held already. */
  pass(timeUs: number): void {
    this.#byInstant.delete(timeUs);
  }

  /** What is held of the instant may be told otherwise by now. */
  doubt(timeUs: number): void {
    for (const entry of this.#byInstant.get(timeUs) ?? []) if (!entry.isSaid) entry.held = NaN;
  }

  /** Lets go of the instants that are final; what is otherwise of them goes to `found`. */
  settle(isFinal: (timeUs: number) => boolean, found: PackedFacts): void {
    for (const [timeUs, entries] of this.#byInstant) {
      if (!isFinal(timeUs)) continue;
      this.#byInstant.delete(timeUs);
      for (const entry of entries) this.#compare(timeUs, entry, found);
    }
  }

  #compare(timeUs: number, { variable, heldValue, held, isSaid, value, judgement }: Entry, found: PackedFacts): void {
    // What a person said stands.
    if (isSaid) return;
    const wasThere = !Number.isNaN(held) && (reasonMaskOf(held) & TAKEN_BACK) === 0;
    const isThere = !Number.isNaN(judgement) && (reasonMaskOf(judgement) & TAKEN_BACK) === 0;
    if (isThere) {
      if (!wasThere || !Object.is(value, heldValue) || judgement !== held) found.add(timeUs, variable, value, judgement);
    } else if (wasThere && COMPUTED.has(variable) && !this.#isSource(variable)) found.add(timeUs, variable, NaN, WITHDRAWN);
  }

  #entry(timeUs: number, variable: string): Entry {
    let entries = this.#byInstant.get(timeUs);
    if (entries === undefined) this.#byInstant.set(timeUs, (entries = []));
    let entry = entries.find((known) => known.variable === variable);
    if (entry === undefined) entries.push((entry = { variable, heldValue: NaN, held: NaN, isSaid: false, value: NaN, judgement: NaN }));
    return entry;
  }
}
