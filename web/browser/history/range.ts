/** Ranges that end now, by name. */
export const presets = {
  "15m": 15 * 60_000, "1h": 3_600_000, "6h": 6 * 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000, "30d": 30 * 86_400_000, "1y": 365 * 86_400_000,
} as const;

export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as readonly Preset[];

/** last: ends now and moves with it. all: from the first reading to now. between: fixed instants, ms since 1970. */
export type TimeRange =
  | { readonly kind: "last"; readonly preset: Preset }
  | { readonly kind: "all" }
  | { readonly kind: "between"; readonly fromMs: number; readonly toMs: number };

/** A half-open range of instants, ms since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The range's instants at a moment. `firstMs` is the first reading of what is shown, needed for all alone. */
export function spanOf(range: TimeRange, nowMs: number, firstMs: number | null): Span {
  if (range.kind === "between") return { fromMs: range.fromMs, toMs: range.toMs };
  if (range.kind === "last") return { fromMs: nowMs - presets[range.preset], toMs: nowMs };
  const fromMs = firstMs ?? nowMs - presets["30d"];
  return { fromMs: Math.min(fromMs, nowMs - 60_000), toMs: nowMs };
}

const SHORTEST_MS = 1_000;
const LONGEST_MS = 200 * 365 * 86_400_000;

/** A fixed range of these instants, put in order and never shorter than a second. */
export function between(aMs: number, bMs: number): TimeRange {
  const fromMs = Math.round(Math.min(aMs, bMs));
  const toMs = Math.round(Math.max(aMs, bMs, fromMs + SHORTEST_MS));
  return { kind: "between", fromMs, toMs };
}

/** Zooms about the middle: factor 0.5 shows half as much, 2 twice as much. */
export function zoomed(span: Span, factor: number): TimeRange {
  const middle = (span.fromMs + span.toMs) / 2;
  const half = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (span.toMs - span.fromMs) * factor)) / 2;
  return between(middle - half, middle + half);
}

/** Moves by a share of what is shown: -0.5 is half a screen back. */
export function moved(span: Span, share: number): TimeRange {
  const byMs = (span.toMs - span.fromMs) * share;
  return between(span.fromMs + byMs, span.toMs + byMs);
}
