import type { Measurement } from "@caudal/schemas";
import type { Scope } from "../access/principal.ts";

/**
 * SeriesTier: keeps facts of points over time.
 *
 * `write` resolves when the batch is durable. It merges fact by fact: for each (client, point, instant, variable) the greatest
 * revision wins whatever the order of arrival, and writing the same again changes nothing. Facts below a point's floor are not stored
 * and are counted. A point's floor starts, with the point's first fact, at that measurement's received time minus the tier's retention.
 * `read` streams in time order with bounded memory and never shows facts below the floor, nor withdrawn ones.
 * Everything is isolated by client; a scope that does not allow a client sees nothing of it.
 */
export interface SeriesTier {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  /** One result for the batch; `failed` names the measurements that were not stored, all others are durable. */
  write(batch: readonly Measurement[]): Promise<WriteResult>;
  /** Blocks in time order. Rows hold at least one fact that is not withdrawn. */
  read(scope: Scope, query: RangeQuery): AsyncIterable<RowBlock>;
  /** Newest fact of each variable of each point, by instant; withdrawn facts do not count. Points without facts are left out. */
  latest(scope: Scope, points: readonly PointKey[]): Promise<readonly LatestFact[]>;
  /** Count and hash (see core/facts/digest.ts) of a point's facts of a UTC day, each at its greatest revision, withdrawn ones included. */
  digest(scope: Scope, point: PointKey, dayStartUs: number): Promise<Digest>;
  /** Instant below which nothing is held; undefined for a point that the tier never saw; -Infinity when it holds everything. */
  floor(scope: Scope, point: PointKey): Promise<number | undefined>;
  /** Durable before it resolves; never lowers. Facts below it are forgotten. */
  raiseFloor(scope: Scope, point: PointKey, floorUs: number): Promise<void>;
  /** Removes all that a client has here; says how many points. */
  eraseClient(client: string): Promise<{ readonly points: number }>;
  close(): Promise<void>;
}

export type TierName = "hot" | "warm" | "cold";

export interface TierCapabilities {
  /** all: every revision is kept and `asOfUs` works; latest: only the greatest. */
  readonly revisions: "all" | "latest";
  /** until-failover: after a restart or failover the tier is incomplete until it was refilled. */
  readonly durable: "always" | "until-failover";
  /** Milliseconds of retention; null keeps for ever. */
  readonly retentionMs: number | null;
}

export interface PointKey {
  readonly client: string;
  readonly point: string;
}

/** Counted in facts, for conservation: stored + superseded + duplicate + belowFloor + the facts of `failed` = facts in. */
export interface WriteResult {
  /** Became the greatest revision. */
  readonly stored: number;
  /** A greater revision was there already (kept as history where all revisions are). */
  readonly superseded: number;
  /** The same revision was there already. */
  readonly duplicate: number;
  readonly belowFloor: number;
  readonly failed: readonly { readonly index: number; readonly error: Error }[];
}

export interface RangeQuery extends PointKey {
  /** Half-open: fromUs <= instant < toUs. */
  readonly fromUs: number;
  readonly toUs: number;
  /** All when absent. */
  readonly variables?: readonly string[];
  readonly order?: "ascending" | "descending";
  /** Rows (instants) at most. */
  readonly limit?: number;
  /** What was known at that time: greatest revision with knownAt <= asOfUs. Only where revisions are "all". */
  readonly asOfUs?: number;
}

/** Some rows of one point: parallel arrays, one entry an instant. */
export interface RowBlock {
  readonly rows: number;
  readonly timesUs: Float64Array;
  readonly columns: readonly FactColumn[];
}

export interface FactColumn {
  readonly variable: string;
  /** NaN where the row has no such fact or the fact has no value. */
  readonly values: Float64Array;
  /** 0 where the row has no such fact. */
  readonly flags: Uint8Array;
  /** Row index to reason codes, only where there are any. */
  readonly reasons: ReadonlyMap<number, readonly string[]>;
  readonly authorities: Uint8Array;
  readonly knownAtUs: Float64Array;
}

export interface LatestFact extends PointKey {
  readonly variable: string;
  readonly instantUs: number;
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly authority: number;
  readonly knownAtUs: number;
}

export interface Digest {
  readonly facts: number;
  /** Lower-case hex. */
  readonly hash: string;
}
