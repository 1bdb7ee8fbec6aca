import { settleWithin, type Clock, type Logger } from "@caudal/runtime";
import { MqttClient, type IClientOptions } from "mqtt";
import type { ProtocolVersion } from "../bridge-connection.ts";
import { openBrokerSocket } from "../broker-socket.ts";
import type { BrokerUrl } from "../broker-url.ts";
import type { Certificates } from "../certificate-files.ts";
import { GuardedSocket, LargePacketRoom } from "../guarded-socket.ts";
import { NAMESPACE } from "./sparkplug-topic.ts";

export interface HostStateOptions {
  readonly hostId: string;
  readonly url: BrokerUrl;
  /** Of the connection that the readings come by; this one adds an ending to it. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly certificates: () => Certificates;
  readonly clock: Clock;
  readonly logger: Logger;
}

const KEEPALIVE_S = 30;
const RECONNECT_MS = 1000;
const GOODBYE_WITHIN_MS = 1000;
const MAX_PAYLOAD_BYTES = 64 * 1024;

export function stateTopic(hostId: string): string {
  return `${NAMESPACE}/STATE/${hostId}`;
}

/** What a host application says of itself (Sparkplug 3.0 §5 and §6.4.8): JSON, published retained at QoS 1. */
export function statePayload(online: boolean, timestampMs: number): Buffer {
  return Buffer.from(JSON.stringify({ online, timestamp: timestampMs }));
}

/**
 * Tells the nodes of a broker whether their primary host is there: `spBv1.0/STATE/{host}`. A connection of its own, since a host's session must be clean and ours, by which the readings come, must not be;
 * it stands only while that other one does. Its will says `online: false` with the birth's own timestamp, which is new at each CONNECT.
 */
export class HostState {
  readonly #options: HostStateOptions;
  #client: MqttClient | undefined;
  #timestampMs = 0;
  /** Openings and endings one after another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: HostStateOptions) {
    this.#options = options;
  }

  /** The readings come: nodes may send theirs. */
  up(version: ProtocolVersion): Promise<void> {
    return this.#next(async () => {
      if (this.#client === undefined) this.#open(version);
    });
  }

  /** The readings do not come any more. Resolves once it was said, or cannot be. */
  down(): Promise<void> {
    return this.#next(() => this.#end(true));
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step).catch((error: unknown) => this.#options.logger.warn("sparkplug.state-failed", { broker: this.#options.url.label, error }));
    return this.#turn;
  }

  #open(version: ProtocolVersion): void {
    const { hostId, logger, url } = this.#options;
    const topic = stateTopic(hostId);
    const client = new MqttClient(() => this.#socket(), this.#clientOptions(version));
    this.#client = client;
    // One that connects again is another session: its will and its birth have a time of their own.
    client.on("reconnect", () => (client.options.will = this.#will()));
    client.on("error", (error) => logger.debug("sparkplug.state-connection", { broker: url.label, reason: error.message }));
    client.on("connect", () => {
      client.subscribe(topic, { qos: 1 }, () => {
        client.publish(topic, statePayload(true, this.#timestampMs), { qos: 1, retain: true }, (error) => {
          if (error === undefined || error === null) logger.info("sparkplug.host-online", { broker: url.label, host: hostId });
        });
      });
    });
    client.on("message", (_topic, payload, { retain }) => {
      // Another of the same name went, and nodes take the host for gone: it is told anew, with a later time.
      if (!retain && this.#client === client && saysOffline(payload)) void this.#next(() => this.#again(client, version));
    });
    client.connect();
  }

  async #again(client: MqttClient, version: ProtocolVersion): Promise<void> {
    if (this.#client !== client) return;
    await this.#end(false);
    this.#open(version);
  }

  async #end(says: boolean): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    const { hostId, clock } = this.#options;
    if (says && client.connected) {
      const payload = statePayload(false, Math.max(this.#timestampMs, Math.floor(clock.nowUs() / 1000)));
      await settleWithin(() => client.publishAsync(stateTopic(hostId), payload, { qos: 1, retain: true }), GOODBYE_WITHIN_MS);
    }
    await settleWithin(() => client.endAsync(!client.connected), GOODBYE_WITHIN_MS);
    client.end(true);
  }

  #socket(): GuardedSocket {
    return new GuardedSocket(openBrokerSocket(this.#options.url, this.#options.certificates()), { maxPayloadBytes: MAX_PAYLOAD_BYTES, room: new LargePacketRoom(MAX_PAYLOAD_BYTES), onOversize: () => "skip" });
  }

  #will(): NonNullable<IClientOptions["will"]> {
    // Two sessions never share a time, however fast one follows the other.
    this.#timestampMs = Math.max(this.#timestampMs + 1, Math.floor(this.#options.clock.nowUs() / 1000));
    return { topic: stateTopic(this.#options.hostId), payload: statePayload(false, this.#timestampMs), qos: 1, retain: true };
  }

  #clientOptions(version: ProtocolVersion): IClientOptions {
    const { clientId, url, username, password } = this.#options;
    const user = url.username ?? username;
    const secret = url.password ?? password;
    return {
      clientId: `${clientId}-state`, clean: true, keepalive: KEEPALIVE_S, reconnectPeriod: RECONNECT_MS, manualConnect: true, protocolVersion: version, protocolId: "MQTT", will: this.#will(),
      ...(user === undefined ? {} : { username: user }), ...(secret === undefined ? {} : { password: secret }), ...(version === 5 ? { properties: { sessionExpiryInterval: 0 } } : {}),
    };
  }
}

function saysOffline(payload: Buffer): boolean {
  try {
    return (JSON.parse(payload.toString("utf8")) as { online?: unknown } | null)?.online === false;
  } catch {
    return false;
  }
}
