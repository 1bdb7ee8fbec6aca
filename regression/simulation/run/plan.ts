import { Random } from "../time/random.ts";
import { storeNames, type StoreName } from "../world/world.ts";
import type { StoreTemper } from "../world/conditions.ts";

/** What a run is made of and what goes wrong in it; all of it follows from the seed. */
export interface RunPlan {
  readonly seed: string;
  /** one: every service in one process, which dies whole. fleet: a process a service, and two processors. */
  readonly layout: "one" | "fleet";
  readonly partitions: number;
  readonly devices: number;
  /** Samples that each device takes, and seconds between them. */
  readonly steps: number;
  readonly intervalS: number;
  /** Messages of one request at most. */
  readonly batch: number;
  readonly tempers: Readonly<Partial<Record<StoreName, StoreTemper>>>;
  readonly tears: boolean;
  /** Virtual milliseconds for which things go wrong. */
  readonly troubleMs: number;
  /** Of each fault point reached: the process ends there. */
  readonly killChance: number;
  readonly mostKills: number;
  readonly events: readonly RunEvent[];
}

export type RunEvent =
  | { readonly kind: "away"; readonly atMs: number; readonly forMs: number; readonly store: StoreName }
  | { readonly kind: "store-crash"; readonly atMs: number; readonly store: StoreName }
  | { readonly kind: "power-cut"; readonly atMs: number }
  | { readonly kind: "kill"; readonly atMs: number }
  | { readonly kind: "restart"; readonly atMs: number }
  | { readonly kind: "hold"; readonly atMs: number; readonly forMs: number }
  | { readonly kind: "expire"; readonly atMs: number };

/** Each kind of trouble is in about half of the runs, so that runs with few show what the others hide. */
export function planOf(seed: string): RunPlan {
  const random = new Random(`${seed}/plan`);
  const some = (chance = 0.5): boolean => random.chance(chance);
  const layout = some(0.4) ? "one" : "fleet";
  const troubleMs = random.whole(6000, 16_000);
  const when = (): number => random.whole(200, troubleMs);
  const events: RunEvent[] = [];
  const often = (chance: number, most: number, make: () => RunEvent): void => {
    if (some(chance)) for (let count = random.whole(1, most); count > 0; count -= 1) events.push(make());
  };
  often(0.4, 2, () => ({ kind: "away", atMs: when(), forMs: random.whole(500, 6000), store: random.pick(storeNames) }));
  often(0.3, 2, () => ({ kind: "store-crash", atMs: when(), store: random.pick(storeNames) }));
  often(0.3, 2, () => ({ kind: "power-cut", atMs: when() }));
  often(0.4, 3, () => ({ kind: "kill", atMs: when() }));
  often(0.2, 2, () => ({ kind: "restart", atMs: when() }));
  often(layout === "fleet" ? 0.4 : 0.2, 2, () => ({ kind: "hold", atMs: when(), forMs: random.whole(500, 12_000) }));
  often(0.3, 3, () => ({ kind: "expire", atMs: when() }));
  const tempers: Partial<Record<StoreName, StoreTemper>> = {};
  for (const name of storeNames) {
    tempers[name] = {
      answerMs: random.between(0.5, some(0.2) ? 60 : 5), syncMs: random.between(1, some(0.2) ? 80 : 8),
      slow: some(0.3) ? random.between(0, 0.05) : 0, slowMs: random.between(100, 2500),
      lostAnswer: some(0.4) ? random.between(0, 0.1) : 0, refused: some(0.3) ? random.between(0, 0.1) : 0, ghost: some() ? 0.5 : 0,
    };
  }
  return {
    seed, layout, troubleMs, tempers, events: events.sort((a, b) => a.atMs - b.atMs), partitions: random.whole(1, 3), devices: random.whole(1, 4), steps: random.whole(3, 14),
    intervalS: random.pick([10, 60, 300, 900]), batch: random.whole(1, 4), tears: some(),
    killChance: some(0.6) ? random.between(0.002, 0.02) : 0, mostKills: random.whole(1, 4),
  };
}
