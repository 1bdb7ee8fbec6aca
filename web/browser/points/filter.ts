import type { LatestEntry } from "../live/latest-book.ts";
import type { Point } from "../wire/point.ts";
import { isStale, seenMs } from "./staleness.ts";

/** all, what is flagged suspect or bad, what is silent, what has a guess that nobody confirmed. */
export const pointStates = ["all", "flagged", "stale", "guessed"] as const;
export type PointState = (typeof pointStates)[number];

export const pointOrders = ["name", "recent", "attention"] as const;
export type PointOrder = (typeof pointOrders)[number];

export interface PointFilter {
  readonly text: string;
  readonly client: string;
  readonly state: PointState;
  readonly order: PointOrder;
}

export const noFilter: PointFilter = { text: "", client: "", state: "all", order: "name" };

/** Letters without their accents, lower case: `Río` is found by `rio`. */
export function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function isGuessed(point: Point): boolean {
  return point.variables.some((row) => row.guessed && !row.ignored);
}

export interface PointFacts {
  readonly latest: (point: string) => LatestEntry | undefined;
  readonly nowMs: number;
}

function inState(point: Point, state: PointState, facts: PointFacts): boolean {
  if (state === "all") return true;
  if (state === "guessed") return isGuessed(point);
  const latest = facts.latest(point.id);
  if (state === "stale") return isStale(seenMs(point, latest), point.periodS, facts.nowMs);
  return latest !== undefined && latest.flag >= 3;
}

/** Every word of the search must be in the point's name, device, client or variables. */
export function matchesText(point: Point, text: string): boolean {
  const words = folded(text).split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return true;
  const where = folded([point.name, point.device, point.channel, point.client, ...point.variables.flatMap((row) => [row.variable, row.name.es, row.name.en])].join(" "));
  return words.every((word) => where.includes(word));
}

export interface PointCounts {
  readonly flagged: number;
  readonly stale: number;
  readonly guessed: number;
  readonly clients: readonly string[];
}

export function countPoints(points: readonly Point[], facts: PointFacts): PointCounts {
  const count = (state: PointState) => points.reduce((sum, point) => sum + (inState(point, state, facts) ? 1 : 0), 0);
  const clients = [...new Set(points.map((point) => point.client))].sort();
  return { flagged: count("flagged"), stale: count("stale"), guessed: count("guessed"), clients };
}

/** The points that the filter leaves, in its order. */
export function filterPoints(points: readonly Point[], filter: PointFilter, facts: PointFacts, language: string): Point[] {
  const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const byName = (a: Point, b: Point) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
  const kept = points.filter(
    (point) => (filter.client === "" || point.client === filter.client) && inState(point, filter.state, facts) && matchesText(point, filter.text),
  );
  if (filter.order === "name") return kept.sort(byName);
  const timeOf = (point: Point) => seenMs(point, facts.latest(point.id)) ?? 0;
  if (filter.order === "recent") return kept.sort((a, b) => timeOf(b) - timeOf(a) || byName(a, b));
  return kept.sort((a, b) => attention(b, facts) - attention(a, facts) || byName(a, b));
}

function attention(point: Point, facts: PointFacts): number {
  const latest = facts.latest(point.id);
  if (latest !== undefined && latest.flag === 4) return 4;
  if (latest !== undefined && latest.flag === 3) return 3;
  if (isStale(seenMs(point, latest), point.periodS, facts.nowMs)) return 2;
  return isGuessed(point) ? 1 : 0;
}
