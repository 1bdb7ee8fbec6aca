import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { MongoClient, ReadConcern, type Db, type DbOptions, type MongoClientOptions } from "mongodb";
import { CaudalError, type Tell } from "@caudal/core";
import { toMongoError, troubleOf } from "./failure.ts";
import { databaseOf, parametersOf, placeOf } from "./place.ts";

export interface MongoOptions {
  /** `mongodb://[user:pass@]host:port[,host:port…]/database?replicaSet=rs0`, or what else the driver takes. Database "caudal" where it names none. */
  readonly url: string;
  readonly tell?: Tell;
  /** How long one call asks again while the server is away, before it fails with "unavailable". 10 s when absent. */
  readonly patienceMs?: number;
}

export interface MongoConnection {
  /** Writes wait for the majority and its journals, reads see what a majority has. */
  readonly database: Db;
  /** The server and the database without secrets, for messages. */
  readonly place: string;
  /**
   * Runs the work, and again while the network or an election fails it; so the work must be idempotent. `attempt` counts from 1: above that, an
   * earlier attempt may have succeeded. Errors of the driver come out as CaudalError ("unavailable" when the server stayed away); any other as it is.
   */
  onceMore<T>(work: (attempt: number) => Promise<T>): Promise<T>;
  /** Refuses what comes later with "closed", lets what runs end. Idempotent. */
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;
const CLOSE_MS = 5000;

/** Only where the URL does not say otherwise. */
const defaults: MongoClientOptions = {
  appName: "caudal", maxPoolSize: 16, connectTimeoutMS: 3000, serverSelectionTimeoutMS: 5000, heartbeatFrequencyMS: 2000, socketTimeoutMS: 30_000, waitQueueTimeoutMS: 15_000,
};

/** Not the user's to change: what a port promises hangs on them. Said of the database too, for a URL's `journal=false` outdoes what is said of the client. */
function fixed(): DbOptions {
  return { writeConcern: { w: "majority", journal: true, wtimeoutMS: 10_000 }, readConcern: new ReadConcern("majority"), readPreference: "primary" };
}

/**
 * Connects. Fails with "setting" when the URL cannot be meant, the user is refused or the server is no replica set, and with "unavailable" when nobody
 * answers within about five seconds.
 */
export async function openMongo({ url, tell = () => undefined, patienceMs = PATIENCE_MS }: MongoOptions): Promise<MongoConnection> {
  const place = placeOf(url);
  const client = clientOf(url, place);
  try {
    const database = client.db(databaseOf(url), fixed());
    await client.connect();
    await mustReplicate(database, place);
    return new Connection({ client, database, place, tell, patienceMs });
  } catch (error) {
    await client.close();
    const told = toMongoError(error, place);
    if (told instanceof CaudalError && told.code === "unavailable") {
      throw new CaudalError("unavailable", `${told.message}. Check that MongoDB runs there, and that the URL names its host, port and replica set`, { cause: error });
    }
    throw told;
  }
}

function clientOf(url: string, place: string): MongoClient {
  const given = parametersOf(url);
  const free = Object.fromEntries(Object.entries(defaults).filter(([name]) => !given.has(name.toLowerCase())));
  try {
    return new MongoClient(url, { ...free, ...fixed(), retryWrites: true, retryReads: true, promoteBuffers: true });
  } catch (error) {
    // What is wrong is told by the kind alone: the driver's message may quote the URL, password and all.
    throw new CaudalError("setting", `${place}: the URL cannot be read (${error instanceof Error ? error.name : "error"}); its form is mongodb://[user:pass@]host:port/database?replicaSet=name`);
  }
}

/** Without an oplog there are no majorities to wait for. */
async function mustReplicate(database: Db, place: string): Promise<void> {
  const hello = await database.admin().command({ hello: 1 });
  if (hello["setName"] !== undefined || hello["msg"] === "isdbgrid") return;
  throw new CaudalError("setting", `${place}: the server is no member of a replica set; start it with --replSet and initiate a set of one`);
}

interface Parts {
  readonly client: MongoClient;
  readonly database: Db;
  readonly place: string;
  readonly tell: Tell;
  readonly patienceMs: number;
}

class Connection implements MongoConnection {
  readonly #parts: Parts;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;
  #away = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    // Every call that waits listens; how many there are is the caller's bound.
    setMaxListeners(0, this.#closing.signal);
  }

  get database(): Db {
    return this.#parts.database;
  }

  get place(): string {
    return this.#parts.place;
  }

  async onceMore<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw this.#refusal();
    const run = this.#persist(work);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #persist<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    const until = performance.now() + this.#parts.patienceMs;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await work(attempt);
        this.#tellBack();
        return result;
      } catch (error) {
        if (troubleOf(error) === "lasting") throw this.#closing.signal.aborted ? this.#refusal(error) : toMongoError(error, this.place);
        this.#tellAway(error);
        const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
        if (this.#closing.signal.aborted || performance.now() + pauseMs > until) throw toMongoError(error, this.place);
        await wait(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  #tellAway(error: unknown): void {
    if (this.#away) return;
    this.#away = true;
    this.#parts.tell("mongo.away", { place: this.place, why: error instanceof Error ? error.message : String(error) });
  }

  #tellBack(): void {
    if (!this.#away) return;
    this.#away = false;
    this.#parts.tell("mongo.back", { place: this.place }, "info");
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    // A server that went silent must not hold the process.
    const limit = new AbortController();
    await Promise.race([Promise.allSettled(this.#running), wait(CLOSE_MS, undefined, { signal: limit.signal }).catch(() => undefined)]);
    limit.abort();
    await this.#parts.client.close();
  }

  #refusal(cause?: unknown): CaudalError {
    return new CaudalError("closed", `${this.place}: the connection is closed`, { cause });
  }
}
