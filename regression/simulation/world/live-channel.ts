import { CaudalError, type LiveChannel } from "@caudal/core";
import type { Conditions } from "./conditions.ts";
import type { SimulatedProcess } from "./process.ts";

/** Messages that wait for one subscriber before it loses the oldest. */
export const QUEUE_MESSAGES = 64;

interface Subscriber {
  readonly channel: string;
  readonly process: SimulatedProcess;
  readonly listener: (message: string) => void;
  readonly waiting: string[];
  stopped: boolean;
}

/** Who hears what, in the whole world. Nothing of it outlives anybody. */
export class ChannelState {
  readonly #world: Conditions;
  readonly #subscribers = new Set<Subscriber>();

  constructor(world: Conditions) {
    this.#world = world;
  }

  publish(channel: string, message: string): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.channel !== channel || this.#world.random.chance(this.#world.temperOf("live").lostAnswer)) continue;
      if (subscriber.waiting.push(message) > QUEUE_MESSAGES) subscriber.waiting.shift();
      if (subscriber.waiting.length === 1) subscriber.process.run(() => setImmediate(() => this.#deliver(subscriber)));
    }
  }

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    const stop = (): void => {
      subscriber.stopped = true;
      this.#subscribers.delete(subscriber);
    };
    subscriber.process.onEnd(stop);
    return stop;
  }

  #deliver(subscriber: Subscriber): void {
    for (const message of subscriber.waiting.splice(0)) if (!subscriber.stopped) subscriber.listener(message);
  }
}

/** One process's ear and voice. */
export class SimulatedLiveChannel implements LiveChannel {
  readonly #state: ChannelState;
  readonly #process: SimulatedProcess;
  readonly #stops = new Set<() => void>();
  #closed = false;

  constructor(state: ChannelState, process: SimulatedProcess) {
    this.#state = state;
    this.#process = process;
  }

  async publish(channel: string, message: string): Promise<void> {
    this.#mustBeOpen();
    if (this.#process.alive) this.#state.publish(channel, message);
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    this.#mustBeOpen();
    const stop = this.#state.subscribe({ channel, process: this.#process, listener, waiting: [], stopped: false });
    this.#stops.add(stop);
    return async () => {
      stop();
      this.#stops.delete(stop);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    this.#stops.clear();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the live channel is closed");
  }
}
