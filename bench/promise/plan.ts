/** Where the parts of an installation answer; the same address for all where they are one process. */
export interface Addresses {
  readonly collector: string;
  readonly business: string;
  readonly analytics: string;
  readonly status: string;
  readonly processor: string;
  readonly archiver: string;
  readonly mqtt: string;
}

/** Every process's address, for its metrics. */
export function httpAddresses({ mqtt: _, ...http }: Addresses): string[] {
  return [...new Set(Object.values(http))];
}

/** What the load generator, a process of its own, is told to do. */
export interface LoadPlan {
  readonly addresses: Addresses;
  readonly devices: number;
  /** Readings an hour outside bursts, all devices together. */
  readonly readingsPerHour: number;
  /** How much more in a burst. */
  readonly burstTimes: number;
  readonly warmUpS: number;
  readonly seconds: number;
  /** Part of the readings that come by HTTP; the others by MQTT. */
  readonly httpShare: number;
  readonly apiCallsPerS: number;
  /** Every how manieth reading is asked for in the latest API until it stands there. */
  readonly probeEvery: number;
  readonly seed: number;
}

/** Milliseconds of many calls. */
export interface Timing {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly highest: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged, and not in the history afterwards. */
  readonly missing: number;
  /** Publish call to the reading standing in the answer of the latest API. */
  readonly deviceToHot: Timing;
  /** Those of them that were sent in a burst. */
  readonly deviceToHotInBursts: Timing;
  readonly acknowledgement: Timing;
  /** Publish call to the event in a follower of the live stream. */
  readonly deviceToLive: Timing;
  /** By operation. */
  readonly api: Readonly<Record<string, Timing>>;
  readonly failures: readonly string[];
}

/** What the generator says to its parent. */
export type LoadWord =
  | { readonly kind: "say"; readonly text: string }
  /** The measured time begins, ends. */
  | { readonly kind: "begins" }
  | { readonly kind: "ends" }
  | { readonly kind: "result"; readonly result: LoadResult };
