import { flags } from "@caudal/core";
import type { SlotReason } from "@caudal/runtime";
import type { TakenValue } from "../ledger/entry.ts";
import type { Obra, Quantity } from "../obras/obra.ts";
import type { MissingWhy, Selection } from "../selection/selection.ts";
import { requiredQuantities, requiredReason } from "./required.ts";
import { isStuck } from "./stuck-total.ts";
import { beyondRight } from "./water-right.ts";

/** What is said of a slot's values. Nothing of it changes a value. */
export interface Judgement {
  /** Quantities that the regulator requires and that are not there: they may still come. */
  readonly lacks: readonly SlotReason[];
  /** What a person has to look at first. */
  readonly holds: readonly SlotReason[];
  /** What is told beside a value of an instrument that is known to be broken, and does not hold it. */
  readonly tells: readonly SlotReason[];
}

const whyReasons: Readonly<Record<MissingWhy, SlotReason | undefined>> = { none: undefined, partial: "partial-sum", invalid: "invalid-value", unit: "unit-unknown" };
/** What the processor says of a totaliser that stands still or shows zero: told, not held, where it is known to be broken. */
const defectReasons: ReadonlySet<string> = new Set(["stuck-totaliser", "zero-kept", "flat-line"]);
/** What the processor says beside a flag and does not flag for. */
const besides: ReadonlySet<string> = new Set(["gap-before", "late", "edge-time", "no-neighbour", "corrected", "estimated"]);

/** `earlier`: the slots before this one, oldest first, as they read now. */
export function judge(obra: Obra, selection: Selection, earlier: readonly Selection[]): Judgement {
  const { slotUs, values } = selection;
  const lacks = new Set<SlotReason>();
  const required = requiredQuantities(obra);
  for (const quantity of required) {
    const missing = selection.missing.find((each) => each.quantity === quantity);
    if (missing === undefined && obra.feeds.some((feed) => feed.quantity === quantity)) continue;
    lacks.add(requiredReason[quantity]);
    const why = missing === undefined ? undefined : whyReasons[missing.why];
    if (why !== undefined) lacks.add(why);
  }
  const holds = new Set<SlotReason>();
  const tells = new Set<SlotReason>();
  const isDefect = obra.knownDefect !== undefined && obra.knownDefect.sinceUs <= slotUs;
  if (Object.values(values).some((value) => value !== undefined && value < 0) || selection.taken.some(({ value }) => Number(value) < 0)) holds.add("negative");
  const flow = values.flowLps === undefined ? undefined : beyondRight(obra.right, values.flowLps, slotUs);
  if (flow !== undefined) holds.add(flow);
  if (values.totalM3 === 0 || zeroMeter(obra, selection)) (isDefect ? tells : holds).add("zero-total");
  if (isStuck(obra, selection, earlier)) (isDefect ? tells : holds).add("stuck-totaliser");
  for (const taken of selection.taken) {
    const reason = flagReason(taken);
    if (reason === undefined) continue;
    const isTold = isDefect && quantityOf(obra, taken) === "total" && reason === "flag-suspect" && taken.reasons.every((each) => defectReasons.has(each) || besides.has(each));
    (isTold ? tells : holds).add(reason);
  }
  if (tells.size > 0) tells.add("known-defect");
  return { lacks: [...lacks], holds: [...holds], tells: [...tells] };
}

/** One of several meters may show zero while the sum does not. */
function zeroMeter(obra: Obra, { taken }: Selection): boolean {
  return taken.some((each) => quantityOf(obra, each) === "total" && Number(each.value) === 0);
}

function flagReason({ flag }: TakenValue): SlotReason | undefined {
  return flag === flags.suspect ? "flag-suspect" : flag === flags.bad ? "flag-bad" : undefined;
}

function quantityOf({ feeds }: Obra, { point, variable }: TakenValue): Quantity | undefined {
  return feeds.find((feed) => feed.point === point && feed.variable === variable)?.quantity;
}
