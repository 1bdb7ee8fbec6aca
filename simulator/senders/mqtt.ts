import mqtt, { type MqttClient } from "mqtt";
import { machineClock } from "../run/clock.ts";
import { payloadOf } from "../fleet/message.ts";
import { acknowledged, addressNow, unknownOf, type Address, type Outcome, type Sender } from "./sender.ts";

export interface MqttDestination {
  readonly over: "mqtt";
  /** `mqtt://host:port`. */
  readonly url: Address;
  readonly username?: string;
  readonly password?: string;
  /** 4 when absent. */
  readonly connections?: number;
  /** Messages without PUBACK on one connection at most; 100 when absent. */
  readonly inFlight?: number;
  /** A PUBACK that takes longer is an unknown, and the connection is given up; 15,000 when absent. */
  readonly ackTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 15_000;
const CLOSE_MS = 1000;

/** QoS 1 to `caudal/<client>/<device>/readings`. A lost connection is a new one, and nothing is sent again but by the run. */
export function mqttSender(destination: MqttDestination, { client, runId }: { readonly client: string; readonly runId: string }): Sender {
  const { connections = 4, inFlight = 100 } = destination;
  const lines = Array.from({ length: connections }, (_, lane) => new Line(destination, `caudal-simulate-${runId}-${lane}`));
  return {
    transport: "mqtt",
    lanes: connections,
    batch: inFlight,
    send: (lane, messages, signal) => lines[lane]!.send(messages.map((message) => ({ topic: `caudal/${client}/${message.device}/readings`, payload: payloadOf(message) })), signal),
    close: async () => {
      await Promise.all(lines.map((line) => line.close()));
    },
  };
}

interface Publication {
  readonly topic: string;
  readonly payload: string;
}

class Line {
  readonly #destination: MqttDestination;
  readonly #clientId: string;
  #client: MqttClient | undefined;

  constructor(destination: MqttDestination, clientId: string) {
    this.#destination = destination;
    this.#clientId = clientId;
  }

  async send(publications: readonly Publication[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = publications.map(() => ({ outcome: "unknown", why: "the connection was lost before its PUBACK" }));
    const lost = Promise.withResolvers<void>();
    const giveUp = (): void => lost.resolve();
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const timer = setTimeout(giveUp, this.#destination.ackTimeoutMs ?? ACK_TIMEOUT_MS);
    try {
      const client = await this.#open(lost.promise);
      client.once("close", giveUp);
      const acks = publications.map(({ topic, payload }, at) => client.publishAsync(topic, payload, { qos: 1 }).then(
        () => void (outcomes[at] = acknowledged),
        (error: unknown) => void (outcomes[at] = unknownOf(error)),
      ));
      await Promise.race([Promise.all(acks), lost.promise]);
      client.off("close", giveUp);
    } catch (error) {
      outcomes.fill(unknownOf(error));
    }
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    // A PUBACK that comes after all is not to change what was told.
    const told = [...outcomes];
    if (told.some(({ outcome }) => outcome === "unknown")) await this.close();
    return told;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    client.removeAllListeners("close");
    const closed = new Promise<void>((resolve) => client.end(true, {}, () => resolve()));
    await Promise.race([closed, machineClock.sleep(CLOSE_MS)]);
  }

  /** A connection that stands; rejects when it cannot be had, or is given up first. */
  async #open(givenUp: Promise<void>): Promise<MqttClient> {
    if (this.#client?.connected === true) return this.#client;
    await this.close();
    const { url, username, password } = this.#destination;
    const client = mqtt.connect(await addressNow(url), {
      protocolVersion: 4, clientId: this.#clientId, reconnectPeriod: 0, connectTimeout: CONNECT_TIMEOUT_MS, clean: true,
      ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }),
    });
    this.#client = client;
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      // Whoever sends later hears of it by its close; an error without a listener would end the process.
      client.on("error", reject);
      client.once("close", () => reject(new Error("the broker closed the connection")));
      void givenUp.then(() => reject(new Error("given up while connecting")));
    });
    return client;
  }
}
