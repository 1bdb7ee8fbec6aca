import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { CaudalError } from "@caudal/core";
import type { BrokerAddress, KafkaAddress } from "../address/parse-url.ts";
import { kindOf, WireLost } from "./failure.ts";
import { Connection, exchangeFor, exchangeOfVersion, keyOf, type ApiName, type ApiVersions, type Exchange } from "./kafkajs.ts";

export interface WireSettings {
  readonly clientId: string;
  readonly tls: ConnectionOptions | undefined;
  readonly sasl: KafkaAddress["sasl"];
  /** Time to a connection that is ready: TCP, TLS, versions and password. */
  readonly connectWithinMs: number;
  readonly answerWithinMs: number;
  /** Where a broker is reached from here, when not at the address that it gives. */
  readonly route?: ((broker: BrokerAddress) => BrokerAddress) | undefined;
}

export interface CallOptions {
  readonly withinMs?: number;
  /** Take the answer as it is; codes of failure in it are the caller's. */
  readonly raw?: boolean;
}

/** kafkajs would renew a login on the connection that is in use, which brokers refuse when it comes too soon; ours is replaced instead. */
const RENEW_BEFORE_MS = 5000;

/** Least versions of requests that are spoken in one version only: Kafka 2.4 has them. */
export const spokenVersions = { Produce: 7, Fetch: 11 } as const;

/**
 * One connection to one broker. A request that is not answered in time destroys it: kafkajs would go on waiting on the same socket.
 * A broker answers the requests of a connection in order, so one that waits (a fetch, a join) holds up those behind it.
 */
export class Wire {
  readonly #settings: WireSettings;
  readonly #address: BrokerAddress;
  readonly #connection: Connection;
  #socket: Socket | undefined;
  #versions: ApiVersions = {};
  #lost: Error | undefined;
  #pending = 0;
  #retired = false;

  private constructor(address: BrokerAddress, settings: WireSettings) {
    this.#address = address;
    this.#settings = settings;
    this.#connection = new Connection({
      host: address.host, port: address.port, clientId: settings.clientId, ssl: settings.tls, sasl: settings.sasl, logger: silentLogger,
      connectionTimeout: settings.connectWithinMs, requestTimeout: settings.answerWithinMs,
      // Ours ends the connection, too.
      enforceRequestTimeout: false,
      reauthenticationThreshold: RENEW_BEFORE_MS,
      socketFactory: (options) => this.#openSocket(options),
    });
    restQueue(this.#connection);
  }

  static async open(address: BrokerAddress, settings: WireSettings): Promise<Wire> {
    const wire = new Wire(address, settings);
    await wire.#within(settings.connectWithinMs, "connect", () => wire.#greet());
    return wire;
  }

  /** False also when its password was checked so long ago that the broker will close it: a new one takes its place. */
  get alive(): boolean {
    const { sasl } = this.#settings;
    return this.#lost === undefined && !this.#retired && this.#connection.isConnected() && (sasl === undefined || this.#connection.isAuthenticated());
  }

  /** Sends a request in the highest version that both sides speak. */
  call(api: ApiName, options: object, { withinMs = this.#settings.answerWithinMs, raw = false }: CallOptions = {}): Promise<unknown> {
    const exchange = exchangeFor(api, this.#versions, options);
    return this.exchange(raw ? { ...exchange, response: { ...exchange.response, parse: asItIs } } : exchange, withinMs);
  }

  exchange({ request, response }: Exchange, withinMs = this.#settings.answerWithinMs): Promise<unknown> {
    return this.#within(withinMs, request.apiName, () => this.#connection.send({ request, response, logResponseError: false }));
  }

  /** Ends the connection when nothing waits for an answer on it any more. */
  retire(): void {
    this.#retired = true;
    if (this.#pending === 0) this.destroy(new WireLost(`the connection to ${this.#name()} was replaced`));
  }

  /** Ends the connection at once; what waits for an answer fails. */
  destroy(why: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#connection.rejectRequests(why);
    this.#socket?.destroy();
    // Ends the timers of kafkajs; nothing is pending any more.
    this.#connection.disconnect().catch(() => undefined);
  }

  async #greet(): Promise<void> {
    await this.#connection.connect();
    const { apiVersions } = (await this.#connection.send(exchangeOfVersion("ApiVersions", 2, {}))) as { apiVersions: { apiKey: number; minVersion: number; maxVersion: number }[] };
    this.#versions = Object.fromEntries(apiVersions.map(({ apiKey, minVersion, maxVersion }) => [apiKey, { minVersion, maxVersion }]));
    for (const api of ["Produce", "Fetch"] as const) {
      const spoken = this.#versions[keyOf(api)];
      const wanted = spokenVersions[api];
      if (spoken !== undefined && spoken.minVersion <= wanted && spoken.maxVersion >= wanted) continue;
      throw new CaudalError("setting", `the broker at ${this.#name()} does not speak ${api} version ${wanted}: Kafka 2.4 or newer is needed`);
    }
    this.#connection.setVersions(this.#versions);
    this.#connection.setSupportAuthenticationProtocol(true);
    await this.#connection.authenticate();
  }

  #within<T>(withinMs: number, doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    this.#pending += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const silent = new WireLost(`the broker at ${this.#name()} did not answer ${doing} within ${withinMs} ms`);
        this.destroy(silent);
        reject(silent);
      }, withinMs);
      work()
        .then(resolve, (error: unknown) => {
          if (doing === "connect" || !this.#connection.isConnected() || kindOf(error) === "ILLEGAL_SASL_STATE") this.destroy(new WireLost(`the connection to ${this.#name()} was lost`, { cause: error }));
          reject(error as Error);
        })
        .finally(() => {
          clearTimeout(timer);
          this.#pending -= 1;
          if (this.#retired) this.retire();
        });
    });
  }

  #openSocket({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket {
    const { tls, route = (broker) => broker } = this.#settings;
    const at = route({ host, port });
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = tls === undefined ? connect(at, onConnect) : connectTls({ ...at, ...name, ...tls }, onConnect);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    // kafkajs hears of an end and of an error, not of a socket that just closes.
    socket.once("close", () => this.destroy(new WireLost(`the connection to ${this.#name()} was closed`)));
    this.#socket = socket;
    return socket;
  }

  #name(): string {
    return `${this.#address.host}:${this.#address.port}`;
  }
}

// kafkajs arms a timer after each answer whether anything waits or not, which arms itself again each millisecond from then on.
function restQueue({ requestQueue }: Connection): void {
  const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue);
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0 || requestQueue.throttledUntil > Date.now()) schedule();
  };
}

async function asItIs(decoded: unknown): Promise<unknown> {
  return decoded;
}

const quiet = (): void => undefined;
// kafkajs wants one; what matters is told as an error.
const silentLogger = { namespace: (): unknown => silentLogger, debug: quiet, info: quiet, warn: quiet, error: quiet };
