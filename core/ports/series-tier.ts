import type { Measurement } from "@caudal/schemas";
import type { Scope } from "../access/principal.ts";
import type { CheckedSlice } from "./self-check.ts";

/**
 * SeriesTier: keeps facts of points over time.
 *
 * `write` resolves when the batch is durable. It merges fact by fact: for each (client, point, instant, variable) the greatest
 * revision wins whatever the order of arrival, and writing the same again changes nothing. Facts below a point's floor are not stored
 * and are counted. A point's floor starts, with the point's first fact, at that measurement's received time minus the tier's retention.
 * `read` streams in time order with bounded memory and never shows facts below the floor, nor withdrawn ones unless they are asked for.
 * Everything is isolated by client; a scope that does not allow a client sees nothing of it.
 */
export interface SeriesTier {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  /** One result for the batch; `failed` names the measurements that were not stored, all others are durable. */
  write(batch: readonly Measurement[]): Promise<WriteResult>;
  /** Blocks in time order. Rows hold at least one fact that is not withdrawn, or any with `includeWithdrawn`. */
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
  /**
   * Packs what lies loose of a UTC day into the store's form for days that hardly change any more: every revision of every fact stays, and nothing that
   * can be read, counted or compared is another than before. What is written later lies loose beside it until the next time. May be called at any time, again,
   * and by several processes at once; an end at any step leaves the day as it reads. A day that ended less than two days ago is refused as "bad-request".
   * Absent where a tier gains nothing by it.
   */
  pack?(point: PointKey, dayStartUs: number): Promise<PackResult>;
  /** Start of the first UTC day of a half-open range with loose facts that `pack` may take; undefined when there is none. Present together with it. */
  unpackedDay?(point: PointKey, fromUs: number, toUs: number): Promise<number | undefined>;
  /** Checks a slice of the store's own files, from the start when `after` is absent; a problem's place is `client/point`. Where a store keeps no files of its own, absent. */
  check?(after?: string): Promise<CheckedSlice>;
  /**
   * Lets go of what of a point cannot be read, so that the rest can, and says which inclusive spans that was; facts in them are to be written again from
   * elsewhere. Facts that were written beside the damage meanwhile are kept. The indexes are made anew first, also for a point that is not here.
   */
  discardDamaged?(point: PointKey): Promise<readonly { readonly fromUs: number; readonly toUs: number }[]>;
  close(): Promise<void>;
  /** Present where `capabilities.durable` is "until-failover". */
  readonly recovery?: TierRecovery;
}

/**
 * What a tier that is durable until a failover knows of its own losses. While it is incomplete, writes go on merging and every reading method
 * rejects with "unavailable", so that readers turn to a slower tier; it stays so until what the slower tier holds was written again.
 */
export interface TierRecovery {
  /** The loss that was noticed and not refilled yet (the server restarted, a replica took over, or the store is new); undefined while complete. */
  loss(): Promise<string | undefined>;
  /** Facts of a loss are all back: reading opens again. Changes nothing when another loss came since. */
  refilled(loss: string): Promise<void>;
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

/** What packing a day did. All zero where nothing lay loose. */
export interface PackResult {
  /** Facts, each revision one, that lay loose before and are packed now. */
  readonly facts: number;
  /** Loose facts that stay so: they came while the day was packed, or are too many for one chunk. */
  readonly left: number;
  /** Bytes of content that those facts took as they lay, and by how much the packed day grew; before whatever compression the store does by itself. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
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
  /** Withdrawn facts are rows too: for those who copy a tier, since a fact that comes late must not bring back what was taken back. */
  readonly includeWithdrawn?: boolean;
  /**
   * Lesser revisions are rows too, where they are kept: an instant has as many rows as the fact with most revisions, in one block, the greatest of each
   * fact in the first, the next in the second … For those who copy a tier. A `limit` counts these rows, and never cuts an instant.
   */
  readonly allRevisions?: boolean;
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
