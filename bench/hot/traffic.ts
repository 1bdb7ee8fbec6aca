import type { Measurement } from "@caudal/schemas";

/** Points of one partition: what one batch of the hot group holds facts of. */
export const PARTITION_POINTS = 166;
export const PARTITIONS = 6;
export const STEP_US = 20_000_000;
export const VARIABLES = ["flow", "level", "total"] as const;

/** Loggers that read three variables every 20 s, in partitions of which each has a clock of its own. */
export class Traffic {
  readonly client: string;
  readonly #steps = new Int32Array(PARTITIONS);
  readonly #totals = new Float64Array(PARTITIONS * PARTITION_POINTS);
  readonly #startUs: number;
  #batches = 0;
  #seed = 1;

  constructor(client: string, startUs: number) {
    this.client = client;
    this.#startUs = startUs;
  }

  /** The next batch: a partition's points with `rows` new instants each, as they come from the log: instant by instant. */
  next(rows: number): Measurement[] {
    const partition = this.#batches++ % PARTITIONS;
    const batch: Measurement[] = [];
    for (let row = 0; row < rows; row++) {
      const instantUs = this.#startUs + this.#steps[partition]!++ * STEP_US;
      for (let i = 0; i < PARTITION_POINTS; i++) batch.push(this.#measurement(partition * PARTITION_POINTS + i, instantUs));
    }
    return batch;
  }

  #measurement(point: number, instantUs: number): Measurement {
    const flow = Math.round(2000 + 400 * Math.sin(instantUs / 9e9 + point) + 20 * this.#random()) / 100;
    this.#totals[point]! += Math.round(flow * 20);
    const known = instantUs + 1_000_000 + Math.floor(this.#random() * 1e6);
    const values = [flow, Math.round(1500 + 100 * Math.cos(instantUs / 3e10) + 3 * this.#random()) / 100, this.#totals[point]! / 1000];
    return {
      eventId: "e", client: this.client, point: `point-${point}`, device: "d", channel: "", source: "s", transport: "t", instantUs, observedAtUs: known, receivedAtUs: known,
      authority: 0, knownAtUs: known, causeId: "c", labels: {}, facts: VARIABLES.map((variable, i) => ({ variable, value: values[i]!, flag: 1, reasons: [] })),
    };
  }

  /** The same numbers in every run. */
  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
    return this.#seed / 2 ** 32;
  }
}
