import { setTimeout as pause } from "node:timers/promises";
import { kindOf } from "../wire/failure.ts";
import type { Membership } from "./membership.ts";

export type GenerationEnd = "rebalance" | "lost";

export interface PulseParts {
  readonly membership: Membership;
  readonly everyMs: number;
  /** Without an answer for this long the group has gone on without the member. */
  readonly sessionTimeoutMs: number;
  readonly onAnswer: () => void;
}

/** Says to the group that the member is alive, also while its handlers finish for a rebalance; hears when the generation ends. */
export class Pulse {
  /** Resolves when the group deals anew, or has taken the partitions away. */
  readonly ended: Promise<GenerationEnd>;
  readonly #parts: PulseParts;
  readonly #abort = new AbortController();
  #end: (end: GenerationEnd) => void = () => undefined;
  #lost: () => void = () => undefined;
  /** Resolves when the partitions were taken away. */
  readonly lost: Promise<void>;

  constructor(parts: PulseParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.lost = new Promise((resolve) => {
      this.#lost = resolve;
    });
    void this.#beat();
  }

  /** Somebody else heard that the group went on. */
  lose(): void {
    this.#lost();
    this.#end("lost");
  }

  stop(): void {
    this.#abort.abort();
  }

  async #beat(): Promise<void> {
    const { membership, everyMs, sessionTimeoutMs, onAnswer } = this.#parts;
    const { signal } = this.#abort;
    let answeredAtMs = performance.now();
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await membership.heartbeat();
        answeredAtMs = performance.now();
        onAnswer();
      } catch (error) {
        const kind = kindOf(error);
        if (kind === "REBALANCE_IN_PROGRESS") {
          answeredAtMs = performance.now();
          onAnswer();
          this.#end("rebalance");
        } else if (over.has(kind) || performance.now() - answeredAtMs > sessionTimeoutMs) return this.lose();
      }
    }
  }
}

const over = new Set(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID"]);
