import { fromFieldValue, toFieldValue } from "../format/instant.ts";
import { parseTyped } from "../format/number.ts";
import type { SettingPeriod, SettingRow, SettingValue } from "../wire/setting.ts";

/** What is typed for one setting. "": nothing is said. unset: it ends to hold. */
export interface SettingDraft {
  readonly text: string;
  readonly unset: boolean;
}

export interface SettingsDraft {
  readonly fromFirst: boolean;
  /** As a `datetime-local` field has it. */
  readonly from: string;
  readonly values: Readonly<Record<string, SettingDraft>>;
  readonly reason: string;
}

export const nothingSaid: SettingDraft = { text: "", unset: false };

/** The draft of a new period, from now on where something holds already, or of one that is corrected. */
export function draftOf(period: SettingPeriod | null, { nowMs, isFirst, decimalComma }: { readonly nowMs: number; readonly isFirst: boolean; readonly decimalComma: boolean }): SettingsDraft {
  const typed = (value: SettingValue | null): string => (value === null ? "" : decimalComma && typeof value === "number" ? String(value).replace(".", ",") : String(value));
  const values = Object.entries(period?.values ?? {}).map(([name, value]) => [name, { text: typed(value), unset: value === null }] as const);
  return { fromFirst: period === null ? isFirst : period.validFrom === null, from: toFieldValue(period?.validFromMs ?? nowMs), values: Object.fromEntries(values), reason: "" };
}

export type DraftFault = "not-number" | "range" | "whole" | "no-time" | "no-reason" | "nothing";

interface Asked {
  readonly validFrom: string | null;
  readonly values: Record<string, SettingValue | null>;
  readonly forget?: readonly string[];
  readonly keepLater?: true;
  readonly reason: string;
}

/** What is asked for, and what is wrong by field; `refusedAt` is the part that a refusal of the server is about. */
export interface SettingsChange {
  readonly asked: readonly Asked[];
  readonly faults: ReadonlyMap<string, DraftFault>;
  readonly refusedAt: number;
}

function fits(row: SettingRow, value: number): DraftFault | undefined {
  if (Number.isNaN(value)) return "not-number";
  if ((row.above !== null && value <= row.above) || (row.min !== null && value < row.min) || (row.max !== null && value > row.max)) return "range";
  return row.whole && !Number.isInteger(value) ? "whole" : undefined;
}

/** What a draft asks for: only what differs from the period that it corrects, and all of it where the period begins at another instant. */
export function changeOf(rows: readonly SettingRow[], period: SettingPeriod | null, draft: SettingsDraft): SettingsChange {
  const faults = new Map<string, DraftFault>();
  const fromMs = draft.fromFirst ? null : fromFieldValue(draft.from);
  if (!draft.fromFirst && fromMs === null) faults.set("validFrom", "no-time");
  // A field has no seconds: an untouched one keeps the instant as it is.
  const isSame = period !== null && (draft.fromFirst ? period.validFrom === null : period.validFromMs !== null && draft.from === toFieldValue(period.validFromMs));
  const validFrom = isSame ? period.validFrom : fromMs === null ? null : new Date(fromMs).toISOString();
  const values: Record<string, SettingValue | null> = {};
  const forget: string[] = [];
  for (const row of rows) {
    const { text, unset } = draft.values[row.name] ?? nothingSaid;
    const before = period?.values[row.name];
    if (unset) {
      if (!isSame || before !== null) values[row.name] = null;
      continue;
    }
    const value = row.choices === null ? parseTyped(text) : text === "" ? null : text;
    if (value === null) {
      if (isSame && before !== undefined) forget.push(row.name);
      continue;
    }
    const fault = typeof value === "number" ? fits(row, value) : undefined;
    if (fault !== undefined) faults.set(row.name, fault);
    else if (!isSame || value !== before) values[row.name] = value;
  }
  const reason = draft.reason.trim();
  if (reason === "") faults.set("reason", "no-reason");
  if (faults.size === 0 && Object.keys(values).length + forget.length === 0) faults.set("values", "nothing");
  const asked: Asked = { validFrom, values, reason, ...(forget.length === 0 ? {} : { forget }), ...(period !== null && validFrom === null ? { keepLater: true } : {}) };
  if (period === null || isSame) return { asked: [asked], faults, refusedAt: 0 };
  return { asked: [removalOf(period, reason), asked], faults, refusedAt: 1 };
}

/** Takes a period out: what held before holds on. */
export function removalOf(period: SettingPeriod, reason: string): Asked {
  return { validFrom: period.validFrom, values: {}, forget: Object.keys(period.values), reason };
}
