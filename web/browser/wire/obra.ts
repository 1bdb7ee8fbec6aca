import { readMode, readWork, type SendMode } from "./obra-status.ts";
import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText } from "./read.ts";

/** Where a quantity of a work comes from. */
export interface ObraFeed {
  readonly quantity: string;
  readonly point: string;
  readonly variable: string;
}

/** Ids that only the SMA knows. */
export interface ObraIds {
  readonly ufId: string;
  readonly procesoId: string;
  readonly dispositivoId: string;
}

export interface MonthRight {
  readonly flowLps: number | null;
  readonly volumeM3: number | null;
}

/** A work as somebody said it, in one of its versions. */
export interface Obra {
  readonly work: string;
  readonly regulator: string;
  readonly code: string;
  readonly client: string;
  readonly name: string;
  readonly standard: string;
  readonly everyMinutes: number | null;
  readonly water: string;
  readonly levelMayBeMissing: boolean;
  readonly centreRut: string;
  readonly informantRut: string;
  readonly feeds: readonly ObraFeed[];
  readonly right: { readonly flowLps: number | null; readonly annualM3: number | null; readonly monthly: readonly (MonthRight | null)[]; readonly tolerance: number };
  readonly permittedDelayDays: number | null;
  readonly windowMinutes: number | null;
  readonly settleMinutes: number | null;
  readonly knownDefect: { readonly sinceMs: number | null; readonly reason: string } | null;
  readonly submitFromMs: number | null;
  readonly endsMs: number | null;
  readonly mode: SendMode;
  readonly ids: ObraIds | null;
  readonly version: number;
  readonly changedBy: string;
  readonly changedAtMs: number | null;
  readonly reason: string;
}

/** Undefined for what names no work. */
export function readObra(value: unknown): Obra | undefined {
  const row = asRecord(value);
  const parts = readWork(row);
  if (parts === undefined) return undefined;
  const right = asRecord(row["right"]);
  const defect = asRecord(row["knownDefect"]);
  const ids = asRecord(row["sma"]);
  return {
    ...parts, client: asText(row["client"]), name: asText(row["name"], parts.code), standard: asText(row["standard"]), everyMinutes: asNumberOrNull(row["everyMinutes"]), water: asText(row["water"]),
    levelMayBeMissing: row["levelMayBeMissing"] === true, centreRut: asText(row["centreRut"]), informantRut: asText(row["informantRut"]), feeds: asList(row["feeds"], readFeed),
    right: {
      flowLps: asNumberOrNull(right["flowLps"]), annualM3: asNumberOrNull(right["annualM3"]), tolerance: asNumber(right["tolerance"]),
      monthly: Array.isArray(right["monthly"]) ? right["monthly"].map(readMonth) : [],
    },
    permittedDelayDays: asNumberOrNull(row["permittedDelayDays"]), windowMinutes: asNumberOrNull(row["windowMinutes"]), settleMinutes: asNumberOrNull(row["settleMinutes"]),
    knownDefect: asText(defect["reason"]) === "" ? null : { sinceMs: asInstantMs(defect["since"]), reason: asText(defect["reason"]) },
    submitFromMs: asInstantMs(row["submitFrom"]), endsMs: asInstantMs(row["endsAt"]), mode: readMode(row["mode"]),
    ids: asText(ids["ufId"]) === "" ? null : { ufId: asText(ids["ufId"]), procesoId: asText(ids["procesoId"]), dispositivoId: asText(ids["dispositivoId"]) },
    version: asNumber(row["version"], 1), changedBy: asText(row["changedBy"]), changedAtMs: asInstantMs(row["changedAt"]), reason: asText(row["reason"]),
  };
}

function readFeed(value: unknown): ObraFeed | undefined {
  const row = asRecord(value);
  const point = asText(row["point"]);
  return point === "" ? undefined : { quantity: asText(row["quantity"]), point, variable: asText(row["variable"]) };
}

function readMonth(value: unknown): MonthRight | null {
  const row = asRecord(value);
  const month = { flowLps: asNumberOrNull(row["flowLps"]), volumeM3: asNumberOrNull(row["volumeM3"]) };
  return month.flowLps === null && month.volumeM3 === null ? null : month;
}
