import { parseInstant, type Scope } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { z } from "zod";
import { workOf, type Obra } from "../obras/obra.ts";
import { obraNotFound, obraParams } from "../obras/operations.ts";
import type { SlotRow } from "../slots/slot-row.ts";

export const slotParams = obraParams.extend({ slot: z.string().min(1).max(64).describe("The instant, RFC 3339.") });

interface Obras {
  get(scope: Scope, work: string): Promise<Obra | undefined>;
}

interface Slots {
  row(work: string, slotUs: number): Promise<SlotRow | undefined>;
}

/** The work, or Problem "obra-not-found" where there is none that the scope may see. */
export async function foundObra(obras: Obras, scope: Scope, { regulator, code }: z.output<typeof obraParams>): Promise<Obra> {
  const work = workOf(regulator, code);
  const obra = await obras.get(scope, work);
  if (obra === undefined) throw obraNotFound(work);
  return obra;
}

/** A slot of a work that the scope may see; Problem "obra-not-found", "invalid-parameter" or "slot-not-found". */
export async function foundSlot({ obras, slots }: { readonly obras: Obras; readonly slots: Slots }, scope: Scope, params: z.output<typeof slotParams>): Promise<{ readonly obra: Obra; readonly row: SlotRow }> {
  const obra = await foundObra(obras, scope, params);
  const row = await slots.row(obra.work, instantParam(params.slot, "params.slot"));
  if (row === undefined) throw new Problem("slot-not-found", { field: "params.slot", detail: params.slot });
  return { obra, row };
}

/** A time that a caller wrote, in microseconds. Problem "invalid-parameter". */
export function instantParam(text: string, field: string): number {
  const timeUs = parseInstant(text);
  if (timeUs !== undefined) return timeUs;
  const detail = { en: `${text} is no RFC 3339 time with an offset, such as 2026-06-11T17:00:00Z`, es: `${text} no es una hora RFC 3339 con desfase, como 2026-06-11T17:00:00Z` };
  throw new Problem("invalid-parameter", { field, detail, errors: [{ field, detail }] });
}

/** Problem "forbidden" for whoever sees a part of the clients only: what follows is done to all. */
export function mustSeeAll(scope: Scope): void {
  if (scope.clients === "all") return;
  throw new Problem("forbidden", { detail: { en: "this is of the whole installation, and your scope is of some clients", es: "esto es de toda la instalación, y su alcance es de algunos clientes" } });
}
