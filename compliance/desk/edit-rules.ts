import { regulatorText } from "@caudal/core";
import { z } from "zod";
import type { Quantity } from "../obras/obra.ts";
import type { SlotValues, WaterKind } from "../regulators/regulator.ts";

/** Why a person says otherwise than was measured. */
export const editCodes = ["instrument-fault", "missing-value", "other"] as const;
export type EditCode = (typeof editCodes)[number];

/** The member of a slot's values that each quantity has. */
export const memberOf = { flow: "flowLps", total: "totalM3", depth: "depthM", stage: "stageM" } as const satisfies Record<Quantity, keyof SlotValues>;
export const quantities = ["flow", "total", "depth", "stage"] as const satisfies readonly Quantity[];

const reported: Readonly<Record<WaterKind, readonly Quantity[]>> = {
  groundwater: ["flow", "total", "depth"], "surface-flowmeter": ["flow", "total"], "surface-channel": ["flow", "stage"],
};

const most = 999_999_999_999_999;
const value = z.number().min(0).max(most);

/** What a person may put in the place of measured values. Nothing can be taken away: what is not named stays as it was measured. */
export const editedSchema = z.strictObject({ flowLps: value.optional(), totalM3: value.optional(), depthM: value.optional(), stageM: value.optional() })
  .refine((values) => Object.values(values).some((each) => each !== undefined), { error: "name a value at least" });

/** What is wrong with an edit; undefined when it may be proposed. */
export type EditFault =
  /** Work of this kind of water does not report it. */
  | { readonly kind: "not-reported"; readonly quantity: Quantity }
  /** Below what was measured, and nobody says that the instrument was at fault. */
  | { readonly kind: "lowers"; readonly quantity: Quantity; readonly measured: number; readonly edited: number }
  | { readonly kind: "changes-nothing" };

export interface ProposedEdit {
  readonly water: WaterKind;
  readonly measured: SlotValues;
  readonly values: SlotValues;
  readonly code: EditCode;
  /** What stands so far, where that was edited before; as measured when absent. */
  readonly before?: SlotValues;
}

/** A genuine flow or total is confirmed, never lowered: it may be so only where the instrument is said to have been at fault. */
export function editFault({ water, measured, values, code, before: standing = measured }: ProposedEdit): EditFault | undefined {
  for (const quantity of quantities) {
    if (values[memberOf[quantity]] !== undefined && !reported[water].includes(quantity)) return { kind: "not-reported", quantity };
  }
  if (code !== "instrument-fault") {
    for (const quantity of ["flow", "total"] as const) {
      const [before, after] = [measured[memberOf[quantity]], values[memberOf[quantity]]];
      if (before !== undefined && after !== undefined && asSent(quantity, after) < asSent(quantity, before)) return { kind: "lowers", quantity, measured: before, edited: after };
    }
  }
  const changes = quantities.some((quantity) => values[memberOf[quantity]] !== undefined && values[memberOf[quantity]] !== standing[memberOf[quantity]]);
  return changes ? undefined : { kind: "changes-nothing" };
}

/** With the digits that are sent: a person who writes 15.31 for 15.314 lowers nothing. */
function asSent(quantity: "flow" | "total", measured: number): number {
  return Number.isFinite(measured) ? Number(regulatorText(quantity, measured)) : measured;
}

/** Values by quantity as decimal texts, as the ledger has them. */
export function decimalTexts(values: SlotValues): Record<string, string> {
  return Object.fromEntries(quantities.flatMap((quantity) => {
    const member = values[memberOf[quantity]];
    return member === undefined ? [] : [[quantity, String(member)]];
  }));
}

/** What `decimalTexts` made texts of. */
export function valuesOfTexts(texts: Readonly<Record<string, string>>): SlotValues {
  return Object.fromEntries(quantities.flatMap((quantity) => (texts[quantity] === undefined ? [] : [[memberOf[quantity], Number(texts[quantity])]])));
}
