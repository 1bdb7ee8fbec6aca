import { Problem, type Metrics } from "@caudal/runtime";
import type { LiveTail } from "./live-tail.ts";

/** Counts live clients, however they are connected, and lets no more in than there is room for. */
export class LiveClients {
  readonly #tail: LiveTail;
  readonly #most: number;
  readonly #metrics: Metrics;
  #count = 0;

  constructor(tail: LiveTail, most: number, metrics: Metrics) {
    this.#tail = tail;
    this.#most = most;
    this.#metrics = metrics;
  }

  get count(): number {
    return this.#count;
  }

  /** The function returned lets go of the place. Rejects with Problem "overloaded" when there is none. */
  async enter(transport: "sse" | "websocket"): Promise<() => void> {
    if (this.#count >= this.#most) throw new Problem("overloaded", { headers: { "Retry-After": "10" } });
    this.#count += 1;
    const gauge = this.#metrics.gauge("caudal_live_clients");
    try {
      await this.#tail.join();
    } catch (error) {
      this.#count -= 1;
      throw error;
    }
    gauge.inc({ transport });
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#count -= 1;
      gauge.dec({ transport });
      this.#tail.leave();
    };
  }
}
