import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText } from "./read.ts";

/** What was taken of a right by the end of a day. */
export interface UsedDay {
  /** `2026-06-11` on the regulator's clock. */
  readonly day: string;
  readonly usedM3: number;
}

export const burnVerdicts = ["exhausted", "before-year-end", "not-this-year", "no-use", "too-little-data", "no-right"] as const;
export type BurnVerdict = (typeof burnVerdicts)[number];

/** How much of a work's right is left, and when it is used up at the rate of the last days. */
export interface BurnDown {
  readonly rightM3: number | null;
  readonly usedM3: number;
  readonly remainingM3: number | null;
  readonly percent: number | null;
  readonly perDayM3: number | null;
  /** Days that the rate is of. */
  readonly rateDays: number | null;
  readonly verdict: BurnVerdict;
  /** A day; empty where there is none. */
  readonly exhaustedAt: string;
  readonly days: readonly UsedDay[];
}

export function readBurnDown(body: unknown): BurnDown {
  const report = asRecord(body);
  const row = asRecord(asList(report["works"], (item) => item)[0]);
  return {
    rightM3: asNumberOrNull(row["rightM3"]), usedM3: asNumber(row["usedM3"]), remainingM3: asNumberOrNull(row["remainingM3"]), percent: asNumberOrNull(row["percent"]), perDayM3: asNumberOrNull(row["perDayM3"]),
    rateDays: asNumberOrNull(row["days"]), verdict: burnVerdicts.find((verdict) => verdict === row["verdict"]) ?? "too-little-data", exhaustedAt: dayText(row["exhaustedAt"]), days: asList(report["days"], readUsedDay),
  };
}

function readUsedDay(value: unknown): UsedDay | undefined {
  const row = asRecord(value);
  const day = dayText(row["day"]);
  const usedM3 = asNumberOrNull(row["usedM3"]);
  return day === "" || usedM3 === null ? undefined : { day, usedM3 };
}

function dayText(value: unknown): string {
  return asInstantMs(value) === null ? "" : asText(value).slice(0, 10);
}

export const volumeFaults = ["no-total", "no-reading", "single-reading", "no-advance", "reset", "meter-change"] as const;

/** What a work took in a year; `fault` says why it cannot be told. */
export interface AnnualVolume {
  readonly volumeM3: number | null;
  readonly rightM3: number | null;
  readonly percent: number | null;
  readonly fault: string;
  /** What the certain stretches add up to, where the whole cannot be told. */
  readonly stretchesM3: number | null;
  readonly readings: number;
}

export function readAnnualVolume(body: unknown): AnnualVolume {
  const row = asRecord(asList(asRecord(body)["works"], (item) => item)[0]);
  return {
    volumeM3: asNumberOrNull(row["volumeM3"]), rightM3: asNumberOrNull(row["rightM3"]), percent: asNumberOrNull(row["percent"]),
    fault: volumeFaults.find((fault) => fault === row["notComputable"]) ?? (asNumberOrNull(row["volumeM3"]) === null ? "no-reading" : ""), stretchesM3: asNumberOrNull(row["stretchesM3"]), readings: asNumber(row["readings"]),
  };
}
