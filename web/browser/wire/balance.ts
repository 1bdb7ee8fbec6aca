import { asList, asNumber, asNumberOrNull, asRecord, asText } from "./read.ts";

export type BalanceVerdict = "agrees" | "differs" | "not-comparable";

/** One day's flow against its totaliser, m3. */
export interface BalanceDay {
  /** Calendar day, `2026-11-22`. */
  readonly day: string;
  readonly hours: number;
  readonly flowM3: number | null;
  /** 0 to 1. */
  readonly coverage: number;
  readonly totaliserM3: number | null;
  readonly differenceM3: number | null;
  readonly differencePercent: number | null;
  readonly verdict: BalanceVerdict;
  /** Why it is not comparable; empty otherwise. */
  readonly why: string;
}

export interface Balance {
  readonly zone: string;
  readonly days: readonly BalanceDay[];
}

/** The JSON of `…/balance`. A verdict that this page does not know cannot be compared. */
export function readBalance(body: unknown): Balance {
  const record = asRecord(body);
  return {
    zone: asText(record["tz"]),
    days: asList(record["items"], (item) => {
      const row = asRecord(item);
      const day = asText(row["day"]);
      const verdict = row["verdict"] === "agrees" || row["verdict"] === "differs" ? row["verdict"] : "not-comparable";
      return day === "" ? undefined : {
        day, verdict, hours: asNumber(row["hours"], 24), flowM3: asNumberOrNull(row["flowM3"]), coverage: asNumber(row["coverage"]), totaliserM3: asNumberOrNull(row["totaliserM3"]),
        differenceM3: asNumberOrNull(row["differenceM3"]), differencePercent: asNumberOrNull(row["differencePercent"]), why: asText(row["why"]),
      };
    }),
  };
}
