import type { FindingKind } from "./finding-kinds.ts";

/** What became of one reading: one key of one message at one instant. */
export type Outcome =
  | "stored" | "superseded" | `dropped:${string}` | `parked:${string}`
  /** Nobody acknowledged it and it is not there, or the edge refused it: nothing was promised. */
  | "not-taken" | "refused"
  | "lost" | "doubled" | "altered" | "stale";

/** A fault, with the reading or fact that it is about. */
export interface Finding {
  readonly kind: FindingKind;
  /** Store that shows it: hot, warm, cold, api, archive, parked, rollups, live, directory. */
  readonly where: string;
  readonly device: string;
  readonly detail: string;
  readonly seq?: number;
  readonly key?: string;
  readonly point?: string;
  readonly variable?: string;
  readonly instantUs?: number;
  readonly expected?: unknown;
  readonly found?: unknown;
}

/** One line of `verdicts.ndjson`. */
export interface ReadingVerdict {
  readonly seq: number;
  readonly device: string;
  readonly key: string;
  readonly timeUs: number;
  /** Null for a message that holds no reading at all. */
  readonly value: number | null;
  readonly outcome: Outcome;
  /** Stores where it is not as it should be. */
  readonly where?: readonly string[];
}

export interface AuditVerdict {
  /** True when nothing was found. */
  readonly ok: boolean;
  /** The seed of the fleet, which makes the same truth again. */
  readonly seed: string;
  readonly messages: number;
  readonly acknowledged: number;
  readonly readings: number;
  /** Readings by what became of them; they sum to `readings`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Findings by kind; kinds without any are left out. */
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
  /** Some findings of each kind. */
  readonly examples: readonly Finding[];
  /** Not faults, but worth knowing: what was looked at and could not be judged, what was shown again. */
  readonly notes: Readonly<Record<string, number>>;
  /** What was looked at: facts by tier, archived readings, parked events, buckets, live events, digests. */
  readonly looked: Readonly<Record<string, number>>;
  /** Kinds of evidence that were not given. */
  readonly notGiven: readonly string[];
  readonly tookMs: number;
}
