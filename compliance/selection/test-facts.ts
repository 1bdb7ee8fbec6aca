import type { Obra } from "../obras/obra.ts";
import { settled } from "../obras/settled.ts";
import { draft } from "../obras/test-draft.ts";
import type { ObraDraft } from "../obras/draft.ts";
import { FactWindows, type Fact } from "./fact-windows.ts";

export const MINUTE_US = 60_000_000;
export const HOUR_US = 60 * MINUTE_US;
/** 13:00 of 11 June 2026 on the regulator's clock. */
export const SLOT_US = Date.UTC(2026, 5, 11, 17) * 1000;

/** A value, or a fact with a flag; null has no value. */
export type GivenFact = number | { readonly value: number | null; readonly flag?: number; readonly reasons?: readonly string[]; readonly knownAtUs?: number; readonly authority?: number };

/** A well with flow, total and depth of the point `p7`. */
export function testObra(over: Partial<ObraDraft> = {}): Obra {
  return { ...settled(draft(over)), version: 1, changedBy: "ana", changedAtUs: 0, reason: "first" };
}

/** Facts by `point/variable`, as they would have been read. */
export function factWindows(given: Readonly<Record<string, readonly (readonly [instantUs: number, fact: GivenFact])[]>>): FactWindows {
  const facts = new Map<string, Fact[]>();
  for (const [name, list] of Object.entries(given)) {
    facts.set(name.replace("/", "\n"), list.map(([instantUs, fact]) => factOf(instantUs, fact)).sort((a, b) => a.instantUs - b.instantUs));
  }
  return new FactWindows(facts);
}

function factOf(instantUs: number, given: GivenFact): Fact {
  const { value, flag = 1, reasons = [], knownAtUs = instantUs, authority = 0 } = typeof given === "number" ? { value: given } : given;
  return { instantUs, value: value ?? NaN, flag, reasons, knownAtUs, authority };
}
