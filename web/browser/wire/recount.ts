import { asInstantMs, asList, asNumber, asRecord } from "./read.ts";

/** What late or corrected data, words and settings have had computed again of a point. */
export interface Recount {
  readonly waiting: boolean;
  /** Everything from here on; null: from the beginning. */
  readonly fromMs: number | null;
  readonly sinceMs: number | null;
  readonly doneAtMs: number | null;
  readonly facts: number;
  readonly days: number;
  readonly decisionsMade: number;
  readonly decisionsGone: number;
}

/** The newest of the first point in the answer of `…/recounts`; undefined where there was none. */
export function readRecount(body: unknown): Recount | undefined {
  return asList(asRecord(body)["items"], (item): Recount => {
    const row = asRecord(item);
    return {
      waiting: row["state"] === "waiting", fromMs: asInstantMs(row["from"]), sinceMs: asInstantMs(row["since"]), doneAtMs: asInstantMs(row["doneAt"]),
      facts: asNumber(row["facts"]), days: asNumber(row["days"]), decisionsMade: asNumber(row["decisionsMade"]), decisionsGone: asNumber(row["decisionsGone"]),
    };
  })[0];
}
