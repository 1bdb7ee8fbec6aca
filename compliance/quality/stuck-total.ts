import type { Obra } from "../obras/obra.ts";
import { inReportedUnit } from "../selection/values.ts";
import type { Selection } from "../selection/selection.ts";

/** Facts 3.3: identical in so many slots one after the other. */
export const STUCK_SLOTS = 4;

/** What a totaliser feed shows at a slot, and the flow through it. */
interface Reading {
  readonly totalM3: number | undefined;
  readonly flowLps: number | undefined;
}

/**
 * True when a totaliser shows the same in four slots one after the other, this one the last, while its flow is above zero in all of them. Fewer slots before, or one without a value, give no
 * verdict. Of several meters each is judged by the flow of its own point.
 */
export function isStuck(obra: Pick<Obra, "feeds">, selection: Selection, earlier: readonly Selection[]): boolean {
  const slots = [...earlier.slice(1 - STUCK_SLOTS), selection];
  if (slots.length < STUCK_SLOTS) return false;
  const totals = obra.feeds.filter(({ quantity }) => quantity === "total");
  return totals.some(({ point, variable }) => {
    const flow = obra.feeds.find((feed) => feed.quantity === "flow" && feed.point === point);
    const readings = slots.map((slot): Reading => ({
      totalM3: valueAt(slot, "total", { point, variable }),
      flowLps: flow !== undefined ? valueAt(slot, "flow", flow) : totals.length === 1 ? slot.values.flowLps : undefined,
    }));
    return readings.every(({ totalM3, flowLps }) => totalM3 !== undefined && totalM3 === readings[0]?.totalM3 && flowLps !== undefined && flowLps > 0);
  });
}

function valueAt({ taken }: Selection, quantity: "flow" | "total", { point, variable }: { readonly point: string; readonly variable: string }): number | undefined {
  const found = taken.find((each) => each.point === point && each.variable === variable);
  return found === undefined ? undefined : inReportedUnit(quantity, variable, Number(found.value));
}
