import { flags, type RowBlock } from "@caudal/core";
import { disturbanceOf, isHeld, noCounts, type Counts } from "./counted.ts";
import type { DaySamples } from "./day-balance.ts";
import { firstFrom } from "./flow-integral.ts";

const none: readonly string[] = [];

/** What is at hand of a point around the day in hand: filled from rows in time order, let go of behind. */
export class SampleWindow implements DaySamples {
  readonly flow: { readonly timesUs: number[]; readonly lps: number[] } = { timesUs: [], lps: [] };
  readonly volume: Counts = noCounts();
  readonly total: Counts = noCounts();
  /** Instant of the last row. */
  reachedUs = -Infinity;

  /** A count from before the rows. */
  begin(variable: "volume" | "total", { timeUs, value }: { readonly timeUs: number; readonly value: number }): void {
    put(this[variable], timeUs, value, none);
  }

  /** Takes what counts: facts with a value that are not flagged bad; of the dial no more than its totaliser takes. */
  add(block: RowBlock): void {
    for (const { variable, values, flags: judged, reasons } of block.columns) {
      for (let row = 0; row < block.rows; row++) {
        const flag = judged[row]!;
        const value = values[row]!;
        if (flag === 0 || flag >= flags.bad || Number.isNaN(value)) continue;
        const timeUs = block.timesUs[row]!;
        if (variable === "flow") {
          this.flow.timesUs.push(timeUs);
          this.flow.lps.push(value);
        } else if (variable === "volume") put(this.volume, timeUs, value, reasons.get(row) ?? none);
        else if (variable === "total" && !isHeld(reasons.get(row) ?? none)) put(this.total, timeUs, value, reasons.get(row) ?? none);
      }
    }
    if (block.rows > 0) this.reachedUs = block.timesUs[block.rows - 1]!;
  }

  /** Lets go of what lies before the instant; of counts the last of them stays. */
  drop(beforeUs: number): void {
    const flow = firstFrom(this.flow.timesUs, beforeUs);
    this.flow.timesUs.splice(0, flow);
    this.flow.lps.splice(0, flow);
    for (const counts of [this.volume, this.total]) {
      const gone = Math.max(0, firstFrom(counts.timesUs, beforeUs) - 1);
      counts.timesUs.splice(0, gone);
      counts.m3.splice(0, gone);
      counts.disturbed.splice(0, gone);
    }
  }
}

function put(counts: Counts, timeUs: number, m3: number, reasons: readonly string[]): void {
  counts.timesUs.push(timeUs);
  counts.m3.push(m3);
  counts.disturbed.push(disturbanceOf(reasons));
}
