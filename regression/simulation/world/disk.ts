import { running } from "../time/virtual-time.ts";

interface Pending {
  readonly apply: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface DiskPace {
  /** Milliseconds that the next sync takes. */
  syncMs(): number;
  /** Of so many writes that a crash meets, how many had reached the platter all the same. */
  torn(writes: number): number;
}

/**
 * Where a store keeps what it has. A write is volatile first: it stands in order behind those before it, shows to nobody, and a crash loses it.
 * A sync makes all that stand durable together, in order; only then is a write applied, seen and acknowledged.
 */
export class Disk {
  readonly #pace: DiskPace;
  #volatile: Pending[] = [];
  #syncing = false;
  #epoch = 0;

  constructor(pace: DiskPace) {
    this.#pace = pace;
  }

  /** Resolves with what `apply` gives, once that is durable; rejects as it throws. Never settles when a crash comes first. */
  write<T>(apply: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#volatile.push({ apply, resolve: resolve as (value: unknown) => void, reject });
      this.#sync();
    });
  }

  get waiting(): number {
    return this.#volatile.length;
  }

  /** Power is cut: what was not synced is gone, but for what the platter had taken, in order, when it went. */
  crash(): void {
    this.#epoch += 1;
    this.#syncing = false;
    const writes = this.#volatile;
    this.#volatile = [];
    for (const { apply } of writes.slice(0, this.#pace.torn(writes.length))) {
      try {
        apply();
      } catch {
        // A refused write changes nothing, and nobody is there to be told.
      }
    }
  }

  #sync(): void {
    if (this.#syncing || this.#volatile.length === 0) return;
    this.#syncing = true;
    const epoch = this.#epoch;
    // The store's own work: it goes on when the process that asked is gone.
    running.run(undefined, () => setTimeout(() => {
      if (epoch !== this.#epoch) return;
      const writes = this.#volatile;
      this.#volatile = [];
      for (const { apply, resolve, reject } of writes) {
        try {
          resolve(apply());
        } catch (error) {
          reject(error);
        }
      }
      this.#syncing = false;
      this.#sync();
    }, this.#pace.syncMs()));
  }
}
