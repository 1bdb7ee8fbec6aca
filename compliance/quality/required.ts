import type { SlotReason } from "@caudal/runtime";
import type { Obra, Quantity } from "../obras/obra.ts";
import { registrationOf } from "../regulators/regulators.ts";

/** Why a slot cannot be sent without it. */
export const requiredReason = { flow: "flow-required", total: "total-required", depth: "level-required", stage: "stage-required" } as const satisfies Record<Quantity, SlotReason>;

/** Quantities that a work's regulator refuses to do without. */
export function requiredQuantities({ regulator, water, standard, levelMayBeMissing }: Pick<Obra, "regulator" | "water" | "standard" | "levelMayBeMissing">): readonly Quantity[] {
  return registrationOf(regulator).requires({ water, standard, levelMayBeMissing });
}
