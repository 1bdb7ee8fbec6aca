import { CaudalError, type LiveChannel, type Tell } from "@caudal/core";
import { RedisConnection } from "../connection/connection.ts";
import { parseRedisUrl } from "../connection/redis-url.ts";
import { Subscriber } from "./subscriber.ts";

export interface RedisLiveOptions {
  /** `redis(s)://[user:pass@]host:port[/db][?prefix=caudal]` */
  readonly url: string;
  readonly tell?: Tell;
  /** Messages that may wait for one subscriber; then its oldest is lost. 256 when absent. */
  readonly queueMessages?: number;
  /** Milliseconds between looks whether the subscribing connection still hears anything; 10,000 when absent. */
  readonly pulseMs?: number;
  /** Milliseconds that Redis may be silent before a call fails with "unavailable"; 5000 when absent. */
  readonly answerMs?: number;
}

const QUEUE_MESSAGES = 256;
const PULSE_MS = 10_000;

/** Opens the channel between processes over Redis' publish and subscribe. What is published while a subscriber is not connected is lost to it. */
export async function openRedisLive({ url, tell, queueMessages = QUEUE_MESSAGES, pulseMs = PULSE_MS, answerMs }: RedisLiveOptions): Promise<LiveChannel> {
  const common = { place: parseRedisUrl(url), tell, ...(answerMs === undefined ? {} : { answerMs }) };
  const publishing = await RedisConnection.open({ ...common, name: "caudal-live-publish" });
  try {
    const subscribing = await RedisConnection.open({ ...common, name: "caudal-live-subscribe" });
    return new RedisChannel({ publishing, subscribing, queueMessages: Math.max(1, queueMessages), pulseMs });
  } catch (error) {
    await publishing.close();
    throw error;
  }
}

interface ChannelParts {
  readonly publishing: RedisConnection;
  readonly subscribing: RedisConnection;
  readonly queueMessages: number;
  readonly pulseMs: number;
}

class RedisChannel implements LiveChannel {
  readonly #parts: ChannelParts;
  readonly #root: string;
  /** By the channel's name in Redis. */
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #pulse: NodeJS.Timeout;
  #isClosed = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    const { client, place } = parts.subscribing;
    this.#root = `${place.prefix}:live:`;
    client.on("message", (name: string, message: string) => {
      for (const subscriber of this.#subscribers.get(name) ?? []) subscriber.push(message);
    });
    client.on("ready", () => void this.#subscribe([...this.#subscribers.keys()]).catch(() => undefined));
    // A connection that only listens would never notice a server that fell silent.
    this.#pulse = setInterval(() => void parts.subscribing.run((pipeline) => pipeline.ping()).catch(() => undefined), parts.pulseMs);
    this.#pulse.unref();
  }

  async publish(channel: string, message: string): Promise<void> {
    this.#mustBeOpen();
    await this.#parts.publishing.run((pipeline) => pipeline.publish(this.#root + channel, message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    this.#mustBeOpen();
    const name = this.#root + channel;
    const subscriber = new Subscriber(listener, this.#parts.queueMessages);
    const subscribers = this.#subscribers.get(name) ?? new Set();
    this.#subscribers.set(name, subscribers.add(subscriber));
    const stop = async (): Promise<void> => {
      subscriber.stop();
      if (!subscribers.delete(subscriber) || subscribers.size > 0 || this.#subscribers.get(name) !== subscribers) return;
      this.#subscribers.delete(name);
      // Whatever still comes finds no subscriber, so a failure changes nothing.
      if (!this.#isClosed) await this.#parts.subscribing.run((pipeline) => pipeline.unsubscribe(name)).catch(() => undefined);
    };
    try {
      await this.#subscribe([name]);
    } catch (error) {
      await stop();
      throw error;
    }
    return stop;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#pulse);
    for (const subscribers of this.#subscribers.values()) for (const subscriber of subscribers) subscriber.stop();
    this.#subscribers.clear();
    await Promise.all([this.#parts.publishing.close(), this.#parts.subscribing.close()]);
  }

  async #subscribe(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#parts.subscribing.run((pipeline) => pipeline.subscribe(...names));
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new CaudalError("closed", "the live channel is closed");
  }
}
