import { createHash, randomUUID } from "node:crypto";
import { CaudalError, mustBeName, mustBePrefix, type SegmentStore, type Tell } from "@caudal/core";
import { isDuplicateKey } from "../connection/failure.ts";
import { openMongo, type MongoConnection } from "../connection/open-mongo.ts";
import { damaged, dropChunks, readChunks, writeChunks } from "./chunks.ts";
import { segmentRowsOf, type SegmentRow, type SegmentRows } from "./rows.ts";
import { sweep, UPLOAD_MS } from "./sweep.ts";

export interface MongoSegmentsOptions {
  /** `mongodb://[user:pass@]host:port[,host:port…]/database?replicaSet=rs0`. */
  readonly url: string;
  readonly tell?: Tell;
  /** How long one call asks again while the server is away, before it fails with "unavailable". 10 s when absent. */
  readonly patienceMs?: number;
  /** Milliseconds since 1970; the machine's clock when absent. */
  readonly now?: () => number;
}

const LIST_LIMIT = 1000;
const NAMING_TRIES = 10;
const MAX_BYTES = 1024 * 1024 * 1024;

/** Opens the segments of a database; many processes may. Removes what crashes of a day ago and more left behind. Fails with "unavailable" or "setting". */
export async function openMongoSegments({ now = Date.now, ...options }: MongoSegmentsOptions): Promise<SegmentStore> {
  const mongo = await openMongo(options);
  try {
    const rows = segmentRowsOf(mongo);
    const swept = await sweep(mongo, rows, now());
    if (swept > 0) options.tell?.("segments.swept", { place: mongo.place, uploads: swept }, "info");
    return new MongoSegments(mongo, rows, now);
  } catch (error) {
    await mongo.close();
    throw error;
  }
}

class MongoSegments implements SegmentStore {
  readonly #mongo: MongoConnection;
  readonly #rows: SegmentRows;
  readonly #now: () => number;
  #closed = false;

  constructor(mongo: MongoConnection, rows: SegmentRows, now: () => number) {
    this.#mongo = mongo;
    this.#rows = rows;
    this.#now = now;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    mustBeName(name);
    if (bytes.length > MAX_BYTES) throw new CaudalError("too-large", `segment ${name} is over ${MAX_BYTES} bytes`);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const there = await this.#segment(name);
    if (there !== null) return mustEqual(there, sha256);
    const upload = randomUUID();
    const startedMs = this.#now();
    await this.#intend(upload, name);
    const chunks = await writeChunks(this.#mongo, this.#rows, upload, bytes);
    if (this.#now() - startedMs > UPLOAD_MS) throw new CaudalError("unavailable", `segment ${name} took over an hour to write; it was given up`);
    const winner = await this.#name({ _id: name, upload, bytes: bytes.length, chunks, sha256 });
    if (winner === upload) await this.#mongo.onceMore(() => this.#rows.uploads.deleteOne({ _id: upload }));
    else await dropChunks(this.#mongo, this.#rows, upload);
    if (winner === undefined) throw taken(name);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.#mustBeOpen();
    mustBeName(name);
    let before: SegmentRow | undefined;
    for (;;) {
      const segment = await this.#segment(name);
      if (segment === null) return undefined;
      // Once more under the same upload: nobody removes it just now, its chunks are lost.
      if (segment.upload === before?.upload) throw damaged(name);
      const bytes = await readChunks(this.#mongo, this.#rows, segment);
      if (bytes !== undefined) return bytes;
      before = segment;
    }
  }

  async list(prefix: string, after = "", limit = LIST_LIMIT): Promise<readonly string[]> {
    this.#mustBeOpen();
    mustBePrefix(prefix);
    const filter = { $and: [{ _id: { $gte: prefix } }, { _id: { $gt: String(after) } }, { _id: { $lt: `${prefix}\uffff` } }] };
    const most = Math.min(LIST_LIMIT, Math.max(1, limit));
    const found = await this.#mongo.onceMore(() => this.#rows.segments.find(filter, { projection: { _id: 1 }, sort: { _id: 1 }, limit: most, batchSize: most + 1 }).toArray());
    return found.map(({ _id }) => _id);
  }

  async remove(name: string): Promise<void> {
    this.#mustBeOpen();
    mustBeName(name);
    const segment = await this.#segment(name);
    if (segment === null) return;
    await this.#intend(segment.upload, name);
    await this.#mongo.onceMore(() => this.#rows.segments.deleteOne({ _id: name, upload: segment.upload }));
    await dropChunks(this.#mongo, this.#rows, segment.upload);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#mongo.close();
  }

  #segment(name: string): Promise<SegmentRow | null> {
    return this.#mongo.onceMore(() => this.#rows.segments.findOne({ _id: name }));
  }

  async #intend(upload: string, name: string): Promise<void> {
    await this.#mongo.onceMore(() => this.#rows.uploads.updateOne({ _id: upload }, { $set: { name, at: new Date(this.#now()) } }, { upsert: true }));
  }

  /** The one write that decides. Gives the upload that the name has now, if its content is the same; undefined when it is other content. */
  #name(segment: SegmentRow): Promise<string | undefined> {
    const { _id: name, upload, sha256 } = segment;
    return this.#mongo.onceMore(async () => {
      for (let tries = 0; tries < NAMING_TRIES; tries++) {
        try {
          await this.#rows.segments.insertOne(segment);
          return upload;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
        // What is said to be there must stay there: read from all majorities at once. Gone again: the name is free.
        const there = await this.#rows.segments.findOne({ _id: name }, { readConcern: { level: "linearizable" }, maxTimeMS: 10_000 });
        if (there !== null) return there.sha256 === sha256 ? there.upload : undefined;
      }
      throw new CaudalError("unavailable", `segment ${name} is put and removed by others over and over`);
    });
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the segment store is closed");
  }
}

function mustEqual({ _id: name, sha256 }: SegmentRow, wanted: string): void {
  if (sha256 !== wanted) throw taken(name);
}

function taken(name: string): CaudalError {
  return new CaudalError("duplicate-key", `segment ${name} is there already, with other bytes`);
}
