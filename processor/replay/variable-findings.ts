import { flagNames } from "@caudal/core";
import { isWithdrawn, type Change, type FactState } from "./change.ts";

const MOST = 64;

/** What would become of the facts of one variable. */
export interface VariableSummary {
  readonly variable: string;
  readonly changes: number;
  /** Facts with another number, or with one instead of none. */
  readonly values: number;
  /** Facts by their flags before and after: "good → suspect"; "-" where there is no fact. */
  readonly flags: Readonly<Record<string, number>>;
  /** Facts that get the reason, and that lose it. */
  readonly reasons: Readonly<Record<string, { readonly gained: number; readonly lost: number }>>;
}

interface Counts {
  changes: number;
  values: number;
  readonly flags: Map<string, number>;
  readonly reasons: Map<string, { gained: number; lost: number }>;
}

/** Changes counted by variable: what of flags, reasons and numbers is otherwise. */
export class VariableFindings {
  readonly #counts = new Map<string, Counts>();

  add({ variable, before, after }: Change): void {
    let counts = this.#counts.get(variable);
    if (counts === undefined) {
      if (this.#counts.size >= MOST) return;
      this.#counts.set(variable, (counts = { changes: 0, values: 0, flags: new Map(), reasons: new Map() }));
    }
    counts.changes += 1;
    if (valueOf(before) !== valueOf(after)) counts.values += 1;
    const [flagBefore, flagAfter] = [flagOf(before), flagOf(after)];
    if (flagBefore !== flagAfter) {
      const flags = `${flagBefore} → ${flagAfter}`;
      counts.flags.set(flags, (counts.flags.get(flags) ?? 0) + 1);
    }
    const [reasonsBefore, reasonsAfter] = [new Set(before?.reasons), new Set(after?.reasons)];
    for (const reason of reasonsAfter) if (!reasonsBefore.has(reason)) this.#reason(counts, reason).gained += 1;
    for (const reason of reasonsBefore) if (!reasonsAfter.has(reason)) this.#reason(counts, reason).lost += 1;
  }

  summary(): readonly VariableSummary[] {
    return [...this.#counts].map(([variable, { changes, values, flags, reasons }]) => ({ variable, changes, values, flags: Object.fromEntries(flags), reasons: Object.fromEntries(reasons) }))
      .sort((a, b) => b.changes - a.changes || (a.variable < b.variable ? -1 : 1));
  }

  #reason({ reasons }: Counts, reason: string): { gained: number; lost: number } {
    let counted = reasons.get(reason);
    if (counted === undefined) reasons.set(reason, (counted = { gained: 0, lost: 0 }));
    return counted;
  }
}

const valueOf = (state: FactState | null): number | null => (state === null || isWithdrawn(state) ? null : state.value);
const flagOf = (state: FactState | null): string => (state === null || isWithdrawn(state) ? "-" : (flagNames[state.flag] ?? String(state.flag)));
