import type { CollectorSettings } from "@caudal/collector";
import { tokenVariable, type SendBroker } from "../status/send-lines.ts";

/** Where MQTT comes from, in a word for the status. */
export function mqttEngine({ mqtt }: CollectorSettings): string {
  if (mqtt.kind === "broker") return "built-in (aedes)";
  return mqtt.kind === "off" ? "off" : `bridge to ${mqtt.urls.map(({ label }) => label).join(", ")}`;
}

export interface BrokerAccess {
  readonly tokenRequired: boolean;
  /** Host, perhaps with a port, by which the person reaches this machine; undefined for the one who sits at it. */
  readonly host: string | undefined;
}

/** The broker that a person can publish a first reading to: the built-in one where it listens, else the first outside one. */
export function sendBroker({ mqtt, mqttUser, mqttPassword, mqttCaFile }: CollectorSettings, builtIn: string | null, access: BrokerAccess): SendBroker | undefined {
  if (builtIn !== null) {
    const { hostname, port } = new URL(builtIn);
    const host = access.host === undefined ? hostname : new URL(`http://${access.host}`).hostname;
    return { host: host.replace(/^\[|\]$/g, ""), port: Number(port), tls: false, caFile: undefined, user: undefined, passwordIn: access.tokenRequired ? tokenVariable : undefined };
  }
  const outside = mqtt.kind === "bridges" ? mqtt.urls[0] : undefined;
  if (outside === undefined) return undefined;
  const hasPassword = outside.password !== undefined || mqttPassword !== undefined;
  return { host: outside.host, port: outside.port, tls: outside.tls, caFile: mqttCaFile, user: outside.username ?? mqttUser, passwordIn: hasPassword ? "CAUDAL_MQTT_PASSWORD" : undefined };
}
