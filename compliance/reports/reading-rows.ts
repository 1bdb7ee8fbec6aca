import type { Scope } from "@caudal/core";
import { valuesOfRow } from "../desk/slot-view.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";
import type { SlotValues } from "../regulators/regulator.ts";
import { inReportedUnit } from "../selection/values.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import type { Span } from "./span.ts";
import type { Total } from "./counter-walk.ts";

/** What reports are made from. */
export interface ReportParts {
  readonly obras: Pick<ObraBook, "get" | "list" | "versions">;
  readonly slots: Pick<SlotBook, "find">;
  readonly ledger: Pick<Ledger, "entriesOf">;
}

/** Which works a report is about, and when it is made. */
export interface ReportQuestion {
  readonly scope: Scope;
  readonly work: string | undefined;
  readonly client: string | undefined;
  readonly nowUs: number;
}

const PAGE = 1000;

/** The works asked for, in order; none where the scope sees none. */
export async function* askedObras({ obras }: ReportParts, { scope, work, client }: ReportQuestion): AsyncGenerator<Obra> {
  if (work !== undefined) {
    const obra = await obras.get(scope, work);
    if (obra !== undefined && (client === undefined || obra.client === client)) yield obra;
    return;
  }
  let cursor: string | undefined;
  do {
    const page = await obras.list(scope, { client, limit: 500, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** Slots of a work in a span, in order. */
export async function* rowsIn({ slots }: Pick<ReportParts, "slots">, { scope, work, span }: { readonly scope: Scope; readonly work: string; readonly span: Span }): AsyncGenerator<SlotRow> {
  let cursor: string | undefined;
  do {
    const page = await slots.find(scope, { work, ...span, limit: PAGE, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** A slot with the work as it was at its instant, and what it told. */
export interface ReadSlot {
  readonly row: SlotRow;
  readonly obra: Obra;
  readonly values: SlotValues | undefined;
}

/** Slots of a span whose instants have come, each with its values by the feeds that were in force. */
export async function* slotsIn(parts: ReportParts, { scope, nowUs }: ReportQuestion, obra: Obra, span: Span): AsyncGenerator<ReadSlot> {
  const versions = await parts.obras.versions(scope, obra.work);
  for await (const row of rowsIn(parts, { scope, work: obra.work, span: { fromUs: span.fromUs, toUs: Math.min(span.toUs, nowUs + 1) } })) {
    const held = versions.findLast(({ changedAtUs }) => changedAtUs <= row.slotUs) ?? versions[0] ?? obra;
    yield { row, obra: held, values: valuesOfRow(row, held) };
  }
}

/** Totals of one meter of a work. */
export interface MeterTotals {
  /** `point variable`; one for all where two people wrote a total by hand. */
  readonly meter: string;
  readonly total: Total;
}

/** What a slot says of each meter: of values that were sent or are ready to be, none of what was annulled or waits for a person. */
export function metersOf({ row, obra, values }: ReadSlot): MeterTotals[] {
  if (row.state.version === 0 || row.standing === "annulled" || row.standing === "held") return [];
  const feeds = obra.feeds.filter(({ quantity }) => quantity === "total");
  const [only] = feeds;
  if (only === undefined) return [];
  if (feeds.length === 1) return values?.totalM3 === undefined ? [] : [{ meter: `${only.point} ${only.variable}`, total: { atUs: row.slotUs, totalM3: values.totalM3 } }];
  // Which meter a person meant nobody can tell.
  if (row.edit?.values["total"] !== undefined) return [];
  return feeds.flatMap(({ point, variable }) => {
    const taken = row.taken.find((value) => value.point === point && value.variable === variable);
    const totalM3 = taken === undefined || taken.value === "" ? undefined : inReportedUnit("total", variable, Number(taken.value));
    return totalM3 === undefined ? [] : [{ meter: `${point} ${variable}`, total: { atUs: row.slotUs, totalM3 } }];
  });
}
