import { checkedRut } from "../../identity/rut.ts";
import { isObraCode } from "../../identity/obra-code.ts";
import type { BlockedReason, Freezing, RegisteredWork, SlotValues, WaterKind } from "../regulator.ts";
import { wholeCm, wholeM3, wireNumber } from "./wire-number.ts";
import { wireTime } from "./wire-time.ts";

/** Where each kind of water goes, and what its object is called. */
export const resources: Readonly<Record<WaterKind, { readonly path: string; readonly object: string }>> = {
  groundwater: { path: "/mediciones/subterraneas", object: "medicionSubterranea" },
  "surface-flowmeter": { path: "/mediciones/superficiales/flujometro", object: "medicionSuperficialFlujometro" },
  "surface-channel": { path: "/mediciones/superficiales", object: "medicionSuperficial" },
};

class Blocked extends Error {
  readonly reason: BlockedReason;
  readonly field: string;

  constructor(reason: BlockedReason, field: string) {
    super(`${field}: ${reason}`);
    this.reason = reason;
    this.field = field;
  }
}

/** What is sent of a slot: every number as text in the manual's form, nothing made up, nothing cut to fit. */
export function freeze(work: RegisteredWork, instantUs: number, values: SlotValues): Freezing {
  try {
    if (!isObraCode(work.code)) throw new Blocked("code", "code");
    const [centre, informant] = [checkedRut(work.centreRut), checkedRut(work.informantRut)];
    if (!centre.ok) throw new Blocked("rut", "centreRut");
    if (!informant.ok) throw new Blocked("rut", "informantRut");
    const { path, object } = resources[work.water];
    const body = { autenticacion: { rutEmpresa: centre.rut, rutUsuario: informant.rut }, [object]: measured(work, instantUs, values) };
    return { kind: "frozen", payload: { path, headers: { codigoObra: work.code }, body: JSON.stringify(body) } };
  } catch (error) {
    if (error instanceof Blocked) return { kind: "blocked", reason: error.reason, field: error.field };
    throw error;
  }
}

function measured({ water, standard, levelMayBeMissing }: RegisteredWork, instantUs: number, { flowLps, totalM3, depthM, stageM }: SlotValues): Readonly<Record<string, string>> {
  const { date: fechaMedicion, time: horaMedicion } = wireTime(instantUs);
  const caudal = wireNumber("flow", known(flowLps, "flow-required", "flowLps"));
  const mayLackLevel = standard === "caudales-muy-pequenos" || levelMayBeMissing;
  if (water === "surface-channel") {
    const alturaLimnimetrica = stageM === undefined && mayLackLevel ? "" : wholeCm(known(stageM, "stage-required", "stageM"));
    return { alturaLimnimetrica, caudal, fechaMedicion, horaMedicion };
  }
  const totalizador = wholeM3(known(totalM3, "total-required", "totalM3"));
  if (totalizador === undefined) throw new Blocked("too-many-digits", "totalM3");
  if (water === "surface-flowmeter") return { caudal, fechaMedicion, horaMedicion, totalizador };
  const nivelFreaticoDelPozo = depthM === undefined && mayLackLevel ? "" : wireNumber("depth", known(depthM, "level-required", "depthM"));
  return { caudal, fechaMedicion, horaMedicion, nivelFreaticoDelPozo, totalizador };
}

/** Missing is missing: zero is only ever a measured zero. */
function known(value: number | undefined, missing: BlockedReason, field: string): number {
  if (value === undefined) throw new Blocked(missing, field);
  if (!Number.isFinite(value)) throw new Blocked("not-finite", field);
  if (value < 0) throw new Blocked("negative", field);
  return value;
}
