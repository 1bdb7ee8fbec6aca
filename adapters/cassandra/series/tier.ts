import {
  allows, CaudalError, type Digest, digestOf, faultOf, hasCode, type LatestFact, type PackResult, type PointKey, type RangeQuery, type RowBlock, type Scope, type SeriesTier, type TierCapabilities,
  type TierName, type WriteResult,
} from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { Cluster } from "../cluster/cluster.ts";
import type { DayPacker } from "./day-packer.ts";
import { textOf } from "./known-point.ts";
import type { KnownPoints } from "./known-points.ts";
import type { PointHeads } from "./point-heads.ts";
import type { PointWriter } from "./point-writer.ts";
import type { Removal } from "./removal.ts";
import type { SeriesReads } from "./series-reads.ts";
import { DAY_US } from "./span.ts";

export interface TierParts {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  readonly cluster: Cluster;
  readonly heads: PointHeads;
  readonly points: KnownPoints;
  readonly writer: PointWriter;
  readonly reads: SeriesReads;
  readonly packer: DayPacker;
  readonly removal: Removal;
}

/** The port on Cassandra: checks what is asked and hands it to the parts. */
export class CassandraTier implements SeriesTier {
  readonly #parts: TierParts;
  readonly #calls = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(parts: TierParts) {
    this.#parts = parts;
  }

  get name(): TierName {
    return this.#parts.name;
  }

  get capabilities(): TierCapabilities {
    return this.#parts.capabilities;
  }

  write(batch: readonly Measurement[]): Promise<WriteResult> {
    return this.#call(() => this.#write(batch));
  }

  async *read(scope: Scope, query: RangeQuery): AsyncGenerator<RowBlock> {
    this.#checkOpen();
    if (Number.isNaN(query.fromUs) || Number.isNaN(query.toUs)) throw new CaudalError("bad-request", "fromUs and toUs must be numbers");
    if (query.asOfUs !== undefined && Number.isNaN(query.asOfUs)) throw new CaudalError("bad-request", "asOfUs must be a number");
    if (allows(scope, query.client)) yield* this.#parts.reads.blocks(query);
  }

  latest(scope: Scope, points: readonly PointKey[]): Promise<readonly LatestFact[]> {
    const seen = points.filter(({ client }) => allows(scope, client));
    return this.#call(async () => (await Promise.all(seen.map((key) => this.#parts.reads.latest(key)))).flat());
  }

  digest(scope: Scope, key: PointKey, dayStartUs: number): Promise<Digest> {
    return this.#call(async () => {
      if (!Number.isSafeInteger(dayStartUs) || dayStartUs % DAY_US !== 0) throw new CaudalError("bad-request", `${dayStartUs} is not the start of a UTC day`);
      // A point that cannot be seen is like one that has no facts.
      return allows(scope, key.client) ? this.#parts.reads.digest(key, dayStartUs) : digestOf([]);
    });
  }

  floor(scope: Scope, key: PointKey): Promise<number | undefined> {
    return this.#call(async () => (allows(scope, key.client) ? (await this.#parts.heads.find(key))?.floorUs : undefined));
  }

  raiseFloor(scope: Scope, key: PointKey, floorUs: number): Promise<void> {
    return this.#call(async () => {
      if (!allows(scope, key.client)) throw new CaudalError("forbidden", `the scope does not hold client ${key.client}`);
      if (!(floorUs < Infinity)) throw new CaudalError("bad-request", `${floorUs} is no floor`);
      await this.#inTurn(key, async () => {
        const standing = await this.#parts.heads.raise(key, floorUs);
        // A greater one was raised by a call that removes what lies below, or comes again.
        if (standing === floorUs) await this.#parts.removal.below(key, floorUs);
      });
    });
  }

  eraseClient(client: string): Promise<{ readonly points: number }> {
    return this.#call(async () => ({ points: await this.#parts.removal.client(client, (key, work) => this.#inTurn(key, work)) }));
  }

  pack(key: PointKey, dayStartUs: number): Promise<PackResult> {
    return this.#call(async () => {
      if (!Number.isSafeInteger(dayStartUs) || dayStartUs % DAY_US !== 0) throw new CaudalError("bad-request", `${dayStartUs} is not the start of a UTC day`);
      return this.#parts.points.inTurn(key, () => this.#parts.packer.pack(key, dayStartUs));
    });
  }

  unpackedDay(key: PointKey, fromUs: number, toUs: number): Promise<number | undefined> {
    return this.#call(() => this.#parts.packer.unpackedDay(key, fromUs, toUs));
  }

  /** Waits for calls under way, all of which end within their time. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#calls).then(() => this.#parts.cluster.close());
    return this.#closing;
  }

  async #write(batch: readonly Measurement[]): Promise<WriteResult> {
    const total = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 };
    const failed: { index: number; error: Error }[] = [];
    const byPoint = new Map<string, number[]>();
    let before: Measurement | undefined;
    let indexes: number[] = [];
    batch.forEach((measurement, index) => {
      const fault = faultOf(measurement);
      if (fault !== undefined) failed.push({ index, error: new CaudalError("bad-request", fault) });
      else if (measurement.facts.length > 0) {
        // A point's measurements mostly stand together.
        if (measurement.point !== before?.point || measurement.client !== before.client) {
          const text = textOf(measurement);
          indexes = byPoint.get(text) ?? [];
          byPoint.set(text, indexes);
          before = measurement;
        }
        indexes.push(index);
      }
    });
    let away: Error | undefined;
    await Promise.all(Array.from(byPoint.values(), async (ofPoint) => {
      try {
        // Once the server is known to be away, the points that still wait for their turn do not find it out one by one.
        if (away !== undefined) throw away;
        const counts = await this.#parts.writer.write(batch[ofPoint[0]!]!, ofPoint.map((index) => batch[index]!));
        for (const kind of ["stored", "superseded", "duplicate", "belowFloor"] as const) total[kind] += counts[kind];
      } catch (error) {
        if (!(error instanceof CaudalError) || error.retry !== "no" || hasCode(error, "closed")) away ??= error as Error;
        else for (const index of ofPoint) failed.push({ index, error });
      }
    }));
    // What was written of the batch will be found there when it comes again.
    if (away !== undefined) throw away;
    return { ...total, failed: failed.sort((a, b) => a.index - b.index) };
  }

  async #inTurn<T>(key: PointKey, work: () => Promise<T>): Promise<T> {
    return this.#parts.points.inTurn(key, async () => {
      try {
        return await work();
      } finally {
        this.#parts.points.forget(key);
      }
    });
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    const call = work();
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new CaudalError("closed", `the ${this.name} tier is closed`);
  }
}
