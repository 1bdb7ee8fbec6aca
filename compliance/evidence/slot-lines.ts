import { canonicalJson } from "../ledger/canonical-json.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import type { ChainWalk } from "./chain-walk.ts";

type RowFields = Pick<SlotRow, "slotUs" | "reasons" | "taken" | "lateFailure">;

/** One line a slot of the period, in order: what the chain says of it, beside what only its row tells. A slot that the chain knows and that has no row yet has a line as well. */
export async function* slotLines(rows: AsyncIterable<RowFields>, walk: ChainWalk): AsyncGenerator<string> {
  const known = walk.slots();
  let at = 0;
  for await (const row of rows) {
    for (; (known[at] ?? Infinity) < row.slotUs; at++) yield lineOf({ slotUs: known[at]!, reasons: [], taken: [], lateFailure: false }, walk);
    if (known[at] === row.slotUs) at++;
    yield lineOf(row, walk);
  }
  for (; at < known.length; at++) yield lineOf({ slotUs: known[at]!, reasons: [], taken: [], lateFailure: false }, walk);
}

function lineOf({ slotUs, reasons, taken, lateFailure }: RowFields, walk: ChainWalk): string {
  const { standing, attempts, acceptedUs = null, voucher, version, lateRevisions, late } = walk.state(slotUs);
  return `${canonicalJson({ slotUs, slot: new Date(slotUs / 1000).toISOString(), standing, attempts, acceptedUs, voucher, version, lateRevisions, late, lateFailure, reasons, taken })}\n`;
}
