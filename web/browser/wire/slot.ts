import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, asTextList } from "./read.ts";

/** A measurement that a slot took, with the instant at which it was really measured. */
export interface Taken {
  readonly quantity: string;
  readonly variable: string;
  readonly point: string;
  readonly value: number | null;
  readonly atMs: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
}

/** What a slot sends, in the regulator's units. */
export interface SlotFigures {
  readonly flowLps: number | null;
  readonly totalM3: number | null;
  readonly depthM: number | null;
  readonly stageM: number | null;
}

/** An instant for which something is owed to a regulator, and where it stands. */
export interface Slot {
  /** As the API writes it; it is part of paths. */
  readonly slot: string;
  readonly slotMs: number;
  readonly standing: string;
  readonly late: boolean;
  readonly lateFailure: boolean;
  readonly reasons: readonly string[];
  readonly values: SlotFigures | null;
  readonly taken: readonly Taken[];
  readonly attempts: number;
  readonly voucher: string | null;
  readonly acceptedAtMs: number | null;
  /** Two people put other values in the place of the measured ones. */
  readonly edited: boolean;
  /** Values that were learned after they were frozen. */
  readonly lateRevisions: number;
}

/** Undefined for what is no instant. */
export function readSlot(value: unknown): Slot | undefined {
  const row = asRecord(value);
  const slot = asText(row["slot"]);
  const slotMs = asInstantMs(slot);
  if (slotMs === null) return undefined;
  return {
    slot, slotMs, standing: asText(row["standing"], "expected"), late: row["late"] === true, lateFailure: row["lateFailure"] === true, reasons: asTextList(row["reasons"]), values: readFigures(row["values"]),
    taken: asList(row["taken"], readTaken), attempts: asNumber(row["attempts"]), voucher: asText(row["voucher"]) || null, acceptedAtMs: asInstantMs(row["acceptedAt"]),
    edited: row["edited"] === true, lateRevisions: asNumber(row["lateRevisions"]),
  };
}

/** Null where there are none at all. A number may be written as its decimal text. */
export function readFigures(value: unknown): SlotFigures | null {
  const row = asRecord(value);
  const figures = { flowLps: decimal(row["flowLps"]), totalM3: decimal(row["totalM3"]), depthM: decimal(row["depthM"]), stageM: decimal(row["stageM"]) };
  return Object.values(figures).every((figure) => figure === null) ? null : figures;
}

export function readTaken(value: unknown): Taken | undefined {
  const row = asRecord(value);
  const variable = asText(row["variable"]);
  if (variable === "") return undefined;
  return {
    quantity: asText(row["quantity"]), variable, point: asText(row["point"]), value: decimal(row["value"]), atMs: asInstantMs(row["at"]), flag: asNumber(row["flag"], 2), reasons: asTextList(row["reasons"]),
  };
}

function decimal(value: unknown): number | null {
  if (typeof value !== "string" || value.trim() === "") return asNumberOrNull(value);
  return asNumberOrNull(Number(value));
}
