import { Problem } from "@caudal/runtime";
import { sha256Hex, type EntryBody, type SlotEdit, type TakenValue } from "../ledger/entry.ts";
import type { Obra } from "../obras/obra.ts";
import type { FrozenPayload, Regulator, SlotValues } from "../regulators/regulator.ts";
import { slotReason } from "./slot-reason.ts";

interface Asked {
  readonly obra: Obra;
  readonly slotUs: number;
  readonly values: SlotValues;
}

/** What would be sent, or why these values cannot be sent as they are. */
export function freezingOf(regulators: ReadonlyMap<string, Regulator>, { obra, slotUs, values }: Asked): ReturnType<Regulator["freeze"]> {
  const regulator = regulators.get(obra.regulator);
  if (regulator === undefined) throw new RangeError(`${obra.regulator} is no regulator of ours`);
  return regulator.freeze(obra, slotUs, values);
}

/** The payload, or Problem "cannot-be-frozen" that names the reason and the field. */
export function frozenOrProblem(regulators: ReadonlyMap<string, Regulator>, asked: Asked): FrozenPayload {
  const freezing = freezingOf(regulators, asked);
  if (freezing.kind === "frozen") return freezing.payload;
  const { reason, field } = freezing;
  throw new Problem("cannot-be-frozen", { field, detail: { en: `${slotReason(reason, "en")} (${reason})`, es: `${slotReason(reason, "es")} (${reason})` } });
}

/** The ledger's entry of a payload. */
export function frozenBody({ path, headers, body }: FrozenPayload, of: { readonly slotUs: number; readonly version: number; readonly taken: readonly TakenValue[]; readonly edit?: SlotEdit }): EntryBody {
  const { slotUs, version, taken, edit } = of;
  return { kind: "frozen", slotUs, version, path, headers, payload: body, sha256: sha256Hex(body), taken, ...(edit === undefined ? {} : { edit }) };
}
