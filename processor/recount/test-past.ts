import type { Measurement } from "@caudal/schemas";
import { maskOf } from "../rules/reason-mask.ts";
import { judgementOf } from "../rules/rules.ts";
import type { HeldPast, PastFact } from "./held-past.ts";

interface Revision extends PastFact {
  readonly knownAtUs: number;
  readonly reasons: readonly string[];
  readonly flag: number;
}

/** What a cold tier holds of one point: every revision of each fact. */
export class MemoryPast {
  readonly #facts = new Map<string, Revision[]>();

  take(measurements: readonly Measurement[]): void {
    for (const { instantUs, knownAtUs, authority, facts } of measurements) {
      for (const { variable, value, flag, reasons } of facts) {
        const key = `${String(instantUs).padStart(17, "0")} ${variable}`;
        const revisions = this.#facts.get(key) ?? [];
        this.#facts.set(key, revisions);
        const revision = { timeUs: instantUs, variable, value: value ?? NaN, judgement: judgementOf(flag, maskOf(...reasons)), authority, knownAtUs, reasons, flag };
        const same = revisions.findIndex((one) => one.knownAtUs === knownAtUs && one.authority === authority);
        if (same >= 0) revisions[same] = revision;
        else revisions.push(revision);
      }
    }
  }

  asOf(knownUs: number): HeldPast {
    const facts = this.#greatest(knownUs);
    const list = (fromUs: number, toUs: number, variables?: readonly string[]): PastFact[][] => {
      const found: PastFact[][] = [];
      for (const fact of facts) {
        if (fact.timeUs < fromUs || fact.timeUs >= toUs || variables?.includes(fact.variable) === false || (variables !== undefined && fact.reasons.includes("withdrawn"))) continue;
        if (found.at(-1)?.[0]?.timeUs === fact.timeUs) found.at(-1)!.push(fact);
        else found.push([fact]);
      }
      return found;
    };
    return {
      before: async function* (variables, beforeUs) { yield* list(-Infinity, beforeUs, variables).reverse(); },
      from: async function* (fromUs) { yield* list(fromUs, Infinity); },
    };
  }

  /** [key, value, flag, reasons] of what holds, but for what was taken back, and for lateness, which is about the arrival. */
  all(): unknown[] {
    return this.#greatest(Infinity).filter(({ reasons }) => !reasons.includes("withdrawn")).map(({ timeUs, variable, value, flag, reasons }) => [timeUs, variable, Number.isNaN(value) ? null : value, flag, reasons.filter((reason) => reason !== "late")]);
  }

  #greatest(knownUs: number): Revision[] {
    return [...this.#facts].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, revisions]) => {
      const known = revisions.filter(({ knownAtUs }) => knownAtUs <= knownUs).sort((a, b) => b.authority - a.authority || b.knownAtUs - a.knownAtUs)[0];
      return known === undefined ? [] : [known];
    });
  }
}
