/** A real MQTT broker in this process that keeps what it was sent; only tests import this file. */
import { Aedes } from "aedes";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

export interface Arrival {
  readonly device: string;
  readonly ts: number;
  readonly value: number;
}

export interface TestBroker {
  readonly port: number;
  readonly url: string;
  /** One a row, in the order of arrival, redeliveries included. */
  readonly arrivals: Arrival[];
  /** Called before a PUBACK goes out; a promise that stays open withholds it. */
  hold: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Listens on loopback; `port` 0 takes a free one. */
export async function testBroker(port = 0): Promise<TestBroker> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const taken = (server.address() as AddressInfo).port;
  const arrivals: Arrival[] = [];
  const broker: TestBroker = {
    port: taken,
    url: `mqtt://127.0.0.1:${taken}`,
    arrivals,
    hold: () => Promise.resolve(),
    close: async () => {
      await new Promise<void>((done) => aedes.close(() => done()));
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  aedes.authorizePublish = (_client, packet, done) => {
    arrivals.push(...rowsOf(packet.topic, packet.payload.toString()));
    void broker.hold().then(() => done(null));
  };
  return broker;
}

function rowsOf(topic: string, payload: string): Arrival[] {
  const device = /^caudal\/demo\/([^/]+)\/readings$/.exec(topic)?.[1] ?? `unexpected topic ${topic}`;
  const parsed = JSON.parse(payload) as { ts: number; values: { total_l: number } } | { ts: number; values: { total_l: number } }[];
  return [parsed].flat().map(({ ts, values }) => ({ device, ts, value: values.total_l }));
}

/** Polls until `done` holds; throws after `withinMs`. */
export async function until(done: () => boolean, what: string, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((next) => setTimeout(next, 10));
  }
}
