import type { Documents } from "@caudal/core";
import type { Ledger } from "../ledger/ledger.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Regulator } from "../regulators/regulator.ts";
import type { SlotBook } from "../slots/slot-book.ts";

/** What people look at and decide with. */
export interface DeskParts {
  readonly obras: ObraBook;
  readonly slots: SlotBook;
  readonly ledger: Pick<Ledger, "chain" | "entriesOf" | "entries">;
  readonly regulators: ReadonlyMap<string, Regulator>;
  readonly documents: Documents;
  readonly nowUs: () => number;
}
