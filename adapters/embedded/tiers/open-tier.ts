import { mkdir } from "node:fs/promises";
import { allows, CaudalError, type CheckedSlice, type Digest, faultOf, type LatestFact, MAX_ROWS, type PointKey, type RangeQuery, type RowBlock, type Scope, type SeriesTier, type TierCapabilities, type TierName, unpackRows, type WriteResult } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { fromFailure } from "../worker/call.ts";
import { Room } from "../worker/room.ts";
import { WorkerCalls } from "../worker/worker-calls.ts";
import { unpackLatest, type PackedLatest } from "./packed-latest.ts";
import type { DamagedSpan } from "./block-check.ts";
import type { ReadAnswer, TierStoreOptions } from "./tier-store.ts";
import type { TierCall, WriteAnswer } from "./tier-worker.ts";
import { packBatch } from "./write-batch.ts";

export interface EmbeddedTierOptions {
  readonly name: TierName;
  /** Made when it is missing; the tier's file in it is `<name>.sqlite`. One process at a time. */
  readonly directory: string;
  /** Milliseconds; null keeps for ever. */
  readonly retentionMs: number | null;
  readonly revisions: "latest" | "all";
  /** Bytes the file may grow to; writes beyond fail with "storage-full". */
  readonly maxBytes?: number;
  /** Facts that wait in memory (and, durable, in the file) before they are folded into blocks; 262,144 when absent. */
  readonly maxPendingFacts?: number;
  /** Points whose state is kept in memory, about 1 kB each; 200,000 when absent. */
  readonly maxKnownPoints?: number;
}

/** Facts that cross to the worker at once; a longer batch goes in several parts, each durable on its own. */
const MAX_PART_FACTS = 32_768;
/** Parts under way; more wait in the caller. */
const MAX_PARTS = 64;
const DAY_US = 86_400_000_000;

/** Opens a tier in a thread of its own. Fails with "in-use" where another process has it, "corrupt", "storage-full". */
export async function openEmbeddedTier(options: EmbeddedTierOptions): Promise<SeriesTier> {
  await mkdir(options.directory, { recursive: true });
  const { name, directory, retentionMs, revisions, maxBytes, maxPendingFacts, maxKnownPoints } = options;
  const storeOptions: TierStoreOptions = { name, directory, retentionMs, revisions, maxBytes, maxPendingFacts, maxKnownPoints };
  const calls = new WorkerCalls(new URL("./tier-worker.ts", import.meta.url), storeOptions);
  const tier = new EmbeddedTier(calls, name, { revisions, durable: "always", retentionMs });
  try {
    await calls.call({ kind: "open" } satisfies TierCall);
    return tier;
  } catch (error) {
    await calls.terminate();
    throw error;
  }
}

class EmbeddedTier implements SeriesTier {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  readonly #calls: WorkerCalls;
  readonly #room = new Room(MAX_PARTS);
  #closing: Promise<void> | undefined;

  constructor(calls: WorkerCalls, name: TierName, capabilities: TierCapabilities) {
    this.#calls = calls;
    this.name = name;
    this.capabilities = capabilities;
  }

  async write(batch: readonly Measurement[]): Promise<WriteResult> {
    const total = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0, failed: [] as { index: number; error: Error }[] };
    const good: number[] = [];
    batch.forEach((measurement, index) => {
      const fault = faultOf(measurement);
      if (fault === undefined) good.push(index);
      else total.failed.push({ index, error: new CaudalError("bad-request", fault) });
    });
    const parts = partsOf(batch, good);
    const answers = await Promise.all(parts.map((part) => this.#room.use(1, () => this.#writePart(part.map((index) => batch[index]!)))));
    answers.forEach((answer, i) => {
      total.stored += answer.stored;
      total.superseded += answer.superseded;
      total.duplicate += answer.duplicate;
      total.belowFloor += answer.belowFloor;
      for (const { index, failure } of answer.failed) total.failed.push({ index: parts[i]![index]!, error: fromFailure(failure) });
    });
    return { ...total, failed: total.failed.sort((a, b) => a.index - b.index) };
  }

  async *read(scope: Scope, query: RangeQuery): AsyncGenerator<RowBlock> {
    const { client, point, variables, asOfUs, order, includeWithdrawn, allRevisions } = query;
    if (Number.isNaN(query.fromUs) || Number.isNaN(query.toUs)) throw new CaudalError("bad-request", "fromUs and toUs must be numbers");
    if (asOfUs !== undefined && this.capabilities.revisions !== "all") throw new CaudalError("bad-request", `the ${this.name} tier keeps no history of revisions`);
    if (!allows(scope, client)) return;
    const ask = (range: ReadAnswer["rest"], maxRows: number): Promise<ReadAnswer> => {
      const request = { key: { client, point }, ...range, variables, descending: order === "descending", maxRows: Math.min(maxRows, MAX_ROWS), asOfUs, includeWithdrawn, allRevisions };
      return this.#call<ReadAnswer>({ kind: "read", request });
    };
    let rowsLeft = query.limit ?? Infinity;
    // Instants are whole, so a half-open range between them is the same as between the next whole ones.
    let next = rowsLeft > 0 ? ask({ fromUs: Math.ceil(query.fromUs), toUs: Math.ceil(query.toUs) }, rowsLeft) : undefined;
    while (next !== undefined) {
      const { rows, rest }: ReadAnswer = await next;
      rowsLeft -= rows.rows;
      next = rest.fromUs < rest.toUs && rowsLeft > 0 ? ask(rest, rowsLeft) : undefined;
      // The next block is under way while this one is used; if nobody wants it, its failure is nobody's.
      next?.catch(() => undefined);
      if (rows.rows > 0) yield unpackRows(rows);
    }
  }

  async latest(scope: Scope, points: readonly PointKey[]): Promise<readonly LatestFact[]> {
    const keys = points.filter(({ client }) => allows(scope, client)).map(({ client, point }) => ({ client, point }));
    return unpackLatest(await this.#call<PackedLatest>({ kind: "latest", keys }), keys);
  }

  async digest(scope: Scope, { client, point }: PointKey, dayStartUs: number): Promise<Digest> {
    if (!Number.isSafeInteger(dayStartUs) || dayStartUs % DAY_US !== 0) throw new CaudalError("bad-request", `${dayStartUs} is not the start of a UTC day`);
    // A point that cannot be seen is like one that has no facts.
    const key = allows(scope, client) ? { client, point } : { client: "", point: "" };
    return this.#call<Digest>({ kind: "digest", key, dayStartUs });
  }

  async floor(scope: Scope, { client, point }: PointKey): Promise<number | undefined> {
    return allows(scope, client) ? this.#call<number | undefined>({ kind: "floor", key: { client, point } }) : undefined;
  }

  async raiseFloor(scope: Scope, { client, point }: PointKey, floorUs: number): Promise<void> {
    if (!allows(scope, client)) throw new CaudalError("forbidden", `the scope does not hold client ${client}`);
    if (!(floorUs < Infinity)) throw new CaudalError("bad-request", `${floorUs} is no floor`);
    await this.#call({ kind: "raise-floor", key: { client, point }, floorUs });
  }

  async eraseClient(client: string): Promise<{ readonly points: number }> {
    return { points: await this.#call<number>({ kind: "erase-client", client }) };
  }

  check(after?: string): Promise<CheckedSlice> {
    return this.#call<CheckedSlice>({ kind: "check", after });
  }

  discardDamaged({ client, point }: PointKey): Promise<readonly DamagedSpan[]> {
    return this.#call<readonly DamagedSpan[]>({ kind: "discard-damaged", key: { client, point } });
  }

  close(): Promise<void> {
    this.#closing ??= this.#calls.call({ kind: "close" } satisfies TierCall).then(() => undefined).finally(() => this.#calls.terminate());
    return this.#closing;
  }

  #writePart(measurements: readonly Measurement[]): Promise<WriteAnswer> {
    const batch = packBatch(measurements);
    return this.#call<WriteAnswer>({ kind: "write", batch: new Uint8Array(batch) }, [batch]);
  }

  async #call<T>(body: TierCall, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#closing !== undefined) throw new CaudalError("closed", `the ${this.name} tier is closed`);
    return this.#calls.call<T>(body, transfer);
  }
}

/** Indexes of `good` in parts of a bounded number of facts. */
function partsOf(batch: readonly Measurement[], good: readonly number[]): number[][] {
  const parts: number[][] = [];
  let facts = Infinity;
  for (const index of good) {
    facts += batch[index]!.facts.length;
    if (facts > MAX_PART_FACTS) {
      parts.push([]);
      facts = batch[index]!.facts.length;
    }
    parts.at(-1)!.push(index);
  }
  return parts;
}
