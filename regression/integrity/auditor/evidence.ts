/**
 * What the auditor is shown of an installation, in shapes of its own: whoever fills them reads stores, ports or HTTP, and the auditor knows none
 * of these. Instants are microseconds since 1970 UTC. Streams are read once, in batches, and may be of any length.
 */
export interface Evidence {
  /** What each key of each device means. */
  directory(): AsyncIterable<DirectoryRow>;
  readonly tiers: readonly TierEvidence[];
  /** Every record of the raw archive, then those of the log that the archive has not taken yet. */
  archive?(): AsyncIterable<readonly ArchivedReading[]>;
  parked?(): AsyncIterable<readonly ParkedEvent[]>;
  readonly rollups?: RollupEvidence;
  readonly live?: LiveEvidence;
  /** Digests that tiers made of their own facts: days that lie whole above the floor of the tier. */
  digests?(point: PointRef): AsyncIterable<DigestRow>;
}

export interface PointRef {
  readonly client: string;
  readonly point: string;
}

export interface DirectoryRow extends PointRef {
  readonly device: string;
  readonly key: string;
  readonly variable: string;
  /** Of the source's values. */
  readonly unit: string;
  readonly ignored: boolean;
}

export interface TierEvidence {
  /** hot, warm, cold; api for what the history answers. */
  readonly name: string;
  /** What it keeps; null keeps for ever. */
  readonly retentionUs: number | null;
  /** Instant below which it holds nothing; undefined for a point that it never saw, -Infinity when it holds everything. */
  floorUs(point: PointRef): Promise<number | undefined>;
  /** In order of (instant, variable by code units). Facts that were taken back too: without a value, with the reason `withdrawn`. */
  facts(point: PointRef): AsyncIterable<readonly TierFact[]>;
  /** Every point that the store itself names, where it can be asked; else those points of this client that it knows, also under other clients. */
  points?(client: string): AsyncIterable<PointRef>;
}

export interface TierFact {
  readonly instantUs: number;
  readonly variable: string;
  readonly value: number | null;
  readonly flag: number;
  /** Sorted by code units. */
  readonly reasons: readonly string[];
  /** Both null where the source does not tell them. */
  readonly authority: number | null;
  readonly knownAtUs: number | null;
}

export interface ArchivedReading {
  readonly client: string;
  readonly device: string;
  readonly samples: readonly { readonly key: string; readonly timeUs: number | null; readonly value: string | number | boolean | null }[];
  /** SHA-256 of its raw bytes as they are now, lower-case hex. */
  readonly rawSha256: string;
  /** False when the record says another hash. */
  readonly isWhole: boolean;
}

export interface ParkedEvent {
  readonly eventId: string;
  readonly client: string;
  readonly device: string;
  readonly group: string;
  readonly reason: string;
  /** SHA-256 of the bytes that the source sent, lower-case hex; null when they cannot be had. */
  readonly rawSha256: string | null;
}

export type RollupLevel = "15m" | "1h" | "1d";

export interface RollupEvidence {
  /** Stored buckets of a point. */
  buckets(point: PointRef): AsyncIterable<readonly RollupBucket[]>;
  /** What is marked to be computed anew, in order and apart. */
  pending(point: PointRef): Promise<readonly TimeSpan[]>;
  /** False while facts may be there that nobody has marked yet; then stored buckets are not judged. */
  readonly isSettled: boolean;
}

export interface TimeSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** NaN where the bucket has none. */
export interface RollupBucket {
  readonly variable: string;
  readonly level: RollupLevel;
  readonly fromUs: number;
  readonly count: number;
  readonly flagged: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
  readonly consumption: number;
}

export interface LiveEvidence {
  events(): AsyncIterable<readonly LiveEvent[]>;
  /** What became known before this need not have been shown: the recording began then, or the stream said that something may be missing. */
  readonly completeFromUs: number;
}

export interface LiveEvent extends PointRef {
  /** Where it stands in the stream; the same place twice is the same event shown twice. */
  readonly place: string;
  readonly instantUs: number;
  readonly receivedAtUs: number;
  readonly values: readonly { readonly variable: string; readonly value: number | null; readonly flag: number; readonly reasons: readonly string[] }[];
}

export interface DigestRow {
  readonly tier: string;
  readonly dayStartUs: number;
  readonly facts: number;
  readonly hash: string;
}
