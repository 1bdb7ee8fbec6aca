import type { BurnDown } from "../../wire/right-report.ts";

/** A burn-down as lines of a picture: what is left, where it leads, and an even use of the year beside it. */
export interface BurnPicture {
  readonly width: number;
  readonly height: number;
  readonly left: string;
  readonly area: string;
  /** From the last day on, at the rate of the last days; empty where none is known. */
  readonly projected: string;
  /** An even use of the right over the year. */
  readonly even: string;
  /** Where the right is used up within the year; null where it is not. */
  readonly end: { readonly x: number; readonly y: number } | null;
  readonly months: readonly number[];
  readonly topM3: number;
}

const WIDTH = 960;
const HEIGHT = 260;
const INSET = 8;
const DAY_MS = 86_400_000;

/** Null where there is nothing to draw: no right, or no day of use. */
export function burnPicture({ rightM3, days, perDayM3, exhaustedAt }: BurnDown, year: number): BurnPicture | null {
  const first = days[0];
  const last = days.at(-1);
  if (rightM3 === null || rightM3 <= 0 || first === undefined || last === undefined) return null;
  const fromMs = Date.UTC(year, 0, 1);
  const spanMs = Date.UTC(year + 1, 0, 1) - fromMs;
  const round = (value: number) => Math.round(value * 10) / 10;
  const xOf = (timeMs: number) => round(INSET + (Math.min(1, Math.max(0, (timeMs - fromMs) / spanMs))) * (WIDTH - 2 * INSET));
  const yOf = (leftM3: number) => round(INSET + (1 - Math.max(0, leftM3) / rightM3) * (HEIGHT - 2 * INSET));
  // A day's use is known at its end.
  const endOf = (day: string) => Date.parse(day) + DAY_MS;
  // Nobody knows what was taken before the first day with a reading.
  const startX = xOf(Date.parse(first.day));
  const points = [{ x: startX, y: yOf(rightM3) }, ...days.map(({ day, usedM3 }) => ({ x: xOf(endOf(day)), y: yOf(rightM3 - usedM3) }))];
  const left = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
  const at = points.at(-1) ?? { x: INSET, y: INSET };
  const exhausted = exhaustedAt === "" ? null : { x: xOf(Date.parse(exhaustedAt)), y: yOf(0) };
  const yearEndMs = fromMs + spanMs;
  const restM3 = perDayM3 === null ? null : rightM3 - last.usedM3 - (perDayM3 * (yearEndMs - endOf(last.day))) / DAY_MS;
  const target = exhausted ?? (restM3 === null ? null : { x: xOf(yearEndMs), y: yOf(restM3) });
  return {
    width: WIDTH, height: HEIGHT, left, area: `${left}L${at.x} ${yOf(0)}L${startX} ${yOf(0)}Z`, projected: target === null || target.x <= at.x ? "" : `M${at.x} ${at.y}L${target.x} ${target.y}`,
    even: `M${INSET} ${yOf(rightM3)}L${xOf(yearEndMs)} ${yOf(0)}`, end: exhausted, months: Array.from({ length: 12 }, (_, month) => xOf(Date.UTC(year, month, 1))), topM3: rightM3,
  };
}
