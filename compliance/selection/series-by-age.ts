import type { SeriesTier } from "@caudal/core";
import type { SlotSeries } from "./fact-windows.ts";

/** What a tier holds for so long may be gone in parts on the last day. */
const MARGIN_US = 86_400_000_000;

/** Reads what is young from the nearer tier and what that may have forgotten from the one that keeps everything. */
export function seriesByAge({ warm, cold, nowUs }: { readonly warm: Pick<SeriesTier, "read" | "capabilities">; readonly cold: Pick<SeriesTier, "read">; readonly nowUs: () => number }): SlotSeries {
  const { retentionMs } = warm.capabilities;
  const heldUs = retentionMs === null ? Infinity : retentionMs * 1000 - MARGIN_US;
  return { read: (scope, query) => (query.fromUs >= nowUs() - heldUs ? warm : cold).read(scope, query) };
}
