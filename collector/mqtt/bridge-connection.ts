import { MqttClient, type IClientOptions, type IConnackPacket, type IPublishPacket } from "mqtt";
import { MAX_PACKET_PAYLOAD_BYTES } from "../decode/limits.ts";
import { openBrokerSocket } from "./broker-socket.ts";
import type { BrokerUrl } from "./broker-url.ts";
import { DeferredAcks } from "./deferred-acks.ts";
import { GuardedSocket, LargePacketRoom } from "./guarded-socket.ts";
import { LARGE_BYTES, type OversizePublish } from "./packet-scanner.ts";

export type ProtocolVersion = 4 | 5;

export interface BridgeConnectionOptions {
  readonly url: BrokerUrl;
  readonly version: ProtocolVersion;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM text of the authorities to trust; the system's when absent. */
  readonly ca: string | undefined;
  /** PEM text of our own certificate and its key; none is shown when absent. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly filters: readonly string[];
  /** Name of the shared subscription; undefined for one of our own. */
  readonly share: string | undefined;
  /** Subscribe even where the broker kept the session: the filters may have changed since. */
  readonly subscribeAnew: boolean;
  /** Unacknowledged messages at most. */
  readonly maxInFlight: number;
  readonly onMessage: (packet: IPublishPacket, settle: (error?: unknown) => void, isEnded: () => boolean) => void;
  readonly onOversize: (publish: OversizePublish) => void;
  readonly onReady: () => void;
}

/** Why a connection ended. */
export interface Ended {
  /** The broker says that it does not speak this version, or hung up before it said anything. */
  readonly versionRefused: boolean;
  readonly reason: string;
  readonly wasReady: boolean;
}

const KEEPALIVE_S = 30;
const CONNECT_WITHIN_MS = 10_000;
const SESSION_EXPIRY_S = 7 * 24 * 3600;
const UNSUPPORTED_V3 = 1;
const UNSUPPORTED_V5 = 132;
const ROOM_FOR_LARGE_BYTES = 32 * 1024 * 1024;
/** A broker that has something for us sends it well within this. */
const QUIET_MS = 300;
const LOOK_EVERY_MS = 50;
/** MQTT 5: send retained messages for a subscription that is new only. */
const RETAINED_FOR_NEW = 1;

/** One connection to an outside broker, from its CONNECT to its end; it never connects again by itself. */
export class BridgeConnection {
  readonly ended: Promise<Ended>;
  readonly #options: BridgeConnectionOptions;
  readonly #client: MqttClient;
  readonly #acks: DeferredAcks;
  readonly #held: (() => void)[] = [];
  #socket: GuardedSocket | undefined;
  #isEnded = false;
  #isPaused = false;
  #failure: string | undefined;
  #versionRefused = false;
  #greeted = false;
  #wasReady = false;
  #taken = 0;

  constructor(options: BridgeConnectionOptions) {
    this.#options = options;
    this.#client = new MqttClient(() => this.#open(), clientOptions(options));
    this.#acks = new DeferredAcks(this.#client);
    this.#client.handleMessage = (packet, done) => this.#take(packet, done);
    this.ended = this.#follow();
    this.#client.connect();
  }

  get inFlight(): number {
    return this.#acks.waiting;
  }

  /** Sends a message at QoS 0, while the connection stands. */
  publish(topic: string, payload: Uint8Array): void {
    if (this.#wasReady && !this.#isEnded) this.#client.publish(topic, Buffer.from(payload), { qos: 0 });
  }

  /** Takes no more messages; those in hand are still acknowledged. */
  pause(): void {
    this.#isPaused = true;
  }

  /**
   * Gives up our part of a shared subscription and waits for what the broker had set aside for us. True when that seems to be all: nothing came for a
   * moment, and all that came was acknowledged.
   */
  async leaveShare(): Promise<boolean> {
    if (this.#isEnded || !this.#wasReady) return false;
    const isAlone = await new Promise<boolean>((resolve) => this.#client.unsubscribe(this.#subscriptions(), (error) => resolve(error === undefined || error === null)));
    for (let quietMs = 0; isAlone && !this.#isEnded && quietMs < QUIET_MS; quietMs += LOOK_EVERY_MS) {
      const before = this.#taken;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      if (this.#taken !== before || this.#acks.waiting > 0) quietMs = 0;
    }
    return isAlone && !this.#isEnded;
  }

  /** Says goodbye, so that the broker sends no will; what is not acknowledged comes again, unless the session is to end with the connection. */
  async close(endSession = false): Promise<void> {
    const goodbye = endSession && this.#options.version === 5 ? { properties: { sessionExpiryInterval: 0 } } : {};
    await new Promise<void>((resolve) => this.#client.end(this.#isEnded, goodbye, () => resolve()));
    this.#socket?.destroy();
    await this.ended;
  }

  /** Ends at once. The broker sends again what was not acknowledged. */
  drop(reason: string): void {
    this.#failure ??= reason;
    this.#isEnded = true;
    this.#socket?.destroy();
  }

  #open(): GuardedSocket {
    const { url, ca, cert, key } = this.#options;
    this.#socket = new GuardedSocket(openBrokerSocket(url, { ca, cert, key }), {
      maxPayloadBytes: MAX_PACKET_PAYLOAD_BYTES,
      room: new LargePacketRoom(ROOM_FOR_LARGE_BYTES),
      onOversize: (publish) => {
        // The broker would send it again for ever and everything behind it would wait: it is listed, skipped and acknowledged.
        this.#options.onOversize(publish);
        this.#acks.enter(publish.qos === 0 ? undefined : publish.packetId)();
        return "skip";
      },
    });
    return this.#socket;
  }

  #follow(): Promise<Ended> {
    return new Promise((resolve) => {
      this.#client.on("connect", (connack) => this.#connected(connack));
      this.#client.on("error", (error) => this.#failed(error));
      this.#client.on("close", () => {
        this.#isEnded = true;
        // No timer of the library may outlive the connection.
        this.#client.end(true);
        const silent = !this.#greeted && this.#failure === undefined;
        resolve({ versionRefused: this.#versionRefused || silent, reason: this.#failure ?? "the connection was closed", wasReady: this.#wasReady });
      });
    });
  }

  #failed(error: Error & { code?: unknown }): void {
    this.#failure ??= error.message;
    if (error.code === UNSUPPORTED_V3 || error.code === UNSUPPORTED_V5) this.#versionRefused = true;
    this.#socket?.destroy();
  }

  #connected(connack: IConnackPacket): void {
    this.#greeted = true;
    if (connack.sessionPresent && !this.#options.subscribeAnew) return this.#ready();
    if (connack.sessionPresent && this.#options.share !== undefined) {
      // A session from before it shared would get everything twice.
      this.#client.unsubscribe([...this.#options.filters], () => this.#subscribe());
    } else this.#subscribe();
  }

  #subscriptions(): string[] {
    const { filters, share } = this.#options;
    return filters.map((filter) => (share === undefined ? filter : `$share/${share}/${filter}`));
  }

  #subscribe(): void {
    const rh = this.#options.version === 5 ? { rh: RETAINED_FOR_NEW } : {};
    this.#client.subscribe(this.#subscriptions(), { qos: 1, ...rh }, (error, granted) => {
      const refused = granted?.filter(({ qos }) => qos >= 128).map(({ topic }) => topic) ?? [];
      if (error !== null && error !== undefined) this.drop(`subscribing failed: ${error.message}`);
      else if (refused.length > 0) this.drop(`the broker refused ${refused.join(", ")}`);
      else this.#ready();
    });
  }

  #ready(): void {
    this.#wasReady = true;
    this.#options.onReady();
  }

  #take(packet: IPublishPacket, done: (error?: Error) => void): void {
    this.#taken += 1;
    const acknowledge = this.#acks.enter(packet.qos === 0 ? undefined : packet.messageId);
    this.#options.onMessage(packet, (error) => {
      if (this.#isEnded) return;
      if (((packet as { length?: number }).length ?? 0) > LARGE_BYTES) this.#socket?.releaseLarge();
      if (error !== undefined) return this.drop("the log did not take a message");
      acknowledge();
      if (!this.#isPaused) for (const next of this.#held.splice(0)) next();
    }, () => this.#isEnded);
    // The window bounds memory also where the broker keeps to no window of its own.
    if (!this.#isPaused && this.#acks.waiting < this.#options.maxInFlight) done();
    else this.#held.push(() => done());
  }
}

function clientOptions({ url, version, clientId, username, password, maxInFlight }: BridgeConnectionOptions): IClientOptions {
  const user = url.username ?? username;
  const secret = url.password ?? password;
  return {
    clientId, clean: false, keepalive: KEEPALIVE_S, connectTimeout: CONNECT_WITHIN_MS, reconnectPeriod: 0, resubscribe: false, manualConnect: true,
    protocolVersion: version, protocolId: "MQTT",
    // The library's own words on each packet go to nobody.
    log: () => undefined,
    ...(user === undefined ? {} : { username: user }), ...(secret === undefined ? {} : { password: secret }),
    ...(version === 5 ? { properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: maxInFlight } } : {}),
  };
}
