import { CaudalError, type LiveChannel } from "@caudal/core";

const QUEUE_MESSAGES = 256;

export interface LiveChannelOptions {
  /** Messages that may wait for one subscriber; then its oldest is lost. 256 when absent. */
  readonly queueMessages?: number;
}

/** LiveChannel among the parts of one process. */
export function createLiveChannel({ queueMessages = QUEUE_MESSAGES }: LiveChannelOptions = {}): LiveChannel {
  return new InProcessChannel(Math.max(1, queueMessages));
}

class InProcessChannel implements LiveChannel {
  readonly #queueMessages: number;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  #closed = false;

  constructor(queueMessages: number) {
    this.#queueMessages = queueMessages;
  }

  async publish(channel: string, message: string): Promise<void> {
    this.#mustBeOpen();
    for (const subscriber of this.#subscribers.get(channel) ?? []) subscriber.push(message);
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    this.#mustBeOpen();
    const subscriber = new Subscriber(listener, this.#queueMessages);
    const subscribers = this.#subscribers.get(channel) ?? new Set();
    this.#subscribers.set(channel, subscribers.add(subscriber));
    return async () => {
      subscriber.stop();
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#subscribers.get(channel) === subscribers) this.#subscribers.delete(channel);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const subscribers of this.#subscribers.values()) for (const subscriber of subscribers) subscriber.stop();
    this.#subscribers.clear();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the live channel is closed");
  }
}

class Subscriber {
  readonly #listener: (message: string) => void;
  readonly #mostWaiting: number;
  #waiting: string[] = [];
  #scheduled = false;

  constructor(listener: (message: string) => void, mostWaiting: number) {
    this.#listener = listener;
    this.#mostWaiting = mostWaiting;
  }

  push(message: string): void {
    if (this.#waiting.length === this.#mostWaiting) this.#waiting.shift();
    this.#waiting.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Off the publisher's stack: a listener's work is never a publisher's.
    setImmediate(() => this.#deliver());
  }

  stop(): void {
    this.#waiting = [];
    this.#scheduled = true;
  }

  #deliver(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    this.#scheduled = false;
    for (const message of messages) this.#listener(message);
  }
}
