/* A year of ten points, a reading of three values every five minutes, from one seed. */

export const POINTS = 10;
export const DAYS = 365;
export const ROWS_A_DAY = 288;
/** Of each point. */
export const ROWS = DAYS * ROWS_A_DAY;
export const DAY_MS = 86_400_000;
const STEP_MS = DAY_MS / ROWS_A_DAY;
const STEP_S = STEP_MS / 1000;

export interface YearRow {
  readonly atMs: number;
  /** L/s */
  readonly flow: number;
  /** m */
  readonly level: number;
  /** m3 */
  readonly total: number;
}

/** Midnight UTC that begins the last 365 whole days. */
export function firstMsOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS - DAYS * DAY_MS;
}

/** A point's rows in time order: flow with its days and seasons and noise in the last digit, a level that follows it, and the totaliser that counts it. */
export function* yearOf(point: number, firstMs: number): Generator<YearRow> {
  let state = point + 1;
  const chance = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  let litres = 1_000_000 * (point + 1);
  for (let row = 0; row < ROWS; row++) {
    const day = row / ROWS_A_DAY;
    const tenths = Math.round(120 + 20 * Math.sin(2 * Math.PI * day) + 30 * Math.sin((2 * Math.PI * day) / DAYS) + 6 * chance());
    const centimetres = Math.round(4000 - 2 * tenths + 4 * chance());
    litres += (tenths * STEP_S) / 10;
    yield { atMs: firstMs + row * STEP_MS, flow: tenths / 10, level: centimetres / 100, total: litres / 1000 };
  }
}

/** Device ids are those of the load's publisher. */
export function deviceOf(point: number): string {
  return `well-${String(point).padStart(6, "0")}`;
}

/** As a device sends it. */
export function readingText(point: number, { atMs, flow, level, total }: YearRow): string {
  return `{"id":"${deviceOf(point)}","ts":${atMs},"total_m3":${total},"flow_lps":${flow},"level_m":${level}}`;
}
