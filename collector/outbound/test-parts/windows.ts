import assert from "node:assert/strict";
import type { BudgetWindow } from "../../providers/provider.ts";

/** Fails when more calls than a window allows arrived in any `perMs`, wherever that begins. */
export function assertWithin(arrivedMs: readonly number[], windows: readonly BudgetWindow[]): void {
  const sorted = [...arrivedMs].sort((a, b) => a - b);
  for (const { calls, perMs } of windows) {
    for (let at = calls; at < sorted.length; at++) {
      const spanMs = sorted[at]! - sorted[at - calls]!;
      assert.ok(spanMs >= perMs, `${calls + 1} calls arrived within ${spanMs} ms, of which ${calls} are allowed in ${perMs} ms`);
    }
  }
}
