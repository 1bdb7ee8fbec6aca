import { systemScope } from "@caudal/core";
import { backoffMs, settleWithin, systemSleep, type Clock, type Component, type Logger, type Metrics } from "@caudal/runtime";
import type { IPublishPacket } from "mqtt";
import { MAX_PACKET_PAYLOAD_BYTES } from "../decode/limits.ts";
import type { Presence } from "../edge/presence.ts";
import { BridgeConnection, type ProtocolVersion } from "./bridge-connection.ts";
import type { BrokerUrl } from "./broker-url.ts";
import { CertificateFiles } from "./certificate-files.ts";
import { deviceOfTopic } from "./device-of-topic.ts";
import type { MappingTable } from "./mapping-table.ts";
import type { MessageIntake } from "./message-intake.ts";
import type { OversizePublish } from "./packet-scanner.ts";
import { HostState } from "./sparkplug/host-state.ts";

export interface BridgeOptions {
  readonly url: BrokerUrl;
  /** The same at each start, so that the broker's session waits for us. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly caFile: string | undefined;
  /** Our own certificate and its key; none is shown when absent. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Name under which several bridges divide the broker's messages; undefined where each gets all. */
  readonly share: string | undefined;
  /** Asked once by one that shares and leaves: whether others go on, who are to have its part. Absent: they do. */
  readonly othersGoOn?: () => Promise<boolean>;
  readonly maxInFlight: number;
  /** Name by which nodes of Sparkplug know us as their primary host; undefined: we say nothing of ourselves. */
  readonly hostId?: string | undefined;
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

const SHORT_MS = 5000;
const FLAPPING = 3;
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
  readonly #files: CertificateFiles;
  readonly #host: HostState | undefined;
  #subscribed = false;
  #leaving: Promise<boolean> | undefined;
  #state: BridgeStatus["state"] = "connecting";
  #problem: string | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.name = `mqtt-bridge ${options.url.label}`;
    this.#files = new CertificateFiles({
      paths: { cert: options.certFile, key: options.keyFile, ca: options.caFile }, logger: options.logger,
      settings: { cert: "CAUDAL_MQTT_CERT", key: "CAUDAL_MQTT_KEY", ca: "CAUDAL_MQTT_CA" },
    });
    const { hostId } = options;
    this.#host = hostId === undefined ? undefined : new HostState({ ...options, hostId, certificates: () => this.#files.current });
  }

  /** Reads the certificates and begins to connect; it does not wait for the broker, which may come later. */
  async start(): Promise<void> {
    await this.#files.load();
    this.#loop = this.#run();
  }

  async quiesce(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    if (this.#options.share === undefined) this.#connection?.pause();
    else this.#leaving = this.#leaveShare();
  }

  /** True when the others have its part. The last one leaves it with the broker, as one that does not share does. */
  async #leaveShare(): Promise<boolean> {
    const { othersGoOn = async () => true, logger, share, url } = this.#options;
    // Who cannot be asked may not be there: better a session that nobody comes back to than messages that nobody has.
    const isShared = await othersGoOn().catch((error: unknown) => {
      logger.warn("mqtt.share-members-unknown", { broker: url.label, share, error });
      return false;
    });
    if (isShared) return (await this.#connection?.leaveShare()) ?? false;
    this.#connection?.pause();
    return false;
  }

  /**
   * Acknowledges what becomes durable in time and says goodbye; the rest comes again at the next start. One that shares leaves the others its part
   * first, where there are others, and its session ends with it once that is empty: nobody may ever come back under its name.
   */
  async stop(deadlineMs: number): Promise<void> {
    await this.quiesce();
    await this.#host?.down();
    const late = setTimeout(() => this.#connection?.drop("stopping"), deadlineMs * 0.8);
    const left = await settleWithin(async () => this.#leaving, deadlineMs * 0.3);
    const drained = await settleWithin(() => this.#options.intake.drained(), deadlineMs * 0.3);
    const isEmpty = left.kind === "done" && left.value === true && drained.kind === "done";
    await this.#connection?.close(isEmpty);
    clearTimeout(late);
    await this.#loop;
    this.#state = "stopped";
  }

  /** Sends a message at QoS 0; it is gone when the broker is not there. */
  publish(topic: string, payload: Uint8Array): void {
    this.#connection?.publish(topic, payload);
  }

  status(): BridgeStatus {
    const connected = this.#state === "connected";
    return {
      broker: this.#options.url.label, state: this.#state, protocol: connected ? (this.#version === 5 ? "MQTT 5" : "MQTT 3.1.1") : undefined,
      inFlight: this.#connection?.inFlight ?? 0, problem: connected ? undefined : this.#problem,
    };
  }

  async #run(): Promise<void> {
    const { clientId, clock, logger, metrics, url } = this.#options;
    let shortOnes = 0;
    const gauge = metrics.gauge("caudal_mqtt_connections");
    for (let attempt = 1; !this.#stop.signal.aborted; attempt++) {
      this.#state = "connecting";
      // Files that were replaced meanwhile count from the next connection on; those that do not fit leave what was read before.
      if (attempt > 1) await this.#files.load().catch((error: unknown) => logger.warn("tls.certificates-unusable", { broker: url.label, error }));
      const connection = this.#connect();
      this.#connection = connection;
      const beganMs = clock.monotonicMs();
      const { versionRefused, reason, wasReady } = await connection.ended;
      void this.#host?.down();
      const isShort = wasReady && clock.monotonicMs() - beganMs < SHORT_MS;
      shortOnes = isShort ? shortOnes + 1 : 0;
      gauge.set({ broker: url.label }, 0);
      if (this.#stop.signal.aborted) return;
      this.#state = "waiting";
      // Two that take the name from each other would otherwise do so without a pause.
      if (wasReady && !isShort) attempt = 1;
      const tried = this.#version;
      if (versionRefused && !wasReady) {
        // Another version may be what it wants: at once the first time, with the usual pauses after.
        this.#version = tried === 5 ? 4 : 5;
        if (attempt === 1) {
          logger.info("mqtt.version-refused", { broker: url.label, reason, version: tried });
          continue;
        }
      }
      this.#problem = shortOnes < FLAPPING ? reason : `${reason}; ${shortOnes} connections in a row ended within seconds: another client may use the name ${clientId}, which CAUDAL_MQTT_CLIENT_ID sets`;
      logger.warn("mqtt.bridge-disconnected", { broker: url.label, reason: this.#problem, version: tried });
      await systemSleep(RECONNECT_BASE_MS / 2 + backoffMs(attempt, { baseMs: RECONNECT_BASE_MS, capMs: RECONNECT_CAP_MS }), this.#stop.signal).catch(() => {});
    }
  }

  #connect(): BridgeConnection {
    const { url, clientId, username, password, maxInFlight, mappings, logger, metrics } = this.#options;
    return new BridgeConnection({
      url, clientId, username, password, maxInFlight, version: this.#version, ...this.#files.current, filters: mappings.filters(), share: this.#options.share, subscribeAnew: !this.#subscribed,
      onReady: () => {
        this.#subscribed = true;
        this.#state = "connected";
        if (!this.#stop.signal.aborted) void this.#host?.up(this.#version);
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
      retained: packet.retain, redelivered: packet.dup, broker: url.label, scope: systemScope, traceparent: traceparentOf(packet), isStale: isEnded, settle,
    });
  }

  #oversize({ topic, payloadBytes }: OversizePublish): void {
    const { logger, metrics, presence, mappings, url, clock } = this.#options;
    metrics.counter("caudal_mqtt_messages_total").inc({ broker: url.label, outcome: "oversize" });
    logger.warn("mqtt.oversize", { broker: url.label, topic: mappings.shown(topic), payloadBytes, most: MAX_PACKET_PAYLOAD_BYTES });
    const heard = deviceOfTopic(mappings.find(topic), systemScope, clock.nowUs());
    if (heard !== undefined) presence.refused(heard, `a message of ${payloadBytes} bytes, where ${MAX_PACKET_PAYLOAD_BYTES} are the most`);
  }
}

function traceparentOf(packet: IPublishPacket): string | undefined {
  const written = packet.properties?.userProperties?.["traceparent"];
  return typeof written === "string" ? written : undefined;
}
