import mqtt from "mqtt";
import type { MqttClient } from "mqtt";

const RECONNECT_MS = 1000;
const CLOSE_MS = 300;

export interface BrokerLinkOptions {
  readonly mqttUrl: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Told once when the broker goes away and once when it is back, however many tries lie between. */
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** An MQTT 3.1.1 connection that comes back by itself and sends what was not acknowledged again. */
export interface BrokerLink {
  /** Resolves with the broker's PUBACK, however many reconnections that takes; rejects once the link is closed. */
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly connected: () => boolean;
  /** Closes within half a second, acknowledged or not. */
  readonly close: () => Promise<void>;
}

/** Opens the link without waiting for the broker. The caller bounds how many publishes are open at a time. */
export function openBrokerLink(options: BrokerLinkOptions): BrokerLink {
  const client = mqtt.connect(options.mqttUrl, {
    protocolVersion: 4,
    clean: true,
    clientId: `caudal-fleet-${crypto.randomUUID().slice(0, 8)}`,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: 5 * RECONNECT_MS,
    keepalive: 30,
    ...(options.username !== undefined && { username: options.username }),
    ...(options.password !== undefined && { password: options.password }),
  });
  reportOutages(client, options.log);
  return {
    publish: (topic, payload) => client.publishAsync(topic, payload, { qos: 1 }).then(() => undefined),
    connected: () => client.connected,
    close: () => closeSoon(client),
  };
}

function reportOutages(client: MqttClient, log: BrokerLinkOptions["log"]): void {
  let away: boolean | undefined;
  let reason = "closed";
  client.on("connect", () => {
    if (away === true) log("fleet.broker-back", {});
    away = false;
  });
  client.on("error", (error) => (reason = error.message || String((error as NodeJS.ErrnoException).code)));
  client.on("close", () => {
    if (away === true || client.disconnecting) return;
    away = true;
    log("fleet.broker-away", { reason });
    reason = "closed";
  });
}

function closeSoon(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_MS);
    client.end(true, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
