import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MqttClient, type IClientOptions, type IConnackPacket, type IPublishPacket } from "mqtt";
import { MAX_PACKET_PAYLOAD_BYTES } from "../decode/limits.ts";
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
  readonly filters: readonly string[];
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

  /** Takes no more messages; those in hand are still acknowledged. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Says goodbye, so that the broker keeps the session and sends no will; what is not acknowledged comes again. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#client.end(this.#isEnded, () => resolve()));
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
    const { url: { host, port, tls }, ca } = this.#options;
    // An address is no name that a server could be asked for.
    const named = isIP(host) === 0 ? { servername: host } : {};
    const socket: Socket = tls ? connectTls({ host, port, ...named, ...(ca === undefined ? {} : { ca }) }) : connectTcp({ host, port });
    this.#socket = new GuardedSocket(socket, {
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
    const rh = this.#options.version === 5 ? { rh: RETAINED_FOR_NEW } : {};
    this.#client.subscribe([...this.#options.filters], { qos: 1, ...rh }, (error, granted) => {
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
    ...(user === undefined ? {} : { username: user }), ...(secret === undefined ? {} : { password: secret }),
    ...(version === 5 ? { properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: maxInFlight } } : {}),
  };
}
