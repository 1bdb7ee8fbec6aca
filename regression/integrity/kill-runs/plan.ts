import type { Catalogue } from "./catalogue.ts";
import { draw, shuffled } from "./draw.ts";

/** What one seed does to a run. */
export interface Plan {
  readonly seed: string;
  /** The fault that ends a process; a kill at a moment of no importance when it is "moment". */
  readonly first: PlannedPoint | PlannedMoment;
  /** A second kill, while what the first left is being recovered. */
  readonly second: PlannedPoint | PlannedMoment | undefined;
}

export interface PlannedPoint {
  readonly kind: "point";
  readonly point: string;
  readonly arrival: number;
}

export interface PlannedMoment {
  readonly kind: "moment";
  readonly service: string;
  /** Milliseconds after the feed began, or after the start that recovers. */
  readonly afterMs: number;
}

/** One run in so many is killed at a moment instead of a point, and one in so many is killed again while it recovers. */
const MOMENT_EVERY = 6;
const AGAIN_EVERY = 4;
const LATEST_MOMENT_MS = 1500;

/** The seed of a run of a series. */
export function seedOf(series: string, index: number): string {
  return `${series}-${index}`;
}

/** What a seed does: of each series all points come in turn, in an order of its own, so that a long series misses none. */
export function planOf(seed: string, catalogue: Catalogue, services: readonly string[]): Plan {
  const [, series = seed, index = "0"] = /^(.*)-(\d+)$/.exec(seed) ?? [];
  const points = shuffled(Object.keys(catalogue).sort(), series, "order");
  const turn = Number(index);
  const moment = (word: string): PlannedMoment => ({
    kind: "moment", service: services[Math.floor(draw(seed, word, "service") * services.length)]!, afterMs: Math.floor(draw(seed, word, "moment") * LATEST_MOMENT_MS),
  });
  const point = (name: string, word: string): PlannedPoint => ({ kind: "point", point: name, arrival: arrivalWithin(catalogue[name] ?? 1, draw(seed, word, "arrival")) });
  // Moments take no turn of a point.
  const turns = turn - Math.ceil(turn / MOMENT_EVERY);
  const first = turn % MOMENT_EVERY === 0 || points.length === 0 ? moment("first") : point(points[turns % points.length]!, "first");
  if (draw(seed, "again") >= 1 / AGAIN_EVERY || points.length === 0) return { seed, first, second: undefined };
  const again = points[Math.floor(draw(seed, "second") * points.length)]!;
  return { seed, first, second: draw(seed, "second kind") < 0.5 ? moment("second") : point(again, "second") };
}

/** Early ones are likelier: a run that is cut short by batches that are larger today still comes so far. */
function arrivalWithin(count: number, share: number): number {
  return Math.max(1, Math.floor(count ** (share * 0.9)));
}

/** True where only the first run of an installation comes to the point. */
export function needsNewInstallation({ first }: Plan, catalogue: Catalogue): boolean {
  return first.kind === "point" && catalogue[first.point] === 0;
}

/** What CAUDAL_FAULTS says for it. */
export function faultsText(seed: string, fault: PlannedPoint | PlannedMoment | undefined): string {
  return fault?.kind === "point" ? `${seed}:${fault.point}@${fault.arrival}` : `${seed}:none`;
}
