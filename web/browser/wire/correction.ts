import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, asTextList } from "./read.ts";

/** What a person said of facts of a point. */
export interface Correction {
  readonly id: string;
  readonly variable: string;
  /** null: there is none. */
  readonly value: number | null;
  /** What the source said holds again. */
  readonly restored: boolean;
  readonly author: string;
  readonly reason: string;
  readonly saidAtMs: number | null;
  readonly first: string;
  readonly last: string;
  readonly facts: number;
}

export function readCorrection(value: unknown): Correction | undefined {
  const row = asRecord(value);
  const id = asText(row["id"]);
  if (id === "") return undefined;
  return {
    id, variable: asText(row["variable"]), value: asNumberOrNull(row["value"]), restored: row["restored"] === true, author: asText(row["author"]), reason: asText(row["reason"]),
    saidAtMs: asInstantMs(row["saidAt"]), first: asText(row["first"]), last: asText(row["last"]), facts: asNumber(row["facts"]),
  };
}

/** What a correction changes, or would change. */
export interface Corrected {
  readonly facts: readonly { readonly at: string; readonly atMs: number; readonly before: number | null; readonly had: boolean; readonly flag: number; readonly bySomebody: boolean; readonly after: number | null }[];
  /** What becomes of what was computed from it, where that takes its time. */
  readonly next: string;
}

export function readCorrected(body: unknown): Corrected {
  const row = asRecord(body);
  const facts = asList(row["facts"], (item) => {
    const fact = asRecord(item);
    const at = asText(fact["at"]);
    const atMs = asInstantMs(at);
    const before = asRecord(fact["before"]);
    if (atMs === null) return undefined;
    return { at, atMs, before: asNumberOrNull(before["value"]), had: fact["before"] !== null, flag: asNumber(before["flag"], 2), bySomebody: asNumber(before["authority"]) > 0, after: asNumberOrNull(fact["after"]) };
  });
  return { facts, next: asText(row["next"]) };
}

/** One revision of a fact: what was said of an instant at some time. */
export interface Revision {
  readonly variable: string;
  readonly bySomebody: boolean;
  readonly knownAtMs: number | null;
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly withdrawn: boolean;
  readonly holds: boolean;
}

export function readRevision(value: unknown): Revision | undefined {
  const row = asRecord(value);
  const variable = asText(row["variable"]);
  if (variable === "") return undefined;
  return {
    variable, bySomebody: asNumber(row["authority"]) > 0, knownAtMs: asInstantMs(row["knownAt"]), value: asNumberOrNull(row["value"]), flag: asNumber(row["flag"], 2),
    reasons: asTextList(row["reasons"]), withdrawn: row["withdrawn"] === true, holds: row["holds"] === true,
  };
}
