/** What the page says about its live connection. */
export type Connection = "connecting" | "live" | "waiting" | "signed-out";

/** The part of EventSource that is used. */
export interface Stream {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

export interface LiveOptions {
  readonly open: () => Stream;
  /** Data of each measurement event, in the order they came, in batches. */
  readonly onMeasurements: (batch: readonly string[]) => void;
  /** Something may have been missed: ask for the latest values again. */
  readonly onReset: () => void;
  readonly onConnection: (state: Connection) => void;
  /** True when a closed stream means that somebody has to sign in. */
  readonly isSignedOut: () => Promise<boolean>;
  readonly setTimer: (callback: () => void, delayMs: number) => unknown;
  readonly clearTimer: (timer: unknown) => void;
}

const CLOSED = 2;
/** Views are told at most four times a second, however many events come. */
const FLUSH_MS = 250;
/** Above this the oldest of a batch go: only the newest value of a point is shown. */
const BATCH_LIMIT = 5_000;
const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Keeps one live stream open. The browser's EventSource reconnects by itself with its Last-Event-ID after a broken connection; a stream
 * that the server refused stays closed, so it is opened anew with growing pauses and the latest values are asked again.
 */
export function startLive(options: LiveOptions): { stop(): void } {
  let stream: Stream | undefined;
  let pending: string[] = [];
  let flushTimer: unknown;
  let retryTimer: unknown;
  let failures = 0;
  let everOpened = false;
  let stopped = false;

  function flush(): void {
    flushTimer = undefined;
    const batch = pending;
    pending = [];
    if (batch.length > 0) options.onMeasurements(batch);
  }

  function receive(data: unknown): void {
    if (typeof data !== "string" || stopped) return;
    pending.push(data);
    if (pending.length > BATCH_LIMIT) pending.splice(0, pending.length - BATCH_LIMIT);
    flushTimer ??= options.setTimer(flush, FLUSH_MS);
  }

  function opened(isNewStream: boolean): void {
    options.onConnection("live");
    if (everOpened && isNewStream) options.onReset();
    everOpened = true;
    failures = 0;
  }

  async function failed(current: Stream): Promise<void> {
    if (stopped || current !== stream) return;
    options.onConnection("waiting");
    if (current.readyState !== CLOSED) return;
    current.close();
    if (await options.isSignedOut()) return options.onConnection("signed-out");
    if (stopped || current !== stream) return;
    const delayMs = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 30_000;
    failures += 1;
    retryTimer = options.setTimer(connect, delayMs);
  }

  function connect(): void {
    if (stopped) return;
    const current = options.open();
    let fresh = true;
    stream = current;
    current.addEventListener("open", () => {
      opened(fresh);
      fresh = false;
    });
    current.addEventListener("measurement", (event) => receive(event.data));
    current.addEventListener("reset", () => options.onReset());
    current.addEventListener("error", () => void failed(current));
  }

  options.onConnection("connecting");
  connect();
  return {
    stop() {
      stopped = true;
      stream?.close();
      if (flushTimer !== undefined) options.clearTimer(flushTimer);
      if (retryTimer !== undefined) options.clearTimer(retryTimer);
    },
  };
}
