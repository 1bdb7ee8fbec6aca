/**
 * LiveChannel: a shortcut between processes that may lose messages, for nudges that a slower, exact way repeats anyway
 * (a directory changed, a rollup is new). A slow subscriber loses the oldest; nothing waits for it.
 */
export interface LiveChannel {
  /** Resolves when handed over, which promises nothing about subscribers. */
  publish(channel: string, message: string): Promise<void>;
  /** `listener` must not throw; the function returned stops it. */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
