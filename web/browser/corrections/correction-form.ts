import { fromFieldValue, toFieldValue } from "../format/instant.ts";
import { parseTyped } from "../format/number.ts";

export const sayings = ["value", "withdraw", "restore"] as const;
export type CorrectionSaying = (typeof sayings)[number];

/** Which fact or facts, as far as a person chose them already. `at` is the exact instant, which no field can hold. */
export interface CorrectionPlace {
  readonly variable: string;
  readonly at?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface CorrectionDraft {
  readonly variable: string;
  readonly span: "instant" | "stretch";
  /** As `datetime-local` fields have them, with seconds. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly saying: CorrectionSaying;
  readonly value: string;
  readonly reason: string;
}

export function draftOf({ variable, at, fromMs, toMs }: CorrectionPlace, nowMs: number): CorrectionDraft {
  const isStretch = at === undefined && fromMs !== undefined;
  return {
    variable, span: isStretch ? "stretch" : "instant", at: withSeconds(at === undefined ? (fromMs ?? nowMs) : Date.parse(at)), from: withSeconds(fromMs ?? nowMs - 3_600_000), to: withSeconds(toMs ?? nowMs),
    saying: "value", value: "", reason: "",
  };
}

/** Facts stand at any second, so their fields have them. */
export function withSeconds(timeMs: number): string {
  return `${toFieldValue(timeMs)}:${String(new Date(timeMs).getSeconds()).padStart(2, "0")}`;
}

export type CorrectionFault = "no-time" | "order" | "no-value" | "not-number" | "no-reason" | "no-variable";

export interface CorrectionAsk {
  readonly body: Readonly<Record<string, unknown>>;
  readonly faults: ReadonlyMap<string, CorrectionFault>;
}

/** The request's body, and what is wrong by field. The exact instant that was chosen is kept while nobody touches its field. */
export function askOf(draft: CorrectionDraft, place: CorrectionPlace): CorrectionAsk {
  const faults = new Map<string, CorrectionFault>();
  const { variable, span, saying } = draft;
  if (variable === "") faults.set("variable", "no-variable");
  const value = saying === "value" ? parseTyped(draft.value) : null;
  if (saying === "value" && value === null) faults.set("value", "no-value");
  if (value !== null && Number.isNaN(value)) faults.set("value", "not-number");
  const reason = draft.reason.trim();
  if (reason === "") faults.set("reason", "no-reason");
  const [atMs, fromMs, toMs] = [draft.at, draft.from, draft.to].map(fromFieldValue);
  const iso = (timeMs: number | null | undefined) => new Date(timeMs ?? 0).toISOString();
  const when: Record<string, string> = {};
  if (span === "instant") {
    if (atMs === null || atMs === undefined) faults.set("at", "no-time");
    when["at"] = place.at !== undefined && draft.at === withSeconds(Date.parse(place.at)) ? place.at : iso(atMs);
  } else {
    if (fromMs === null || fromMs === undefined) faults.set("from", "no-time");
    if (toMs === null || toMs === undefined) faults.set("to", "no-time");
    else if (fromMs !== null && fromMs !== undefined && fromMs >= toMs) faults.set("to", "order");
    when["from"] = iso(fromMs);
    when["to"] = iso(toMs);
  }
  const said = saying === "value" ? { value } : saying === "withdraw" ? { withdraw: true } : { restore: true };
  return { body: { variable, ...when, ...said, reason }, faults };
}
