import { formatInstant, parseInstant } from "@caudal/core";
import { isNumericText } from "../decode/scalar.ts";
import type { RefusedRow } from "./provider.ts";

/** A row's own time in microseconds since 1970 UTC, or why it has none. */
export type RowTime = { readonly ok: true; readonly timeUs: number } | { readonly ok: false; readonly why: RefusedRow["why"]; readonly detail: string };

const FIRST_US = Date.UTC(2015, 0, 1) * 1000;
const MAX_AHEAD_US = 86_400_000_000;

/** Epoch milliseconds, as a number or as text. A row without them is refused: the time of the poll says nothing about its measurement. */
export function epochMsTime(value: unknown, nowUs: number): RowTime {
  if (value === undefined || value === null || value === "") return noTime;
  const ms = typeof value === "number" ? value : typeof value === "string" && isNumericText(value.trim()) ? Number(value) : undefined;
  if (ms === undefined) return { ok: false, why: "wrong-type", detail: "the row's time is not a number of milliseconds" };
  return plausible(Math.round(ms * 1000), nowUs);
}

/** A date and clock in RFC 3339 or near it; in UTC where it has no offset. */
export function writtenUtcTime(value: unknown, nowUs: number): RowTime {
  if (value === undefined || value === null || value === "") return noTime;
  const timeUs = typeof value === "string" ? parseInstant(value.trim(), "UTC") : undefined;
  if (timeUs === undefined) return { ok: false, why: "wrong-type", detail: "the row's time is not a date and clock" };
  return plausible(timeUs, nowUs);
}

const noTime: RowTime = { ok: false, why: "implausible-time", detail: "the row has no time of its own" };

function plausible(timeUs: number, nowUs: number): RowTime {
  if (!Number.isSafeInteger(timeUs) || timeUs < FIRST_US) return { ok: false, why: "implausible-time", detail: "the row's time is before 2015" };
  if (timeUs <= nowUs + MAX_AHEAD_US) return { ok: true, timeUs };
  return { ok: false, why: "implausible-time", detail: `the row's time is more than 24 h after its receipt at ${formatInstant(nowUs)}` };
}
