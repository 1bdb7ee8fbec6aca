import { deviceKey, type LogRecord, type Principal, type Scope } from "@caudal/core";
import { noFaults, type FaultPoints, type Logger, type Metrics } from "@caudal/runtime";
import { homeClient, type ClientResolver } from "../edge/client-resolver.ts";
import type { Edge, Kept, Prepared, Route } from "../edge/edge.ts";
import { newEventId } from "../edge/event-id.ts";
import type { Presence } from "../edge/presence.ts";
import type { Receipts } from "../edge/receipts.ts";
import { traceparentFrom } from "../edge/trace.ts";
import { refusalOf, namedIn, type Gate } from "./intake-gate.ts";
import { decodeMqtt, type DecodedMessage, type MqttMessage, type MqttOutcome } from "./decode-mqtt.ts";
import type { MappingTable } from "./mapping-table.ts";
import type { Sparkplug } from "./sparkplug/sparkplug.ts";

/** A message with what its connection must know of it. */
export interface OfferedMessage extends MqttMessage {
  /** Names the broker in metrics. */
  readonly broker: string;
  /** Whose readings the connection may bring. */
  readonly scope: Scope;
  /** Who sent it, where that is one of ours; an outside broker says nothing of it. */
  readonly principal?: Principal | undefined;
  /** From the sender's own trace, where it has one. */
  readonly traceparent?: string | undefined;
  /** The sender has sent it before and saw no acknowledgement; whether it came is another matter. */
  readonly redelivered: boolean;
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
  /** The message is not taken, and its connection ends: there is no other way to say so. */
  readonly refusal?: Error;
}

export interface MessageIntakeOptions {
  readonly mappings: MappingTable;
  readonly edge: Edge;
  readonly presence: Presence;
  readonly resolver: ClientResolver;
  readonly receipts: Receipts;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Where nodes of Sparkplug B are followed; each of their messages is read alone when absent. */
  readonly sparkplug?: Sparkplug | undefined;
  readonly faults?: FaultPoints;
}

const BATCH_MESSAGES = 1000;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Takes messages of all connections into the log in batches: what comes while one batch is being made durable is the next. The next
 * is decoded meanwhile but published after, so that order holds and every message settles in the order it was offered.
 */
export class MessageIntake {
  readonly #options: MessageIntakeOptions;
  /** What was decoded on the way here, as it takes more than its own bytes. */
  readonly #decoded = new WeakMap<OfferedMessage, MqttOutcome>();
  #queue: OfferedMessage[] = [];
  #running: Promise<void> | undefined;

  constructor(options: MessageIntakeOptions) {
    this.#options = options;
  }

  offer(message: OfferedMessage): void {
    const { sparkplug } = this.#options;
    if (sparkplug?.takes(message.topic) !== true) return this.#enter(message);
    sparkplug.resolve(message, (outcome, error) => {
      if (outcome === undefined) return message.settle(error ?? new Error("the message could not be read"));
      this.#decoded.set(message, outcome);
      this.#enter(message);
    });
  }

  #enter(message: OfferedMessage): void {
    this.#queue.push(message);
    this.#running ??= this.#run();
  }

  /** Resolves when all that was offered is settled. */
  async drained(): Promise<void> {
    await this.#options.sparkplug?.drained();
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
    const clientOf = (message: OfferedMessage, device: string): string | undefined => clients.get(message.scope)?.get(device);
    const refused = await this.#options.edge.admit(decoded.flatMap(({ message, outcome }) => namedIn(message, outcome, (device) => clientOf(message, device))));
    return decoded.map(({ message, outcome }) => this.#gate(message, outcome, refused, (device) => clientOf(message, device)));
  }

  /** What a message gives once those are turned away whom nobody knows, and those who speak for others. */
  #gate(message: OfferedMessage, outcome: MqttOutcome, refused: ReadonlySet<string>, clientOf: (device: string) => string | undefined): Share {
    // Nearly every message: nobody was turned away, and its sender speaks for whom it likes.
    const isPlain = refused.size === 0 && message.principal?.devices === undefined;
    const away = isPlain ? undefined : refusalOf(message, namedIn(message, outcome, clientOf), refused);
    if (away !== undefined) {
      if (away.foreign !== undefined) this.#options.presence.refused(away.foreign, away.why, "identity");
      this.#options.logger.warn("mqtt.publish-refused", { topic: this.#options.mappings.shown(message.topic), why: away.why });
      return { message, outcome: away.outcome, readings: [], kept: [], words: [], refusal: new Error(away.why) };
    }
    return this.#share(message, outcome, { clientOf, refused });
  }

  #decode(message: OfferedMessage): MqttOutcome {
    try {
      return this.#decoded.get(message) ?? decodeMqtt(this.#options.mappings, message);
    } catch (error) {
      // A decoder that throws is a bug of ours; its message is kept and must not cost its neighbours.
      this.#options.logger.error("mqtt.decoder-threw", { topic: this.#options.mappings.shown(message.topic), error });
      const refusal = { why: "unsupported-format", detail: "the decoder failed on it" } as const;
      return { kind: "readings", mapping: "", client: undefined, source: "mqtt", origin: this.#options.mappings.shown(message.topic), readings: [], words: [], dropped: 0, refused: [{ kind: "park", raw: message.payload, contentType: "application/octet-stream", device: null, refusal }] };
    }
  }

  async #clientsOf(decoded: readonly { message: OfferedMessage; outcome: MqttOutcome }[]): Promise<ReadonlyMap<Scope, ReadonlyMap<string, string | undefined>>> {
    const asked = new Map<Scope, string[]>();
    for (const { message, outcome } of decoded) {
      if (outcome.kind === "unmapped" || outcome.client !== undefined) continue;
      const devices = asked.get(message.scope) ?? [];
      asked.set(message.scope, devices);
      if (outcome.kind === "presence") devices.push(outcome.device);
      else for (const { device } of [...outcome.readings, ...outcome.words]) devices.push(device);
    }
    const found = new Map<Scope, ReadonlyMap<string, string | undefined>>();
    for (const [scope, devices] of asked) found.set(scope, await this.#options.resolver.resolve(scope, devices));
    return found;
  }

  #share(message: OfferedMessage, outcome: MqttOutcome, gate: Gate): Share {
    const empty = { message, readings: [], kept: [], words: [] };
    const { receivedAtUs } = message;
    const origin = outcome.kind === "unmapped" ? message.topic : outcome.origin;
    if (outcome.kind === "unmapped") {
      const route = { source: "mqtt", transport: "mqtt", origin, receivedAtUs };
      const refusal = { why: "unmapped-topic", detail: `no mapping fits ${origin}` } as const;
      return { ...empty, outcome: "parked", kept: [{ client: homeClient(message.scope), route, raw: message.payload, contentType: "application/octet-stream", refusal, redelivered: message.redelivered }] };
    }
    const route: Route = { source: outcome.source, transport: "mqtt", origin, receivedAtUs };
    if (outcome.kind === "readings") return this.#readings(message, outcome, route, gate);
    const client = outcome.client ?? gate.clientOf(outcome.device);
    if (client !== undefined && gate.refused.has(deviceKey(client, outcome.device))) return { ...empty, outcome: "device-quota" };
    const heard = { ...route, device: outcome.device, observedAtUs: null };
    return client === undefined ? { ...empty, outcome: "dropped" } : { ...empty, outcome: "presence", words: [this.#options.presence.word(outcome.word, { ...heard, client })] };
  }

  #readings(message: OfferedMessage, outcome: DecodedMessage, route: Route, { clientOf, refused }: Gate): Share {
    const home = outcome.client ?? homeClient(message.scope);
    const kept: Kept[] = outcome.refused.map((row) => ({
      client: home, device: row.device ?? undefined, route, raw: row.raw, contentType: row.contentType, refusal: row.refusal, redelivered: message.redelivered,
      ...(row.columns === undefined ? {} : { labels: { columns: row.columns.join(";") } }),
    }));
    const readings: Prepared[] = [];
    let turnedAway = false;
    for (const { device, row, labels } of outcome.readings) {
      const keep = (refusal: Kept["refusal"]): number => kept.push({ client: home, device, route, raw: row.raw, contentType: row.contentType, refusal, redelivered: message.redelivered });
      const client = outcome.client ?? clientOf(device);
      if (client === undefined) {
        keep({ why: "unknown-client", detail: "several clients may be meant; name one in the topic" });
        continue;
      }
      if (refused.has(deviceKey(client, device))) {
        turnedAway = true;
        // What is kept aside of strangers has an end too; the rest is counted and listed.
        if (this.#options.edge.mayPark(client)) keep({ why: "device-quota", detail: `${device} is one device too many that nobody knows` });
        continue;
      }
      const own = { ...route, receivedAtUs: this.#options.receipts.at(route.receivedAtUs) };
      const prepared = this.#options.edge.prepare({ client, device, eventId: newEventId(), traceparent: traceparentFrom(message.traceparent), route: own, row, labels });
      if (prepared.ok) readings.push(prepared.value);
      else keep(prepared.refusal);
    }
    const words = outcome.words.flatMap(({ device, word, observedAtUs }) => {
      const client = outcome.client ?? clientOf(device);
      return client === undefined || refused.has(deviceKey(client, device)) ? [] : [this.#options.presence.word(word, { ...route, device, observedAtUs, client })];
    });
    const nothing = turnedAway ? "device-quota" : words.length > 0 ? "presence" : outcome.dropped > 0 ? "retained-without-time" : "ignored";
    return { message, readings, kept, words, outcome: readings.length > 0 ? "accepted" : kept.length > 0 ? "parked" : nothing };
  }

  async #publish(shares: readonly Share[]): Promise<void> {
    const stale = new Set(shares.filter(({ message }) => message.isStale()));
    const readings: Prepared[] = [];
    const kept: Kept[] = [];
    const words: LogRecord[] = [];
    for (const share of shares) {
      if (stale.has(share) || share.refusal !== undefined) continue;
      readings.push(...share.readings);
      kept.push(...share.kept);
      words.push(...share.words);
    }
    const { faults = noFaults } = this.#options;
    let failure: unknown;
    try {
      await this.#options.edge.publish(readings, kept, words);
      await faults.reach("collector/mqtt.puback/before");
    } catch (error) {
      failure = error ?? new Error("the log failed");
      this.#options.logger.warn("mqtt.not-durable", { messages: shares.length - stale.size, error });
    }
    const counts = new OutcomeCounts();
    for (const share of shares) {
      const error = share.refusal ?? failure ?? (stale.has(share) ? new Error("an earlier message of the connection failed") : undefined);
      counts.add(share.message.broker, error === undefined || error === share.refusal ? share.outcome : "failed");
      share.message.settle(error);
    }
    counts.report(this.#options.metrics);
    if (failure !== undefined || faults === noFaults) return;
    // The connections write their acknowledgements before the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    await faults.reach("collector/mqtt.puback/after");
  }
}

/** Messages of a batch by broker and outcome: a counter is asked once for each and not for every message. */
class OutcomeCounts {
  readonly #ofBroker = new Map<string, Map<string, number>>();

  add(broker: string, outcome: string): void {
    let counts = this.#ofBroker.get(broker);
    if (counts === undefined) this.#ofBroker.set(broker, (counts = new Map()));
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }

  report(metrics: Metrics): void {
    const messages = metrics.counter("caudal_mqtt_messages_total");
    for (const [broker, counts] of this.#ofBroker) for (const [outcome, count] of counts) messages.inc({ broker, outcome }, count);
  }
}

function settleAll(batch: readonly OfferedMessage[], error: unknown): undefined {
  for (const message of batch) message.settle(error ?? new Error("the message could not be prepared"));
}
