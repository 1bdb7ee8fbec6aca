import type { LogRecord, Scope } from "@caudal/core";
import type { Logger, Metrics } from "@caudal/runtime";
import { homeClient, type ClientResolver } from "../edge/client-resolver.ts";
import type { Edge, Kept, Prepared, Route } from "../edge/edge.ts";
import { newEventId } from "../edge/event-id.ts";
import type { Presence } from "../edge/presence.ts";
import type { Receipts } from "../edge/receipts.ts";
import { traceparentFrom } from "../edge/trace.ts";
import { decodeMqtt, type DecodedMessage, type MqttMessage, type MqttOutcome } from "./decode-mqtt.ts";
import type { MappingTable } from "./mapping-table.ts";

/** A message with what its connection must know of it. */
export interface OfferedMessage extends MqttMessage {
  /** Names the broker in metrics. */
  readonly broker: string;
  /** Whose readings the connection may bring. */
  readonly scope: Scope;
  /** From the sender's own trace, where it has one. */
  readonly traceparent?: string | undefined;
  /** True once an earlier message of the connection failed: what follows must come again after it. */
  isStale(): boolean;
  /** Called once, in the order of the offers: without an error the message is durable. */
  settle(error?: unknown): void;
}

/** What one message puts into the log. */
interface Share {
  readonly message: OfferedMessage;
  readonly outcome: string;
  readonly readings: readonly Prepared[];
  readonly kept: readonly Kept[];
  readonly words: readonly LogRecord[];
}

export interface MessageIntakeOptions {
  readonly mappings: MappingTable;
  readonly edge: Edge;
  readonly presence: Presence;
  readonly resolver: ClientResolver;
  readonly receipts: Receipts;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const BATCH_MESSAGES = 1000;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Takes messages of all connections into the log in batches: what comes while one batch is being made durable is the next. The next
 * is decoded meanwhile but published after, so that order holds and every message settles in the order it was offered.
 */
export class MessageIntake {
  readonly #options: MessageIntakeOptions;
  #queue: OfferedMessage[] = [];
  #running: Promise<void> | undefined;

  constructor(options: MessageIntakeOptions) {
    this.#options = options;
  }

  offer(message: OfferedMessage): void {
    this.#queue.push(message);
    this.#running ??= this.#run();
  }

  /** Resolves when all that was offered is settled. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // The rest of a socket's chunk comes in the same turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    let publishing: Promise<void> | undefined;
    while (this.#queue.length > 0) {
      const batch = this.#take();
      const shares = await this.#prepare(batch).catch((error: unknown) => settleAll(batch, error));
      await publishing;
      publishing = shares === undefined ? undefined : this.#publish(shares);
      if (this.#queue.length === 0) await publishing;
    }
    this.#running = undefined;
  }

  #take(): readonly OfferedMessage[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && count < BATCH_MESSAGES && bytes < BATCH_BYTES) bytes += this.#queue[count++]?.payload.length ?? 0;
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return batch;
  }

  async #prepare(batch: readonly OfferedMessage[]): Promise<readonly Share[]> {
    const decoded = batch.map((message) => ({ message, outcome: this.#decode(message) }));
    const clients = await this.#clientsOf(decoded);
    return decoded.map(({ message, outcome }) => this.#share(message, outcome, (device) => clients.get(message.scope)?.get(device)));
  }

  #decode(message: OfferedMessage): MqttOutcome {
    try {
      return decodeMqtt(this.#options.mappings, message);
    } catch (error) {
      // A decoder that throws is a bug of ours; its message is kept and must not cost its neighbours.
      this.#options.logger.error("mqtt.decoder-threw", { topic: message.topic, error });
      const refusal = { why: "unsupported-format", detail: "the decoder failed on it" } as const;
      return { kind: "readings", mapping: "", client: undefined, source: "mqtt", readings: [], dropped: 0, refused: [{ kind: "park", raw: message.payload, contentType: "application/octet-stream", device: null, refusal }] };
    }
  }

  async #clientsOf(decoded: readonly { message: OfferedMessage; outcome: MqttOutcome }[]): Promise<ReadonlyMap<Scope, ReadonlyMap<string, string | undefined>>> {
    const asked = new Map<Scope, string[]>();
    for (const { message, outcome } of decoded) {
      if (outcome.kind === "unmapped" || outcome.client !== undefined) continue;
      const devices = asked.get(message.scope) ?? [];
      asked.set(message.scope, devices);
      if (outcome.kind === "presence") devices.push(outcome.device);
      else for (const { device } of outcome.readings) devices.push(device);
    }
    const found = new Map<Scope, ReadonlyMap<string, string | undefined>>();
    for (const [scope, devices] of asked) found.set(scope, await this.#options.resolver.resolve(scope, devices));
    return found;
  }

  #share(message: OfferedMessage, outcome: MqttOutcome, clientOf: (device: string) => string | undefined): Share {
    const empty = { message, readings: [], kept: [], words: [] };
    const { topic: origin, receivedAtUs } = message;
    if (outcome.kind === "unmapped") {
      const route = { source: "mqtt", transport: "mqtt", origin, receivedAtUs };
      const refusal = { why: "unmapped-topic", detail: `no mapping fits ${origin}` } as const;
      return { ...empty, outcome: "parked", kept: [{ client: homeClient(message.scope), route, raw: message.payload, contentType: "application/octet-stream", refusal }] };
    }
    const route: Route = { source: outcome.source, transport: "mqtt", origin, receivedAtUs };
    if (outcome.kind === "readings") return this.#readings(message, outcome, route, clientOf);
    const client = outcome.client ?? clientOf(outcome.device);
    const heard = { ...route, device: outcome.device, observedAtUs: null };
    return client === undefined ? { ...empty, outcome: "dropped" } : { ...empty, outcome: "presence", words: [this.#options.presence.word(outcome.word, { ...heard, client })] };
  }

  #readings(message: OfferedMessage, outcome: DecodedMessage, route: Route, clientOf: (device: string) => string | undefined): Share {
    const home = outcome.client ?? homeClient(message.scope);
    const kept: Kept[] = outcome.refused.map((row) => ({
      client: home, device: row.device ?? undefined, route, raw: row.raw, contentType: row.contentType, refusal: row.refusal,
      ...(row.columns === undefined ? {} : { labels: { columns: row.columns.join(";") } }),
    }));
    const readings: Prepared[] = [];
    for (const { device, row, labels } of outcome.readings) {
      const keep = (refusal: Kept["refusal"]): number => kept.push({ client: home, device, route, raw: row.raw, contentType: row.contentType, refusal });
      const client = outcome.client ?? clientOf(device);
      if (client === undefined) {
        keep({ why: "unknown-client", detail: "several clients may be meant; name one in the topic" });
        continue;
      }
      const own = { ...route, receivedAtUs: this.#options.receipts.at(route.receivedAtUs) };
      const prepared = this.#options.edge.prepare({ client, device, eventId: newEventId(), traceparent: traceparentFrom(message.traceparent), route: own, row, labels });
      if (prepared.ok) readings.push(prepared.value);
      else keep(prepared.refusal);
    }
    return { message, readings, kept, words: [], outcome: readings.length > 0 ? "accepted" : kept.length > 0 ? "parked" : "retained-without-time" };
  }

  async #publish(shares: readonly Share[]): Promise<void> {
    const stale = new Set(shares.filter(({ message }) => message.isStale()));
    const live = shares.filter((share) => !stale.has(share));
    let failure: unknown;
    try {
      await this.#options.edge.publish(live.flatMap((share) => share.readings), live.flatMap((share) => share.kept), live.flatMap((share) => share.words));
    } catch (error) {
      failure = error ?? new Error("the log failed");
      this.#options.logger.warn("mqtt.not-durable", { messages: live.length, error });
    }
    const messages = this.#options.metrics.counter("caudal_mqtt_messages_total");
    for (const share of shares) {
      const error = failure ?? (stale.has(share) ? new Error("an earlier message of the connection failed") : undefined);
      messages.inc({ broker: share.message.broker, outcome: error === undefined ? share.outcome : "failed" });
      share.message.settle(error);
    }
  }
}

function settleAll(batch: readonly OfferedMessage[], error: unknown): undefined {
  for (const message of batch) message.settle(error ?? new Error("the message could not be prepared"));
}
