import { CaudalError, type Tell } from "@caudal/core";
import { Redis, type ChainableCommander } from "ioredis";
import { toCaudalError } from "./failure.ts";
import type { RedisPlace } from "./redis-url.ts";
import { identityOf, parseInfo, type ServerInfo } from "./server-info.ts";

export interface ConnectionOptions {
  readonly place: RedisPlace;
  /** Shown in Redis' list of clients and in what is told. */
  readonly name: string;
  readonly tell: Tell | undefined;
  /** Scripts that every session has loaded before anything else is sent. */
  readonly scripts?: readonly string[];
  /** Milliseconds that an answer may take before the connection is given up. */
  readonly answerMs?: number;
}

/** From one connect to the next loss: everything sent in it went to one server process. */
export interface Session {
  readonly info: ServerInfo;
  readonly identity: string;
}

export interface Answer {
  /** One value a command, in order. */
  readonly values: readonly unknown[];
  /** The session that all of them were sent in. */
  readonly session: Session;
}

const CONNECT_MS = 5000;
const ANSWER_MS = 5000;
const RECONNECT_MOST_MS = 1000;

/**
 * One connection that reconnects by itself. Nothing waits in it for a server that is away: calls then fail with "unavailable" at once, and
 * within `answerMs` when the server is there and silent. No command is ever sent twice.
 */
export class RedisConnection {
  readonly place: RedisPlace;
  readonly client: Redis;
  readonly #options: ConnectionOptions;
  #preparing: Promise<Session> | undefined;
  #session: Session | undefined;
  #lastError: Error | undefined;
  #isClosed = false;
  #wasLost = false;

  private constructor(options: ConnectionOptions) {
    this.place = options.place;
    this.#options = options;
    this.client = new Redis({
      ...options.place.options,
      connectionName: options.name, lazyConnect: true, connectTimeout: CONNECT_MS, keepAlive: 10_000,
      // A queue inside the client would hide an outage from callers, and send again what they gave up.
      enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false, autoResubscribe: false,
      retryStrategy: (times) => Math.min(times * 50, RECONNECT_MOST_MS),
      // After a failover the address may lead to the new primary.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
    });
    this.client.on("error", (error: Error) => (this.#lastError = error));
    this.client.on("ready", () => this.#begin());
    this.client.on("close", () => this.#end());
  }

  /** Connects once. Fails with "unavailable" or "setting", naming the server and the next step. */
  static async open(options: ConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(options);
    try {
      await connection.client.connect();
      await connection.session();
      return connection;
    } catch (error) {
      connection.client.disconnect();
      const cause = connection.#lastError ?? error;
      const { code } = toCaudalError(cause, connection.place.shown);
      const step = code === "setting" ? "correct user and password in its URL" : "start it or correct its URL";
      throw new CaudalError(code, `Redis at ${connection.place.shown} cannot be used (${cause instanceof Error ? cause.message : String(cause)}): ${step}`, { cause });
    }
  }

  /** The session that commands go to now. */
  async session(): Promise<Session> {
    if (this.#isClosed) throw new CaudalError("closed", "the connection to Redis is closed");
    if (this.#session !== undefined) return this.#session;
    if (this.#preparing === undefined) throw new CaudalError("unavailable", `Redis at ${this.place.shown} is away: ${this.#lastError?.message ?? "connecting"}`);
    return this.#within(this.#preparing);
  }

  /** Sends the commands in one go, in one session. Fails with the first command's error, or "unavailable". */
  async run(add: (pipeline: ChainableCommander) => void): Promise<Answer> {
    const session = this.#session ?? (await this.session());
    if (session !== this.#session) throw new CaudalError("unavailable", `Redis at ${this.place.shown} went away`);
    const values = await this.#within(this.#send(add));
    return { values, session };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#session !== undefined) await this.#within(this.client.quit()).catch(() => undefined);
    this.client.disconnect();
  }

  async #send(add: (pipeline: ChainableCommander) => void): Promise<unknown[]> {
    const pipeline = this.client.pipeline();
    add(pipeline);
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, value]) => {
      if (error === null || error === undefined) return value;
      // Somebody emptied the server's scripts: the next session has them again.
      if (error.message.startsWith("NOSCRIPT")) this.client.disconnect(true);
      throw toCaudalError(error, this.place.shown);
    });
  }

  #begin(): void {
    const preparing = this.#prepare();
    this.#preparing = preparing;
    preparing.then(
      (session) => {
        if (this.#preparing !== preparing) return;
        this.#session = session;
        this.#lastError = undefined;
        if (this.#wasLost) this.#options.tell?.("redis.back", { redis: this.place.shown, part: this.#options.name });
        this.#wasLost = false;
      },
      (error: Error) => {
        this.#lastError = error;
        if (this.#preparing === preparing && !this.#isClosed) this.client.disconnect(true);
      },
    );
  }

  async #prepare(): Promise<Session> {
    const values = await this.#within(this.#send((pipeline) => {
      pipeline.info();
      for (const script of this.#options.scripts ?? []) pipeline.script("LOAD", script);
    }));
    const info = parseInfo(String(values[0]));
    return { info, identity: identityOf(info) };
  }

  #end(): void {
    const had = this.#session !== undefined;
    this.#session = undefined;
    this.#preparing = undefined;
    if (this.#isClosed || !had) return;
    this.#wasLost = true;
    this.#options.tell?.("redis.lost", { redis: this.place.shown, part: this.#options.name });
  }

  /** A server that is silent for so long is as good as away: its connection is given up, so that no late answer is taken for another's. */
  async #within<T>(answer: Promise<T>): Promise<T> {
    const answerMs = this.#options.answerMs ?? ANSWER_MS;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new CaudalError("unavailable", `Redis at ${this.place.shown} gave no answer within ${answerMs} ms`));
        if (!this.#isClosed) this.client.disconnect(true);
      }, answerMs);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw toCaudalError(error, this.place.shown);
    } finally {
      clearTimeout(timer);
    }
  }
}
