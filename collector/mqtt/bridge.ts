import { readFile } from "node:fs/promises";
import { CaudalError, systemScope } from "@caudal/core";
import { backoffMs, settleWithin, systemSleep, type Clock, type Component, type Logger, type Metrics } from "@caudal/runtime";
import type { IPublishPacket } from "mqtt";
import { MAX_PACKET_PAYLOAD_BYTES } from "../decode/limits.ts";
import type { Presence } from "../edge/presence.ts";
import { BridgeConnection, type ProtocolVersion } from "./bridge-connection.ts";
import type { BrokerUrl } from "./broker-url.ts";
import { deviceOfTopic } from "./device-of-topic.ts";
import type { MappingTable } from "./mapping-table.ts";
import type { MessageIntake } from "./message-intake.ts";
import type { OversizePublish } from "./packet-scanner.ts";

export interface BridgeOptions {
  readonly url: BrokerUrl;
  /** The same at each start, so that the broker's session waits for us. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly caFile: string | undefined;
  readonly maxInFlight: number;
  readonly mappings: MappingTable;
  readonly intake: MessageIntake;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface BridgeStatus {
  readonly broker: string;
  readonly state: "connecting" | "connected" | "waiting" | "stopped";
  readonly protocol: "MQTT 5" | "MQTT 3.1.1" | undefined;
  readonly inFlight: number;
  /** Why the last connection ended; undefined while connected. */
  readonly problem: string | undefined;
}

const RECONNECT_BASE_MS = 200;
const RECONNECT_CAP_MS = 30_000;

/** Brings the messages of an outside broker in, over one session that outlives connections. MQTT 5 where the broker speaks it, else 3.1.1. */
export class Bridge implements Component {
  readonly name: string;
  readonly #options: BridgeOptions;
  readonly #stop = new AbortController();
  #version: ProtocolVersion = 5;
  #connection: BridgeConnection | undefined;
  #loop: Promise<void> = Promise.resolve();
  #ca: string | undefined;
  #subscribed = false;
  #state: BridgeStatus["state"] = "connecting";
  #problem: string | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.name = `mqtt-bridge ${options.url.label}`;
  }

  /** Reads the authorities and begins to connect; it does not wait for the broker, which may come later. */
  async start(): Promise<void> {
    const { caFile } = this.#options;
    if (caFile !== undefined) {
      this.#ca = await readFile(caFile, "utf8").catch((cause: unknown) => {
        throw new CaudalError("setting", `CAUDAL_MQTT_CA names ${caFile}, which cannot be read`, { cause });
      });
    }
    this.#loop = this.#run();
  }

  async quiesce(): Promise<void> {
    this.#stop.abort();
    this.#connection?.pause();
  }

  /** Acknowledges what becomes durable in time and says goodbye; the rest comes again at the next start. */
  async stop(deadlineMs: number): Promise<void> {
    await this.quiesce();
    const late = setTimeout(() => this.#connection?.drop("stopping"), deadlineMs * 0.8);
    await settleWithin(() => this.#options.intake.drained(), deadlineMs * 0.6);
    await this.#connection?.close();
    clearTimeout(late);
    await this.#loop;
    this.#state = "stopped";
  }

  status(): BridgeStatus {
    const connected = this.#state === "connected";
    return {
      broker: this.#options.url.label, state: this.#state, protocol: connected ? (this.#version === 5 ? "MQTT 5" : "MQTT 3.1.1") : undefined,
      inFlight: this.#connection?.inFlight ?? 0, problem: connected ? undefined : this.#problem,
    };
  }

  async #run(): Promise<void> {
    const { logger, metrics, url } = this.#options;
    const gauge = metrics.gauge("caudal_mqtt_connections");
    for (let attempt = 1; !this.#stop.signal.aborted; attempt++) {
      this.#state = "connecting";
      const connection = this.#connect();
      this.#connection = connection;
      const { versionRefused, reason, wasReady } = await connection.ended;
      gauge.set({ broker: url.label }, 0);
      if (this.#stop.signal.aborted) return;
      this.#problem = reason;
      this.#state = "waiting";
      if (wasReady) attempt = 1;
      logger.warn("mqtt.bridge-disconnected", { broker: url.label, reason, version: this.#version });
      if (versionRefused && !wasReady) {
        // Another version may be what it wants: at once the first time, with the usual pauses after.
        this.#version = this.#version === 5 ? 4 : 5;
        if (attempt === 1) continue;
      }
      await systemSleep(RECONNECT_BASE_MS / 2 + backoffMs(attempt, { baseMs: RECONNECT_BASE_MS, capMs: RECONNECT_CAP_MS }), this.#stop.signal).catch(() => {});
    }
  }

  #connect(): BridgeConnection {
    const { url, clientId, username, password, maxInFlight, mappings, logger, metrics } = this.#options;
    return new BridgeConnection({
      url, clientId, username, password, maxInFlight, version: this.#version, ca: this.#ca, filters: mappings.filters(), subscribeAnew: !this.#subscribed,
      onReady: () => {
        this.#subscribed = true;
        this.#state = "connected";
        metrics.gauge("caudal_mqtt_connections").set({ broker: url.label }, 1);
        logger.info("mqtt.bridge-connected", { broker: url.label, version: this.#version });
      },
      onMessage: (packet, settle, isEnded) => this.#take(packet, settle, isEnded),
      onOversize: (publish) => this.#oversize(publish),
    });
  }

  #take(packet: IPublishPacket, settle: (error?: unknown) => void, isEnded: () => boolean): void {
    const { mappings, intake, url, clock, metrics } = this.#options;
    if (mappings.find(packet.topic) === undefined) {
      // A subscription of the session that the mappings no longer ask for.
      metrics.counter("caudal_mqtt_messages_total").inc({ broker: url.label, outcome: "unmapped" });
      return settle();
    }
    intake.offer({
      topic: packet.topic, payload: typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload, receivedAtUs: clock.nowUs(),
      // Without "retain as published" the flag says that the broker kept it from before we subscribed.
      retained: packet.retain, broker: url.label, scope: systemScope, traceparent: traceparentOf(packet), isStale: isEnded, settle,
    });
  }

  #oversize({ topic, payloadBytes }: OversizePublish): void {
    const { logger, metrics, presence, mappings, url, clock } = this.#options;
    metrics.counter("caudal_mqtt_messages_total").inc({ broker: url.label, outcome: "oversize" });
    logger.warn("mqtt.oversize", { broker: url.label, topic, payloadBytes, most: MAX_PACKET_PAYLOAD_BYTES });
    const heard = deviceOfTopic(mappings.find(topic), systemScope, clock.nowUs());
    if (heard !== undefined) presence.refused(heard, `a message of ${payloadBytes} bytes, where ${MAX_PACKET_PAYLOAD_BYTES} are the most`);
  }
}

function traceparentOf(packet: IPublishPacket): string | undefined {
  const written = packet.properties?.userProperties?.["traceparent"];
  return typeof written === "string" ? written : undefined;
}
