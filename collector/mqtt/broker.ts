import type { Socket } from "node:net";
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from "aedes";
import { deviceOfTopic } from "./device-of-topic.ts";
import { settleWithin, type Clock, type Component, type ListenTarget, type Logger, type Metrics } from "@caudal/runtime";
import type { Principal } from "@caudal/core";
import { MAX_PACKET_PAYLOAD_BYTES } from "../decode/limits.ts";
import type { Presence } from "../edge/presence.ts";
import { judgePublish, maySubscribe } from "./access.ts";
import { admitted, heardAs, NotAdmitted } from "./admission.ts";
import { BrokerListeners, type ListenersOptions } from "./broker-listeners.ts";
import { boundBrokerMemory } from "./broker-memory.ts";
import { GuardedSocket, LargePacketRoom } from "./guarded-socket.ts";
import type { MappingTable } from "./mapping-table.ts";
import type { MessageIntake } from "./message-intake.ts";
import { LARGE_BYTES, type OversizePublish } from "./packet-scanner.ts";
import { SettleOrder } from "./settle-order.ts";
import { keepHostState } from "./sparkplug/kept-host-state.ts";

/** Who connects; undefined is refused. Rejects when nobody can be asked. */
export type MqttAuthenticate = (username: string | undefined, password: string | undefined, remoteAddress: string | undefined) => Promise<Principal | undefined>;

export interface BrokerOptions extends ListenersOptions {
  readonly authenticate: MqttAuthenticate;
  readonly mappings: MappingTable;
  readonly intake: MessageIntake;
  readonly presence: Presence;
  /** Name by which nodes of Sparkplug know us as their primary host; undefined: we say nothing of ourselves. */
  readonly hostId?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Connection {
  readonly principal: Principal;
  readonly order: SettleOrder;
  failed: boolean;
}

/** Name of the built-in broker in metrics. */
export const BUILT_IN = "built-in";
const ROOM_FOR_LARGE_BYTES = 64 * 1024 * 1024;
const CONNECT_WITHIN_MS = 10_000;
/** Packets that a client may send before its CONNACK. */
const EARLY_PACKETS = 1000;
const MQTT_5 = 5;
const NOT_AUTHORIZED = 5;
const BAD_CREDENTIALS = 4;
const SERVER_UNAVAILABLE = 3;

/**
 * The broker in this process: MQTT 3.1.1. A message of a mapped topic is acknowledged once the log has it; when the log cannot take it the
 * connection is closed, for a client sends again only then. Other topics pass between clients as in any broker.
 */
export class Broker implements Component {
  readonly name = "mqtt-broker";
  readonly #options: BrokerOptions;
  readonly #room = new LargePacketRoom(ROOM_FOR_LARGE_BYTES);
  readonly #connections = new WeakMap<Client, Connection>();
  readonly #sockets = new Set<Socket>();
  /** Who the certificate of a connection says that it is. */
  readonly #certified = new WeakMap<object, Principal>();
  readonly #wills = new WeakMap<Client, string>();
  readonly #listeners: BrokerListeners;
  #aedes: Aedes | undefined;
  #stopping = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#listeners = new BrokerListeners(options);
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({
      connectTimeout: CONNECT_WITHIN_MS,
      queueLimit: EARLY_PACKETS,
      preConnect: (client, packet, done) => {
        if (packet.protocolVersion === MQTT_5) this.#refuseVersion(client, packet.clientId);
        if (packet.will !== undefined) this.#wills.set(client, packet.will.topic);
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, username, password).then(() => done(null, true), (error: AuthenticateError) => done(error, false));
      },
      authorizePublish: (client, packet, done) => this.#publish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => {
        const connection = this.#connections.get(client);
        const allowed = connection !== undefined && maySubscribe(connection.principal, subscription.topic);
        if (!allowed) this.#options.logger.warn("mqtt.subscribe-refused", { clientId: client.id, filter: subscription.topic });
        done(null, allowed ? subscription : null);
      },
    });
    this.#aedes = aedes;
    boundBrokerMemory(aedes);
    // Kept before anybody can ask: a node that comes finds its host.
    await keepHostState(aedes, this.#options, true);
    aedes.on("clientError", (client, error) => this.#options.logger.debug("mqtt.connection-ended", { clientId: client.id, reason: error.message }));
    aedes.on("connectionError", (_client, error) => this.#options.logger.debug("mqtt.connection-ended", { reason: error.message }));
    try {
      await this.#listeners.open((socket, certified) => {
        if (this.#sockets.size >= this.#options.maxConnections) return void socket.destroy();
        this.#connected(aedes, socket, certified);
      });
    } catch (error) {
      await this.#listeners.stop();
      await closed(aedes);
      throw error;
    }
  }

  /** Where it listens without TLS; undefined where it does not. */
  address(): ListenTarget | undefined {
    return this.#listeners.address;
  }

  /** Where it listens for `mqtts://`; undefined where it does not. */
  tlsAddress(): ListenTarget | undefined {
    return this.#listeners.tlsAddress;
  }

  /** Why it does not do all that it should; undefined when it does. */
  get problem(): string | undefined {
    return this.#stopping || this.#aedes === undefined ? "not listening" : this.#listeners.problem;
  }

  /** Sends a message to those who subscribed, as the broker itself; nobody may be there. */
  publish(topic: string, payload: Uint8Array): void {
    this.#aedes?.publish({ cmd: "publish", topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false }, (error) => {
      if (error) this.#options.logger.warn("mqtt.publish-failed", { topic, error });
    });
  }

  connections(): number {
    return this.#aedes?.connectedClients ?? 0;
  }

  async quiesce(): Promise<void> {
    this.#stopping = true;
    this.#listeners.quiesce();
  }

  /** Lets what was taken become durable and be acknowledged, then ends all connections. */
  async stop(deadlineMs: number): Promise<void> {
    await this.quiesce();
    await settleWithin(() => this.#options.intake.drained(), deadlineMs * 0.8);
    if (this.#aedes !== undefined) {
      await keepHostState(this.#aedes, this.#options, false);
      await closed(this.#aedes);
    }
    for (const socket of this.#sockets) socket.destroy();
    await this.#listeners.stop();
    this.#options.metrics.gauge("caudal_mqtt_connections").set({ broker: BUILT_IN }, 0);
  }

  #connected(aedes: Aedes, socket: Socket, certified?: Principal): void {
    const gauge = this.#options.metrics.gauge("caudal_mqtt_connections");
    this.#sockets.add(socket);
    gauge.set({ broker: BUILT_IN }, this.#sockets.size);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      gauge.set({ broker: BUILT_IN }, this.#sockets.size);
    });
    const guarded = new GuardedSocket(socket, {
      maxPayloadBytes: MAX_PACKET_PAYLOAD_BYTES,
      room: this.#room,
      onOversize: (publish) => {
        this.#oversize(client, publish);
        return "close";
      },
    });
    if (certified !== undefined) this.#certified.set(guarded, certified);
    const client = aedes.handle(guarded);
  }

  async #authenticate(client: Client, username: string | undefined, password: Buffer | undefined): Promise<void> {
    const { logger, authenticate } = this.#options;
    const remoteAddress = client.conn instanceof GuardedSocket ? client.conn.remoteAddress : undefined;
    const principal = await admitted({
      certified: this.#certified.get(client.conn), username, will: this.#wills.get(client), mappings: this.#options.mappings,
      authenticate: () => authenticate(username, password?.toString("utf8"), remoteAddress),
    }).catch((error: unknown) => {
      if (!(error instanceof NotAdmitted)) {
        logger.warn("mqtt.authentication-failed", { clientId: client.id, error });
        throw refusal(SERVER_UNAVAILABLE, "authentication is not available");
      }
      logger.warn("mqtt.connection-refused", { clientId: client.id, remoteAddress, hasPassword: password !== undefined, ...(error.why === undefined ? {} : { why: error.why }) });
      if (error.foreign !== undefined) this.#foreign(error.foreign, error.why ?? "");
      throw refusal(password === undefined || error.why !== undefined ? NOT_AUTHORIZED : BAD_CREDENTIALS, "not authorized");
    });
    // Whoever is bound to some tenants must not be able to take over another's session by its name.
    if (principal.scope.clients !== "all") (client as { id: string }).id = `${principal.name}/${client.id}`;
    this.#connections.set(client, { principal, order: new SettleOrder(), failed: false });
    logger.debug("mqtt.connected", { clientId: client.id, principal: principal.name });
  }

  #publish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const connection = client === null ? undefined : this.#connections.get(client);
    if (client === null || connection === undefined) return done(new Error("nobody is connected"));
    if (this.#stopping) return done(new Error("the broker is stopping"));
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const settle = connection.order.enter((error) => {
      if (client.conn instanceof GuardedSocket && ((packet as { length?: number }).length ?? 0) > LARGE_BYTES) client.conn.releaseLarge();
      done(error === undefined ? null : error instanceof Error ? error : new Error(String(error)));
    });
    // What follows a refused message on its connection is as little taken, and says nothing new.
    if (connection.failed) return settle(new Error("an earlier message of the connection failed"));
    const verdict = judgePublish(connection.principal, packet.topic, this.#options.mappings);
    if (verdict === "intake") {
      this.#options.intake.offer({
        // What a client publishes is new, retained or not; only a subscriber is sent what is old.
        topic: packet.topic, payload, retained: false, redelivered: packet.dup, receivedAtUs: this.#options.clock.nowUs(), broker: BUILT_IN, scope: connection.principal.scope,
        principal: connection.principal,
        isStale: () => connection.failed,
        settle: (error) => {
          if (error !== undefined) connection.failed = true;
          settle(error);
        },
      });
      return;
    }
    const messages = this.#options.metrics.counter("caudal_mqtt_messages_total");
    messages.inc({ broker: BUILT_IN, outcome: verdict === "pass" ? "passed" : verdict.identity === true ? "foreign-device" : "refused" });
    if (verdict === "pass") return settle();
    if (verdict.identity === true) this.#foreign(connection.principal, `its connection published to ${this.#options.mappings.shown(packet.topic)}: ${verdict.refused}`);
    // MQTT 3.1.1 cannot say no to a message; an acknowledgement would look like success.
    this.#options.logger.warn("mqtt.publish-refused", { clientId: client.id, topic: this.#options.mappings.shown(packet.topic), why: verdict.refused });
    connection.failed = true;
    settle(new Error(verdict.refused));
  }

  /** Lists whose connection spoke for somebody else. */
  #foreign(principal: Principal, detail: string): void {
    const heard = heardAs(principal, this.#options.clock.nowUs());
    if (heard !== undefined) this.#options.presence.refused(heard, detail, "identity");
  }

  #refuseVersion(client: Client, clientId: string | undefined): void {
    const remoteAddress = client.conn instanceof GuardedSocket ? client.conn.remoteAddress : undefined;
    this.#options.logger.warn("mqtt.version-refused", { clientId: clientId ?? "", remoteAddress, asked: "MQTT 5", spoken: "MQTT 3.1.1", next: "set the client to MQTT 3.1.1 (protocol version 4)" });
  }

  #oversize(client: Client, { topic, payloadBytes }: OversizePublish): void {
    const { logger, metrics, presence, mappings, clock } = this.#options;
    metrics.counter("caudal_mqtt_messages_total").inc({ broker: BUILT_IN, outcome: "oversize" });
    logger.warn("mqtt.oversize", { clientId: client.id, topic: mappings.shown(topic), payloadBytes, most: MAX_PACKET_PAYLOAD_BYTES });
    const connection = this.#connections.get(client);
    if (connection === undefined || judgePublish(connection.principal, topic, mappings) !== "intake") return;
    const heard = deviceOfTopic(mappings.find(topic), connection.principal.scope, clock.nowUs());
    if (heard !== undefined) presence.refused(heard, `a message of ${payloadBytes} bytes, where ${MAX_PACKET_PAYLOAD_BYTES} are the most`);
  }
}

function refusal(returnCode: number, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}

function closed(aedes: Aedes): Promise<void> {
  return new Promise((resolve) => aedes.close(() => resolve()));
}
