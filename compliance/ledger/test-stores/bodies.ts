import type { SlotState } from "../../slots/slot-state.ts";
import { sha256Hex, type EntryBody, type TakenValue } from "../entry.ts";

export const taken: TakenValue = { variable: "flow", point: "W-1/flow", value: "15.3", instantUs: 1, knownAtUs: 2, flag: 0, reasons: [] };

export function frozen(slotUs: number, version = 1, filler = ""): EntryBody {
  const payload = `{"slot":"${slotUs}","filler":"${filler}"}`;
  return { kind: "frozen", slotUs, version, path: "/p", headers: { codigoObra: "OB-0602-7" }, payload, sha256: sha256Hex(payload), taken: [taken] };
}

export function attempt(slotUs: number, number: number, day: string): EntryBody {
  return { kind: "attempt", slotUs, attempt: number, day, sha256: sha256Hex("x") };
}

export function outcome(slotUs: number, number: number, is: "accepted" | "refused" | "refused-for-good" | "unknown", voucher: string | null = null): EntryBody {
  return { kind: "outcome", slotUs, attempt: number, outcome: is, voucher, by: "answer", httpStatus: 200, code: "00", message: "", answer: null, tookMs: 12 };
}

/** What a submitter decides: the next attempt where one may be made on this day. */
export function claim(day: string): (state: SlotState) => EntryBody | undefined {
  return ({ slotUs, standing, attempts, lastDay }) => (["ready", "unknown", "refused"].includes(standing) && lastDay < day ? attempt(slotUs, attempts + 1, day) : undefined);
}
