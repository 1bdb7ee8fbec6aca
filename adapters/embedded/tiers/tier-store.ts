import { join } from "node:path";
import { type CheckedSlice, type Digest, digestRuns, FactList, type PackedRows, packRows, type PointKey, selectRows, type TierName } from "@caudal/core";
import { BlockCheck, type DamagedSpan } from "./block-check.ts";
import { BlockCache } from "./block-cache.ts";
import { FactWriter, type BatchCounts } from "./fact-writer.ts";
import { KnownPoints } from "./known-points.ts";
import { keyOf, type KnownPoint } from "./known-point.ts";
import { packLatest, type PackedLatest } from "./packed-latest.ts";
import { PendingStages } from "./pending-stages.ts";
import { SeriesReader } from "./series-reader.ts";
import { TierFile } from "./tier-file.ts";
import { unpackBatch } from "./write-batch.ts";
import { StoredWords } from "./stored-words.ts";

export interface TierStoreOptions {
  readonly name: TierName;
  readonly directory: string;
  readonly retentionMs: number | null;
  readonly revisions: "latest" | "all";
  readonly maxBytes: number | undefined;
  readonly maxPendingFacts: number | undefined;
  readonly maxKnownPoints: number | undefined;
}

export interface ReadRequest {
  readonly key: PointKey;
  /** Whole microseconds or infinite, like all instants here. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly variables: readonly string[] | undefined;
  readonly descending: boolean;
  readonly maxRows: number;
  readonly asOfUs: number | undefined;
  readonly includeWithdrawn?: boolean | undefined;
  readonly allRevisions?: boolean | undefined;
}

export interface ReadAnswer {
  readonly rows: PackedRows;
  /** What is still to be read; empty at the end. */
  readonly rest: { readonly fromUs: number; readonly toUs: number };
}

const MAX_PENDING_FACTS = 262_144;
const MAX_KNOWN_POINTS = 200_000;
const CACHE_BYTES = 64 * 1024 * 1024;
const DAY_US = 86_400_000_000;

/**
 * One tier in one SQLite file, synchronous: it lives in the tier's worker. A batch is durable as one row of `incoming`, its facts are merged
 * into pending facts, and those are folded into blocks when there are enough. Opening merges what is still in `incoming` once more.
 */
export class TierStore {
  readonly #file: TierFile;
  readonly #words = new StoredWords();
  readonly #points: KnownPoints;
  readonly #cache: BlockCache;
  readonly #writer: FactWriter;
  readonly #stages: PendingStages;
  readonly #reader: SeriesReader;
  readonly #maxKnownPoints: number;
  readonly #blockCheck: BlockCheck;
  #sequence = 0;

  constructor(options: TierStoreOptions) {
    const keepAll = options.revisions === "all";
    const retentionUs = options.retentionMs === null ? Infinity : options.retentionMs * 1000;
    const file = new TierFile(join(options.directory, `${options.name}.sqlite`), options.maxBytes);
    const cache = new BlockCache(file, CACHE_BYTES);
    const words = this.#words;
    this.#file = file;
    this.#cache = cache;
    this.#maxKnownPoints = options.maxKnownPoints ?? MAX_KNOWN_POINTS;
    this.#points = new KnownPoints(file);
    this.#writer = new FactWriter({ file, cache, words, keepAll, retentionUs, points: this.#points });
    const maxPendingFacts = options.maxPendingFacts ?? MAX_PENDING_FACTS;
    this.#stages = new PendingStages({ file, cache, words, keepAll, maxPendingFacts, onFolded: () => this.#afterFold() });
    this.#reader = new SeriesReader({ file, cache, keepAll, pending: this.#stages.both });
    this.#blockCheck = new BlockCheck({ file, cache, keepAll });
    try {
      words.load(file.words());
      this.#replay();
      this.#sequence = file.lastNumber("incoming");
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get path(): string {
    return this.#file.path;
  }

  /** Makes all batches durable in one commit, then merges them; counts in the order of the batches. */
  write(batches: readonly Uint8Array[]): BatchCounts[] {
    this.#stages.makeRoom();
    this.#file.transaction(() => batches.forEach((batch, i) => this.#file.addIncoming(this.#sequence + 1 + i, batch)));
    return batches.map((batch) => this.#merge(this.#sequence + 1, batch, false));
  }

  read({ key, variables, ...range }: ReadRequest): ReadAnswer {
    const point = this.#points.find(key);
    if (point === undefined) return { rows: packRows(new FactList(0), 0, this.#words), rest: { fromUs: range.toUs, toUs: range.toUs } };
    const wanted = variables && new Set(variables.map((name) => this.#words.find(name) ?? -1));
    const { facts, rows, rest } = selectRows(this.#reader.runs(point, range.fromUs, range.toUs, range.descending), this.#words, { ...range, variables: wanted });
    return { rows: packRows(facts, rows, this.#words), rest };
  }

  latest(keys: readonly PointKey[]): PackedLatest {
    const found = keys.flatMap((key, index) => {
      const point = this.#points.find(key);
      if (point === undefined) return [];
      for (const variable of point.newest.unsettled()) this.#settle(point, variable);
      return Array.from(point.newest.since(point.floorUs), (fact) => ({ point: index, fact }));
    });
    return packLatest(found, this.#words);
  }

  digest(key: PointKey, dayStartUs: number): Digest {
    const point = this.#points.find(key);
    return digestRuns(point === undefined ? [] : this.#reader.runs(point, dayStartUs, dayStartUs + DAY_US), this.#words);
  }

  floor(key: PointKey): number | undefined {
    return this.#points.find(key)?.floorUs;
  }

  raiseFloor(key: PointKey, floorUs: number): void {
    const isKnown = this.#points.find(key) !== undefined;
    const point = this.#points.findOrAdd(keyOf(key));
    if (isKnown && floorUs <= point.floorUs) return;
    const raised = { ...point, floorUs: Math.max(point.floorUs, floorUs) };
    try {
      this.#file.transaction(() => {
        this.#file.saveWords(this.#words);
        this.#file.savePoint(raised);
        this.#file.removeBlocksBelow(point.id, raised.floorUs);
      });
    } catch (error) {
      if (!isKnown) this.#points.forget(key);
      throw error;
    }
    this.#words.markStored();
    point.floorUs = raised.floorUs;
    point.version += 1;
    this.#forgetBlocks();
  }

  /** Number of points that the client had. */
  eraseClient(client: string): number {
    const removed = this.#file.erasing(() => {
      // Incoming batches mix clients, so they are folded first: none may bring the client back when the tier is opened again.
      this.#stages.foldAll();
      return this.#file.removeClient(client);
    });
    this.#points.forgetClient(client);
    this.#forgetBlocks();
    return removed;
  }

  /** Checks some blocks and what leads to them. */
  check(after: string | undefined): CheckedSlice {
    return this.#blockCheck.slice(after);
  }

  /** Lets go of a point's blocks that cannot be read, and folds what waited beside them. */
  discardDamaged(key: PointKey): readonly DamagedSpan[] {
    this.#blockCheck.reindex();
    const point = this.#points.find(key);
    if (point === undefined) return [];
    const spans = this.#blockCheck.discard(point);
    this.#forgetBlocks();
    point.version += 1;
    return spans;
  }

  /** Does a slice of what can wait; true while there is more. */
  idle(): boolean {
    return this.#stages.idle();
  }

  close(): void {
    this.#file.close();
  }

  #merge(sequence: number, bytes: Uint8Array, isReplay: boolean): BatchCounts {
    const { active, frozen } = this.#stages;
    this.#sequence = sequence;
    active.lastSequence = sequence;
    return this.#writer.merge({ sequence, batch: unpackBatch(bytes), active, frozen, isReplay });
  }

  #replay(): void {
    for (const { sequence, batch } of this.#file.incoming()) {
      this.#stages.makeRoom();
      this.#merge(sequence, batch, true);
    }
  }

  #afterFold(): void {
    this.#writer.forgetPlaces();
    const { active, frozen } = this.#stages;
    this.#points.shrink(this.#maxKnownPoints, (point) => active.has(point) || frozen.has(point));
  }

  #forgetBlocks(): void {
    this.#cache.clear();
    this.#writer.forgetPlaces();
  }

  /** Looks for what holds instead of a variable's newest fact, which was withdrawn. */
  #settle(point: KnownPoint, variable: number): void {
    const query = { fromUs: -Infinity, toUs: Infinity, descending: true, maxRows: 1, variables: new Set([variable]), asOfUs: undefined };
    for (let range = query; range.fromUs < range.toUs;) {
      const { facts, rest } = selectRows(this.#reader.runs(point, range.fromUs, range.toUs, range.descending), this.#words, range);
      if (facts.length > 0) return point.newest.settle(variable, facts, 0);
      range = { ...query, ...rest };
    }
    point.newest.settle(variable, undefined, 0);
  }
}
