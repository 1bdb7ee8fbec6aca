import type { EventEmitter } from "node:events";

export interface StopSignals {
  /** Resolves at the first signal that asks to stop. */
  readonly asked: Promise<void>;
  /** Signals act as they do by themselves again. */
  release(): void;
}

export interface StopSignalOptions {
  /** Where signals come from: the process. */
  readonly source: EventEmitter;
  readonly monotonicMs: () => number;
  /** A second Ctrl-C: the person does not want to wait. */
  readonly onImpatience: () => void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm passes on a Ctrl-C that the terminal has sent to everybody already; one that comes this soon after the first is the same one. */
const SAME_PRESS_MS = 1000;

/** Listens for Ctrl-C and its kin from the call on. */
export function watchStopSignals({ source, monotonicMs, onImpatience }: StopSignalOptions): StopSignals {
  let askedMs: number | undefined;
  let resolveAsked = (): void => {};
  const asked = new Promise<void>((resolve) => {
    resolveAsked = resolve;
  });
  const listeners = signals.map((signal) => [signal, (): void => {
    if (askedMs === undefined) {
      askedMs = monotonicMs();
      resolveAsked();
    } else if (signal === "SIGINT" && monotonicMs() - askedMs >= SAME_PRESS_MS) onImpatience();
  }] as const);
  for (const [signal, listener] of listeners) source.on(signal, listener);
  return {
    asked,
    release: () => {
      for (const [signal, listener] of listeners) source.off(signal, listener);
    },
  };
}
