import type { Cell } from "../wire/history.ts";

export interface PlacedCount {
  readonly x: number;
  readonly y: number;
  readonly side: "before" | "at" | "after";
}

export interface CountPicture {
  readonly width: number;
  readonly height: number;
  readonly dots: readonly PlacedCount[];
  readonly line: string;
  /** Height of the last count that counted before. */
  readonly baselineY: number | null;
  readonly atX: number;
  readonly min: number;
  readonly max: number;
}

const WIDTH = 320;
const HEIGHT = 96;
const INSET = 7;

/** The counts around a decision as a picture: a line with a dot for each, the decided one apart. Null where there is nothing to draw. */
export function pictureOf(cells: readonly Cell[], { atMs, baseline }: { readonly atMs: number; readonly baseline: number | null }): CountPicture | null {
  const first = cells[0];
  const last = cells.at(-1);
  if (first === undefined || last === undefined) return null;
  const values = cells.map(({ value }) => value ?? 0);
  const min = Math.min(...values);
  const max = Math.max(...values);
  const fromMs = Math.min(first.timeMs, atMs);
  const spanMs = Math.max(1, Math.max(last.timeMs, atMs) - fromMs);
  const round = (value: number) => Math.round(value * 10) / 10;
  const xOf = (timeMs: number) => round(INSET + ((timeMs - fromMs) / spanMs) * (WIDTH - 2 * INSET));
  const yOf = (value: number) => (max === min ? HEIGHT / 2 : round(HEIGHT - INSET - ((value - min) / (max - min)) * (HEIGHT - 2 * INSET)));
  const dots = cells.map(({ timeMs, value }) => ({ x: xOf(timeMs), y: yOf(value ?? 0), side: timeMs < atMs ? ("before" as const) : timeMs === atMs ? ("at" as const) : ("after" as const) }));
  return {
    width: WIDTH, height: HEIGHT, dots, line: dots.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(""),
    baselineY: baseline === null || baseline < min || baseline > max ? null : yOf(baseline), atX: xOf(atMs), min, max,
  };
}
