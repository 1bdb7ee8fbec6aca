export type Settled<T> = { kind: "done"; value: T } | { kind: "failed"; error: unknown } | { kind: "late" };

/** Calls and waits at most `ms`. Never rejects; a call that settles later is let go of without an unhandled rejection. */
export async function settleWithin<T>(call: () => Promise<T> | T, ms: number): Promise<Settled<Awaited<T>>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ kind: "late" }>((resolve) => {
    timer = setTimeout(() => resolve({ kind: "late" }), ms);
  });
  const done = (async (): Promise<Settled<Awaited<T>>> => {
    try {
      return { kind: "done", value: await call() };
    } catch (error) {
      return { kind: "failed", error };
    }
  })();
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
