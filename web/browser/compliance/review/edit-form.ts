import { parseTyped } from "../../format/number.ts";
import type { HeldSlot } from "../../wire/held-slot.ts";
import { figureNames, type FigureName } from "../slots/slot-text.ts";

/** What a work reports of each kind of water; of one that is not known, everything. */
const reported: Readonly<Record<string, readonly FigureName[]>> = { groundwater: ["flowLps", "totalM3", "depthM"], "surface-flowmeter": ["flowLps", "totalM3"], "surface-channel": ["flowLps", "stageM"] };

/** Figures that may be said otherwise, with what was measured. */
export function editFields({ water, values }: Pick<HeldSlot, "water" | "values">): readonly { readonly name: FigureName; readonly measured: number | null }[] {
  return (reported[water] ?? figureNames).map((name) => ({ name, measured: values?.[name] ?? null }));
}

/** What was typed, as numbers; null while nothing was, or something is no number that may be sent. */
export function editedValues(typed: Readonly<Partial<Record<FigureName, string>>>): Readonly<Partial<Record<FigureName, number>>> | null {
  const numbers = figureNames.map((name) => [name, parseTyped(typed[name] ?? "")] as const).filter((pair): pair is readonly [FigureName, number] => pair[1] !== null);
  return numbers.length === 0 || numbers.some(([, value]) => Number.isNaN(value) || value < 0) ? null : Object.fromEntries(numbers);
}
