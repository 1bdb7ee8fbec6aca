/** Keeps the demo's data under its limit by slowing what is played in compressed time. */

const SECOND_MS = 1000;
const CHECK_MS = 60 * SECOND_MS;

/** How much disk the demo may use. */
export interface FleetBudget {
  readonly limitBytes: number;
  /** Bytes in use now; asked about once a minute. */
  readonly usedBytes: () => number | Promise<number>;
}

/** `full`: a row a second. `resting`: a row a minute, from 90 % of the limit. `stopped`: none, from the limit on. */
export type PaceLevel = "full" | "resting" | "stopped";

export const PACE_MS: Readonly<Record<PaceLevel, number>> = { full: SECOND_MS, resting: 60 * SECOND_MS, stopped: Infinity };

export function paceLevel(usedBytes: number, limitBytes: number): PaceLevel {
  if (usedBytes >= limitBytes) return "stopped";
  return usedBytes >= 0.9 * limitBytes ? "resting" : "full";
}

/** Asks the budget once a minute and tells when the pace changes; without a budget the pace stays full. */
export class Pace {
  readonly #budget: FleetBudget | undefined;
  readonly #onChange: (level: PaceLevel, usedBytes: number) => void;
  #nextCheckMs = -Infinity;
  level: PaceLevel = "full";

  constructor(budget: FleetBudget | undefined, onChange: (level: PaceLevel, usedBytes: number) => void) {
    this.#budget = budget;
    this.#onChange = onChange;
  }

  /** Never rejects: a budget that cannot be asked leaves the pace as it is until the next minute. */
  async check(nowMs: number): Promise<void> {
    if (this.#budget === undefined || nowMs < this.#nextCheckMs) return;
    this.#nextCheckMs = nowMs + CHECK_MS;
    let used: number;
    try {
      used = await this.#budget.usedBytes();
    } catch {
      return;
    }
    const level = paceLevel(used, this.#budget.limitBytes);
    if (level === this.level) return;
    this.level = level;
    this.#onChange(level, used);
  }
}
