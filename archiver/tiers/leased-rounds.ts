import { leaveLease, systemSleep, type Component, type LeaseOptions } from "@caudal/runtime";

export interface LeasedRoundsOptions {
  readonly name: string;
  readonly lease: LeaseOptions;
  readonly lookEveryMs: number;
  /** Whether the first round waits for the first look, or begins at the start. */
  readonly waitsFirst: boolean;
  /** Takes the lease by itself when there is something to do. */
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** Told of a round that failed, unless it was stopped: the next look tries again. */
  readonly onInterrupted: (error: unknown) => void;
}

/** Work in the background that one process is enough for, round after round until it is stopped. */
export function createLeasedRounds({ name, lease, lookEveryMs, waitsFirst, round, onInterrupted }: LeasedRoundsOptions): Component {
  const ended = new AbortController();
  const { signal } = ended;
  let running: Promise<void> = Promise.resolve();

  async function watch(): Promise<void> {
    if (waitsFirst) await systemSleep(lookEveryMs, signal).catch(() => undefined);
    while (!signal.aborted) {
      await round(signal).catch((error: unknown) => {
        if (!signal.aborted) onInterrupted(error);
      });
      await systemSleep(lookEveryMs, signal).catch(() => undefined);
    }
  }

  return {
    name,
    start: async () => {
      running = watch();
    },
    stop: async () => {
      ended.abort();
      await running;
      await leaveLease(lease).catch(() => undefined);
    },
  };
}
