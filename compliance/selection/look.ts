import type { SlotReason } from "@caudal/runtime";
import type { EntryBody, LedgerEntry, TakenValue } from "../ledger/entry.ts";
import type { Obra } from "../obras/obra.ts";
import { judge } from "../quality/judgement.ts";
import type { FrozenPayload, Regulator } from "../regulators/regulator.ts";
import { sameTaken, type Selection } from "./selection.ts";

const MINUTE_US = 60_000_000;
/** So long after its instant a slot is decided with what is there: ten minutes before the hour in which it must be sent are over. */
export const DECIDE_US = 50 * MINUTE_US;

/** What is to be done with a slot now. wait: something may still come, or has just come. */
export type Look =
  | { readonly kind: "wait" }
  | { readonly kind: "no-data" }
  | { readonly kind: "hold"; readonly reasons: readonly SlotReason[]; readonly taken: readonly TakenValue[] }
  | { readonly kind: "freeze"; readonly payload: FrozenPayload; readonly taken: readonly TakenValue[] };

export interface LookOptions {
  readonly obra: Obra;
  readonly selection: Selection;
  /** Slots before this one, oldest first. */
  readonly earlier: readonly Selection[];
  readonly regulator: Pick<Regulator, "freeze">;
  readonly nowUs: number;
  /** What a person confirmed to be sent as it is. */
  readonly confirmed?: readonly TakenValue[] | undefined;
}

/**
 * Decides a slot from what its feeds say. It is frozen once every feed has a value that is good and stands still; at the deadline what the regulator requires is enough, and what lacks
 * that or is not good is held. Data that comes after the deadline settles first as well.
 */
export function lookAt({ obra, selection, earlier, regulator, nowUs, confirmed }: LookOptions): Look {
  const { slotUs, taken, missing, knownAtUs, settledAtUs } = selection;
  const deadlineUs = slotUs + DECIDE_US;
  const isOver = nowUs >= deadlineUs;
  if (selection.isEmpty) return { kind: isOver ? "no-data" : "wait" };
  if (!isOver && nowUs < settledAtUs) return { kind: "wait" };
  if (isOver && knownAtUs > deadlineUs && nowUs < knownAtUs + obra.settleMinutes * MINUTE_US) return { kind: "wait" };
  const { lacks, holds, tells } = judge(obra, selection, earlier);
  if (!isOver && (missing.length > 0 || lacks.length > 0 || holds.length > 0)) return { kind: "wait" };
  const reasons = new Set<SlotReason>([...lacks, ...(confirmed !== undefined && sameTaken(confirmed, taken) ? [] : holds)]);
  const freezing = regulator.freeze(obra, slotUs, selection.values);
  if (freezing.kind === "blocked") reasons.add(freezing.reason);
  if (freezing.kind === "blocked" || reasons.size > 0) return { kind: "hold", reasons: [...reasons].sort(), taken };
  return { kind: "freeze", payload: freezing.payload, taken: tells.length === 0 ? taken : taken.map((each) => told(each, obra, tells)) };
}

/** What is told of a broken instrument stands beside its value. */
function told(taken: TakenValue, { feeds }: Obra, tells: readonly SlotReason[]): TakenValue {
  const isTotal = feeds.some(({ quantity, point, variable }) => quantity === "total" && point === taken.point && variable === taken.variable);
  return isTotal ? { ...taken, reasons: [...new Set([...taken.reasons, ...tells])] } : taken;
}

type Held = Extract<EntryBody, { kind: "held" }>;

/** What a person confirmed last of a slot that was held; undefined where nobody did, or it was held again since. */
export function confirmedOf(entries: readonly LedgerEntry[]): readonly TakenValue[] | undefined {
  let held: Held | undefined;
  let confirmed: readonly TakenValue[] | undefined;
  for (const { body } of entries) {
    if (body.kind === "held") [held, confirmed] = [body, undefined];
    if (body.kind === "reviewed") confirmed = body.decision === "confirm" ? held?.taken : undefined;
  }
  return confirmed;
}
