import type { Clock } from "@caudal/runtime";
import { payloadType } from "./descriptor.ts";
import { datatypes } from "./metric-value.ts";
import { NAMESPACE } from "./sparkplug-topic.ts";

/** A command that asks a node to publish its births again. */
interface RebirthCommand {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export function rebirthCommand(group: string, node: string, nowUs: number): RebirthCommand {
  const type = payloadType();
  const message = type.fromObject({ timestamp: Math.floor(nowUs / 1000), metrics: [{ name: "Node Control/Rebirth", timestamp: Math.floor(nowUs / 1000), datatype: datatypes.Boolean, booleanValue: true }] });
  return { topic: `${NAMESPACE}/${group}/NCMD/${node}`, payload: type.encode(message).finish() };
}

const FIRST_PAUSE_MS = 10_000;
const LAST_PAUSE_MS = 15 * 60_000;
const WINDOW_MS = 10_000;
const MOST_A_WINDOW = 100;
const MAX_KNOWN = 20_000;

/** How often nodes are asked: each with pauses that double while it does not help, all together with an upper bound. */
export class RebirthRate {
  readonly #clock: Clock;
  readonly #asked = new Map<string, { atMs: number; pauseMs: number }>();
  #windowMs = 0;
  #inWindow = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when a node may be asked now; it then counts as asked. */
  mayAsk(nodeId: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const before = this.#asked.get(nodeId);
    if (before !== undefined && nowMs - before.atMs < before.pauseMs) return false;
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#inWindow = 0;
    }
    if (this.#inWindow >= MOST_A_WINDOW) return false;
    this.#inWindow += 1;
    if (this.#asked.size >= MAX_KNOWN) this.#asked.clear();
    this.#asked.set(nodeId, { atMs: nowMs, pauseMs: before === undefined ? FIRST_PAUSE_MS : Math.min(before.pauseMs * 2, LAST_PAUSE_MS) });
    return true;
  }

  /** The node was born and its data is understood: the next trouble is a new one. */
  settled(nodeId: string): void {
    const before = this.#asked.get(nodeId);
    if (before !== undefined && this.#clock.monotonicMs() - before.atMs >= before.pauseMs) this.#asked.delete(nodeId);
  }
}
