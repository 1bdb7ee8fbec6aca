import { addDecimals } from "@caudal/core";
import { CounterWalk, type Total } from "./counter-walk.ts";

/** Why a volume cannot be told; a bare dash would read as "no water was taken". */
export const volumeFaults = ["no-total", "no-reading", "single-reading", "no-advance", "reset", "meter-change"] as const;
export type VolumeFault = (typeof volumeFaults)[number];

export type Volume =
  | { readonly kind: "computed"; readonly volumeM3: number }
  /** `stretchesM3`: what the stretches between beginnings add up to, where they are certain. */
  | { readonly kind: "not-computable"; readonly why: VolumeFault; readonly stretchesM3: number | null };

export interface CountedVolume {
  readonly volume: Volume;
  readonly first: Total | undefined;
  readonly last: Total | undefined;
  readonly readings: number;
  /** Readings that were below the counter and were passed over. */
  readonly glitches: number;
}

/** Last total minus first, only where the counter advanced all the way. `totals` in order of time. */
export function countedVolume(totals: Iterable<Total>): CountedVolume {
  const walk = new CounterWalk();
  for (const total of totals) walk.take(total);
  return { volume: volumeOf(walk), first: walk.first, last: walk.last, readings: walk.readings, glitches: walk.glitches };
}

export function volumeOf(walk: Pick<CounterWalk, "readings" | "resets" | "isBelow" | "volumeM3">): Volume {
  const not = (why: VolumeFault, stretchesM3: number | null = null): Volume => ({ kind: "not-computable", why, stretchesM3 });
  if (walk.readings === 0) return not("no-reading");
  if (walk.readings === 1) return not("single-reading");
  if (walk.isBelow) return not("reset");
  if (walk.resets > 0) return not("reset", walk.volumeM3);
  return walk.volumeM3 > 0 ? { kind: "computed", volumeM3: walk.volumeM3 } : not("no-advance");
}

/** Volumes of meters that count one work together: each must be told. Several that followed each other are a change of meter. */
export function togetherVolume(volumes: readonly Volume[], followed: boolean): Volume {
  const [first = { kind: "not-computable", why: "no-total", stretchesM3: null } as const] = volumes;
  if (volumes.length <= 1) return first;
  const sums = volumes.map((volume) => (volume.kind === "computed" ? volume.volumeM3 : volume.why === "no-advance" ? 0 : volume.stretchesM3));
  const sum = sums.includes(null) ? null : sums.reduce<number>((all, each) => addDecimals(all, each ?? 0), 0);
  if (followed) return { kind: "not-computable", why: "meter-change", stretchesM3: sum };
  const odd = volumes.find((volume) => volume.kind === "not-computable" && volume.why !== "no-advance");
  if (odd?.kind === "not-computable") return { ...odd, stretchesM3: sum };
  return sum === null || sum === 0 ? { kind: "not-computable", why: "no-advance", stretchesM3: null } : { kind: "computed", volumeM3: sum };
}
