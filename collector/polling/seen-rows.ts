import type { TimedSample } from "../providers/provider.ts";
import { sameValue } from "./same-value.ts";

export interface SeenRowsOptions {
  /** Rows in all; the devices that were not looked at for longest are forgotten first. */
  readonly maxRows: number;
}

export type Seen = "unknown" | "same" | "changed";

interface DeviceRows {
  readonly keys: Map<string, Map<number, TimedSample["value"]>>;
  rows: number;
  /** True once a whole overlap window was read: a row before its end that is not here is new to us. */
  covered: boolean;
}

/**
 * What was published of each device not long ago: (key, time) and value. It is lost with the process; what is then published again is
 * known to mapping, which drops it.
 */
export class SeenRows {
  readonly #maxRows: number;
  /** The one used last stands last. */
  readonly #devices = new Map<string, DeviceRows>();
  #rows = 0;

  constructor({ maxRows }: SeenRowsOptions) {
    this.#maxRows = maxRows;
  }

  look(device: string, { key, timeUs, value }: TimedSample): Seen {
    const times = this.#devices.get(device)?.keys.get(key);
    if (times === undefined || !times.has(timeUs)) return "unknown";
    return sameValue(times.get(timeUs), value) ? "same" : "changed";
  }

  /** Notes rows that are durable. */
  note(device: string, samples: readonly TimedSample[]): void {
    const rows = this.#of(device);
    for (const { key, timeUs, value } of samples) {
      let times = rows.keys.get(key);
      if (times === undefined) rows.keys.set(key, (times = new Map()));
      if (!times.has(timeUs)) {
        rows.rows += 1;
        this.#rows += 1;
      }
      times.set(timeUs, value);
    }
    while (this.#rows > this.#maxRows && this.#devices.size > 1) this.#forgetOldest();
  }

  isCovered(device: string): boolean {
    return this.#devices.get(device)?.covered ?? false;
  }

  /** The whole window up to now was read; what lies before it is let go. */
  cover(device: string, fromUs: number): void {
    const rows = this.#of(device);
    rows.covered = true;
    for (const times of rows.keys.values()) {
      for (const timeUs of times.keys()) {
        if (timeUs >= fromUs) continue;
        times.delete(timeUs);
        rows.rows -= 1;
        this.#rows -= 1;
      }
    }
  }

  /** Rows remembered now. */
  size(): number {
    return this.#rows;
  }

  #of(device: string): DeviceRows {
    const rows = this.#devices.get(device) ?? { keys: new Map(), rows: 0, covered: false };
    this.#devices.delete(device);
    this.#devices.set(device, rows);
    return rows;
  }

  #forgetOldest(): void {
    const [oldest] = this.#devices;
    if (oldest === undefined) return;
    this.#rows -= oldest[1].rows;
    this.#devices.delete(oldest[0]);
  }
}
