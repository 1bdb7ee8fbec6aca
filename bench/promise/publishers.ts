import mqtt, { type MqttClient } from "mqtt";
import type { HttpCaller } from "./http-call.ts";
import type { Addresses } from "./plan.ts";

const CONNECTIONS = 8;

/** The way of readings into an installation. */
export interface Publishers {
  /** QoS 1; resolves with the acknowledgement. Devices are spread over a few connections. */
  byMqtt(device: { readonly index: number; readonly id: string }, text: string): Promise<void>;
  /** One reading a request; resolves when it was accepted. */
  byHttp(text: string): Promise<void>;
  close(): Promise<void>;
}

export async function openPublishers({ mqtt: broker, collector }: Addresses, http: HttpCaller): Promise<Publishers> {
  const open = (_: unknown, index: number): Promise<MqttClient> => mqtt.connectAsync(broker, { protocolVersion: 4, clientId: `promise-${process.pid}-${index}`, reconnectPeriod: 100 });
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, open));
  const url = new URL("/api/v1/readings", collector).href;
  return {
    async byMqtt({ index, id }, text) {
      await clients[index % CONNECTIONS]!.publishAsync(`caudal/default/${id}/readings`, text, { qos: 1 });
    },
    async byHttp(text) {
      const { status, body } = await http.call(url, { type: "application/json", text });
      if (status !== 202 || !body.includes('"accepted"')) throw new Error(`POST /api/v1/readings: ${status} ${body.slice(0, 300)}`);
    },
    async close() {
      await Promise.all(clients.map((client) => client.endAsync(true)));
    },
  };
}
