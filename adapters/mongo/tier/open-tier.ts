import {
  allows, CaudalError, DEFAULT_PARTITIONS, type Digest, digestRuns, type FactRun, type LatestFact, type PointKey, type RangeQuery, type RowBlock, rowsOf, type Scope,
  type SeriesTier, type Tell, type TierCapabilities, type TierName, Words, type WriteResult,
} from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { openMongo, type MongoConnection } from "../connection/open-mongo.ts";
import { LaneNumbers, partsOf } from "./batch-parts.ts";
import { Lane } from "./lane.ts";
import { newestOf, settledFact } from "./latest-facts.ts";
import { LogStore } from "./log-store.ts";
import { Room } from "./room.ts";
import { SeriesReader } from "./series-reader.ts";
import { openTierStore } from "./tier-store.ts";

export interface MongoTierOptions {
  /** `mongodb://[user:pass@]host:port[,host:port…]/database?replicaSet=rs0`; the tier's collections in it are called `<name>_…`. */
  readonly url: string;
  readonly name: TierName;
  /** Milliseconds; null keeps for ever. */
  readonly retentionMs: number | null;
  readonly tell?: Tell;
  /** How long one call asks again while the server is away. 10 s when absent. */
  readonly patienceMs?: number;
  /** Parts that the points are spread over, settled for ever by who opens the tier first; the measurements' partitions when absent. */
  readonly lanes?: number;
  /** A lane is folded into buckets when it has as many facts (49,152), entries (1024) or changed points (4096) that are not. */
  readonly foldAfter?: { readonly facts?: number; readonly entries?: number; readonly points?: number };
  /** Points whose state is kept in memory, about 1 kB each; 200,000 when absent. */
  readonly maxKnownPoints?: number;
}

/** Parts of batches under way; more wait in the caller. */
const MAX_PARTS = 64;
const MAX_LANES = 1024;
/** Looks for what holds instead of a withdrawn fact that are under way at once. */
const MAX_LOOKS = 16;
const DAY_US = 86_400_000_000;

/** Opens a tier on MongoDB. Fails with "unavailable" or "setting", naming the server without its secrets. */
export async function openMongoTier(options: MongoTierOptions): Promise<SeriesTier> {
  const { url, name, retentionMs, tell = () => undefined, patienceMs, lanes: wanted = DEFAULT_PARTITIONS, foldAfter = {}, maxKnownPoints = 200_000 } = options;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MAX_LANES) throw new CaudalError("setting", `lanes must be a whole number from 1 to ${MAX_LANES}`);
  const connection = await openMongo({ url, tell, ...(patienceMs === undefined ? {} : { patienceMs }) });
  try {
    const words = new Words();
    const store = await openTierStore(connection, name, wanted);
    const shared = {
      store, logs: new LogStore(store), words, tell, retentionUs: retentionMs === null ? Infinity : retentionMs * 1000, foldAfter: { facts: 49_152, entries: 1024, points: 4096, ...foldAfter },
      maxKnownPoints: Math.ceil(maxKnownPoints / store.laneCount),
    };
    const lanes = Array.from({ length: store.laneCount }, (_, lane) => new Lane({ ...shared, lane }));
    return new MongoTier({ connection, lanes, words, reader: new SeriesReader(store, words) }, name, { revisions: "latest", durable: "always", retentionMs });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Parts {
  readonly connection: MongoConnection;
  readonly lanes: readonly Lane[];
  readonly words: Words;
  readonly reader: SeriesReader;
}

class MongoTier implements SeriesTier {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  readonly #parts: Parts;
  readonly #laneNumbers: LaneNumbers;
  readonly #writes = new Room(MAX_PARTS);
  readonly #looks = new Room(MAX_LOOKS);
  #closing: Promise<void> | undefined;

  constructor(parts: Parts, name: TierName, capabilities: TierCapabilities) {
    this.#parts = parts;
    this.#laneNumbers = new LaneNumbers(parts.lanes.length);
    this.name = name;
    this.capabilities = capabilities;
  }

  async write(batch: readonly Measurement[]): Promise<WriteResult> {
    this.#mustBeOpen();
    const { parts, failed } = partsOf(batch, this.#laneNumbers);
    const total = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 };
    const results = await Promise.allSettled(parts.map(({ lane, indexes }) => this.#writes.use(() => this.#parts.lanes[lane]!.write(indexes.map((index) => batch[index]!)))));
    const refused: { index: number; error: Error }[] = [];
    results.forEach((result, i) => {
      if (result.status === "fulfilled") for (const key of ["stored", "superseded", "duplicate", "belowFloor"] as const) total[key] += result.value[key];
      else for (const index of parts[i]!.indexes) refused.push({ index, error: asError(result.reason) });
    });
    // When nothing of it was stored the batch has failed, and may be sent again as it is.
    if (refused.length > 0 && results.every(({ status }) => status === "rejected")) throw refused[0]!.error;
    return { ...total, failed: [...failed, ...refused].sort((a, b) => a.index - b.index) };
  }

  async *read(scope: Scope, query: RangeQuery): AsyncGenerator<RowBlock> {
    this.#mustBeOpen();
    const { client, point, variables, asOfUs, order, limit = Infinity, includeWithdrawn = false } = query;
    if (Number.isNaN(query.fromUs) || Number.isNaN(query.toUs)) throw new CaudalError("bad-request", "fromUs and toUs must be numbers");
    if (asOfUs !== undefined) throw new CaudalError("bad-request", `the ${this.name} tier keeps no history of revisions`);
    if (!allows(scope, client) || limit <= 0) return;
    const source = await this.#lane(point).look([{ client, point }], ([known]) => (known?.point.exists === true ? known.source : undefined));
    if (source === undefined) return;
    const { words, reader } = this.#parts;
    // Instants are whole, so a half-open range between them is the same as between the next whole ones.
    const range = { fromUs: Math.ceil(query.fromUs), toUs: Math.ceil(query.toUs), descending: order === "descending", maxRows: limit, asOfUs: undefined, includeWithdrawn };
    for await (const { facts, rows } of reader.rows(source, { ...range, variables: variables && new Set(variables.map((name) => words.idOf(name))) })) {
      yield rowsOf(facts, rows, words);
      this.#mustBeOpen();
    }
  }

  async latest(scope: Scope, points: readonly PointKey[]): Promise<readonly LatestFact[]> {
    this.#mustBeOpen();
    const { lanes, words, reader } = this.#parts;
    const keys = new Map<Lane, PointKey[]>(lanes.map((lane) => [lane, []]));
    for (const key of points) if (allows(scope, key.client)) keys.get(this.#lane(key.point))!.push(key);
    const asked = Array.from(keys).filter(([, some]) => some.length > 0);
    const found = await Promise.all(asked.map(([lane, some]) => lane.look(some, (known) => known.map(({ point, source }) => newestOf(point, source, words)))));
    const newest = found.flat();
    const lookedUp = newest.flatMap((one) => one.unsettled.map((variable) => this.#looks.use(() => settledFact(one, variable, reader, words))));
    return [...newest.flatMap(({ facts }) => facts), ...(await Promise.all(lookedUp)).filter((fact) => fact !== undefined)];
  }

  async digest(scope: Scope, { client, point }: PointKey, dayStartUs: number): Promise<Digest> {
    this.#mustBeOpen();
    if (!Number.isSafeInteger(dayStartUs) || dayStartUs % DAY_US !== 0) throw new CaudalError("bad-request", `${dayStartUs} is not the start of a UTC day`);
    const runs: FactRun[] = [];
    // A point that cannot be seen is like one that has no facts.
    if (allows(scope, client)) {
      const source = await this.#lane(point).look([{ client, point }], ([known]) => known!.source);
      for await (const run of this.#parts.reader.runs(source, dayStartUs, dayStartUs + DAY_US)) runs.push(run);
    }
    return digestRuns(runs, this.#parts.words);
  }

  async floor(scope: Scope, { client, point }: PointKey): Promise<number | undefined> {
    this.#mustBeOpen();
    if (!allows(scope, client)) return undefined;
    return this.#lane(point).look([{ client, point }], ([known]) => (known?.point.exists === true ? known.point.floorUs : undefined));
  }

  async raiseFloor(scope: Scope, { client, point }: PointKey, floorUs: number): Promise<void> {
    this.#mustBeOpen();
    if (!allows(scope, client)) throw new CaudalError("forbidden", `the scope does not hold client ${client}`);
    if (!(floorUs < Infinity)) throw new CaudalError("bad-request", `${floorUs} is no floor`);
    await this.#lane(point).raiseFloor({ client, point }, floorUs);
  }

  async eraseClient(client: string): Promise<{ readonly points: number }> {
    this.#mustBeOpen();
    const counts = await Promise.all(this.#parts.lanes.map((lane) => lane.eraseClient(client)));
    return { points: counts.reduce((sum, count) => sum + count, 0) };
  }

  close(): Promise<void> {
    this.#closing ??= this.#parts.connection.close();
    return this.#closing;
  }

  #lane(point: string): Lane {
    return this.#parts.lanes[this.#laneNumbers.of(point)]!;
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new CaudalError("closed", `the ${this.name} tier is closed`);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
