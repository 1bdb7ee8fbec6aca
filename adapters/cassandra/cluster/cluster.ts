import { setTimeout as wait } from "node:timers/promises";
import { CaudalError, hasCode, type Tell } from "@caudal/core";
import { policies, types, type Client, type QueryOptions } from "cassandra-driver";
import type { ClusterAddress } from "./cluster-url.ts";
import { failureOf } from "./failure.ts";
import { Gate } from "./gate.ts";
import { openClient, type OpenClient, type WriteTimes } from "./open-client.ts";
import { Outage } from "./outage.ts";

/** One prepared statement and its values, in the order of its markers. Integers of 64 bits are bigint or eight bytes, never numbers. */
export interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}

export type Row = types.Row;

export interface Page {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

/** Requests under way at once, of all callers together; reads and writes apart, so that a long write does not hold up who reads. */
const MAX_READS = 64;
const MAX_WRITES = 64;
/** No new try begins after this. */
const GIVE_UP_MS = 8000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * The connection to Cassandra: prepared statements, LOCAL_QUORUM, token-aware routing, a limited number of requests at once. Whatever fails
 * in passing is tried again here, at one place: the driver tries nothing itself. So every statement must be one that may be applied twice.
 * A request gives up with "unavailable" after at most 13 seconds; the driver goes on connecting, so that a later call succeeds.
 */
export class Cluster {
  readonly address: ClusterAddress;
  readonly #tell: Tell | undefined;
  readonly #times: WriteTimes;
  #open: OpenClient;
  #renewal: Promise<void> | undefined;
  readonly #reads = new Gate(MAX_READS);
  readonly #writes = new Gate(MAX_WRITES);
  readonly #outage = new Outage();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(address: ClusterAddress, open: OpenClient, { times, tell }: { readonly times: WriteTimes; readonly tell: Tell | undefined }) {
    this.address = address;
    this.#times = times;
    this.#open = open;
    this.#tell = tell;
  }

  /** Fails with "unavailable" or "setting". */
  static async connect(address: ClusterAddress, tell: Tell | undefined): Promise<Cluster> {
    try {
      const times = new policies.timestampGeneration.MonotonicTimestampGenerator(1000, 1000);
      return new Cluster(address, await openClient(address, times, tell), { times, tell });
    } catch (error) {
      if (!(error instanceof CaudalError)) throw error;
      const step = error.code === "setting" ? "check user, password and the data centre's name (dc=)" : "start it, or set the address that it listens on";
      throw new CaudalError(error.code, `${error.message}; ${step}`, { cause: error });
    }
  }

  /** All rows of the answer's first page, which is all where the statement asks for few. */
  async query(statement: Statement): Promise<readonly Row[]> {
    return (await this.page(statement, { fetchSize: 5000 })).rows;
  }

  /** One page of rows. */
  page({ query, params }: Statement, { fetchSize, from }: { readonly fetchSize: number; readonly from?: string | undefined }): Promise<Page> {
    return this.#attempt(this.#reads, async () => {
      const { rows, pageState } = await this.#client.execute(query, [...params], { fetchSize, ...(from === undefined ? {} : { pageState: from }) });
      return { rows: rows ?? [], next: pageState ?? undefined };
    });
  }

  /** A time of writing in microseconds, later than those of all writes that this process began before. */
  timestampUs(): number {
    return Number(this.#times.next(this.#client));
  }

  /** Writes of one partition (in any number of tables), applied all or none, with a time of writing of their own or the one given, whenever they are applied. */
  async batch(statements: readonly Statement[], timestampUs?: number): Promise<void> {
    const [only] = statements;
    if (only === undefined) return;
    const items = statements as { query: string; params: unknown[] }[];
    const at = timestampUs === undefined ? {} : { timestamp: types.Long.fromNumber(timestampUs) };
    await this.#attempt(this.#writes, () => statements.length === 1 ? this.#client.execute(only.query, [...only.params], at) : this.#client.batch(items, { logged: false, ...at }));
  }

  /** A change of the schema; all such go to one host, which does them one after the other, whoever asks. */
  async changeSchema(query: string): Promise<void> {
    const [host] = this.#client.hosts.values().filter((each) => each.isUp()).toSorted((a, b) => (a.address < b.address ? -1 : 1));
    const options: QueryOptions = { prepare: false, ...(host === undefined ? {} : { host }), readTimeout: 30_000 };
    await this.#attempt(this.#writes, () => this.#client.execute(query, [], options));
  }

  /** Fails with "unavailable" when the cluster has been away for a while: for work that had to wait, so that one after the other does not wait in vain. */
  refuseWhileAway(): void {
    if (this.#outage.isLong) throw new CaudalError("unavailable", `Cassandra at ${this.address.shown} has not answered for a while`);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #client(): Client {
    return this.#open.client;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#renewal;
    await this.#open.close();
  }

  /** Puts a new client in the old one's place, unless that finds the cluster again before. */
  async #renew(): Promise<void> {
    const fresh = await openClient(this.address, this.#times, this.#tell).catch(() => undefined);
    if (fresh === undefined) return;
    const isWanted = this.#outage.asksForRenewal && !this.#closing.signal.aborted;
    const old = isWanted ? this.#open : fresh;
    if (isWanted) {
      this.#open = fresh;
      this.#tell?.("cassandra.reconnected", {}, "info");
    }
    await old.close().catch(() => undefined);
  }

  async #once<T>(gate: Gate, request: () => Promise<T>): Promise<T> {
    const turn = gate.enter();
    if (turn !== undefined) await turn;
    try {
      if (turn !== undefined) this.refuseWhileAway();
      const answer = await request();
      this.#outage.over();
      return answer;
    } finally {
      gate.leave();
    }
  }

  async #attempt<T>(gate: Gate, request: () => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.#once(gate, request);
      } catch (error) {
        if (this.#closing.signal.aborted) throw new CaudalError("closed", `the connection to ${this.address.shown} is closed`, { cause: error });
        const failure = failureOf(error, this.address.shown);
        if (!hasCode(failure, "unavailable")) throw failure;
        this.#outage.failed();
        if (this.#outage.asksForRenewal) this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
        if (performance.now() + pauseMs > giveUpAt) throw failure;
      }
      // Half of the pause is by chance, so that many callers do not come back at once.
      await wait(pauseMs * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }
}
