import { setTimeout as wait } from "node:timers/promises";
import mqtt from "mqtt";

/** One device of the load: what it sent, and what was acknowledged. */
export interface SteadyDevice {
  readonly id: string;
  readonly byMqtt: boolean;
  /** Times of readings in milliseconds: all that were ever sent, and those that were acknowledged. */
  readonly sent: number[];
  readonly acknowledged: Set<number>;
}

export interface SteadyLoad {
  readonly devices: readonly SteadyDevice[];
  /** Posts that were answered with something else than 202. */
  readonly refused: readonly string[];
  /** Ends the sending and resolves when everything sent is acknowledged. */
  end(): Promise<void>;
}

export interface SteadyOptions {
  readonly http: string;
  readonly mqtt: string;
  /** Begins the names of the devices: tests that run at once share a broker. */
  readonly name: string;
  readonly devices: number;
  /** Readings a second of each device. */
  readonly perS: number;
}

/** A value that tells its reading: no two of a device have the same. */
export function totalOf(timeMs: number): number {
  return (timeMs % 1_000_000_000) / 1000;
}

/** Sends readings steadily, every second device's by MQTT and the others' by HTTP, until it is ended. What is not acknowledged is sent again. */
export async function startSteadyLoad({ http, mqtt: broker, name, devices: count, perS }: SteadyOptions): Promise<SteadyLoad> {
  const devices: SteadyDevice[] = Array.from({ length: count }, (_, index) => ({ id: `${name}-${String(index).padStart(2, "0")}`, byMqtt: index % 2 === 0, sent: [], acknowledged: new Set() }));
  const client = await mqtt.connectAsync(broker, { protocolVersion: 4, reconnectPeriod: 100 });
  client.on("error", () => undefined);
  const refused: string[] = [];
  let ended = false;

  const textOf = (device: SteadyDevice, timeMs: number): string => JSON.stringify({ id: device.id, ts: timeMs, total_m3: totalOf(timeMs), flow_lps: 12.5 });

  async function publish(device: SteadyDevice, timeMs: number): Promise<void> {
    await client.publishAsync(`caudal/default/${device.id}/readings`, textOf(device, timeMs), { qos: 1 });
    device.acknowledged.add(timeMs);
  }

  /** The readings of all devices of one instant in one request, until it is taken. */
  async function post(group: readonly SteadyDevice[], timeMs: number): Promise<void> {
    const body = group.map((device) => textOf(device, timeMs)).join("\n");
    for (;;) {
      const answer = await fetch(new URL("/api/v1/readings", http), { method: "POST", headers: { "content-type": "application/x-ndjson" }, body }).then(async (response) => ({ status: response.status, text: await response.text() }), (error: unknown) => ({ status: 0, text: String(error) }));
      if (answer.status === 202) {
        const { items } = JSON.parse(answer.text) as { items: { status: string }[] };
        items.forEach(({ status }, index) => void (status === "accepted" && group[index]!.acknowledged.add(timeMs)));
        return;
      }
      refused.push(`${answer.status} ${answer.text.slice(0, 200)}`);
      await wait(200);
    }
  }

  const underWay = new Set<Promise<void>>();
  const follow = (work: Promise<void>): void => {
    const one: Promise<void> = work.catch((error: unknown) => void refused.push(String(error))).finally(() => underWay.delete(one));
    underWay.add(one);
  };
  const sending = (async () => {
    let lastMs = 0;
    while (!ended) {
      const timeMs = Math.max(Date.now(), lastMs + 1);
      lastMs = timeMs;
      for (const device of devices) device.sent.push(timeMs);
      for (const device of devices) if (device.byMqtt) follow(publish(device, timeMs));
      follow(post(devices.filter(({ byMqtt }) => !byMqtt), timeMs));
      await wait(1000 / perS);
    }
  })();

  return {
    devices, refused,
    async end() {
      ended = true;
      await sending;
      await Promise.all(underWay);
      await client.endAsync(true);
    },
  };
}
