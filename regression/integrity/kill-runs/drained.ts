import { setTimeout as wait } from "node:timers/promises";

interface Status {
  readonly lag: Readonly<Record<string, number>>;
}

const LOOK_EVERY_MS = 40;

/** Resolves with nothing once all groups have had everything, or at the deadline with what was still behind. */
export async function drained(http: () => string, deadlineMs: number, signal: AbortSignal): Promise<string | undefined> {
  const end = performance.now() + deadlineMs;
  let last = "no answer yet";
  while (performance.now() < end && !signal.aborted) {
    try {
      const { lag } = (await (await fetch(new URL("/api/v1/status", http()), { signal: AbortSignal.timeout(5000) })).json()) as Status;
      const behind = Object.entries(lag).filter(([, records]) => records > 0);
      if (behind.length === 0) return undefined;
      last = behind.map(([group, records]) => `${group} ${records}`).join(", ");
    } catch (error) {
      last = String(error instanceof Error ? error.message : error);
    }
    await wait(LOOK_EVERY_MS);
  }
  return last;
}
