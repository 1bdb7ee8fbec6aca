import { regulatorText } from "@caudal/core";
import type { BlockedReason, Freezing, RegisteredWork, SlotValues } from "../regulator.ts";
import { stampOf } from "./santiago-time.ts";

const MOST_TOTAL_DIGITS = 15;

/**
 * What is sent of a slot: flow and accumulated volume of one time stamp in one call, since a set that lacks one is refused. Numbers are texts in the form that the DGA is
 * given them, so that both regulators hold the same.
 */
export function freeze(work: RegisteredWork, slotUs: number, { flowLps, totalM3 }: SlotValues): Freezing {
  const { sma } = work;
  if (sma === undefined || [sma.ufId, sma.procesoId, sma.dispositivoId].some((id) => id.trim() === "")) return { kind: "blocked", reason: "code", field: "sma" };
  for (const [value, field, missing] of [[flowLps, "flowLps", "flow-required"], [totalM3, "totalM3", "total-required"]] as const) {
    const reason = wrong(value, missing);
    if (reason !== undefined) return { kind: "blocked", reason, field };
  }
  const [flow = "", total = ""] = [regulatorText("flow", flowLps ?? NaN), regulatorText("total", totalM3 ?? NaN)];
  if (total.length > MOST_TOTAL_DIGITS) return { kind: "blocked", reason: "too-many-digits", field: "totalM3" };
  const estampaTiempo = stampOf(slotUs);
  const parametros = [{ nombre: "Q", valor: flow, unidad: "l/s", estampaTiempo }, { nombre: "VA", valor: total, unidad: "m3", estampaTiempo }];
  const path = `/api/v1/ufs/${encodeURIComponent(sma.ufId.trim())}/procesos/${encodeURIComponent(sma.procesoId.trim())}/registros`;
  return { kind: "frozen", payload: { path, headers: {}, body: JSON.stringify([{ dispositivoId: sma.dispositivoId.trim(), parametros }]) } };
}

function wrong(value: number | undefined, missing: BlockedReason): BlockedReason | undefined {
  if (value === undefined) return missing;
  if (!Number.isFinite(value)) return "not-finite";
  return value < 0 ? "negative" : undefined;
}
