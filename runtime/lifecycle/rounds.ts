import { systemSleep } from "../clock/clock.ts";

/** Runs `work` every so often, never twice at a time; a failure is told and the next round tries again. The function returned ends it after the round in hand. */
export function rounds(everyMs: number, work: () => Promise<unknown>, onError: (error: unknown) => void): () => Promise<void> {
  const ended = new AbortController();
  const running = (async () => {
    while (!ended.signal.aborted) {
      await work().catch(onError);
      await systemSleep(everyMs, ended.signal).catch(() => {});
    }
  })();
  return () => {
    ended.abort();
    return running;
  };
}
