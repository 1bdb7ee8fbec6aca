import { running, type TimerOwner } from "../time/virtual-time.ts";

/**
 * One process of the simulated fleet. What it starts belongs to it: when it is ended, none of its timers fires, none of its calls is answered
 * and no port takes a call of it, so that nothing of it has effects any more, as after `kill -9`. A held one (SIGSTOP) goes on later.
 */
export class SimulatedProcess implements TimerOwner {
  readonly name: string;
  alive = true;
  heldUntilMs = 0;
  readonly #onEnd = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  /** Runs work as this process's own. */
  run<T>(work: () => T): T {
    return running.run(this, work);
  }

  /** Ends it at once. Nothing is drained; the world learns of it as it would, by silence. */
  end(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const told of this.#onEnd) told();
    this.#onEnd.clear();
  }

  /** Told at the end, outside of the process: for what the world keeps of it. */
  onEnd(told: () => void): () => void {
    if (!this.alive) told();
    else this.#onEnd.add(told);
    return () => this.#onEnd.delete(told);
  }
}

/** A promise for a process that is gone. One each: a shared one would keep all who ever waited on it, and so every world of every run. */
export function forever<T>(): Promise<T> {
  return new Promise(() => undefined);
}
